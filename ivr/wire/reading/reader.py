"""Callers' words to values: the ``Reader`` of ``ivr.core.flow.values`` for English and Chinese, spoken, typed or by keys."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.values import Reading, ValueKind, Window, as_written, within
from ivr.core.language import LANGUAGES, Language
from ivr.wire.phone_numbers import at_home, normalise, region_of
from ivr.wire.reading import digit_rows, numbers, times, windows
from ivr.wire.reading import names as reading_names
from ivr.wire.reading.around import weighed
from ivr.wire.reading.dates import BARE_WEEKDAY, DateReader
from ivr.wire.reading.mended_digits import mended
from ivr.wire.reading.money import MoneyReader
from ivr.wire.reading.shifts import shifted
from ivr.wire.reading.words import Mention, figures, plain, without, without_abouts

_LONGEST_TEXT = 300
"""Letters of a hypothesis that are looked at; nobody says a date after more."""
_MONTH_FIRST = ("US",)
"""Countries that write the month before the day."""
_A_BIT = re.compile("(?<=[早晚])一点(?!钟|半|[一二三四五\\d])")
"""晚一点 is a bit later, and no one o'clock."""
_ONE = re.compile(
    r"\b(early|earlier|earliest|late|later|latest|morning|afternoon|evening|other|same|only|long|short|day|noon"
    r"|midday|lunchtime|which|that|wrong|right|better|quieter|nearest|middle|last|next) one\b"
    r"(?! (?:o'?clock|thirty|fif|for|twenty|ten\b|[ap]\.?m))"
    r"|\bones\b|(?<=\bthe )one (?=(?:after|before|that|you|which|with|we|i|in|at|around|on)\b)"
)
"""Where "one" stands for what was named before: "the early one", "the morning ones"."""
_NUMBERED = re.compile(r"\b(?:number|option|choice) (?:one|two|three|four|five|six|seven|eight|nine|\d)\b")
_OF_SO_MANY = re.compile(r"\bof the (?:two|three|four|five)\b(?! o'?clock)")
_NO_WEEKENDS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:not|no|never|[a-z]+n't|except)(?: (?:on|at|for|the|a|any|do|want|make|make it|over))* weekends?\b"
        r"(?! (?:or|and) \w+day)"
        r"|\bweekends? (?:(?:is|are) (?:no good|no use|out|impossible|bad|not \w+)|(?:do|does|wo)n't (?:work|suit|do))\b"
    ),
    "zh": re.compile("(?:不要|别|除了?)(?:在|约)?周末|周末(?:都|也|我)*(?:不行|不要|没空|不方便|没时间)"),
}
"""What takes the weekends away, and says nothing of a day that is named beside it."""
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KINDS: tuple[ValueKind, ...] = ("digits", "number", "date", "time", "amount", "phone", "name")


