"""An agent's desk without a browser: signs in over HTTP and follows the WebSocket, as the page does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp


@dataclass(frozen=True, slots=True)
class Popped:
    """A card as it came."""

    card: dict[str, Any]
    ring_to_pop_ms: float
    """From Asterisk's own time of the ring to the arrival here, in ms."""


@dataclass(slots=True)
class DeskClient:
    """What an agent's page would know."""

    http: aiohttp.ClientSession
    socket: aiohttp.ClientWebSocketResponse
    hello: dict[str, Any]
    cards: dict[str, Popped] = field(default_factory=dict)
    """The first card of each call."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @contextlib.asynccontextmanager
    async def signed_in(cls, address: str, login: str, password: str, compress: int = 0) -> AsyncIterator[DeskClient]:
        """Sign in and stay at the desk for as long as the block runs; raises PermissionError.

        ``compress``: the window that is offered for compressed messages; browsers offer 15.
        """
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            await sign_in(http, address, login, password)
            async with http.ws_connect(f"{address}/ws", origin=address, compress=compress) as socket:
                hello = await socket.receive_json(timeout=10)
                client = cls(http, socket, hello)
                async with asyncio.TaskGroup() as group:
                    reading = group.create_task(client._read())
                    try:
                        yield client
                    finally:
                        reading.cancel()

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            now = time.time()
            said = json.loads(message.data)
            self.messages.append(said)
            if said["type"] == "card":
                card = said["card"]
                if card["call"] not in self.cards:
                    rang = datetime.fromisoformat(card["rang_at"]).timestamp()
                    self.cards[card["call"]] = Popped(card, round((now - rang) * 1000, 1))
                    await self.socket.send_json({"type": "seen", "call": card["call"]})
            self.news.set()


async def sign_in(http: aiohttp.ClientSession, address: str, login: str, password: str) -> None:
    """Sign in as the page does; raises PermissionError."""
    async with http.get(f"{address}/sign-in") as page:
        found = re.search(r'name="csrf"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf"', await page.text())
    if not found:
        raise PermissionError("the sign-in page has no form")
    form = {"login": login, "password": password, "csrf": found.group(1) or found.group(2)}
    async with http.post(f"{address}/sign-in", data=form, allow_redirects=False, headers={"Origin": address}) as answer:
        if answer.status != 303:
            raise PermissionError(f"{login} could not sign in: {answer.status}")
