"""The AudioSocket server: Asterisk connects, one connection a call.

Nothing here awaits: bytes come in, are parsed, and go straight to the session's ear; the playout sends by its own clock.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import cast

import structlog

from ivr.adapters.asterisk.playout import Jitter, Playout
from ivr.calls.caller.ports import Line, LineOwner
from ivr.calls.ports import Switchboard
from ivr.core.caller import CallId
from ivr.wire.asterisk.audiosocket import HANGUP_MESSAGE, Audio, Gone, Identity, Key, Parser, ProtocolError

log = structlog.get_logger(__name__)
IDENTIFY_WITHIN_S = 2.0
"""A connection that does not say which call it is within this time is closed."""
BACKED_UP_BYTES = 3 * 323
"""More than this in the socket's buffer means that Asterisk has stopped reading: frames are left out."""


class AudioSocketLine(asyncio.Protocol):
    """One connection from Asterisk; the ``Line`` of a session once its call is known."""

    def __init__(self, switchboard: Switchboard, jitter: Jitter, lines: set[AudioSocketLine]) -> None:
        self._switchboard = switchboard
        self._lines = lines
        self._parser = Parser()
        self._jitter = jitter
        self._owner: LineOwner | None = None
        self._gone = False
        self._call: CallId | None = None

    # -- the Line that a session sees

    def play(self, pcm: bytes) -> None:
        """Say this after what waits already."""
        self._playout.play(pcm, self._drained)

    def cut(self) -> bool:
        """Stop talking within two frames."""
        return self._playout.cut()

    def hold(self) -> bool:
        """Fall silent and remember the place."""
        return self._playout.hold()

    def resume(self) -> None:
        """Go on where ``hold`` stopped."""
        self._playout.resume()

    @property
    def talking(self) -> bool:
        """Whether something is being said."""
        return self._playout.busy

    def close(self) -> None:
        """Leave AudioSocket; the dialplan goes on."""
        if not self._gone:
            self._playout.stop()
            self._transport.write(HANGUP_MESSAGE)
            self._transport.close()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=64 * 1024)
        self._lines.add(self)
        self._playout = Playout(
            self._transport.write,
            lambda: self._transport.get_write_buffer_size() > BACKED_UP_BYTES,
            self._talking,
            self._jitter,
            self._played,
        )
        self._timer = asyncio.get_running_loop().call_later(IDENTIFY_WITHIN_S, self._unnamed)

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._parser.feed(data)
        except ProtocolError as error:
            log.warning("audiosocket refused", problem=str(error), call=str(self._call) if self._call else None)
            self._transport.abort()
            return
        for message in messages:
            match message:
                case Audio(pcm):
                    if self._owner:
                        self._owner.on_sound(pcm)
                case Identity(call):
                    self._identified(CallId(call))
                case Key(digit):
                    if self._owner:
                        self._owner.on_key(digit, "audiosocket")
                case Gone(code):
                    if code is not None:
                        log.info("audiosocket error from asterisk", code=code, call=str(self._call))
                    self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone = True
        self._lines.discard(self)
        self._timer.cancel()
        self._playout.stop()
        if self._owner:
            self._owner.on_line_gone()
        elif self._call:
            self._switchboard.line_lost(self._call, self)

    # -- inner workings

    def _identified(self, call: CallId) -> None:
        self._timer.cancel()
        self._call = call
        problem = self._switchboard.line_arrived(call, self)
        if problem:
            log.warning("audiosocket refused", problem=problem, call=str(call))
            self._transport.abort()
            return
        self._playout.start()

    def attach(self, owner: LineOwner) -> None:
        """From now on the session hears this line."""
        self._owner = owner

    def _talking(self, at: float) -> None:
        if self._owner:
            self._owner.on_talking(at)

    def _played(self, pcm: bytes) -> None:
        if self._owner:
            self._owner.on_played(pcm)

    def _drained(self) -> None:
        if self._owner and not self._playout.busy:
            self._owner.on_drained()

    def _unnamed(self) -> None:
        log.warning("audiosocket refused", problem=f"no UUID within {IDENTIFY_WITHIN_S:.0f} s", call=None)
        self._transport.abort()


_: type[Line] = AudioSocketLine


class MediaServer:
    """Listens for Asterisk's AudioSocket connections."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self.jitter = Jitter()
        self._lines: set[AudioSocketLine] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (useful with port 0). Raises OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: AudioSocketLine(self._switchboard, self.jitter, self._lines), host, port
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Refuse new lines and leave those that are left: their callers go on in the dialplan."""
        if self._server is None:
            return
        self._server.close()
        for line in list(self._lines):
            line.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._server.wait_closed()
