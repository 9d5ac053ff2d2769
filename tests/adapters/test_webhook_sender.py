"""The way out, against a real receiver: that fails, is slow, redirects, answers without end, dies and comes back."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from ivr.adapters.database import DatabaseOutbox, DatabaseRecords, DatabaseWebhooks, Store
from ivr.adapters.webhook_sender import HttpSender
from ivr.calls.integrations.webhook_delivery import Schedule, Sent, SubscriptionDelivery
from ivr.calls.integrations.webhooks import DeliveryResult, Keyless
from ivr.calls.live import LiveCall
from ivr.calls.people.audit import Actor
from ivr.calls.recorder import Recorder
from ivr.core.caller import AgentId, Caller, CallId
from ivr.core.contact.ledger import Ledger
from ivr.server.data.key_files import key_of
from ivr.wire.webhooks import signing
from ivr.wire.webhooks.addresses import odd
from tests.adapters.database.integrations.test_webhooks import (
    HOOK,
    NOW,
    SIGNER,
    Clock,
    eventually,
    queued,
    running,
    states,
    until_quiet,
)
from tests.calls.fakes import edition
from tests.conftest import PATIENCE_S
from tests.core.little_house import FLOW

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Receiver:
    """Another system, with a port of its own that stays the same when it comes back."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.handler: Handler = self.take
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=t"

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((dict(request.headers), await request.read()))
        return web.Response(status=204)

    async def start(self) -> None:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self.handler(request)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def die(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.start()
    yield made
    await made.die()


@pytest.fixture
async def sender() -> AsyncIterator[HttpSender]:
    made = HttpSender(allow_private=True, timeout_s=0.5)
    yield made
    await made.close()


def answering(status: int, **more: Any) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, **more)

    return answer


# -- one attempt


