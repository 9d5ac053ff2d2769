"""SIPp as a caller and as an agent's phone: real SIP, real RTP."""

from __future__ import annotations

import os
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from ivr.lab.ports import free_port
from ivr.provision.debian import Found

_SDP = """v=0
o=sipp 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [auto_media_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=ptime:20
"""


def mu_law(wav: Path, silence_s: float = 0.0) -> bytes:
    """An 8 kHz WAV as G.711 μ-law (ITU-T G.711), with silence before it."""
    with wave.open(str(wav)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int32)
    pcm = np.concatenate([np.zeros(int(8000 * silence_s), np.int32), pcm])
    sign = np.where(pcm < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(pcm), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8).tobytes())


def _message(text: str) -> str:
    return f'<send retrans="500"><![CDATA[\n{text}\n]]></send>'


def caller_scenario(name: str, number: str, dialled: str, sound: Path, talk_s: float) -> str:
    """INVITE, send the sound as RTP, stay, BYE."""
    head = (
        f'From: "{name}" <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]\n'
        "Call-ID: [call_id]\nMax-Forwards: 70\nContact: <sip:caller@[local_ip]:[local_port]>"
    )
    line = f"sip:{dialled}@[remote_ip]:[remote_port]"
    via = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
    invite = (
        f"INVITE {line} SIP/2.0\n{via}\n{head}\nTo: <{line}>\nCSeq: 1 INVITE\n"
        f"Content-Type: application/sdp\nContent-Length: [len]\n\n{_SDP}"
    )
    ack = f"ACK {line} SIP/2.0\n{via}\n{head}\nTo: <{line}>[peer_tag_param]\nCSeq: 1 ACK\nContent-Length: 0\n"
    bye = f"BYE {line} SIP/2.0\n{via}\n{head}\nTo: <{line}>[peer_tag_param]\nCSeq: 2 BYE\nContent-Length: 0\n"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
{_message(invite)}
<recv response="100" optional="true"/><recv response="180" optional="true"/><recv response="183" optional="true"/>
<recv response="200" rtd="true"/>
<send><![CDATA[
{ack}
]]></send>
<nop><action><exec rtp_stream="{escape(str(sound))},1,0,PCMU/8000"/></action></nop>
<pause milliseconds="{int(talk_s * 1000)}"/>
{_message(bye)}
<recv response="200"/>
</scenario>
"""


def phone_scenario(ring_s: float) -> str:
    """An agent's phone: ring, answer, wait for the BYE."""
    echo = "[last_Via:]\n[last_From:]\n[last_To:];tag=[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n"
    contact = "Contact: <sip:agent@[local_ip]:[local_port]>\n"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="phone">
<recv request="INVITE"/>
<send><![CDATA[
SIP/2.0 180 Ringing
{echo}{contact}Content-Length: 0

]]></send>
<pause milliseconds="{int(ring_s * 1000)}"/>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
{echo}{contact}Content-Type: application/sdp
Content-Length: [len]

{_SDP}
]]></send>
<recv request="ACK"/>
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


def register_scenario(user: str, password: str, expires_s: int = 300) -> str:
    """Sign a phone in, with digest authentication; for 0 s: off."""
    line = "sip:[remote_ip]:[remote_port]"
    head = (
        f"REGISTER {line} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: <sip:{user}@[remote_ip]>;tag=[call_number]\nTo: <sip:{user}@[remote_ip]>\nCall-ID: [call_id]\n"
        f"Contact: <sip:{user}@[local_ip]:[local_port]>\nMax-Forwards: 70\nExpires: {expires_s}\n"
    )
    first = f"{head}CSeq: 1 REGISTER\nContent-Length: 0\n"
    second = f"{head}CSeq: 2 REGISTER\n[authentication username={user} password={password}]\nContent-Length: 0\n"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<scenario name="register">
{_message(first)}
<recv response="401" auth="true"/>
{_message(second)}
<recv response="200"/>
</scenario>
"""


@dataclass(slots=True)
class Sipp:
    """Runs scenarios against one Asterisk."""

    found: Found
    folder: Path
    asterisk_port: int

    def start(self, name: str, scenario: str, port: int | None = None, *words: str) -> subprocess.Popen[bytes]:
        """One scenario, once; the process ends with 0 when it went as written."""
        path = self.folder / f"{name}.xml"
        path.write_text(scenario, encoding="utf-8")
        out = (self.folder / f"{name}.out").open("wb")
        command = [
            *self.found.command(), f"127.0.0.1:{self.asterisk_port}", "-sf", str(path), "-m", "1", "-i", "127.0.0.1",
            "-mi", "127.0.0.1", "-p", str(port or free_port()), "-mp", str(free_port()), "-nostdin",
            "-timeout", "60s", "-timeout_error", *words,
        ]  # fmt: skip
        env = {**os.environ, **self.found.environment()}
        return subprocess.Popen(command, stdout=out, stderr=out, cwd=self.folder, env=env)

    def said(self, name: str) -> str:
        """What that scenario's run has printed."""
        return (self.folder / f"{name}.out").read_text(errors="replace")[-2000:]
