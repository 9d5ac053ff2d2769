"""``make demo``: a recorded caller rings a real Asterisk, is understood and routed; an agent's phone rings, the card is there.

With ``--once`` it ends after the sample call, and the last line is one JSON object of what was measured in it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.adapters.database import Store
from ivr.adapters.own_files import write_alone
from ivr.calls.live import LiveCall
from ivr.config.load import Config, load, parse
from ivr.core.caller import AgentId
from ivr.core.contact.ledger import Entry
from ivr.core.told import Told, leaves, problems_of
from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import AsteriskFailed, PrivateAsterisk
from ivr.lab.demo.callers import SCRIPTS
from ivr.lab.demo.story import Story
from ivr.lab.desk_client import DeskClient
from ivr.lab.shop import shop
from ivr.provision.places import CACHE
from ivr.provision.running import goes_on
from ivr.server.app import Server, running
from ivr.server.process import ending, logs, loop

WHERE = CACHE / "demo"
STATE = WHERE / "state.json"
LOCK = CACHE / "demo.lock"
CALL_WITHIN_S = 90.0
WRAP_UP_S = 10
"""Pretended agents choose no outcome; the next caller should not wait for that."""
AGENT_PHONES = ("1001", "1002", "1003")
PAGE_PHONE = "1002"
"""Ben's is in his page: once somebody has signed in as him, it rings there."""
CALLER_PHONE = "2001"


class DemoFailed(Exception):
    """The demo did not do what it should; the message says what happened."""


KNOWN = (DemoFailed, AsteriskFailed, NotDone, Told, OSError)
"""Failures that say for themselves what is wrong; anything else is a mistake in the program, and is shown as one."""


@dataclass(slots=True)
class Demo:
    """Everything that the demo has started."""

    asterisk: PrivateAsterisk
    server: Server
    lab: Lab
    desks: dict[AgentId, DeskClient]
    passwords: dict[str, str]
    story: Story


@contextlib.asynccontextmanager
async def started(config_path: Path, story: Story) -> AsyncIterator[Demo]:
    """Asterisk, the server with the sample shop, its agents at their desks."""
    with contextlib.ExitStack() as starting:
        starting.enter_context(goes_on("starting Asterisk, the server and the agents' desks", story.say))
        async with _started(config_path, story, starting) as demo:
            yield demo


@contextlib.asynccontextmanager
async def _started(config_path: Path, story: Story, starting: contextlib.ExitStack) -> AsyncIterator[Demo]:
    """The same; ``starting`` is closed once everything has started."""
    with alone():
        async with _begun(config_path, story, starting) as demo:
            yield demo


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Nobody else's demo runs in this folder: its files would be taken away from under it. Raises Told."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Told(
                f"a demo runs already in {CACHE.parent}: call it with `make call`, or end it (Ctrl-C) and start again"
            ) from None
        yield


@contextlib.asynccontextmanager
async def _begun(config_path: Path, story: Story, starting: contextlib.ExitStack) -> AsyncIterator[Demo]:
    shutil.rmtree(WHERE, ignore_errors=True)
    WHERE.mkdir(parents=True, mode=0o700)
    began = time.monotonic()
    asterisk = PrivateAsterisk.prepare(
        WHERE / "asterisk", Path("dialplans/asterisk"), CACHE, (*AGENT_PHONES, CALLER_PHONE), in_pages=(PAGE_PHONE,)
    )
    passwords: dict[str, str] = {
        login: secrets.token_urlsafe(6) for login in (*(agent.id for agent in shop.AGENTS), shop.LEAD)
    }
    config = _config(load(config_path), asterisk)
    async with Store.opened(config.database.url, config.privacy.card_safe) as store:
        await shop.open_shop(store, passwords, books=WHERE / "shop.db")
    await asyncio.to_thread(asterisk.start)
    try:
        async with running(config, asterisk.secret, Path()) as server:
            server.calls.subscribe(story.tell)
            await _until(lambda: server.link.connected, 10, "the server did not reach Asterisk's manager interface")
            with Lab(asterisk.ports.ami, asterisk.lab_secret) as lab:
                address = f"http://127.0.0.1:{server.web_port}"
                async with contextlib.AsyncExitStack() as stack:
                    desks = {
                        agent.id: await stack.enter_async_context(
                            DeskClient.signed_in(address, agent.id, passwords[agent.id])
                        )
                        for agent in shop.AGENTS
                    }
                    free = lambda: set(server.roster.states().values()) == {"available"}  # noqa: E731
                    await _until(free, 10, "the agents did not become available")
                    starting.close()
                    story.say(
                        f"\nReady in {time.monotonic() - began:.1f} s ({server.started_in_s} s of it the server)."
                    )
                    for note in server.notes:
                        story.say(f"  {note}")
                    yield Demo(asterisk, server, lab, desks, passwords, story)
    finally:
        await asyncio.to_thread(asterisk.stop)