async def test_what_comes_is_what_was_signed(receiver: Receiver, sender: HttpSender) -> None:
    body = '{"x":"林"}'.encode()
    said = await sender.send(receiver.url, SIGNER.headers(HOOK, "evt_1", datetime.now(UTC), body), body)
    ((headers, came),) = receiver.got
    assert said.delivered and said.status == 204 and came == body
    assert headers["Content-Type"] == "application/json" and headers["User-Agent"] == "ivr-webhooks"
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    again = signing.headers([signing.secret(b"k" * 32, HOOK.salt)], "evt_1", at, came)
    assert headers["webhook-signature"] == again["webhook-signature"]
    assert not {"Cookie", "Authorization"} & set(headers)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status: int, receiver: Receiver, sender: HttpSender) -> None:
    asked: list[str] = []

    async def away(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere", "Set-Cookie": "a=b"})

    receiver.handler = away
    said = await sender.send(receiver.url, {}, b"{}")
    assert (said.status, said.delivered, asked) == (status, False, ["/hook"])


async def test_answers_that_fail(receiver: Receiver, sender: HttpSender) -> None:
    for status in (400, 404, 410, 500):
        receiver.handler = answering(status, text="password=hunter2 <script>")
        said = await sender.send(receiver.url, {}, b"{}")
        assert said == DeliveryResult(status, None, None, said.took_ms), "nothing of what they wrote is taken over"
    for header, seconds in (("120", 120.0), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("9" * 40, None)):
        receiver.handler = answering(503, headers={"Retry-After": header})
        assert (await sender.send(receiver.url, {}, b"{}")).after_s == seconds


async def test_slow_receiver_is_not_waited_for(receiver: Receiver, sender: HttpSender) -> None:
    over = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    receiver.handler = slow
    assert (await sender.send(receiver.url, {}, b"{}")).error == "timeout"
    over.set()


async def test_answer_without_end_is_not_read(receiver: Receiver, sender: HttpSender) -> None:
    chunk, over = gzip.compress(b"0" * 1_000_000), asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await response.prepare(request)
        try:
            while True:
                await response.write(chunk)
                await asyncio.sleep(0)
        except ConnectionError:
            over.set()
        return response

    receiver.handler = endless
    said = await sender.send(receiver.url, {}, b"{}")
    assert said.status == 200
    await asyncio.wait_for(over.wait(), PATIENCE_S)


async def test_receiver_that_speaks_something_else(sender: HttpSender) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n" + b"X" * 100_000)
        writer.close()

    async with await asyncio.start_server(nonsense, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert (await sender.send(f"http://127.0.0.1:{port}/", {}, b"{}")).error in ("no_http", "cut_off")
        assert (await sender.send(f"https://127.0.0.1:{port}/", {}, b"{}")).error in ("certificate", "unreachable")
    assert (await sender.send(f"http://127.0.0.1:{port}/", {}, b"{}")).error == "unreachable"
    assert (await sender.send("http://2130706433/", {}, b"{}")).error == "bad_url"
    assert (await sender.send("http://nobody.invalid/", {}, b"{}")).error == "unknown_name"


# -- where it may lead to


async def test_private_addresses_are_refused_where_the_connection_is_made(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = HttpSender(allow_private=False)
    real = socket.getaddrinfo

    def rebound(host: Any, *rest: Any, **named: Any) -> Any:
        return real("127.0.0.1" if host == "public.example" else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    for host in (
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "public.example",
        "169.254.169.254",
    ):
        said = await sender.send(f"http://{host}:{receiver.port}/", {}, b"{}")
        assert said.error == "private_address", host
    await sender.close()
    assert not receiver.got


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example/", "https://10.0.0.1/", "https://[::1]/", "https://localhost/", "https://x.localhost:8443/",
        "https://user:password@crm.example/", "https://crm.example/#part", "https://crm.example:99999/", "https://[::1/",
        "https:///path", "https://crm.example\\@127.0.0.1/",
    ],
)  # fmt: skip
def test_addresses_that_can_be_judged_beforehand(url: str) -> None:
    assert odd(url, allow_private=False) is not None
    assert odd("https://crm.example:8443/hook?token=x", allow_private=False) is None
    assert odd("http://10.0.0.1:8080/", allow_private=True) is None


# -- the server's key


def test_key_is_made_once_and_only_for_us(tmp_path: Path) -> None:
    path = tmp_path / "var" / "webhooks.key"
    first = key_of(path, "webhooks", "IVR_WEBHOOK_KEY", {})()
    assert len(first) == 43 and path.stat().st_mode & 0o777 == 0o600
    assert key_of(path, "webhooks", "IVR_WEBHOOK_KEY", {})() == first
    assert key_of(path, "webhooks", "IVR_WEBHOOK_KEY", {"IVR_WEBHOOK_KEY": "e" * 32})() == b"e" * 32
    path.write_text("short")
    with pytest.raises(Keyless, match="32 characters"):
        key_of(path, "webhooks", "IVR_WEBHOOK_KEY", {})()
    with pytest.raises(Keyless, match="key_file"):
        key_of(path / "below", "webhooks", "IVR_WEBHOOK_KEY", {})()


# -- from the ledger to the receiver


async def test_call_arrives_as_it_happened(receiver: Receiver, sender: HttpSender, store: Store) -> None:
    await DatabaseWebhooks(store).add(replace(HOOK, url=receiver.url), Actor("root"))
    call = CallId(UUID(int=7))
    live = LiveCall(call, "PJSIP/x", Ledger(call, Caller("+49301234", None, "200"), NOW, "en"), edition(FLOW))

    async def arrived() -> bool:
        return len(receiver.got) == 5

    async with running(store, sender) as (deliveries, records):
        recorder = Recorder(records)
        writing = asyncio.create_task(recorder.run())
        deliveries.changed()
        for kind, facts in (
            ("rang", {"ani": "+49301234", "dnis": "200", "channel": "PJSIP/x"}), ("joined", {}),
            ("queued", {"queue": "orders", "position": 1}),
            ("agent_answered", {"leg": "1", "agent": AgentId("nobody"), "channel": "PJSIP/n"}),
            ("hung_up", {"cause": 16}), ("closed", {}),
        ):  # fmt: skip
            live.ledger.add(NOW, kind, **facts)  # type: ignore[arg-type]
            recorder.put(live)
            if kind in ("queued", "hung_up"):
                live.ledger.story.legs.legs.clear()  # the house has no such agent
                await recorder.drain(10)
        await recorder.drain(10)
        await eventually(arrived)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    types = [json.loads(body)["type"] for _, body in receiver.got]
    assert types == ["call.started", "call.queued", "call.answered", "call.ended", "contact.closed"]
    assert {json.loads(body)["data"]["contact_id"] for _, body in receiver.got} == {str(call)}


async def test_receiver_that_dies_and_comes_back_misses_nothing(
    receiver: Receiver, sender: HttpSender, store: Store
) -> None:
    await DatabaseWebhooks(store).add(replace(HOOK, url=receiver.url), Actor("root"))
    failed = asyncio.Event()

    class Watched:
        async def send(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryResult:
            said = await sender.send(url, headers, body)
            if said.error:
                failed.set()
            return said

    async def all_there() -> bool:
        return set((await states(store)).values()) == {"delivered"}

    async with running(store, Watched()) as (_, records):
        await records.write([queued("c1", 1), queued("c2", 1)])
        await eventually(all_there)
        await receiver.die()
        failed.clear()
        await records.write([queued("c1", 2, 3), queued("c2", 2)])
        await asyncio.wait_for(failed.wait(), PATIENCE_S)
        await records.write([queued("c1", 4)])
        await receiver.start()
        await eventually(all_there)
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(ids) == len(set(ids)) == 6
    positions = [json.loads(body)["data"]["position"] for _, body in receiver.got if b'"c1"' in body]
    assert positions == [1, 2, 3, 4]


async def test_receiver_that_is_gone_is_left_alone(receiver: Receiver, sender: HttpSender, store: Store) -> None:
    hook = replace(HOOK, url=receiver.url)
    await DatabaseWebhooks(store).add(hook, Actor("root"))
    await DatabaseRecords(store, DatabaseOutbox(store)).write([queued("c1", 1, 2)])
    receiver.handler = answering(410)
    clock = Clock()
    clock.now = datetime.now(UTC)
    sent = Sent(Counter(), Counter())
    await until_quiet(
        SubscriptionDelivery(hook, DatabaseOutbox(store), sender, SIGNER, Schedule(), sent, now=clock), clock
    )
    (now,) = await DatabaseWebhooks(store).all()
    assert (now.active, now.off_why) == (False, "gone")
