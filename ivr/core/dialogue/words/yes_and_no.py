"""Yes and no: a small grammar over the words of an answer, each of which is accounted for.

A yes is one only where every word around it is known to be harmless, or one of the question's own. A denial in its clause makes
it a no, a doubt or a word left over makes it none, what is said after "I mean" counts instead of what was said before.

Long: one grammar, and the questions that the dialogue asks of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from ivr.core.dialogue.messages import Heard
from ivr.core.dialogue.place import Place, World
from ivr.core.dialogue.words.deeds import DEEDS, GIVES_UP, KEEPS
from ivr.core.dialogue.words.small_words import SENSES, Sense
from ivr.core.language import Language, with_apostrophes

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_STRAY = 1
"""Words in none of the lists beside which a denial without a "no" is still an answer."""
_STRAY_BESIDE_YES: dict[Language, int] = {"en": 2, "zh": 5}
"""Words (Chinese: signs; "Mitte" is five) in none of the lists beside which a yes is still one, where little hangs on it."""
_ASKS: dict[Language, frozenset[str]] = {
    "en": frozenset("where what when how who why which is it are they".split()),
    "zh": frozenset("哪谁几什么怎多少为吗"),
}
"""Words of a question, which asks for more behind a yes, and doubts nothing."""
_QUESTION = re.compile("有没有|能不能|可不可以|行不行|了?没有?(?=[呀啊呢嘛]|$)|吗")
"""What asks for more behind a yes, and doubts nothing: 是啊，发了没呀."""
_AS_IT_IS = re.compile(r"(?<![不要])([\u4e00-\u9fff]{1,6})就\1(?:吧|嘛|呗|了)?")
"""两点半就两点半: that will do."""
_AT_ONCE = 4
"""Phrases at the front of an answer."""
_REASON = 5
"""Words (Chinese: signs) of a reason behind the deed that was asked about."""
_NEAR = 3
"""Words within which a denial turns a yes: "not at all the right one"."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer comes to."""

    meant: bool | None
    """Yes, no, or neither."""
    plain: bool = False
    """In so many words: enough for a dear matter and for a consent."""


NONE = Answer(None)
_NO_FIRST = {("no",), ("nah",), ("no", "no")}
_APPROVES = frozenset(
    "that's that is it's it perfect fine great lovely good wonderful grand brilliant ideal thanks thank you".split()
)
"""What follows a "no" that denies only the trouble."""
_SAME_DAY = frozenset("周礼拜")
"""A day of the week has three names."""
_SUBJECTS = frozenset("i we it they that you".split())
"""With what a sentence of its own begins, as well as an answer."""
_LAST_YES = {("yes",), ("yeah",), ("yep",), ("aye",), ("correct",), ("是", "的"), ("对", "的"), ("对",), ("没", "错")}
_ANSWERS = ("yes", "weak", "no", "not")


@dataclass(frozen=True, slots=True)
class _Part:
    """One phrase of the answer; a word that is in no list has no sense."""

    words: tuple[str, ...]
    sense: Sense | None


def answer(text: str, language: Language, yes: Sequence[str], no: Sequence[str], question: str = "") -> Answer:
    """What was answered to a yes-or-no ``question``, whose own words change nothing; ``yes`` and ``no`` are the operator's."""
    text = _AS_IT_IS.sub("行", text) if language == "zh" else text
    own = frozenset(words_of(question, language)) | (_SAME_DAY if language == "zh" else frozenset())
    words = words_of(text, language)
    parts = list(_parts(words, language, tuple(yes), tuple(no), own))
    asked = _asked(own, language)
    named = any(words[at : at + len(deed)] == deed for deed in asked for at in range(len(words)))
    if named and {part.sense for part in parts} <= {"yes", "weak", "harmless"}:
        return Answer(True, plain=True)  # "then cancel it", where that is asked
    if any(words[: len(deed)] == deed for deed in asked) and not _asks(parts, language):
        given_up = _listed(GIVES_UP[language], language)
        rest = [part for part in parts if part.words not in given_up]
        if {part.sense for part in rest} <= {"yes", "weak", "harmless", None}:
            return Answer(True, plain=[part.sense for part in rest].count(None) <= _REASON)  # 取消了吧，省得麻烦
    if _keeps(parts, language):
        return Answer(False, plain=True)  # "I don't know, perhaps I had better keep it"
    return _judged(_after_correction(parts))


def _asks(parts: Sequence[_Part], language: Language) -> bool:
    return any(_ASKS[language].intersection(part.words) for part in parts)


def _keeps(parts: Sequence[_Part], language: Language) -> bool:
    """Whether what is to be cancelled is to stay; elsewhere those words have no sense."""
    kept = _listed(KEEPS[language], language)
    turned = {"not", "yes", "but"} & {part.sense for part in parts}
    return not turned and any(part.sense == "no" and part.words in kept for part in parts)


def _asked(own: frozenset[str], language: Language) -> list[tuple[str, ...]]:
    """What names the deed that is asked about in a question of these words."""
    return [
        deed
        for asked, said in DEEDS[language]
        if any(own.issuperset(one) for one in _listed(asked, language))
        for deed in _listed(said, language)
    ]


