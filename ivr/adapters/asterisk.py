"""Asterisk's manager interface, through panoramisk: events in, actions out, reconnecting for ever.

panoramisk 1.4 is used with four of its faults built around: an action has no time-out; one that waits when the connection
drops never ends; its reconnecting does not slow down; a character split over two reads is lost.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import panoramisk
import structlog
from panoramisk.ami_protocol import AMIProtocol

from ivr.calls.ports import Refused
from ivr.core.caller import Agent
from ivr.core.card import Text
from ivr.wire import ami
from ivr.wire.ami_events import Found

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


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """panoramisk's protocol, with split characters kept and waiting actions ended when the connection is lost."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def data_received(self, data: bytes) -> None:
        super().data_received(self._decoder.decode(data).encode("utf-8"))

    def connection_lost(self, exc: Any) -> None:
        waiting = list(self.responses.values())
        self.responses.clear()
        for action in waiting:
            if not action.future.done():
                action.future.set_exception(ConnectionError("the connection to Asterisk was lost"))
                action.future.exception()  # seen: an action that nobody awaits any more is no news
        super().connection_lost(exc)


class _Manager(panoramisk.Manager):  # type: ignore[misc]
    """panoramisk's manager without its own reconnecting: ``lost`` is set, the link decides."""

    lost: asyncio.Event
    pinger: asyncio.TimerHandle | None

    def connection_lost(self, exc: Any) -> None:
        self._connected = False
        if self.pinger:
            self.pinger.cancel()
            self.pinger = None
        self.lost.set()

    def login(self, future: asyncio.Future[Any]) -> bool:
        return not future.cancelled() and future.exception() is None and bool(super().login(future))

    async def open(self, timeout_s: float) -> None:
        """Connect and sign in. Raises OSError, TimeoutError or PermissionError."""
        self.lost = asyncio.Event()
        opened = self.loop.create_future()
        connection = self.loop.create_connection(_Protocol, self.config["host"], self.config["port"])
        opened.set_result(await asyncio.wait_for(connection, timeout_s))
        self.connection_made(opened)
        answer = await asyncio.wait_for(asyncio.shield(self.authenticated_future), timeout_s)
        if not answer.success:
            raise PermissionError(f"Asterisk refused the manager user {self.config['username']!r}: {answer.message}")


