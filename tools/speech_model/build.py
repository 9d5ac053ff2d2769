"""Builds the model's folder: ``python -m tools.speech_model.build --dialogues dialplans --out audio/models/bundled-en``.

It takes seconds and trains nothing: the network stays as it is, the words and sentences come from the dialogue files. What
it needs of Debian is used where it is installed, and else unpacked without root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from ivr.provision import debian
from tools.speech_model import acoustic, graph, parts
from tools.speech_model.language_model import Ngrams, acceptor
from tools.speech_model.lexicon import lexicon
from tools.speech_model.phones import graph_phones
from tools.speech_model.sentences import DIGITS, Dialogue, Speaker, Templates, common_words

ORDER = 3
GENERAL = 40_000
"""Sentences about any house."""
SEED = 77
ALWAYS = (*DIGITS, "oh", "double", "triple", "operator", "agent", "human", "person", "yes", "no")
"""Words that the server's own grammars ask for, whatever the dialogue says."""
MFCC = {"sample-frequency": 8000, "use-energy": "false", "num-mel-bins": 40, "num-ceps": 40, "low-freq": 40,
        "high-freq": -200, "dither": 0}  # fmt: skip
"""The features that the network was trained with; without dither the same sound always gives the same words."""
DECODING = {"min-active": 200, "max-active": 3000, "beam": 13.0, "lattice-beam": 6.0, "acoustic-scale": 1.0,
            "frame-subsampling-factor": 3, "endpoint.silence-phones": 1, "endpoint.rule2.min-trailing-silence": 0.5,
            "endpoint.rule3.min-trailing-silence": 0.75, "endpoint.rule4.min-trailing-silence": 1.0}  # fmt: skip


def build(dialogues: Path, out: Path) -> int:
    """Make the model of a folder of dialogue files; returns how many words it knows.

    The folder ``out`` is replaced in one step, once everything is made.
    """
    templates = Templates.read()
    speaker = Speaker(templates, SEED)
    dialogue = Dialogue.read(dialogues)
    texts = [speaker.sentence() for _ in range(GENERAL)]
    texts += dialogue.sentences(speaker)
    sentences = [text.split() for text in texts]
    vocabulary = {word for sentence in sentences for word in sentence}
    vocabulary |= dialogue.words() | set(common_words()) | set(templates.pronunciations) | set(ALWAYS)
    there = parts.get()
    known = lexicon(vocabulary, templates.pronunciations, there.dictionary)
    words = graph.entries(known)
    ids = {word: number for number, word in enumerate(sorted({word for word, _ in words}), start=1)}
    grammar = acceptor(Ngrams(sentences, ORDER, sorted(known)), ids)

    made = out.with_name(f".{out.name}-{os.getpid()}")
    shutil.rmtree(made, ignore_errors=True)
    try:
        for part in ("am", "conf", "graph"):
            (made / part).mkdir(parents=True)
        phones = graph_phones()
        acoustic.write(made / "am" / "final.mdl", phones, acoustic.Network())
        graph.write(made / "graph", phones, words, grammar, ids, there.lookahead)
        for name, options in (("mfcc", MFCC), ("model", DECODING)):
            (made / "conf" / f"{name}.conf").write_text("".join(f"--{k}={v}\n" for k, v in options.items()))
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return len(known)


def size(folder: Path) -> int:
    """The bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tools.speech_model.build", description=__doc__.splitlines()[0])
    parser.add_argument("--dialogues", type=Path, default=Path("dialplans"), help="the folder of the dialogue files")
    parser.add_argument("--out", type=Path, default=Path("audio/models/bundled-en"), help="the model's folder")
    chosen = parser.parse_args(argv)
    began = time.perf_counter()
    try:
        words = build(chosen.dialogues, chosen.out)
    except (debian.PartMissing, ValueError) as error:
        print(f"No model was made: {error}", file=sys.stderr)
        return 1
    took = time.perf_counter() - began
    print(f"{chosen.out}: {words} words, {size(chosen.out) / 1e6:.1f} MB, made in {took:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