def _config(config: Config, asterisk: PrivateAsterisk) -> Config:
    """The operator's settings, on ports and a database of the demo's own."""
    raw = config.model_dump()
    raw["asterisk"] |= {"host": "127.0.0.1", "port": asterisk.ports.ami, "username": "ivr"}
    raw["media"] = {"host": "127.0.0.1", "port": asterisk.ports.media}
    raw["web"] |= {"host": "127.0.0.1", "port": int(os.environ.get("PORT", "0")), "key_file": str(WHERE / "web.key")}
    raw["database"] |= {"url": f"sqlite:///{WHERE / 'ivr.db'}"}
    raw["records"] |= {"folder": str(WHERE / "records")}
    raw["routing"] |= {"wrap_up_s": WRAP_UP_S}
    raw["sources"] = {"shop": f"sqlite:///{WHERE / 'shop.db'}"}
    passwords = WHERE / "phones.toml"
    write_alone(passwords, f"{PAGE_PHONE} = {json.dumps(asterisk.phones[PAGE_PHONE])}\n")
    address = f"ws://127.0.0.1:{asterisk.ports.web}/ws"
    raw["softphone"] = {"enabled": True, "address": address, "passwords_file": str(passwords)}
    return parse(raw, "the demo's settings", {})


async def _until(true: Any, timeout_s: float, otherwise: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            raise DemoFailed(otherwise)
        await asyncio.sleep(0.02)


async def sample_call(demo: Demo) -> dict[str, Any]:
    """Place the sample call and follow it to its end; returns what was measured in it."""
    done: asyncio.Queue[LiveCall] = asyncio.Queue()

    def ends(live: LiveCall, entry: Entry) -> None:
        if entry.kind == "hung_up":
            done.put_nowait(live)

    script = SCRIPTS["lin"]
    try:
        with demo.server.calls.watched(ends):
            demo.lab.call(shop.DNIS, script.number, script.name, script.steps())
            async with asyncio.timeout(CALL_WITHIN_S):
                live = await done.get()
    except TimeoutError as error:
        raise DemoFailed(f"the sample call did not end within {CALL_WITHIN_S:.0f} s") from error
    return result(demo, live)


def result(demo: Demo, live: LiveCall) -> dict[str, Any]:
    """What the sample call came to; raises DemoFailed when the product's promise was not kept in it."""
    ledger, decision = live.ledger, live.ledger.decision
    customer = ledger.caller.customer
    agent = live.answered_by
    if decision is None or ledger.hand_over is None:
        raise DemoFailed("the call was not routed by the dialogue")
    if agent is None:
        raise DemoFailed(f"the call was routed to {decision.queue}, but no agent answered it")
    popped = demo.desks[agent].cards.get(str(live.id))
    if popped is None:
        raise DemoFailed(f"{agent} answered, but no card had come to the desk")
    if ledger.words is None:
        raise DemoFailed("the caller was connected, but nothing was heard of what they said")
    return {
        "heard": ledger.words,
        "intent": ledger.hand_over.intent,
        "confidence": round(ledger.confidence, 3),
        "customer": customer.name if customer else None,
        "queue": live.queue or decision.queue,
        "agent": agent,
        "reasons": [f"{reason.label['en']} {reason.value:.2f}" for reason in decision.reasons],
        "ring_to_pop_ms": popped.ring_to_pop_ms,
        "pop_before_answer_ms": live.pop_before_answer_ms,
        "response_ms": [turn.first_audio for turn in live.turns],
        "asr": demo.server.recogniser.names.get("en"),
        "answered_by": "agent",
    }


def _welcome(demo: Demo) -> None:
    ports, say = demo.asterisk.ports, demo.story.say
    say("\nThe desk is open. Sign in as any of the agents and call in as often as you like (Ctrl-C ends the demo):")
    say(f"  page       http://127.0.0.1:{demo.server.web_port}/")
    for agent in shop.AGENTS:
        say(f"  sign-in    {agent.id:<5} {demo.passwords[agent.id]:<10} ({agent.name}: {', '.join(agent.queues)})")
    say(f"  sign-in    {shop.LEAD:<5} {demo.passwords[shop.LEAD]:<10} (supervisor: the floor, all calls, the report)")
    say(f"  calls      make call WHO=…   with one of: {', '.join(SCRIPTS)}")
    sip = f"SIP 127.0.0.1:{ports.sip} (UDP)"
    say(
        f"  softphone  {sip}  user {CALLER_PHONE}  password {demo.asterisk.phones[CALLER_PHONE]}, then dial {shop.DNIS}"
    )
    say(
        f"  agent's    {sip}  user 1001  password {demo.asterisk.phones['1001']}: rings for ana, not the pretended phone"
    )
    say("  in page    sign in as ben: his phone is in the page, and A answers")


async def run(once: bool, config_path: Path) -> None:
    """The whole demo."""
    story = Story()
    async with started(config_path, story) as demo:
        story.say("\nThe sample call: Ms Lin's watch was due yesterday. Her recorded voice rings in …\n")
        measured = await sample_call(demo)
        story.say(
            f"\nThe card was on the desk {measured['ring_to_pop_ms']:.0f} ms after the phone began to ring, "
            f"{measured['pop_before_answer_ms'] / 1000:.1f} s before the agent answered."
        )
        if once:
            print(json.dumps(measured, ensure_ascii=False), flush=True)
            return
        _welcome(demo)
        state = {"pid": os.getpid(), "ami": demo.asterisk.ports.ami, "secret": demo.asterisk.lab_secret}
        write_alone(STATE, json.dumps(state))
        stop = asyncio.Event()
        for name in ending.signals():
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        while not stop.is_set():
            if demo.asterisk.ended:
                raise AsteriskFailed(
                    f"Asterisk has ended by itself; the end of its log:\n{demo.asterisk.log()[-1000:]}"
                )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await stop.wait()
        story.say("\nGoodbye.")


def ended(work: Callable[[], None]) -> int:
    """Do it, and say what failed, a sentence each, of however many things that were done at once; the exit code."""
    try:
        work()
    except KeyboardInterrupt:
        return 130
    except (Exception, BaseExceptionGroup) as error:
        failed = leaves(error)
        if not all(isinstance(one, KNOWN) for one in failed):
            raise
        for problem in (problem for one in failed for problem in problems_of(one)):
            print(f"\nThe demo failed: {problem}", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    """Parse the words and run; every failure is a sentence and a non-zero exit."""
    words = argparse.ArgumentParser(prog="python -m ivr.lab.demo", description=__doc__)
    words.add_argument("--once", action="store_true", help="end after the sample call, with a JSON line")
    words.add_argument("--config", type=Path, default=Path("config.toml"))
    asked = words.parse_args()
    logs.set_up("console", "warning")
    return ended(lambda: loop.run(run(asked.once, asked.config)))