@cache
def _listed(phrases: str, language: Language) -> tuple[tuple[str, ...], ...]:
    """Our phrases, by their words."""
    return tuple(words_of(one, language) for one in phrases.split(";"))


def yes_or_no(world: World, place: Place, heard: Heard, *, dear: bool = False) -> bool | None:
    """What was answered to the question of this place; where something ``dear`` hangs on it, only in so many words."""
    found = answered(world, place, heard)
    return found.meant if found.plain or not dear else None


def answered(world: World, place: Place, heard: Heard) -> Answer:
    """The answer to the question of this place, and how plain it is."""
    yes, no = world.flow.yes[place.language], world.flow.no[place.language]
    return answer(heard.text, place.language, yes, no, " ".join(said.text for said in place.last))


def keeps(world: World, place: Place, text: str) -> bool:
    """Whether what the question would cancel or move is to stay as it is."""
    yes, no = world.flow.yes[place.language], world.flow.no[place.language]
    parts = list(_parts(words_of(text, place.language), place.language, tuple(yes), tuple(no), _own(place)))
    return _keeps(parts, place.language)


def _own(place: Place) -> frozenset[str]:
    """The words of the question itself."""
    return frozenset(words_of(" ".join(said.text for said in place.last), place.language))


def begins_with_yes(world: World, place: Place, text: str, *, weak: bool = False, of_times: bool = False) -> bool:
    """Whether a yes stands first and nothing behind it turns it: "yes, where on earth is it", but not "yes but not today".

    A ``weak`` one ("I suppose so") counts where nothing is lost by it; what may turn a yes ("after") turns none where it is
    ``of_times``.
    """
    first, *rest = _senses(world, place, _QUESTION.sub("", text)) or [None]
    while first == "harmless" and rest:  # "well, yes"
        first, *rest = rest
    if None in rest and words_of(text, place.language)[0] in _SUBJECTS:
        return False  # "I would like to know what it costs" is no "I would"
    turns = {"no", "not", "but", "doubt", "hold", "again"} - ({"but", "doubt"} if of_times else set())
    return (first == "yes" or (weak and first == "weak")) and not turns & set(rest)


def ends_with_yes(world: World, place: Place, text: str) -> bool:
    """Whether a plain yes stands last, and nothing denies or doubts: "that's when the van came, yes"."""
    words = words_of(text, place.language)
    last = words[-1:] in _LAST_YES or words[-2:] in _LAST_YES
    return last and not {"no", "not", "doubt", "hold", "again"} & set(_senses(world, place, text))


def is_yes_with_stray(world: World, place: Place, text: str) -> bool:
    """Whether a yes in so many words has hardly a word beside it that nobody knows: "yeah bruv", 对，柏林Mitte.

    Enough where the next question, or a no to it, still mends it; what names a value or a matter is for the caller of this.
    """
    senses = _senses(world, place, text)
    known = [sense for sense in senses if sense != "harmless"]
    stray = senses.count(None)
    turns = {"no", "not", "but", "doubt", "hold", "again"} & set(senses)
    return known[:1] == ["yes"] and not turns and stray <= _STRAY_BESIDE_YES[place.language]


def begins_with_no(world: World, place: Place, text: str) -> bool:
    """Whether a no in so many words stands first; "anything but Monday" and "mornings are no good" do not."""
    return (_senses(world, place, text) or [None])[0] == "no"


def denied_at_once(world: World, place: Place, text: str) -> bool:
    """Whether a no stands at the front, behind an "oh" or a "what" at most: "what, no, don't be daft"."""
    for sense, _ in zip(_senses(world, place, text), range(_AT_ONCE), strict=False):
        if sense == "no":
            return True
        if sense in (None, "not"):
            return False
    return False


def nothing_more(world: World, place: Place, text: str) -> bool:
    """Whether every word of an answer is one of an answer: behind "no, my husband has a knife" there is more than a no."""
    return None not in _senses(world, place, text, _own(place))


def says_no(world: World, place: Place, text: str) -> bool:
    """Whether a no in so many words is in it, wherever: "yeah, but no, not that one"."""
    return "no" in _senses(world, place, text)


def says_yes(world: World, place: Place, text: str) -> bool:
    """Whether a yes in so many words is in it, wherever: "no, that's perfect"."""
    return "yes" in _senses(world, place, text)


def doubts(world: World, place: Place, text: str) -> bool:
    """Whether something in it denies, doubts or takes back."""
    return bool({"no", "not", "doubt", "hold", "again"} & set(_senses(world, place, text)))


def takes_back(world: World, place: Place, text: str) -> bool:
    """Whether there is a no in it, or what takes back or holds what was said: "no wait, don't"."""
    return bool({"no", "hold", "again"} & set(_senses(world, place, _QUESTION.sub("", text))))


