"""People over the API: adding, changing, and what happens to their sessions at that very moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from ivr.adapters.database.customers.settlements import DatabaseSettlements
from ivr.calls.agents.settling import Limits
from ivr.calls.people.refusals import MORE, WRITTEN
from ivr.core.caller import AgentId
from ivr.core.weak_passwords import words_of
from tests.conftest import PATIENCE_S
from tests.web.real_house import CONSOLE, Asker, RealSite, real_site
from tests.web.web_fakes import NOW, PASSWORD, browser

PHONE = {
    "interface": "PJSIP/1002", "queues": ["orders", "billing"], "languages": ["zh", "en"], "skills": {"returns": 7},
    "region": None,
}  # fmt: skip
NEW = {"login": "ana", "name": "Ana Kovač 安娜", "phone": PHONE, "password": "twelve letters"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[RealSite]:
    async with real_site(tmp_path) as made:
        yield made


@pytest.fixture
async def root(site: RealSite) -> AsyncIterator[Asker]:
    async with site.signed_in() as made:
        yield made


def pointers(problem: dict[str, Any]) -> list[str]:
    return [error.get("pointer", error.get("parameter")) for error in problem["errors"]]


async def test_everybody_is_listed(root: Asker) -> None:
    status, body = await root.ask("GET", "/people")
    assert (status, [person["login"] for person in body["items"]]) == (200, ["root", "sue", "wei"])
    assert body["items"][2] == {
        "login": "wei", "name": "Chen Wei", "role": "agent", "active": True, "language": "en", "has_password": True,
        "linked": False, "second_factor": False, "allowance": None,
        "phone": {
            "interface": "PJSIP/1001", "queues": ["orders"], "languages": ["en", "zh"], "skills": {"delivery": 9}, "region": None,
        },
    }  # fmt: skip
    assert body["items"][0]["phone"] is None
    assert "argon2" not in str(body)


async def test_person_is_added_and_comes_in(site: RealSite, root: Asker) -> None:
    answer = await root.send("POST", "/people", body=NEW)
    assert (answer.status, answer.headers["Location"]) == (201, "/api/v1/people/ana")
    assert (await answer.json())["phone"] == PHONE
    status, person = await root.ask("GET", "/people/ana")
    assert (status, person["role"], person["phone"]) == (200, "agent", PHONE)
    async with site.signed_in("ana", "twelve letters") as ana, ana.http.ws_connect(f"{site.url}/ws", origin=site.url):
        pass
    assert [agent.id for agent in site.staff.taken] == ["ana"], "the calls learn of somebody new at the first desk"
    added = (await site.trail("person.added"))[0]
    assert (added.by.who, added.by.role, added.by.address, added.target) == ("root", "admin", "127.0.0.1", "ana")


async def test_what_somebody_may_give_away_is_set_and_taken_back(site: RealSite, root: Asker) -> None:
    may = {"per_call": "50.00", "per_day": "500.00"}
    _, person = await root.ask("POST", "/people", {**NEW, "allowance": {"per_call": "50", "per_day": "500"}})
    assert person["allowance"] == may
    limits = DatabaseSettlements(site.store, Limits())
    given = (await limits.authorities([AgentId("ana")], None, NOW, NOW))[AgentId("ana")]
    assert (given.per_call, given.today) == (50, 500)
    _, person = await root.ask("PATCH", "/people/ana", {"name": "Ana"})
    assert person["allowance"] == may, "what is left out stays"
    _, person = await root.ask("PATCH", "/people/ana", {"allowance": None})
    assert person["allowance"] is None
    assert (await limits.authorities([AgentId("ana")], None, NOW, NOW))[AgentId("ana")].per_call == Limits().per_call
    assert [entry.detail.get("allowance") for entry in await site.trail("person.changed")] == [[may, None], None]
    await root.ask("PATCH", "/people/ana", {"allowance": {"per_call": "0", "per_day": "0.10"}})
    status, person = await root.ask("PATCH", "/people/ana", {"phone": None})
    assert (status, person["allowance"]) == (200, None), "who takes no calls has nothing to give away"
    status, problem = await root.ask("PATCH", "/people/sue", {"allowance": {"per_call": "5", "per_day": "5"}})
    assert (status, pointers(problem)) == (422, ["#/allowance"])


async def test_person_without_a_password_comes_in_by_none(site: RealSite, root: Asker) -> None:
    status, person = await root.ask(
        "POST", "/people", {"login": "eve@example.com", "name": "Eve", "role": "supervisor"}
    )
    assert (status, person["has_password"], person["phone"]) == (201, False, None)
    async with browser() as http:
        for password in ("", " ", "x"):
            with pytest.raises(AssertionError):
                await site.sign_in(http, "eve@example.com", password)


@pytest.mark.parametrize(
    ("changes", "pointer", "words"),
    [
        ({"login": "a b"}, "#/login", "may have letters"),
        ({"login": "x" * 65}, "#/login", "64 at most"),
        ({"name": ""}, "#/name", "must not be empty"),
        ({"name": "x" * 201}, "#/name", "200 characters or fewer"),
        ({"name": "a\nb"}, "#/name", "must be one line"),
        ({"name": "Ana\u202egnp.exe"}, "#/name", "must be one line"),
        ({"name": " Ana"}, "#/name", "without spaces around it"),
        ({"name": 5}, "#/name", "must be text"),
        ({"role": "king"}, "#/role", "must be one of 'agent', 'supervisor' or 'admin'"),
        ({"password": "short"}, "#/password", "10 characters or more"),
        ({"phone": {**PHONE, "queues": ["orders", "nix"]}}, "#/phone/queues/1", "no queue 'nix'; known are orders"),
        ({"phone": {**PHONE, "interface": "PJSIP/1,hangup"}}, "#/phone/interface", "could misread"),
        ({"phone": {**PHONE, "interface": "PJSIP/1\r\nAction: Originate"}}, "#/phone/interface", "what Asterisk rings"),
        ({"phone": {**PHONE, "skills": {"a b": 1}}}, "#/phone/skills/a%20b", "one word of letters"),
        ({"phone": {**PHONE, "skills": {"a": 11}}}, "#/phone/skills/a", "must be 10 or less"),
        ({"phone": {**PHONE, "skills": {"a": True}}}, "#/phone/skills/a", "whole number"),
        ({"phone": {**PHONE, "languages": []}}, "#/phone/languages", "must not be empty"),
        ({"phone": []}, "#/phone", "must be an object"),
        ({"allowance": {"per_call": "-1", "per_day": "5"}}, "#/allowance/per_call", "must be an amount below a million"),
        ({"allowance": {"per_call": "1.999", "per_day": "5"}}, "#/allowance/per_call", "must be an amount below a million"),
        ({"allowance": {"per_call": "5"}}, "#/allowance/per_day", "is missing"),
        ({"phone": None, "allowance": {"per_call": "5", "per_day": "5"}}, "#/allowance", "needs a phone"),
        ({"phone": {"queues": []}}, "#/phone/interface", "is missing"),
        ({"admin": True}, "#/admin", "is not known; known are login, name, role, language, phone, allowance, password"),
    ],
)  # fmt: skip
async def test_what_is_not_right_is_told_with_its_place(
    site: RealSite, root: Asker, changes: dict[str, Any], pointer: str, words: str
) -> None:
    status, problem = await root.ask("POST", "/people", {**NEW, **changes})
    assert (status, pointers(problem)) == (422, [pointer])
    [error] = problem["errors"]
    assert words in error["detail"] == error["text"]["en"]
    assert error["text"]["zh"] and error["text"]["zh"] != error["text"]["en"]
    assert await site.accounts.account(changes.get("login", "ana")) is None


async def test_every_fault_is_told_at_once_and_in_the_language_that_is_read(root: Asker) -> None:
    body = {"login": "!", "name": 1, "more": 2}
    status, problem = await root.ask("POST", "/people", body, headers={"Accept-Language": "zh-CN"})
    assert (status, pointers(problem)) == (422, ["#/login", "#/name", "#/more"])
    assert problem["title"] == problem["texts"]["title"]["zh"] == "内容有误。"
    assert problem["errors"][1]["detail"] == "必须是文本"
    assert problem["type"] == "urn:ivr:problem:invalid"


async def test_what_somebody_has_already_is_a_conflict(root: Asker) -> None:
    status, problem = await root.ask("POST", "/people", {"login": "WEI", "name": "Other"})
    assert (status, pointers(problem)) == (409, ["#/login"])
    status, problem = await root.ask("POST", "/people", {**NEW, "phone": {**PHONE, "interface": "pjsip/1001"}})
    assert (status, pointers(problem)) == (409, ["#/phone/interface"])
    assert "belongs to wei already" in problem["detail"] and "已属于 wei" in problem["texts"]["detail"]["zh"]


async def refusals(site: RealSite) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    """What the trail has of what was refused, the newest first."""
    return [(one.by.who, one.what, one.target, dict(one.detail)) for one in await site.trail("refused")]


@pytest.mark.parametrize(
    ("method", "path", "body", "line"),
    [
        ("POST", "/people", {"login": "ana", "name": "Ana", "role": "boss"}, ("person.added", None, "#/role: must be")),
        ("POST", "/people", {"login": "WEI", "name": "Other"}, ("person.added", "WEI", "belongs to wei already")),
        ("POST", "/people", {**NEW, "phone": {**PHONE, "interface": "PJSIP/1001"}}, ("person.added", "ana", "PJSIP/1001")),
        ("PATCH", "/people/root", {"active": False}, ("person.changed", "root", "last active administrator")),
        ("PATCH", "/people/wei", {"phone": {**PHONE, "queues": ["none"]}}, ("person.changed", "wei", "#/phone/queues/0: ")),
        ("POST", "/people/wei/password", {"password": "tiny-pass"}, ("person.changed", "wei", "#/password: must have 10")),
        ("DELETE", "/people/root/second-factor", None, ("second_factor.removed", "root", "/account")),
        ("POST", "/me/password", {"old": "tiny-pass", "new": "a new password"}, ("person.changed", None, "#/old: is not")),
        ("POST", "/keys", {"name": "shop", "scopes": ["everything"]}, ("key.added", None, "#/scopes/0: must be")),
        ("POST", "/webhooks", {"url": "ftp://x", "events": ["call.ended"]}, ("webhook.added", None, "#/url: ")),
    ],
    ids=["role", "login", "phone", "last", "queue", "password", "factor", "mine", "key", "webhook"],
)  # fmt: skip
async def test_what_is_refused_leaves_one_line(
    site: RealSite, root: Asker, method: str, path: str, body: Any, line: tuple[str, str | None, str]
) -> None:
    assert (await root.ask(method, path, body))[0] in (409, 422)
    [(who, what, target, detail)] = await refusals(site)
    assert (who, what, target) == ("root", f"refused: {line[0]}", line[1])
    assert line[2] in detail["why"] and "tiny-pass" not in str(detail)
    assert not [one for one in await site.trail() if one.what == line[0] and one.by.who == "root"], "it was not done"


@pytest.mark.parametrize("name", ["Lin Mei +8613800138000 owes us", "4111 1111 1111 1111", "x" * 60])
async def test_names_that_somebody_made_up_are_not_in_the_trail(site: RealSite, root: Asker, name: str) -> None:
    assert (await root.ask("PATCH", "/me", {name: 1}))[0] == 422
    [(_, _, _, detail)] = await refusals(site)
    assert "an unknown field: " in detail["why"] and name[:8] not in str(detail)


async def test_what_was_wanted_of_somebody_stands_beside_the_refusal(site: RealSite, root: Asker) -> None:
    await root.ask("PATCH", "/people/root", {"role": "agent"})
    [(_, _, _, detail)] = await refusals(site)
    assert detail["role"] == ["admin", "agent"]


async def test_what_other_systems_ask_for_in_vain_leaves_no_line(site: RealSite) -> None:
    async with site.with_key("webhooks:manage") as shop:
        assert (await shop.ask("POST", "/webhooks", {"url": "ftp://x", "events": ["call.ended"]}))[0] == 422
    assert await refusals(site) == []


# -- changing


async def test_only_what_is_named_is_changed(site: RealSite, root: Asker) -> None:
    before = (await root.ask("GET", "/people/wei"))[1]
    status, after = await root.ask("PATCH", "/people/wei", {"name": "Wei Chen"})
    assert (status, after) == (200, {**before, "name": "Wei Chen"})
    status, after = await root.ask("PATCH", "/people/wei", {"phone": {**before["phone"], "queues": []}})
    assert after["phone"]["queues"] == [] and after["name"] == "Wei Chen"
    assert [(agent.name, agent.queues) for agent in site.staff.taken] == [("Wei Chen", ("orders",)), ("Wei Chen", ())]
    status, after = await root.ask("PATCH", "/people/wei", {"phone": None})
    assert (status, after["phone"], [agent.id for agent in site.staff.left]) == (200, None, ["wei"])
    assert (await root.ask("PATCH", "/people/wei", {}))[0] == 200
    for field in ("name", "role", "active", "language", "linked"):
        status, problem = await root.ask("PATCH", "/people/wei", {field: None})
        assert (status, pointers(problem)) == (422, [f"#/{field}"])
    assert (await root.ask("PATCH", "/people/nobody", {}))[0] == 404
    assert (await root.ask("GET", "/people/nobody"))[0] == 404


@pytest.mark.parametrize(
    "change", [{"role": "supervisor"}, {"active": False}, {"phone": None}, "password"],
    ids=["role", "activity", "phone", "password"],
)  # fmt: skip
async def test_sessions_end_at_once_with_what_they_rest_on(site: RealSite, root: Asker, change: Any) -> None:
    async with site.signed_in("wei") as wei, wei.http.ws_connect(f"{site.url}/ws", origin=site.url) as desk:
        assert (await desk.receive_json(timeout=PATIENCE_S))["type"] == "hello"
        if change == "password":
            status, _ = await root.ask("POST", "/people/wei/password", {"password": "another password"})
        else:
            status, _ = await root.ask("PATCH", "/people/wei", change)
        assert status in (200, 204)
        assert (await desk.receive(timeout=PATIENCE_S)).type is aiohttp.WSMsgType.CLOSE, "not at the next look, now"
        assert desk.close_code == 4401
        assert (await wei.ask("GET", "/me"))[0] == 401
    assert (await root.ask("GET", "/me"))[0] == 200


async def test_what_a_session_does_not_rest_on_leaves_it_alone(site: RealSite, root: Asker) -> None:
    async with site.signed_in("wei") as wei:
        await root.ask("PATCH", "/people/wei", {"name": "Other", "language": "zh"})
        assert (await wei.ask("GET", "/me"))[1]["name"] == "Other"


async def test_change_from_elsewhere_ends_sessions_at_the_next_request(site: RealSite) -> None:
    async with site.signed_in("sue") as sue:
        await site.accounts.change("sue", lambda one: replace(one, role="agent"), CONSOLE)
        assert (await sue.ask("GET", "/me"))[0] == 401


async def test_inactive_person_is_told_nothing_at_the_door(site: RealSite, root: Asker) -> None:
    await root.ask("PATCH", "/people/wei", {"active": False})
    async with browser() as http:
        with pytest.raises(AssertionError, match="401"):
            await site.sign_in(http, "wei")
    await root.ask("PATCH", "/people/wei", {"active": True})
    async with site.signed_in("wei"):
        pass


@pytest.mark.parametrize("change", [{"role": "supervisor"}, {"active": False}])
async def test_last_admin_stays_one(root: Asker, change: dict[str, Any]) -> None:
    status, problem = await root.ask("PATCH", "/people/root", change)
    assert status == 409
    assert (
        "last active administrator" in problem["detail"] and "最后一位启用的管理员" in problem["texts"]["detail"]["zh"]
    )
    assert (await root.ask("GET", "/me"))[1]["role"] == "admin"
    await root.ask("PATCH", "/people/sue", {"role": "admin"})
    assert (await root.ask("PATCH", "/people/root", change))[0] == 200
    assert (await root.ask("GET", "/me"))[0] == 401


async def test_what_cannot_be_written_down_is_not_done(site: RealSite, root: Asker) -> None:
    async with site.store.begin() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    status, problem = await root.ask("PATCH", "/people/wei", {"role": "admin"})
    assert status in (500, 503) and "audit" not in str(problem)
    found = await site.accounts.account("wei")
    assert found and found.role == "agent"
    async with browser() as http:
        with pytest.raises(AssertionError, match="50"):
            await site.sign_in(http, "wei")  # a sign-in that nobody could see afterwards


# -- oneself


async def test_language_and_password_of_ones_own(site: RealSite) -> None:
    async with site.signed_in("wei") as wei, site.signed_in("wei") as elsewhere:
        status, me = await wei.ask("PATCH", "/me", {"language": "zh"})
        assert (status, me["language"], me["agent"]) == (200, "zh", {"id": "wei", "name": "Chen Wei"})
        assert (await wei.ask("PATCH", "/me", {"role": "admin", "language": "en"}))[0] == 422
        status, problem = await wei.ask("POST", "/me/password", {"old": "wrong", "new": "a new password"})
        assert (status, pointers(problem)) == (422, ["#/old"])
        assert (await wei.ask("POST", "/me/password", {"old": PASSWORD, "new": "short"}))[0] == 422
        assert (await wei.ask("POST", "/me/password", {"old": PASSWORD, "new": "a new password"}))[0] == 204
        assert (await wei.ask("GET", "/me"))[0] == 200, "this browser has a new session"
        assert (await elsewhere.ask("GET", "/me"))[0] == 401, "every other one is over"
    async with site.signed_in("wei", "a new password"):
        pass


async def test_old_password_cannot_be_guessed_by_whoever_sits_there(site: RealSite) -> None:
    async with site.signed_in("wei") as wei:
        wrong = {"old": "wrong", "new": "a new password"}
        statuses = [(await wei.ask("POST", "/me/password", wrong))[0] for _ in range(6)]
        assert statuses == [422] * 5 + [429]
        answer = await wei.send("POST", "/me/password", body={**wrong, "old": PASSWORD})
        assert (answer.status, answer.headers["Retry-After"]) == (429, "900")


async def test_queues_are_told_with_their_titles(root: Asker) -> None:
    status, body = await root.ask("GET", "/queues")
    assert (status, body["items"][0]) == (200, {"name": "orders", "title": {"en": "Orders", "zh": "订单"}})


# -- where people come to


@pytest.mark.parametrize(("login", "place"), [("root", "/admin"), ("sue", "/account"), ("wei", None)])
async def test_who_has_no_phone_gets_the_page_that_is_theirs(site: RealSite, login: str, place: str | None) -> None:
    async with site.signed_in(login) as who, who.http.get(f"{site.url}/", allow_redirects=False) as answer:
        assert (answer.status, answer.headers.get("Location")) == ((200, None) if place is None else (303, place))


@pytest.mark.parametrize(
    ("login", "method", "path", "body"),
    [("wei", "PATCH", "/me", {"language": "xx"}), ("root", "POST", "/people", {"login": "WEI", "name": "Other"})],
    ids=["an agent's page", "in the accounts' own transaction"],
)
async def test_who_asks_in_vain_again_and_again_does_not_fill_the_trail(
    site: RealSite, login: str, method: str, path: str, body: Any
) -> None:
    async with site.signed_in(login) as somebody, site.signed_in("sue") as other:
        statuses = []
        for number in range(300):
            statuses.append((await somebody.ask(method, path, body))[0])
            site.clock.now += 0.02 if number < 150 else 0.0
        assert statuses[:50] == [422 if login == "wei" else 409] * 50
        assert statuses[-1] == 429 and (await other.ask("GET", "/me"))[0] == 200
        status, problem = await somebody.ask("GET", "/me")
        assert (status, problem["detail"]) == (429, "Too many requests: try again in 1 s.")
        site.clock.now += 1.0
        assert (await somebody.ask("GET", "/me"))[0] == 200
    lines = await refusals(site)
    assert len(lines) == WRITTEN + 1 and lines[0][1] == MORE


@pytest.mark.parametrize(
    ("login", "path", "body", "pointer"),
    [
        ("root", "/people", {**NEW, "password": "kovač-anna-2026"}, "#/password"),
        ("root", "/people/wei/password", {"password": "ChenWei-1985"}, "#/password"),
        ("root", "/people/wei/password", {"password": "harbourwatches2026"}, "#/password"),
        ("wei", "/me/password", {"old": PASSWORD, "new": "passwordpassword"}, "#/new"),
    ],
    ids=["name of somebody new", "name", "house", "everybody's"],
)
async def test_password_that_is_soon_guessed_is_refused(
    tmp_path: Path, login: str, path: str, body: Any, pointer: str
) -> None:
    async with (
        real_site(tmp_path, own_words=lambda: words_of("Harbour Watches, hello.")) as site,
        site.signed_in(login) as somebody,
    ):
        status, problem = await somebody.ask("POST", path, body)
        assert (status, pointers(problem)) == (422, [pointer])
        assert "is too easily guessed: without common words" in str(problem["errors"])
        [(_, _, _, detail)] = await refusals(site)
        assert not any(word in str(detail) for word in ("2026", "1985", "passwordpassword"))
        async with site.signed_in("wei"):
            pass
