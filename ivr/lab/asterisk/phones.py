"""The agents' phones: a second Asterisk whose accounts register with the first, real SIP endpoints with real media.

They ring until they are told to answer, and do what a phone's keys do: hang up, transfer, pick up, dial.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from ivr.lab.asterisk import conf
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import AsteriskFailed, AsteriskProcess, PrivateAsterisk, free_ports

REGISTERED_S = 15.0
DIALPLAN = r"""[general]
static = yes

[phone]
exten => _X.,1,Ringing()
 same => n,Wait(600)
 same => n,Hangup()

[answer]
exten => s,1,Answer()
 same => n,Wait(3600)

[transfer]
exten => s,1,Transfer(PJSIP/sip:${TO}@127.0.0.1:SIP_PORT)
 same => n,Wait(3600)

[talk]
exten => s,1,Wait(3600)
"""
_ACCOUNT = """
[as{phone}]
type = endpoint
context = phone
disallow = all
allow = ulaw
direct_media = no
outbound_auth = auth{phone}
from_user = {phone}
aors = as{phone}

[as{phone}]
type = aor
contact = sip:127.0.0.1:{port}

[auth{phone}]
type = auth
auth_type = userpass
username = {phone}
password = {password}

[register{phone}]
type = registration
server_uri = sip:127.0.0.1:{port}
client_uri = sip:{phone}@127.0.0.1:{port}
contact_user = {phone}
outbound_auth = auth{phone}
retry_interval = 1
expiration = 3600
"""


class PhoneBank:
    """Phones for the accounts of a private Asterisk; use it in a ``with`` block. Its methods block."""

    def __init__(self, server: PrivateAsterisk, where: Path) -> None:
        self._server = server
        self._ports = free_ports()
        self._secret = secrets.token_urlsafe(24)
        self._process = AsteriskProcess(where.resolve(), server.installed)
        self._lab = Lab(self._ports.ami, self._secret)
        self._used: set[str] = set()

    def __enter__(self) -> PhoneBank:
        self._process.write(self._files(), secret={"manager.conf", "pjsip.conf"})
        self._process.launch(self._ports.ami, "lab", self._secret)
        try:
            self._lab.__enter__()
            self._wait(self._all_registered, REGISTERED_S, "the phones did not register")
        except BaseException:
            self._process.stop()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self._sign_off()
        finally:
            self._lab.__exit__(None, None, None)
            self._process.stop()

    def _sign_off(self) -> None:
        """Leave no registration behind: the server would go on ringing phones that are not there."""
        for phone in self._server.phones:
            self._lab.act("PJSIPUnregister", Registration=f"register{phone}")
        self._wait(lambda: not any(self._statuses("Registered")), REGISTERED_S, "the phones did not sign off")

    def _files(self) -> dict[str, str]:
        port, phones = self._server.ports.sip, self._server.phones
        pjsip = (
            f"[global]\ntype = global\n\n[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{self._ports.sip}\n\n"
            "[server]\ntype = endpoint\ncontext = phone\ndisallow = all\nallow = ulaw\ndirect_media = no\n\n"
            "[server]\ntype = identify\nendpoint = server\nmatch = 127.0.0.1\n"
        ) + "".join(_ACCOUNT.format(phone=phone, password=word, port=port) for phone, word in phones.items())
        manager = (
            f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {self._ports.ami}\n\n[lab]\nsecret = {self._secret}\n"
            "deny = 0.0.0.0/0.0.0.0\npermit = 127.0.0.1/255.255.255.255\nread = all\nwrite = all\n"
        )
        return {
            **conf.small_files(self._ports, self._process.where / "etc"),
            "queues.conf": "[general]\n",
            "modules.conf": conf.modules_conf(),
            "manager.conf": manager,
            "pjsip.conf": pjsip,
            "extensions.conf": DIALPLAN.replace("SIP_PORT", str(port)),
        }

    def _all_registered(self) -> bool:
        return self._statuses("Registered") == [True] * len(self._server.phones)

    def _statuses(self, status: str) -> list[bool]:
        """Of each account, whether its registration stands so."""
        listed = self._lab.listing(
            "PJSIPShowRegistrationsOutbound", "OutboundRegistrationDetail", done="OutboundRegistrationDetailComplete"
        )
        return [one.get("Status") == status for one in listed]

    # -- what phones do

    def rings(self, phone: str, within_s: float = 20) -> str:
        """Wait until a phone rings; the channel of that ring, for the other methods."""
        found: list[str] = []

        def ringing() -> bool:
            over = {event["Channel"] for event in self._lab.events("Hangup")} | self._used
            rings = [
                e for e in self._lab.events("Newexten") if e.get("Extension") == phone and e["Application"] == "Ringing"
            ]
            found[:] = [event["Channel"] for event in rings if event["Channel"] not in over]
            return bool(found)

        self._wait(ringing, within_s, f"phone {phone} does not ring")
        self._used.add(found[0])
        return found[0]

    def answers(self, channel: str) -> None:
        self._lab.act("Redirect", Channel=channel, Context="answer", Exten="s", Priority="1")

    def hangs_up(self, channel: str) -> None:
        """Put it down; while it rings: refuse."""
        self._lab.act("Hangup", Channel=channel)

    def transfers(self, channel: str, to: str) -> None:
        """The phone's own blind transfer (SIP REFER)."""
        self._lab.act("Setvar", Channel=channel, Variable="TO", Value=to)
        self._lab.act("Redirect", Channel=channel, Context="transfer", Exten="s", Priority="1")

    def dials(self, phone: str, number: str) -> None:
        """Lift a phone and dial."""
        self._lab.act(
            "Originate", Channel=f"PJSIP/{number}@as{phone}", Context="talk", Exten="s", Priority="1", Async="true"
        )  # fmt: skip

    def hang_up_everything(self) -> None:
        """All phones on their hooks."""
        if self._lab.listing("CoreShowChannels", "CoreShowChannel"):
            self._lab.act("Hangup", Channel="/^.*$/")

    @staticmethod
    def _wait(true: Callable[[], object], within_s: float, otherwise: str) -> None:
        deadline = time.monotonic() + within_s
        while not true():
            if time.monotonic() > deadline:
                raise AsteriskFailed(otherwise)
            time.sleep(0.02)
