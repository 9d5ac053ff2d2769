"""panoramisk's client, with four faults of its version 1.4 built around.

An action has no time-out; one that waits when the connection drops never ends; its reconnecting does not slow down; a
character split over two reads is lost.
"""

from __future__ import annotations

import asyncio
import codecs
from typing import Any

import panoramisk
from panoramisk.ami_protocol import AMIProtocol


class Protocol(AMIProtocol):  # type: ignore[misc]
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


class Manager(panoramisk.Manager):  # type: ignore[misc]
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
        connection = self.loop.create_connection(Protocol, self.config["host"], self.config["port"])
        async with asyncio.timeout(timeout_s):  # not wait_for: it may swallow a cancellation
            opened.set_result(await connection)
        self.connection_made(opened)
        async with asyncio.timeout(timeout_s):
            answer = await asyncio.shield(self.authenticated_future)
        if not answer.success:
            raise PermissionError(f"Asterisk refused the manager user {self.config['username']!r}: {answer.message}")

    def end(self) -> None:
        """Close the connection, whatever state it is in."""
        if self.pinger:
            self.pinger.cancel()
            self.pinger = None
        protocol = getattr(self, "protocol", None)
        if protocol is not None and not protocol.closed:
            protocol.transport.abort()
