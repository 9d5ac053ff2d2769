"""The floor in a real browser: in both languages, light and dark, on a wide screen and on a phone's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from ivr.adapters.database import DatabaseCallBacks
from ivr.core.call_back import CallBack
from ivr.core.caller import CallId
from ivr.core.contact.ledger import Ledger
from ivr.wire.asterisk import ami
from tests.browser import ONE_LOOP, on_one_loop
from tests.calls.exchange import gone, rings
from tests.web.floor_house import WEI, FloorHouse, floor_house
from tests.web.test_floor import DECIDED
from tests.web.test_pages import _CONTRAST, DESKTOP, PHONE
from tests.web.web_fakes import PASSWORD

pytestmark = ONE_LOOP

TABS = {"now": ".tile", "calls": ".past-calls li", "call_backs": ".call-backs li", "report": ".report h2"}
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> " + "w" * 90


@on_one_loop
async def house(tmp_path: Path) -> AsyncIterator[FloorHouse]:
    async with floor_house(tmp_path) as made:
        yield made


class Looking:
    """A supervisor's page, with what its console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))


async def look(house: FloorHouse, chrome: Browser, login: str = "sue", **context: Any) -> Looking:
    made = await chrome.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **context})
    page = await made.new_page()
    looking = Looking(page)
    await page.goto(f"{house.site.url}/")
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    await page.press("#password", "Enter")
    await page.wait_for_selector(".tools")
    return looking


async def at_the_floor(house: FloorHouse, chrome: Browser, **context: Any) -> Looking:
    looking = await look(house, chrome, **context)
    await looking.page.wait_for_selector(".tile")
    return looking


def said(ledger: Ledger, kind: Any, text: str) -> None:
    ledger.add(datetime.now(UTC), kind, text=text, language="en")


async def day(house: FloorHouse) -> CallId:
    """One call is over, one is with an agent, one waits; the id of the one that is over."""
    h = house.calls
    over = h.in_queue()
    await over.looked_up.wait()
    over.ledger.add(datetime.now(UTC), "decided", **DECIDED)
    over.ledger.add(datetime.now(UTC), "handed_over", queue="orders", agent="wei", shadow=True)
    said(over.ledger, "said", "How can I help?")
    said(over.ledger, "heard", "where is my order")
    h.happens(rings(h, WEI, "orders"), ami.Answered(h.call, WEI.id, WEI.interface))
    over.ledger.add(
        datetime.now(UTC), "passed_on", by="wei", way="wrong_place", to_kind="queue", to="billing", brief="", reason="invoice",
        words="",
    )  # fmt: skip
    h.happens(gone(h, WEI))
    h.calls.wrap_up(over, WEI.id, "wrong_place", "about the invoice")
    h.hangs_up()
    await house.write_down()
    first = over.id
    later = datetime.now(UTC) + timedelta(hours=2)
    await DatabaseCallBacks(house.site.store, "DE").add(
        CallBack(
            str(uuid4()), "+4930901820", "asked", later, later, "caller", "y", words="where is it", contact=str(first)
        )
    )
    h.call = CallId(uuid4())
    waits = h.in_queue("billing")
    await waits.looked_up.wait()
    return first


async def test_everything_is_there_and_nothing_of_it_is_markup(house: FloorHouse, chrome: Browser) -> None:
    looking = await at_the_floor(house, chrome)
    page, h = looking.page, house.calls
    live = h.rings(ani="+4915112345678")
    live.ledger.caller = type(live.ledger.caller)("+4915112345678", HOSTILE, "4000", lookup="unknown")
    said(live.ledger, "heard", HOSTILE)
    row = page.locator(".calls [data-call]")
    await expect(row).to_contain_text("<img src=x")
    await row.click()
    await expect(page.locator(".story")).to_contain_text("<script>alert(2)</script>")
    assert await page.locator("img").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]
    assert not looking.problems


async def test_open_call_follows_what_is_said_and_stays_when_it_is_over(house: FloorHouse, chrome: Browser) -> None:
    looking = await at_the_floor(house, chrome)
    page, h = looking.page, house.calls
    live = h.rings()
    await page.locator(".calls [data-call]").focus()
    await page.keyboard.press("Enter")
    said(live.ledger, "said", "How can I help?")
    await expect(page.locator(".story .said")).to_contain_text("How can I help?")
    said(live.ledger, "heard", "where is my order")
    await expect(page.locator(".story .said")).to_contain_text("where is my order")
    h.hangs_up()
    await expect(page.locator(".story .place")).to_contain_text("over")
    await expect(page.locator(".story .said")).to_contain_text("where is my order")
    await expect(page.locator(".calls")).to_contain_text("No call is in the house.")
    await page.keyboard.press("Escape")
    await expect(page.locator(".story")).to_be_hidden()
    assert not looking.problems


