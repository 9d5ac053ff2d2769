"""Ways to settle a matter, and what other systems have told, on the agent's page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from playwright.async_api import Browser, expect

from tests.browser import ONE_LOOP, on_one_loop
from tests.web.test_pages import Desk, connected, sit_down
from tests.web.web_fakes import NOW, WEI, Site, call_id, card, serving, stamp

pytestmark = ONE_LOOP

CALL = UUID(call_id(1))
HOSTILE = "<img src=x onerror=alert(1)>"


def way(*names: str, cost: str = "6.90", allowed: bool = True, asked: int = 10) -> dict[str, Any]:
    offers = [
        {
            "name": name,
            "title": {"en": name.title(), "zh": f"方案{name}"},
            "say": {"en": f"I offer {name}.", "zh": "我可以"},
        }
        for name in names
    ]
    return {"offers": offers, "cost": cost, "chance": 0.9, "accepted": 9, "asked": asked, "allowed": allowed}


SETTLE: dict[str, Any] = {
    "ways": [way("date"), way(HOSTILE, asked=0), way("date", "gift", cost="99.00", allowed=False)],
    "most": "20.00", "left_today": "200.00", "done": [],
    "product": {
        "name": "Watch", "contacts": 7, "complaints": [{"title": {"en": "Late", "zh": "晚"}, "count": 5}],
        "answers": [{"title": {"en": "Date", "zh": "改期"}, "accepted": 9, "asked": 10}],
    },
}  # fmt: skip


@on_one_loop
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        yield made


@on_one_loop
async def desk(site: Site, browser: Browser) -> Desk:
    return await sit_down(site, browser)


async def test_key_books_what_the_caller_accepts_and_a_button_what_they_decline(desk: Desk) -> None:
    desk.site.service.put(WEI, connected(1, settle=SETTLE))
    part = desk.page.locator(".settle-it")
    for text in ("Offers", "you may decide up to 20.00", "9 of 10 accepted it", "not offered before", "Watch"):
        await expect(part).to_contain_text(text)
    await desk.page.keyboard.press("7")
    await desk.site.service.until_asked("settle", WEI, CALL, ("date",), True)
    await part.locator(".way").nth(1).get_by_role("button", name="Declined").click()
    await desk.site.service.until_asked("settle", WEI, CALL, (HOSTILE,), False)
    beyond = part.locator(".way").nth(2)
    await expect(beyond).to_contain_text("more than you may decide")
    await expect(beyond.get_by_role("button", name="Accepted")).to_be_disabled()
    assert await desk.page.locator("img[src=x]").count() == 0


async def test_nothing_can_be_booked_before_the_call_is_answered(desk: Desk) -> None:
    desk.site.service.put(WEI, card(1, settle=SETTLE))
    await expect(desk.page.locator(".settle-it .yes").first).to_be_disabled()
    await desk.page.keyboard.press("7")
    await desk.page.keyboard.press("l")  # something that is answered
    await desk.page.wait_for_selector(".settle-it >> text=可选方案")
    assert not [asked for asked in desk.site.service.asked if asked[0] == "settle"]


async def test_what_was_said_stays_marked(desk: Desk) -> None:
    done = [{"name": "date", "title": {"en": "Date", "zh": "改期"}, "accepted": True}]
    desk.site.service.put(WEI, connected(1, settle={**SETTLE, "done": done}))
    first = desk.page.locator(".settle-it .way").first
    await expect(first.get_by_role("button", name="Accepted")).to_have_attribute("aria-pressed", "true")


async def test_news_of_other_systems_stands_above_the_orders(desk: Desk) -> None:
    told = [
        {
            "kind": "delivery_failed",
            "at": stamp(NOW),
            "text": f"Nobody was in {HOSTILE}",
            "product": None,
            "order": "4711",
        }
    ]
    desk.site.service.put(WEI, card(1, signals=told))
    past = desk.page.locator(".past")
    await expect(past).to_contain_text("Told by other systems")
    await expect(past).to_contain_text(f"Nobody was in {HOSTILE}")
