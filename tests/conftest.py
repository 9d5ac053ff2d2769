"""What all tests share: the real parts, and the list of those that really ran."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ivr.provision import debian

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"
EXPECTED = ("SIP phones",
    "Asterisk", "AudioSocket", "asterisk-ami", "Chromium", "PostgreSQL", "SIPp", "SQLite", "Vosk decoder", "pyttsx3",
    "flite", "sentence encoder",
)  # fmt: skip
LONGEST = ("test_paths", "test_conversation", "test_calls", "test_browser")
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that two processes end at about the same time."""
    last = len(LONGEST)
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else last)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of several processes (pytest -n 2) has ended: take over which real parts it has used."""
    ran = node.config.stash[_ran]
    for name, detail in getattr(node, "workeroutput", {}).get("real_parts", {}).items():
        ran[name] = ran.get(name) or detail


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
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["real_parts"] = session.config.stash[_ran]
        return
    missing = [name for name in EXPECTED if name not in session.config.stash[_ran]]
    if os.environ.get("CI") and _is_whole_run(session.config) and missing and exitstatus == 0:
        print(f"\nreal parts that did not run: {', '.join(missing)}", file=sys.stderr)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
