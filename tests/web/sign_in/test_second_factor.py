"""The second factor at the door and on one's own page: by requests, and in a real browser."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession
from playwright.async_api import Browser, expect

from ivr.calls.people.second_factor import STEP_S, code_at
from ivr.web.guard.second_factors import HALFWAY_S
from tests.web.real_house import Asker, RealSite, real_site
from tests.web.web_fakes import PASSWORD, Clock, browser

ONE_LOOP = pytest.mark.asyncio(loop_scope="session")


class Phone:
    """An authenticator app."""

    def __init__(self, clock: Clock, secret: str) -> None:
        self._clock = clock
        self._secret = base64.b32decode(secret.replace(" ", ""))

    def code(self) -> str:
        """A new one: time goes on until there is one."""
        self._clock.now += STEP_S
        return code_at(self._secret, int(self._clock.now) // STEP_S)


@pytest.fixture
def day() -> Clock:
    made = Clock()
    made.now = 1_800_000_000.0
    return made


@pytest.fixture
async def site(tmp_path: Path, day: Clock) -> AsyncIterator[RealSite]:
    async with real_site(tmp_path, time_of_day=day, second_factor="admins") as made:
        yield made


async def form(http: ClientSession, url: str, path: str, **fields: str) -> ClientResponse:
    async with http.get(url + path) as page:
        found = re.search(r'name="csrf" value="(\w+)"', await page.text())
    assert found, path
    async with http.post(url + path, data={**fields, "csrf": found[1]}, allow_redirects=False) as answer:
        await answer.read()
        return answer


async def password(http: ClientSession, site: RealSite, login: str = "root") -> ClientResponse:
    return await form(http, site.url, "/sign-in", login=login, password=PASSWORD)


async def code(http: ClientSession, site: RealSite, typed: str) -> ClientResponse:
    return await form(http, site.url, "/sign-in/code", code=typed)


async def is_in(http: ClientSession, site: RealSite) -> bool:
    async with http.get(f"{site.url}/api/v1/me") as answer:
        return answer.status == 200


async def set_up(asker: Asker, day: Clock) -> tuple[Phone, list[str]]:
    status, made = await asker.ask("POST", "/me/second-factor", {"password": PASSWORD})
    assert status == 200 and made["picture"].startswith("data:image/svg+xml") and made["secret"] in made["address"]
    phone = Phone(day, made["secret"])
    status, told = await asker.ask("POST", "/me/second-factor/confirm", {"code": phone.code()})
    assert status == 200
    return phone, told["recovery_codes"]


async def test_who_must_have_one_may_do_nothing_else_before(site: RealSite, day: Clock) -> None:
    async with site.signed_in("root") as root, site.signed_in("sue") as sue:
        for method, path in (("GET", "/people"), ("GET", "/keys"), ("GET", "/audit"), ("GET", "/queues")):
            status, problem = await root.ask(method, path)
            assert status == 403 and "/account" in problem["detail"], path
        async with root.http.get(f"{site.url}/admin", headers={"Accept": "text/html"}, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/account")
        status, me = await root.ask("GET", "/me")
        assert (status, me["second_factor"], me["second_factor_missing"]) == (200, False, True)
        assert (await sue.ask("GET", "/me"))[1]["second_factor_missing"] is False, "supervisors need none here"
        await set_up(root, day)
        assert (await root.ask("GET", "/people"))[0] == 200


async def test_password_alone_opens_nothing_and_the_code_counts_once(site: RealSite, day: Clock) -> None:
    async with site.signed_in("root") as root:
        phone, codes = await set_up(root, day)
    async with browser() as http, browser() as other:
        answer = await password(http, site)
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in/code")
        assert not await is_in(http, site)
        assert (await code(http, site, "000000")).status == 401
        right = phone.code()
        answer = await code(http, site, right)
        assert (answer.status, answer.headers["Location"]) == (303, "/") and await is_in(http, site)
        await password(other, site)
        assert (await code(other, site, right)).status == 401, "seen over a shoulder, it is worth nothing"
        assert (await code(other, site, codes[3])).status == 303 and await is_in(other, site)
    entries = [entry for entry in await site.trail("sign_in") if entry.by.who == "root"]
    assert [entry.detail.get("second") for entry in entries] == ["recovery", "app", None]


async def test_wrong_codes_wait_longer_each_time(site: RealSite, day: Clock) -> None:
    async with site.signed_in("root") as root:
        phone, _ = await set_up(root, day)
    async with browser() as http:
        await password(http, site)
        for _ in range(5):
            assert (await code(http, site, "000000")).status == 401
        answer = await code(http, site, phone.code())
        assert (answer.status, answer.headers["Retry-After"]) == (429, "15")
        site.clock.now += 15
        assert (await code(http, site, "000000")).status == 401
        assert (await code(http, site, phone.code())).headers["Retry-After"] == "30"


async def test_who_knows_the_password_only_does_not_lock_the_person_out_of_their_own_browser(
    site: RealSite, day: Clock
) -> None:
    async with browser() as own, browser() as stranger:
        async with site.signed_in("root") as root:
            phone, _ = await set_up(root, day)
        day.now += 60
        await password(own, site)
        assert (await code(own, site, phone.code())).status == 303, "from here on it is known"
        own.cookie_jar.clear(lambda cookie: cookie.key != "ivr_known")
        await password(stranger, site)
        for _ in range(5):
            assert (await code(stranger, site, "000000")).status == 401
        assert (await code(stranger, site, "000000")).status == 429
        day.now += 60
        await password(own, site)
        assert (await code(own, site, phone.code())).status == 303


async def test_way_between_both_pages_is_short_and_ends_with_the_password(site: RealSite, day: Clock) -> None:
    async with site.signed_in("root") as root:
        phone, _ = await set_up(root, day)
    async with browser() as http, browser() as stranger:
        async with stranger.get(f"{site.url}/sign-in/code", allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/sign-in"
        await password(http, site)
        day.now += HALFWAY_S + 1
        assert (await code(http, site, phone.code())).status == 403
        await password(http, site)
        half = next(cookie.value for cookie in http.cookie_jar if cookie.key == "ivr_half")
        for changed in (half[:-1] + "x", half.replace(half.split(".")[1], "c3Vl"), "1." + half.split(".", 1)[1]):
            stranger.cookie_jar.update_cookies({"ivr_half": changed})
            async with stranger.get(f"{site.url}/sign-in") as page:
                found = re.search(r'name="csrf" value="(\w+)"', await page.text())
            assert found
            data = {"code": phone.code(), "csrf": found[1]}
            async with stranger.post(
                f"{site.url}/sign-in/code", data=data, headers={"Cookie": f"ivr_half={changed}"}
            ) as answer:
                assert answer.status == 403
        assert not await is_in(stranger, site)


async def test_setting_up_and_removing_need_the_password(site: RealSite, day: Clock) -> None:
    async with site.signed_in("root") as root, site.signed_in("root") as elsewhere:
        assert (await root.ask("POST", "/me/second-factor", {"password": "wrong"}))[0] == 422
        assert (await root.ask("POST", "/me/second-factor/confirm", {"code": "123456"}))[0] == 422
        await set_up(root, day)
        assert not await is_in(elsewhere.http, site), "other browsers must bring a code"
        again = await site.on_a_page(root.http)
        assert (await again.ask("POST", "/me/second-factor", {"password": PASSWORD}))[0] == 409
        assert (await again.ask("POST", "/me/second-factor/remove", {"password": "wrong"}))[0] == 422
        assert (await again.ask("POST", "/me/second-factor/remove", {"password": PASSWORD}))[0] == 204
        assert not await is_in(root.http, site)
    async with browser() as http:
        assert (await password(http, site)).headers["Location"] == "/"


async def test_administrator_resets_that_of_somebody_else(site: RealSite, day: Clock) -> None:
    async with site.signed_in("root") as root, site.signed_in("sue") as sue:
        for asker in (root, sue):
            await set_up(asker, day)
            asker.headers = (await site.on_a_page(asker.http)).headers
        assert (await root.ask("GET", "/people/sue"))[1]["second_factor"] is True
        status, problem = await root.ask("DELETE", "/people/root/second-factor")
        assert status == 409 and "/account" in problem["detail"], "one's own takes the password"
        assert (await sue.ask("DELETE", "/people/root/second-factor"))[0] == 403
        assert (await root.ask("DELETE", "/people/wei/second-factor"))[0] == 404
        assert (await root.ask("DELETE", "/people/nobody/second-factor"))[0] == 404
        assert await is_in(sue.http, site)
        assert (await root.ask("DELETE", "/people/sue/second-factor"))[0] == 204
        assert not await is_in(sue.http, site) and await is_in(root.http, site)
        assert (await root.ask("GET", "/people/sue"))[1]["second_factor"] is False
    removed = [entry for entry in await site.trail("second_factor") if entry.what == "second_factor.removed"]
    assert [(entry.by.who, entry.by.role, entry.target) for entry in removed] == [("root", "admin", "sue")]
    async with browser() as http:
        assert (await password(http, site, "sue")).headers["Location"] == "/", "the password alone lets her in"


@ONE_LOOP
@pytest.mark.parametrize(
    ("locale", "reset", "cancel", "done"),
    [
        ("en-GB", "Reset second factor", "Cancel", "The second factor is reset, and they are signed out."),
        ("zh-CN", "重置第二步验证", "取消", "第二步验证已重置，该人员已退出登录。"),
    ],
)
async def test_administrator_is_asked_before_it_is_reset(
    browser: Browser, tmp_path: Path, locale: str, reset: str, cancel: str, done: str
) -> None:
    day = Clock()
    day.now = 1_800_000_000.0
    async with (
        real_site(tmp_path, time_of_day=day) as site,
        site.signed_in("sue") as sue,
        site.signed_in("root") as root,
    ):
        await site.accounts.set_language("root", "zh" if locale == "zh-CN" else "en")
        await set_up(sue, day)
        phone, _ = await set_up(root, day)
        page = await (await browser.new_context(locale=locale, viewport={"width": 900, "height": 1100})).new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(f"{site.url}/sign-in")
        await page.fill("#login", "root")
        await page.fill("#password", PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{site.url}/sign-in/code")
        await page.locator("[name=code]").fill(phone.code())
        await page.keyboard.press("Enter")
        await page.locator("[data-login=wei]").click()
        await expect(page.locator("dialog .acts")).to_be_visible()
        await expect(page.locator("#reset-factor")).to_have_count(0)
        await page.keyboard.press("Escape")
        await page.locator("[data-login=root]").click()
        await expect(page.locator("dialog .hint", has_text="/account")).to_be_visible()
        await expect(page.locator("#reset-factor")).to_have_count(0)
        await page.keyboard.press("Escape")
        await page.locator("[data-login=sue]").click()
        await page.get_by_role("button", name=reset).click()
        await page.locator("dialog.small").get_by_role("button", name=cancel).click()
        await expect(page.locator("dialog.small")).to_have_count(0)
        assert await is_in(sue.http, site), "only when it is wanted"
        await page.locator("#reset-factor").click()
        await page.screenshot(path=tmp_path / "sure.png")
        await page.locator("dialog.small .warn").click()
        await expect(page.locator("dialog [role=status]")).to_have_text(done)
        await page.screenshot(path=tmp_path / "done.png")
        assert not await is_in(sue.http, site) and problems == []
        assert (await site.trail("second_factor"))[0].target == "sue"


@ONE_LOOP
@pytest.mark.parametrize(("locale", "words"), [("en-GB", "Second factor"), ("zh-CN", "第二步验证")])
async def test_by_keyboard_in_a_browser(browser: Browser, tmp_path: Path, locale: str, words: str) -> None:
    day = Clock()
    day.now = 1_800_000_000.0
    async with real_site(tmp_path, time_of_day=day, second_factor="admins") as site:
        await site.accounts.set_language("root", "zh" if locale == "zh-CN" else "en")
        context = await browser.new_context(locale=locale, viewport={"width": 900, "height": 1100})
        page = await context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))

        async def sign_in() -> None:
            await page.goto(f"{site.url}/sign-in")
            await page.fill("#login", "root")
            await page.fill("#password", PASSWORD)
            await page.keyboard.press("Enter")

        await sign_in()
        await expect(page).to_have_url(f"{site.url}/account")
        await expect(page.locator(".second h2")).to_have_text(words)
        await page.locator(".second input[type=password]").fill(PASSWORD)
        await page.keyboard.press("Enter")
        picture = page.locator(".second .picture")
        await expect(picture).to_be_visible()
        assert await picture.evaluate("image => image.naturalWidth") > 100, "the browser can draw it"
        await page.screenshot(path=tmp_path / "app.png", full_page=True)
        phone = Phone(day, await page.locator(".second .secret code").inner_text())
        await page.keyboard.type("000000")
        await page.keyboard.press("Enter")
        await expect(page.locator(".second .fault:not(:empty)")).to_have_count(1)
        await page.locator(".second input").fill(phone.code())
        await page.keyboard.press("Enter")
        await expect(page.locator(".second .codes li")).to_have_count(10)
        await page.screenshot(path=tmp_path / "codes.png", full_page=True)
        await page.keyboard.press("Enter")
        await expect(page.locator(".second input[type=password]")).to_be_visible()
        await page.goto(f"{site.url}/admin")
        await expect(page.locator("[data-login=wei]")).to_be_visible()  # else the page itself would go to the sign-in
        await context.clear_cookies()
        await sign_in()
        await expect(page).to_have_url(f"{site.url}/sign-in/code")
        await page.screenshot(path=tmp_path / "code.png")
        await page.keyboard.type("111111")
        await page.keyboard.press("Enter")
        await expect(page.locator(".wrong span:visible")).to_have_count(1)
        await page.screenshot(path=tmp_path / "wrong.png")
        await page.keyboard.type(phone.code())
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/admin"))
        assert problems == []
