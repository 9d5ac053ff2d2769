"""The ports, in memory: accounts, and a desk service that keeps what it was asked; and a server in front of them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from aiohttp import ClientResponse, ClientSession, ClientWebSocketResponse, CookieJar, web
from argon2 import PasswordHasher

from ivr.calls.desk.desk import OUTCOME_TITLES, PAUSE_REASONS
from ivr.calls.desk.ports import CallAct, Outcome
from ivr.calls.desk.windows import Desks
from ivr.calls.people.accounts import Account
from ivr.calls.people.api_keys import ApiKey
from ivr.calls.people.audit import Entry
from ivr.calls.people.sessions import KeptSession
from ivr.calls.ports import Refused, Target
from ivr.calls.recorder import Backlog
from ivr.core.caller import Agent, AgentId, CallId
from ivr.core.language import Language
from ivr.core.routing.learning import TransferReason
from ivr.web.metrics import Figures, Hook
from ivr.web.server import WebServices, WebSettings, build_app
from tests.conftest import PATIENCE_S

WEI, ANA = AgentId("wei"), AgentId("ana")
PASSWORD = "correct horse"
NOW = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)

OUTCOMES = [{"id": name, "title": title, "key": key} for name, title, key in OUTCOME_TITLES]
PAUSES = [{"id": name, "title": title} for name, title in PAUSE_REASONS]

ORDERS, BILLING = {"en": "Orders", "zh": "订单"}, {"en": "Billing", "zh": "账单"}
PLACES: dict[str, Any] = {
    "agents": [
        {"id": id_, "name": name, "state": state, "queues": queues, "region": region, "languages": languages}
        for id_, name, state, queues, region, languages in (
            ("ana", "Ana Silva", "available", ["billing"], "Lisbon", ["en"]),
            ("ben", "Ben Okafor", "busy", ["orders", "billing"], "Hamburg", ["en"]),
            ("wei", "Chen Wei", "busy", ["orders"], "Shanghai", ["en", "zh"]),
            ("xiao", "陈晓", "available", ["orders"], "Shanghai", ["zh"]),
            ("zoe", "Zoë Müller", "offline", ["billing"], "Berlin", ["en"]),
        )
    ],
    "queues": [
        {"name": "orders", "title": ORDERS, "waiting": 1, "free": 1},
        {"name": "billing", "title": BILLING, "waiting": 0, "free": 1},
    ],
    "regions": [{"name": "Berlin", "free": 0}, {"name": "Shanghai", "free": 1}],
    "outside": True,
}
INTENTS = [
    {"name": "late_delivery", "title": {"en": "Late delivery", "zh": "配送延误"}, "queue": ORDERS},
    {"name": "refund", "title": {"en": "Refund", "zh": "退款"}, "queue": BILLING},
    {"name": "invoice", "title": {"en": "Invoice", "zh": "发票"}, "queue": BILLING},
    {"name": "where", "title": {"en": "Where is my order", "zh": "查询订单"}, "queue": ORDERS},
]


def hashed(password: str) -> str:
    """Argon2id, as cheap as tests have it."""
    return PasswordHasher().hash(password)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class MemoryAccounts:
    """Two people who may sign in."""

    def __init__(self) -> None:
        cheap = hashed(PASSWORD)
        wei = Agent(WEI, "Chen Wei", "PJSIP/1001", ("en", "zh"), queues=("orders",))
        ana = Agent(ANA, "Ana Silva", "PJSIP/1002", ("en",), queues=("billing",))
        self.by_login = {
            "wei": Account("wei", cheap, wei, name="Chen Wei"),
            "ana": Account("ana", cheap, ana, name="Ana Silva"),
        }
        self.broken = False
        self.asked: list[str] = []

    async def account(self, login: str) -> Account | None:
        self.asked.append(login)
        if self.broken:
            raise OSError("the database at 10.0.0.7 is away")
        return self.by_login.get(login)

    async def set_language(self, login: str, language: Language) -> None:
        self.by_login[login] = replace(self.by_login[login], language=language)


class MemoryAudit:
    """A trail that can be read at once, and that breaks when it is told to."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.broken = False

    async def write(self, entry: Entry) -> None:
        if self.broken:
            raise OSError("the trail cannot be written")
        self.entries.append(entry)

    async def would_take(self, entry: Entry) -> None:
        if self.broken:
            raise OSError("the trail cannot be written")


