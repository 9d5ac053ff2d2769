"""The promise as the agent sees it: in a real browser, the card is drawn before the call is answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, Page, expect

from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from tests.browser import ONE_LOOP, on_one_loop
from tests.conftest import RealParts
from tests.e2e.conftest import PASSWORD, House, a_house, until

pytestmark = ONE_LOOP


@on_one_loop
async def house(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts) -> AsyncIterator[House]:
    async with a_house(asterisk, lab, tmp_path, real_parts) as made:
        yield made


async def sign_in(house: House, browser: Browser, login: str, *, free: bool = True) -> Page:
    """An agent at their desk; where a call waits for them already, they are not ``free`` for a moment."""
    page = await browser.new_page()
    await page.goto(f"http://127.0.0.1:{house.server.web_port}/")
    await page.fill('input[name="login"]', login)
    await page.fill('input[name="password"]', PASSWORD)
    await page.press('input[name="password"]', "Enter")
    states = house.server.roster.states
    wanted = ("available",) if free else ("available", "ringing", "busy")
    await until(lambda: states()[login] in wanted, 10, f"{login} did not become available")  # type: ignore[index]
    return page


async def test_card_is_drawn_in_the_browser_before_the_answer(house: House, browser: Browser) -> None:
    house.lab.phone("1001", "2", "3")
    page = await sign_in(house, browser, "ana")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    house.say("late-watch")
    await house.happened("agent_ringing", 40)
    call = house.call
    await until(lambda: "ana" in call.seen_ms, 2, "the browser never said that it drew the card")
    assert call.answered_by is None, "drawn before the answer"
    body = page.locator("body")
    for text in ("Lin Mei", "Late delivery", "watch", "4711", "K-12"):
        await expect(body).to_contain_text(text)
    assert call.ledger.words is not None
    await expect(body).to_contain_text(call.ledger.words)
    # a reload in the middle of it all loses nothing
    await page.reload()
    await expect(page.locator("body")).to_contain_text("Lin Mei")
    await house.happened("agent_answered", 20)
    assert call.pop_before_answer_ms is not None and call.pop_before_answer_ms > 1000
    assert not problems


async def test_hostile_name_from_the_network_stays_text(house: House, browser: Browser) -> None:
    page = await sign_in(house, browser, "chen")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>😀"
    house.say("watch-stopped", number=shop.UNKNOWN, name=hostile)
    await house.happened("agent_ringing", 40)
    await expect(page.locator("body")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("img[src=x]").count() == 0
    assert not dialogs


async def test_name_with_line_breaks_makes_no_ami_action(house: House) -> None:
    # the dialplan itself can put anything into a caller's name; here a line break and a second "action"
    name = "Eve%0D%0AAction: Originate%0D%0AChannel: Local/4000@ivr-in"
    house.lab.act(
        "Originate", Channel="Local/eve@ivr-lab-hostile", Context="ivr-lab-caller", Exten="run", Priority="1", Async="true",
        Variable=f"LAB_NAME={name},LAB_SCRIPT=wait:6",
    )  # fmt: skip
    await house.happened("rang", 10)
    shown = house.call.ledger.caller.shown_name or ""
    assert shown.startswith("Eve")
    assert json.dumps(shown)
    await house.happened("said", 10)
    assert len({live.id for live, _ in house.entries}) == 1, "the name has placed no call of its own"


async def on_the_line(house: House, page: Page) -> None:
    house.say("late-watch")
    await page.wait_for_selector(".card[data-state=connected]", timeout=60_000)


async def test_call_is_passed_on_with_a_brief_that_is_read_before_the_answer(house: House, browser: Browser) -> None:
    house.lab.phone("1001", "1", "900")
    house.lab.phone("1002", "8", "60")
    house.lab.phone("1003", "never", "1")
    ana = await sign_in(house, browser, "ana")
    await on_the_line(house, ana)
    ben = await sign_in(house, await browser.new_context(), "ben")  # type: ignore[arg-type]
    await ana.keyboard.press("n")
    await ana.keyboard.type("Promised a call by six")
    await ana.keyboard.press("Escape")
    await ana.keyboard.press("t")
    await ana.keyboard.type("okafor")
    await expect(ana.locator(".option[aria-selected=true]")).to_contain_text("Ben Okafor")
    await ana.keyboard.press("Tab")
    await ana.keyboard.type("Wants the money back, not a new date")
    await ana.keyboard.press("Shift+Enter")
    await ben.wait_for_selector(".card[data-state=ringing]", timeout=60_000)
    await expect(ben.locator(".brief")).to_contain_text("Wants the money back, not a new date")
    await expect(ben.locator(".brief h2")).to_contain_text("Ana Kovač")
    await expect(ben.locator(".journey")).to_contain_text("Promised a call by six")
    await expect(ben.locator(".card h1")).to_contain_text("Lin Mei")
    assert len(house.kinds("agent_answered")) == 1, "read before the answer"
    await expect(ana.locator(".card")).to_have_count(0, timeout=60_000)
    await ben.wait_for_selector(".card[data-state=connected]", timeout=60_000)
    # what Ana did stands in her own day, and only there
    await expect(ana.locator(".day")).to_contain_text("Ben Okafor", timeout=60_000)
    await expect(ana.locator(".today")).to_contain_text("passed on")


async def test_colleague_is_asked_and_takes_over_by_keyboard(house: House, browser: Browser) -> None:
    house.lab.phone("1001", "1", "900")
    house.lab.phone("1002", "2", "60")
    house.lab.phone("1003", "never", "1")
    ana = await sign_in(house, browser, "ana")
    await on_the_line(house, ana)
    ben = await sign_in(house, await browser.new_context(), "ben")  # type: ignore[arg-type]
    await ana.keyboard.press("t")
    await ana.keyboard.type("okafor")
    await expect(ana.locator(".option[aria-selected=true]")).to_contain_text("Available")
    await ana.keyboard.press("Enter")
    await expect(ana.locator(".pill").first).to_contain_text("Asking Ben Okafor", timeout=60_000)
    await expect(ben.locator(".pill").first).to_contain_text("Ana Kovač", timeout=60_000)
    await ben.wait_for_selector(".card[data-state=connected]", timeout=60_000)
    await expect(ben.locator(".act[data-act=transfer]")).to_be_disabled()
    await ana.keyboard.press("c")
    await expect(ana.locator(".card")).to_have_count(0, timeout=60_000)
    await expect(ben.locator(".pill").first).to_contain_text("Connected", timeout=60_000)
    await expect(ben.locator(".act[data-act=transfer]")).to_be_enabled()
