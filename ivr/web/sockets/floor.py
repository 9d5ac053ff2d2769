"""The floor's WebSocket: the whole floor first, then the rows that change, and the call that the page has open.

The page says two things: which call it has open (``{"type": "watch", "call": UUID or null}``), and that it is still there.
What a supervisor does goes by the API, where it is audited.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import UUID

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from ivr.calls.floor.floor import Floor, Watcher
from ivr.calls.people.accounts import Account, Accounts
from ivr.calls.people.audit import Audit, Entry
from ivr.core.caller import CallId
from ivr.web.guard.rate_limits import Pace
from ivr.web.guard.sessions import Sessions
from ivr.web.guard.visitor import person
from ivr.web.settings import WebSettings
from ivr.web.sockets.page import PageSocket, PageSockets

log = structlog.get_logger("ivr.web")


def may_look(account: Account) -> bool:
    """Who may see the floor."""
    return account.may("supervisor")


class FloorSockets(PageSockets):
    """All open floors of the server."""

    def __init__(
        self, accounts: Accounts, floor: Floor, audit: Audit, sessions: Sessions, settings: WebSettings
    ) -> None:
        super().__init__(accounts, sessions, settings)
        self._floor = floor
        self._audit = audit

    async def handle(self, request: web.Request) -> web.StreamResponse:
        return await self.hold(request, person(request).login, self._talk)

    async def _talk(self, page: PageSocket) -> None:
        try:
            await self._audit.write(Entry(page.actor, "floor.read"))
        except OSError as error:
            log.warning("floor not opened: the trail cannot be written", login=page.name, problem=str(error))
            await page.close(WSCloseCode.TRY_AGAIN_LATER)
            return
        with self._floor.open(page.account.login) as (watcher, state):
            await page.send({"type": "hello", **state, "language": page.account.language})
            async with asyncio.TaskGroup() as group:
                news = group.create_task(page.tell(watcher.window))
                watch = group.create_task(page.watch(may_look))
                try:
                    await self._listen(page, watcher)
                finally:
                    news.cancel()
                    watch.cancel()

    async def _listen(self, page: PageSocket, watcher: Watcher) -> None:
        pace = Pace(self.settings.messages_per_s, time.monotonic)
        async for frame in page.ws:
            if not pace.take():
                log.warning("floor_too_fast", login=page.name)
                await page.close(WSCloseCode.POLICY_VIOLATION)
            elif frame.type is not WSMsgType.TEXT or not await self._take(page, watcher, frame.data):
                log.warning("floor_malformed", login=page.name)
                await page.close(WSCloseCode.UNSUPPORTED_DATA)

    async def _take(self, page: PageSocket, watcher: Watcher, text: str) -> bool:
        """Do what a message says; False when it says nothing that the page may."""
        match _read(text):
            case {"type": "ping", "id": int(number)}:
                await page.send({"type": "ack", "id": number, "ok": True})
            case {"type": "watch", "call": None}:
                self._floor.watch(watcher, None)
            case {"type": "watch", "call": str(call)} if (wanted := _uuid(call)) is not None:
                await self._watch_call(page, watcher, wanted)
            case _:
                return False
        return True

    async def _watch_call(self, page: PageSocket, watcher: Watcher, call: CallId) -> None:
        """Somebody's conversation is read while it goes on: that is written down, or not done."""
        try:
            if watcher.call != call:
                await self._audit.write(Entry(page.actor, "call.read", str(call)))
        except OSError as error:
            log.warning("call not opened: the trail cannot be written", login=page.name, problem=str(error))
        else:
            self._floor.watch(watcher, call)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _uuid(text: str) -> CallId | None:
    try:
        return CallId(UUID(text))
    except ValueError:
        return None
