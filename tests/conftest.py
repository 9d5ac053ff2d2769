"""What all tests share: the real parts, and the list of those that really ran."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.provision import debian

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"
EXPECTED = ("SIP phones",
    "Asterisk", "AudioSocket", "asterisk-ami", "Chromium", "PostgreSQL", "SIPp", "SQLite", "Vosk decoder", "pyttsx3",
    "flite", "sentence encoder",
)  # fmt: skip
_ran = pytest.StashKey[dict[str, str]]()


class RealParts:
    """Notes which real parts a test run has used; a part that cannot be had is a skip, and under CI a failure."""

    def __init__(self, ran: dict[str, str]) -> None:
        self._ran = ran

    def used(self, name: str, detail: str = "") -> None:
        """This part really ran."""
        assert name in EXPECTED, name
        self._ran[name] = self._ran.get(name) or detail

    def get(self, part: debian.Part) -> debian.Found:
        """The part, ready to run."""
        try:
            found = debian.get(part, CACHE)
        except debian.PartMissing as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(str(error))
        self.used(part.name, str(found.path))
        return found


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ran] = {}


@pytest.fixture(scope="session")
def real_parts(request: pytest.FixtureRequest) -> RealParts:
    """Where tests note the real parts that they use."""
    return RealParts(request.config.stash[_ran])


@pytest.fixture(autouse=True, scope="session")
def _from_the_root() -> Iterator[None]:
    """The product's paths are relative to the project's folder."""
    before = Path.cwd()
    os.chdir(ROOT)
    yield
    os.chdir(before)


def _is_whole_run(config: pytest.Config) -> bool:
    return not config.getoption("keyword") and config.args in ([], ["tests"], [str(ROOT / "tests")])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ran = config.stash[_ran]
    terminalreporter.section("real parts that ran")
    for name in EXPECTED:
        if name in ran:
            terminalreporter.line(f"  {name:<18} {ran[name]}")
        elif _is_whole_run(config):
            terminalreporter.line(f"  {name:<18} NOT RUN")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI nothing may be left out in silence."""
    missing = [name for name in EXPECTED if name not in session.config.stash[_ran]]
    if os.environ.get("CI") and _is_whole_run(session.config) and missing and exitstatus == 0:
        print(f"\nreal parts that did not run: {', '.join(missing)}", file=sys.stderr)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
