"""An Asterisk without the function UUID(), as Ubuntu 24.04 has it: every call has an id of its own all the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.provision.debian import ASTERISK
from tests.conftest import CACHE, ROOT, RealParts
from tests.waiting import until


def _id(event: Mapping[str, Any]) -> str:
    return str(event["ChanVariable"]["IVR_CALL"])


async def test_calls_have_ids_without_the_function_uuid(tmp_path: Path, real_parts: RealParts) -> None:
    real_parts.get(ASTERISK)
    old = PrivateAsterisk.prepare(tmp_path / "asterisk", ROOT / "dialplans/asterisk", CACHE)
    modules = tmp_path / "asterisk/etc/modules.conf"
    modules.write_text(modules.read_text().replace("load = func_uuid.so\n", ""))
    old.start()
    try:
        with Lab(old.ports.ami, old.lab_secret) as lab:
            for number in range(3):
                lab.call("4000", f"+4930{number}", "Anna", ["wait:5"])
            await until(lambda: len(lab.events("UserEvent")) == 3)
            ids = [_id(event) for event in lab.events("UserEvent")]
    finally:
        old.stop()
    assert len({UUID(one) for one in ids}) == 3
    assert all(str(UUID(one)) == one and UUID(one).version == 4 for one in ids)
