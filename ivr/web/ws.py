"""The desk's WebSocket: the whole state first, then the news; and what the page asks, checked and answered.

Four things happen in one TaskGroup: the news goes out, the page's messages come in, the actions that it asks for are
done one after the other, and somebody watches whether the session still lives. When the page leaves, actions already
asked for are finished, if that takes no longer than a single one may take.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, assert_never

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from ivr.calls.access import Staff
from ivr.calls.desk import Desks, Window
from ivr.calls.ports import Account, Accounts, DeskService, Refused
from ivr.core.caller import AgentId
from ivr.core.card import Text
from ivr.web.auth import Session, Sessions
from ivr.web.desk_messages import (
    Act,
    Action,
    CallAction,
    CloseContact,
    MalformedError,
    Note,
    Ping,
    Seen,
    SetLanguage,
    SetOpening,
    SetState,
    Settle,
    Transfer,
    WrongPlace,
    read,
)
from ivr.web.guards import same_origin
from ivr.web.limits import Pace
from ivr.web.settings import WebSettings
from ivr.web.visitor import VISITOR, person

SESSION_OVER = 4401
"""Close code: sign in again."""
WAITING_ACTIONS = 8
CLOSE_S = 2.0

TOO_MANY: Text = {"en": "Too much at once; wait for the answer.", "zh": "操作过于频繁，请等待结果。"}
TOO_SLOW: Text = {"en": "That took too long; look whether it was done.", "zh": "操作超时，请确认是否已生效。"}
FAILED: Text = {"en": "That failed here, and it was written down.", "zh": "操作失败，已记录。"}

log = structlog.get_logger("ivr.web")


class DeskSockets:
    """All open desks of the server."""

    def __init__(
        self,
        accounts: Accounts,
        service: DeskService,
        staff: Staff,
        desks: Desks,
        sessions: Sessions,
        settings: WebSettings,
    ) -> None:
        self.accounts = accounts
        self.service = service
        self._staff = staff
        self.sessions = sessions
        self.settings = settings
        self._desks = desks
        self._open: set[web.WebSocketResponse] = set()
        self._places: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """``GET /ws``."""
        if not same_origin(request):
            raise web.HTTPForbidden
        session, account = request[VISITOR].session, person(request)
        if session is None or account.agent is None:
            raise web.HTTPForbidden  # a person without a phone has no desk
        with self._place(session):
            await self._staff.take(account.agent)  # somebody new, or with a new phone
            return await self._talk(request, session, account, account.agent.id)

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

    async def _talk(
        self, request: web.Request, session: Session, account: Account, agent: AgentId
    ) -> web.StreamResponse:
        ws = web.WebSocketResponse(
            timeout=CLOSE_S, heartbeat=self.settings.heartbeat_s, max_msg_size=self.settings.message_bytes
        )
        await ws.prepare(request)
        self._open.add(ws)
        try:
            # The window opens before the state is read: what happens in between is told twice, never not at all.
            with self._desks.open(agent) as window:
                await DeskSocket(self, request, ws, session, account, agent).run(window)
        except Exception:
            # No error page can be sent any more; the browser comes back by itself.
            log.exception("desk_failed", agent=agent)
            await _close(ws, WSCloseCode.INTERNAL_ERROR)
        finally:
            self._open.discard(ws)
        return ws

    async def close_all(self, _app: web.Application) -> None:
        """The server stops: say so to every desk."""
        async with asyncio.TaskGroup() as group:
            for ws in list(self._open):
                group.create_task(_close(ws, WSCloseCode.GOING_AWAY))


class DeskSocket:
    """One open page."""

    def __init__(
        self,
        all_desks: DeskSockets,
        request: web.Request,
        ws: web.WebSocketResponse,
        session: Session,
        who: Account,
        agent: AgentId,
    ) -> None:
        self._all = all_desks
        self._request = request
        self._ws = ws
        self._session = session
        self._account = who
        self._agent = agent
        self._actions: asyncio.Queue[Action | None] = asyncio.Queue(WAITING_ACTIONS + 1)  # one place for the end
        self._pace = Pace(all_desks.settings.messages_per_s, time.monotonic)

    async def run(self, window: Window) -> None:
        """Talk until the page leaves, falls behind, or may no longer stay."""
        state = self._all.service.snapshot(self._agent)
        await self._send({"type": "hello", **state, "language": self._account.language})
        async with asyncio.TaskGroup() as group:
            news = group.create_task(self._tell(window))
            watch = group.create_task(self._watch())
            work = group.create_task(self._work())
            try:
                await self._listen()
            finally:
                news.cancel()
                watch.cancel()
                self._actions.put_nowait(None)
                # Nobody waits for the answers any more, but a stopping server would wait for the actions.
                asyncio.get_running_loop().call_later(self._all.settings.action_s, work.cancel)

    async def _tell(self, window: Window) -> None:
        while (text := await window.next()) is not None:
            await self._send_text(text)
        log.info("desk_behind", agent=self._agent)
        await _close(self._ws, WSCloseCode.TRY_AGAIN_LATER)

    async def _watch(self) -> None:
        sessions = self._all.sessions
        while (left_s := sessions.remaining_s(self._session)) > 0:
            try:
                async with asyncio.timeout(min(left_s, self._all.settings.recheck_s)):
                    await self._session.ended.wait()
            except TimeoutError:
                try:
                    account = await sessions.account(self._session, self._all.accounts)
                except Exception:
                    log.exception("account_not_checked", agent=self._agent)  # look again next time
                    continue
                if account is not None and sessions.remaining_s(self._session) > 0:
                    sessions.touch(self._session)  # an open desk is in use, however quiet the day
        await _close(self._ws, SESSION_OVER)

    async def _listen(self) -> None:
        async for frame in self._ws:
            if not self._pace.take():
                log.warning("desk_too_fast", agent=self._agent)
                await _close(self._ws, WSCloseCode.POLICY_VIOLATION)
            elif frame.type is WSMsgType.TEXT:
                await self._take(frame.data)
            elif frame.type is WSMsgType.BINARY:
                await _close(self._ws, WSCloseCode.UNSUPPORTED_DATA)

    async def _take(self, text: str) -> None:
        try:
            message = read(text)
        except MalformedError as wrong:
            log.warning("desk_malformed", agent=self._agent, wrong=str(wrong))
            if wrong.id is None:
                await self._send({"type": "error", "error": wrong.text})
            else:
                await self._answer(wrong.id, wrong.text)
            return
        match message:
            case Seen():
                self._seen(message)
            case Ping():
                await self._answer(message.id)
            case _:
                if self._actions.qsize() < WAITING_ACTIONS:
                    self._actions.put_nowait(message)
                else:
                    await self._answer(message.id, TOO_MANY)

    def _seen(self, message: Seen) -> None:
        try:
            self._all.service.seen(self._agent, message.call)
        except Exception:
            log.exception("seen_failed", agent=self._agent, call=str(message.call))

    async def _work(self) -> None:
        """Do what the page asks, in its order; a slow action never holds up the reading."""
        while (action := await self._actions.get()) is not None:
            try:
                async with asyncio.timeout(self._all.settings.action_s):
                    await self._do(action)
            except Refused as refused:
                await self._answer(action.id, refused.text)
            except TimeoutError:
                log.warning("desk_action_too_slow", agent=self._agent, action=type(action).__name__)
                await self._answer(action.id, TOO_SLOW)
            except Exception:
                log.exception("desk_action_failed", agent=self._agent, action=type(action).__name__)
                await self._answer(action.id, FAILED)
            else:
                await self._answer(action.id)

    async def _do(self, action: Action) -> None:
        match action:
            case SetState():
                await self._all.service.set_state(self._agent, action.state, action.reason)
            case SetLanguage():
                await self._all.accounts.set_language(self._account.login, action.language)
            case SetOpening():
                await self._all.service.set_opening(self._agent, action.intent, action.language, action.text)
            case _:
                await self._do_with_call(action)

    async def _do_with_call(self, action: CallAction) -> None:
        service, agent, call = self._all.service, self._agent, action.call
        match action:
            case CloseContact():
                await service.close_contact(agent, call, action.outcome, action.note, action.follow_up)
            case Act():
                await service.act(agent, call, action.what)
            case Transfer():
                await service.transfer(agent, call, action.to, action.consult, action.brief, action.words)
            case WrongPlace():
                await service.wrong_place(agent, call, action.intent, action.brief)
            case Settle():
                await service.settle(agent, call, action.offers, action.accepted)
            case Note():
                await service.note(agent, call, action.text)
            case _:
                assert_never(action)

    async def _answer(self, number: int, error: Text | None = None) -> None:
        answer: dict[str, Any] = {"type": "ack", "id": number, "ok": error is None}
        await self._send(answer if error is None else {**answer, "error": error})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._send_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    async def _send_text(self, text: str) -> None:
        if self._ws.closed:
            return
        try:
            async with asyncio.timeout(self._all.settings.send_s):
                await self._ws.send_str(text)
        except TimeoutError:
            log.warning("desk_stuck", agent=self._agent)
            if self._request.transport is not None:
                self._request.transport.abort()
        except ConnectionError:
            pass  # it left; the reader notices


async def _close(ws: web.WebSocketResponse, code: int) -> None:
    """Close, without waiting long for a browser that does not answer."""
    try:
        async with asyncio.timeout(2 * CLOSE_S):
            await ws.close(code=code)
    except TimeoutError:
        pass  # aiohttp has dropped the connection by then
