"""The desk in a real browser: every state that people meet, by keyboard, in both languages, on a phone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser import ONE_LOOP, on_one_loop
from tests.conftest import PATIENCE_S
from tests.web.web_fakes import PASSWORD, WEI, Site, call_id, card, serving, stamp

pytestmark = ONE_LOOP

DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>\u202eevil\r\nSet-Cookie: a=b 😀 " + "w" * 5000


def connected(number: int = 1, **changes: Any) -> dict[str, Any]:
    return card(number, state="connected", connected_at=stamp(datetime.now(UTC) - timedelta(seconds=80)), **changes)


def wrapping(number: int = 1, **changes: Any) -> dict[str, Any]:
    return connected(number, **changes) | {"state": "wrap_up"}


NOBODY = {
    "known": False, "lookup": "unknown", "customer_id": None, "name": None, "salutation": None, "language": None,
    "tier": None, "region": None, "note": None,
}  # fmt: skip
TROUBLE = {
    "spent": 2,
    "of": 3,
    "troubles": [
        {"en": "reason for the call: not understood", "zh": "来电原因：没有听懂"},
        {"en": "Order: noise on the line", "zh": "订单：线路有杂音"},
    ],
}
DONE = [{"label": {"en": "Return registered", "zh": "已登记退货"}, "value": "", "how": "done", "checked": True}]
STATES: dict[str, dict[str, Any] | None] = {
    "idle": None,
    "ringing": card(),
    "connected": connected(),
    "wrap-up": wrapping(),
    "unknown": card(who=NOBODY | {"number": "+49 30 901820", "shown_name": "ACME"}),
    "withheld": card(who=NOBODY | {"number": None, "shown_name": None}),
    "unsure": card(why={"certainty": "unsure", "confidence": 0.38}),
    "reason unknown": card(
        why={"certainty": "unknown", "confidence": 0.0, "words": None, "shares": [], "runner_up": None}
    ),
    "keys only": card(why={"certainty": "chosen_by_key", "confidence": 1.0, "words": None, "shares": []}),
    "patience tried": card(known=DONE, patience=TROUBLE),
    "nothing known": card(known=[], timeline=[], orders=[], cases=[], transcript=[], reasons=[]),
    "hostile": card(who={"name": HOSTILE, "note": HOSTILE}, why={"words": HOSTILE}),
}


class Desk:
    """A signed-in page with what its console said."""

    def __init__(self, site: Site, context: BrowserContext, page: Page) -> None:
        self.site, self.context, self.page = site, context, page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type in ("error", "warning") else None)
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))

    async def text(self) -> str:
        return await self.page.inner_text("body")


@on_one_loop
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        yield made


async def sit_down(site: Site, browser: Browser, **context: Any) -> Desk:
    made = await browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **context})
    page = await made.new_page()
    desk = Desk(site, made, page)
    connected = asyncio.Event()  # the page is drawn before its line is open, and what is told before that nobody hears
    site.desks.subscribe(lambda _agent, present: connected.set() if present else None)
    await page.goto(site.url + "/")
    await page.fill("#login", "wei")
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_selector(".idle, .card")
    async with asyncio.timeout(PATIENCE_S):
        await connected.wait()
    return desk


async def test_every_state_is_drawn_without_a_slip(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    for name, shown in STATES.items():
        if shown is not None:
            site.service.put(WEI, shown)
            await desk.page.wait_for_selector(f".card[data-call='{shown['call']}']")
        text = await desk.text()
        for slip in ("null", "undefined", "NaN", "[object"):
            assert slip not in text, f"{slip!r} stands on the page when {name}"
        assert await desk.page.locator("img[src=x], script:not([src])").count() == 0, name
        if shown is not None:
            site.service.withdraw(WEI, shown["call"], "closed")
            await desk.page.wait_for_selector(".idle", timeout=60_000)
    site.service.lose_asterisk()
    await desk.page.wait_for_selector(".trouble:visible")
    assert "null" not in await desk.text()
    assert not desk.problems


async def test_card_says_what_went_wrong_with_the_machine_and_what_it_has_done(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    site.service.put(WEI, STATES["patience tried"])
    await expect(desk.page.locator(".patience")).to_contain_text(
        "Tried the caller’s patience 2 times: reason for the call: not understood · Order: noise on the line"
    )
    await expect(desk.page.locator(".fact")).to_contain_text("by the assistant, checked")
    site.service.withdraw(WEI, call_id(1), "closed")
    await desk.page.wait_for_selector(".idle", timeout=60_000)
    site.service.put(WEI, card(2))
    await desk.page.wait_for_selector(".known")
    assert await desk.page.locator(".patience").count() == 0, "nothing went wrong in that call"


async def test_phone_has_nothing_beside_the_screen(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser, viewport=PHONE, is_mobile=True, has_touch=True)
    for name, shown in STATES.items():
        if shown is not None:
            site.service.put(WEI, shown)
            await desk.page.wait_for_selector(f".card[data-call='{shown['call']}']")
        width = await desk.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{name}: {width} px wide"
        if shown is not None:
            site.service.withdraw(WEI, shown["call"], "closed")
            await desk.page.wait_for_selector(".idle", timeout=60_000)


async def test_card_is_complete_seen_and_kept_over_a_reload(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    shown = site.service.put(WEI, card())
    await site.service.until_asked("seen", WEI, _id(shown))
    for text in (
        "Lin Mei 林美",
        "+86 138 0013 8000",
        "Late delivery",
        "0.71",
        "nobody has told me",
        "4711",
        "200031",
        "late",
    ):
        await expect(desk.page.locator("body")).to_contain_text(text)
    await expect(desk.page.locator(".opening .line")).to_have_text(shown["opening"]["en"])
    await desk.page.reload()
    await expect(desk.page.locator("h1")).to_contain_text("Lin Mei")
    assert not desk.problems


async def test_hidden_tab_says_that_it_has_seen_the_card_too(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    front = await desk.context.new_page()
    await front.bring_to_front()
    await site.service.until_asked("seen", WEI, _id(site.service.put(WEI, card())))


async def test_withdrawn_card_says_why_and_leaves(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    shown = site.service.put(WEI, card())
    await desk.page.wait_for_selector(".card[data-state=ringing]")
    site.service.withdraw(WEI, shown["call"], "elsewhere")
    await desk.page.wait_for_selector(".card[data-state=gone]")
    await expect(desk.page.locator(".pill").first).to_contain_text("colleague")
    await desk.page.wait_for_selector(".idle", timeout=60_000)


async def test_ringing_card_takes_the_eye_from_one_in_wrap_up(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    site.service.put(WEI, wrapping(1, who={"name": "Jonas Weber"}))
    await expect(desk.page.locator("h1")).to_have_text("Jonas Weber")
    site.service.put(WEI, card(2))
    await expect(desk.page.locator("h1")).to_contain_text("Lin Mei")
    await expect(desk.page.locator("body")).to_contain_text("Jonas Weber")


async def test_call_is_settled_by_keyboard(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    shown = site.service.put(WEI, wrapping())
    await desk.page.wait_for_selector(".card[data-state=wrap_up]")
    await desk.page.keyboard.press("n")
    await desk.page.keyboard.type("New date agreed")
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("1")
    await desk.page.keyboard.press("Enter")
    await site.service.until_asked("close", WEI, _id(shown), "solved", "New date agreed")
    await desk.page.wait_for_selector(".idle", timeout=60_000)


async def test_agent_whose_phone_cannot_be_reached_reads_why(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    site.service.tell(WEI, {"type": "state", **site.service.states[WEI], "state": "offline", "reason": "phone"})
    await expect(desk.page.locator(".idle")).to_contain_text("Your phone cannot be reached (it is not registered)")
    await desk.page.keyboard.press("l")
    await expect(desk.page.locator(".idle")).to_contain_text("您的电话未注册")


async def test_language_changes_without_a_reload_and_is_remembered(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    site.service.put(WEI, card())
    await expect(desk.page.locator(".why h2")).to_have_text("Why they call")
    await desk.page.keyboard.press("l")
    await expect(desk.page.locator(".why")).to_contain_text("配送延误")
    await desk.page.reload()
    await expect(desk.page.locator(".why")).to_contain_text("配送延误")
    assert site.accounts.by_login["wei"].language == "zh"


async def test_keys_are_explained_and_theme_is_switched(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    await desk.page.keyboard.press("?")
    await expect(desk.page.locator("#help")).to_be_visible()
    await desk.page.keyboard.press("Escape")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    before = await desk.page.evaluate(background)
    await desk.page.keyboard.press("Shift+D")
    assert await desk.page.evaluate(background) != before


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read(site: Site, browser: Browser, scheme: str) -> None:
    """Contrast AA (WCAG 2.2, 1.4.3): 4.5, or 3 for large text."""
    desk = await sit_down(site, browser, color_scheme=scheme)
    site.service.put(WEI, connected())
    await desk.page.wait_for_selector(".card")
    poor = await desk.page.evaluate(_CONTRAST)
    assert not poor, poor


async def test_targets_are_large_enough_for_a_thumb(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser, viewport=PHONE, is_mobile=True, has_touch=True)
    site.service.put(WEI, wrapping())
    await desk.page.wait_for_selector(".card")
    small = await desk.page.evaluate(
        """[...document.querySelectorAll("button, textarea")].filter((e) => e.checkVisibility()).map((e) =>
             [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.width && Math.min(r.width, r.height) < 43.5)
             .map(([t, r]) => `${t} ${r.width}x${r.height}`)"""
    )
    assert not small


async def test_lost_connection_is_told_and_comes_back(site: Site, browser: Browser) -> None:
    desk = await sit_down(site, browser)
    await desk.context.set_offline(True)
    await desk.page.evaluate("dispatchEvent(new Event('offline'))")
    await desk.context.set_offline(False)
    site.service.put(WEI, card())
    await expect(desk.page.locator("h1")).to_contain_text("Lin Mei", timeout=60_000)


async def test_chinese_sign_in(site: Site, browser: Browser) -> None:
    site.accounts.by_login["wei"] = replace(site.accounts.by_login["wei"], language="zh")
    context = await browser.new_context(locale="zh-CN", viewport=DESKTOP)
    page = await context.new_page()
    await page.goto(site.url + "/")
    await page.fill("#login", "wei")
    await page.fill("#password", "wrong password")
    await page.press("#password", "Enter")
    await expect(page.locator("body")).to_contain_text("用户名或密码不正确")


def _id(shown: dict[str, Any]) -> Any:
    from uuid import UUID

    assert shown["call"] in (call_id(1), call_id(2))
    return UUID(shown["call"])


_CONTRAST = r"""
(() => {
  // painted, since a mixed colour is computed as oklab(), whose numbers are no red, green and blue
  const paint = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parse = (c) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = c; paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (let n = e; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor);
    if (c[3] > 0.99) return c; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll("body *")) {
    const text = [...e.childNodes].filter((n) => n.nodeType === 3 && n.data.trim()).map((n) => n.data.trim()).join(" ");
    if (!text || !e.checkVisibility() || e.closest("[disabled]")) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(parse(style.color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5) - 0.01) poor.push(`${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return poor;
})()
"""
