"""The phone in the agents' page: a real Chromium registers with the real Asterisk, rings, answers, talks, holds, hangs up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.shop import shop
from ivr.provision import softphone
from ivr.provision.debian import ASTERISK
from tests.browser import ONE_LOOP, chromium, on_one_loop
from tests.conftest import CACHE, ROOT, RealParts
from tests.e2e.conftest import House, a_house, hang_up_everything, until
from tests.e2e.test_browser import sign_in

pytestmark = ONE_LOOP

ALONE = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
KEEP = """
window.lines = [];
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real { constructor(...with_) { super(...with_); window.lines.push(this); } };
"""
SOUND = """async () => {
  const found = {};
  for (const one of (await window.lines.at(-1).getStats()).values()) {
    if (one.kind !== "audio") continue;
    if (one.type === "inbound-rtp") [found.in, found.energy] = [one.packetsReceived, one.totalAudioEnergy];
    if (one.type === "outbound-rtp") found.out = one.packetsSent;
  }
  return found;
}"""


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory, real_parts: RealParts) -> Iterator[PrivateAsterisk]:
    """An Asterisk of its own, where the phone 1001 is in a page."""
    real_parts.get(ASTERISK)
    try:
        softphone.provide(CACHE / "softphone")
    except softphone.SoftphoneUnavailableError as missing:
        pytest.fail(str(missing))
    made = PrivateAsterisk.prepare(
        tmp_path_factory.mktemp("webrtc"), ROOT / "dialplans/asterisk", CACHE, ("1001",), in_pages=("1001",)
    )
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def lab(asterisk: PrivateAsterisk) -> Iterator[Lab]:
    with Lab(asterisk.ports.ami, asterisk.lab_secret) as made:
        yield made
        hang_up_everything(made)


@on_one_loop
async def house(asterisk: PrivateAsterisk, lab: Lab, tmp_path: Path, real_parts: RealParts) -> AsyncIterator[House]:
    passwords = tmp_path / "phones.toml"
    passwords.write_text(f'1001 = "{asterisk.phones["1001"]}"\n')
    phone = {
        "enabled": True, "address": f"ws://127.0.0.1:{asterisk.ports.web}/ws", "passwords_file": str(passwords)
    }  # fmt: skip
    async with a_house(asterisk, lab, tmp_path, real_parts, {"softphone": phone}) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(real_parts: RealParts) -> AsyncIterator[Browser]:
    async with chromium(real_parts, *ALONE) as made:
        yield made


async def sit_down(house: House, browser: Browser) -> tuple[Page, list[str]]:
    context = await browser.new_context(permissions=["microphone"])
    await context.add_init_script(KEEP)
    page = await sign_in(house, context, "ana")  # type: ignore[arg-type]
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    await expect(page.locator(".bar .phone")).to_have_attribute("data-state", "ready", timeout=60_000)
    return page, problems


async def flows(page: Page) -> None:
    """Packets go both ways, and what comes in is no silence."""
    before: dict[str, Any] = await page.evaluate(SOUND)
    for _ in range(100):
        now = await page.evaluate(SOUND)
        if all(now.get(way, 0) > before.get(way, 0) + 20 for way in ("in", "out")) and now["energy"] > before.get(
            "energy", 0
        ):
            return
        await page.wait_for_timeout(100)
    pytest.fail(f"no sound: {before} and then {await page.evaluate(SOUND)}")


async def test_call_is_answered_held_and_ended_in_the_page(house: House, browser: Browser) -> None:
    page, problems = await sit_down(house, browser)
    # a caller who presses a key and then talks on and on
    talk = [f"play:{ROOT / 'audio/calls/late-watch'}"] * 13
    house.lab.call(shop.DNIS, shop.LIN_MEI, "Lin Mei", ["hush:600", "key:1", "wait:3", *talk])
    await page.wait_for_selector(".card[data-state=ringing]", timeout=60_000)
    await expect(page.locator(".act[data-act=answer]")).to_be_enabled(timeout=60_000)
    await page.keyboard.press("a")
    await page.wait_for_selector(".card[data-state=connected]", timeout=60_000)
    await flows(page)
    await page.keyboard.press("m")
    await expect(page.locator(".act[data-act=unmute]")).to_be_enabled()
    await page.keyboard.press("m")
    await page.keyboard.press("h")
    await expect(page.locator(".pill").first).to_contain_text("On hold")
    await page.keyboard.press("h")
    await expect(page.locator(".pill").first).to_contain_text("Connected", timeout=60_000)
    await flows(page)
    await page.keyboard.press("k")
    await page.keyboard.press("5")
    await expect(page.locator(".keypad .sent")).to_have_text("5")
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await page.keyboard.press("e")
    await page.wait_for_selector(".card[data-state=wrap_up]", timeout=60_000)
    await expect(page.locator(".bar .phone")).to_have_attribute("data-state", "ready")
    assert not problems, problems


async def test_password_is_in_no_page_and_no_log(
    house: House, browser: Browser, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    page, _ = await sit_down(house, browser)
    password = house.asterisk.phones["1001"]
    assert password not in await page.content()
    said = capfd.readouterr()
    assert password not in said.out + said.err + caplog.text


async def test_phone_comes_back_after_a_reload(house: House, browser: Browser) -> None:
    page, _ = await sit_down(house, browser)
    await page.reload()
    await expect(page.locator(".bar .phone")).to_have_attribute("data-state", "ready", timeout=60_000)
    states = house.server.roster.states
    await until(lambda: states()["ana"] == "available", 10, "not available")  # type: ignore[index]