class SpokenReader:
    """Reads what was said in a house in ``country`` (ISO 3166, "DE"), which counts in ``currency`` (ISO 4217, "EUR")."""

    def __init__(self, country: str, currency: str) -> None:
        self._country = country.upper()
        self._dates = DateReader(month_first=self._country in _MONTH_FIRST)
        self._money = MoneyReader(currency.upper())

    def warm(self) -> None:
        """Read one of each kind, so that the first caller does not wait for tables to be loaded."""
        now = datetime(2026, 1, 1, tzinfo=UTC)
        texts: dict[Language, str] = {"en": "oh one five one one two three four five six seven", "zh": "一百三十八"}
        for language in LANGUAGES:
            for kind in _KINDS:
                self.read(kind, [Hypothesis(texts[language])], language, now, ("warm",))

    def read(
        self,
        kind: ValueKind,
        hypotheses: Sequence[Hypothesis],
        language: Language,
        now: datetime,
        names: Sequence[str] = (),
    ) -> tuple[Reading, ...]:
        """The values that may be meant, likeliest first, each once; empty when the words hold none.

        Dates are in the future unless the words say otherwise; a time without its part of the day is given for both.
        """
        return _ranked(hypotheses, language, lambda text: self._values(kind, text, language, now, names))

    def placed(self, hypotheses: Sequence[Hypothesis], language: Language, names: Sequence[str]) -> tuple[Reading, ...]:
        """The name that was chosen by its place in the row, likeliest first."""
        return _ranked(
            hypotheses, language, lambda text: dict(reading_names.by_place(figures(text, language), names, language))
        )

    def window(
        self, kind: ValueKind, text: str, language: Language, now: datetime, names: Sequence[str] = ()
    ) -> Window | None:
        """What the words leave open among dates or times; of ``names`` by their places, too: "not the first one"."""
        if kind not in ("date", "time"):
            return None
        if names:
            if kind == "time" and (next_to := _next_to(text, language, now, names)) is not None:
                return next_to
            rest, left = self._by_places(kind, text, language, names)
            if left is not None:
                more = self.window(kind, rest, language, now) or Window()
                # one was chosen; "the second, but I can't be there before twelve" leaves the others
                if len(left.only) == 1:
                    return (
                        None
                        if all(more.fits(one) for one in left.only)
                        else self._of_those(kind, text, language, names, more)
                    )
                return replace(within(more, left), take=more.take)  # "not the first one, and no weekends"
        text = re.sub("节前(?!的?[一二三四五六七八九十0-9])", "节之前", plain(text[:_LONGEST_TEXT], language))
        text = _no_clock(text)
        text = _A_BIT.sub("点", text)
        said = figures(without_abouts(text, language), language)
        dates = self._dates.find(text, said, language, now.date())
        masked = self._dates.masked(said, language, now.date())
        if kind == "time":
            return windows.of_times(masked, times.find(said, masked, language, now), language)
        window = windows.of_dates(said, dates, language, now.date())
        if window is None or window != Window(take=window.take):
            return window
        # "Monday, as late as you can" and "half nine or eleven, whichever" say it of the time
        of_time = dates or (window.take == "any" and times.find(said, masked, language, now))
        return None if of_time else window

    def _of_those(self, kind: ValueKind, text: str, language: Language, names: Sequence[str], left: Window) -> Window:
        """ "The first one, in the afternoon" is the first of those in the afternoon, where there is one at that place.

        "The second one, but I can't before twelve" is that of all, which does not go with the rest: both are left open.
        """
        if _BUT.search(text.casefold()):
            return left
        fitting = [name for name in names if (written := as_written(kind, name)) and left.fits(written)]
        _, placed = self._by_places(kind, text, language, fitting)
        return within(left, placed) if placed is not None and len(placed.only) == 1 else left

    def _by_places(
        self, kind: ValueKind, text: str, language: Language, names: Sequence[str]
    ) -> tuple[str, Window | None]:
        """What is left of names where places are denied, or where several will do, and the text without the places."""
        said = figures(plain(text[:_LONGEST_TEXT], language), language)
        named, meant, rest = reading_names.left_by_place(said, names, language)
        if not named:
            return text, None
        written = frozenset(filter(None, (as_written(kind, name) for name in meant or named)))
        return rest, Window(only=written) if meant else Window(but=written)

    def shifted(self, base: str, text: str, language: Language) -> str | None:
        """The day (ISO 8601) that the words tell from another one: "two days later"; None where they tell none so."""
        found = shifted(date.fromisoformat(base), text[:_LONGEST_TEXT], language)
        return found.isoformat() if found else None

    def mended(self, kind: ValueKind, value: str, text: str, language: Language) -> str | None:
        """A value that was said back, with what the words say of some of its digits; None where they say nothing of that."""
        text = text[:_LONGEST_TEXT]
        if kind in ("digits", "number"):
            return mended(value, text, language) if value.isdecimal() else None
        if kind == "phone" and (home := at_home(value)) and (other := mended(home, text, language)):
            return normalise(other, region_of(value) or self._country)
        return None

    def _values(
        self, kind: ValueKind, text: str, language: Language, now: datetime, names: Sequence[str]
    ) -> dict[str, float]:
        """What one hypothesis in ``plain`` form may mean."""
        match kind:
            case "name":
                return dict(reading_names.choose(text, names, language))
            case "digits":
                return dict(digit_rows.rows(text, language))
            case "phone":
                return dict(numbers.phones(text, language, self._country))
        if kind == "time":
            text = _SAID_TWICE.sub(r"\1", _NO_HOUR.sub(" ", text))  # "the old one"; "two thirty, two thirty"
        text = _A_BIT.sub("点", _no_clock(text))
        said = figures(without_abouts(text, language), language)
        match kind:
            case "date":
                found = [_as_offered(said, one, names) for one in self._dates.meant(text, said, language, now.date())]
                hours = times.find(said, without(said, found), language, now) if found else []
                of_day = _NO_WEEKENDS[language].sub(_bars, times.without_parts(without(said, hours), language))
                return weighed(times.without_restrictions(of_day, found, language), found, language)
            case "time":
                masked = self._dates.masked(said, language, now.date())
                return weighed(times.without_parts(masked, language), times.find(said, masked, language, now), language)
            case "amount":
                return weighed(said, self._money.find(said, language), language)
            case "number":
                return weighed(said, numbers.numbers(said, language), language)


