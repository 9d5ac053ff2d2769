"""Connections to the pages' port: strangers may open as many as they like, and take nothing from calls or from who works here.

A stranger is a connection that has not yet brought the head of a request, or waits between two. There may be so many of them
and no more; one too many costs the oldest of them its place. A connection that is being served, a desk's WebSocket above all, is
never ended for another's sake.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import web

from ivr.web.guard.rate_limits import address_key

log = structlog.get_logger("ivr.web")
_HEAD_END = (b"\r\n\r\n", b"\n\n")
_TOLD_EVERY_S = 60.0
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a connection may take over each part of a request, and how many there may be."""

    most: int = 1024
    """Connections in all."""
    new_per_address: int = 64
    """Those of one address that have brought no request yet; of a proxy of ours there may be more, it speaks for everybody."""
    head_s: float = 10.0
    """From the connection to the end of its first request's head."""
    between_s: float = 75.0
    """Between two requests; longer than what proxies keep a connection to us."""
    body_s: float = 15.0
    take_s: float = 60.0
    """For a peer that does not take what it asked for."""


@dataclass(eq=False, slots=True)
class _Connection:
    """One of them; ``served`` are its requests that are being answered."""

    transport: asyncio.Transport
    address: str
    served: int = 0
    timer: asyncio.TimerHandle | None = None


Several = dict[asyncio.BaseTransport, _Connection]
"""In the order in which they came to wait."""


@dataclass
class ConnectionGuard:
    """All connections of the port; ``shared`` are addresses behind which many may sit: a proxy of our own."""

    limits: Limits = field(default_factory=Limits)
    shared: frozenset[str] = frozenset()
    ended: int = 0
    """Connections that were ended for want of room or time."""
    _all: Several = field(default_factory=dict)
    _new: Several = field(default_factory=dict)
    _new_of: dict[str, Several] = field(default_factory=dict)
    _idle: Several = field(default_factory=dict)
    _told_at: float = float("-inf")

    def factory(self, server: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """What ``loop.create_server`` is given: the same protocols, watched."""
        return lambda: _Watched(self, server())

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Outermost: knows which connections are being served, and ends one whose body does not come."""
        known = self._all.get(request.transport) if request.transport else None
        late = None
        if known:
            known.served += 1
            self._idle.pop(known.transport, None)
        if request.can_read_body:
            late = asyncio.get_running_loop().call_later(self.limits.body_s, self._body_is_late, request)
        try:
            return await handler(request)
        finally:
            if late:
                late.cancel()
            if known:
                known.served -= 1
                if not known.served and known.transport in self._all:
                    self._idle[known.transport] = known

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._all)

    # -- what the protocols tell

    def made(self, transport: asyncio.Transport) -> _Connection | None:
        """A new one; None when there is no room even so."""
        peer = transport.get_extra_info("peername")
        address = address_key(str(peer[0])) if peer else ""
        mine = self._new_of.get(address, {})
        if address not in self.shared and len(mine) >= self.limits.new_per_address:
            self._end(_oldest(mine), "address")
        if len(self._all) >= self.limits.most:
            if not (waiting := self._new or self._idle):
                self._abort(transport, "all")
                return None
            self._end(_oldest(waiting), "all")
        known = _Connection(transport, address)
        self._all[transport] = self._new[transport] = self._new_of.setdefault(address, {})[transport] = known
        self.within(known, self.limits.head_s)
        return known

    def asked(self, known: _Connection) -> None:
        """Its first request's head is there."""
        self.within(known, None)
        self._no_longer_new(known)
        if not known.served:
            self._idle[known.transport] = known

    def lost(self, known: _Connection) -> None:
        """It is gone."""
        self._all.pop(known.transport, None)
        self._idle.pop(known.transport, None)
        self._no_longer_new(known)
        if known.timer:
            known.timer.cancel()

    def _no_longer_new(self, known: _Connection) -> None:
        self._new.pop(known.transport, None)
        if mine := self._new_of.get(known.address):
            mine.pop(known.transport, None)
            if not mine:
                del self._new_of[known.address]

    def within(self, known: _Connection, seconds: float | None) -> None:
        """It has so long for what it is at; None: as long as it likes."""
        if known.timer:
            known.timer.cancel()
        loop = asyncio.get_running_loop()
        known.timer = None if seconds is None else loop.call_later(seconds, self._end, known, "time")

    def _body_is_late(self, request: web.Request) -> None:
        if request.transport and not request.content.is_eof():
            self._abort(request.transport, "time")

    def _end(self, known: _Connection, why: str) -> None:
        self.lost(known)
        self._abort(known.transport, why)

    def _abort(self, transport: asyncio.BaseTransport, why: str) -> None:
        self.ended += 1
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= _TOLD_EVERY_S:
            self._told_at = now
            log.warning("web_connections_ended", limit=why, ended=self.ended, open=len(self._all))
        # at once, and without waiting until the peer has taken what was sent
        transport.abort()  # type: ignore[attr-defined]


def _oldest(some: Several) -> _Connection:
    return next(iter(some.values()))


class _Watched(asyncio.Protocol):
    """aiohttp's protocol of one connection, with somebody who looks at the clock."""

    def __init__(self, guard: ConnectionGuard, inner: asyncio.Protocol) -> None:
        self._guard = guard
        self._inner = inner
        self._known: _Connection | None = None
        self._head: bytes | None = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._known = self._guard.made(transport)  # type: ignore[arg-type]
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._head is not None and self._known:
            # only the end of what came before matters: the end of the head may come in pieces
            seen = self._head + data
            if any(end in seen for end in _HEAD_END):
                self._head = None
                self._guard.asked(self._known)
            else:
                self._head = seen[-3:]
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._known:
            self._guard.lost(self._known)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._known:
            self._guard.within(self._known, self._guard.limits.take_s)
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._known:
            self._guard.within(self._known, None)
        self._inner.resume_writing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
