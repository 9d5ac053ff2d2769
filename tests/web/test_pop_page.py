"""The customer in another system's pages: the link on the card, and the tab that comes by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from playwright.async_api import Browser, expect

from tests.browser import ONE_LOOP, on_one_loop
from tests.web.test_pages import Desk, connected, sit_down
from tests.web.web_fakes import WEI, Site, call_id, card, serving

pytestmark = ONE_LOOP


@on_one_loop
async def crm() -> AsyncIterator[str]:
    """Another system, on a site of its own."""

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=f"<h1>{request.path}</h1>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{all:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


@on_one_loop
async def site() -> AsyncIterator[Site]:
    async with serving(pop_windows=True) as made:
        yield made


@on_one_loop
async def desk(site: Site, browser: Browser) -> Desk:
    return await sit_down(site, browser)


async def show(desk: Desk, number: int, url: str | None, at_once: bool = True) -> None:
    """A call rings and is answered."""
    pop = {"url": url, "at_once": at_once} if url else None
    desk.site.service.put(WEI, card(number, pop=pop))
    await desk.page.wait_for_selector(".card[data-state=ringing]")
    desk.site.service.put(WEI, connected(number, pop=pop))
    await desk.page.wait_for_selector(".card[data-state=connected]")


async def test_link_opens_a_tab_that_knows_nothing_of_the_desk(desk: Desk, crm: str) -> None:
    await show(desk, 1, f"{crm}/customer/C1?call=1", at_once=False)
    link = desk.page.get_by_role("link", name="Open in CRM")
    async with desk.page.context.expect_page() as opening:
        await link.click()
    opened = await opening.value
    await expect(opened.locator("h1")).to_have_text("/customer/C1")
    assert await opened.evaluate("window.opener === null && document.referrer === ''")
    assert len(desk.page.context.pages) == 2, "it does not come by itself"
    await desk.page.keyboard.press("l")
    await expect(desk.page.get_by_role("link", name="在CRM中打开")).to_be_visible()
    assert not desk.problems


async def test_answered_calls_come_into_one_tab(desk: Desk, crm: str) -> None:
    async with desk.page.context.expect_page() as opening:
        await show(desk, 1, f"{crm}/customer/C1")
    tab = await opening.value
    await expect(tab.locator("h1")).to_have_text("/customer/C1")
    await desk.page.bring_to_front()
    desk.site.service.put(WEI, connected(1, held=True, pop={"url": f"{crm}/other", "at_once": True}))
    await expect(desk.page.locator(".pill").first).to_contain_text("On hold")
    desk.site.service.withdraw(WEI, call_id(1), "closed")
    await show(desk, 2, f"{crm}/customer/C2")
    await expect(tab.locator("h1")).to_have_text("/customer/C2")
    assert len(desk.page.context.pages) == 2 and not desk.problems


async def test_reload_in_a_call_opens_nothing(desk: Desk, crm: str) -> None:
    desk.site.service.put(WEI, connected(1, pop={"url": f"{crm}/customer/C1", "at_once": True}))
    await desk.page.wait_for_selector(".card[data-state=connected]")
    await desk.page.reload()
    await expect(desk.page.get_by_role("link", name="Open in CRM")).to_be_visible()
    assert len(desk.page.context.pages) == 1


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "/customer", "", None])
async def test_nothing_else_becomes_a_link(desk: Desk, url: str | None) -> None:
    await show(desk, 1, url)
    await expect(desk.page.locator(".card h1")).to_be_visible()
    assert await desk.page.locator(".elsewhere").count() == 0
    assert len(desk.page.context.pages) == 1 and not desk.problems


async def test_only_desks_that_open_tabs_let_them_be_found_again() -> None:
    for wanted, policy in ((True, "same-origin-allow-popups"), (False, "same-origin")):
        async with serving(pop_windows=wanted) as site, site.signed_in() as http:
            for path, kept in (("/", policy), ("/account", "same-origin"), ("/static/desk/desk.js", "same-origin")):
                answer = await http.get(f"{site.url}{path}")
                assert answer.headers["Cross-Origin-Opener-Policy"] == kept
                assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
