"""Calls that people turn into tests, as files of a corpus."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

import soundfile
import tomli_w

from ivr.calls.floor.call_tests import CallTestAuthor, CreatedTest, RecordingStore
from ivr.calls.floor.past_calls import PastCalls
from ivr.calls.live import LiveCall
from ivr.calls.ports import Directory, Refused
from ivr.calls.records import ledger_of
from ivr.core.caller import CallId
from ivr.core.contact.ledger import Ledger
from ivr.core.flow.flow import Flow
from ivr.core.texts import text
from ivr.corpus.facts_of_call import UNCHECKED, Source, facts_of, had_by, has_spans
from ivr.corpus.format import CorpusError, Facts, read_call_file
from ivr.corpus.pseudonyms import Pseudonyms, read_key

HEADER = (
    "# Made of a call, and unchecked: each text is what the machine heard, the intent what it or an agent took it for.\n"
    "# Listen, put both right, then take the tag “unchecked” away: after that nobody's button replaces this file.\n\n"
)
_BY = {None: "by the command line", "agent": "by an agent", "supervisor": "by a supervisor", "admin": "by a supervisor"}
NOT_OVER = text("calls.corpus.not_over")
NOT_YOURS = text("calls.corpus.not_yours")
NOTHING_SAID = text("calls.corpus.nothing_said")
CHECKED = text("calls.corpus.checked")


@dataclass(frozen=True, slots=True)
class CallTestFiles:
    """Implements ``ivr.calls.floor.call_tests.CallTests``."""

    live: Callable[[], Mapping[CallId, LiveCall]]
    past: PastCalls
    directory: Directory
    recordings: RecordingStore
    flow: Callable[[], Flow]
    keep: Literal["off", "consent", "all"]
    folder: Path
    """The corpus."""
    key_folder: Path

    async def make(self, call: CallId, maker: CallTestAuthor, intent: str | None = None) -> CreatedTest | None:
        """A test of a call that is over; None where there is no such call. ``intent``: what it was about, "" for none of these.

        Raises ``Refused`` with what stands in the way, and OSError while the database is away.
        """
        source = await self.source(call)
        return None if source is None else await self.make_of(source, maker, intent)

    async def make_of(self, source: Source, maker: CallTestAuthor, intent: str | None = None) -> CreatedTest:
        """A test of a call that was looked up already. Raises ``Refused`` as ``make``."""
        ledger = source.ledger
        if ledger.story.gone_at is None and not ledger.story.closed:
            raise Refused(NOT_OVER)
        if maker.agent is not None and not had_by(ledger, maker.agent):
            raise Refused(NOT_YOURS)
        if intent and intent not in source.flow.intents:
            raise Refused(text("calls.no_such_reason", intent=intent))
        sound = await self.recordings.find(str(ledger.call)) if self.keep == "all" or ledger.story.consent else None
        try:
            return await asyncio.to_thread(self._write, source, maker, intent, sound if has_spans(ledger) else None)
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise Refused(text("calls.corpus.not_written", folder=self.folder, why=why)) from problem

    async def source(self, call: CallId) -> Source | None:
        """Everything of a call, as it is known now; None where there is no such call."""
        live = self.live().get(call)
        if live is not None:
            return Source(live.ledger, live.ledger.caller, live.flow, bool(live.solved and not live.answered_by))
        contact = await self.past.one(str(call))
        if contact is None:
            return None
        flow = self.flow()
        ledger = ledger_of(contact, flow.default_language)
        caller = ledger.caller
        found = await self.directory.find(caller.ani) if caller.ani else None
        if found is not None and found.customer and found.customer.id == contact.record["customer_id"]:
            caller = replace(found, ani=caller.ani, shown_name=None, dnis=caller.dnis)
        return Source(ledger, caller, flow, bool(contact.record["solved"] and not ledger.legs.had_it))

    def _write(self, source: Source, maker: CallTestAuthor, intent: str | None, sound: Path | None) -> CreatedTest:
        """Raises OSError and Refused."""
        names, name = Pseudonyms(read_key(self.key_folder)), name_of(source.ledger)
        seconds = _seconds(sound) if sound else None
        facts = facts_of(source, names, tags_of(source.ledger, maker, intent), intent, seconds)
        if not facts.said:
            raise Refused(NOTHING_SAID)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # they are people's voices
        target = self.folder / f"{name}.toml"
        if target.is_file() and not _is_draft(target):
            raise Refused(CHECKED)
        beside = self.folder / f"{name}.wav"
        if sound is not None and seconds is not None:
            _whole(beside, lambda half: shutil.copyfile(sound, half))
        else:
            beside.unlink(missing_ok=True)
        text = HEADER + tomli_w.dumps(facts.model_dump(mode="json", exclude_none=True, exclude_defaults=True))
        _whole(target, lambda half: half.write_text(text, encoding="utf-8"))
        return CreatedTest(name, seconds is not None, len(facts.said))


def name_of(ledger: Ledger) -> str:
    """What the test of a call is called: its day and the beginning of its id."""
    return call_name(ledger.began, str(ledger.call))


def call_name(began: datetime, call: str) -> str:
    """The same of a call whose ledger is not at hand."""
    return f"{began:%Y-%m-%d}-{call[:8]}"


def tags_of(ledger: Ledger, maker: CallTestAuthor, intent: str | None) -> tuple[str, ...]:
    """What a test is found by: that nobody has checked it, who made it, and what went wrong in the call."""
    story = ledger.story
    outcomes = set(ledger.legs.outcomes.values())
    wrong = "wrong_place" in outcomes or any(one.way == "wrong_place" for one in ledger.legs.passed)
    found = {
        "wrong place": wrong,
        "put right": bool(story.corrected) or intent is not None,
        "passed on": bool(ledger.legs.passed),
        "trouble": bool(ledger.hand_over and ledger.hand_over.troubles),
    }
    return (UNCHECKED, "from a call", _BY[maker.role], *(tag for tag, is_so in found.items() if is_so))


def forget(folder: Path, names: list[str]) -> int:
    """Delete the tests of these names, with their sound; how many there were."""
    gone = 0
    for name in names:
        there = [path for ending in (".wav", ".toml") if (path := folder / f"{name}{ending}").is_file()]
        for path in there:
            path.unlink()
        gone += bool(there)
    return gone


def _seconds(sound: Path) -> float | None:
    """How long a recording is; None where it cannot be read."""
    try:
        return float(soundfile.info(sound).duration)
    except (soundfile.SoundFileError, OSError):
        return None


def _is_draft(path: Path) -> bool:
    """Whether nobody has checked a test yet; what is broken is no draft of anybody's work."""
    try:
        facts: Facts = read_call_file(path)
    except CorpusError:
        return False
    return UNCHECKED in facts.tags


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file so that nobody ever sees half of it."""
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(half)
        half.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            half.unlink()
