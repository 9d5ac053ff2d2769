"""What stands between the server and its neighbours here: TCP relays that can be cut, and a CRM that can be ill."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Health = Literal["well", "dead", "slow", "garbage"]
SLOW_S = 5.0


class Relay:
    """Passes one port's connections on to another, until it is cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._whole = True
        self._pairs: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[Relay]:
        """Pass on for as long as the block runs."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        try:
            yield self
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """Every connection breaks, and new ones are refused."""
        self._whole = False
        for pair in self._pairs:
            pair.cancel()

    def mend(self) -> None:
        """New connections are passed on again."""
        self._whole = True

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        pair = asyncio.ensure_future(self._pass_on(reader, writer))
        self._pairs.add(pair)
        pair.add_done_callback(self._pairs.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()  # nobody is there: whoever connects sees that at once, as without us
            return
        try:
            ways = [asyncio.ensure_future(_pump(reader, other)), asyncio.ensure_future(_pump(other_reader, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
        finally:
            writer.transport.abort() if not self._whole else writer.close()
            other.transport.abort() if not self._whole else other.close()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):  # one side has gone: both are closed, which is all there is to do
        while chunk := await source.read(65536):
            sink.write(chunk)
            await sink.drain()


def customer_of(number: str) -> dict[str, str]:
    """Whom the CRM knows under a number: everybody is somebody."""
    digits = number.lstrip("+")
    return {"id": f"K{digits}", "name": f"Customer {digits[-6:]}"}


class Customers:
    """The CRM: knows whoever calls, while it is well."""

    def __init__(self) -> None:
        self.health: Health = "well"

    @contextlib.asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[Customers]:
        """Answer for as long as the block runs."""
        server = await asyncio.start_server(self._take, "127.0.0.1", port)
        try:
            yield self
        finally:
            server.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while self.health != "dead":
                head = await reader.readuntil(b"\r\n\r\n")
                query = parse_qs(urlsplit(head.split(b" ", 2)[1].decode()).query)
                if self.health == "slow":
                    await asyncio.sleep(SLOW_S)
                body = json.dumps(customer_of(query["phone"][0])).encode()
                if self.health == "garbage":
                    body = b"<html>\xff" + body[:20]
                length = f"Content-Length: {len(body)}\r\n\r\n".encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + length + body)
                await writer.drain()
        writer.transport.abort()
