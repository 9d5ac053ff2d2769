"""What is left open: "after lunch", "any day but Monday", "some time next week", 下午都行, 下周三以后, as a ``Window``.

Words of relation stand before a value in English ("before the tenth") and behind it in Chinese (十号之前). A denial turns them
round: who cannot come before twelve can come from twelve on.

Long: the patterns of two languages, side by side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from ivr.core.flow.values import EVERY_DAY, Window, within
from ivr.core.language import Language
from ivr.wire.reading.around import BEFORE_EN, BEFORE_ZH, LEFT, TO_DAY, without_denials_that_are_none
from ivr.wire.reading.dates import WEEKDAY
from ivr.wire.reading.stretches import Stretch, beside, stretch
from ivr.wire.reading.words import Mention, likeliest, without

_DAY_END = "23:59"
_FIRST_HOUR = 7
"""The first hour of a morning on which anybody comes: "around three" is in the afternoon."""


@dataclass(frozen=True, slots=True)
class _Words:
    """How one language does these things; ``…_before`` end where the value begins, ``…_behind`` begin where it ends."""

    until_before: re.Pattern[str]
    """Up to the value, and not the value itself."""
    by_before: re.Pattern[str]
    since_before: re.Pattern[str]
    until_behind: re.Pattern[str]
    since_behind: re.Pattern[str]
    denied: re.Pattern[str]
    """In the clause before a relation or a part of the day."""
    denied_behind: re.Pattern[str]
    from_on: re.Pattern[str]
    """From the first day of a week or a month on."""
    from_on_behind: re.Pattern[str]
    between: re.Pattern[str]
    """What stands between the two ends of a span."""
    either: re.Pattern[str]
    """What stands between two values of which either will do."""
    around: re.Pattern[str]
    """An hour that is not told exactly: a bit later than it (``h``), or about it (``by``)."""
    first: re.Pattern[str]
    last: re.Pattern[str]
    any: re.Pattern[str]
    parts: tuple[tuple[re.Pattern[str], str, str], ...]
    """Parts of the day, from and until, the more exact before the others."""
    weekend: re.Pattern[str]
    working: re.Pattern[str]


_EN = _Words(
    until_before=re.compile(r"\b(?:before|earlier than|until|till|up to|no later than)(?: the)? ?$"),
    by_before=re.compile(
        r"\b(?:by|not after|no later than|the latest(?: day)?"
        r"(?: (?:i|we) can (?:do|come|make|manage)(?: it)?)? (?:is|would be)(?: on)?)"
        r"(?: the)? ?$"
    ),
    since_before=re.compile(
        r"\b(?:after|past|later than|from|since|not before|no earlier than|not earlier than)(?: the)? ?$"
    ),
    until_behind=re.compile(r"^ (?:or (?:earlier|before|sooner))\b"),
    since_behind=re.compile(
        r"^ (?:or (?:later|after)|and (?:later|after)|onwards?|on(?= |$)(?! (?:mon|tue|wed|thu|fri|sat|sun)))"
    ),
    denied=re.compile(
        r"\b(?:not(?! \w+ing\b)|never|cannot|nor|neither|without|except(?: for)?|excluding|apart from|other than|avoid"
        r"|rule out|but(?! (?:only|just)\b)(?! (?:on )?\w+(?: \w+)?(?: (?:is|works?|would|will|suits?|fits?|are)|'s)\b)"
        r"|anything but|[a-z]+n't|nothing(?= (?:before|until|till|earlier|after|past|later)\b)"
        r"|(?:i|we)(?:'m|'re| am| are)? (?:work|working|at work|teach|teaching)"
        r"|(?<!sorry )(?<!wait )(?<!yes )(?<!oh )(?<!actually )no(?= (?:\w+days?|\w*noons?|mornings?|evenings?|weekends?)\b))\b"
        rf"|\b(?:{BEFORE_EN})\b|" + LEFT
    ),
    denied_behind=re.compile(
        r"^ (?:(?!but\b|and\b|so\b|or\b)\w+ )?"
        r"(?:is|are|'s|s|would be|won't|will be|do|does|can|doesn't|don't|isn't|aren't|can't)?\s*"
        r"(?:not(?! (?:before|after|until|till|earlier|later|on|at|in|the|mornings?|afternoons?|evenings?|[a-z]+days?)\b)"
        r"|no good|no use|never|bad|out|impossible"
        r"|(?:too|a bit|a little|bit|rather|pretty|awfully) (?:early|late)|busy|work(?= )?n't|suit(?= )?n't)\b"
        r"|^ (?:i|he|she|we)(?:'m|'s|'re| am| is| are) (?:still |always )?"
        r"(?:in bed|at work|abroad|asleep|in hospital|on (?:shift|nights))\b"
        r"|^ (?:(?!but\b|and\b|so\b|or\b)\w+ )?(?:doesn't|don't|isn't|aren't|won't|can't)\b"
    ),
    from_on=re.compile(r"\b(?:from|since|as of|starting|not before|no earlier than|not earlier than)(?: the)? ?$"),
    from_on_behind=re.compile(r"^ (?:onwards?|on(?= |$))"),
    between=re.compile(r"^ (?:and|to|until|till|through)\b"),
    either=re.compile(r"^ (?:or|and)\b|^ (?=(?:mon|tues|wednes|thurs|fri|satur|sun)day)"),
    around=re.compile(
        r"\b(?:around|about|roughly|sometime around|towards) (?P<by>\d{1,2})(?P<about>)\b|\b(?P<h>\d{1,2}) something(?P<late>)\b"
    ),
    first=re.compile(
        r"\b(?:earliest|soonest|first thing|as (?:soon|early|quick(?:ly)?) as|asap|first (?:available|free|possible|one you)"
        r"|next (?:available|free|possible)|(?:the )?earl(?:y|ier) (?:one|1|time|slot|of)|the earlier$|the sooner|quickest"
        r"|right away|straight away|immediately)\b"
    ),
    last=re.compile(r"\b(?:latest(?! (?:(?:i|we) can|day|is))|as late as|late as you can|last thing"
        r"|lat(?:e|er) (?:one|1|time|slot|of)|the later$)"),
    any=re.compile(
        r"\b(?:any (?:of (?:them|those|these)|one|1|day|time)|whenever|whichever|whatever|either(?: one| 1)?"
        r"|(?:do not|don't|doesn't|does not) (?:really )?(?:mind|matter|care)|all the same"
        r"|up to you|you (?:choose|pick|decide)|flexible|some (?:day|time)|sometime"
        r"|no preference)\b"
    ),
    parts=(
        (re.compile(r"\b(?:after|following|past) (?:my |the |our )?lunch(?:time)?\b"), "13:00", _DAY_END),
        (re.compile(r"\bbefore (?:my |the |our )?lunch(?:time)?\b"), "00:00", "12:00"),
        (re.compile(r"\b(?:after|once \w+ finish) (?:\w+ )?(?:work|school)\b"), "15:00", _DAY_END),
        (re.compile(r"\bbefore (?:work|school)\b"), "00:00", "09:00"), (re.compile(r"\bevenings?\b"), "17:00", _DAY_END),
        (re.compile(r"\b(?:over|at|around|during|in) (?:my |the |our )?lunch\w*\b|\bmidday\b"), "11:30", "14:00"),
        (re.compile(r"\bmiddle of the day\b"), "10:30", "15:00"), (re.compile(r"\bmornings?\b|\bforenoon\b"), "00:00", "11:59"),
        (re.compile(r"\bafternoons?\b"), "12:00", "17:59"),
    ),
    weekend=re.compile(r"\bweekends?\b"),
    working=re.compile(r"\b(?:week ?days?|working days?|during the week)\b"),
)  # fmt: skip
_ZH = _Words(
    until_before=re.compile(r"(?!)"),
    by_before=re.compile(r"(?:不晚于|最晚|最迟)$"),
    since_before=re.compile(r"(?:不早于|从|自|过了|过完)$"),
    until_behind=re.compile(r"^(?:号|日|节|钟)?(?:之前|以前|前(?!面|天)|早些)"),
    since_behind=re.compile(r"^(?:号|日|节|钟)?(?:之后|以后|过后|后(?!面|天)|起(?![不床来])|开始)"),
    denied=re.compile(rf"{BEFORE_ZH}|不是(?!就|[说讲][了过])|不要|不在|不能|不想|没法|没空|别|除了?|避开|非"),
    denied_behind=re.compile(r"^[^,但可]{0,4}(?:不行|不可以|没空|没时间|不方便|不能|不好|不要|不想|不合适|来不了|去不了|没法|忙|除外|以外|之外|有事|起不来|来不及|赶不上|太早|太晚|不算|作废|在被窝|没起|没睡醒|出差|要?开会|要?加班)"),
    from_on=re.compile(r"(?:不早于|从|自)$"),
    from_on_behind=re.compile(r"^(?:起|开始)"),
    between=re.compile(r"^(?:号|日|钟)?(?:到|至)"),
    either=re.compile(r"^(?:号|日|钟)?[^号日不]{0,2}(?:或者?|要么|和|跟|还是)|^(?=周[a-g])"),
    around=re.compile(r"(?P<h>\d{1,2})点(?P<late>多|来钟)|(?P<by>\d{1,2})点(?P<about>左右|前后)"),
    first=re.compile(r"最早|最快|尽快|尽早|越早越好|越快越好|早一?[点个]|早的|早那个|最近的|最近那个|靠前|前一个|赶紧|马上|能早[就则]?早|能快就快|前[面头]那?个|前[面头]的"),
    last=re.compile(r"最晚|最迟|越晚越好|晚一?[点个](?!.{0,4}分钟)|(?<![傍今明昨当])晚的|(?<![傍今明昨当])晚那个|靠后|后一个|后[面头]那?个|后[面头]的"),
    any=re.compile(r"随便|都行|都可以|都成|无所谓|你定|您定|看你们|你们?安排|哪个都|哪天都|什么时候都|任何|随时"),
    parts=(
        (re.compile(r"(?:吃完|吃过)?[午中]?饭后|午休后|吃(?:完|过)[午中]饭"), "13:00", _DAY_END),
        (re.compile(r"午饭前"), "00:00", "12:00"),
        (re.compile(r"下班(?:之后|以后|后)|放学后"), "15:00", _DAY_END),
        (re.compile(r"中午|午休"), "11:30", "14:00"),
        (re.compile(r"上午|早上|早晨|清晨"), "00:00", "11:59"),
        (re.compile(r"下午|午后"), "12:00", "17:59"),
        (re.compile(r"晚上|傍晚"), "17:00", _DAY_END),
    ),
    weekend=re.compile(r"周末"),
    working=re.compile(r"工作日|平时"),
)  # fmt: skip
_LANGUAGES: dict[Language, _Words] = {"en": _EN, "zh": _ZH}
_ADJACENT = re.compile(r"\b(?:not|never|except|instead of)(?: (?:for|on|at|the|an?|in))*\s*$|(?:不是|不要|别)$")
_TOGETHER = re.compile(r"^ ?(?:or|and|nor)\b|^(?:号|日|钟)?(?:和|跟|或者?|还有|、|$)")
_CLAUSE = re.compile(
    rf"\b(?:{TO_DAY}|so|and|then|how about|what about|rather|better|prefer|maybe|perhaps|(?:i|he|she|we|they)(?:'d| would) like"
    r"|(?:i|we|they) want|(?:he|she) wants|(?:would|is|could|can) (?:there|i|we|you)|do you have|have you got|any chance)\b"
    r"|但是?|不过|可是|那|我说的是|我是说|应该是|而是|改成|改到"
)


def of_times(said: str, found: Sequence[Mention], language: Language) -> Window | None:
    """The window of the day in a text with figures; ``found`` are the times in it."""
    words = _LANGUAGES[language]
    asked, said = said, without_denials_that_are_none(said, language)
    window = _related(said, found, words, _minute_before)
    if window == Window():
        # a time that was named counts, and not the part of the day that it lies in
        since, until = _about(said, words) or (_part_of_day(without(said, found), words) if not found else ("", ""))
        window = replace(window, since=since, until=until)
    return _picked(asked, window, words)


def _about(said: str, words: _Words) -> tuple[str, str] | None:
    """ "Around three", 两点多: half an hour before and after, or the hour that begins."""
    about = words.around.search(said)
    if about is None:
        return None
    hour = int(about["h"] or about["by"])
    hour += 12 if hour < _FIRST_HOUR else 0
    return (f"{hour:02}:00", f"{hour:02}:59") if about["h"] else (f"{hour - 1:02}:30", f"{hour:02}:30")


def _part_of_day(said: str, words: _Words) -> tuple[str, str]:
    for pattern, since, until in words.parts:
        part = pattern.search(said)
        if part is None:
            continue
        if not _is_denied(said, part.start(), part.end(), words):
            return since, until
        return ("12:00", "") if until < "13:00" else ("", since)
    return "", ""


def of_dates(said: str, found: Sequence[Mention], language: Language, today: date) -> Window | None:
    """The days that are left open in a text with figures; ``found`` are the dates in it."""
    words = _LANGUAGES[language]
    asked, said = said, without_denials_that_are_none(said, language)
    window = _related(said, found, words, _day_before)
    if named := stretch(masked := without(said, found), language, today):
        window = within(window, _of_stretch(masked, named, words))
    if week := beside(said, found, language):
        window = within(window, week)
    for pattern, days in ((words.weekend, {5, 6}), (words.working, {0, 1, 2, 3, 4})):
        if part := pattern.search(said):
            denied = _is_denied(said, part.start(), part.end(), words)
            kept = EVERY_DAY - days if denied else frozenset(days)
            window = replace(window, weekdays=window.weekdays & kept)
    return _picked(asked, window, words)


def _of_stretch(said: str, named: Stretch, words: _Words) -> Window:
    """A week or a month: in it, before it, after it, from it on, or any day but in it."""
    before, behind = said[: named.start], said[named.end :]
    denied = _is_denied(said, named.start, named.end, words)
    first, last = named.first.isoformat(), named.last.isoformat()
    if words.from_on.search(before) or words.from_on_behind.match(behind):
        return Window(since=first)
    if words.until_before.search(before) or words.until_behind.match(behind):
        return Window(since=first) if denied else Window(until=_day_before(first))
    if words.by_before.search(before):
        return Window(until=last)
    if words.since_before.search(before) or words.since_behind.match(behind):
        return Window(until=last) if denied else Window(since=(named.last + timedelta(days=1)).isoformat())
    return Window(but=named.days) if denied else Window(since=first, until=last)


def _related(said: str, found: Sequence[Mention], words: _Words, before: Callable[[str], str]) -> Window:
    since, until, but, only, weekdays = "", "", set[str](), set[str](), EVERY_DAY
    denied_before = False
    for at, mention in enumerate(found):
        value = likeliest(mention)
        gap = said[found[at - 1].end if at else 0 : mention.start]
        behind = said[mention.end : found[at + 1].start if at + 1 < len(found) else len(said)]
        if at + 1 < len(found):  # "eleven, not one" denies what follows
            behind = _ADJACENT.sub("", behind)
        # a denial is spent on the value before, where nothing joins the two: "not Saturday, Friday"
        spent = found[at - 1].end if at and not _TOGETHER.match(gap) else 0
        denied = _is_denied(said[: mention.end] + behind, mention.start, mention.end, words, spent)
        if words.until_before.search(gap) or words.until_behind.match(behind):
            since, until = (value, until) if denied else (since, before(value))
        elif words.by_before.search(gap):
            until = value
        elif words.since_before.search(gap) or words.since_behind.match(behind):
            since, until = (since, value) if denied else (value, until)
        elif at and not (denied or denied_before) and (joint := _joint(said, found[at - 1], mention, words)):
            first = likeliest(found[at - 1])
            if joint == "either":
                only |= {first, value}
            else:
                since, until = min(first, value), max(first, value)
        elif denied:
            but.add(value)
            if behind.startswith("都"):  # 明天后天都不行
                but |= _in_a_row(said, found[: at + 1])
            if WEEKDAY.search(said[mention.start : mention.end]) and len(value) == len("2026-12-07"):
                weekdays -= {date.fromisoformat(value).weekday()}
        denied_before = denied
    return Window(since, until, frozenset(but), frozenset(only), weekdays)


def _in_a_row(said: str, found: Sequence[Mention]) -> set[str]:
    """The values right before the last one, with nothing but a comma between."""
    row = set[str]()
    for before, after in pairwise(reversed(found)):
        if said[after.end : before.start] not in ("", "和", "跟", "与"):
            break
        row.add(likeliest(after))
    return row


def _joint(said: str, before: Mention, after: Mention, words: _Words) -> str:
    """Whether two values are the ends of a span ("between two and four"), or either will do."""
    gap = said[before.end : after.end]
    if words.between.match(gap) and not (words.either.match(gap) and "between" not in said[: before.end]):
        return "span"
    return "either" if words.either.match(gap) else ""


def _is_denied(said: str, start: int, end: int, words: _Words, spent: int = 0) -> bool:
    begin = max((clause.end() for clause in _CLAUSE.finditer(said, 0, start)), default=0)
    begin = max(begin, spent)
    for part in (words.weekend, words.working):  # "not on a weekend, Friday": what it denies is said
        for day in part.finditer(said, begin, start):
            if not words.either.match(said[day.end() : start]):
                behind = words.denied_behind.match(said[day.end() : start])
                begin = day.end() + (behind.end() if behind else 0)
    # looked for in all of it: what follows tells the "but" of "but Tuesday is fine" from that of "any day but Tuesday"
    before = any(found.end() <= start for found in words.denied.finditer(said, begin))
    return before or words.denied_behind.match(said[end:]) is not None


def _picked(said: str, window: Window, words: _Words) -> Window | None:
    firsts = [found.start() for found in words.first.finditer(said)]
    lasts = [found.start() for found in words.last.finditer(said)]
    if firsts or lasts:  # "the later one, no, the early one": what was said last
        return replace(window, take="first" if max(firsts, default=-1) > max(lasts, default=-1) else "last")
    if window == Window():
        return Window(take="any") if words.any.search(said) else None
    return window


def _minute_before(value: str) -> str:
    hour, minute = int(value[:2]), int(value[3:])
    total = max(0, hour * 60 + minute - 1)
    return f"{total // 60:02}:{total % 60:02}"


def _day_before(value: str) -> str:
    return (date.fromisoformat(value) - timedelta(days=1)).isoformat()
