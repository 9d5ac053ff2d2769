"""Puts all parts together, owns the outermost TaskGroup, and is the only place that sees adapters and pages."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog

from ivr import machine, watchdog
from ivr.adapters.asterisk import AsteriskLink, AsteriskSettings
from ivr.adapters.database import (
    DatabaseAccounts,
    DatabaseAudit,
    DatabaseKeys,
    DatabaseMemory,
    DatabaseOutcomes,
    DatabaseRecords,
    Store,
)
from ivr.adapters.lookups import SourceLookups
from ivr.adapters.media import MediaServer
from ivr.adapters.speech_in import VoskRecogniser
from ivr.adapters.speech_out import PromptVoice
from ivr.adapters.voice_activity import WebRtcVoiceActivity
from ivr.agents_side import add_offers, desks_of, dispatch_of
from ivr.calling import calling
from ivr.calls.agents import AgentRoster
from ivr.calls.callbacks import CallBacks
from ivr.calls.conversation import Conversations
from ivr.calls.desk import Desks
from ivr.calls.deskwork import Deskwork
from ivr.calls.moves import Moves, MoveSettings
from ivr.calls.parts import SessionParts
from ivr.calls.recorder import Recorder
from ivr.calls.restore import Restorer, carry
from ivr.calls.staff import RosterStaff
from ivr.calls.switchboard import Switchboard
from ivr.calls.teacher import Teacher
from ivr.config import Config
from ivr.core.caller import CallId
from ivr.core.routing import Policy
from ivr.directories import open_directory
from ivr.editions import Press
from ivr.figures import figures
from ivr.memory import spare_the_collector
from ivr.recording import kept, recordings_of
from ivr.say import house_voice
from ivr.single_sign_on import single_sign_on
from ivr.site import serve_pages, taken
from ivr.supervision import supervision
from ivr.web.house import House
from ivr.webhooks import Post, open_post
from ivr.wire.ami_events import Found
from ivr.wire.reading import SpokenReader
from ivr.wire.spelling import SpokenSpeller

log = structlog.get_logger(__name__)
_DRAIN_S = 5.0


@dataclass(slots=True)
class Server:
    """The running server, as tests, the demo and the bench see it."""

    config: Config
    store: Store
    switchboard: Switchboard
    link: AsteriskLink
    media: MediaServer
    roster: AgentRoster
    recorder: Recorder
    records: DatabaseRecords
    post: Post
    desks: Desks
    recogniser: VoskRecogniser
    press: Press
    callers: CallBacks
    media_port: int
    web_port: int
    notes: tuple[str, ...]
    started_in_s: float


@asynccontextmanager
async def running(config: Config, secret: str, root: Path) -> AsyncIterator[Server]:
    """Start everything, give it to the block, stop everything when the block ends."""
    began = time.perf_counter()
    async with contextlib.AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.opened(config.database.url))
        voice = await house_voice(config, root, stack)
        group = await stack.enter_async_context(_group())
        server = await _build(config, secret, root, store, voice, group, stack)
        server.started_in_s = round(time.perf_counter() - began, 2)
        for note in server.notes:
            log.info("note", note=note)
        log.info("ready", web=server.web_port, media=server.media_port, started_in_s=server.started_in_s)
        try:
            yield server
        finally:
            await server.media.stop()
            await server.recorder.drain(_DRAIN_S)


@asynccontextmanager
async def _group() -> AsyncIterator[asyncio.TaskGroup]:
    """The outermost TaskGroup; its tasks end when the block does."""
    tasks: set[asyncio.Task[None]] = set()
    over = False
    async with asyncio.TaskGroup() as group:
        create = group.create_task

        def tracked(coro: Coroutine[Any, Any, None], **named: Any) -> asyncio.Task[None] | None:
            if over:  # a timer that rings while the server stops
                coro.close()
                return None
            task = create(coro, **named)
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            return task

        group.create_task = tracked  # type: ignore[method-assign,assignment]
        try:
            yield group
        finally:
            over = True
            for task in list(tasks):
                task.cancel()


def _spawner(group: asyncio.TaskGroup) -> Callable[[Coroutine[Any, Any, None]], object]:
    """Starts work beside everything else; what goes wrong in it costs nobody else anything."""

    async def guarded(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("work beside the calls failed", work=getattr(work, "__qualname__", ""))

    def spawn(work: Coroutine[Any, Any, None]) -> object:
        task = group.create_task(guarded(work))
        if task is None:  # the server stops
            work.close()
        return task

    return spawn


async def _build(
    config: Config,
    secret: str,
    root: Path,
    store: Store,
    voice: PromptVoice,
    group: asyncio.TaskGroup,
    stack: contextlib.AsyncExitStack,
) -> Server:
    lookups = SourceLookups.open(store, config.sources)
    stack.push_async_callback(lookups.close)
    press = Press(config, root / config.dialogue.folder, voice, lookups.names)
    recogniser, notes = machine.recogniser(config, root)
    stack.callback(recogniser.close)
    ears = machine.ears(config, recogniser)
    stack.push_async_callback(ears.close)
    room = machine.room(config, ears, recogniser)
    understanding = await press.first()
    reader = SpokenReader(config.database.country, config.dialogue.currency)
    await asyncio.to_thread(reader.warm)
    spawn = _spawner(group)
    post = open_post(config, store, spawn)
    accounts, records = DatabaseAccounts(store), post.records
    recorder = Recorder(records)
    roster, desks = AgentRoster(await accounts.agents()), Desks()
    zone = ZoneInfo(config.dialogue.zone)
    deskwork, missing = await desks_of(config, store, desks, roster, press, spawn, zone, stack)
    parts = SessionParts(
        voice, ears, understanding,
        lambda: WebRtcVoiceActivity(config.speech_in.voice_aggressiveness),
        machine.timing(config), reader, lookups, machine.identity(config, store, lookups), DatabaseMemory(store), spawn,
        queues=lambda: switchboard.queue_states(),  # noqa: PLW0108  # it is made below
        card_safe=config.privacy.card_safe,
    )  # fmt: skip
    directory, outside = open_directory(config, store, spawn, stack)
    run = f"{uuid4().hex[:8]}-"
    teacher, policy = Teacher(DatabaseOutcomes(store)), Policy(**config.routing.policy())
    conversations = Conversations(
        machine.times(config), parts, directory, roster, spawn, SpokenSpeller(), zone,
        policy, lambda: teacher.learnt, config.routing.mode == "shadow", post.signals, room,
    )  # fmt: skip

    def adopt(channel: str, call: CallId) -> None:
        spawn(carry(link, channel, call))

    switchboard = Switchboard(
        conversations, press.current, recorder, roster, deskwork, spawn, config.routing.wrap_up_s, adopt, run
    )

    restorer = Restorer(switchboard, roster, deskwork, records, conversations, press.current, run)

    def connected(found: Found) -> None:
        restorer.connected(found)
        deskwork.asterisk("connected")
        spawn(restorer.bring_back(link, found))

    settings = AsteriskSettings(config.asterisk.host, config.asterisk.port, config.asterisk.username, secret)
    link = AsteriskLink(settings, switchboard.on_event, connected, lambda: deskwork.asterisk("lost"))
    conversations.connect(link)
    conversations.recordings = recordings = recordings_of(config, root, stack)
    moves = Moves(
        switchboard.calls, roster, link, MoveSettings(tuple(config.desk.outside), config.routing.agent_ring_s)
    )
    deskwork.connect(switchboard, link, moves)
    above = supervision(config, store, switchboard, deskwork, link, moves, directory, press)
    callers = calling(config, store, switchboard, conversations, link, spawn)
    dispatch = dispatch_of(config, switchboard, roster, link, press, policy, teacher, spawn)
    restorer.dispatch = dispatch
    add_offers(config, store, switchboard, roster, deskwork, spawn, zone)
    media = MediaServer(switchboard)
    media_port = await _listen(media, config)
    works = (recorder, link, dispatch, above.floor, callers, recordings)
    for work in (*(part.run() for part in works), press.watch()):
        group.create_task(work)
    if config.routing.learn != "off":
        group.create_task(teacher.run())
    house = replace(
        _house(config, store, accounts, post, deskwork, desks, RosterStaff(roster, desks, link), press, stack),
        supervision=above,
        call_backs=callers,
        kept=kept(config, root, store, recordings, lambda: press.current.flow, directory, switchboard),
        figures=lambda: figures(
            switchboard,
            roster,
            recorder,
            link.connected,
            post.couriers,
            outside(),
            recordings.figures(),
            machine.speech(room, ears),
        ),
    )
    web_port = await serve_pages(config, house, lambda: link.connected, stack)
    return Server(
        config, store, switchboard, link, media, roster, recorder, records, post, desks, recogniser, press, callers,
        media_port, web_port,
        (*notes, *understanding.notes, *missing), 0.0,
    )  # fmt: skip


async def _listen(media: MediaServer, config: Config) -> int:
    """Open the port for sound; raises ConfigError."""
    try:
        return await media.start(config.media.host, config.media.port)
    except OSError as error:
        raise taken("media", config.media.host, config.media.port, error) from error


def _house(
    config: Config,
    store: Store,
    accounts: DatabaseAccounts,
    post: Post,
    deskwork: Deskwork,
    desks: Desks,
    staff: RosterStaff,
    press: Press,
    stack: contextlib.AsyncExitStack,
) -> House:
    house = House(
        accounts, deskwork, desks, accounts, staff, DatabaseKeys(store), DatabaseAudit(store),
        post.contacts, post.signals, post.office,
        lambda: {name: queue.title for name, queue in press.current.flow.queues.items()},
    )  # fmt: skip
    if elsewhere := single_sign_on(config.oidc, accounts):
        stack.push_async_callback(elsewhere[0].close)
        house = replace(house, provider=elsewhere[0], entrance=elsewhere[1])
    return house


async def serve(config: Config, secret: str, root: Path, ready: Callable[[Server], None] = lambda server: None) -> None:
    """Run until SIGINT or SIGTERM; callers who are on the line then go on to the fallback queue."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with running(config, secret, root) as server:
        spare_the_collector()
        ready(server)
        async with watchdog.alive():
            await stop.wait()
        log.info("stopping")
