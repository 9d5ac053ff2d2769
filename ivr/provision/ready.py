"""``make`` asks before each of its commands: is all there that this one needs? What is missing is got, once.

    python3 -m ivr.provision.ready python|tests|run|demo|test [--again]

Runs with the machine's own Python. Whatever fails is told in a sentence. What one can do without (the sentence encoder, the
phone in the agents' page) is tried again after an hour, or at once with ``--again``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NEEDED = (3, 11)
OPTIONAL = ("encoder", "softphone")
LOCK, DEV_LOCK = "requirements.lock", "requirements-dev.lock"
FOR: dict[str, tuple[str, tuple[str, ...]]] = {
    "python": (LOCK, ()),
    "tests": (DEV_LOCK, ()),
    "run": (LOCK, OPTIONAL),
    "demo": (LOCK, (*OPTIONAL, "asterisk")),
    "test": (DEV_LOCK, (*OPTIONAL, "asterisk", "postgresql", "sipp", "chromium", "graphviz", "flite")),
}
"""What each kind of command needs: the lock file of its Python parts, and parts by name."""


def main(words: list[str]) -> int:
    """Get what the named kind of command needs; 0 when all of it works, 1 with a sentence otherwise, 2 for wrong words."""
    again = "--again" in words
    kinds = [word for word in words if word != "--again"]
    if len(kinds) != 1 or kinds[0] not in FOR:
        print(f"name one of {', '.join(FOR)}, with or without --again", file=sys.stderr)
        return 2
    if sys.version_info < NEEDED:
        print(_too_old(), file=sys.stderr)
        return 1
    return _provide(kinds[0], again)


def _too_old() -> str:
    have, need = (".".join(map(str, version[:2])) for version in (sys.version_info, NEEDED))
    return (
        f"Python {need} or newer is needed, and {sys.executable} is {have}: name another with make PYTHON=python3.12 …"
    )


def _provide(kind: str, again: bool) -> int:
    # not before the version is known: older ones cannot read it
    from ivr.provision.environment import Environment, PartsMissing

    lock, parts = FOR[kind]
    environment = Environment(Path.cwd())
    try:
        environment.provide(lock)
    except (PartsMissing, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for name in OPTIONAL:
        if name in parts:
            _command(environment.python, name, "--optional", *(["--again"] if again else []))
    parts = tuple(name for name in parts if name not in OPTIONAL)
    return _command(environment.python, "", *parts) if parts else 0


def _command(python: Path, module: str, *words: str) -> int:
    """Run a command of this package in the environment; it tells its own failures."""
    name = f"ivr.provision.{module}".rstrip(".")
    from ivr.provision.running import STOPPED  # as above

    process = subprocess.Popen([str(python), "-m", name, *words])
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()  # it was pressed for both, and the command says so
        sys.exit(STOPPED)


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        from ivr.provision.running import stopped  # as above

        code = stopped()
    sys.exit(code)
