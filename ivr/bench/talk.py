"""Scripted callers, ours beside a classic keypad menu in the same Asterisk on the same machine.

Measured for each: seconds from the answer to the right place (in the right queue, or at the end of the sentence that settles
the matter), how often the caller had to say or press something, and whether the right place was the first that was reached.

Callers of both sides listen, and take 0.7 s from the end of what they listen to until they speak or press: ours to the end
of a prompt, those of the menu to the end of the option that leads to their goal. What is assumed, in favour of the menu: its
callers make no mistake, have their order number at hand, and are not told anything before the queue; a matter that our side
settles counts as done when the menu's caller joins the queue, where a clerk still has everything to do. "Its expert" knows
every key by heart and presses it at once. Against ours: callers never speak over a prompt, although they could; and they
overlap, so that many are recognised at the same time.
"Our regular" speaks over the prompts, 1.5 s after the last answer, as who knows what comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import statistics
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ivr.adapters.database import Store
from ivr.bench import keypad_menu
from ivr.bench.menu_callers import Reached, menu_round
from ivr.bench.our_callers import OurCallers
from ivr.bench.tasks import TASKS
from ivr.config.load import Config, parse
from ivr.core.dialogue.wording import fill
from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from ivr.provision.places import CACHE
from ivr.server.app import Server, running
from ivr.server.process import loop
from ivr.wire.reading.spelling import SpokenSpeller


@dataclass(slots=True)
class Talk:
    """What the callers met with: by the name of their task."""

    ours: dict[str, Reached] = field(default_factory=dict)
    menu: dict[str, Reached] = field(default_factory=dict)
    expert: dict[str, Reached] = field(default_factory=dict)
    regulars: dict[str, Reached] = field(default_factory=dict)
    stories: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """What went on in the calls of ours that did not come to the right place, for whoever wants to know."""


def _config(folder: Path, asterisk: PrivateAsterisk) -> Config:
    folder.mkdir()
    return parse(
        {
            "asterisk": {"port": asterisk.ports.ami},
            "media": {"port": asterisk.ports.media},
            "web": {"port": 0, "key_file": str(folder / "web.key")},
            "database": {"url": f"sqlite:///{folder / 'ivr.db'}"},
            "records": {"folder": str(folder / "records")},
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
    asterisk.start()
    talk = Talk()
    try:
        async with _server(folder / "first", asterisk) as server:
            flow = server.publisher.current.flow
            week = flow.hours["shop"].weekly
            said = {
                language: fill(texts[0], {"week.shop": SpokenSpeller("DE").week(week, language)})
                for language, texts in flow.prompts["hours_open"].variants.items()
            }
            asks_s = await keypad_menu.render(server.publisher.voice, sounds, said)
            for expert, found in ((False, talk.menu), (True, talk.expert)):
                with _callers(asterisk) as lab:
                    found.update(await menu_round(lab, TASKS, asks_s, expert=expert))
            with _callers(asterisk) as lab:
                talk.ours, talk.stories["ours"] = await OurCallers(server, lab, folder, at_once=False).ring()
        # with records of its own: to the first one, everybody would be somebody who has called already
        async with _server(folder / "second", asterisk) as server:
            with _callers(asterisk) as lab:
                talk.regulars, talk.stories["regulars"] = await OurCallers(server, lab, folder, at_once=True).ring()
    finally:
        asterisk.stop()
    return talk


@contextlib.contextmanager
def _callers(asterisk: PrivateAsterisk) -> Iterator[Lab]:
    """The lab for one round; whoever is left on the line at its end is hung up."""
    with Lab(asterisk.ports.ami, asterisk.lab_secret) as lab:
        yield lab
        with contextlib.suppress(NotDone):  # nobody is left
            lab.act("Hangup", Channel="/^.*$/")


@contextlib.asynccontextmanager
async def _server(folder: Path, asterisk: PrivateAsterisk) -> AsyncIterator[Server]:
    """A server with the sample shop's records as they are in the morning."""
    config = _config(folder, asterisk)
    async with Store.opened(config.database.url) as store:
        await shop.open_shop(store, {agent.id: agent.id for agent in shop.AGENTS}, books=folder / "shop.db")
    async with running(config, asterisk.secret, Path()) as server:
        while not server.link.connected:  # noqa: ASYNC110  # nothing to wait on but the link itself
            await asyncio.sleep(0.05)
        yield server


