"""Scripted callers of ours: they listen to the end of each prompt before they answer, or, as regulars do, answer at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ivr.adapters.sound.telephone import wav_bytes
from ivr.bench.keypad_menu import BYTES_PER_S
from ivr.bench.menu_callers import DTMF_MS, Reached
from ivr.bench.tasks import OPTION, REACTION_S, TASKS, Task, slug, spoken
from ivr.calls.live import LiveCall
from ivr.core.contact.ledger import Entry
from ivr.lab.asterisk.callers import Lab
from ivr.lab.shop import shop
from ivr.server.app import Server

STAGGER_S = 2.5
GIVE_UP_S = 150.0
POLL_S = 0.05
SETTLING = frozenset(prompt for task in TASKS if task.settled for prompt in task.place)
TELLING = ("said", "heard", "key", "no_input", "trouble", "queued", "problem", "asked_source", "hung_up")
"""What is kept of a call that went wrong."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of the machine: when it began and ended, or will end, in seconds since the ring."""

    entry: Entry
    begins_s: float
    ends_s: float


@dataclass(slots=True)
class Timeline:
    """When the machine spoke: sentences follow each other, and what was being said when the caller answered was cut."""

    server: Server
    said: list[Said] = field(default_factory=list)
    queued: tuple[str, float] | None = None
    read: int = 0
    quiet_s: float = 0.0

    async def update(self, live: LiveCall) -> None:
        """Take in what has happened since the last time."""
        entries = live.ledger.entries
        lines = [line for line in live.ledger.lines if line.speaker == "machine"]
        while self.read < len(entries):
            entry = entries[self.read]
            self.read += 1
            at_s = (entry.at - entries[0].at).total_seconds()
            if entry.kind == "said":
                recorded = f"{entry.facts['prompt']}.{entry.facts['variant']}"
                language = lines[len(self.said)].language
                pcm = await self.server.publisher.voice.speak(entry.facts["text"], language, recorded)
                begins_s = max(self.quiet_s, at_s)
                self.quiet_s = begins_s + len(pcm) / BYTES_PER_S
                self.said.append(Said(entry, begins_s, self.quiet_s))
            elif entry.kind in ("heard", "key", "proof"):
                self._cut(at_s)
            elif entry.kind == "queued" and self.queued is None:
                self.queued = (str(entry.facts["queue"]), at_s)

    def _cut(self, at_s: float) -> None:
        """What is still to be said at an answer is not said any more."""
        self.quiet_s = min(self.quiet_s, at_s)
        self.said = [
            replace(said, begins_s=min(said.begins_s, at_s), ends_s=min(said.ends_s, at_s)) for said in self.said
        ]

    def spoken_s(self, until_s: float) -> float:
        """How long the machine has spoken by then."""
        return sum(max(0.0, min(said.ends_s, until_s) - said.begins_s) for said in self.said)


@dataclass(slots=True)
class OurCallers:
    """All calls of ours; ``at_once`` is how regulars do it."""

    server: Server
    lab: Lab
    folder: Path
    at_once: bool
    calls: dict[str, LiveCall] = field(default_factory=dict)

    async def ring(self) -> tuple[dict[str, Reached], dict[str, list[str]]]:
        """Ring in one after the other; where each came to, and what went on in the calls that did not come right."""
        withheld = next(task.name for task in TASKS if not task.number)

        def watch(live: LiveCall, entry: Entry) -> None:
            self.calls[live.ledger.caller.shown_name or withheld] = live

        self.server.calls.subscribe(watch)
        await self._render()
        async with asyncio.TaskGroup() as group:
            for task in TASKS:
                steps = task.steps(self.folder, at_once=self.at_once)
                await asyncio.to_thread(self.lab.call, shop.DNIS, task.number, task.name, steps)
                if not self.at_once:
                    group.create_task(self._press_options(task))
                await asyncio.sleep(STAGGER_S)
        await self._all_over()
        found = {task.name: await self._reached(task) for task in TASKS}
        stories = {
            task.name: [f"{entry.kind} {entry.facts}" for entry in self.calls[task.name].ledger.entries if entry.kind in TELLING]
            for task in TASKS
            if task.name in self.calls and not found[task.name].right
        }  # fmt: skip
        return found, stories

    async def _render(self) -> None:
        for said in spoken(TASKS):
            pcm = await self.server.publisher.voice.speak(said.removeprefix("say:"), "en")
            (self.folder / f"{slug(said)}.wav").write_bytes(wav_bytes(pcm))

    async def _press_options(self, task: Task) -> None:
        """Press each key of a menu as soon as its option has been read out, as the callers of the other menu do."""
        keys = [said.removeprefix(OPTION) for said in task.says if said.startswith(OPTION)]
        timeline = Timeline(self.server)
        while keys:
            await asyncio.sleep(POLL_S)
            live = self.calls.get(task.name)
            if live is None:
                continue
            if live.caller_gone:
                return
            await timeline.update(live)
            read = next((said for said in timeline.said if _is_option(said.entry, keys[0])), None)
            if read is None:
                continue
            passed_s = (datetime.now(UTC) - live.ledger.entries[0].at).total_seconds()
            await asyncio.sleep(max(0.0, read.ends_s - passed_s) + REACTION_S)
            channel = live.channel.removesuffix("2") + "1"  # the caller's own half of the Local channel
            await asyncio.to_thread(self.lab.act, "PlayDTMF", Channel=channel, Digit=keys.pop(0), Duration=str(DTMF_MS))

    async def _all_over(self) -> None:
        deadline = asyncio.get_running_loop().time() + GIVE_UP_S
        while asyncio.get_running_loop().time() < deadline:
            over = all(live.caller_gone or live.queued_at for live in self.calls.values())
            if over and len(self.calls) == len(TASKS):
                return
            await asyncio.sleep(0.2)

    async def _reached(self, task: Task) -> Reached:
        """The first queue that was joined, or the end of the first sentence that settles something."""
        turns = task.turns
        live = self.calls.get(task.name)
        if live is None:
            return Reached(None, None, turns, False)
        timeline = Timeline(self.server)
        await timeline.update(live)
        settling = next((said for said in timeline.said if said.entry.facts["prompt"] in SETTLING), None)
        if settling is not None and (timeline.queued is None or settling.ends_s < timeline.queued[1]):
            place, seconds = str(settling.entry.facts["prompt"]), settling.ends_s
            right = place in task.place
        elif timeline.queued is not None:
            place, seconds = timeline.queued
            hand_over = live.ledger.hand_over
            right = place in task.place and hand_over is not None and hand_over.intent == task.intent
        else:
            return Reached(None, None, turns, False)
        # when a regular cut in is known only by the end of what they said, so how long the machine spoke is not
        spoken_s = None if self.at_once else round(timeline.spoken_s(seconds), 2)
        return Reached(place, round(seconds, 2), turns, right, spoken_s)


def _is_option(entry: Entry, key: str) -> bool:
    """Whether this sentence offers that key."""
    return entry.facts["prompt"] == "menu_option" and str(entry.facts["text"]).rstrip("。.").endswith(key)
