"""Puts all parts together, owns the outermost TaskGroup, and is the only place that sees adapters and pages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog

from ivr.adapters.asterisk.audiosocket import MediaServer
from ivr.adapters.asterisk.claim import Claim
from ivr.adapters.asterisk.link import AsteriskLink, AsteriskSettings
from ivr.adapters.customers.lookups import SourceLookups
from ivr.adapters.database import (
    DatabaseAccounts,
    DatabaseAudit,
    DatabaseKeys,
    DatabaseMemory,
    DatabaseOutcomes,
    DatabaseRecords,
    DatabaseSecondFactors,
    DatabaseSessions,
    Store,
)
from ivr.adapters.speech_in.voice_activity import WebRtcVoiceActivity
from ivr.adapters.speech_in.vosk import VoskRecogniser
from ivr.adapters.speech_out.voice import PromptVoice
from ivr.calls.agents.learning import OutcomeLearner
from ivr.calls.agents.members import QueueMembers
from ivr.calls.agents.queue_states import queue_states
from ivr.calls.agents.roster import AgentRoster
from ivr.calls.call_backs.placing import CallBacks
from ivr.calls.caller.services import SessionParts
from ivr.calls.caller_lookup import CallerLookup
from ivr.calls.conversation import Conversations
from ivr.calls.deciding import Decisions
from ivr.calls.desk.desk import AgentDesk
from ivr.calls.desk.roster_changes import RosterStaff
from ivr.calls.desk.screen_pop import ScreenPop
from ivr.calls.desk.windows import Desks
from ivr.calls.follower import Follower
from ivr.calls.live_calls import LiveCalls
from ivr.calls.people.audit import Audit
from ivr.calls.people.refusals import CountedRefusals
from ivr.calls.recorder import Recorder
from ivr.calls.recovery import Restorer, carry
from ivr.calls.switchboard import Switchboard
from ivr.config.load import Config
from ivr.core.flow.flow import Flow
from ivr.core.routing import Policy
from ivr.core.weak_passwords import words_here
from ivr.server.data.customers import open_directory
from ivr.server.data.identity import identity
from ivr.server.data.records import RecordFiles, record_files, same_house
from ivr.server.data.retention import forgetting, nightly, stay_erased
from ivr.server.data.webhooks import WebhookServices, open_webhooks
from ivr.server.pages.agents import call_control_of, desk_of, dispatch_of, offers_of
from ivr.server.pages.floor import supervision
from ivr.server.pages.metrics import figures
from ivr.server.pages.sign_on import single_sign_on
from ivr.server.pages.web import serve_pages, taken
from ivr.server.parts import Parts
from ivr.server.process.tasks import Tasks
from ivr.server.speech import speech_in
from ivr.server.speech.publishing import Publisher
from ivr.server.speech.recordings import recording_services, recordings_of
from ivr.server.speech.voice import house_voice
from ivr.server.telephony.call_backs import requests_of
from ivr.web.services import WebServices
from ivr.wire.phone_numbers import emergency_number
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller

log = structlog.get_logger(__name__)
_DRAIN_S = 2.5
_FIRST_ANSWER_S = 3.0
"""For the last contacts to be written; the journal keeps for the next start what is not."""


@dataclass(slots=True)
class Server:
    """The running server, as tests, the demo and the bench see it."""

    config: Config
    store: Store
    calls: LiveCalls
    switchboard: Switchboard
    screen_pop: ScreenPop
    link: AsteriskLink
    claim: Claim
    media: MediaServer
    roster: AgentRoster
    recorder: Recorder
    records: DatabaseRecords
    webhooks: WebhookServices
    desks: Desks
    recogniser: VoskRecogniser
    publisher: Publisher
    call_backs: CallBacks
    media_port: int
    web_port: int
    notes: tuple[str, ...]
    started_in_s: float


@asynccontextmanager
async def running(config: Config, secret: str, root: Path, take_over: bool = False) -> AsyncIterator[Server]:
    """Start everything, give it to the block, stop everything when the block ends.

    Where another server works on this Asterisk, it ends with NotAlone once it is connected; or the other one does, for
    ``take_over``.
    """
    began = time.perf_counter()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.opened(config.database.url, config.privacy.card_safe))
        await same_house(config, store)
        files = await stack.enter_async_context(record_files(config))
        await stay_erased(config, root, store)
        voice = await house_voice(config, root, stack)
        tasks = await stack.enter_async_context(Tasks())
        claim = Claim(uuid4().hex[:12], take_over)
        server = await _build(config, secret, root, store, files, voice, claim, tasks, Parts(tasks, stack))
        # who finds another server there ends, and never was ready; an Asterisk that does not answer is waited for no longer
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_ANSWER_S):
                await server.link.tried.wait()
        server.started_in_s = round(time.perf_counter() - began, 2)
        for note in server.notes:
            log.info("note", note=note)
        log.info("ready", web=server.web_port, media=server.media_port, started_in_s=server.started_in_s)
        try:
            yield server
        finally:
            await server.media.stop()
            await asyncio.gather(server.link.leave(), server.recorder.drain(_DRAIN_S))


async def _build(
    config: Config,
    secret: str,
    root: Path,
    store: Store,
    files: RecordFiles,
    voice: PromptVoice,
    claim: Claim,
    tasks: Tasks,
    parts: Parts,
) -> Server:
    """Each part after those that it stands on; nothing is given to a part once it is built."""
    zone, policy = ZoneInfo(config.dialogue.zone), Policy(**config.routing.policy())

    # the dialogues, and how callers are heard and understood
    lookups = parts.closes(SourceLookups.open(store, config.sources))
    publisher = Publisher(config, root / config.dialogue.folder, voice, lookups.names)
    recogniser, notes = speech_in.recogniser(config, root)
    parts.stack.callback(recogniser.close)
    ears = parts.closes(speech_in.ears(config, recogniser))
    capacity = speech_in.capacity(config, ears, recogniser)
    understanding = await publisher.first()
    reader = SpokenReader(config.database.country, config.dialogue.currency)
    await asyncio.to_thread(reader.warm)

    def flow() -> Flow:
        return publisher.current.flow

    # what everything else looks at: Asterisk, the calls, the agents, the record
    link = _link(config, secret, claim)
    calls = LiveCalls(run=f"{uuid4().hex[:8]}-", card_safe=config.privacy.card_safe)
    accounts = DatabaseAccounts(store, audit := parts.closes(CountedRefusals(DatabaseAudit(store))))
    roster, desks = AgentRoster(await accounts.agents()), Desks()
    members = parts.closes(QueueMembers(link, roster))
    webhooks = open_webhooks(config, store, tasks)
    recorder = Recorder(webhooks.records, journal=files.journal, aside=files.aside)
    await recorder.begin()
    directory, directory_figures = open_directory(config, store, tasks.spawn, parts)
    learner = OutcomeLearner(DatabaseOutcomes(store))
    recordings = recordings_of(config, root, parts.stack)

    # the caller's side
    lookup = CallerLookup(directory, calls.now, webhooks.signals, speech_in.lookup_times(config))
    decisions = Decisions(
        roster, link, calls.now, policy, lambda: learner.learnt, config.routing.agent_ring_s, config.routing.mode == "shadow"
    )  # fmt: skip
    call_back_requests = requests_of(config, store, publisher.current, calls, recorder, tasks)
    session_parts = SessionParts(
        voice, ears, understanding, lambda: WebRtcVoiceActivity(config.speech_in.voice_aggressiveness),
        speech_in.timing(config), reader, lookups, identity(config, store, lookups), DatabaseMemory(store), tasks.spawn,
        queues=lambda: queue_states(flow().queues, calls, roster), card_safe=config.privacy.card_safe, now=calls.now,
    )  # fmt: skip
    conversations = Conversations(
        speech_in.times(config), session_parts, decisions, link, tasks.spawn, SpokenSpeller(config.database.country),
        zone, capacity, recordings, call_back_requests, emergency_number(config.database.country),
    )  # fmt: skip
    follower = Follower(roster, calls, lambda channel, call: tasks.spawn(carry(link, channel, call)))
    switchboard = Switchboard(calls, follower, conversations, lookup, publisher.current, roster, tasks.spawn)

    # the agents' side
    call_control = call_control_of(config, calls, roster, link)
    offers = offers_of(config, store, calls, roster, tasks)
    desk, desk_notes = await desk_of(config, store, desks, roster, calls, flow, members, call_control, offers, tasks)
    parts.stack.callback(desk.day.stop)
    screen_pop = ScreenPop(desk, roster, calls, config.routing.wrap_up_s)
    dispatch = dispatch_of(config, calls, members, flow, policy, learner, tasks)
    call_backs = CallBacks(call_back_requests, calls, follower, roster, lookup, decisions, link, tasks.spawn, zone)
    supervised = supervision(
        config, store, calls, roster, desk, link, call_control, directory, flow,
        parts.grave,
    )  # fmt: skip

    # who hears of what happens, in this order: the desks first, no work of ours stands between a ring and its card
    calls.subscribe(
        roster.noted, screen_pop.noted, recorder.noted, follower.noted, offers.noted, dispatch.noted, call_back_requests.noted,
        call_backs.noted, looked=(roster.follow, screen_pop.sync),
    )  # fmt: skip

    # who works as long as the server runs
    restorer = Restorer(
        calls, follower, roster, desk, webhooks.records, lookup, publisher.current, dispatch, link, switchboard, tasks.spawn
    )  # fmt: skip
    staff = RosterStaff(roster, desks, members)
    media = MediaServer(switchboard)
    media_port = await _listen(media, config)
    parts.run(
        recorder.run(), link.run(switchboard.on_event, restorer.connected, lambda: desk.asterisk("lost")), dispatch.run(),
        supervised.floor.run(), call_backs.run(), recordings.run(), publisher.watch(), staff.run(accounts.agents),
        nightly(config, store), forgetting(config, store, desk.day.forget, voice.forget, parts.forget), audit.run(),
    )  # fmt: skip
    if config.routing.learn != "off":
        parts.run(learner.run())

    # how it stands, for whoever watches
    parts.watch(
        asterisk=lambda: None if link.connected else "not connected",
        sound=lambda: switchboard.unheard.problem(calls.now(), zone),
        record=recorder.problem,
        dialogues=publisher.problem,
    )
    house = _services(config, store, accounts, audit, webhooks, desk, desks, staff, flow, parts)
    house = replace(
        house,
        supervision=supervised,
        call_backs=call_back_requests,
        recording=recording_services(config, root, store, recordings, flow, directory, calls),
        figures=lambda: figures(
            calls, flow(), roster, screen_pop, recorder, link.connected, webhooks.deliveries, directory_figures(),
            recordings.figures(), speech_in.speech(capacity, ears),
        ),
    )  # fmt: skip
    web_port = await serve_pages(config, house, parts)
    return Server(
        config, store, calls, switchboard, screen_pop, link, claim, media, roster, recorder, webhooks.records, webhooks, desks,
        recogniser, publisher, call_backs, media_port, web_port,
        (*notes, *understanding.notes, *publisher.unsaid, *desk_notes, *files.notes), 0.0,
    )  # fmt: skip


def _link(config: Config, secret: str, claim: Claim) -> AsteriskLink:
    where = config.asterisk
    return AsteriskLink(AsteriskSettings(where.host, where.port, where.username, secret), claim)


async def _listen(media: MediaServer, config: Config) -> int:
    """Open the port for sound; raises ConfigError."""
    try:
        return await media.start(config.media.host, config.media.port)
    except OSError as error:
        raise taken("media", config.media.host, config.media.port, error) from error


def _services(
    config: Config,
    store: Store,
    accounts: DatabaseAccounts,
    audit: Audit,
    webhooks: WebhookServices,
    desk: AgentDesk,
    desks: Desks,
    staff: RosterStaff,
    flow: Callable[[], Flow],
    parts: Parts,
) -> WebServices:
    """What the pages and the API stand on."""
    services = WebServices(
        accounts, desk, desks, accounts, staff, DatabaseKeys(store), audit,
        DatabaseSessions(store), DatabaseSecondFactors(store),
        webhooks.contacts, webhooks.signals, webhooks.admin,
        lambda: {name: queue.title for name, queue in flow().queues.items()},
        own_words=lambda: words_here(flow(), config.web.hosts),
    )  # fmt: skip
    if found := single_sign_on(config.oidc, accounts):
        provider, admission = found
        services = replace(services, provider=parts.closes(provider), admission=admission)
    return services
