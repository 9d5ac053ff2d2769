"""What may be kept of a text, whoever wrote it: the one rule of all texts on their way to a ledger, a file or a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ivr.core.card_numbers import without_cards

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
"""Characters that turn the direction of the text around them: a name with one shows as another name. The marks that Arabic and
Hebrew writers set between words (U+200E, U+200F, U+061C) turn nothing else, and stay."""
_GONE = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *map(ord, TURNING)))
_GONE = {sign: to for sign, to in _GONE.items() if chr(sign) not in "\t\n\r"} | {0x2028: "\n", 0x2029: "\n"}
CODES = frozenset(
    {"id", "ani", "dnis", "from", "to", "number", "line", "channel", "call", "interface", "address", "agent", "by"}
)
"""Facts of these names are numbers and names of lines and machines, never what somebody has written."""


class CardNumber(ValueError):
    """What should tell something apart is a payment card's number; ``name`` is the column that it was for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is a payment card's number")
        self.name = name


def plain(text: str) -> str:
    """Without control characters, those that turn the direction, and halves of characters: no database takes all of them."""
    return text.translate(_GONE).encode("utf-8", "replace").decode()


def kept(text: str, card_safe: bool = True) -> str:
    """The text as it is kept."""
    return without_cards(plain(text)) if card_safe else plain(text)


def in_facts(facts: Any, change: Callable[[str], str]) -> Any:
    """Facts as JSON has them, with every text in them changed, but for those of ``CODES``."""
    match facts:
        case str():
            return change(facts)
        case Mapping():
            return {name: one if name in CODES else in_facts(one, change) for name, one in facts.items()}
        case list() | tuple():
            return [in_facts(one, change) for one in facts]
        case _:
            return facts
