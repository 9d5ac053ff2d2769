"""The phones of the model, and the numbers that Kaldi's files know them by."""

from __future__ import annotations

from collections.abc import Sequence

PHONES = tuple(
    "aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh".split()
)
SILENCE = "SIL"
GARBAGE = "spn"
"""The one phone of [unk]; it was never trained: see ``acoustic.write``."""
POSITIONS = "BEIS"
"""Begin, end, inside of a word, and a word of one phone."""
_KINDS = {"B": "begin", "E": "end", "I": "internal", "S": "singleton"}


class PhoneSet:
    """Phone numbers: silence is 1, phone k of ``base`` has 2+4k to 5+4k for its positions in a word.

    Every phone has one emitting state with two distributions ("pdfs"), one for the frame that enters it and one for all
    that follow. The positions share them: they are there only so that words have exact times.
    """

    def __init__(self, base: Sequence[str]) -> None:
        self.base = tuple(base)
        self.index = {phone: number for number, phone in enumerate(self.base)}
        self.count = 1 + 4 * len(self.base)
        self.pdf_count = 2 + 2 * len(self.base)

    def id(self, phone: str, position: str) -> int:
        """The number of a phone at a position in its word."""
        return 1 if phone == SILENCE else 2 + 4 * self.index[phone] + POSITIONS.index(position)

    def pdfs(self, number: int) -> tuple[int, int]:
        """The distributions of a phone: of the entering frame, and of the following ones."""
        if number == 1:
            return 0, 1
        base = (number - 2) // 4
        return 2 + 2 * base, 3 + 2 * base

    @staticmethod
    def loop(number: int) -> int:
        """The transition that stays in the phone."""
        return 2 * number - 1

    @staticmethod
    def forward(number: int) -> int:
        """The transition that enters (Kaldi: leaves) the phone."""
        return 2 * number

    def word_boundary(self) -> str:
        """The contents of graph/phones/word_boundary.int."""
        kinds = (f"{n} {_KINDS[POSITIONS[(n - 2) % 4]]}\n" for n in range(2, self.count + 1))
        return "1 nonword\n" + "".join(kinds)


def graph_phones() -> PhoneSet:
    """The phones of the decoding graph: the trained ones and the one of [unk]."""
    return PhoneSet((*PHONES, GARBAGE))