class MemorySessions:
    """Sessions by their ids, with their lines in a trail."""

    def __init__(self, audit: MemoryAudit) -> None:
        self.by_id: dict[str, KeptSession] = {}
        self._audit = audit

    async def all(self) -> list[KeptSession]:
        return list(self.by_id.values())

    async def begin(self, session: KeptSession, over: Sequence[str], entry: Entry | None) -> None:
        await self.end(over, entry)
        self.by_id[session.id] = session

    async def end(self, ids: Sequence[str], entry: Entry | None) -> None:
        if entry is not None:
            await self._audit.write(entry)
        for one in ids:
            self.by_id.pop(one, None)

    async def used(self, times: Mapping[str, datetime]) -> None:
        for one, at in times.items():
            self.by_id[one] = replace(self.by_id[one], used_at=at)


class MemoryKeys:
    """Keys by their ids."""

    def __init__(self) -> None:
        self.by_id: dict[str, ApiKey] = {}
        self.noted: list[tuple[str, datetime]] = []

    async def find(self, key: str) -> ApiKey | None:
        return self.by_id.get(key)

    async def used(self, key: str, at: datetime) -> None:
        self.noted.append((key, at))
        self.by_id[key] = replace(self.by_id[key], used_at=at)


class MemoryStaff:
    """Notes whom the calls are told of."""

    def __init__(self) -> None:
        self.taken: list[Agent] = []
        self.left: list[Agent] = []

    async def take(self, agent: Agent) -> None:
        self.taken.append(agent)

    async def leave(self, agent: Agent) -> None:
        self.left.append(agent)


FIGURES = Figures(
    True, {"queue": 2}, {"available": 3}, {"orders": (2, 7.5, 0), 'say "hi"\n': (0, 0.0, 1)}, 40, 38, {"caller": 2},
    Backlog(1, 2.5), webhooks={"a1": Hook(12, 1, 3, 4, 61.5)},
)  # fmt: skip
"""A queue may be called anything."""


