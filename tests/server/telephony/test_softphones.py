"""Which agents get a phone in their page, what it needs, and that nobody else's password goes anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.config.connected import Softphone
from ivr.config.load import ConfigError, parse
from ivr.core.caller import Agent, AgentId
from ivr.server.telephony.softphones import softphones
from tests.conftest import CACHE

ADDRESS = "wss://pbx.example.com:8089/ws"


def agent(interface: str) -> Agent:
    return Agent(AgentId("ana"), "Ana", interface, ("en",))


def settings(path: Path, text: str) -> Softphone:
    path.write_text(text)
    return Softphone(enabled=True, address=ADDRESS, passwords_file=str(path))


def test_each_agent_gets_their_own(tmp_path: Path) -> None:
    of, notes = softphones(settings(tmp_path / "p.toml", '1001 = "one"\n1002 = "two"\n'), CACHE / "softphone")
    assert not notes
    for interface in ("PJSIP/1001", "Local/1001@ivr-lab-phones/n"):
        found = of(agent(interface))
        assert found and (found["user"], found["password"], found["address"]) == ("1001", "one", ADDRESS)
        assert "two" not in str(found)
    assert of(agent("PJSIP/1003")) is None, "a desk phone"
    assert of(agent("DAHDI/1001")) is None


def test_off_or_not_fetched_is_no_phone_and_says_so(tmp_path: Path) -> None:
    of, notes = softphones(Softphone(), tmp_path)
    assert of(agent("PJSIP/1001")) is None and not notes
    of, notes = softphones(settings(tmp_path / "p.toml", '1001 = "one"'), tmp_path / "empty")
    assert of(agent("PJSIP/1001")) is None and "desk phones work" in notes[0]


@pytest.mark.parametrize(("text", "problem"), [('1001 = "one', "must have lines like"), ("1001 = 5", "must be like")])
def test_bad_passwords_file_is_refused_without_quoting_it(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem) as refused:
        softphones(settings(tmp_path / "p.toml", text), CACHE / "softphone")
    assert "one" not in str(refused.value).replace("phone", "")


def test_missing_passwords_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        softphones(
            Softphone(enabled=True, address=ADDRESS, passwords_file=str(tmp_path / "no")), CACHE / "softphone"
        )  # fmt: skip


@pytest.mark.parametrize(
    "table",
    [
        {"enabled": True},
        {"address": "https://pbx.example.com"},
        {"address": "wss://pbx.example.com; script-src *"},
        {"ice_servers": ["http://example.com"]},
    ],
)
def test_unusable_settings_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"softphone"):
        parse({"softphone": table}, "config.toml", {})