def _senses(world: World, place: Place, text: str, own: frozenset[str] = frozenset()) -> list[Sense | None]:
    yes, no = world.flow.yes[place.language], world.flow.no[place.language]
    words = words_of(text, place.language)
    parts = _parts(words, place.language, tuple(yes), tuple(no), own)
    return [part.sense for part in parts if part.sense != "doubt" or not _ASKS[place.language].issuperset(part.words)]


def words_of(text: str, language: Language) -> tuple[str, ...]:
    """The words of a text in small letters; Chinese: its characters."""
    found = _WORD.findall(with_apostrophes(text.lower().replace("’", "'")))
    return tuple("".join(found)) if language == "zh" else tuple(found)


def _parts(
    words: tuple[str, ...], language: Language, yes: tuple[str, ...], no: tuple[str, ...], own: frozenset[str]
) -> Iterator[_Part]:
    senses, longest = _with_operators(language, yes, no)
    # where a cancellation is asked about, "cancel it" is what was asked, and no answer
    asked = _asked(own, language)
    if asked:
        kept: dict[tuple[str, ...], Sense] = dict.fromkeys(_listed(KEEPS[language], language), "no")
        senses = senses | kept | dict.fromkeys(asked, "harmless")
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            phrase = words[at : at + length]
            if (sense := senses.get(phrase)) is not None:
                named = sense == "no" and any(deed == phrase[: len(deed)] for deed in asked)
                yield _Part(phrase, "harmless" if named else sense)
                at += length
                break
        else:
            if language == "zh" and words[at + 1 : at + 2] == ("不",) and words[at : at + 1] == words[at + 2 : at + 3]:
                yield _Part(words[at : at + 3], None)  # 欠不欠 asks, and denies nothing
                at += 3
                continue
            known = words[at] in own or words[at].removesuffix("'s") in own
            yield _Part(words[at : at + 1], "harmless" if known else None)
            at += 1


@lru_cache(maxsize=32)
def _with_operators(
    language: Language, yes: tuple[str, ...], no: tuple[str, ...]
) -> tuple[dict[tuple[str, ...], Sense], int]:
    """All phrases, with those that the operator counts as yes and no before ours."""
    senses: dict[tuple[str, ...], Sense] = dict(SENSES[language])
    for phrases, sense in ((yes, "yes"), (no, "no")):
        senses |= {words_of(phrase, language): sense for phrase in phrases}  # type: ignore[misc]
    return senses, max(map(len, senses))


def _after_correction(parts: list[_Part]) -> list[_Part]:
    """What counts: all that follows the last correction, where an answer does; "sorry" alone takes nothing back."""
    for at in range(len(parts) - 1, -1, -1):
        if parts[at].sense in ("again", "hold"):
            rest = parts[at + 1 :]
            if any(part.sense in _ANSWERS for part in rest):
                return rest
    return [part for part in parts if part.sense != "again"]


def _negated(parts: Sequence[_Part]) -> list[_Part]:
    """With 不 and the yes right behind it as one no: 不安排."""
    found: list[_Part] = []
    for part in parts:
        if found and found[-1].words == ("不",) and part.sense in ("yes", "weak"):
            found[-1] = _Part(("不", *part.words), "no")
        else:
            found.append(part)
    return found


def _judged(parts: list[_Part]) -> Answer:
    parts = _negated(parts)
    senses = {part.sense for part in parts}
    if senses & {"doubt", "hold"}:
        return NONE
    yeses = [at for at, part in enumerate(parts) if part.sense in ("yes", "weak")]
    noes = [at for at, part in enumerate(parts) if part.sense == "no"]
    turned = {at for at in yeses if _denied(parts, at)}
    if any(_denied(parts, at) for at in noes):
        return NONE  # "not wrong" may be either
    if not noes and "not" in senses and senses.isdisjoint(("but",)) and turned.issuperset(yeses):
        # "I can't come then" says no; "my watch has not come" is no answer, but a matter of its own
        unknown = sum(part.sense is None for part in parts)
        return Answer(False, plain=not unknown) if unknown <= _STRAY else NONE
    if (
        noes == [0]
        and parts[0].words in _NO_FIRST
        and len(parts) > 1
        and all(_APPROVES.issuperset(one.words) for one in parts[1:])
    ):
        return Answer(True)  # "no, that's perfect"
    if noes:
        # a yes before a word that nobody knows is none: "no, I would rather …", 不行，我要上班
        takes_back = any(
            parts[at].sense == "yes"
            and at not in turned
            and at > noes[-1]
            and all(part.sense for part in parts[at + 1 : at + 2])
            for at in yeses
        )
        restricts = "but" in senses and bool(yeses)
        return NONE if takes_back or restricts else Answer(False, plain=True)
    if not yeses or turned or senses & {"not", "but", None}:
        return NONE
    return Answer(True, plain="weak" not in senses)


def _denied(parts: list[_Part], at: int) -> bool:
    """Whether a "not" stands shortly before, or behind: "that is not at all correct", "of course not"."""
    words = 0
    for before in range(at - 1, -1, -1):
        if parts[before].sense == "not":
            return True
        words += len(parts[before].words)
        if words > _NEAR or parts[before].sense != "harmless":
            break
    return at + 1 < len(parts) and parts[at + 1].words == ("not",)
