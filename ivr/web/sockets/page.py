"""An open page of ours: what it is sent, for how long it may stay, and what becomes of one that does not read."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from aiohttp import ClientConnectionResetError, WSCloseCode, web

from ivr.calls.desk.windows import Window
from ivr.calls.people.accounts import Account, Accounts
from ivr.core.told import leaves
from ivr.web.guard.origins import same_origin
from ivr.web.guard.sessions import Session, Sessions
from ivr.web.guard.visitor import VISITOR, person
from ivr.web.settings import WebSettings
from ivr.wire.card_json import dumps

SESSION_OVER = 4401
"""Close code: sign in again."""
CLOSE_S = 2.0
log = structlog.get_logger("ivr.web")


class PageSocket:
    """One open page; ``name`` is what the log calls whose it is."""

    def __init__(
        self,
        sockets: PageSockets,
        request: web.Request,
        ws: web.WebSocketResponse,
        session: Session,
        account: Account,
        name: str,
    ) -> None:
        self.ws = ws
        self.account = account
        self.name = name
        self.actor = request[VISITOR].actor
        self._sockets = sockets
        self._request = request
        self._session = session

    async def tell(self, window: Window) -> None:
        """Pass on what comes into a window; one that has fallen behind is closed, and comes back."""
        while (text := await window.next()) is not None:
            await self.send_text(text)
        log.info("desk_behind", agent=self.name)
        await self.close(WSCloseCode.TRY_AGAIN_LATER)

    async def watch(self, may: Callable[[Account], bool] = lambda account: True) -> None:
        """Close the page once its session is over, or its person may not have it any more."""
        sessions = self._sockets.sessions
        while (left_s := sessions.remaining_s(self._session)) > 0:
            try:
                async with asyncio.timeout(min(left_s, self._sockets.settings.recheck_s)):
                    await self._session.ended.wait()
            except TimeoutError:
                try:
                    account = await sessions.account(self._session, self._sockets.accounts)
                except Exception:
                    log.exception("account_not_checked", agent=self.name)  # look again next time
                    continue
                if account is not None and not may(account):
                    break
                if account is not None and sessions.remaining_s(self._session) > 0:
                    sessions.touch(self._session)  # an open page is in use, however quiet the day
        await self.close(SESSION_OVER)

    async def send(self, message: dict[str, Any]) -> None:
        await self.send_text(dumps(message))

    async def send_text(self, text: str) -> None:
        """Send one message as it goes over the wire; a browser that does not take it is cut off."""
        if self.ws.closed:
            return
        try:
            async with asyncio.timeout(self._sockets.settings.send_s):
                await self.ws.send_str(text)
        except TimeoutError:
            log.warning("desk_stuck", agent=self.name)
            if self._request.transport is not None:
                self._request.transport.abort()
        except ConnectionError:
            pass  # it left; the reader notices

    async def close(self, code: int) -> None:
        await closed(self.ws, code)


class PageSockets:
    """All open pages of one kind."""

    def __init__(self, accounts: Accounts, sessions: Sessions, settings: WebSettings) -> None:
        self.accounts = accounts
        self.sessions = sessions
        self.settings = settings
        self._open: set[web.WebSocketResponse] = set()
        self._places: Counter[str] = Counter()

    async def hold(
        self, request: web.Request, name: str, talk: Callable[[PageSocket], Awaitable[None]]
    ) -> web.StreamResponse:
        """Open a page's socket and talk with it until it is over."""
        if not same_origin(request):
            raise web.HTTPForbidden
        session, account = request[VISITOR].session, person(request)
        if session is None:
            raise web.HTTPForbidden
        with self._place(session):
            ws = web.WebSocketResponse(
                timeout=CLOSE_S, heartbeat=self.settings.heartbeat_s, max_msg_size=self.settings.message_bytes
            )
            await ws.prepare(request)
            self._open.add(ws)
            try:
                await talk(PageSocket(self, request, ws, session, account, name))
            except Exception as error:
                if not all(
                    isinstance(one, ClientConnectionResetError) for one in leaves(error)
                ):  # else the page left in mid-sentence
                    # No error page can be sent any more; the browser comes back by itself.
                    log.exception("desk_failed", agent=name)
                await closed(ws, WSCloseCode.INTERNAL_ERROR)
            finally:
                self._open.discard(ws)
                _let_go(request.transport)
            return ws

    @contextmanager
    def _place(self, session: Session) -> Iterator[None]:
        if self._places[session.id] >= self.settings.windows_per_session:
            raise web.HTTPTooManyRequests
        self._places[session.id] += 1
        try:
            yield
        finally:
            self._places[session.id] -= 1
            if not self._places[session.id]:
                del self._places[session.id]

    async def close_all(self, _app: web.Application) -> None:
        """The server stops: say so to every page."""
        async with asyncio.TaskGroup() as group:
            for ws in list(self._open):
                group.create_task(closed(ws, WSCloseCode.GOING_AWAY))


def _let_go(transport: asyncio.Transport | None) -> None:
    """The page is over: what it has not taken soon is dropped.

    Closing waits until the rest is read, so a page that has stopped reading would keep its connection, and what waits in it, for
    ever.
    """
    if transport is not None:
        asyncio.get_running_loop().call_later(CLOSE_S, transport.abort)


async def closed(ws: web.WebSocketResponse, code: int) -> None:
    """Close, without waiting long for a browser that does not answer."""
    try:
        async with asyncio.timeout(2 * CLOSE_S):
            await ws.close(code=code)
    except TimeoutError:
        pass  # aiohttp has dropped the connection by then
