"""The door: who may come in, how often they may try, and what strangers are told."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from http.cookies import SimpleCookie

import aiohttp
import pytest

from ivr.web.guard.headers import HEADERS
from ivr.web.guard.rate_limits import REMEMBERED, Attempts, Delays, address_key
from ivr.web.sign_in.password import ENTRIES_A_MINUTE
from tests.conftest import PATIENCE_S
from tests.web.web_fakes import PASSWORD, WEI, Clock, Site, browser, hashed, serving

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        yield made


@pytest.fixture
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    async with browser() as http:
        yield http


def cookies(answer: aiohttp.ClientResponse) -> SimpleCookie:
    read = SimpleCookie()
    for line in answer.headers.getall("Set-Cookie", []):
        read.load(line)
    return read


# -- signing in


async def test_right_login_opens_the_desk(site: Site, stranger: aiohttp.ClientSession) -> None:
    answer = await site.try_sign_in(stranger)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    async with stranger.get(f"{site.url}/api/v1/me") as me:
        assert await me.json() == {
            "login": "wei", "name": "Chen Wei", "role": "agent", "language": "en", "agent": {"id": "wei", "name": "Chen Wei"},
            "second_factor": False, "second_factor_missing": False,
        }  # fmt: skip
    async with stranger.get(site.url) as desk:
        text = await desk.text()
    assert desk.status == 200
    assert 'data-version="9.8.7"' in text


async def test_wrong_and_unknown_logins_get_the_same_answer(site: Site, stranger: aiohttp.ClientSession) -> None:
    answers = []
    for login, password in (("wei", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD), ("wei", PASSWORD + " ")):
        answer = await site.try_sign_in(stranger, login, password)
        text = (await answer.text()).replace(f'value="{login}"', "")
        answers.append((answer.status, text, sorted(name for name in answer.headers if name != "Date")))
    assert answers[0][0] == 401
    assert "Login or password is not right." in answers[0][1]
    assert all(answer == answers[0] for answer in answers)


async def test_login_is_given_back_as_text_and_the_password_never(site: Site, stranger: aiohttp.ClientSession) -> None:
    login = '"><script>alert(1)</script>$csrf'
    answer = await site.try_sign_in(stranger, login, "s3cret-$login")
    text = await answer.text()
    assert "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;$csrf" in text
    assert "<script>alert" not in text
    assert "s3cret" not in text


@pytest.mark.parametrize("login", ["a\x00b", "a\nb", "\ufeffwei", "x" * 129])
async def test_login_that_cannot_exist_is_not_looked_up(
    site: Site, stranger: aiohttp.ClientSession, login: str
) -> None:
    answer = await site.try_sign_in(stranger, login)
    assert answer.status == 401
    assert site.accounts.asked == []


async def test_password_that_is_too_long_is_not_right(site: Site, stranger: aiohttp.ClientSession) -> None:
    password = "p" * 1025
    site.accounts.by_login["wei"] = replace(site.accounts.by_login["wei"], password_hash=hashed(password[:1024]))
    assert (await site.try_sign_in(stranger, "wei", password)).status == 401
    assert (await site.try_sign_in(stranger, "wei", password[:1024])).status == 303


async def test_sign_in_page_sends_those_who_are_in_to_their_desk(site: Site) -> None:
    async with site.signed_in() as http, http.get(f"{site.url}/sign-in", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize(("wanted", "language"), [("zh-CN,en;q=0.5", "zh"), ("de,en-US", "en"), ("", "en")])
async def test_page_speaks_the_language_of_the_browser(site: Site, wanted: str, language: str) -> None:
    async with browser() as http, http.get(f"{site.url}/sign-in", headers={"Accept-Language": wanted}) as page:
        assert f'<html lang="{language}">' in await page.text()


# -- how often


async def test_wait_of_a_login_grows_with_its_failures(site: Site, stranger: aiohttp.ClientSession) -> None:
    for _ in range(5):
        assert (await site.try_sign_in(stranger, "wei", "wrong")).status == 401
    for wait_s in (15, 30, 60, 120, 240, 480, 900, 900):
        answer = await site.try_sign_in(stranger)  # the right password, too
        assert (answer.status, answer.headers["Retry-After"]) == (429, str(wait_s))
        async with site.signed_in("ana"):
            pass  # others may
        site.clock.now += wait_s - 1
        assert (await site.try_sign_in(stranger)).headers["Retry-After"] == "1"
        site.clock.now += 1
        assert (await site.try_sign_in(stranger, "wei", "wrong")).status == 401
    site.clock.now += 300
    text = await (await site.try_sign_in(stranger)).text()
    assert "Try again in 10 minutes." in text
    assert "请在 10 分钟后重试" in text
    site.clock.now += 3300
    for _ in range(5):  # an hour later all is forgotten
        assert (await site.try_sign_in(stranger, "wei", "wrong")).status == 401


async def test_unknown_login_must_wait_as_well(site: Site, stranger: aiohttp.ClientSession) -> None:
    for _ in range(5):
        await site.try_sign_in(stranger, "nobody", "wrong")
    assert (await site.try_sign_in(stranger, "nobody", "wrong")).status == 429


async def test_many_tries_at_once_gain_nothing(site: Site, stranger: aiohttp.ClientSession) -> None:
    form = {"login": "wei", "password": "wrong", "csrf": await site.token(stranger)}
    answers = await asyncio.gather(*(site.post(stranger, "/sign-in", form) for _ in range(12)))
    assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 7


async def test_good_sign_in_forgets_the_failures(site: Site, stranger: aiohttp.ClientSession) -> None:
    for _ in range(4):
        await site.try_sign_in(stranger, "wei", "wrong")
    async with site.signed_in():
        pass
    for _ in range(4):
        assert (await site.try_sign_in(stranger, "wei", "wrong")).status == 401


async def test_address_must_wait_whatever_login_it_tries() -> None:
    async with serving(max_attempts_per_address=3, attempt_window_minutes=1) as site, browser() as http:
        for number in range(3):
            assert (await site.try_sign_in(http, f"guess-{number}", "wrong")).status == 401
        answer = await site.try_sign_in(http)
        assert answer.status == 429
        assert "Try again in 1 minute." in await answer.text()
        site.clock.now += 60
        for _ in range(4):  # good ones do not count
            async with site.signed_in():
                pass


async def test_address_comes_from_the_proxy_only_where_it_is_trusted() -> None:
    async with serving(max_attempts_per_address=1) as site, browser() as http:
        await site.try_sign_in(http, "a", "wrong", **{"X-Forwarded-For": "192.0.2.1"})
        answer = await site.try_sign_in(http, "b", "wrong", **{"X-Forwarded-For": "192.0.2.2"})
        assert answer.status == 429


async def test_trusted_proxy_names_the_last_address_and_no_client_can_add_one() -> None:
    async with serving(max_attempts_per_address=1, trust_forwarded_for=True) as site, browser() as http:

        async def attempt(*lines: str) -> int:
            # some proxies add to the header that a client has sent, some add a second one
            form = {"login": "x", "password": "wrong", "csrf": await site.token(http)}
            headers = [("X-Forwarded-For", line) for line in lines]
            async with http.post(f"{site.url}/sign-in", data=form, headers=headers) as answer:
                return answer.status

        assert await attempt("192.0.2.1") == 401
        assert await attempt("198.51.100.1, 192.0.2.1") == 429
        assert await attempt("198.51.100.2", "192.0.2.1") == 429
        assert await attempt("192.0.2.1", "192.0.2.9") == 401


def test_attempts_are_kept_in_bounded_memory() -> None:
    clock = Clock()
    attempts = Attempts(2, 60, clock)
    for number in range(REMEMBERED + 10):
        attempts.count(str(number))
        attempts.count(str(number))
    assert attempts.wait_s("0") == 0
    assert attempts.wait_s(str(REMEMBERED + 9)) == 60
    delays = Delays(1, clock)
    for number in range(REMEMBERED + 10):
        delays.count(str(number))
    assert (delays.wait_s("0"), delays.wait_s(str(REMEMBERED + 9))) == (0, 15)


def test_no_number_of_failures_is_too_many_for_the_clock() -> None:
    delays = Delays(1, Clock())
    for _ in range(5000):
        delays.count("x")
    assert delays.wait_s("x") == 900


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("x" * 100, "x" * 64),
    ],
)
def test_address_of_a_house(address: str, key: str) -> None:
    assert address_key(address).replace("c000:201", "192.0.2.1") == key


# -- forged forms


async def test_form_without_its_token_or_with_a_foreign_one_is_refused(
    site: Site, stranger: aiohttp.ClientSession
) -> None:
    async with browser() as other:
        foreign = await site.token(other)
    await site.token(stranger)
    for token in (None, "", "0" * 64, foreign, "\ud7ff", "ä" * 64):
        form = {"login": "wei", "password": PASSWORD} | ({} if token is None else {"csrf": token})
        answer = await site.post(stranger, "/sign-in", form)
        assert answer.status == 403
        text = await answer.text()
        assert "This page had grown old." in text
        assert 'value="wei"' in text
        assert not any(name.endswith("ivr_session") for name in cookies(answer))
    assert site.accounts.asked == [], "not even looked at"


async def test_token_without_its_cookie_is_refused(site: Site, stranger: aiohttp.ClientSession) -> None:
    token = await site.token(stranger)
    async with browser() as other:
        answer = await site.post(other, "/sign-in", {"login": "wei", "password": PASSWORD, "csrf": token})
    assert answer.status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "http://127.0.0.1.evil.example"])
async def test_form_of_another_site_is_refused(site: Site, stranger: aiohttp.ClientSession, origin: str) -> None:
    assert (await site.try_sign_in(stranger, Origin=origin)).status == 403
    assert (await site.try_sign_in(stranger, Origin=site.url)).status == 303


async def test_sign_out_needs_the_token_of_this_session(site: Site) -> None:
    async with site.signed_in() as http, site.signed_in("ana") as other:
        foreign = await site.token(other, "/")
        for form in ({}, {"csrf": ""}, {"csrf": foreign}):
            assert (await site.post(http, "/sign-out", form)).status == 403
        async with http.get(f"{site.url}/sign-out") as answer:
            assert answer.status == 405
            assert answer.headers["Allow"] == "POST"
        async with http.get(f"{site.url}/api/v1/me") as answer:
            assert answer.status == 200, "still signed in"


# -- cookies and sessions


@pytest.mark.parametrize("secure", [True, False])
async def test_cookies_are_as_closed_as_cookies_can_be(secure: bool) -> None:
    prefix = "__Host-" if secure else ""
    async with (
        serving(secure_cookies=secure) as site,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        async with http.get(f"{site.url}/sign-in") as page:
            found = re.search(r'name="csrf" value="(\w+)"', await page.text())
            form_cookie = cookies(page)[f"{prefix}ivr_form"]
            assert ("Strict-Transport-Security" in page.headers) == secure
        assert found
        brought = {"Cookie": f"{prefix}ivr_form={form_cookie.value}"}
        answer = await site.post(http, "/sign-in", {"login": "wei", "password": PASSWORD, "csrf": found[1]}, **brought)
        assert answer.status == 303
        session = cookies(answer)[f"{prefix}ivr_session"]
        for cookie in (form_cookie, session):
            assert len(cookie.value) == 43
            assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
            assert bool(cookie["secure"]) == secure
            assert not cookie["domain"], "__Host- allows none"
            assert not cookie["max-age"], "gone with the browser"
        assert cookies(answer)[f"{prefix}ivr_form"]["max-age"] == "0", "the form's cookie has done its work"
        async with http.get(f"{site.url}/api/v1/me", headers={"Cookie": f"{prefix}ivr_session={session.value}"}) as me:
            assert me.status == 200
        if secure:  # a cookie that anybody on a neighbouring host could set is not looked at
            async with http.get(f"{site.url}/api/v1/me", headers={"Cookie": f"ivr_session={session.value}"}) as me:
                assert me.status == 401


def session_of(http: aiohttp.ClientSession) -> str:
    (found,) = [cookie.value for cookie in http.cookie_jar if cookie.key == "ivr_session"]
    return found


async def test_session_cookie_is_new_at_each_sign_in(site: Site, stranger: aiohttp.ClientSession) -> None:
    planted = "A" * 43
    stranger.cookie_jar.update_cookies({"ivr_session": planted}, aiohttp.client.URL(site.url))
    await site.try_sign_in(stranger)
    first = session_of(stranger)
    assert first != planted
    # a sign-in from a form that was open before ends what was there
    async with browser() as other:
        form = {"login": "ana", "password": PASSWORD, "csrf": await site.token(other)}
        other.cookie_jar.update_cookies({"ivr_session": first}, aiohttp.client.URL(site.url))
        assert (await site.post(other, "/sign-in", form)).status == 303
        assert session_of(other) != first
    async with stranger.get(f"{site.url}/api/v1/me") as me:
        assert me.status == 401, "the session before is over"


async def test_sign_out_ends_the_session_and_closes_its_windows(site: Site) -> None:
    async with site.signed_in() as http, site.signed_in() as other_browser:
        token, kept = await site.token(http, "/"), session_of(http)
        async with site.desk(http) as first, site.desk(http) as second, site.desk(other_browser) as elsewhere:
            answer = await site.post(http, "/sign-out", {"csrf": token})
            assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
            assert cookies(answer)["ivr_session"]["max-age"] == "0"
            for desk in (first, second):
                assert (await desk.receive(timeout=PATIENCE_S)).type is aiohttp.WSMsgType.CLOSE
                assert desk.close_code == 4401
            await elsewhere.send_json({"type": "ping", "id": 1})
            assert (await elsewhere.receive_json(timeout=PATIENCE_S))["ok"], "another browser stays"
        http.cookie_jar.update_cookies({"ivr_session": kept}, aiohttp.client.URL(site.url))
        async with http.get(f"{site.url}/api/v1/me") as me:
            assert me.status == 401, "the old cookie is worth nothing"


async def test_session_ends_when_nobody_uses_it(site: Site) -> None:
    async with site.signed_in() as http:
        for pause_s, status in ((3599, 200), (3599, 200), (3600, 401)):
            site.clock.now += pause_s
            async with http.get(f"{site.url}/api/v1/me") as me:
                assert me.status == status


async def test_session_ends_after_a_shift_whoever_uses_it(site: Site) -> None:
    async with site.signed_in() as http:
        for _ in range(23):
            site.clock.now += 30 * 60
            async with http.get(f"{site.url}/api/v1/me") as me:
                assert me.status == 200
        site.clock.now += 30 * 60
        async with http.get(f"{site.url}/api/v1/me") as me:
            assert me.status == 401


async def test_session_ends_with_a_changed_password_and_with_its_account(site: Site) -> None:
    async with site.signed_in("wei") as wei, site.signed_in("ana") as ana:
        site.accounts.by_login["wei"] = replace(site.accounts.by_login["wei"], password_hash=hashed("another"))
        del site.accounts.by_login["ana"]
        for http in (wei, ana):
            async with http.get(site.url, headers=HTML, allow_redirects=False) as desk:
                assert (desk.status, desk.headers["Location"]) == (303, "/sign-in")
            async with http.get(f"{site.url}/api/v1/me") as me:
                assert me.status == 401


async def test_one_login_has_only_so_many_sessions() -> None:
    async with (
        serving(sessions_per_login=2) as site,
        site.signed_in() as first,
        site.signed_in() as second,
        site.signed_in() as third,
    ):
        found = []
        for http in (first, second, third):
            async with http.get(f"{site.url}/api/v1/me") as me:
                found.append(me.status)
        assert found == [401, 200, 200]


# -- the audit trail


async def test_coming_and_going_are_in_the_trail_and_what_was_typed_in_vain_is_not(
    site: Site, stranger: aiohttp.ClientSession
) -> None:
    await site.try_sign_in(stranger, "my-p4ssword", "wei")  # now and then people type it there
    await site.try_sign_in(stranger)
    form = {"csrf": await site.token(stranger, "/")}
    await site.post(stranger, "/sign-out", form)
    found = [(entry.what, entry.by.who, entry.by.address) for entry in site.audit.entries]
    assert found == [
        ("refused: sign_in", "", "127.0.0.1"),
        ("sign_in", "wei", "127.0.0.1"),
        ("sign_out", "wei", "127.0.0.1"),
    ]
    assert site.audit.entries[1].detail == {"how": "password"} and site.audit.entries[1].by.role == "agent"
    assert "my-p4ssword" not in str(site.audit.entries)


async def test_nobody_comes_in_unseen_but_everybody_may_leave(site: Site) -> None:
    async with site.signed_in() as http:
        form = {"csrf": await site.token(http, "/")}
        site.audit.broken = True
        async with browser() as other:
            assert (await site.try_sign_in(other)).status == 500
            assert (await site.try_sign_in(other, "wei", "wrong")).status == 401
        assert (await site.post(http, "/sign-out", form)).status == 303
        async with http.get(f"{site.url}/api/v1/me") as me:
            assert me.status == 401


async def test_everybody_may_leave_while_the_accounts_are_away(site: Site) -> None:
    async with site.signed_in() as http:
        form = {"csrf": await site.token(http, "/")}
        site.accounts.broken = True
        assert (await site.post(http, "/sign-out", form)).status == 303


# -- strangers


async def test_without_a_session_pages_lead_to_the_door_and_programs_get_401(
    site: Site, stranger: aiohttp.ClientSession
) -> None:
    for path in ("/", "/nothing", "/api/nothing", "/static", "//evil.example", "/ws/x"):
        async with stranger.get(site.url + path, headers=HTML, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/sign-in"), path
        async with stranger.get(site.url + path, allow_redirects=False) as answer:
            assert answer.status == 401, path
    for path in ("/api/v1/me", "/api/nothing"):
        async with stranger.get(site.url + path) as answer:
            assert (answer.status, answer.content_type) == (401, "application/problem+json")
            assert (await answer.json())["texts"]["title"]["zh"] == "请先登录，或发送 API 密钥。"
    async with stranger.get(f"{site.url}/ws") as answer:
        assert answer.status == 401
        assert (await answer.json())["error"]["zh"] == "请先登录。"
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE"):
        async with stranger.request(method, f"{site.url}/", headers=HTML, allow_redirects=False) as answer:
            assert answer.status == 401, method


async def test_nobody_is_sent_elsewhere(site: Site, stranger: aiohttp.ClientSession) -> None:
    answer = await site.try_sign_in(stranger)
    assert answer.headers["Location"] == "/"
    for wish in ("?next=https://evil.example", "?redirect=//evil.example", "?return=%0d%0aLocation:%20//evil.example"):
        async with browser() as http:
            form = {"login": "wei", "password": PASSWORD, "csrf": await site.token(http), "next": "//evil.example"}
            answer = await site.post(http, f"/sign-in{wish}", form, Referer="https://evil.example/")
            assert (answer.status, answer.headers["Location"]) == (303, "/")
            async with http.get(f"{site.url}/sign-in{wish}", allow_redirects=False) as again:
                assert (again.status, again.headers["Location"]) == (303, "/")


async def test_every_kind_of_answer_carries_the_security_headers(site: Site, stranger: aiohttp.ClientSession) -> None:
    async def seen(http: aiohttp.ClientSession, path: str, status: int, method: str = "GET", **more: object) -> None:
        async with http.request(method, site.url + path, allow_redirects=False, **more) as answer:  # type: ignore[arg-type]
            assert answer.status == status, (path, answer.status)
            for name, value in HEADERS.items():
                assert answer.headers.getall(name) == [value], (path, name)
            cached = "no-cache" if path.startswith("/static/") and status in (200, 304) else "no-store"
            assert answer.headers["Cache-Control"] == cached, path

    await seen(stranger, "/sign-in", 200)
    await seen(stranger, "/static/desk/desk.js", 200)
    async with stranger.get(f"{site.url}/static/desk/desk.js") as file:
        tag = {"If-None-Match": file.headers["ETag"]}
    await seen(stranger, "/static/desk/desk.js", 304, headers=tag)
    await seen(stranger, "/static/nothing.js", 404)
    await seen(stranger, "/health", 200)
    await seen(stranger, "/", 401)
    await seen(stranger, "/", 303, headers=HTML)
    await seen(stranger, "/ws", 401)
    await seen(stranger, "/sign-in", 401, "DELETE")
    await seen(stranger, "/sign-in", 403, "POST", data={"login": "x"})
    await seen(stranger, "/sign-in", 413, "POST", data={"login": "x" * 20_000})
    await seen(stranger, "/sign-in", 415, "POST", json={})
    site.accounts.broken = True
    form = {"login": "wei", "password": "x", "csrf": await site.token(stranger)}
    await seen(stranger, "/sign-in", 500, "POST", data=form)
    site.accounts.broken = False
    async with site.signed_in() as http:
        await seen(http, "/", 200)
        await seen(http, "/api/v1/me", 200)
        await seen(http, "/nothing", 404)
        await seen(http, "/ws", 403)
        await seen(http, "/sign-in", 405, "DELETE")
    assert "'unsafe" not in HEADERS["Content-Security-Policy"]


async def test_error_tells_a_stranger_nothing(site: Site, stranger: aiohttp.ClientSession) -> None:
    token = await site.token(stranger)
    site.accounts.broken = True
    answer = await site.post(stranger, "/sign-in", {"login": "wei", "password": "x", "csrf": token})
    text = await answer.text()
    assert answer.status == 500
    assert "Something went wrong here" in text
    assert not re.search(r"10\.0\.0\.7|OSError|Traceback|aiohttp|Python", text + str(answer.headers))


async def test_one_failure_of_the_accounts_keeps_nobody_out(site: Site, stranger: aiohttp.ClientSession) -> None:
    site.accounts.broken = True
    for _ in range(5):
        assert (await site.try_sign_in(stranger)).status == 500
    site.accounts.broken = False
    assert (await site.try_sign_in(stranger)).status == 303


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e%2fserver.py",
        "/static/..%5cserver.py",
        "/static/%2fetc%2fpasswd",
        "/static/desk/desk.html",
        "/static/%00",
        "/static/",
    ],
)
async def test_only_the_files_of_the_pages_are_served(site: Site, path: str) -> None:
    # a socket: a client would tidy the path
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.url.rsplit(":", 1)[1]))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    assert re.match(rb"HTTP/1.1 (401|404|400) ", answer), answer[:60]
    assert b"build_app" not in answer
    assert b"root:" not in answer
    assert b"$csrf" not in answer


async def test_health_is_open_and_tells_what_it_was_given(site: Site, stranger: aiohttp.ClientSession) -> None:
    async with stranger.get(f"{site.url}/health") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})
    site.health["status"] = "no asterisk"
    async with stranger.get(f"{site.url}/health") as answer:
        assert (answer.status, await answer.json()) == (503, {"status": "no asterisk"})


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"login=" + b"x" * 17_000, "application/x-www-form-urlencoded", 413),
        (b"&".join([b"a=1"] * 4000), "application/x-www-form-urlencoded", (400, 403, 413)),
        (b"{}", "application/json", 415),
        (b"login=wei", "text/plain", 415),
        (b"--b\r\n\r\n\r\n--b--", "multipart/form-data; boundary=b", 415),
        (b"login=\xff\xfe", "application/x-www-form-urlencoded", (400, 403)),
        (b"login=wei", "application/x-www-form-urlencoded; charset=nonsense", 415),
        (b"login=\\ud800&password=x", "application/x-www-form-urlencoded; charset=unicode_escape", 415),
        (b"login=\x00w", "application/x-www-form-urlencoded; charset=utf-16", 415),
    ],
)
async def test_form_that_is_none_of_ours_is_refused(
    site: Site, stranger: aiohttp.ClientSession, body: bytes, kind: str, status: int | tuple[int, ...]
) -> None:
    await site.token(stranger)
    async with stranger.post(f"{site.url}/sign-in", data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status in (status if isinstance(status, tuple) else (status,))
        assert site.accounts.asked == []


async def test_headers_cannot_be_smuggled_in(site: Site, stranger: aiohttp.ClientSession) -> None:
    answer = await site.try_sign_in(stranger, "wei\r\nSet-Cookie: ivr_session=x", "x\r\nX-Evil: 1")
    assert answer.status == 401
    assert "X-Evil" not in answer.headers
    assert "ivr_session" not in cookies(answer)


async def test_what_is_not_http_ends_the_connection_and_nothing_else(site: Site) -> None:
    port = int(site.url.rsplit(":", 1)[1])
    for junk in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(junk)
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.close()
        assert b"Traceback" not in answer
    async with site.signed_in("wei") as http, site.desk(http):
        assert WEI in site.desks.present()


async def test_who_signs_in_again_and_again_has_to_wait() -> None:
    async with serving() as site:
        for number in range(ENTRIES_A_MINUTE + 2):
            async with browser() as http:
                status = (await site.try_sign_in(http)).status
                assert status == (303 if number < ENTRIES_A_MINUTE else 429), number
        assert len([one for one in site.audit.entries if one.what == "sign_in"]) == ENTRIES_A_MINUTE
        async with browser() as http:
            assert (await site.try_sign_in(http, "ana")).status == 303, "nobody else has to"
        site.clock.now += 60
        async with browser() as http:
            assert (await site.try_sign_in(http)).status == 303
