"""The phone in the page over TLS, as agents use it: Asterisk's own secure WebSocket with a certificate."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import Browser

from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.ports import free_port
from ivr.lab.shop import shop
from ivr.provision import softphone
from ivr.provision.debian import ASTERISK
from tests.browser import ONE_LOOP, chromium, on_one_loop
from tests.conftest import CACHE, ROOT, RealParts
from tests.e2e.conftest import House, a_house, hang_up_everything
from tests.e2e.test_softphone import ALONE, flows, sit_down

pytestmark = ONE_LOOP

PORT = free_port()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that nobody has signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "pbx.pem", folder / "pbx.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form, nothing = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, nothing))
    return public, private


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory, real_parts: RealParts) -> Iterator[PrivateAsterisk]:
    """An Asterisk whose web server speaks TLS only, set up as docs/operations.md says."""
    real_parts.get(ASTERISK)
    softphone.provide(CACHE / "softphone")
    folder = tmp_path_factory.mktemp("tls")
    made = PrivateAsterisk.prepare(folder, ROOT / "dialplans/asterisk", CACHE, ("1001",), in_pages=("1001",))
    public, private = certificate(folder)
    (folder / "etc/http.conf").write_text(
        f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {made.ports.web}\ntlsenable = yes\n"
        f"tlsbindaddr = 127.0.0.1:{PORT}\ntlscertfile = {public}\ntlsprivatekey = {private}\n"
    )
    pjsip = folder / "etc/pjsip.conf"
    pjsip.write_text(pjsip.read_text().replace("protocol = ws\n", "protocol = wss\n"))
    made.start()
    try:
        yield made
    finally:
        made.stop()


@on_one_loop
async def house(asterisk: PrivateAsterisk, tmp_path: Path, real_parts: RealParts) -> AsyncIterator[House]:
    passwords = tmp_path / "phones.toml"
    passwords.write_text(f'1001 = "{asterisk.phones["1001"]}"\n')
    phone = {"enabled": True, "address": f"wss://127.0.0.1:{PORT}/ws", "passwords_file": str(passwords)}
    with Lab(asterisk.ports.ami, asterisk.lab_secret) as lab:
        async with a_house(asterisk, lab, tmp_path, real_parts, {"softphone": phone}) as made:
            yield made
        hang_up_everything(lab)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(real_parts: RealParts) -> AsyncIterator[Browser]:
    async with chromium(real_parts, *ALONE, "--ignore-certificate-errors") as made:
        yield made


async def test_phone_registers_and_talks_over_tls(house: House, browser: Browser) -> None:
    page, problems = await sit_down(house, browser)
    talk = [f"play:{ROOT / 'audio/calls/late-watch'}"] * 6
    house.lab.call(shop.DNIS, shop.LIN_MEI, "Lin Mei", ["hush:600", "key:1", "wait:3", *talk])
    await page.wait_for_selector(".card[data-state=ringing]", timeout=60_000)
    await page.keyboard.press("a")
    await page.wait_for_selector(".card[data-state=connected]", timeout=60_000)
    await flows(page)
    assert not problems, problems
