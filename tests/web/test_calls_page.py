"""What agents do with a call on their page: by keyboard and by hand, and what they read of those who had it before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Browser, expect

from ivr.calls.ports import Target
from tests.browser import ONE_LOOP, on_one_loop
from tests.web.test_pages import _CONTRAST, DESKTOP, PHONE, Desk, connected, sit_down, wrapping
from tests.web.web_fakes import WEI, Site, call_id, card, passed_on, serving, stamp

pytestmark = ONE_LOOP

CALL = UUID(call_id(1))
WORDS = "my watch was due yesterday and nobody has told me anything"


@on_one_loop
async def site() -> AsyncIterator[Site]:
    async with serving() as made:
        yield made


@on_one_loop
async def desk(site: Site, browser: Browser) -> Desk:
    return await sit_down(site, browser)


async def put(desk: Desk, shown: dict[str, Any]) -> None:
    desk.site.service.put(WEI, shown)
    await desk.page.wait_for_selector(f".card[data-call='{shown['call']}'][data-state='{shown['state']}']")


async def able(desk: Desk) -> set[str]:
    buttons = desk.page.locator(".act:enabled")
    return {str(await button.get_attribute("data-act")) for button in await buttons.all()}


async def test_who_had_it_before_is_read_first(desk: Desk) -> None:
    await put(desk, card(1, **passed_on(datetime.now(UTC))))
    brief = desk.page.locator(".brief")
    await expect(brief).to_contain_text("Ana Silva passed this on · not theirs to decide")
    await expect(brief).to_contain_text("Wants the money back, not a new date")
    await expect(brief).to_contain_text("I just want my money back now")
    name = await desk.page.locator("h1").bounding_box()
    box = await brief.bounding_box()
    assert box and name and box["y"] < name["y"], "the brief stands above the name"
    journey = desk.page.locator(".journey")
    for text in ("Ben Okafor", "did not answer", "5:58", "Promised a call by six", "to Orders"):
        await expect(journey).to_contain_text(text)
    assert not desk.problems


async def test_only_what_can_be_done_now_is_enabled(desk: Desk) -> None:
    stands = {
        "ringing": (card(1), set[str]()),
        "talking": (connected(1), {"hold", "transfer", "wrong_place", "note", "hang_up"}),
        "held": (connected(1, held=True), {"resume", "transfer", "note", "hang_up"}),
        "asking": (connected(1, held=True, consulting="Ana Silva"), {"resume", "complete", "conference", "note", "hang_up"}),
        "asked": (connected(1, asked_by="Ana Silva"), {"note", "hang_up"}),
        "together": (connected(1, conference=True), {"note", "hang_up"}),
        "over": (wrapping(1), {"note", "test"}),
    }  # fmt: skip
    for name, (shown, wanted) in stands.items():
        await put(desk, shown)
        assert await able(desk) == wanted, name
    desk.site.service.put(WEI, connected(1))
    desk.site.service.lose_asterisk()
    await expect(desk.page.locator(".act[data-act=hold]")).to_be_disabled()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"held": True}, "On hold"),
        ({"held": True, "consulting": "Ana Silva"}, "Asking Ana Silva"),
        ({"asked_by": "Ben Okafor"}, "Talking with Ben Okafor"),
        ({"conference": True}, "Conference"),
    ],
)
async def test_where_the_call_stands_is_told(desk: Desk, changes: dict[str, Any], text: str) -> None:
    await put(desk, connected(1, **changes))
    await expect(desk.page.locator(".pill").first).to_contain_text(text)


@pytest.mark.parametrize(
    ("keys", "changes", "asked"),
    [
        ("h", {}, "hold"),
        ("h", {"held": True}, "resume"),
        ("c", {"held": True, "consulting": "Ana Silva"}, "complete"),
        ("g", {"held": True, "consulting": "Ana Silva"}, "conference"),
        ("h", {"held": True, "consulting": "Ana Silva"}, "resume"),
        ("ee", {}, "hang_up"),
    ],
)
async def test_acts_by_key(desk: Desk, keys: str, changes: dict[str, Any], asked: str) -> None:
    await put(desk, connected(1, **changes))
    for key in keys:
        assert not [one for one in desk.site.service.asked if one[0] == asked], "one slip of a finger ends no call"
        await desk.page.keyboard.press(key)
    await desk.site.service.until_asked(asked, WEI, CALL)


async def test_call_is_passed_on_after_asking_by_keyboard_alone(desk: Desk) -> None:
    await put(desk, connected(1))
    await desk.page.keyboard.press("t")
    panel = desk.page.locator("#panel")
    await expect(panel).to_contain_text("Where should Lin Mei 林美 go?")
    await expect(panel.locator(".option[aria-selected=true]")).to_contain_text("陈晓")  # free, of this queue
    await expect(panel.locator("#words")).to_have_value(WORDS)
    await expect(panel).not_to_contain_text("Chen Wei")  # that is oneself
    await desk.page.keyboard.type("silva")
    await expect(panel.locator(".option")).to_have_count(1)
    await desk.page.keyboard.press("Tab")
    await desk.page.keyboard.type("Wants the money back")
    await desk.page.keyboard.press("Enter")
    await desk.site.service.until_asked(
        "transfer", WEI, CALL, Target("agent", "ana"), True, "Wants the money back", WORDS, None
    )
    await expect(panel).to_be_hidden()
    assert not desk.problems


async def test_call_is_passed_on_at_once_to_a_queue_and_the_note_goes_with_it(desk: Desk) -> None:
    await put(desk, connected(1))
    await desk.page.keyboard.press("n")
    await desk.page.keyboard.type("Promised a call by six")
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("t")
    await desk.page.keyboard.type("bill")
    await desk.page.locator(".option", has_text="Queue").click()
    await desk.page.locator("#find").press("Shift+Enter")
    await desk.site.service.until_asked("transfer", WEI, CALL, Target("queue", "billing"), False, "", WORDS, None)
    assert [one[0] for one in desk.site.service.asked if one[0] in ("note", "transfer")] == ["note", "transfer"]


async def test_why_is_one_key_from_anywhere_and_once_more_takes_it_back(desk: Desk) -> None:
    await put(desk, connected(1))
    await desk.page.keyboard.press("t")
    await desk.page.keyboard.type("silva")
    pressed = desk.page.locator(".whyso[aria-pressed=true]")
    await expect(pressed).to_have_count(0)
    await desk.page.keyboard.press("Alt+3")
    await expect(pressed).to_contain_text("Outside my skills")
    await desk.page.keyboard.press("Alt+3")
    await expect(pressed).to_have_count(0)
    await desk.page.keyboard.press("Tab")
    await desk.page.keyboard.press("Alt+2")
    await expect(desk.page.locator("#find")).to_have_value("silva")
    await expect(desk.page.locator("#brief")).to_have_value("")
    # what was chosen outlives the panel, as what was typed does; and the arrows choose among six with one stop of Tab
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("t")
    await expect(pressed).to_contain_text("No authority")
    await pressed.focus()
    await desk.page.keyboard.press("ArrowRight")
    await desk.page.keyboard.press("ArrowRight")
    await desk.page.keyboard.press("Space")
    await expect(pressed).to_contain_text("Language")
    await desk.page.locator("#find").fill("silva")
    await desk.page.locator("#find").press("Shift+Enter")
    await desk.site.service.until_asked("transfer", WEI, CALL, Target("agent", "ana"), False, "", WORDS, "language")
    await expect(desk.page.locator("#panel")).to_be_hidden()
    await desk.page.locator(".act[data-act=transfer]").click()
    await expect(desk.page.locator("#panel")).to_be_visible()
    await expect(pressed).to_have_count(0)
    assert not desk.problems


async def test_number_is_offered_only_where_calls_may_leave_the_house(desk: Desk) -> None:
    await put(desk, connected(1))
    await desk.page.keyboard.press("t")
    await desk.page.keyboard.type("+49 30 1234")
    await expect(desk.page.locator(".option[aria-selected=true]")).to_contain_text("+49301234")
    buttons = desk.page.locator("#panel .buttons button")
    for asked_or_not in (0, 1):
        await expect(buttons.nth(asked_or_not)).to_be_enabled()
    desk.site.service.places["outside"] = False
    desk.site.service.tell(WEI, {"type": "places", "places": desk.site.service.places})
    await expect(desk.page.locator("#found")).to_contain_text("may not be sent out of the house")


async def test_refusal_is_said_in_the_panel_and_nothing_is_lost(desk: Desk) -> None:
    desk.site.service.refuse = {"en": "Nobody in Shanghai is free.", "zh": "无人空闲。"}
    await put(desk, connected(1))
    await desk.page.keyboard.press("t")
    await desk.page.keyboard.type("Shanghai")
    await desk.page.fill("#brief", "Speaks Chinese only")
    await desk.page.press("#brief", "Shift+Enter")
    await expect(desk.page.locator("#panel .wrong")).to_have_text("Nobody in Shanghai is free.")
    await desk.page.reload()
    await desk.page.wait_for_selector(".card")
    await desk.page.keyboard.press("t")
    await expect(desk.page.locator("#brief")).to_have_value("Speaks Chinese only")


async def test_news_of_colleagues_moves_nothing_that_is_chosen(desk: Desk) -> None:
    await put(desk, connected(1))
    await desk.page.keyboard.press("t")
    await desk.page.keyboard.press("ArrowDown")
    chosen = await desk.page.locator(".option[aria-selected=true] .title").inner_text()
    places = desk.site.service.places
    places["agents"][1]["state"] = "available"
    desk.site.service.tell(WEI, {"type": "places", "places": places})
    await expect(desk.page.locator(".option", has_text="Ben Okafor").locator(".lamp")).to_have_attribute(
        "data-state", "available"
    )
    await expect(desk.page.locator(".option[aria-selected=true] .title")).to_have_text(chosen)
    desk.site.service.withdraw(WEI, call_id(1), "closed")
    await expect(desk.page.locator("#panel .wrong")).to_contain_text("not with you any more")


async def test_wrong_place_is_two_keys(desk: Desk) -> None:
    await put(desk, connected(1))
    await desk.page.keyboard.press("w")
    await desk.page.keyboard.type("invo")
    await desk.page.keyboard.press("Enter")
    await desk.site.service.until_asked("wrong_place", WEI, CALL, "invoice", "")


async def test_note_is_kept_while_talking(desk: Desk) -> None:
    await put(desk, connected(1))
    await desk.page.keyboard.press("n")
    await desk.page.keyboard.type("Promised a call by six")
    await desk.page.keyboard.press("Control+Enter")
    await desk.site.service.until_asked("note", WEI, CALL, "Promised a call by six")
    await expect(desk.page.locator("#note")).to_have_value("")
    await expect(desk.page.locator("#note")).to_be_focused()


async def test_follow_up_has_a_time(desk: Desk) -> None:
    await put(desk, wrapping(1))
    await desk.page.keyboard.press("2")
    when = (datetime.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    await desk.page.fill("#when", when.strftime("%Y-%m-%dT%H:%M"))
    await desk.page.locator(".settle .primary").click()
    await desk.site.service.until_asked("close", WEI, CALL, "follow_up", "", when.astimezone(UTC))


async def test_wrap_up_that_the_server_began_is_ended_by_available(desk: Desk) -> None:
    desk.site.service.tell(
        WEI, {"type": "state", "state": "paused", "reason": "wrap_up", "since": stamp(datetime.now(UTC))}
    )
    await expect(desk.page.locator("#state")).to_contain_text("Wrap-up")
    await desk.page.keyboard.press("p")
    await desk.page.keyboard.press("Enter")
    await desk.site.service.until_asked("state", WEI, "available", None)


async def test_earlier_contact_opens_to_what_was_said(desk: Desk) -> None:
    await put(desk, connected(1))
    words = desk.page.locator(".timeline .words")
    await expect(words).to_be_hidden()
    await desk.page.locator(".timeline summary").first.click()
    await expect(words).to_contain_text("it was meant to be here")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everything_can_be_read_and_hit(site: Site, browser: Browser, scheme: str) -> None:
    desk = await sit_down(site, browser, color_scheme=scheme)
    for shown in (
        card(1, **passed_on(datetime.now(UTC))),
        connected(1, held=True, consulting="Ana Silva"),
        connected(1),
    ):
        await put(desk, shown)
        assert not await desk.page.evaluate(_CONTRAST)
    for key in ("t", "w"):
        await desk.page.keyboard.press(key)
        assert not await desk.page.evaluate(_CONTRAST), key
        await desk.page.keyboard.press("Escape")
    for size in (PHONE, DESKTOP):
        await desk.page.set_viewport_size(size)  # type: ignore[arg-type]
        for key in ("", "t"):
            if key:
                await desk.page.keyboard.press(key)
            assert await desk.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            assert await desk.page.evaluate("document.documentElement.scrollHeight") <= size["height"], (
                "the page itself scrolls"
            )
            small = await desk.page.evaluate(
                """[...document.querySelectorAll("button, textarea, input, .option")].filter((e) => e.checkVisibility())
                     .map((e) => [e.textContent || e.id, e.getBoundingClientRect()])
                     .filter(([, r]) => r.width && Math.min(r.width, r.height) < 43.5)
                     .map(([t, r]) => `${t} ${r.width}x${r.height}`)"""
            )
            assert not small, (size, key, small)
        await desk.page.keyboard.press("Escape")


LINES = {
    "text": {"en": "{salutation}, your {product} is late.", "zh": "{salutation}，您好"},
    "own": {},
    "fields": ["salutation", "agent", "order", "product"],
}


async def test_opening_is_written_in_place(desk: Desk) -> None:
    await put(desk, connected(1, opening_lines=LINES))
    await desk.page.keyboard.press("o")
    await expect(desk.page.locator("#opening")).to_have_value("{salutation}, your {product} is late.")
    await expect(desk.page.locator(".fields")).to_contain_text("{order}")
    desk.site.service.refuse = {"en": "{name} is not known.", "zh": "不认识"}
    await desk.page.fill("#opening", "Hello {name}")
    await desk.page.press("#opening", "Enter")
    await expect(desk.page.locator(".opening .wrong")).to_have_text("{name} is not known.")
    await put(desk, connected(1, opening_lines=LINES, waited_s=20))
    await expect(desk.page.locator("#opening")).to_have_value("Hello {name}")  # news takes nothing out of the hand
    desk.site.service.refuse = None
    await desk.page.fill("#opening", "Hello {salutation}")
    await desk.page.press("#opening", "Enter")
    await desk.site.service.until_asked("opening", WEI, "late_delivery", "en", "Hello {salutation}")
    await expect(desk.page.locator("#opening")).to_have_count(0)


async def test_own_day_opens_to_what_was_said(desk: Desk) -> None:
    call = {
        "call": call_id(9), "at": stamp(datetime.now(UTC)), "name": "Jonas Weber", "number": "+49 30 901820", "over": True,
        "title": {"en": "Refund", "zh": "退款"}, "words": "my money back", "notes": ["35.00 EUR promised"], "outcome": "solved",
        "talk_s": 312, "passed_to": [],
    }  # fmt: skip
    desk.site.service.tell(WEI, {"type": "history", "history": [call]})
    day = desk.page.locator(".day")
    await expect(day).to_contain_text("Jonas Weber")
    await expect(day.locator(".note")).to_be_hidden()
    await day.locator("summary").click()
    await expect(day.locator(".note")).to_have_text("35.00 EUR promised")
    await expect(day).to_contain_text("talked 5:12")
    await expect(desk.page.locator(".today")).to_contain_text("passed on")
    assert not desk.problems
