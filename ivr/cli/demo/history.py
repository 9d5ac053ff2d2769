"""The sample shop's past calls, held by the product itself in audio time, and written where the server writes contacts."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.calls.caller.ports import NORMAL, Manner
from ivr.calls.records import Contact
from ivr.cli.demo.calls import CALLS, DAYS, PastCall
from ivr.cli.talk import SIGNS_A_SECOND
from ivr.config.load import Config
from ivr.core.contact.entries import Entry
from ivr.core.language import Language
from ivr.corpus.format import Call, Colleague, Corpus, Facts, House, Said
from ivr.lab.shop import shop
from ivr.replay.engine.audio_clock import AudioClock
from ivr.replay.engine.fast import Replayed, replay
from ivr.replay.engine.kit import Wanted, opened

OPEN = range(9, 18)
"""Hours of the day in which people called."""


def history(config: Config, root: Path, now: datetime) -> list[Contact]:
    """What the record has of the calls before ``now``. Raises what a replay raises: ConfigError, FlowError, ModelUnavailable."""
    quiet = config.speech_in.model_copy(update={"model_en": "off", "model_zh": "off"})
    with tempfile.TemporaryDirectory(prefix="ivr-demo-") as made:
        corpus = _corpus(Path(made) / "corpus", config, now)
        wanted = Wanted(config.model_copy(update={"speech_in": quiet}), root, corpus, now, dict(config.sources))

        async def body() -> list[Contact]:
            async with opened(wanted, Path(made) / "scratch") as kit:
                quiet_kit = replace(kit, voice=Unvoiced())
                return [
                    _over(await replay(call, quiet_kit), past)
                    for call, past in zip(corpus.calls, CALLS * DAYS, strict=True)
                ]

        with asyncio.Runner(loop_factory=AudioClock) as run:
            return run.run(body())


class Unvoiced:
    """Nobody listens to these calls: silence, as long as the sentence would take, in no time."""

    async def speak(self, text: str, language: Language, recorded: str | None = None, manner: Manner = NORMAL) -> bytes:
        return bytes(2 * 8_000 * len(text) // SIGNS_A_SECOND[language])


def _corpus(folder: Path, config: Config, now: datetime) -> Corpus:
    folder.mkdir(parents=True)
    for kind, text in shop.csv_files(now).items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    colleagues = tuple(
        Colleague(
            id=one.id, name=one.name, languages=one.languages, skills=dict(one.skills), region=one.region, queues=one.queues
        )
        for one in shop.AGENTS
    )  # fmt: skip
    times = list(_times(now.astimezone(ZoneInfo(config.dialogue.zone))))
    calls = tuple(
        _call(f"demo-{number}", past, at) for number, (past, at) in enumerate(zip(CALLS * DAYS, times, strict=True))
    )
    return Corpus(folder, House(agents=colleagues, pins=shop.PINS), calls)


def _times(now: datetime) -> Iterator[datetime]:
    """When each came, the oldest first: spread over the open hours of the days before now."""
    for day in reversed(range(DAYS)):
        minutes = [now - timedelta(days=day, minutes=minute) for minute in range(10, 24 * 60 - 10)]
        open_ = sorted(one for one in minutes if one.hour in OPEN)
        yield from (open_[number * len(open_) // len(CALLS)] for number in range(len(CALLS)))


def _call(name: str, past: PastCall, at: datetime) -> Call:
    said = [words.partition(": ") for words in past.says]
    pieces = tuple(Said(text=text, answers=asked) if text else Said(text=asked) for asked, _, text in said)
    return Call(
        name, Facts(number=past.number, dnis=shop.DNIS, language=past.language, at=at, origin="text", said=pieces)
    )


def _over(held: Replayed, past: PastCall) -> Contact:
    """The agents' part, which no replay has: who answered, how long they talked, what they wrote down."""
    live, ledger = held.live, held.live.ledger
    at = ledger.entries[-1].at + timedelta(seconds=6)
    rung = next((one.facts for one in ledger.entries if one.kind == "agent_ringing"), None)
    if rung is not None and past.talk_s:
        leg, agent = {"leg": rung["leg"], "agent": rung["agent"]}, rung["agent"]
        ledger.add(at, "agent_answered", **leg)
        at += timedelta(seconds=past.talk_s)
        if past.passed_to is not None:
            queue, colleague = past.passed_to
            ledger.add(
                at, "passed_on", by=agent, way="blind" if past.why else "wrong_place", to_kind="queue", to=queue,
                reason=past.matter, why=past.why, brief="", words="",
            )  # fmt: skip
            ledger.add(at, "agent_done", **leg, why="hung_up", talk_s=past.talk_s)
            leg, agent = {"leg": f"{leg['leg']}.2", "agent": colleague}, colleague
            ledger.add(at, "agent_ringing", **leg, queue=queue, by=None)
            ledger.add(at, "carded", **leg, missing=[])
            ledger.add(at + timedelta(seconds=4), "agent_answered", **leg)
            at += timedelta(seconds=100)
        ledger.add(at, "agent_done", **leg, why="hung_up", talk_s=past.talk_s)
        ledger.add(at + timedelta(seconds=20), "outcome", agent=agent, outcome=past.outcome)
        at += timedelta(seconds=20)
    ledger.add(at, "hung_up", cause=16)
    ledger.add(at, "closed")
    live.settled = held.route.startswith("hangup")
    return Contact(live.record(at.astimezone(UTC)), tuple(map(_at_the_desk, ledger.take_unwritten())))


def _at_the_desk(entry: Entry) -> Entry:
    """A replay rings agents whose page is not open; these sat there."""
    if entry.kind != "carded":
        return entry
    return replace(entry, facts={**entry.facts, "missing": [one for one in entry.facts["missing"] if one != "window"]})
