"""How words are pronounced: our own entries, then festlex-cmu's dictionary, then flite's letter-to-sound rules."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from ivr.provision.debian import PartMissing
from tools.speech_model.phones import PHONES

VARIANTS = 2
"""How many pronunciations of the dictionary a word may have."""
_ENTRY = re.compile(r'\("([a-z\']+)" \S+ (.*)\)\s*$')

Pronunciation = tuple[str, ...]
Lexicon = dict[str, list[Pronunciation]]


def dictionary(path: Path) -> Lexicon:
    """The dictionary of the Debian package festlex-cmu."""
    found: Lexicon = defaultdict(list)
    for line in path.read_text("latin-1").splitlines():
        if entry := _ENTRY.match(line):
            phones = tuple(re.sub(r"[()\d]", " ", entry[2]).split())
            if phones and phones not in found[entry[1]]:
                found[entry[1]].append(phones)
    return dict(found)


def spelt(word: str) -> Pronunciation:
    """A guess at the pronunciation of a word that no dictionary has, by flite's rules."""
    try:
        ran = subprocess.run(
            ["flite", "-voice", "kal", "-ps", "-t", word, "-o", "none"], capture_output=True, text=True, check=True
        )
    except FileNotFoundError as error:
        raise PartMissing("there is no program flite: install the package flite") from error
    phones = tuple(phone for phone in ran.stdout.split() if phone != "pau")
    unknown = set(phones) - set(PHONES)
    if unknown or not phones:
        raise ValueError(f"flite gives no usable pronunciation of {word!r}: {' '.join(phones) or 'nothing'}")
    return phones


def lexicon(words: Iterable[str], own: Mapping[str, list[str]], path: Path) -> Lexicon:
    """The pronunciations of ``words``; ``own`` are those written by hand, which win over the dictionary in ``path``."""
    known = dictionary(path)
    made: Lexicon = {}
    for word in sorted(set(words)):
        if word in own:
            made[word] = [tuple(phones.split()) for phones in own[word]]
        elif word in known:
            made[word] = known[word][:VARIANTS]
        else:
            made[word] = [spelt(word)]
    return made
