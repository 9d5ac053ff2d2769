"""What other channels and systems bring over the API, and who may read it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.core.masking import MASK
from tests.web.real_house import Asker, RealSite, real_site

CHAT = {
    "channel": "chat", "external_id": "chat-1", "customer": {"id": "C1"}, "at": "2026-11-20T10:30:00+01:00",
    "summary": "Asked where the watch is", "words": "where is\r\nmy watch? 您好", "language": "en", "intent": "late_delivery",
}  # fmt: skip
FAILED = {
    "kind": "delivery_failed", "external_id": "dhl-1", "customer": {"number": "+86 138 0013 8000"},
    "at": "2026-11-20T10:30:00+01:00", "text": "Nobody was at home", "product": "Watch", "order": "4711",
}  # fmt: skip


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[RealSite]:
    async with real_site(tmp_path, key_requests_per_s=1000) as made:
        yield made


@pytest.fixture
async def shop(site: RealSite) -> AsyncIterator[Asker]:
    async with site.with_key("contacts:write", "contacts:read", "signals:write") as made:
        yield made


async def test_contact_is_new_once_and_the_same_afterwards(site: RealSite, shop: Asker) -> None:
    answer = await shop.send("POST", "/contacts", body=CHAT)
    first = await answer.json()
    assert (answer.status, answer.headers["Location"]) == (201, f"/api/v1/contacts/{first['id']}")
    assert first["at"] == "2026-11-20T09:30:00Z" and first["words"] == "where is\nmy watch? 您好"
    assert (first["customer_id"], first["channel"], first["agent_id"], first["solved"]) == ("C1", "chat", None, None)
    for again in (CHAT, {**CHAT, "customer": {"email": "LIN.MEI@example.com"}}, {**CHAT, "at": "2026-11-20T09:30:00Z"}):
        assert await shop.ask("POST", "/contacts", again) == (200, first)
    assert await shop.ask("GET", f"/contacts/{first['id']}") == (200, first)
    [entry] = await site.trail("contact")
    assert (entry.what, entry.target, entry.detail) == (
        "contact.added",
        first["id"],
        {"channel": "chat"},
    )
    assert entry.by.who.startswith("key:")


async def test_same_id_for_something_else_is_a_conflict_that_names_the_difference(shop: Asker) -> None:
    first = (await shop.ask("POST", "/contacts", CHAT))[1]
    status, problem = await shop.ask("POST", "/contacts", {**CHAT, "summary": "Other", "language": None})
    assert (status, problem["id"]) == (409, first["id"])
    assert [error["pointer"] for error in problem["errors"]] == ["#/summary", "#/language"]
    assert problem["detail"] == "This external_id was used before, with another summary, language."
    assert "summary、language" in problem["texts"]["detail"]["zh"]


async def test_many_at_once_are_one(shop: Asker) -> None:
    answers = await asyncio.gather(*(shop.ask("POST", "/contacts", CHAT) for _ in range(10)))
    assert sorted(status for status, _ in answers) == [200] * 9 + [201]
    assert len({body["id"] for _, body in answers}) == 1


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"channel": "phone"}, "#/channel", "must be one of 'chat'"),
        ({"customer": {"id": "nobody"}}, "#/customer", "no such customer"),
        ({"customer": {"number": "+49 30 1"}}, "#/customer", "no such customer"),
        ({"customer": {"email": "both@example.com"}}, "#/customer", "several customers"),
        ({"customer": {}}, "#/customer", "exactly one"),
        ({"customer": {"id": "C1", "number": "+86 138 0013 8000"}}, "#/customer", "exactly one"),
        ({"customer": {"id": None}}, "#/customer", "exactly one"),
        ({"customer": "C1"}, "#/customer", "must be an object"),
        ({"external_id": ""}, "#/external_id", "1 to 128"),
        ({"external_id": "x" * 129}, "#/external_id", "1 to 128"),
        ({"external_id": "a b"}, "#/external_id", "without spaces"),
        ({"external_id": "4111-1111-1111-1111"}, "#/external_id", "put letters directly before it"),
        ({"at": "2026-11-20T10:30:00"}, "#/at", "must be a time"),
        ({"at": "2026-11-20"}, "#/at", "must be a time"),
        ({"at": "1999-12-31T23:59:59Z"}, "#/at", "between 2000 and tomorrow"),
        ({"at": "9999-12-31T23:59:59-23:00"}, "#/at", "between 2000 and tomorrow"),
        ({"at": "0001-01-01T00:00:00+23:00"}, "#/at", "between 2000 and tomorrow"),
        ({"at": 1763600000}, "#/at", "must be a time"),
        ({"summary": "a\nb"}, "#/summary", "must be one line"),
        ({"summary": "x" * 501}, "#/summary", "500 characters or fewer"),
        ({"words": "x" * 8001}, "#/words", "8000 characters or fewer"),
        ({"words": "a\u001bb"}, "#/words", "control characters"),
        ({"language": "de"}, "#/language", "must be one of 'en' or 'zh'"),
        ({"intent": "Late delivery"}, "#/intent", "one word of letters"),
    ],
)
async def test_what_does_not_fit_is_told_with_its_place(
    shop: Asker, changes: dict[str, Any], pointer: str, words: str
) -> None:
    status, problem = await shop.ask("POST", "/contacts", {**CHAT, **changes})
    assert status == 422
    [error] = problem["errors"]
    assert error["pointer"] == pointer and words in error["detail"], error


async def test_other_systems_clock_may_be_a_little_ahead(shop: Asker) -> None:
    soon, late = (datetime.now(UTC) + timedelta(hours=h) for h in (23, 25))
    assert (await shop.ask("POST", "/contacts", {**CHAT, "at": soon.isoformat(timespec="seconds")}))[0] == 201
    assert (await shop.ask("POST", "/contacts", {**CHAT, "external_id": "2", "at": late.isoformat()}))[0] == 422


# -- the line of time


async def test_timeline_is_read_page_by_page(shop: Asker) -> None:
    await shop.ask("POST", "/contacts", {**CHAT, "at": "2026-11-20T12:00:00Z"})
    seen, path, pages = [], "/customers/C1/timeline?limit=4", 0
    while path:
        status, page = await shop.ask("GET", path)
        assert status == 200
        seen += [contact["summary"] for contact in page["items"]]
        path = page["next"] and f"/customers/C1/timeline?limit=4&cursor={page['next']}"
        pages += 1
    assert pages == 2 and sorted(seen) == ["Asked where the watch is", *(f"call {n}" for n in range(5))]
    assert (await shop.ask("GET", "/customers/nobody/timeline"))[0] == 404
    assert await shop.ask("GET", "/customers/C2/timeline") == (200, {"items": [], "next": None})


@pytest.mark.parametrize(
    "wrong", ["x", "!!", "W10", "WzEsMl0", "bnVsbA", "e30", "", "A" * 401, "WyIyMDI2LTExLTIwIiwieCJd"]
)
async def test_cursor_that_no_page_gave_is_refused(shop: Asker, site: RealSite, wrong: str) -> None:
    status, problem = await shop.ask("GET", f"/customers/C1/timeline?cursor={wrong}")
    assert (status, problem["errors"][0]["parameter"]) == (422, "cursor")
    async with site.signed_in() as root:
        assert (await root.ask("GET", f"/audit?cursor={wrong}"))[0] == 422


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "1_0", " 1", "+1", "٣", "", "x", "1e1", "9" * 30])
async def test_limit_that_is_none_is_refused(shop: Asker, limit: str) -> None:
    status, problem = await shop.ask("GET", "/customers/C1/timeline", params={"limit": limit})
    assert (status, problem["errors"][0]["parameter"]) == (422, "limit")


async def test_people_who_read_what_is_not_theirs_are_in_the_trail(site: RealSite, shop: Asker) -> None:
    async with site.signed_in("sue") as sue, site.signed_in("wei") as wei:
        for asker, status in ((sue, 200), (wei, 403), (shop, 200)):
            assert (await asker.ask("GET", "/customers/C1/timeline"))[0] == status
            assert (await asker.ask("GET", "/contacts/call-1"))[0] == status
            assert (await asker.ask("GET", "/signals?customer=C1"))[0] == status
        assert (await sue.ask("GET", "/signals?customer=GONE"))[0] == (await sue.ask("GET", "/signals"))[0] == 200
    every, nobody = (await site.trail("signals"))[:2]
    assert (every.target, every.detail, nobody.target, nobody.detail) == (None, {}, None, {"customer": "unknown"})
    read = [(e.by.who, e.what, e.target) for e in await site.trail() if e.what.endswith(".read") and e.target]
    assert read == [("sue", "signals.read", "C1"), ("sue", "contact.read", "call-1"), ("sue", "timeline.read", "C1")]


# -- signals


async def test_signal_is_kept_once_and_open_for_a_month(site: RealSite, shop: Asker) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    signal = {**FAILED, "at": at.isoformat()}
    status, first = await shop.ask("POST", "/signals", signal)
    assert status == 201 and first["open"] and first["customer_id"] == "C1"
    assert datetime.fromisoformat(first["expires_at"]) == at + timedelta(days=30)
    assert await shop.ask("POST", "/signals", {**signal, "customer": {"id": "C1"}}) == (200, first)
    status, problem = await shop.ask("POST", "/signals", {**signal, "order": "4712"})
    assert (status, problem["errors"][0]["pointer"], problem["id"]) == (409, "#/order", first["id"])
    await shop.ask("POST", "/signals", {**FAILED, "external_id": "old", "at": "2020-01-01T00:00:00Z"})
    assert [one["id"] for one in (await shop.ask("GET", "/signals?customer=C1&open=true"))[1]["items"]] == [first["id"]]
    status, page = await shop.ask("GET", "/signals?limit=1")
    assert [one["id"] for one in page["items"]] == [first["id"]] and page["next"]
    status, page = await shop.ask("GET", f"/signals?limit=1&cursor={page['next']}")
    assert [one["open"] for one in page["items"]] == [False] and page["next"] is None
    assert [one.text for one in await site.signals.open_for("C1")] == ["Nobody was at home"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "Delivery failed"}, "#/kind"),
        ({"expires_at": "2026-11-20T10:30:00+01:00"}, "#"),
        ({"expires_at": "2029-11-20T10:30:00+01:00"}, "#"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "#/expires_at"),
        ({"order": "a b"}, "#/order"),
        ({"order": "4111111111111111"}, "#/order"),
        ({"kind": "card_4111111111111111"}, "#/kind"),
        ({"product": ""}, "#/product"),
        ({"text": " "}, "#/text"),
    ],
)
async def test_signal_that_does_not_fit_is_refused(shop: Asker, changes: dict[str, Any], pointer: str) -> None:
    status, problem = await shop.ask("POST", "/signals", {**FAILED, **changes})
    assert (status, [error["pointer"] for error in problem["errors"]]) == (422, [pointer])


# -- numbers of cards


async def test_card_numbers_are_not_kept(site: RealSite, shop: Asker, tmp_path: Path) -> None:
    said = {**CHAT, "words": "4111 1111 1111 1111", "summary": "paid with 4111111111111111"}
    status, kept = await shop.ask("POST", "/contacts", said)
    assert (status, kept["words"], kept["summary"]) == (201, MASK, f"paid with {MASK}")
    assert (await shop.ask("POST", "/contacts", said))[0] == 200
    _, signal = await shop.ask("POST", "/signals", {**FAILED, "text": "card 4111111111111111 refused"})
    assert signal["text"] == f"card {MASK} refused"
    (tmp_path / "other").mkdir()
    async with real_site(tmp_path / "other", card_safe=False) as open_site, open_site.with_key("contacts:write") as key:
        assert (await key.ask("POST", "/contacts", said))[1]["words"] == "4111 1111 1111 1111"
