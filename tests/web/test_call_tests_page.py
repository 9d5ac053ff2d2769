"""A call becomes a test at the desk and on the floor, by hand and by key; and who may, hears its sound."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from ivr.corpus.format import read_corpus
from tests.browser import ONE_LOOP, on_one_loop
from tests.web.floor_house import FloorHouse, floor_house
from tests.web.test_floor_page import at_the_floor
from tests.web.test_pages import _CONTRAST, DESKTOP, PHONE, Desk, connected, sit_down, wrapping
from tests.web.test_recordings import talked
from tests.web.web_fakes import WEI, Site, call_id, serving, stamp

pytestmark = ONE_LOOP

MADE = {"name": "2026-11-22-0b5f6c1e", "sound": True, "pieces": 3}


@on_one_loop
async def house(tmp_path: Path) -> AsyncIterator[FloorHouse]:
    async with floor_house(tmp_path) as made:
        yield made


@on_one_loop
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        yield made


class Asked:
    """What the page has asked for; says what it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []
        self.says: tuple[int, Any] = (201, MADE)

    async def answer(self, route: Route) -> None:
        self.calls.append((route.request.url.rpartition("/api/v1")[2], route.request.post_data_json))
        assert route.request.headers["x-csrf-token"]
        await route.fulfill(status=self.says[0], json=self.says[1])


async def asking(page: Page) -> Asked:
    asked = Asked()
    await page.route("**/api/v1/calls/*/test", asked.answer)
    return asked


# -- the desk


@on_one_loop
async def desk(site: Site, chrome: Browser) -> Desk:
    made = await sit_down(site, chrome)
    site.service.put(WEI, wrapping(1))
    await made.page.wait_for_selector(".card[data-state=wrap_up]")
    return made


async def test_agent_makes_a_test_by_key_while_writing_up(desk: Desk) -> None:
    asked, page = await asking(desk.page), desk.page
    await page.keyboard.press("x")
    await expect(page.locator("#panel h2")).to_have_text("Make a test of this call")
    first = page.locator("#panel .option").first
    await expect(first).to_have_attribute("aria-selected", "true")
    await expect(first).to_contain_text("as it was understood")
    desk.site.service.put(WEI, wrapping(1))  # news must not close it
    await page.keyboard.press("Enter")
    await expect(page.locator("#notice")).to_have_text("Test 2026-11-22-0b5f6c1e made.")
    await expect(page.locator("#panel")).to_be_hidden()
    assert asked.calls == [(f"/calls/{call_id(1)}/test", {})]
    assert not desk.problems


async def test_agent_says_what_it_really_was(desk: Desk) -> None:
    asked, page = await asking(desk.page), desk.page
    await page.get_by_role("button", name="Make a test").click()
    await page.keyboard.type("refu")
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel")).to_be_hidden()
    await page.keyboard.press("x")
    await page.keyboard.type("none of")
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel")).to_be_hidden()
    assert [body for _, body in asked.calls] == [{"intent": "refund"}, {"intent": ""}]


async def test_refusal_is_read_where_it_was_asked(desk: Desk) -> None:
    asked, page = await asking(desk.page), desk.page
    text = {"en": "This call is not over yet.", "zh": "该通话尚未结束。"}
    asked.says = (409, {"texts": {"title": text, "detail": text}})
    await page.keyboard.press("x")
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel [role=alert]")).to_have_text("This call is not over yet.")
    await page.keyboard.press("Escape")
    await page.unroute("**/api/v1/calls/*/test")
    await page.route("**/api/v1/calls/*/test", lambda route: route.abort())
    await page.keyboard.press("x")
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel [role=alert]")).to_contain_text("There is no connection just now.")


async def test_while_they_talk_there_is_nothing_to_make(site: Site, chrome: Browser) -> None:
    desk = await sit_down(site, chrome)
    site.service.put(WEI, connected(1))
    await desk.page.wait_for_selector(".card[data-state=connected]")
    await expect(desk.page.get_by_role("button", name="Make a test")).to_have_count(0)
    await desk.page.keyboard.press("x")
    await expect(desk.page.locator("#panel")).to_be_hidden()


