"""Values that callers give and prompts say: what kinds there are, and what reads and says them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, Protocol

from ivr.core.flow.intent import Hypothesis
from ivr.core.flow.opening_hours import Interval
from ivr.core.language import Language

ValueKind = Literal["digits", "number", "date", "time", "amount", "phone", "name"]
"""How a value is written inside the program (always text):

digits ``"4711"``; number ``"42"`` or ``"-3.5"``; date ISO 8601 ``"2026-11-25"``; time ``"14:30"`` (24 hours);
amount ``"189.00 EUR"`` (ISO 4217); phone E.164 ``"+4915112345678"``; name: one of the names that were offered.
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value that may have been meant, with its share of belief among the readings (0 to 1)."""

    value: str
    share: float


EVERY_DAY = frozenset(range(7))
"""Days of the week, 0 (Monday) to 6."""


@dataclass(frozen=True, slots=True)
class Window:
    """What somebody leaves open among dates or times: "after lunch", "any day but Monday", "the earliest"."""

    since: str = ""
    """The least that fits, as values are written (which sort by time); empty: no bound."""
    until: str = ""
    """The greatest that fits."""
    but: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    """The values that were named, "Tuesday or Thursday"; empty: any."""
    weekdays: frozenset[int] = EVERY_DAY
    take: Literal["", "first", "last", "any"] = ""
    """Which of those that fit; empty: they did not say."""

    def fits(self, value: str) -> bool:
        """Whether a date or time lies in it."""
        if self.only and value not in self.only:
            return False
        if value in self.but or (self.since and value < self.since) or (self.until and value > self.until):
            return False
        return self.weekdays == EVERY_DAY or date.fromisoformat(value).weekday() in self.weekdays


def within(before: Window, more: Window) -> Window:
    """What is left of one window by another: what was said before still counts."""
    return Window(
        max(before.since, more.since), min(filter(None, (before.until, more.until)), default=""), before.but | more.but,
        before.only & more.only if before.only and more.only else before.only | more.only,
        before.weekdays & more.weekdays, more.take,
    )  # fmt: skip


def as_written(kind: ValueKind, value: str) -> str | None:
    """A date or a time that a source gave, as values are written here; None where it is none."""
    try:
        if kind == "date":
            return date.fromisoformat(value[:10]).isoformat()
        return time.fromisoformat(value[11:] if len(value) > len("09:30:00") else value.rjust(5, "0")).isoformat(
            "minutes"
        )
    except ValueError:
        return None


class Reader(Protocol):
    """Turns words into values, as far as they hold one."""

    def read(
        self,
        kind: ValueKind,
        hypotheses: Sequence[Hypothesis],
        language: Language,
        now: datetime,
        names: Sequence[str] = (),
    ) -> tuple[Reading, ...]:
        """The values that may be meant, likeliest first, each once; empty when the words hold none.

        ``now`` (with its zone) is what "tomorrow" is counted from; ``names`` are those to choose from where ``kind`` is name.
        Shares sum to at most 1: what a hypothesis without any value held is missing.
        """

    def placed(self, hypotheses: Sequence[Hypothesis], language: Language, names: Sequence[str]) -> tuple[Reading, ...]:
        """The name that was chosen by its place in the row, "the second one"; empty where none was."""

    def shifted(self, base: str, text: str, language: Language) -> str | None:
        """The day that the words tell from another one: "two days later"; None where they tell none so."""

    def mended(self, kind: ValueKind, value: str, text: str, language: Language) -> str | None:
        """A value that was said back, with what the words say of some of its digits; None where they say nothing of that."""

    def window(
        self, kind: ValueKind, text: str, language: Language, now: datetime, names: Sequence[str] = ()
    ) -> Window | None:
        """What the words leave open among dates or times; None where they say nothing of it, or kind is another.

        Of ``names`` that were read out, "not the first one" leaves the others.
        """


def values_in(
    reader: Reader,
    kind: ValueKind,
    hypotheses: Sequence[Hypothesis],
    language: Language,
    now: datetime,
    names: Sequence[str] = (),
) -> tuple[Reading, ...]:
    """The values in an utterance; where ``names`` were offered, only those, by what they are or by their place.

    Of times that were read out, "at eleven" is one, and so is "the second one".
    """
    found = reader.read(kind, hypotheses, language, now, names)
    if not names or kind == "name":
        return found
    offered = tuple(reading for reading in found if reading.value in names)
    if kind == "time":  # who is offered eleven in the morning means that one, and not eleven at night
        shares = {one.value: one.share for one in found if one.value not in names}
        offered = tuple(
            Reading(one.value, min(1.0, one.share + shares.get(_half_a_day_on(one.value), 0.0))) for one in offered
        )
    return offered or reader.placed(hypotheses, language, names)


def _half_a_day_on(value: str) -> str:
    return f"{(int(value[:2]) + 12) % 24:02}{value[2:]}"


class Speller(Protocol):
    """Says values as people say them."""

    def spoken(self, kind: ValueKind, value: str, language: Language, now: datetime) -> str:
        """The words for one value; a value that is not of its kind comes back as it is."""

    def week(self, weekly: Sequence[tuple[Interval, ...]], language: Language) -> str:
        """The words for the opening hours of a week, Monday first."""
