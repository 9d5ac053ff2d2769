"""The doctor's own call through a real Asterisk; tests/e2e/test_mistakes.py has what it finds."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.adapters.asterisk.witness import Witness
from ivr.config.load import parse
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.server.telephony import trial_call
from tests.conftest import PATIENCE_S
from tests.e2e.conftest import channels, wait_for


class Listening(Witness):
    """The real one, that notes which halves of calls Asterisk has hung up because it asked for it."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self.hung_up: list[str] = []

    def does(self, name: str, **fields: str) -> bool:
        done = super().does(name, **fields)
        if done and name == "Hangup":
            self.hung_up.append(fields["Channel"])
        return done


def test_house_as_it_is_delivered_has_its_call_and_leaves_nothing_behind(asterisk: PrivateAsterisk, lab: Lab) -> None:
    config = parse({"media": {"port": asterisk.ports.media}}, "the test's", {})
    with Witness("127.0.0.1", asterisk.ports.ami, "ivr", asterisk.secret) as witness:
        found = list(trial_call.examine(witness, config))
    assert [text for right, text in found if right is not True] == []
    assert len(found) == 5
    wait_for(lambda: channels(lab) == 0, 10, "the trial left a channel")


def test_call_of_which_nothing_is_heard_is_hung_up_all_the_same(
    asterisk: PrivateAsterisk, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_call, "STEP_S", 1.0)
    config = parse({"media": {"port": asterisk.ports.media}}, "the test's", {})
    with Listening("127.0.0.1", asterisk.ports.ami, "ivr", asterisk.secret, events=False) as witness:
        assert [right for right, _ in trial_call.examine(witness, config)] == [False]
    assert witness.hung_up, "left alone, it would stand for another minute"
    wait_for(lambda: channels(lab) == 0, PATIENCE_S, "the trial left a channel")
