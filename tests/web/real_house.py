"""A running server on a real SQLite, with somebody of every role, keys, and a customer."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from sqlalchemy import insert

from ivr.adapters.database import (
    DatabaseAccounts,
    DatabaseAudit,
    DatabaseContacts,
    DatabaseKeys,
    DatabaseSecondFactors,
    DatabaseSessions,
    DatabaseSignals,
    DatabaseWebhooks,
    Store,
)
from ivr.adapters.database.schema import tables as t
from ivr.calls.call_backs.requests import CallBackRequests
from ivr.calls.desk.windows import Desks
from ivr.calls.floor.call_tests import RecordingServices
from ivr.calls.floor.supervision import Supervision
from ivr.calls.integrations.webhook_admin import WebhookAdmin
from ivr.calls.integrations.webhooks import DeliveryResult, Signer
from ivr.calls.people.accounts import Account
from ivr.calls.people.api_keys import ApiKey, Scope
from ivr.calls.people.audit import Actor, AuditFilter, Entry
from ivr.calls.people.refusals import CountedRefusals
from ivr.calls.people.single_sign_on import Provider, SsoAdmission, SsoRules
from ivr.core.caller import Agent
from ivr.web.guard.key_text import new_key
from ivr.web.guard.passwords import Passwords
from ivr.web.server import WebServices, WebSettings, build_app
from tests.thrift import sqlite
from tests.web.web_fakes import FIGURES, NOW, PASSWORD, WEI, Clock, MemoryService, MemoryStaff, browser, hashed

CONSOLE = Actor("console:test")
QUEUES = {
    "orders": {"en": "Orders", "zh": "订单"}, "billing": {"en": "Billing", "zh": "账单"},
    "ivr-fallback": {"en": "Anybody", "zh": "任何人"},
}  # fmt: skip
RULES = SsoRules()


@dataclass(slots=True)
class Asker:
    """Somebody who asks the API: a browser with its token, or another system with its key."""

    http: ClientSession
    url: str
    headers: dict[str, str]

    async def ask(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        """The status, and what the answer holds."""
        headers = {**self.headers, **more.pop("headers", {})}
        answer = await self.send(method, path, headers, body, **more)
        text = await answer.text()
        return answer.status, (await answer.json(content_type=None) if text else None)

    async def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None, **more: Any
    ) -> ClientResponse:
        """The answer itself."""
        if body is not None:
            more["json"] = body
        headers = self.headers if headers is None else headers
        async with self.http.request(
            method, f"{self.url}/api/v1{path}", headers=headers, allow_redirects=False, **more
        ) as answer:
            await answer.read()
            return answer


@dataclass(slots=True)
class RealSite:
    """The server and what stands behind it."""

    url: str
    store: Store
    accounts: DatabaseAccounts
    keys: DatabaseKeys
    audit: DatabaseAudit
    signals: DatabaseSignals
    staff: MemoryStaff
    service: MemoryService
    desks: Desks
    clock: Clock
    app: web.Application
    webhooks: DatabaseWebhooks
    receiver: Receiver

    async def trail(self, what: str | None = None, limit: int = 100) -> list[Entry]:
        """The audit trail, the newest first."""
        return await self.audit.page(AuditFilter(what=what), limit)

    async def make_key(self, *scopes: Scope, **changes: Any) -> tuple[str, str]:
        """A key: its id and its text."""
        number, digest, text = new_key()
        made: dict[str, Any] = {"expires_at": None, "revoked_at": None, **changes}
        await self.keys.add(ApiKey(number, "test", digest, scopes, datetime.now(UTC), "root", **made), CONSOLE)
        return number, text

    @asynccontextmanager
    async def with_key(self, *scopes: Scope, **changes: Any) -> AsyncIterator[Asker]:
        """Another system with a new key."""
        _, text = await self.make_key(*scopes, **changes)
        async with browser() as http:
            yield Asker(http, self.url, {"Authorization": f"Bearer {text}"})

    @asynccontextmanager
    async def signed_in(self, login: str = "root", password: str = PASSWORD) -> AsyncIterator[Asker]:
        """A browser of somebody who has signed in, on a page with its token."""
        async with browser() as http:
            yield await self.sign_in(http, login, password)

    async def sign_in(self, http: ClientSession, login: str, password: str = PASSWORD) -> Asker:
        """Sign a browser in, and take the token from a page."""
        async with http.get(f"{self.url}/sign-in") as page:
            token = _token(await page.text())
        form = {"login": login, "password": password, "csrf": token}
        async with http.post(f"{self.url}/sign-in", data=form, allow_redirects=False) as answer:
            assert answer.status == 303, answer.status
        return await self.on_a_page(http)

    async def on_a_page(self, http: ClientSession) -> Asker:
        """A browser with the token of a page that it opens now."""
        async with http.get(f"{self.url}/account") as page:
            headers = {"X-CSRF-Token": _token(await page.text()), "Origin": self.url}
        return Asker(http, self.url, headers)


def _token(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


async def fill(store: Store) -> None:
    """Somebody of every role, and a customer with a history."""
    accounts, cheap = DatabaseAccounts(store), hashed(PASSWORD)
    wei = Agent(WEI, "Chen Wei", "PJSIP/1001", ("en", "zh"), {"delivery": 9}, None, ("orders",))
    for account in (
        Account("root", cheap, role="admin", name="Rut Ott"),
        Account("sue", cheap, role="supervisor", name="Sue Park"),
        Account("wei", cheap, wei, name="Chen Wei"),
    ):
        await accounts.add(account, CONSOLE)
    rows: list[tuple[Any, dict[str, Any]]] = [
        (t.customers, {"id": "C1", "name": "Lin Mei", "email": "Lin.Mei@example.com"}),
        (t.customers, {"id": "C2", "name": "Tom", "email": "both@example.com"}),
        (t.customers, {"id": "C3", "name": "Tim", "email": "both@example.com"}),
        (t.numbers, {"number": "+8613800138000", "customer_id": "C1"}),
    ]
    for number in range(5):
        at = NOW - timedelta(days=number)
        row = {"id": f"call-{number}", "channel": "phone", "customer_id": "C1", "began_at": at, "summary": f"call {number}",
               "agent_id": "wei", "solved": True}  # fmt: skip
        rows.append((t.contacts, row))
    async with store.begin() as connection:
        for table, values in rows:
            await connection.execute(insert(table).values(**values))


class Receiver:
    """What a webhook leads to, in memory: keeps what it gets, and says what it is told to say."""

    def __init__(self) -> None:
        self.says = DeliveryResult(status=204, took_ms=12.5)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
        self.got.append((url, headers, body))
        return self.says


def office_on(store: Store, receiver: Receiver | None = None) -> WebhookAdmin:
    """Webhooks on a database."""
    return WebhookAdmin(DatabaseWebhooks(store), Signer(lambda: b"k" * 32), receiver or Receiver())


def house_on(
    store: Store,
    service: MemoryService,
    desks: Desks,
    staff: MemoryStaff,
    provider: Provider | None = None,
    rules: SsoRules = RULES,
    supervision: Supervision | None = None,
    office: WebhookAdmin | None = None,
    call_backs: CallBackRequests | None = None,
    recording: RecordingServices | None = None,
) -> WebServices:
    """The ports on a database."""
    audit = CountedRefusals(DatabaseAudit(store))
    accounts = DatabaseAccounts(store, audit)
    return WebServices(
        accounts, service, desks, accounts, staff, DatabaseKeys(store), audit,
        DatabaseSessions(store), DatabaseSecondFactors(store),
        DatabaseContacts(store, "DE"),
        DatabaseSignals(store, "DE"), office or office_on(store), lambda: QUEUES, provider, SsoAdmission(accounts, rules),
        supervision=supervision, call_backs=call_backs, recording=recording, figures=lambda: FIGURES,
    )  # fmt: skip


@asynccontextmanager
async def real_site(
    folder: Path,
    *,
    port: int = 0,
    provider: Provider | None = None,
    time_of_day: Callable[[], float] = time.time,
    rules: SsoRules = RULES,
    supervision: Callable[[Store], Supervision] | None = None,
    call_backs: Callable[[Store], CallBackRequests] | None = None,
    recording: Callable[[Store], RecordingServices] | None = None,
    card_safe: bool = True,
    own_words: Callable[[], Collection[str]] = tuple,
    **settings: Any,
) -> AsyncIterator[RealSite]:
    """A real server on a free port; ``settings`` are those of ``WebSettings``."""
    store = Store(sqlite(folder / "ivr.db"), card_safe)
    await fill(store)
    desks, clock, staff = Desks(), Clock(), MemoryStaff()
    service = MemoryService(desks)
    receiver = Receiver()
    above = supervision(store) if supervision else None
    callers = call_backs(store) if call_backs else None
    sound = recording(store) if recording else None
    house = house_on(store, service, desks, staff, provider, rules, above, office_on(store, receiver), callers, sound)
    house = replace(house, own_words=own_words)
    chosen = WebSettings(**{"version": "9.8.7", "secure_cookies": False, **settings})
    app = build_app(house, settings=chosen, clock=clock, time_of_day=time_of_day, passwords=Passwords())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield RealSite(
            url, store, DatabaseAccounts(store), DatabaseKeys(store), DatabaseAudit(store), DatabaseSignals(store, "DE"),
            staff, service, desks, clock, app, DatabaseWebhooks(store), receiver,
        )  # fmt: skip
    finally:
        await runner.cleanup()
        await store.close()
