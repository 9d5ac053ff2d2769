"""Commands that take long: what they say is kept, and every few seconds a line says that they are still at it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

STOPPED = 130
TICK_S = 4.0
"""How long nothing may be said."""
_LINE = 90

Say = Callable[[str], None]


class Done(NamedTuple):
    """What came of a command."""

    code: int
    """Its exit code; 127 where it could not be started, 124 where it was given up."""
    said: str
    """Everything it wrote to standard output and standard error."""

    def why(self) -> str:
        """The line that says best what went wrong: the first that calls itself an error, else the last one."""
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        errors = [line for line in lines if line.upper().startswith(("ERROR", "E:", "NPM ERR")) or "No module" in line]
        return (errors or lines[-1:] or ["it gave no reason"])[0]


def to_stderr(line: str) -> None:
    """Say a line, at once."""
    print(line, file=sys.stderr, flush=True)


def run(
    words: Sequence[str],
    what: str,
    say: Say = to_stderr,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    patience_s: float = 1800,
) -> Done:
    """Run a command to its end; ``what`` names it in the line that is said while it runs. Raises nothing of its own."""
    with tempfile.TemporaryFile() as out:
        try:
            process = subprocess.Popen(words, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=cwd, env=env)
        except OSError as error:
            return Done(127, f"{words[0]} cannot be started: {error.strerror}")
        with process:
            code = _wait(process, out.fileno(), what, say, patience_s)
        out.seek(0)
        said = out.read().decode(errors="replace")
    return Done(code, said if code != 124 else f"ERROR: given up after {patience_s:.0f} seconds")


def command(main: Callable[[], int]) -> int:
    """Run a command of the set-up for its exit code: Ctrl-C is a sentence, and 130."""
    try:
        return main()
    except KeyboardInterrupt:
        return stopped()


def stopped() -> int:
    """Say what Ctrl-C has left, and give the exit code that shells have for it."""
    to_stderr("\nStopped. What is there already is kept: the same command goes on from here.")
    return STOPPED


@contextmanager
def goes_on(what: str, say: Say = to_stderr) -> Iterator[None]:
    """While the block runs, a line every few seconds says that it does, however busy this thread is."""
    over, began = threading.Event(), time.monotonic()

    def tell() -> None:
        while not over.wait(TICK_S):
            say(f"  {what}: {time.monotonic() - began:.0f} s …")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def _wait(process: subprocess.Popen[bytes], out: int, what: str, say: Say, patience_s: float) -> int:
    began = time.monotonic()
    while True:
        try:
            return process.wait(TICK_S)
        except subprocess.TimeoutExpired:
            passed = time.monotonic() - began
        if passed > patience_s:
            process.kill()
            return 124
        say(f"  {what}: {passed:.0f} s … {_last_line(out)}".rstrip())


def _last_line(out: int) -> str:
    """What the command said last, as far as it fits into a line."""
    written = os.pread(out, 4096, max(0, os.fstat(out).st_size - 4096)).decode(errors="replace")
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    return lines[-1][:_LINE] if lines else ""