async def test_calls_that_were_are_found_and_read(house: FloorHouse, chrome: Browser) -> None:
    over = await day(house)
    looking = await at_the_floor(house, chrome)
    page = looking.page
    await page.get_by_role("tab", name="Calls").click()
    await expect(page.locator(".past-calls .row")).to_have_count(6)
    await page.get_by_label("Outcome").select_option("solved")
    await expect(page.locator(".past-calls")).to_contain_text("No such call.")
    await page.get_by_label("Outcome").select_option("wrong_place")
    await page.get_by_label("Passed on").check()
    await page.locator(f'[data-call="{over}"]').click()
    story = page.locator(".story")
    for text in ("where is my order", "about the invoice", "Chen Wei", "over"):
        await expect(story).to_contain_text(text)
    await expect(story.get_by_role("button", name="Listen")).to_have_count(0)
    assert not looking.problems


async def test_call_backs_are_listed_and_cancelled(house: FloorHouse, chrome: Browser) -> None:
    book = DatabaseCallBacks(house.site.store, "DE")
    later = datetime.now(UTC) + timedelta(hours=2)
    await book.add(
        CallBack(
            str(uuid4()), "+4930901820", "promised", later, later, "wei", "x", text=HOSTILE, attempts=1, last="busy"
        )
    )
    looking = await at_the_floor(house, chrome)
    page = looking.page
    await page.get_by_role("tab", name="Call backs").click()
    row = page.locator(".call-backs .row")
    for text in ("+4930901820", "promised by an agent", "tried once", "busy", "<img src=x"):
        await expect(row).to_contain_text(text)
    await row.get_by_role("button", name="Do not call").click()
    await page.locator("dialog").get_by_role("button", name="Do not call").click()
    await expect(row).to_contain_text("cancelled")
    await page.get_by_label("State").select_option("waiting")
    await expect(page.locator(".call-backs")).to_contain_text("Nobody is to be called.")
    assert not looking.problems


async def test_report_shows_what_transfers_say(house: FloorHouse, chrome: Browser) -> None:
    await day(house)
    looking = await at_the_floor(house, chrome)
    page = looking.page
    await page.get_by_role("tab", name="Report").click()
    report = page.locator(".report")
    await expect(report).to_contain_text("Service level")
    await expect(report).to_contain_text("another matter 1")
    await expect(report).to_contain_text("Routing would have chosen the agent who took the call in 1 of 1 calls.")
    await page.get_by_role("button", name="90 days").click()
    await expect(page.get_by_role("button", name="90 days")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="切换为中文").click()
    await expect(report).to_contain_text("服务水平")
    await expect(report).to_contain_text("其他事项 1")
    assert not looking.problems


async def test_lost_line_is_told_and_comes_back_with_everything(house: FloorHouse, chrome: Browser) -> None:
    looking = await at_the_floor(house, chrome)
    page = looking.page
    await page.context.set_offline(True)
    for watcher in list(house.floor._watchers):
        for _ in range(70):  # it reads nothing any more
            watcher.window.tell("{}")
    await expect(page.locator(".trouble")).to_contain_text("Connection lost", timeout=60_000)
    house.calls.in_queue()
    await page.context.set_offline(False)
    await expect(page.locator(".calls [data-call]")).to_have_count(1, timeout=60_000)
    await expect(page.locator(".trouble")).to_be_hidden()


async def test_agents_have_no_floor(house: FloorHouse, chrome: Browser) -> None:
    looking = await look(house, chrome, "wei")
    answer = await looking.page.goto(f"{house.site.url}/floor")
    assert answer is not None and answer.status == 403


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read_in_both_languages_light_and_dark(
    house: FloorHouse, chrome: Browser, language: Any, scheme: Any
) -> None:
    await day(house)
    await house.site.accounts.set_language("sue", language)
    looking = await at_the_floor(house, chrome, color_scheme=scheme)
    page = looking.page
    for tab in TABS:
        await page.click(f"#tab-{tab}")
        await page.wait_for_selector(TABS[tab])
        if tab == "now":
            await page.click(".calls [data-call]")
            await page.wait_for_selector(".story h2")
        poor = await page.evaluate(_CONTRAST)
        assert not poor, (tab, poor)
        shown = await page.inner_text("body")
        assert "undefined" not in shown and "NaN" not in shown and "[object" not in shown, tab


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_phone_shows_it_all_and_targets_fit_a_thumb(house: FloorHouse, chrome: Browser, language: Any) -> None:
    await day(house)
    await house.site.accounts.set_language("sue", language)
    looking = await at_the_floor(house, chrome, viewport=PHONE, is_mobile=True, has_touch=True)
    page = looking.page
    for tab in TABS:
        await page.click(f"#tab-{tab}")
        await page.wait_for_selector(TABS[tab])
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], tab
        small = await page.evaluate(
            """[...document.querySelectorAll("button, select, nav a, .box, input:not([type=checkbox], [type=radio])")]
                 .filter((e) => e.checkVisibility()).map((e) => [e.textContent || e.id, e.getBoundingClientRect()])
                 .filter(([, r]) => r.width && Math.min(r.width, r.height) < 39.5)
                 .map(([t, r]) => `${t} ${r.width}x${r.height}`)"""
        )
        assert not small, (tab, small)
