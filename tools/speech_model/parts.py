"""The programs of Debian that the model is made with: those of the machine, or unpacked beside them without root."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ivr.provision import debian
from ivr.provision.places import CACHE


@dataclass(frozen=True, slots=True)
class Parts:
    """Where everything is."""

    dictionary: Path
    """festlex-cmu's."""
    lookahead: Path
    """The OpenFst library that knows look-ahead machines."""


def get(cache: Path = CACHE) -> Parts:
    """Get what is missing, and let programs that are started from now on find it; raises debian.PartMissing."""
    flite, openfst, lexicon = (debian.get(part, cache) for part in (debian.FLITE, debian.OPENFST, debian.FESTLEX))
    for found in (flite, openfst):
        os.environ["PATH"] = f"{found.path.parent}:{os.environ.get('PATH', '')}"
        for name, value in found.environment().items():
            os.environ[name] = f"{value}:{os.environ[name]}" if os.environ.get(name) else value
    root = openfst.root or Path("/")
    for folder in ("usr/lib", "usr/local/lib"):
        for library in sorted((root / folder).glob("**/libfstlookahead.so*")):
            return Parts(lexicon.path, library)
    raise debian.PartMissing("There is no libfstlookahead.so beside OpenFst's programs: install Debian's libfst-tools.")
