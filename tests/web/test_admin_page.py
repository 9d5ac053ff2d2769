"""Administration and one's own account, in a real browser against a real database."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect
from sqlalchemy import insert

from ivr.adapters.database.schema import tables as t
from ivr.calls.integrations.webhooks import DeliveryResult
from ivr.calls.people.accounts import Account, Allowance
from ivr.wire.webhooks.events import EVENTS
from tests.adapters.database.integrations.test_webhooks import HOOK
from tests.browser import ONE_LOOP, on_one_loop
from tests.web.real_house import CONSOLE, RealSite, office_on, real_site
from tests.web.test_pages import _CONTRAST, DESKTOP, PHONE
from tests.web.web_fakes import NOW, PASSWORD, browser, hashed

pytestmark = ONE_LOOP

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> $csrf {{7*7}} " + "w" * 90


class Admin:
    """A signed-in page with what its console said."""

    def __init__(self, site: RealSite, page: Page) -> None:
        self.site, self.page = site, page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))
        page.on("console", lambda said: self._note(said.text) if said.type in ("error", "warning") else None)

    def _note(self, text: str) -> None:
        if "status of 4" not in text:  # what the server refuses, Chromium says by itself
            self.problems.append(text)


@on_one_loop
async def site(tmp_path: Path) -> AsyncIterator[RealSite]:
    async with real_site(tmp_path) as made:
        yield made


async def sit_down(site: RealSite, chrome: Browser, login: str = "root", **context: Any) -> Admin:
    made = await chrome.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **context})
    page = await made.new_page()
    admin = Admin(site, page)
    await page.goto(f"{site.url}/")
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_selector(".people li, .facts, .idle")
    return admin


def field(page: Page, label: str) -> Any:
    return page.locator("dialog").get_by_label(label, exact=True)


# -- people


async def test_person_is_added_changed_and_made_inactive(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    page = admin.page
    await expect(page.locator(".head p").first).to_have_text("3 people, 3 active")
    await page.get_by_role("button", name="Add somebody").click()
    await field(page, "Name").fill("Ana Kovač 安娜")
    await field(page, "Login").fill("ana")
    await field(page, "Phone").fill("PJSIP/1002")
    await field(page, "Orders").check()
    await field(page, "Skills").fill("delivery=9, returns=7")
    await page.get_by_role("button", name="Suggest one").click()
    password = await field(page, "Password").input_value()
    assert re.fullmatch(r"[A-Za-z2-9]{16}", password)
    await page.locator("dialog").get_by_role("button", name="Add somebody").click()
    await expect(page.locator("[data-login=ana]")).to_contain_text("PJSIP/1002")
    await expect(page.locator("#notice")).to_have_text("Ana Kovač 安娜 is saved.")
    found = await site.accounts.account("ana")
    assert found and found.agent and found.agent.skills == {"delivery": 9, "returns": 7}
    async with browser() as http:
        await site.sign_in(http, "ana", password)

    await page.locator("[data-login=ana]").click()
    await page.locator("dialog input[value=supervisor]").check()
    await page.locator("dialog label", has_text="Active").locator("input").uncheck()
    await field(page, "Compensation limit per call").fill("50")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-place='#/allowance/per_day']")).to_contain_text("must be an amount")
    await field(page, "Compensation limit per day").fill("499.90")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("[data-login=ana]")).to_contain_text("inactive")
    found = await site.accounts.account("ana")
    assert found and (found.role, found.active) == ("supervisor", False)
    assert found.allowance == Allowance(Decimal(50), Decimal("499.90"))
    assert not admin.problems


async def test_what_the_server_refuses_stands_beside_its_field(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    page = admin.page
    await page.get_by_role("button", name="Add somebody").click()
    await field(page, "Login").fill("a b")
    await field(page, "Phone").fill("PJSIP/1001")
    await field(page, "Skills").fill("delivery=eleven")
    await field(page, "Password").fill("short")
    send = page.locator("dialog").get_by_role("button", name="Add somebody")
    await send.click()
    for place, text in (
        ("#/name", "must not be empty"), ("#/login", "may have letters"), ("#/password", "10 characters"),
        ("#/phone/skills", "whole number"),
    ):  # fmt: skip
        await expect(page.locator(f"[data-place='{place}']")).to_contain_text(text)
    await expect(field(page, "Name")).to_be_focused()
    await field(page, "Name").fill("Somebody")
    await field(page, "Login").fill("WEI")
    await field(page, "Skills").fill("")
    await field(page, "Password").fill("")
    await send.click()
    await expect(page.locator("[data-place='#/login']")).to_contain_text("belongs to wei already")
    await field(page, "Login").fill("new")
    await send.click()
    await expect(page.locator("[data-place='#/phone/interface']")).to_contain_text(
        "The phone PJSIP/1001 belongs to wei"
    )
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    assert len(await site.accounts.everybody()) == 3 and not admin.problems


async def test_last_admin_is_told_why_not(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    await admin.page.locator("[data-login=root]").click()
    await admin.page.locator("dialog input[value=agent]").check()
    await admin.page.get_by_role("button", name="Save").click()
    await expect(admin.page.locator("dialog .rest")).to_have_text(
        "This is the last active administrator: make somebody else one first."
    )


# -- keys


async def test_key_is_made_seen_once_and_revoked(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    page = admin.page
    await page.get_by_role("tab", name="API keys").click()
    await expect(page.locator(".keys")).to_contain_text("There is no key yet.")
    await page.get_by_role("button", name="Make a key").click()
    await page.locator("dialog").get_by_role("button", name="Make a key").click()
    await expect(page.locator("[data-place='#/scopes']")).to_have_text("must not be empty")
    await field(page, "Name").fill("Web shop")
    await page.locator("dialog input[value='contacts:read']").check()
    await page.locator("dialog").get_by_role("button", name="Make a key").click()
    text = await page.locator("#secret").inner_text()
    assert re.fullmatch(r"ivr_[a-z2-9]{8}_[\w-]{43}", text)

    async def status() -> int:
        async with (
            browser() as http,
            http.get(f"{site.url}/api/v1/contacts/call-1", headers={"Authorization": f"Bearer {text}"}) as answer,
        ):
            return answer.status

    assert await status() == 200
    await page.get_by_role("button", name="I have it").click()
    await expect(page.locator("#secret")).to_have_count(0)
    assert text not in await page.content(), "that was the one look at it"
    await page.reload()
    await expect(page.locator(".keys li")).to_contain_text(["Web shop"])
    assert text not in await page.content()
    await page.locator(".keys").get_by_role("button", name="Revoke").click()
    await expect(page.locator("dialog")).to_contain_text("Revoke “Web shop”?")
    await page.keyboard.press("Escape")
    assert await status() == 200, "nobody was sure"
    await page.locator(".keys").get_by_role("button", name="Revoke").click()
    await page.locator("dialog").get_by_role("button", name="Revoke").click()
    await expect(page.locator(".keys li")).to_contain_text(["revoked"])
    assert await status() == 401 and not admin.problems


# -- webhooks


async def test_webhook_is_made_tried_out_changed_and_removed(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    page = admin.page
    await page.get_by_role("tab", name="Webhooks").click()
    await expect(page.locator(".hooks")).to_contain_text("There is no webhook yet.")
    await page.get_by_role("button", name="Make a webhook").click()
    send = page.locator("dialog").get_by_role("button", name="Make a webhook")
    await field(page, "Address").fill("http://crm.example/hook")
    await send.click()
    await expect(page.locator("[data-place='#/url']")).to_have_text("must begin with https://")
    await field(page, "Address").fill("https://crm.example/hook")
    await page.locator("dialog input[value='call.ringing']").check()
    await send.click()
    secret = await page.locator("#secret").inner_text()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    await page.get_by_role("button", name="I have it").click()
    row = page.locator(".hooks li")
    await expect(row).to_contain_text("https://crm.example/hook")
    await expect(row.locator("code")).to_have_text(
        ["call.started", "call.ringing", "call.answered", "call.ended", "contact.closed"]
    )
    await row.get_by_role("button", name="Send a test").click()
    await expect(page.locator("#notice")).to_have_text("The test has arrived: HTTP 204, 13 ms.")
    site.receiver.says = DeliveryResult(error="certificate")
    await row.get_by_role("button", name="Send a test").click()
    await expect(page.locator("#notice")).to_have_text("The test has not arrived: its certificate is not right.")
    await row.get_by_role("button", name="Change").click()
    await page.locator("dialog label", has_text="With words").locator("input").check()
    await page.locator("dialog label", has_text="Active").locator("input").uncheck()
    await page.locator("dialog label", has_text="Make a new secret").locator("input").check()
    await page.get_by_role("button", name="Save").click()
    assert await page.locator("#secret").inner_text() != secret
    await page.get_by_role("button", name="I have it").click()
    await expect(row).to_contain_text("with what people say and write")
    await expect(row).to_contain_text("Switched off.")
    await row.get_by_role("button", name="Remove").click()
    await page.locator("dialog").get_by_role("button", name="Remove").click()
    await expect(page.locator(".hooks")).to_contain_text("There is no webhook yet.")
    await page.get_by_role("tab", name="Audit trail").click()
    await page.get_by_label("What", exact=True).select_option("webhook")
    await expect(page.locator(".trail li")).to_have_count(6)
    await expect(page.locator(".trail li").first).to_contain_text("removed the webhook")
    assert not admin.problems


# -- the trail


async def test_trail_is_filtered_and_read_to_its_end(site: RealSite, chrome: Browser) -> None:
    for number in range(60):
        name = f"Name {number}"
        await site.accounts.change("wei", lambda one, name=name: replace(one, name=name), CONSOLE)
    async with site.signed_in("sue") as sue:
        await sue.ask("GET", "/customers/C1/timeline")
    admin = await sit_down(site, chrome)
    page = admin.page
    await page.get_by_role("tab", name="Audit trail").click()
    rows = page.locator(".trail li")
    await expect(rows).to_have_count(50)
    await expect(rows.nth(1)).to_contain_text("sue")
    await expect(rows.nth(1)).to_contain_text("read the timeline of C1")
    await page.get_by_role("button", name="Load more").click()
    await expect(rows).to_have_count(66)
    await expect(page.locator(".more")).to_be_hidden()
    await page.get_by_label("Who", exact=True).fill("sue")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(2)
    await page.get_by_label("Who", exact=True).fill("")
    await page.get_by_label("What", exact=True).select_option("person")
    await expect(rows).to_have_count(50)
    await expect(rows.first).to_contain_text("Name 58 → Name 59")
    await page.get_by_label("To whom or what").fill("root")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await page.get_by_label("To", exact=True).fill("2020-01-01")
    await page.keyboard.press("Enter")
    await expect(page.locator(".trail")).to_contain_text("No matching entries.")
    assert not admin.problems


# -- whatever people are called


async def test_hostile_names_stay_text_everywhere(site: RealSite, chrome: Browser) -> None:
    nasty = Account("nasty", hashed(PASSWORD), name=HOSTILE, role="admin")
    await site.accounts.add(nasty, replace(CONSOLE, who=f"console:{HOSTILE[:60]}"))
    async with site.signed_in() as root:
        assert (await root.ask("POST", "/keys", {"name": HOSTILE[:60].strip(), "scopes": ["reports:read"]}))[0] == 201
    # such an address is refused; one from before that was is still there
    await site.webhooks.add(replace(HOOK, url="https://a.example/?<img/src=x/onerror=alert(1)>"), CONSOLE)
    admin = await sit_down(site, chrome, "nasty")
    page = admin.page
    for tab in ("People", "API keys", "Webhooks", "Audit trail"):
        await page.get_by_role("tab", name=tab).click()
        await page.wait_for_selector("[role=tabpanel]:not([hidden]) li")
        shown = "<img/src=x/onerror=alert(1)>" if tab == "Webhooks" else "<img src=x onerror=alert(1)>"
        await expect(page.locator("body")).to_contain_text(shown)
        assert await page.locator("img, script:not([src])").count() == 0, tab
        assert "[object" not in await page.inner_text("body") and "undefined" not in await page.inner_text("body")
    await page.get_by_role("tab", name="People").click()
    await page.locator("[data-login=nasty]").click()
    await expect(field(page, "Name")).to_have_value(HOSTILE)
    await page.keyboard.press("Escape")
    await page.goto(f"{site.url}/account")
    await expect(page.locator("h1")).to_have_text(HOSTILE)
    assert await page.locator("img").count() == 0 and not admin.problems


# -- one's own account


async def test_own_password_is_changed_and_the_page_stays_ones_own(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome, "sue")
    page = admin.page
    assert page.url == f"{site.url}/account", "who has no phone has no desk"
    await page.get_by_label("Current password").fill("wrong")
    await page.get_by_label("New password").fill("another password")
    await page.get_by_role("button", name="Change password").click()
    await expect(page.locator("[data-place='#/old']")).to_have_text("is not your current password")
    await page.get_by_label("Current password").fill(PASSWORD)
    async with page.expect_navigation():
        await page.get_by_role("button", name="Change password").click()
        await expect(page.locator("#notice")).to_have_text("Your password is changed.")
    async with browser() as http:
        await site.sign_in(http, "sue", "another password")
    await expect(page.locator("h1")).to_have_text("Sue Park")
    async with page.expect_response("**/api/v1/me"):
        await page.get_by_role("button", name="切换为中文").click()
    await expect(page.locator(".facts")).to_contain_text("主管")
    await page.reload()
    await expect(page.locator(".facts")).to_contain_text("主管")
    await page.get_by_role("button", name="退出登录").click()
    await page.wait_for_url("**/sign-in")


async def test_agent_comes_to_the_account_from_the_desk_and_not_to_administration(
    site: RealSite, chrome: Browser
) -> None:
    admin = await sit_down(site, chrome, "wei")
    page = admin.page
    await page.get_by_role("link", name="Account").click()
    await expect(page.locator("nav")).to_have_text("DeskAccount")
    await page.goto(f"{site.url}/admin")
    await expect(page.locator("body")).to_contain_text("That is not allowed from here.")


async def test_session_that_is_over_leads_to_the_door(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    await admin.page.context.clear_cookies()
    await admin.page.get_by_role("tab", name="API keys").click()
    await admin.page.wait_for_url("**/sign-in")


# -- how it looks


async def everything(page: Page) -> AsyncIterator[str]:
    """Every tab, and every sheet that opens from one."""
    for tab, button in (
        (0, ".primary"), (0, "[data-login=wei]"), (1, ".primary"), (2, ".primary"), (2, ".doing :nth-child(2)"), (3, None),
    ):  # fmt: skip
        await page.locator("[role=tab]").nth(tab).click()
        await page.wait_for_selector("[role=tabpanel]:not([hidden]) li")
        yield f"tab {tab}"
        if button:
            await page.locator(f"[role=tabpanel]:not([hidden]) {button}").first.click()
            await page.wait_for_selector("dialog[open]")
            yield f"sheet {tab} {button}"
            await page.keyboard.press("Escape")
    await page.goto(page.url.replace("/admin", "/account"))
    await page.wait_for_selector(".facts")
    yield "account"


async def filled(site: RealSite) -> None:
    await site.make_key("contacts:read", "contacts:write", "signals:write")
    office = office_on(site.store)
    long = f"https://{'very-' * 9}long.example.com/{'hooks/' * 12}"
    await office.make(long, EVENTS, True, True, CONSOLE)
    made, _ = await office.make(
        "https://crm.example.com/hooks", ("call.started", "contact.closed"), False, True, CONSOLE
    )
    async with site.store.begin() as connection:
        for number, state in enumerate(("waiting", "waiting", "failed", "delivered")):
            values = {
                "webhook_id": made.id, "event": f"evt_{number}", "type": "call.started", "stream": str(number), "body": "{}",
                "state": state, "tries": 3, "made_at": NOW, "next_at": NOW, "done_at": None if state == "waiting" else NOW,
                "error": None if state == "delivered" else "http_503",
            }  # fmt: skip
            await connection.execute(insert(t.webhook_events).values(**values))
    await site.accounts.change("sue", lambda one: replace(one, active=False), CONSOLE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read(site: RealSite, chrome: Browser, scheme: str) -> None:
    await filled(site)
    admin = await sit_down(site, chrome, color_scheme=scheme)
    async for where in everything(admin.page):
        poor = await admin.page.evaluate(_CONTRAST)
        assert not poor, (where, poor)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_phone_shows_it_all_and_targets_fit_a_thumb(site: RealSite, chrome: Browser, locale: str) -> None:
    await filled(site)
    await site.accounts.set_language("root", "zh" if locale == "zh-CN" else "en")
    admin = await sit_down(site, chrome, viewport=PHONE, is_mobile=True, has_touch=True, locale=locale)
    async for where in everything(admin.page):
        assert await admin.page.evaluate("document.documentElement.scrollWidth") <= 390, where
        small = await admin.page.evaluate(
            """[...document.querySelectorAll("button, select, nav a, .box, input:not([type=checkbox], [type=radio], .unseen)")]
                 .filter((e) => e.checkVisibility()).map((e) => [e.textContent || e.id, e.getBoundingClientRect()])
                 .filter(([, r]) => r.width && Math.min(r.width, r.height) < 43.5)
                 .map(([t, r]) => `${t} ${r.width}x${r.height}`)"""
        )
        assert not small, (where, small)


async def test_list_that_comes_late_leaves_the_focus_where_it_is(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    page, go, asked = admin.page, asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await go.wait()
        await route.continue_()

    await page.route("**/api/v1/people", late)
    await page.locator("#tab-keys").click()
    await page.locator("#tab-people").click()
    await asked.wait()
    await page.locator("#add-person").focus()
    await page.locator(".rows.people").evaluate("(rows) => rows.replaceChildren()")
    go.set()
    await page.wait_for_selector(".rows.people li")
    await expect(page.locator("#add-person")).to_be_focused()


async def test_everything_can_be_done_by_keyboard(site: RealSite, chrome: Browser) -> None:
    admin = await sit_down(site, chrome)
    page = admin.page
    await page.locator("#tab-people").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-keys")).to_be_focused()
    assert page.url.endswith("/admin#keys")
    await page.keyboard.press("ArrowLeft")
    await page.locator("#add-person").focus()
    await page.keyboard.press("Enter")
    await page.wait_for_selector("dialog[open]")
    await page.keyboard.type("Eve Ott")
    await page.keyboard.press("Tab")
    await page.keyboard.type("eve")
    await page.locator("dialog label", has_text="Calls reach them by phone").locator("input").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-login=eve]")).to_contain_text("no phone")
    await expect(page.locator("#add-person")).to_be_focused()
