"""Two agents and a supervisor at once, each in a real browser, on a real Asterisk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, Page, expect

from ivr.adapters.database import DatabaseAccounts, DatabaseAudit
from ivr.calls.access import Actor, AuditFilter
from tests.browser import chromium
from tests.conftest import RealParts
from tests.e2e.conftest import PASSWORD, House, until, wait_for
from tests.e2e.test_browser import sign_in


@pytest.fixture
async def browser(real_parts: RealParts) -> AsyncIterator[Browser]:
    async with chromium(real_parts) as made:
        yield made


async def supervisor(house: House, browser: Browser) -> Page:
    """Chen is made a supervisor, and looks at the floor."""
    await DatabaseAccounts(house.server.store).change(
        "chen", lambda account: replace(account, role="supervisor"), Actor("console:test")
    )
    page = await (await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")).new_page()
    await page.goto(f"http://127.0.0.1:{house.server.web_port}/")
    await page.fill('input[name="login"]', "chen")
    await page.fill('input[name="password"]', PASSWORD)
    await page.press('input[name="password"]', "Enter")
    await page.wait_for_selector(".idle, .card")
    await page.get_by_role("link", name="Floor").click()
    await page.wait_for_selector(".tile")
    return page


def applications(house: House, name: str) -> list[str]:
    """The channels in which Asterisk runs an application at this moment, by the witness."""
    lab = house.lab
    lists, seen = len(lab.events("CoreShowChannelsComplete")), len(lab.events("CoreShowChannel"))
    lab.act("CoreShowChannels")
    wait_for(lambda: len(lab.events("CoreShowChannelsComplete")) > lists, 5, "Asterisk did not list its channels")
    return [event["Channel"] for event in lab.events("CoreShowChannel")[seen:] if event.get("Application") == name]


async def test_supervisor_sees_it_as_it_is_said_listens_and_moves_what_waits(house: House, browser: Browser) -> None:
    house.lab.phone("1001", "2", "120")
    house.lab.phone("1002", "2", "120")
    house.lab.phone("1003", "1", "120")
    ana = await sign_in(house, browser, "ana")
    boss = await supervisor(house, browser)
    problems: list[str] = []
    boss.on("pageerror", lambda error: problems.append(str(error)))
    await expect(boss.locator('[data-agent="ana"]')).to_contain_text("Available")

    # while the caller still talks with the machine, the supervisor reads along
    house.say("late-watch")
    row = boss.locator(".calls [data-call]")
    await expect(row).to_contain_text("with the machine", timeout=10_000)
    await row.click()
    await expect(boss.locator(".story .said")).to_contain_text("Hello Ms Lin", timeout=10_000)
    await house.happened("heard", 30)
    heard = house.kinds("heard")[0].facts["text"]
    await expect(boss.locator('.story .said [data-speaker="caller"]').first).to_contain_text(heard, timeout=3_000)
    await expect(row).to_contain_text("with an agent", timeout=30_000)
    await expect(ana.locator(".card h1")).to_contain_text("Lin Mei")
    await expect(boss.locator('[data-agent="ana"]')).to_contain_text("On a call")

    # listening: the supervisor's own phone rings, and Asterisk lets it hear the call
    await boss.get_by_role("button", name="Whisper to the agent").click()
    await until(lambda: applications(house, "ChanSpy"), 15, "nobody listens")
    [written] = await DatabaseAudit(house.server.store).page(AuditFilter(what="call.whispered"), 5)
    assert (written.by.who, written.target) == ("chen", str(house.call.id))
    assert house.call.ledger.legs.had_it == ("ana",), "a listener is no agent of the call"
    house.lab.act("Hangup", Channel="/^Local/1003.*$/")
    await until(lambda: not applications(house, "ChanSpy"), 10, "still listened to")
    assert house.call.ledger.legs.talking, "the call goes on"

    # a second caller waits, for nobody else is there; the supervisor sends them to Ben, who has just come
    await boss.keyboard.press("Escape")
    first = house.call.id
    house.say("key:1", number="+4930901820", name="Anna")
    second = boss.locator(f'.calls [data-call]:not([data-call="{first}"])')
    await expect(second).to_contain_text("waits", timeout=30_000)
    ben = await sign_in(house, await browser.new_context(), "ben", free=False)  # type: ignore[arg-type]
    await ben.wait_for_selector(".card", timeout=15_000)  # app_queue or routing may be faster than any supervisor
    await expect(second).to_contain_text("Ben Okafor", timeout=10_000)
    assert not problems


async def test_waiting_call_is_moved_and_an_agent_paused_and_taken_back(house: House, browser: Browser) -> None:
    for phone in ("1001", "1002", "1003"):
        house.lab.phone(phone, "never", "1")
    boss = await supervisor(house, browser)
    ben = await sign_in(house, await browser.new_context(), "ben")  # type: ignore[arg-type]
    await boss.locator('[data-agent="ben"]').click()
    await boss.get_by_label("Pause").select_option("lunch")
    await boss.get_by_role("button", name="Pause", exact=True).click()
    await expect(boss.locator('[data-agent="ben"]')).to_contain_text("Lunch")
    await expect(ben.locator("#state")).to_contain_text("Lunch")
    # nobody else knows of orders: the call waits, until it is sent where Chen is
    house.say("late-watch")
    row = boss.locator(".calls [data-call]")
    await expect(row).to_contain_text("waits", timeout=40_000)
    await row.click()
    await boss.get_by_role("button", name="Move").click()
    await boss.get_by_label("To").select_option("queue repairs")
    await boss.locator("dialog").get_by_role("button", name="Move").click()
    await expect(row).to_contain_text("Repairs", timeout=10_000)
    await expect(row).to_contain_text("Chen Xiao", timeout=15_000)
    assert house.call.ledger.legs.passed[-1].way == "moved"
    await boss.keyboard.press("Escape")
    await boss.locator('[data-agent="ben"]').click()
    await boss.get_by_role("button", name="Take back into the queues").click()
    await expect(ben.locator("#state")).to_contain_text("Available")