class AsteriskLink:
    """The one connection to Asterisk's manager.

    ``on_event`` is called for each event that means something, with Asterisk's own time stamp where it gives one
    (``timestampevents = yes``); ``on_connected`` after every sign-in, with what Asterisk knows at that moment, so that
    what was missed can be reconciled; ``on_lost`` when the connection ends.
    """

    def __init__(
        self,
        settings: AsteriskSettings,
        on_event: Callable[[ami.Event, float | None], None],
        on_connected: Callable[[Found], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._on_connected = on_connected
        self._on_lost = on_lost
        self._manager: _Manager | None = None

    @property
    def connected(self) -> bool:
        """Whether we are signed in."""
        return self._manager is not None

    async def run(self) -> None:
        """Keep the connection, for ever; ends only by being cancelled."""
        delay_s = FIRST_DELAY_S
        while True:
            manager = _Manager(
                loop=asyncio.get_running_loop(),
                host=self._settings.host,
                port=self._settings.port,
                username=self._settings.username,
                secret=self._settings.secret,
                ping_delay=86_400,
            )
            try:
                await manager.open(self._settings.action_timeout_s)
                manager.register_event("*", self._event)
                self._manager = manager
                self._on_connected(await self.look())
                log.info("asterisk connected", host=self._settings.host, port=self._settings.port)
                delay_s = FIRST_DELAY_S
                await self._watch(manager)
            except (OSError, TimeoutError, Refused) as error:
                log.warning(
                    "asterisk not connected", problem=str(error) or "no answer in time", retry_in_s=round(delay_s, 1)
                )
            finally:
                if self._manager is not None:
                    self._manager = None
                    self._on_lost()
                _end(manager)
            # a little chance, so that several servers do not come back all at once
            await asyncio.sleep(delay_s * random.uniform(0.8, 1.2))  # noqa: S311
            delay_s = min(delay_s * GROWTH, self._settings.longest_delay_s)

    async def _watch(self, manager: _Manager) -> None:
        """Wait until the connection ends; a peer that answers no ping counts as gone."""
        while not manager.lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._settings.ping_s):  # wait_for may swallow a cancellation
                    await manager.lost.wait()
            if not manager.lost.is_set():
                await self._act("Ping", {})
        raise ConnectionError("the connection to Asterisk was lost")

    def _event(self, _manager: Any, message: Any) -> None:
        event = ami.understand(message)
        if event is not None:
            self._on_event(event, _stamp(message))

    # -- actions

    async def _act(self, name: str, fields: Mapping[str, str], many: bool = False) -> list[Any]:
        """Send one action and wait for its answer; raises Refused in every other case."""
        manager = self._manager
        if manager is None:
            raise Refused(_DOWN)
        try:
            sent = manager.send_action(ami.action(name, fields), as_list=many)
            answer = await asyncio.wait_for(sent, self._settings.action_timeout_s)
        except (ConnectionError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                _end(manager)
            raise Refused(_DOWN) from error
        answers = answer if isinstance(answer, list) else [answer]
        if not answers[0].success:
            said = str(answers[0].message)
            raise Refused({"en": f"Asterisk says: {said}", "zh": f"Asterisk 返回：{said}"})
        return answers

    async def set_variables(self, channel: str, variables: dict[str, str]) -> None:
        """Set channel variables, all or an error."""
        if not channel:
            raise Refused(_NO_CHANNEL)  # without a channel Asterisk would set them for everybody
        for name, value in variables.items():
            await self._act("Setvar", {"Channel": channel, "Variable": name, "Value": value})

    async def pause(self, interface: str, paused: bool, reason: str | None) -> None:
        """Pause or un-pause a member in all its queues."""
        fields = {"Interface": interface, "Paused": "true" if paused else "false"}
        await self._act("QueuePause", fields | ({"Reason": reason} if reason else {}))

    async def join_queues(self, agent: Agent) -> None:
        """Make the agent a member of each of their queues; already being one is no error."""
        for queue in agent.queues:
            fields = {"Queue": queue, "Interface": agent.interface, "MemberName": agent.name}
            try:
                await self._act("QueueAdd", fields)
            except Refused as refused:
                if "Already there" not in str(refused):
                    raise

    async def leave_queues(self, agent: Agent) -> None:
        """Take the agent out of their queues; not being in one is no error."""
        for queue in agent.queues:
            try:
                await self._act("QueueRemove", {"Queue": queue, "Interface": agent.interface})
            except Refused as refused:
                if "not in queue" not in str(refused).lower():
                    raise

    async def remember(self, family: str, key: str, value: str) -> None:
        """Write something into Asterisk's own database."""
        await self._act("DBPut", {"Family": family, "Key": key, "Val": value})

    async def forget(self, family: str, key: str) -> None:
        """Take it out again; not being there is no error."""
        try:
            await self._act("DBDel", {"Family": family, "Key": key})
        except Refused as refused:
            if "not found" not in str(refused).lower():
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
        """End a channel."""
        await self._act("Hangup", {"Channel": channel, "Cause": "16"})

    async def look(self) -> Found:
        """What Asterisk knows now: its channels with the calls they belong to, the queues' members, and who waits in them."""
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


_NO_CHANNEL: Text = {"en": "That call has no line yet.", "zh": "该通话尚无线路。"}
_DOWN: Text = {"en": "Asterisk cannot be reached just now.", "zh": "目前无法连接 Asterisk。"}


def _end(manager: _Manager) -> None:
    """Close a manager's connection, whatever state it is in."""
    if manager.pinger:
        manager.pinger.cancel()
        manager.pinger = None
    protocol = getattr(manager, "protocol", None)
    if protocol is not None and not protocol.closed:
        protocol.transport.abort()


def _stamp(message: Any) -> float | None:
    text = ami.first(message, "Timestamp")
    try:
        return float(text) if text else None
    except ValueError:
        return None
