"""An agent's desk that comes back by itself, as the page does: signs in, follows its WebSocket, acknowledges cards."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from ivr.lab.desk_client import sign_in

AGAIN_S = 0.3
HELLO_S = 5.0
SESSION_OVER = 4401


@dataclass(slots=True)
class Desk:
    """One agent's page, and every card that it has shown: the time it came, and the card."""

    login: str
    phone: str
    address: str
    password: str
    open: bool = False
    cards: dict[str, list[tuple[float, dict[str, Any]]]] = field(default_factory=dict)
    """By call."""
    signed_in: int = 0

    async def sit(self) -> None:
        """Be there until cancelled."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(HELLO_S)) as http:
            while True:
                try:
                    await self._follow(http)
                except PermissionError:
                    await self._sign_in(http)
                except (OSError, TimeoutError, aiohttp.ClientError, ValueError):
                    pass  # the server is away; the page tries again, as we do
                finally:
                    self.open = False
                await asyncio.sleep(AGAIN_S)

    async def _sign_in(self, http: aiohttp.ClientSession) -> None:
        try:
            await sign_in(http, self.address, self.login, self.password)
            self.signed_in += 1
        except (OSError, TimeoutError, aiohttp.ClientError):
            pass  # not now: the database, or the server, is away

    async def _follow(self, http: aiohttp.ClientSession) -> None:
        try:
            socket = await http.ws_connect(f"{self.address}/ws", origin=self.address, heartbeat=3)
        except aiohttp.WSServerHandshakeError as refused:
            raise PermissionError(str(refused.status)) from refused
        async with socket:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                said = json.loads(message.data)
                match said["type"]:
                    case "hello":
                        self.open = True
                        for card in said["cards"]:
                            await self._take(card, socket)
                    case "card":
                        await self._take(said["card"], socket)
        if socket.close_code == SESSION_OVER:
            raise PermissionError("the session is over")

    async def _take(self, card: dict[str, Any], socket: aiohttp.ClientWebSocketResponse) -> None:
        shown = self.cards.setdefault(card["call"], [])
        shown.append((time.time(), card))
        if len(shown) == 1:
            await socket.send_json({"type": "seen", "call": card["call"]})
