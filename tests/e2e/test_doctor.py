"""``ivr doctor`` inside a real Asterisk, where all is as it is delivered; test_mistakes.py has what it says where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.adapters.asterisk.witness import NotDone, Witness
from ivr.config.load import parse
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.server.parts import Examination
from ivr.server.speech.publishing import read_flow
from ivr.server.telephony import dialplan, softphones
from ivr.server.telephony import manager_access as doctor
from tests.conftest import ROOT


@pytest.fixture
def witness(asterisk: PrivateAsterisk) -> Iterator[Witness]:
    with Witness("127.0.0.1", asterisk.ports.ami, "ivr", asterisk.secret) as made:
        yield made


def test_house_as_it_is_delivered_lacks_nothing(witness: Witness) -> None:
    plan = dialplan.in_force(witness)
    found = [*doctor._inside(witness, read_flow(ROOT / "dialplans"), plan), *doctor._rights(witness)]
    found += doctor._modules(witness, doctor.FOR_AGENTS + doctor.FOR_PAGES)
    assert [text for right, text in found if right is not True] == []
    assert len(found) > 15


class Silent:
    """A manager that lists nobody's rights, as those of before do."""

    def act(self, name: str, **fields: str) -> dict[str, str]:
        raise NotDone(f"{name}: Permission denied")


def test_rights_that_are_not_told_are_not_judged() -> None:
    (unknown,) = doctor._rights(Silent())  # type: ignore[arg-type]
    assert unknown[0] is None


def test_passwords_of_phones_in_pages(tmp_path: Path) -> None:
    path = tmp_path / "phones.toml"
    path.write_text('1001 = "secret"\n')
    path.chmod(0o600)
    raw = {"softphone": {"enabled": True, "address": "wss://pbx.example.com/ws", "passwords_file": str(path)}}
    look = lambda raw: list(softphones.examine(Examination(parse(raw, "the test's", {}), tmp_path, None)))  # noqa: E731
    assert look(raw) == [(True, "passwords of phones in agents' pages: 1")]
    assert look({}) == []
