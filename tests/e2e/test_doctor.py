"""``ivr doctor`` inside a real Asterisk: what is there, what is missing, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr import doctor
from ivr.adapters.ami_witness import NotDone, Witness
from ivr.config import parse
from ivr.editions import read_flow
from ivr.lab.asterisk import PrivateAsterisk
from ivr.lab.callers import Lab
from tests.conftest import ROOT


@pytest.fixture
def witness(asterisk: PrivateAsterisk) -> Iterator[Witness]:
    with Witness("127.0.0.1", asterisk.ports.ami, "ivr", asterisk.secret, events=False) as made:
        yield made


def test_house_as_it_is_delivered_lacks_nothing(witness: Witness) -> None:
    found = [*doctor._inside(witness, read_flow(ROOT / "dialplans")), *doctor._rights(witness)]
    found += doctor._modules(witness, doctor.FOR_AGENTS + doctor.FOR_PAGES)
    assert [text for right, text in found if right is not True] == []
    assert len(found) > 15


def test_module_that_is_not_loaded_is_told_with_how_to_mend_it(witness: Witness, lab: Lab) -> None:
    lab.act("ModuleLoad", Module="app_chanspy.so", LoadType="unload")
    try:
        (found,) = [one for one in doctor._modules(witness, doctor.FOR_AGENTS) if one[0] is not True]
    finally:
        lab.act("ModuleLoad", Module="app_chanspy.so", LoadType="load")
    assert found[0] is False and '"load = app_chanspy.so" in modules.conf' in found[1]


class Restricted:
    """A manager's user without the right to originate, as Asterisk answers them."""

    def __init__(self, witness: Witness, *without: str) -> None:
        self._witness, self._without = witness, without

    def act(self, name: str, **fields: str) -> dict[str, str]:
        if name in self._without:
            raise NotDone(f"{name}: Permission denied")
        return {
            action: what for action, what in self._witness.act(name, **fields).items() if action not in self._without
        }


def test_right_that_is_missing_is_told_with_how_to_mend_it(witness: Witness) -> None:
    (found,) = doctor._rights(Restricted(witness, "Originate"))  # type: ignore[arg-type]
    assert found[0] is False and "may not do Originate: write = …,originate in manager_ivr.conf" in found[1]
    (unknown,) = doctor._rights(Restricted(witness, "ListCommands"))  # type: ignore[arg-type]
    assert unknown[0] is None


def test_passwords_of_phones_in_pages(tmp_path: Path) -> None:
    path = tmp_path / "phones.toml"
    raw = {"softphone": {"enabled": True, "address": "wss://pbx.example.com/ws", "passwords_file": str(path)}}
    config = parse(raw, "the test's settings", {})
    look = lambda: next(doctor._passwords(config))  # noqa: E731
    assert look()[0] is False and "cannot be read" in look()[1]
    path.write_text('1001 = "secret"\n')
    path.chmod(0o644)
    assert look()[0] is False and "chmod 600" in look()[1] and "secret" not in look()[1]
    path.chmod(0o600)
    assert look() == (True, "passwords of phones in agents' pages: 1")
    assert list(doctor._passwords(parse({}, "the test's settings", {}))) == []
