"""The desk's WebSocket: the whole state first, then the news; and what the page asks, checked and answered.

Four things happen in one TaskGroup: the news goes out, the page's messages come in, the actions that it asks for are
done one after the other, and somebody watches whether the session still lives. When the page leaves, actions already
asked for are finished, if that takes no longer than a single one may take.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, assert_never

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from ivr.calls.desk.ports import DeskService
from ivr.calls.desk.windows import Desks, Window
from ivr.calls.people.accounts import Accounts, Staff
from ivr.calls.ports import Refused
from ivr.core.caller import AgentId
from ivr.core.language import Text
from ivr.core.texts import text
from ivr.web.guard.rate_limits import Pace
from ivr.web.guard.sessions import Sessions
from ivr.web.guard.visitor import person
from ivr.web.settings import WebSettings
from ivr.web.sockets.desk_messages import (
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
from ivr.web.sockets.page import PageSocket, PageSockets

WAITING_ACTIONS = 8

TOO_MANY = text("web.desk.too_many")
TOO_SLOW = text("web.desk.too_slow")
FAILED = text("web.desk.failed")

log = structlog.get_logger("ivr.web")


class DeskSockets(PageSockets):
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
        super().__init__(accounts, sessions, settings)
        self.service = service
        self._staff = staff
        self._desks = desks

    async def handle(self, request: web.Request) -> web.StreamResponse:
        agent = person(request).agent
        if agent is None:
            raise web.HTTPForbidden  # a person without a phone has no desk

        async def talk(page: PageSocket) -> None:
            await self._staff.take(agent)  # somebody new, or with a new phone
            # The window opens before the state is read: what happens in between is told twice, never not at all.
            with self._desks.open(agent.id) as window:
                await DeskSocket(self, page, agent.id).run(window)

        return await self.hold(request, agent.id, talk)


class DeskSocket:
    """One open desk."""

    def __init__(self, all_desks: DeskSockets, page: PageSocket, agent: AgentId) -> None:
        self._all = all_desks
        self._page = page
        self._agent = agent
        self._actions: asyncio.Queue[Action | None] = asyncio.Queue(WAITING_ACTIONS + 1)  # one place for the end
        self._pace = Pace(all_desks.settings.messages_per_s, time.monotonic)

    async def run(self, window: Window) -> None:
        """Talk until the page leaves, falls behind, or may no longer stay."""
        state, who = self._all.service.snapshot(self._agent), self._page.account
        await self._page.send({"type": "hello", **state, "language": who.language, "oversees": who.may("supervisor")})
        async with asyncio.TaskGroup() as group:
            news = group.create_task(self._page.tell(window))
            watch = group.create_task(self._page.watch())
            work = group.create_task(self._work())
            try:
                await self._listen()
            finally:
                news.cancel()
                watch.cancel()
                self._actions.put_nowait(None)
                # Nobody waits for the answers any more, but a stopping server would wait for the actions.
                asyncio.get_running_loop().call_later(self._all.settings.action_s, work.cancel)

    async def _listen(self) -> None:
        async for frame in self._page.ws:
            if not self._pace.take():
                log.warning("desk_too_fast", agent=self._agent)
                await self._page.close(WSCloseCode.POLICY_VIOLATION)
            elif frame.type is WSMsgType.TEXT:
                await self._take(frame.data)
            elif frame.type is WSMsgType.BINARY:
                await self._page.close(WSCloseCode.UNSUPPORTED_DATA)

    async def _take(self, text: str) -> None:
        try:
            message = read(text)
        except MalformedError as wrong:
            log.warning("desk_malformed", agent=self._agent, wrong=str(wrong))
            if wrong.id is None:
                await self._page.send({"type": "error", "error": wrong.text})
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
                await self._all.accounts.set_language(self._page.account.login, action.language)
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
                await service.act(agent, call, action.type)
            case Transfer():
                await service.transfer(
                    agent, call, action.target, action.consult, action.brief, action.words, action.why
                )
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
        await self._page.send(answer if error is None else {**answer, "error": error})
