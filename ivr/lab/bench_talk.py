"""Twenty scripted callers, ours beside a classic keypad menu in the same Asterisk on the same machine.

Measured for each: seconds from the answer to the right place (in the right queue, or at the end of the sentence that settles
the matter), how often the caller had to say or press something, and whether the right place was the first that was reached.

What is assumed, in favour of the menu: its callers press each key in the moment in which their option has been read out, make
no mistake, and are not told anything before the queue; a matter that our side settles counts as done when the menu's caller
joins the queue, where a clerk still has everything to do. "Expert" knows every key by heart and presses it at once.
Against ours: callers wait for the end of every prompt and 0.7 s more before they speak or press, although they need not; and
they overlap, so that up to a dozen are recognised at the same time.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.database import Store
from ivr.adapters.sound import wav_bytes
from ivr.adapters.speech_out import PromptVoice
from ivr.app import Server, running
from ivr.calls.live import LiveCall
from ivr.config import CACHE, Config, parse
from ivr.lab import keypad_menu, shop
from ivr.lab.asterisk import PrivateAsterisk
from ivr.lab.bench_peer import Reached, menu_round
from ivr.lab.bench_tasks import TASKS, Task, slug, spoken
from ivr.lab.callers import Lab

STAGGER_S = 3.0
GIVE_UP_S = 150.0


@dataclass(slots=True)
class Talk:
    """What twenty callers met with: by the name of their task."""

    ours: dict[str, Reached] = field(default_factory=dict)
    menu: dict[str, Reached] = field(default_factory=dict)
    expert: dict[str, Reached] = field(default_factory=dict)
    stories: dict[str, list[str]] = field(default_factory=dict)
    """What went on in the calls of ours that did not come to the right place, for whoever wants to know."""


def _config(folder: Path, asterisk: PrivateAsterisk) -> Config:
    return parse(
        {
            "asterisk": {"port": asterisk.ports.ami},
            "media": {"port": asterisk.ports.media},
            "web": {"port": 0},
            "database": {"url": f"sqlite:///{folder / 'ivr.db'}"},
            "sources": {"shop": f"sqlite:///{folder / 'shop.db'}"},
            "speech_in": {"model_en": "audio/models/bundled-en", "model_zh": "off"},
        },
        "the bench's settings",
        {},
    )


async def _all(folder: Path) -> Talk:
    asterisk = PrivateAsterisk.prepare(folder / "asterisk", Path("dialplans/asterisk"), CACHE)
    sounds = folder / "menu"
    with (asterisk.where / "etc/extensions.conf").open("a", encoding="utf-8") as file:
        file.write("\n" + keypad_menu.dialplan(sounds))
    config = _config(folder, asterisk)
    store = Store(config.database.url)
    await store.migrate()
    await shop.open_shop(store, {agent.id: agent.id for agent in shop.AGENTS}, books=folder / "shop.db")
    await store.close()
    asterisk.start()
    talk = Talk()
    try:
        async with running(config, asterisk.secret, Path()) as server:
            while not server.link.connected:  # noqa: ASYNC110  # nothing to wait on but the link itself
                await asyncio.sleep(0.05)
            hours = server.press.current.flow.prompts["hours_open"].variants
            said = {language: texts[0] for language, texts in hours.items()}
            asks_s = await keypad_menu.render(server.press.voice, sounds, said)
            await _render(server.press.voice, folder)
            for expert, found in ((False, talk.menu), (True, talk.expert)):
                with Lab(asterisk.ports.ami, asterisk.lab_secret) as lab:
                    found.update(await menu_round(lab, TASKS, asks_s, expert=expert))
                    await asyncio.to_thread(lab.act, "Hangup", Channel="/^.*$/")
            with Lab(asterisk.ports.ami, asterisk.lab_secret) as lab:
                await _our_round(server, lab, folder, talk)
    finally:
        asterisk.stop()
    return talk


async def _render(voice: PromptVoice, folder: Path) -> None:
    for said in spoken(TASKS):
        pcm = await voice.speak(said.removeprefix("say:"), "en")
        (folder / f"{slug(said)}.wav").write_bytes(wav_bytes(pcm))


async def _our_round(server: Server, lab: Lab, folder: Path, talk: Talk) -> None:
    """All callers, one every few seconds; each is over when a place is reached and when they have hung up."""
    calls: dict[str, LiveCall] = {}
    withheld = next(task.name for task in TASKS if not task.number)
    server.switchboard.watcher = lambda live, entry: calls.update({live.ledger.caller.shown_name or withheld: live})
    for task in TASKS:
        await asyncio.to_thread(lab.call, shop.DNIS, task.number, task.name, task.steps(folder))
        await asyncio.sleep(STAGGER_S)
    deadline = asyncio.get_running_loop().time() + GIVE_UP_S
    while asyncio.get_running_loop().time() < deadline:
        if len(calls) == len(TASKS) and all(live.caller_gone or live.queued_at for live in calls.values()):
            break
        await asyncio.sleep(0.2)
    for task in TASKS:
        live = calls.get(task.name)
        talk.ours[task.name] = await _reached(server, task, live) if live else Reached(None, None, task.turns, False)
        if live and not talk.ours[task.name].right:
            talk.stories[task.name] = [f"{e.kind} {e.facts}" for e in live.ledger.entries if e.kind in _TELLING]


_TELLING = ("said", "heard", "key", "no_input", "trouble", "queued", "problem", "asked_source", "hung_up")
_SETTLING = frozenset(prompt for task in TASKS if task.settled for prompt in task.place)


async def _reached(server: Server, task: Task, live: LiveCall) -> Reached:
    """The first queue that was joined, or the end of the first sentence that settles something."""
    began: datetime | None = None
    quiet_s = 0.0
    lines = iter([line for line in live.ledger.lines if line.speaker == "machine"])
    for entry in live.ledger.entries:
        if entry.kind == "rang":
            began = entry.at
        if began is None:
            continue
        at_s = (entry.at - began).total_seconds()
        if entry.kind == "said":
            # sentences are said one after the other: this one begins when the one before has ended
            recorded = f"{entry.facts['prompt']}.{entry.facts['variant']}"
            pcm = await server.press.voice.speak(entry.facts["text"], next(lines).language, recorded)
            quiet_s = max(quiet_s, at_s) + len(pcm) / keypad_menu.BYTES_PER_S
            if entry.facts["prompt"] in _SETTLING:
                return Reached(
                    entry.facts["prompt"], round(quiet_s, 2), task.turns, entry.facts["prompt"] in task.place
                )
        if entry.kind == "queued":
            hand_over = live.ledger.hand_over
            queue = str(entry.facts["queue"])
            right = queue in task.place and hand_over is not None and hand_over.intent == task.intent
            return Reached(queue, round(at_s, 2), task.turns, right)
    return Reached(None, None, task.turns, False)


def measure() -> Talk:
    """Twenty callers three times: at the menu, at the menu as experts, and at ours."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-bench-"))
    try:
        return asyncio.run(_all(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# -- figures


def summary(found: dict[str, Reached], names: list[str]) -> dict[str, Any]:
    """Median, p90 and sum of the seconds, the sum of turns, and how many were right at the first attempt."""
    mine = [found[name] for name in names]
    seconds = [one.seconds for one in mine if one.seconds is not None and one.right]
    return {
        "callers": len(mine), "right": sum(one.right for one in mine), "turns": sum(one.turns for one in mine),
        "median_s": round(statistics.median(seconds), 1) if seconds else None,
        "p90_s": round(float(np.quantile(seconds, 0.9)), 1) if seconds else None,
        "total_s": round(sum(seconds), 1),
    }  # fmt: skip


def groups(talk: Talk) -> dict[str, list[str]]:
    """All callers; those for a queue; those whose matter our side settles."""
    return {
        "all": [task.name for task in TASKS],
        "to a queue": [task.name for task in TASKS if not task.settled],
        "settled by the machine": [task.name for task in TASKS if task.settled],
    }


def rows(talk: Talk) -> dict[str, Any]:
    """Everything for the JSON line; seconds."""
    sides = {"ours": talk.ours, "menu": talk.menu, "expert": talk.expert}
    return {
        "tasks": {task.name: {side: asdict(found[task.name]) for side, found in sides.items()} for task in TASKS},
        "summary": {
            group: {side: summary(found, names) for side, found in sides.items()}
            for group, names in groups(talk).items()
        },
        "stories": talk.stories,
    }


def _cell(one: Reached) -> str:
    seconds = f"{one.seconds:6.1f} s" if one.seconds is not None else "     –  "
    return f"{seconds} {one.turns} {'✓' if one.right else '✗'}"


def show(talk: Talk) -> None:
    """Print the table, the sums, and what was assumed."""
    print(f"\n{'caller':<16} {'ours':>14} {'keypad menu':>14} {'its expert':>14}   what they want")
    for task in TASKS:
        cells = [_cell(found[task.name]) for found in (talk.ours, talk.menu, talk.expert)]
        print(f"{task.name:<16} " + " ".join(f"{cell:>14}" for cell in cells) + f"   {task.about}")
    print("\nseconds from the answer, turns (say or press something), right place at the first attempt")
    for group, names in groups(talk).items():
        for side, found in (("ours", talk.ours), ("keypad menu", talk.menu), ("its expert", talk.expert)):
            s = summary(found, names)
            print(
                f"{group:<23} {side:<12} median {s['median_s']} s  p90 {s['p90_s']} s  total {s['total_s']} s  "
                f"{s['turns']} turns  {s['right']} of {s['callers']} right"
            )
    print("\n" + (__doc__ or "").split("\n\n", 2)[2].strip())
