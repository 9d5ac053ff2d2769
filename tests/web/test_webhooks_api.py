"""Webhooks: made once, their secret shown once, changed, tried out and removed, each with its line in the audit trail."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from ivr.adapters.database import DatabaseOutbox
from ivr.adapters.database.schema import tables as t
from ivr.calls.integrations.webhooks import MOST, DeliveryResult, Keyless, Signer
from ivr.wire.webhooks import signing
from tests.web.real_house import CONSOLE, Asker, RealSite, real_site
from tests.web.web_fakes import browser

URL = "https://crm.example/hook?token=hush"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[RealSite]:
    async with real_site(tmp_path) as made:
        yield made


async def make(root: Asker, **changes: Any) -> dict[str, Any]:
    status, made = await root.ask("POST", "/webhooks", {"url": URL, "events": ["call.ended"], **changes})
    assert status == 201, made
    result: dict[str, Any] = made
    return result


async def waiting(site: RealSite, webhook: str, *streams: str) -> None:
    """Events that wait to be sent."""
    now = datetime.now(UTC)
    async with site.store.begin() as connection:
        for number, stream in enumerate(streams):
            values = {"webhook_id": webhook, "event": f"evt_{number}", "type": "call.ended", "stream": stream, "body": "{}",
                      "state": "waiting", "tries": 0, "made_at": now, "next_at": now}  # fmt: skip
            await connection.execute(insert(t.webhook_events).values(**values))


async def test_secret_is_shown_once_and_kept_nowhere(site: RealSite) -> None:
    async with site.signed_in() as root:
        made = await make(root, events=["contact.closed", "call.started", "call.started"])
        assert (
            made["events"] == ["call.started", "contact.closed"] and made["words"] is False and made["active"] is True
        )
        kept = await site.webhooks.find(made["id"])
        assert kept and made["secret"] == signing.shown(signing.secret(b"k" * 32, kept.salt))
        assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
        _, listed = await root.ask("GET", "/webhooks")
        assert listed["items"] == [{name: value for name, value in made.items() if name != "secret"}]
        trail = json.dumps([dict(one.detail) for one in await site.trail()])
        for hidden in (made["secret"], kept.salt, kept.check, "hush"):
            assert hidden not in trail
        assert kept.salt not in json.dumps(listed) and kept.check not in json.dumps(listed)


async def test_new_secret_signs_beside_the_old_one_for_a_day(site: RealSite) -> None:
    async with site.signed_in() as root:
        made = await make(root)
        status, renewed = await root.ask("POST", f"/webhooks/{made['id']}/secret")
        assert status == 200 and renewed["secret"] != made["secret"]
        until = datetime.fromisoformat(renewed["old_secret_until"])
        assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)
        assert (await root.ask("POST", f"/webhooks/{made['id']}/test"))[1]["delivered"] is True
        _, headers, body = site.receiver.got[-1]
        secrets = [base64.b64decode(one["secret"].removeprefix("whsec_")) for one in (renewed, made)]
        at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        assert headers == signing.headers(secrets, headers["webhook-id"], at, body)
        kept = await site.webhooks.find(made["id"])
        assert kept
        await site.webhooks.put(replace(kept, old_until=datetime.now(UTC)), CONSOLE)
        await root.ask("POST", f"/webhooks/{made['id']}/test")
        assert " " not in site.receiver.got[-1][1]["webhook-signature"]
        assert "webhook.renewed" in [one.what for one in await site.trail("webhook")]


async def test_test_says_what_came_of_it(site: RealSite) -> None:
    async with site.signed_in() as root:
        made = await make(root, active=False)
        for said, told in (
            (DeliveryResult(204, took_ms=5.0), {"delivered": True, "status": 204, "error": None, "took_ms": 5.0}),
            (DeliveryResult(500), {"delivered": False, "status": 500, "error": "http_500", "took_ms": 0.0}),
            (DeliveryResult(error="timeout"), {"delivered": False, "status": None, "error": "timeout", "took_ms": 0.0}),
        ):
            site.receiver.says = said
            assert await root.ask("POST", f"/webhooks/{made['id']}/test") == (200, told)
        url, headers, body = site.receiver.got[-1]
        assert url == URL and headers["webhook-id"].startswith("evt_")
        assert json.loads(body)["type"] == "webhook.test" and json.loads(body)["data"] == {"webhook": made["id"]}
        tested = [dict(one.detail) for one in await site.trail("webhook.tested")]
        assert tested[0] == {"url": "https://crm.example/hook?…", "status": None, "error": "timeout"}
        assert (await root.ask("POST", f"/webhooks/{'0' * 16}/test"))[0] == 404


async def test_change_switch_off_and_remove(site: RealSite) -> None:
    async with site.signed_in() as root:
        made = await make(root)
        path = f"/webhooks/{made['id']}"
        await waiting(site, made["id"], "c1", "c1")
        status, changed = await root.ask("PATCH", path, {"url": "https://new.example/", "words": True})
        assert status == 200 and (changed["url"], changed["words"], changed["waiting"]) == (
            "https://new.example/",
            True,
            2,
        )
        assert await root.ask("PATCH", path, {}) == (200, changed)
        _, off = await root.ask("PATCH", path, {"active": False})
        assert (off["active"], off["waiting"], off["failed"], off["error"]) == (False, 0, 2, "switched_off")
        await DatabaseOutbox(site.store).gone(made["id"], datetime.now(UTC))
        _, on = await root.ask("PATCH", path, {"active": True})
        assert (on["active"], on["off_why"]) == (True, None)
        details = [(one.what, dict(one.detail)) for one in await site.trail("webhook")]
        assert details[:3] == [
            ("webhook.changed", {"active": [False, True]}), ("webhook.changed", {"active": [True, False]}),
            ("webhook.changed", {"url": ["https://crm.example/hook?…", "https://new.example/"], "words": [False, True]}),
        ]  # fmt: skip
        assert (await root.ask("DELETE", path))[0] == 204
        assert (await root.ask("DELETE", path))[0] == 404
        for method, end, body in (("PATCH", "", {}), ("POST", "/secret", None), ("GET", "/events", None)):
            assert (await root.ask(method, path + end, body))[0] == 404


async def test_what_went_wrong_is_beside_its_field(site: RealSite) -> None:
    async with site.signed_in() as root:
        for url, words in (
            ("http://crm.example/", "https://"), ("https://127.0.0.1/", "private network"), ("https://a@b/", "password"),
            ("https://crm.exämple/", "ASCII"), ("", "empty"),
            ("https://:443/", "needs a host"), ("https://a.example:99999/", "1 to 65535"), ("https://[fe80::1%25eth0]/", "zone"),
            ("https://a.example/#x", "behind #"), ("https://2130706433/", "needs a host"),
        ):  # fmt: skip
            status, problem = await root.ask("POST", "/webhooks", {"url": url, "events": ["call.ended"]})
            assert (status, problem["errors"][0]["pointer"]) == (422, "#/url"), url
            assert words in problem["errors"][0]["detail"], url
        made = await make(root)
        assert (await root.ask("PATCH", f"/webhooks/{made['id']}", {"url": "https://[::1]/"}))[0] == 422
        assert (await root.ask("PATCH", f"/webhooks/{made['id']}", {"words": None}))[0] == 422
        for events in ([], ["call.exploded"], "call.ended", None):
            status, problem = await root.ask("POST", "/webhooks", {"url": URL, "events": events})
            assert status == 422, events
        for _ in range(MOST - 1):
            await make(root)
        status, problem = await root.ask("POST", "/webhooks", {"url": URL, "events": ["call.ended"]})
        assert (status, problem["detail"]) == (409, f"There are {MOST} webhooks already.")


async def test_private_receivers_where_they_are_allowed(tmp_path: Path) -> None:
    async with real_site(tmp_path, private_webhooks=True) as site, site.signed_in() as root:
        assert (await make(root, url="http://127.0.0.1:9000/hook"))["url"] == "http://127.0.0.1:9000/hook"
        assert (await root.ask("POST", "/webhooks", {"url": "http://a:b@c/", "events": ["call.ended"]}))[0] == 422


async def test_events_page_by_page(site: RealSite) -> None:
    async with site.signed_in() as root:
        made = await make(root)
        path = f"/webhooks/{made['id']}/events"
        await waiting(site, made["id"], "c1", "c2", "c3")
        (parcel, *_) = await DatabaseOutbox(site.store).heads(made["id"], [], 1)
        await DatabaseOutbox(site.store).given_up(parcel, "timeout", datetime.now(UTC))
        _, first = await root.ask("GET", f"{path}?limit=2")
        _, second = await root.ask("GET", f"{path}?limit=2&cursor={first['next']}")
        assert [one["about"] for one in (*first["items"], *second["items"])] == ["c3", "c2", "c1"] and not second[
            "next"
        ]
        _, failed = await root.ask("GET", f"{path}?state=failed")
        assert [(one["event"], one["error"], one["next_at"]) for one in failed["items"]] == [("evt_0", "timeout", None)]
        assert (await root.ask("GET", f"{path}?state=lost"))[0] == 422


async def test_keys_with_the_scope_may_and_are_named_in_the_trail(site: RealSite) -> None:
    number, text = await site.make_key("webhooks:manage")
    async with browser() as http:
        system = Asker(http, site.url, {"Authorization": f"Bearer {text}"})
        made = await make(system)
        assert made["created_by"] == f"key:{number}"
        assert (await site.trail("webhook"))[0].by.who == f"key:{number}"


async def test_without_a_key_there_is_no_secret(site: RealSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: Signer) -> tuple[str, str, str]:
        raise Keyless("[webhooks] key_file var/webhooks.key: Permission denied")

    monkeypatch.setattr(Signer, "new", away)
    async with site.signed_in() as root:
        status, problem = await root.ask("POST", "/webhooks", {"url": URL, "events": ["call.ended"]})
        assert status == 409 and "Permission denied" in problem["detail"]
        assert (await root.ask("GET", "/webhooks"))[1] == {"items": []}
