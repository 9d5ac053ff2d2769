"""Look-ups over a real database and a real web server: what they find, what fails, and what never leaves them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from ivr.adapters.customers.lookups import MOST_BYTES, MOST_ROWS, SourceLookups, plain
from ivr.adapters.database import Store
from ivr.adapters.database.store import StoreUnusable
from ivr.calls.caller.ports import Answer
from ivr.core.flow.flow import Lookup
from tests.conftest import PATIENCE_S

SECRET = "4111-secret"
TOKEN = "tok-3141592"


def of(name: str, **more: Any) -> Lookup:
    return Lookup(name, **{"source": "house", "retries": 0, **more})


@asynccontextmanager
async def sources(store: Store, **urls: str) -> AsyncIterator[SourceLookups]:
    made = SourceLookups.open(store, urls, {"IVR_SOURCE_SHOP_TOKEN": TOKEN})
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def books(store: Store) -> Store:
    """A table of orders."""
    async with store.begin() as connection:
        for statement in (
            "CREATE TABLE books (id VARCHAR(20) PRIMARY KEY, state VARCHAR(20), price NUMERIC(9, 2), due DATE, paid BOOLEAN)",
            "INSERT INTO books VALUES ('4711', 'late', 189.00, '2026-11-25', TRUE)",
            "INSERT INTO books VALUES ('4630', NULL, 12.50, NULL, FALSE)",
        ):
            await connection.exec_driver_sql(statement)
    return store


GIVES = ("state", "price", "due", "paid", "nothing")


# -- databases


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("4711", ("found", {"state": "late", "price": "189", "due": "2026-11-25", "paid": "1", "nothing": ""})),
        ("4630", ("found", {"state": "", "price": "12.5", "due": "", "paid": "", "nothing": ""})),
        ("4712", ("empty", None)),
        ("", ("empty", None)),
    ],
)
async def test_database(books: Store, number: str, answer: tuple[str, dict[str, str] | None]) -> None:
    lookup = of("order", sql="SELECT * FROM books WHERE id = :order_id", takes=("order.id",), gives=GIVES)
    async with sources(books) as lookups:
        told = await lookups.run(lookup, {"order.id": number, "unused": "x"})
    rows = [
        {
            k: v.removesuffix("0") if k == "price" and "." in v else {"0": ""}.get(v, v) if k == "paid" else v
            for k, v in row.items()
        }
        for row in told.rows
    ]
    assert (told.outcome, rows) == (answer[0], [answer[1]] if answer[1] else [])
    assert told.took_ms >= 0


HOSTILE = (
    "' OR '1'='1",
    "4711'; DROP TABLE books; --",
    "4711' --",
    "\\",
    "%",
    ":order",
    "$1",
    "?",
    "林\u202e",
    "9" * 5000,
    "4711\n",
)


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_values_are_only_values(books: Store, value: str) -> None:
    async with sources(books) as lookups:
        lookup = of("order", sql="SELECT * FROM books WHERE id = :order", gives=GIVES)
        assert (await lookups.run(lookup, {"order": value})).outcome == "empty"
        assert (await lookups.run(lookup, {"order": "4711"})).outcome == "found"


async def test_what_changes_something_is_found_when_it_did(books: Store) -> None:
    lookup = of("pay", sql="UPDATE books SET state = 'paid' WHERE id = :order", writes=True)
    async with sources(books) as lookups:
        assert await changed(lookups, lookup, "4630") == ("found", ({},))
        assert await changed(lookups, lookup, "9999") == ("empty", ())
        told = await lookups.run(of("s", sql="SELECT state FROM books WHERE id = '4630'", gives=("state",)), {})
        assert told.rows == ({"state": "paid"},), "and was kept"


async def changed(lookups: SourceLookups, lookup: Lookup, number: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    answer = await lookups.run(lookup, {"order": number})
    return answer.outcome, answer.rows


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM nowhere WHERE id = :order", "nowhere"),
        ("SELEC :order", "SELEC"),
        ("SELECT * FROM books WHERE id = :other", None),
        ("INSERT INTO books (id) VALUES ('4711') RETURNING :order", None),
        ("SELECT CAST(CAST(:order AS TEXT) AS INTEGER)", None),  # PostgreSQL quotes what it could not read
        ("SELECT id FROM books WHERE price = CAST(:order AS NUMERIC)", None),
        (
            "SELECT CAST(:order AS INTEGER) / 0 FROM books WHERE :order = 'x' OR CAST(:order AS INTEGER) = 1 OR 1 = abs(:order)",
            None,
        ),
    ],
)
async def test_what_a_database_says_is_wrong_is_logged_without_values(books: Store, sql: str, said: str | None) -> None:
    async with sources(books) as lookups:
        with capture_logs() as logs:
            answer = await lookups.run(of("order", sql=sql), {"order": SECRET})
        if answer.outcome == "failed":
            assert [entry["event"] for entry in logs] == ["look-up failed"]
            assert logs[0]["lookup"] == "order" and logs[0]["attempt"] == 1 and logs[0]["problem"]
            assert said is None or said in logs[0]["problem"], "an operator must find the mistake"
        else:
            assert said is None
        assert SECRET not in repr(logs) and SECRET not in repr(answer)
        assert (await lookups.run(of("order", sql="SELECT * FROM books", gives=GIVES), {})).outcome == "found"


async def test_no_more_rows_than_anybody_could_listen_to(books: Store) -> None:
    many = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(MOST_ROWS + 30))
    async with sources(books) as lookups:
        answer = await lookups.run(of("many", sql=many, gives=("n",)), {})
    assert len(answer.rows) == MOST_ROWS and answer.rows[0] == {"n": "0"}


async def test_database_of_its_own(store: Store, tmp_path: Path) -> None:
    async with sources(store, own=f"sqlite:///{tmp_path / 'own.db'}") as lookups:
        assert lookups.names == {"house", "own"}
        answer = await lookups.run(
            of("one", source="own", sql="SELECT 1 AS one, :x AS two", gives=("one", "two")), {"x": "y"}
        )
        assert answer.rows == ({"one": "1", "two": "y"},)


def test_source_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable):
        SourceLookups.open(Store(f"sqlite:///{tmp_path / 'x.db'}"), {"odd": "ftp://x/y"}, {})


async def test_unknown_source_fails_and_is_named(store: Store) -> None:
    async with sources(store) as lookups:
        with capture_logs() as logs:
            assert await lookups.run(of("order", source="shpo", sql="SELECT 1"), {}) == Answer("failed")
    assert logs[0]["problem"] == "config.toml has no [sources] shpo"


# -- web services


@dataclass
class Shop:
    """A web service that answers as a test wants, and remembers what it was asked."""

    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    asked: list[tuple[str, str, str, Any]] = field(default_factory=list)
    """Method, raw path, query, JSON body."""
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        raw = request.raw_path.partition("?")
        self.asked.append((request.method, raw[0], request.query_string, body))
        self.headers.append(dict(request.headers))
        assert self.answer
        return await self.answer(request)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    made = Shop()
    app = web.Application()
    app.router.add_route("*", "/{all:.*}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    yield made
    await runner.cleanup()


@pytest.fixture
async def lookups(shop: Shop, tmp_path: Path) -> AsyncIterator[SourceLookups]:
    house = Store(f"sqlite:///{tmp_path / 'house.db'}")
    async with sources(house, shop=shop.url + "/") as made:
        yield made
    await house.close()


def http(path: str = "/orders/{order}", **more: Any) -> Lookup:
    return of("order", **{"source": "shop", "path": path, "gives": ("state", "at"), "timeout_s": 2.0, **more})


def answers(
    body: bytes | str = b"", status: int = 200, **headers: str
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        raw = body if isinstance(body, bytes) else body.encode()
        return web.Response(body=raw, status=status, headers={"Content-Type": "application/json", **headers})

    return answer


@pytest.mark.parametrize(
    ("body", "outcome", "rows"),
    [
        ('{"state": "late", "at": null, "more": 1}', "found", [{"state": "late", "at": ""}]),
        ('[{"state": "late"}, {"at": "10:00"}]', "found", [{"state": "late", "at": ""}, {"state": "", "at": "10:00"}]),
        ('{"state": [1, {"林": true}], "at": 12.0}', "found", [{"state": '[1, {"林": true}]', "at": "12"}]),
        ('{"state": NaN, "at": Infinity}', "found", [{"state": "", "at": ""}]),
        ('{"state": 1e400, "at": -1e400}', "found", [{"state": "", "at": ""}]),
        ('{"state": 12345678901234567890, "at": false}', "found", [{"state": "12345678901234567890", "at": ""}]),
        ("{}", "found", [{"state": "", "at": ""}]),
        ("", "found", [{"state": "", "at": ""}]),
        ("[]", "empty", []),
        ("null", "empty", []),
        # not JSON, or another shape
        ("<html>", "failed", []),
        ('{"state": ', "failed", []),
        ("5", "failed", []),
        ('"text"', "failed", []),
        ("[1, 2]", "failed", []),
        ('[{"state": "late"}, null]', "failed", []),
        (b"\xff\xfe\xff", "failed", []),
        ("[" * 100_000, "failed", []),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "failed", []),
    ],
)  # fmt: skip
async def test_web_service(
    shop: Shop, lookups: SourceLookups, body: str | bytes, outcome: str, rows: list[Any]
) -> None:
    shop.answer = answers(body)
    answer = await lookups.run(http(), {"order": "4711"})
    assert (answer.outcome, list(answer.rows)) == (outcome, rows)
    assert shop.asked == [("GET", "/api/orders/4711", "", None)]


@pytest.mark.parametrize(
    ("status", "outcome", "asked"),
    [(200, "found", 1), (201, "found", 1), (204, "empty", 1), (404, "empty", 1), (302, "failed", 1), (307, "failed", 1),
     (400, "failed", 1), (401, "failed", 1), (500, "failed", 3), (503, "failed", 3)],
)  # fmt: skip
async def test_status(shop: Shop, lookups: SourceLookups, status: int, outcome: str, asked: int) -> None:
    """Only what may do better the second time is tried again; nothing is followed anywhere."""
    shop.answer = answers("" if status == 204 else "{}", status, Location="/api/elsewhere")
    assert (await lookups.run(http(retries=2), {"order": "1"})).outcome == outcome
    assert [path for _, path, _, _ in shop.asked] == ["/api/orders/1"] * asked


async def test_answer_in_pieces_is_read_whole(shop: Shop, lookups: SourceLookups) -> None:
    pieces = [b'{"state": ', b'"late', b' again", "at"', b': "now"}']
    read = asyncio.Event()

    async def slowly(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0.02)
        await response.write_eof()
        read.set()
        return response

    shop.answer = slowly
    assert (await lookups.run(http(), {"order": "1"})).rows == ({"state": "late again", "at": "now"},)
    await asyncio.wait_for(read.wait(), PATIENCE_S)


@pytest.mark.parametrize("size", [MOST_BYTES - 20, MOST_BYTES * 3])
async def test_too_big(shop: Shop, lookups: SourceLookups, size: int) -> None:
    shop.answer = answers(json.dumps({"state": "x" * size}))
    with capture_logs() as logs:
        answer = await lookups.run(http(timeout_s=10), {"order": "1"})
    assert answer.outcome == ("found" if size < MOST_BYTES else "failed")
    assert [entry["problem"] for entry in logs] == (
        [] if size < MOST_BYTES else [f"answers with more than {MOST_BYTES} bytes"]
    )


async def test_too_many(shop: Shop, lookups: SourceLookups) -> None:
    shop.answer = answers(json.dumps([{"state": str(n)} for n in range(500)]))
    assert len((await lookups.run(http(), {"order": "1"})).rows) == MOST_ROWS


@pytest.mark.parametrize(
    "value", ["../admin", "a/b", "a?x=1", "a#b", "%2e%2e", "a b", "{other}", "林", "'; --", "a\r\nX: y", "a&b=c", "+"]
)
async def test_hostile_value_in_a_path_stays_one_part_of_it(shop: Shop, lookups: SourceLookups, value: str) -> None:
    shop.answer = answers("{}")
    await lookups.run(http("/orders/{order}/state"), {"order": value, "other": "x"})
    assert len(shop.asked) == 1 or "\n" in value
    for method, path, query, _ in shop.asked:
        assert method == "GET" and query == "other=x"
        assert path.startswith("/api/orders/") and path.endswith("/state") and path.count("/") == 4
    assert "X" not in {name for headers in shop.headers for name in headers}


@pytest.mark.parametrize("value", ["", ".", "..", "..."])
async def test_value_that_would_make_it_another_address_is_not_sent(
    shop: Shop, lookups: SourceLookups, value: str
) -> None:
    shop.answer = answers('[{"state": "of somebody else"}]')
    assert (await lookups.run(http(), {"order": value})).outcome == "failed"
    assert shop.asked == []


@pytest.mark.parametrize("value", ["x\ud800", "\x00", "x" * 100_000])
async def test_value_that_cannot_be_sent_is_a_look_up_that_failed(
    shop: Shop, lookups: SourceLookups, value: str
) -> None:
    shop.answer = answers("{}")
    with capture_logs() as logs:
        answer = await lookups.run(http(), {"order": value})
    assert answer.outcome in ("failed", "found") and value not in repr(logs)


async def test_what_is_not_in_the_path_goes_as_query_or_as_json(shop: Shop, lookups: SourceLookups) -> None:
    shop.answer = answers("{}")
    args = {"order": "1", "status.at": "10:00", "name": "a&b=林"}
    await lookups.run(http(), args)
    await lookups.run(http(method="POST", writes=True), args)
    assert shop.asked[0] == ("GET", "/api/orders/1", "status_at=10:00&name=a%26b%3D林", None)
    assert shop.asked[1] == ("POST", "/api/orders/1", "", {"status_at": "10:00", "name": "a&b=林"})


async def test_token_is_sent_and_never_logged(shop: Shop, lookups: SourceLookups) -> None:
    with capture_logs() as logs:
        for status, body in ((200, "{}"), (401, "{}"), (500, "<html>"), (302, ""), (200, "[1]")):
            shop.answer = answers(body, status)
            await lookups.run(http(), {"order": SECRET})
    assert {headers["Authorization"] for headers in shop.headers} == {f"Bearer {TOKEN}"}
    assert len(logs) == 4 and TOKEN not in repr(logs) and SECRET not in repr(logs)


async def test_one_caller_s_cookie_is_not_the_next_one_s(shop: Shop, tmp_path: Path) -> None:
    shop.answer = answers("{}", 200, **{"Set-Cookie": "customer=C1; Path=/"})
    house = Store(f"sqlite:///{tmp_path / 'house.db'}")
    async with sources(house, shop=shop.url.replace("127.0.0.1", "localhost")) as lookups:  # an address has no cookies
        for _ in range(2):
            await lookups.run(http(), {"order": "1"})
    await house.close()
    assert len(shop.headers) == 2 and all("Cookie" not in headers for headers in shop.headers)


# -- time, and trying again


def hangs(reached: asyncio.Semaphore) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        reached.release()
        await asyncio.sleep(30)
        return web.Response()

    return answer


def breaks(request: web.Request) -> None:
    assert request.transport
    request.transport.abort()


@pytest.mark.parametrize(("writes", "attempts"), [(False, 3), (True, 1)])
@pytest.mark.parametrize("how", ["hangs", "breaks", "500", "not JSON"])
async def test_what_changes_something_is_sent_once(
    shop: Shop, lookups: SourceLookups, how: str, writes: bool, attempts: int
) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        breaks(request)
        return web.Response()

    ways: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
        "hangs": hangs(asyncio.Semaphore(0)), "breaks": broken, "500": answers("{}", 500), "not JSON": answers("<"),
    }  # fmt: skip
    shop.answer = ways[how]
    lookup = http(method="POST", writes=writes, retries=2, timeout_s=0.2)
    with capture_logs() as logs:
        assert (await lookups.run(lookup, {"order": "1"})).outcome == "failed"
    expected = 1 if how == "not JSON" else attempts
    assert len(shop.asked) == expected and [entry["attempt"] for entry in logs] == list(range(1, expected + 1))


async def test_second_attempt_may_do_better(shop: Shop, lookups: SourceLookups) -> None:
    turns = iter([answers("{}", 503), answers('{"state": "late"}')])

    async def next_one(request: web.Request) -> web.StreamResponse:
        return await next(turns)(request)

    shop.answer = next_one
    assert (await lookups.run(http(retries=1), {"order": "1"})).rows == ({"state": "late", "at": ""},)


async def test_service_that_cannot_be_reached_may_be_tried_again_even_to_write(tmp_path: Path) -> None:
    house = Store(f"sqlite:///{tmp_path / 'house.db'}")
    async with sources(house, shop="http://127.0.0.1:1") as lookups:
        with capture_logs() as logs:
            assert (await lookups.run(http(writes=True, retries=1), {"order": SECRET})).outcome == "failed"
    assert [entry["attempt"] for entry in logs] == [1, 2]
    assert all(entry["problem"].startswith("cannot be reached: ") for entry in logs)
    assert SECRET not in repr(logs)
    await house.close()


async def test_look_up_that_is_cancelled_is_gone(shop: Shop, lookups: SourceLookups) -> None:
    reached = asyncio.Semaphore(0)
    shop.answer = hangs(reached)
    task = asyncio.ensure_future(lookups.run(http(timeout_s=20), {"order": "1"}))
    await asyncio.wait_for(reached.acquire(), PATIENCE_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# -- text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""), (False, ""), (True, "1"), (0, "0"), (1, "1"), (-5, "-5"), ("", ""), ("x", "x"), ("林", "林"),
        (12.0, "12"), (12.5, "12.5"), (-0.0, "0"), (float("nan"), ""), (float("inf"), ""), (1e300, str(int(1e300))),
        (Decimal("189.00"), "189"), (Decimal("12.50"), "12.50"), (Decimal("NaN"), ""),
        (Decimal("-Infinity"), ""), (Decimal("0.00"), "0"),
        (date(2026, 11, 25), "2026-11-25"), (datetime(2026, 11, 25, 10, 30, tzinfo=UTC), "2026-11-25T10:30:00+00:00"),
        (time(10, 30), "10:30:00"), ([], "[]"), ({"a": [1]}, '{"a": [1]}'), (["林"], '["林"]'),
    ],
)  # fmt: skip
def test_plain(value: Any, text: str) -> None:
    assert plain(value) == text