class MemoryService:
    """A switchboard of one's own: tests put cards on desks and read what the desks asked."""

    def __init__(self, desks: Desks) -> None:
        self.desks = desks
        self.now: datetime | None = None
        self.cards: dict[AgentId, dict[str, dict[str, Any]]] = {WEI: {}, ANA: {}}
        self.states: dict[AgentId, dict[str, Any]] = {
            agent: {"state": "available", "reason": None, "since": stamp(NOW - timedelta(minutes=12))}
            for agent in (WEI, ANA)
        }
        self.queues: list[dict[str, Any]] = [
            {
                "name": "orders",
                "title": {"en": "Orders", "zh": "订单"},
                "waiting": 0,
                "longest_wait_s": 0,
                "agents_available": 3,
            }
        ]
        self.places = deepcopy(PLACES)
        self.asterisk = "connected"
        self.asked: list[tuple[Any, ...]] = []
        self.news = asyncio.Event()
        self.refuse: dict[Language, str] | None = None
        self.hold: asyncio.Event | None = None

    def snapshot(self, agent: AgentId) -> dict[str, Any]:
        name = {WEI: "Chen Wei", ANA: "Ana Silva"}[agent]
        return {
            "agent": {
                "id": agent,
                "name": name,
                "interface": "PJSIP/1001",
                "languages": ["en", "zh"],
                "queues": ["orders"],
            },
            "state": self.states[agent],
            "pause_reasons": PAUSES,
            "outcomes": OUTCOMES,
            "cards": list(self.cards[agent].values()),
            "queues": self.queues,
            "places": self.places,
            "intents": INTENTS,
            "today": {"calls": 14, "solved": 11, "talk_s": 4330, "transfers": 2},
            "asterisk": self.asterisk,
            "now": stamp(self.now or datetime.now(UTC)),
        }

    def seen(self, agent: AgentId, call: CallId) -> None:
        self.noted("seen", agent, call)

    async def set_state(self, agent: AgentId, state: Literal["available", "paused"], reason: str | None) -> None:
        await self.done("state", agent, state, reason)
        self.states[agent] = {"state": state, "reason": reason, "since": stamp(datetime.now(UTC))}
        self.tell(agent, {"type": "state", **self.states[agent]})

    async def act(self, agent: AgentId, call: CallId, what: CallAct) -> None:
        await self.done(what, agent, call)

    async def transfer(
        self,
        agent: AgentId,
        call: CallId,
        to: Target,
        consult: bool,
        brief: str,
        words: str,
        why: TransferReason | None = None,
    ) -> None:
        await self.done("transfer", agent, call, to, consult, brief, words, why)

    async def wrong_place(self, agent: AgentId, call: CallId, intent: str, brief: str) -> None:
        await self.done("wrong_place", agent, call, intent, brief)

    async def settle(self, agent: AgentId, call: CallId, offers: tuple[str, ...], accepted: bool) -> None:
        await self.done("settle", agent, call, offers, accepted)

    async def note(self, agent: AgentId, call: CallId, text: str) -> None:
        await self.done("note", agent, call, text)

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        await self.done("opening", agent, intent, language, text)

    async def close_contact(
        self, agent: AgentId, call: CallId, outcome: Outcome, note: str, follow_up: datetime | None = None
    ) -> None:
        await self.done("close", agent, call, outcome, note, *([follow_up] if follow_up else []))
        self.withdraw(agent, str(call), "closed")

    async def done(self, *what: Any) -> None:
        if self.hold is not None:
            await self.hold.wait()
        self.noted(*what)
        if self.refuse is not None:
            raise Refused(self.refuse)

    def noted(self, *what: Any) -> None:
        self.asked.append(what)
        self.news.set()

    async def until_asked(self, *what: Any) -> None:
        """Wait until exactly this was asked."""
        async with asyncio.timeout(PATIENCE_S):
            while what not in self.asked:
                self.news.clear()
                await self.news.wait()

    def put(self, agent: AgentId, card: dict[str, Any]) -> dict[str, Any]:
        self.cards[agent][card["call"]] = card
        self.tell(agent, {"type": "card", "card": card})
        return card

    def withdraw(self, agent: AgentId, call: str, reason: str) -> None:
        self.cards[agent].pop(call, None)
        self.tell(agent, {"type": "withdraw", "call": call, "reason": reason})

    def tell(self, agent: AgentId, message: dict[str, Any]) -> None:
        self.desks.tell(agent, json.dumps(message))

    def lose_asterisk(self, state: Literal["connected", "lost"] = "lost") -> None:
        self.asterisk = state
        self.desks.tell_all(json.dumps({"type": "asterisk", "state": state}))


@dataclass(slots=True)
class Site:
    """A running server and what stands behind it."""

    url: str
    accounts: MemoryAccounts
    audit: MemoryAudit
    keys: MemoryKeys
    staff: MemoryStaff
    desks: Desks
    service: MemoryService
    clock: Clock
    stop: Callable[[], Awaitable[None]]
    """End the server before its time."""
    health: dict[str, Any] = field(default_factory=dict)

    async def token(self, http: ClientSession, path: str = "/sign-in") -> str:
        """The token in the form of a page."""
        async with http.get(self.url + path) as page:
            found = re.search(r'name="csrf" value="([0-9a-f]{64})"', await page.text())
        assert found, f"{path} has no form"
        return found.group(1)

    async def post(self, http: ClientSession, path: str, form: dict[str, str], **headers: str) -> ClientResponse:
        """Send a form as it is; the answer is read, and a redirection is not followed."""
        async with http.post(self.url + path, data=form, headers=headers, allow_redirects=False) as answer:
            await answer.read()
            return answer

    async def try_sign_in(
        self, http: ClientSession, login: str = "wei", password: str = PASSWORD, **headers: str
    ) -> ClientResponse:
        """Fetch the form, fill it in and send it."""
        form = {"login": login, "password": password, "csrf": await self.token(http)}
        return await self.post(http, "/sign-in", form, **headers)

    @asynccontextmanager
    async def signed_in(self, login: str = "wei") -> AsyncIterator[ClientSession]:
        """A browser of somebody who has signed in."""
        async with browser() as http:
            answer = await self.try_sign_in(http, login)
            assert answer.status == 303, answer.status
            yield http

    @asynccontextmanager
    async def desk(self, http: ClientSession) -> AsyncIterator[ClientWebSocketResponse]:
        """The WebSocket of a page, after its hello."""
        async with http.ws_connect(f"{self.url}/ws", origin=self.url) as socket:
            hello = await socket.receive_json(timeout=PATIENCE_S)
            assert hello["type"] == "hello"
            yield socket


