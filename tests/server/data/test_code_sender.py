"""One-time codes leave by a source of config.toml, to the customer's own number, and are checked once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ivr.adapters.customers.lookups import SourceLookups
from ivr.adapters.database import DatabaseIdentity, Store
from ivr.config.load import parse
from ivr.lab.shop import shop
from ivr.server.data.identity import code_sender
from tests.thrift import sqlite


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(sqlite(tmp_path / "ivr.db"))
    await shop.open_shop(made, {agent.id: "x" for agent in shop.AGENTS})
    yield made
    await made.close()


class Gateway:
    """A text-message gateway: takes what it is given, or answers with an error."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.got: list[dict[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        return web.json_response({}, status=self.status)


async def serve(gateway: Gateway) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/sms", gateway.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.mark.parametrize(("status", "begun"), [(202, "asked"), (500, "unavailable")])
async def test_code_goes_to_the_customer_s_own_number(store: Store, status: int, begun: str) -> None:
    gateway = Gateway(status)
    runner, url = await serve(gateway)
    config = parse({"sources": {"sms": url}, "identity": {"code_source": "sms", "code_path": "/sms"}}, "x", {})
    lookups = SourceLookups.open(store, config.sources, {})
    try:
        identity = DatabaseIdentity(store, send=code_sender(config, lookups))
        assert await identity.begin("C1001", "code", "zh") == begun
        assert len(gateway.got) == 1, "sent once, whatever came of it"
        sent = gateway.got[0]
        assert sent["to"] == shop.LIN_MEI and sent["language"] == "zh" and len(sent["code"]) == 6
        wrong = "000000" if sent["code"] != "000000" else "111111"
        assert await identity.check("C1001", "code", wrong) == "wrong"
        if begun == "asked":
            assert await identity.check("C1001", "code", sent["code"]) == "right"
        assert await identity.check("C1001", "code", sent["code"]) == "wrong", "a code is good for once"
    finally:
        await lookups.close()
        await runner.cleanup()


async def test_without_a_source_there_are_no_codes(store: Store) -> None:
    config = parse({}, "x", {})
    assert code_sender(config, SourceLookups.open(store, {}, {})) is None
    assert await DatabaseIdentity(store).begin("C1001", "code", "en") == "unavailable"