async def test_call_of_the_day_becomes_a_test(site: Site, chrome: Browser) -> None:
    desk = await sit_down(site, chrome)
    page, asked = desk.page, await asking(desk.page)
    call = {
        "call": call_id(9), "at": stamp(datetime.now(UTC)), "name": "Jonas Weber", "number": "+49 30 901820", "over": True,
        "title": {"en": "Refund", "zh": "退款"}, "words": "my money back", "notes": [], "outcome": "solved", "talk_s": 312,
        "passed_to": [],
    }  # fmt: skip
    site.service.tell(WEI, {"type": "history", "history": [call, {**call, "call": call_id(8), "over": False}]})
    row = page.locator(".day details").first
    await row.locator("summary").click()
    await page.keyboard.press("x")
    await expect(page.locator("#panel h2")).to_have_text("Make a test of this call")
    await page.keyboard.press("Enter")
    await expect(page.locator("#notice")).to_contain_text("made")
    assert asked.calls[0][0] == f"/calls/{call_id(9)}/test"
    await expect(page.locator(".day [data-test]")).to_have_count(1)


# -- the floor


async def in_the_list(house: FloorHouse, chrome: Browser, **context: Any) -> Any:
    live = await talked(house)
    looking = await at_the_floor(house, chrome, **context)
    await looking.page.click("#tab-calls")
    row = looking.page.locator(f'[data-call="{live.id}"]')
    await row.wait_for()
    return looking, row, live


async def test_supervisor_hears_a_call_and_jumps_in_it(house: FloorHouse, chrome: Browser) -> None:
    looking, row, live = await in_the_list(house, chrome)
    page = looking.page
    await expect(row.locator(".icon")).to_have_count(1)
    await row.click()
    player = page.locator(".player audio")
    await expect(player).to_be_visible()
    # decoded by the browser, as long as it is, and playable from the middle
    length = await player.evaluate(
        """async (audio) => { audio.muted = true; await audio.play(); audio.currentTime = 1.5;
             await new Promise((done) => audio.addEventListener("seeked", done, { once: true }));
             const at = audio.currentTime; audio.pause(); return [audio.duration, at]; }"""
    )
    assert length[0] == pytest.approx(2.0, abs=0.05) and length[1] >= 1.5
    [heard] = await house.site.trail("recording.heard")
    assert (heard.by.who, heard.target) == ("sue", str(live.id))
    assert not looking.problems


async def test_supervisor_makes_a_test_of_an_open_call_and_of_a_row(house: FloorHouse, chrome: Browser) -> None:
    looking, row, _ = await in_the_list(house, chrome)
    page = looking.page
    await row.focus()
    await page.keyboard.press("x")
    await page.get_by_role("button", name="Make the test").click()
    await expect(page.locator("#notice")).to_contain_text("made.")
    assert read_corpus(house.corpus).calls[0].sound is not None
    await row.click()
    await page.locator(".story").get_by_role("button", name="Make a test").click()
    await page.get_by_label("What was it about?").select_option(label="Invoice")
    await page.get_by_role("button", name="Make the test").click()
    await expect(page.locator("dialog")).to_have_count(0)
    assert read_corpus(house.corpus).calls[0].facts.intent == "invoice"
    assert not looking.problems


async def test_call_without_sound_has_no_player(house: FloorHouse, chrome: Browser) -> None:
    await talked(house, recorded=False)
    looking = await at_the_floor(house, chrome)
    await looking.page.click("#tab-calls")
    await looking.page.locator(".past-calls [data-call]").first.click()
    await expect(looking.page.locator(".story h2").first).to_be_visible()
    await expect(looking.page.locator(".player")).to_be_hidden()
    await expect(looking.page.locator(".past-calls .icon")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_it_can_be_read_everywhere(
    house: FloorHouse, chrome: Browser, language: Any, scheme: Any, viewport: Any
) -> None:
    await house.site.accounts.set_language("sue", language)
    looking, row, _ = await in_the_list(house, chrome, color_scheme=scheme, viewport=viewport)
    page = looking.page
    await row.click()
    await page.wait_for_selector(".player audio")
    for _ in range(2):
        assert not await page.evaluate(_CONTRAST)
        assert await page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        shown = await page.inner_text("body")
        assert "undefined" not in shown and "[object" not in shown
        await page.keyboard.press("x")
        await page.wait_for_selector("dialog[open]")
    assert not looking.problems
