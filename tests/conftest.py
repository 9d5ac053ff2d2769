"""What all tests share: the real parts, and the list of those that really ran."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import settings
from playwright.async_api import Browser

from ivr.provision import debian
from ivr.server.process.memory import spare_the_collector
from tests import thrift

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"
EXPECTED = ("SIP phones",
    "Asterisk", "AudioSocket", "asterisk-ami", "Chromium", "PostgreSQL", "SIPp", "SQLite", "Vosk decoder", "pyttsx3",
    "flite", "sentence encoder",
)  # fmt: skip
LONGEST = (
    "test_faults", "test_real", "test_mistakes", "test_ending", "test_silent",
    "test_paths", "test_conversation", "test_calls", "test_admin_page", "test_call_tests_page", "test_floor_page",
    "test_our_corpus", "test_what_if", "test_pages", "test_browser", "test_failures", "test_fast", "test_floor",
    "test_pop_page", "test_facts_of_call", "test_calls_page", "test_replay", "test_api_schema", "test_api_hostile",
    "test_sip", "test_softphone", "test_people", "test_telephone", "test_recordings", "test_call_backs", "test_vosk",
)  # fmt: skip
"""Real calls wait, pages work: the first five begin together, and leave no processor idle while callers listen."""
LONG = ("lab", "bench", "measure", "provision", "tools")
"""Folders of what serves those who build and measure, and no caller: only `make test-all` looks into them."""
ALL = os.environ.get("TESTS") == "all"
"""Everything, as `make test-all` has it; otherwise something of every kind, which is `make test`."""
PATIENCE_S = 120.0
"""How long anything may take that is waited for: a machine may be busy, and who waits sees at once when it is there."""
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
    thrift.begin()
    settings.register_profile("some", max_examples=25, deadline=None)
    settings.register_profile("all", max_examples=100, deadline=None)
    settings.load_profile("all" if ALL else "some")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    left_out = not ALL and collection_path.parent == ROOT / "tests" and collection_path.name in LONG
    return True if left_out else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first, so that all processes end at about the same time."""
    if not ALL and (left_out := [item for item in items if item.get_closest_marker("long")]):
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    last = len(LONGEST)
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else last)


def pytest_collection_finish() -> None:
    """Twelve thousand tests are half a second of every full collection, and for several of a busy machine nothing of a server
    in the same process runs: Asterisk gives up a call whose sound is away for two seconds."""
    spare_the_collector()


def pytest_runtest_logfinish() -> None:
    thrift.give_back_much()


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _one_chromium(real_parts: RealParts) -> AsyncIterator[Browser]:
    from tests.browser import chromium

    async with chromium(real_parts) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def browser(_one_chromium: Browser) -> AsyncIterator[Browser]:
    """Chromium, with nothing open in it; for tests that are marked with ``ONE_LOOP``."""
    yield _one_chromium
    for context in _one_chromium.contexts:
        await context.close()


@pytest.fixture
def chrome(browser: Browser) -> Browser:
    """The same, for who has other browsers besides."""
    return browser


@pytest.fixture(autouse=True, scope="module")
def _what_is_over_is_given_back() -> Iterator[None]:
    """No file leaves its servers and models behind in memory."""
    yield
    thrift.give_back()


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