def browser() -> ClientSession:
    """A browser without a history."""
    return ClientSession(cookie_jar=CookieJar(unsafe=True))  # cookies of an address without a name


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Site]:
    """A real server on a free port; ``settings`` are those of ``WebSettings``."""
    accounts, desks, clock, health = MemoryAccounts(), Desks(), Clock(), dict[str, Any]()
    service = MemoryService(desks)
    audit, keys, staff = MemoryAudit(), MemoryKeys(), MemoryStaff()
    chosen = WebSettings(**{"version": "9.8.7", "secure_cookies": False, **settings})
    unused: Any = None  # what administration and other systems ask is tested on a real database
    house = WebServices(
        accounts,
        service,
        desks,
        unused,
        staff,
        keys,
        audit,
        MemorySessions(audit),
        unused,
        unused,
        unused,
        unused,
        dict,
        figures=lambda: FIGURES,
    )
    app = build_app(house, settings=chosen, health=lambda: health, clock=clock)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield Site(url, accounts, audit, keys, staff, desks, service, clock, runner.cleanup, health)
    finally:
        await runner.cleanup()


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def call_id(number: int) -> str:
    return str(UUID(int=number, version=4))


def card(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Ms Lin's late watch; ``who`` and ``why`` are changed field by field, the rest whole."""
    now = changes.pop("now", datetime.now(UTC))
    made: dict[str, Any] = {
        "call": call_id(number),
        "state": "ringing",
        "since": stamp(now - timedelta(seconds=48)),
        "rang_at": stamp(now - timedelta(seconds=3)),
        "connected_at": None,
        "language": "en",
        "who": {
            "known": True,
            "lookup": "found",
            "customer_id": "C-20418",
            "name": "Lin Mei 林美",
            "salutation": {"en": "Ms Lin", "zh": "林女士"},
            "shown_name": "LIN MEI",
            "number": "+86 138 0013 8000",
            "language": "zh",
            "tier": "gold",
            "region": "Shanghai",
            "note": "Prefers to be called back after 17:00.",
        },
        "why": {
            "intent": "late_delivery",
            "title": {"en": "Late delivery", "zh": "配送延误"},
            "confidence": 0.71,
            "certainty": "confirmed",
            "words": "my watch was due yesterday and nobody has told me anything",
            "heard_language": "en",
            "shares": [
                {"label": {"en": "words", "zh": "原话"}, "value": 0.48},
                {"label": {"en": "open order", "zh": "未完成订单"}, "value": 0.23},
            ],
            "runner_up": {"en": "Where is my order", "zh": "查询订单"},
        },
        "patience": {"spent": 0, "of": 3, "troubles": []},
        "known": [
            {"label": {"en": "Order", "zh": "订单"}, "value": "4711", "how": "spoken", "checked": True},
            {"label": {"en": "Postcode", "zh": "邮编"}, "value": "200031", "how": "keys", "checked": True},
            {"label": {"en": "Wants", "zh": "诉求"}, "value": "a new date", "how": "spoken", "checked": False},
        ],
        "transcript": said(now),
        "timeline": past(now),
        "orders": orders(now),
        "cases": [
            {
                "id": "88-104",
                "subject": "Strap came in the wrong size",
                "status": "waiting",
                "opened_at": stamp(now - timedelta(days=9)),
                "queue_title": {"en": "Returns", "zh": "退换货"},
            }
        ],
        "queue": {"name": "orders", "title": {"en": "Orders", "zh": "订单"}},
        "waited_s": 14.2,
        "reasons": [
            {"label": {"en": "orders skill 9", "zh": "订单技能 9"}, "value": 0.6},
            {"label": {"en": "spoke with her before", "zh": "曾为她服务"}, "value": 0.25},
            {"label": {"en": "speaks Chinese", "zh": "会说中文"}, "value": 0.15},
        ],
        "opening": {
            "en": "Ms Lin, I can see that your watch is late. Shall we find a new date together?",
            "zh": "林女士，您好，我看到您的手表延误了，我们一起安排新的送达日期，好吗？",
        },
    }
    for part in ("who", "why"):
        made[part] |= changes.pop(part, {})
    return made | changes


def passed_on(now: datetime, **changes: Any) -> dict[str, Any]:
    """What a card has besides when somebody had the call before."""
    return {
        "brief": {
            "at": stamp(now - timedelta(seconds=20)), "by": "Ana Silva", "way": "blind",
            "text": "Wants the money back, not a new date",
            "words": "I just want my money back now", "reason": None, "to": ORDERS, "why": "no_authority",
        },
        "journey": [
            {
                "name": "Ben Okafor", "mine": False, "answered": False, "way": "queue", "queue_title": BILLING,
                "notes": [], "brief": "",
                "began": stamp(now - timedelta(seconds=400)), "ended": stamp(now - timedelta(seconds=385)), "passed_to": None,
            },
            {
                "name": "Ana Silva", "mine": False, "answered": True, "way": "queue", "queue_title": BILLING,
                "began": stamp(now - timedelta(seconds=380)), "ended": stamp(now - timedelta(seconds=22)),
                "notes": ["Promised a call by six", "Parcel is stuck in the depot since Monday"], "passed_to": ORDERS,
                "brief": "Wants the money back, not a new date",
            },
        ],
    } | changes  # fmt: skip


def said(now: datetime) -> list[dict[str, Any]]:
    lines = [
        ("machine", "Good afternoon. In a few words, how can we help?", "voice"),
        ("caller", "my watch was due yesterday and nobody has told me anything", "voice"),
        ("machine", "Your delivery is late, is that right?", "voice"),
        ("caller", "yes", "voice"),
        ("machine", "Please key in your postcode.", "voice"),
        ("caller", "200031", "keys"),
        ("note", "Order 4711 found: late since 21 November.", "voice"),
    ]
    return [
        {
            "at": stamp(now - timedelta(seconds=46 - 6 * place)),
            "speaker": who,
            "text": text,
            "language": "en",
            "by": by,
        }
        for place, (who, text, by) in enumerate(lines)
    ]


def past(now: datetime) -> list[dict[str, Any]]:
    contacts = [
        (1, "chat", "Asked where the watch is; was told to wait a day", "Robot", False, False),
        (3, "app", "Looked at the tracking page four times", None, False, None),
        (10, "phone", "Ordered the watch, asked for a gift wrap", "Chen Wei", True, True),
        (19, "mail", "Strap came in the wrong size", "Ana Silva", False, None),
        (64, "shop", "Battery changed", "Old Town branch", False, True),
        (412, "phone", "Change of address", "Chen Wei", True, True),
    ]
    return [
        {
            "at": stamp(now - timedelta(days=days, hours=days % 5)),
            "channel": channel,
            "summary": summary,
            "intent": None,
            "agent_name": name,
            "mine": mine,
            "solved": solved,
            "words": "where is it, it was meant to be here" if channel == "chat" else None,
            "note": "Told her to wait until the 21st" if channel == "chat" else None,
            "outcome": None,
        }
        for days, channel, summary, name, mine, solved in contacts
    ]


def orders(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": "4711",
            "product": "Meridian watch, steel, 38 mm",
            "status": "late",
            "ordered_at": stamp(now - timedelta(days=10)),
            "due_at": stamp(now - timedelta(days=1)),
            "amount": "189.00 EUR",
        },
        {
            "id": "4502",
            "product": "Leather strap, brown",
            "status": "delivered",
            "ordered_at": stamp(now - timedelta(days=24)),
            "due_at": None,
            "amount": "35.00 EUR",
        },
    ]