def measure() -> Talk:
    """All callers four times: at the menu, there as experts, at ours, and there as regulars."""
    folder = Path(tempfile.mkdtemp(prefix="ivr-bench-"))
    try:
        return loop.run(_all(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# -- figures


def summary(found: dict[str, Reached], names: list[str]) -> dict[str, Any]:
    """Median, p90 and sum of the seconds, the sum of turns, and how many were right at the first attempt.

    ``spoken_s`` is how long the machine spoke in all, None where that is not known.
    """
    mine = [found[name] for name in names]
    seconds = [one.seconds for one in mine if one.seconds is not None and one.right]
    spoken = [one.spoken_s for one in mine if one.spoken_s is not None and one.right]
    return {
        "callers": len(mine), "right": sum(one.right for one in mine), "turns": sum(one.turns for one in mine),
        "median_s": round(statistics.median(seconds), 1) if seconds else None,
        "p90_s": round(float(np.quantile(seconds, 0.9)), 1) if seconds else None,
        "total_s": round(sum(seconds), 1), "spoken_s": round(sum(spoken), 1) if spoken else None,
    }  # fmt: skip


def groups() -> dict[str, list[str]]:
    """All callers; those for a queue; those whose matter our side settles."""
    return {
        "all": [task.name for task in TASKS],
        "to a queue": [task.name for task in TASKS if not task.settled],
        "settled by the machine": [task.name for task in TASKS if task.settled],
    }


def rows(talk: Talk) -> dict[str, Any]:
    """Everything for the JSON line; seconds."""
    sides = {"ours": talk.ours, "menu": talk.menu, "regulars": talk.regulars, "expert": talk.expert}
    return {
        "tasks": {task.name: {side: asdict(found[task.name]) for side, found in sides.items()} for task in TASKS},
        "summary": {
            group: {side: summary(found, names) for side, found in sides.items()} for group, names in groups().items()
        },
        "stories": talk.stories,
    }


def _cell(one: Reached) -> str:
    seconds = f"{one.seconds:6.1f} s" if one.seconds is not None else "     –  "
    return f"{seconds} {one.turns} {'✓' if one.right else '✗'}"


def show(talk: Talk) -> None:
    """Print the table, the sums, and what was assumed."""
    print(f"\n{'caller':<16} {'ours':>14} {'keypad menu':>14} {'our regular':>14} {'its expert':>14}   what they want")
    for task in TASKS:
        cells = [_cell(found[task.name]) for found in (talk.ours, talk.menu, talk.regulars, talk.expert)]
        print(f"{task.name:<16} " + " ".join(f"{cell:>14}" for cell in cells) + f"   {task.about}")
    print("\nseconds from the answer, turns (say or press something), right place at the first attempt")
    sides = (
        ("ours", talk.ours), ("keypad menu", talk.menu), ("our regular", talk.regulars), ("its expert", talk.expert),
    )  # fmt: skip
    for group, names in groups().items():
        for side, found in sides:
            s = summary(found, names)
            print(
                f"{group:<23} {side:<12} median {s['median_s']} s  p90 {s['p90_s']} s  total {s['total_s']} s  "
                f"{s['turns']} turns  {s['right']} of {s['callers']} right"
                + (f"  the machine spoke {s['spoken_s']} s of it" if s["spoken_s"] else "")
            )
    print("\n" + (__doc__ or "").split("\n\n", 2)[2].strip())