_ONE_NEXT = re.compile(
    r"\bthe (?:one|1|slot|time|next one|next 1)(?: (?:just|right))? (after|before)(?: (?:that|it)(?: one)?)?\b(?! \w*\d)"
)
_SAID_TWICE = re.compile(r"\b(\w+(?: \w+){1,2})(?: \1\b)+")
_BUT = re.compile(r"\bbut\b|n't\b|\b(?:not|no good)\b|但|不过|可是|不[行能要]")
_NO_HOUR = re.compile(
    r"\b(?:old|new|other|this|that|which|same|right|wrong|earlier|later|another|only|good|first|last|next) ones?\b"
    r"(?! (?:thirty|fifteen|forty|twenty|ten|five|o'clock|pm|p\.m))"
)


def _next_to(text: str, language: Language, now: datetime, names: Sequence[str]) -> Window | None:
    """Of "not half past nine, the one after", the one of the times that comes next; None where no such thing is said."""
    if language != "en":
        return None
    said = figures(plain(text[:_LONGEST_TEXT], language), language)
    told = _ONE_NEXT.search(said)
    if told is None:
        return None
    named = {value for one in times.find(said, said, language, now) for value, _ in one.values}
    at = [place for place, name in enumerate(names) if as_written("time", name) in named]
    place = at[0] + (1 if told[1] == "after" else -1) if len(at) == 1 else -1
    written = as_written("time", names[place]) if 0 <= place < len(names) else None
    return Window(only=frozenset((written,))) if written else None


def _bars(match: re.Match[str]) -> str:
    return "|" * len(match[0])


def _no_clock(text: str) -> str:
    """The text without a "one" that is no hour, and without "number two"."""
    text = _OF_SO_MANY.sub("of those", _NUMBERED.sub(lambda found: "slot".ljust(len(found[0])), text))
    return _ONE.sub(lambda found: f"{found[1]} slot" if found[1] else "", text)


def _as_offered(text: str, mention: Mention, names: Sequence[str]) -> Mention:
    """Where days were offered, a bare day of the week is the one among them: the Thursday of that week, and not this one."""
    if not names or not BARE_WEEKDAY.fullmatch(text, mention.start, mention.end):
        return mention
    weekdays = {date.fromisoformat(value).weekday() for value, _ in mention.values}
    meant = [name for name in names if _ISO_DAY.fullmatch(name) and date.fromisoformat(name).weekday() in weekdays]
    return replace(mention, values=((meant[0], 1.0),)) if meant else mention


def _ranked(
    hypotheses: Sequence[Hypothesis], language: Language, values: Callable[[str], dict[str, float]]
) -> tuple[Reading, ...]:
    """What all hypotheses come to; ``values`` reads one of them in ``plain`` form."""
    total: dict[str, float] = {}
    for text, share in _shares(hypotheses):
        for value, part in values(plain(text[:_LONGEST_TEXT], language)).items():
            total[value] = total.get(value, 0.0) + share * part
    # A sum of shares may pass 1 by the last bit.
    readings = (Reading(value, min(share, 1.0)) for value, share in total.items() if value and share > 0)
    return tuple(sorted(readings, key=lambda reading: (-reading.share, reading.value)))


def _shares(hypotheses: Sequence[Hypothesis]) -> list[tuple[str, float]]:
    """The texts with shares that sum to 1 at most; where none has a share, all have the same."""
    given = [(h.text, h.share if 0 < h.share < math.inf else 0.0) for h in hypotheses]
    total = math.fsum(share for _, share in given)
    if total == 0:
        return [(text, 1 / len(given)) for text, _ in given]
    return [(text, share / max(1.0, total)) for text, share in given]
