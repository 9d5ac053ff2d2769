"""``python -m tests.fuzz [--runs 1000000] [DOOR …]``: as many inputs as one likes, led by the code that they reach.

Needs Atheris (``pip install atheris``, https://github.com/google/atheris), which nothing else here does. An input that a door
neither reads nor refuses is written to ``fuzz-DOOR-…``, and a traceback says why.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.doors import DOORS, seeds
from tests.fuzz.inputs import SIGNS

LONGEST = 10_000
"""Bytes of an input."""
SLOW_S, MEMORY_MB = 20, 4_000
"""An input that takes longer, or a door that needs more, is a fault, too."""


def run(name: str, runs: int) -> int:
    """Try a door; the exit status of the process that did, 0 where it read or refused everything."""
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        corpus, signs = Path(folder, "corpus"), Path(folder, "signs")
        corpus.mkdir()
        for number, seed in enumerate(seeds(name)):
            (corpus / str(number)).write_bytes(seed)
        signs.write_text("".join(f'"{_escaped(sign[:60])}"\n' for sign in SIGNS))
        options = [f"-runs={runs}", f"-max_len={LONGEST}", f"-timeout={SLOW_S}", f"-rss_limit_mb={MEMORY_MB}"]
        options += ["-verbosity=0", f"-dict={signs}", f"-artifact_prefix=fuzz-{name}-", str(corpus)]
        code = subprocess.run([sys.executable, "-m", "tests.fuzz.one_door", name, *options], check=False).returncode
    if code == 0:
        print(f"{name}: {runs} inputs, none that is not read or refused; {time.monotonic() - began:.0f} s", flush=True)
    return code


def _escaped(sign: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in sign)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("door", nargs="*", choices=[[], *DOORS])
    asked = parser.parse_args()
    if find_spec("atheris") is None:
        sys.exit("Atheris is not installed here: pip install atheris")
    sys.exit(max(run(one, asked.runs) for one in asked.door or DOORS))
