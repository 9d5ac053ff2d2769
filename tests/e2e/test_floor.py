"""Two agents and a supervisor at once, each in a real browser, on a real Asterisk."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from ivr.adapters.database import DatabaseAccounts, DatabaseAudit, DatabaseRecords
from ivr.calls.people.audit import Actor, AuditFilter
from ivr.lab.asterisk.callers import Lab, NotDone
from ivr.lab.asterisk.private import PrivateAsterisk
from tests.browser import ONE_LOOP, on_one_loop
from tests.conftest import PATIENCE_S, RealParts
from tests.e2e.conftest import PASSWORD, House, a_house, until
from tests.e2e.test_browser import sign_in

pytestmark = ONE_LOOP


@on_one_loop
async def house(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts) -> AsyncIterator[House]:
    async with a_house(asterisk, lab, tmp_path, real_parts) as made:
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
    listed = house.lab.listing("CoreShowChannels", "CoreShowChannel", within_s=PATIENCE_S)
    return [event["Channel"] for event in listed if event.get("Application") == name]


async def test_supervisor_sees_it_as_it_is_said_listens_and_moves_what_waits(house: House, browser: Browser) -> None:
    # Asterisk lets a listener go at the next sound of the channel that is listened to: the phone there sends some
    house.lab.phone("1001", "2", "900", hums=True)
    house.lab.phone("1002", "2", "900")
    house.lab.phone("1003", "1", "900")
    ana = await sign_in(house, browser, "ana")
    boss = await supervisor(house, browser)
    problems: list[str] = []
    boss.on("pageerror", lambda error: problems.append(str(error)))
    await expect(boss.locator('[data-agent="ana"]')).to_contain_text("Available")

    # while the caller still talks with the machine, the supervisor reads along
    house.say("late-watch", stay_s=600)
    row = boss.locator(".calls [data-call]")
    await expect(row).to_contain_text("with the assistant", timeout=60_000)
    await row.click()
    await expect(boss.locator(".story .said")).to_contain_text("Hello Ms Lin", timeout=60_000)
    await house.happened("heard", 30)
    heard = house.kinds("heard")[0].facts["text"]
    await expect(boss.locator('.story .said [data-speaker="caller"]').first).to_contain_text(heard, timeout=60_000)
    await expect(row).to_contain_text("with an agent", timeout=60_000)
    await expect(ana.locator(".card h1")).to_contain_text("Lin Mei")
    await expect(boss.locator('[data-agent="ana"]')).to_contain_text("On a call")

    # listening: the supervisor's own phone rings, and Asterisk lets it hear the call
    await boss.get_by_role("button", name="Whisper to the agent").click()
    await until(lambda: applications(house, "ChanSpy"), 15, "nobody listens")
    [written] = await DatabaseAudit(house.server.store).page(AuditFilter(what="call.whispered"), 5)
    assert (written.by.who, written.target) == ("chen", str(house.call.id))
    assert house.call.ledger.legs.had_it == ("ana",), "a listener is no agent of the call"

    def nobody_listens() -> bool:
        listening = applications(house, "ChanSpy")
        for channel in listening:
            with contextlib.suppress(NotDone):  # on a busy machine it may go just now
                house.lab.act("Hangup", Channel=channel)
        return not listening

    await until(nobody_listens, 10, "still listened to")
    assert house.call.ledger.legs.talking, "the call goes on"

    # a second caller waits, for nobody else is there; the supervisor sends them to Ben, who has just come
    await boss.keyboard.press("Escape")
    first = house.call.id
    house.say("key:1", number="+4930901820", name="Anna")
    second = boss.locator(f'.calls [data-call]:not([data-call="{first}"])')
    await expect(second).to_contain_text("waits", timeout=60_000)
    ben = await sign_in(house, await browser.new_context(), "ben", free=False)  # type: ignore[arg-type]
    await ben.wait_for_selector(".card", timeout=60_000)  # app_queue or routing may be faster than any supervisor
    await expect(second).to_contain_text("Ben Okafor", timeout=60_000)
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
    house.say("late-watch", stay_s=600)
    row = boss.locator(".calls [data-call]")
    await expect(row).to_contain_text("waits", timeout=60_000)
    await row.click()
    await boss.get_by_role("button", name="Move").click()
    await boss.get_by_label("To").select_option("queue repairs")
    await boss.locator("dialog").get_by_role("button", name="Move").click()
    await expect(row).to_contain_text("Repairs", timeout=60_000)
    await expect(row).to_contain_text("Chen Xiao", timeout=60_000)
    assert house.call.ledger.legs.passed[-1].way == "moved"
    await boss.keyboard.press("Escape")
    await boss.locator('[data-agent="ben"]').click()
    await boss.get_by_role("button", name="Take back into the queues").click()
    await expect(ben.locator("#state")).to_contain_text("Available")


async def test_records_that_wait_are_told_and_are_there_in_the_end(house: House, browser: Browser) -> None:
    boss = await supervisor(house, browser)
    health = f"http://127.0.0.1:{house.server.web_port}/health"
    file = house.server.config.database.url.removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None)
    async with ClientSession() as web:
        other.execute("BEGIN EXCLUSIVE")  # as a backup does that holds the database for long
        try:
            house.say("late-watch")
            await house.happened("heard", 45)
            await expect(boss.locator(".trouble")).to_contain_text("The database takes no records of calls")
            async with web.get(health) as answer:
                assert answer.status == 503
                told = await answer.json()
            assert told["status"] == "writing is behind" and "contacts wait" in told["parts"]["record"]
            call = str(house.call.id)
        finally:
            other.execute("ROLLBACK")
            other.close()
        await expect(boss.locator(".trouble")).to_be_hidden(timeout=PATIENCE_S * 1000)
        async with web.get(health) as answer:
            assert (answer.status, (await answer.json())["status"]) == (200, "ok")
    await house.server.recorder.drain(PATIENCE_S)
    found = await DatabaseRecords(house.server.store).read(call)
    assert found and {"rang", "heard"} <= {entry["kind"] for entry in found[1]}
