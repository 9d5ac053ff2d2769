"""The decoding graph: HCLr.fst (sounds to words) and Gr.fst (words to sentences), which libvosk composes as it decodes.

No Kaldi program is needed. HCL is a tree of phones that all words share from their beginning on. An arc into a phone
carries its forward transition, the state behind it its self-loop (Kaldi's "reordered" form). All words that end in the
same phone share one state, from which silence, or none, leads back to the root.
"""

from __future__ import annotations

import math
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivr.provision.debian import PartMissing
from tools.speech_model.language_model import Fst
from tools.speech_model.lexicon import Pronunciation
from tools.speech_model.phones import GARBAGE, SILENCE, PhoneSet

UNKNOWN = "[unk]"
SILENCE_SHARE = 0.5
"""How likely a silence is between two words."""

Entry = tuple[str, Pronunciation]
_Placed = tuple[tuple[str, str], ...]
"""Phones with their positions in the word."""


def entries(lexicon: Mapping[str, Sequence[Pronunciation]]) -> list[Entry]:
    """One entry a pronunciation, and that of [unk]."""
    return [*((word, phones) for word, variants in lexicon.items() for phones in variants), (UNKNOWN, (GARBAGE,))]


def _placed(phones: Pronunciation) -> _Placed:
    positions = "S" if len(phones) == 1 else "B" + "I" * (len(phones) - 2) + "E"
    return tuple(zip(phones, positions, strict=True))


class Tree:
    """HCL being built."""

    def __init__(self, phones: PhoneSet) -> None:
        self._phones = phones
        self.fst = Fst()
        start, self._root, self._silence = self.fst.state(), self.fst.state(), self.fst.state()
        self._ends: dict[tuple[str, str], int] = {}
        self._branch(start)
        self._loop(self._silence, SILENCE, "S")
        self.fst.arc(self._silence, self._root, 0, 0)
        self.fst.finals.append((self._root, 0.0))

    def _branch(self, state: int) -> None:
        """From here into silence, or straight to the next word."""
        self.fst.arc(state, self._root, 0, 0, -math.log(1 - SILENCE_SHARE))
        silence = self._phones.forward(self._phones.id(SILENCE, "S"))
        self.fst.arc(state, self._silence, silence, 0, -math.log(SILENCE_SHARE))

    def _loop(self, state: int, phone: str, position: str) -> None:
        self.fst.arc(state, state, self._phones.loop(self._phones.id(phone, position)), 0)

    def _into(self, source: int, target: int, placed: tuple[str, str], word: int) -> None:
        self.fst.arc(source, target, self._phones.forward(self._phones.id(*placed)), word)

    def _end(self, placed: tuple[str, str]) -> int:
        if placed not in self._ends:
            state = self._ends[placed] = self.fst.state()
            self._loop(state, *placed)
            self._branch(state)
        return self._ends[placed]

    def grow(self, words: Sequence[Entry], ids: Mapping[str, int]) -> None:
        """Put all words in.

        A word's label stands where its way parts from all others', at the latest on its last phone: the earlier the
        language model knows the word, the more can be given up early.
        """
        sequences = [(ids[word], _placed(phones)) for word, phones in words]
        shared = Counter(sequence[:length] for _, sequence in sequences for length in range(1, len(sequence) + 1))
        nodes: dict[_Placed, int] = {(): self._root}
        for word, sequence in sequences:
            state, label = self._root, word
            for length in range(1, len(sequence)):
                prefix = sequence[:length]
                if prefix not in nodes:
                    alone = shared[prefix] == 1
                    nodes[prefix] = self.fst.state()
                    self._into(state, nodes[prefix], sequence[length - 1], label if alone else 0)
                    self._loop(nodes[prefix], *sequence[length - 1])
                    label = 0 if alone else label
                state = nodes[prefix]
            self._into(state, self._end(sequence[-1]), sequence[-1], label)


def _run(library: Path, *command: str, cwd: Path) -> None:
    environment = {**os.environ, "LD_PRELOAD": str(library)}
    try:
        subprocess.run(command, cwd=cwd, env=environment, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise PartMissing(f"there is no program {command[0]}: install the package libfst-tools") from error
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"{' '.join(command)} failed: {error.stderr.strip()}") from error


def write(
    folder: Path, phones: PhoneSet, words: Sequence[Entry], grammar: Fst, ids: Mapping[str, int], library: Path
) -> None:
    """Write the files of ``folder`` (the model's graph/); ``grammar`` is the language model over ``ids``.

    ``library`` is the one of OpenFst that knows look-ahead machines.
    """
    (folder / "phones").mkdir(parents=True, exist_ok=True)
    tree = Tree(phones)
    tree.grow(words, ids)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "hcl.txt").write_text(tree.fst.text())
        (work / "g.txt").write_text(grammar.text())

        def run(*command: str) -> None:
            _run(library, *command, cwd=work)

        run("fstcompile", "hcl.txt", "hcl.fst")
        run("fstarcsort", "--sort_type=olabel", "hcl.fst", "sorted.fst")
        convert = ("--fst_type=olabel_lookahead", "--save_relabel_opairs=relabel")
        run("fstconvert", *convert, "sorted.fst", str((folder / "HCLr.fst").resolve()))
        run("fstcompile", "g.txt", "g.fst")
        # Look-ahead numbers the words anew. libvosk makes run-time grammars from words.txt, so everything has the new
        # numbers: both sides of G, and words.txt.
        run("fstrelabel", "--relabel_ipairs=relabel", "--relabel_opairs=relabel", "g.fst", "new.fst")
        run("fstarcsort", "--sort_type=ilabel", "new.fst", "ready.fst")
        run("fstconvert", "--fst_type=const", "ready.fst", str((folder / "Gr.fst").resolve()))
        pairs = (line.split() for line in (work / "relabel").read_text().splitlines())
        renumbered = {int(old): int(new) for old, new in pairs}
    lines = sorted((renumbered[number], word) for word, number in ids.items() if number in renumbered)
    (folder / "words.txt").write_text("<eps> 0\n" + "".join(f"{word} {number}\n" for number, word in lines))
    (folder / "phones" / "word_boundary.int").write_text(phones.word_boundary())
    # There are no disambiguation symbols, but the file must exist and name at least one.
    (folder / "disambig_tid.int").write_text(f"{2 * phones.count + 1}\n")
