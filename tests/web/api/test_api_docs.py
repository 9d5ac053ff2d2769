"""What docs/api.md shows is what happens: its commands are run against a server, and its answers compared."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ivr.web.problems import TITLES
from ivr.wire.webhooks import signing
from tests.conftest import ROOT
from tests.web.real_house import real_site

DOCUMENT = ROOT / "docs" / "api.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n(.*?)```\n\n```json\n(.*?)```", TEXT, re.DOTALL)


def same(shown: Any, told: Any) -> bool:
    """Whether an answer is as shown; "…" stands for anything."""
    if shown == "…":
        return True
    if isinstance(shown, dict) and isinstance(told, dict):
        return shown.keys() == told.keys() and all(same(shown[key], told[key]) for key in shown)
    if isinstance(shown, list) and isinstance(told, list):
        return len(shown) == len(told) and all(map(same, shown, told))
    return type(shown) is type(told) and shown == told


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are for curl")
async def test_examples_are_true(tmp_path: Path) -> None:
    assert len(EXAMPLES) == TEXT.count("```sh") == 5
    async with real_site(tmp_path) as site:
        _, key = await site.make_key("contacts:write", "contacts:read", "signals:write")
        for command, answer in EXAMPLES:
            environment = {"IVR": site.url, "KEY": key, "PATH": "/usr/local/bin:/usr/bin:/bin"}
            process = await asyncio.create_subprocess_shell(
                command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment
            )
            told, wrong = await process.communicate()
            assert process.returncode == 0, wrong.decode()
            assert same(json.loads(answer), json.loads(told)), (command, told.decode())


def test_every_refusal_is_explained() -> None:
    explained = {
        int(status) for row in re.findall(r"^\| ([\d, ]+) \|", TEXT, re.MULTILINE) for status in row.split(",")
    }
    assert explained == set(TITLES) - {405}


def test_verification_of_webhooks_is_right() -> None:
    """What the documentation tells receivers to do takes what we sign, and nothing that was changed on the way."""
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    shown: dict[str, Any] = {}
    exec(code, shown)
    verify, now, body = shown["verify"], datetime.now(UTC), '{"type":"call.ended","data":{"x":"林"}}'.encode()
    old, new = signing.secret(b"k" * 32, "old"), signing.secret(b"k" * 32, "new")
    headers = signing.headers([new, old], "evt_1", now, body)
    for secret in (old, new):
        assert verify(signing.shown(secret), headers, body) == "evt_1"
    stale = signing.headers([new], "evt_1", now - timedelta(minutes=6), body)
    for wrong, with_body, secret in (
        (headers, body + b" ", new), ({**headers, "webhook-id": "evt_2"}, body, new), (stale, body, new),
        ({**headers, "webhook-timestamp": str(int(now.timestamp()) + 1)}, body, new),
        (headers, body, signing.secret(b"j" * 32, "new")), ({**headers, "webhook-signature": "v1,"}, body, new),
        ({**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,")}, body, new),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            verify(signing.shown(secret), wrong, with_body)
