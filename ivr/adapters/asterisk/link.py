"""Asterisk's manager interface, through panoramisk: events in, actions out, reconnecting for ever."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from ivr.adapters.asterisk.claim import EVENT, Claim, NotAlone
from ivr.adapters.asterisk.manager import Manager
from ivr.calls.ports import Refused
from ivr.core.caller import Agent
from ivr.core.texts import text
from ivr.wire.asterisk import ami
from ivr.wire.asterisk.ami_events import Found

log = structlog.get_logger(__name__)
FIRST_DELAY_S, GROWTH = 0.5, 1.7


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """Where Asterisk's manager listens and who we are there."""

    host: str
    port: int
    username: str
    secret: str
    action_timeout_s: float = 3.0
    ping_s: float = 5.0
    longest_delay_s: float = 30.0


class AsteriskLink:
    """The one connection to Asterisk's manager: actions can be asked for from the beginning, events come once it runs."""

    def __init__(self, settings: AsteriskSettings, claim: Claim | None = None) -> None:
        self._settings = settings
        self._claim = claim
        self._manager: Manager | None = None
        self._follows = False
        self._looking = 0
        self._meanwhile: list[tuple[ami.Event, float | None]] = []
        self._on_event: Callable[[ami.Event, float | None], None] = lambda event, stamp: None
        self.tried = asyncio.Event()
        """Whether Asterisk has been asked once, however that ended."""

    @property
    def connected(self) -> bool:
        """Whether we follow what happens: signed in, the place is ours, and what Asterisk has is known."""
        return self._follows

    async def run(
        self,
        on_event: Callable[[ami.Event, float | None], None],
        on_connected: Callable[[Found], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Keep the connection, for ever; ends only by being cancelled, or with NotAlone.

        ``on_event`` is called for each event that means something, with Asterisk's own time stamp where it gives one
        (``timestampevents = yes``); ``on_connected`` after every sign-in, with what Asterisk knows at that moment, so that
        what was missed can be reconciled; ``on_lost`` when the connection ends.
        """
        self._on_event = on_event
        delay_s = FIRST_DELAY_S
        while True:
            manager = Manager(
                loop=asyncio.get_running_loop(),
                host=self._settings.host,
                port=self._settings.port,
                username=self._settings.username,
                secret=self._settings.secret,
                ping_delay=86_400,
            )
            try:
                await manager.open(self._settings.action_timeout_s)
                manager.register_event("*", self._heard)
                self._manager = manager
                with self._holding():
                    await self._take_place()
                    found = await self._look()
                    self._follows = True
                    on_connected(found)
                log.info("asterisk connected", host=self._settings.host, port=self._settings.port)
                self.tried.set()
                delay_s = FIRST_DELAY_S
                await self._watch(manager)
            except (OSError, TimeoutError, Refused) as error:
                where = f"{self._settings.host}:{self._settings.port}"
                problem = f"{where}: {str(error) or 'no answer in time'}; `ivr doctor` says more"
                log.warning("asterisk not connected", problem=problem, retry_in_s=round(delay_s, 1))
                self.tried.set()
            finally:
                if self._manager is not None:
                    self._manager, self._follows = None, False
                    on_lost()
                manager.end()
            # a little chance, so that several servers do not come back all at once
            await asyncio.sleep(delay_s * random.uniform(0.8, 1.2))  # noqa: S311
            delay_s = min(delay_s * GROWTH, self._settings.longest_delay_s)

    def _heard(self, _manager: Any, message: Any) -> None:
        if self._claim and ami.first(message, "UserEvent") == EVENT:
            self._claim.heard(ami.first(message, "Says") or "", ami.first(message, "By") or "", self)
            return
        understood = ami.understand(message)
        if understood is None:
            return
        if self._looking:
            self._meanwhile.append((understood, ami.stamp(message)))
        else:
            self._on_event(understood, ami.stamp(message))

    async def _watch(self, manager: Manager) -> None:
        """Wait until the connection ends; a peer that answers no ping counts as gone."""
        while not manager.lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.ping_s):  # wait_for may swallow a cancellation
                    await manager.lost.wait()
            if not manager.lost.is_set():
                await self._act("Ping", {})
        raise ConnectionError("the connection to Asterisk was lost")

    # -- actions

    async def _act(self, name: str, fields: Mapping[str, str], many: bool | None = False) -> list[Any]:
        """Send one action and wait for its answer; raises Refused in every other case.

        ``many``: a list follows; None: a list when there is something, and only that it is refused when there is not.
        """
        manager = self._manager
        if manager is None:
            raise Refused(_DOWN)
        try:
            async with asyncio.timeout(self._settings.action_timeout_s):
                answer = await manager.send_action(ami.action(name, fields), as_list=many)
        except (ConnectionError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                manager.end()
            raise Refused(_DOWN) from error
        answers = answer if isinstance(answer, list) else [answer]
        if not answers[0].success:
            said = str(answers[0].message)
            raise Refused(text("calls.asterisk_says", said=said))
        return answers

    async def set_variables(self, channel: str, variables: dict[str, str]) -> None:
        """Set channel variables, all or an error."""
        if not channel:
            raise Refused(_NO_CHANNEL)  # without a channel Asterisk would set them for everybody
        for name, value in variables.items():
            await self._act("Setvar", {"Channel": channel, "Variable": name, "Value": value})

    async def pause(self, queue: str, interface: str, paused: bool, reason: str | None) -> None:
        """Pause or un-pause a member of one queue."""
        fields = {"Queue": queue, "Interface": interface, "Paused": "true" if paused else "false"}
        await self._act("QueuePause", fields | ({"Reason": reason} if reason else {}))

    async def join_queues(self, agent: Agent) -> list[str]:
        """Make the agent a member of each of their queues; those in which they were none before."""
        added = []
        for queue in agent.queues:
            fields = {"Queue": queue, "Interface": agent.interface, "MemberName": agent.name}
            try:
                await self._act("QueueAdd", fields)
                added.append(queue)
            except Refused as refused:
                if "Already there" not in str(refused):
                    raise
        return added

    async def leave_queues(self, agent: Agent) -> None:
        """Take the agent out of their queues; not being in one is no error, nor is standing in queues.conf."""
        for queue in agent.queues:
            try:
                await self._act("QueueRemove", {"Queue": queue, "Interface": agent.interface})
            except Refused as refused:
                if not any(said in str(refused).lower() for said in ("not in queue", "not dynamic")):
                    raise

    async def tell(self, event: str, fields: Mapping[str, str]) -> None:
        """Tell everybody who is connected to the manager, ourselves too."""
        await self._act("UserEvent", {"UserEvent": event, **fields})

    async def leave(self) -> None:
        """Say goodbye, before the connection is ended."""
        if self._claim and self._manager is not None:
            await self._claim.leave(self)

    async def remember(self, family: str, key: str, value: str) -> None:
        """Write something into Asterisk's own database."""
        await self._act("DBPut", {"Family": family, "Key": key, "Val": value})

    async def recall(self, family: str, key: str) -> str | None:
        """What is written there; None: nothing."""
        try:
            answers = await self._act("DBGet", {"Family": family, "Key": key}, many=None)
        except Refused as refused:
            if "not found" not in str(refused).lower():
                raise
            return None
        return next((value for one in answers if (value := ami.first(one, "Val"))), None)

    async def forget(self, family: str, key: str) -> None:
        """Take it out again; not being there is no error."""
        try:
            await self._act("DBDel", {"Family": family, "Key": key})
        except Refused:  # what is not there "could not be deleted" in some versions, and is "not found" in others
            if await self.recall(family, key) is not None:
                raise

    async def redirect(self, channel: str, where: str, extra: str | None = None, extra_where: str = "") -> None:
        """Send a channel, or two at the same moment, to "context,extension" of the dialplan."""
        context, extension = where.split(",")
        fields = {"Channel": channel, "Context": context, "Exten": extension, "Priority": "1"}
        if extra is not None:
            context, extension = extra_where.split(",")
            fields |= {"ExtraChannel": extra, "ExtraContext": context, "ExtraExten": extension, "ExtraPriority": "1"}
        await self._act("Redirect", fields)

    async def originate(
        self, interface: str, where: str, caller_id: str, variables: Mapping[str, str], within_s: float = 20
    ) -> None:
        """Ring a phone for so long; when it is answered, it goes to "context,extension" of the dialplan.

        Does not wait for that.
        """
        context, extension = where.split(",")
        fields = {
            "Channel": interface, "Context": context, "Exten": extension, "Priority": "1", "CallerID": caller_id,
            "Timeout": str(round(within_s * 1000)), "Async": "true",
            # in quotes: a comma parts variables
            "Variable": ",".join(f'{name}="{ami.unquoted(name, value)}"' for name, value in variables.items()),
        }  # fmt: skip
        await self._act("Originate", fields)

    async def hang_up(self, channel: str) -> None:
        await self._act("Hangup", {"Channel": channel, "Cause": "16"})

    async def _take_place(self) -> None:
        """Nothing that another server is told of reaches us before the place is ours. Raises NotAlone."""
        if self._claim:
            try:
                await self._claim.make(self)
            except NotAlone:
                self._meanwhile.clear()
                raise

    @contextlib.contextmanager
    def _holding(self) -> Iterator[None]:
        """What is told meanwhile is told after the block."""
        self._looking += 1
        try:
            yield
        finally:
            self._looking -= 1
            if not self._looking:
                meanwhile, self._meanwhile = self._meanwhile, []
                for event, stamp in meanwhile:
                    self._on_event(event, stamp)

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncIterator[Found]:
        """What Asterisk knows now; events that come meanwhile are told after the block.

        Asterisk answers in several lists, one after the other: a call that rings between them is in none, and whoever
        took its news before them would believe that it had ended.
        """
        with self._holding():
            yield await self._look()

    async def _look(self) -> Found:
        """Its channels with the calls they belong to, the queues' members, and who waits in them."""
        channels, members, waiting = [], [], {}
        for message in (await self._act("Status", {"Variables": "IVR_CALL,IVR_DNIS"}, many=True))[1:]:
            channel = ami.found_channel(message)
            if channel:
                channels.append(channel)
        for message in (await self._act("QueueStatus", {}, many=True))[1:]:
            event = ami.understand(message)
            if isinstance(event, ami.MemberState):
                members.append(event)
            entry = ami.queue_entry(message)
            if entry:
                waiting[entry[0]] = entry[1]
        return Found(tuple(channels), tuple(members), waiting)


_NO_CHANNEL = text("calls.no_channel")
_DOWN = text("calls.asterisk_down")
