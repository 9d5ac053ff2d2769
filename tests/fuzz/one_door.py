"""One door of ``python -m tests.fuzz``, in a process of its own, because libFuzzer ends the one that it is in."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["ivr", "tests.fuzz"]):  # what is imported before is not watched
    from tests.fuzz.doors import DOORS

if __name__ == "__main__":
    name, *options = sys.argv[1:]

    def come(data: bytes) -> None:
        DOORS[name](data)

    atheris.Setup([name, *options], come)
    atheris.Fuzz()
