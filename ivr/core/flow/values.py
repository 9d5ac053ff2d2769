"""Values that callers give and prompts say: what kinds there are, and what reads and says them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ivr.core.flow.intent import Hypothesis
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
    return offered or reader.read("name", hypotheses, language, now, names)


class Speller(Protocol):
    """Says values as people say them."""

    def spoken(self, kind: ValueKind, value: str, language: Language, now: datetime) -> str:
        """The words for one value; a value that is not of its kind comes back as it is."""
