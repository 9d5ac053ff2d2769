"""``ivr intents check``: the phrases of a dialogue against each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ivr.core.flow.intent import Intent
from ivr.measure.errors import NotMeasured
from ivr.measure.intents.check import check, intents_check
from tests.conftest import ROOT
from tests.wire.flow.test_lint import SOUND

RETURN = (
    "i want to return my watch", "how do i send it back", "i would like to return an article", "send the watch back",
    "can i return it", "i want my money back",
)  # fmt: skip
INVOICE = (
    "there is a mistake on my bill", "i was charged twice", "why is my invoice so high", "explain my bill",
    "i do not understand the invoice", "a question about a charge",
)  # fmt: skip


def intent(name: str, phrases: tuple[str, ...], keywords: tuple[str, ...] = ()) -> Intent:
    return Intent(name, {"en": name}, {"en": phrases}, {"en": keywords}, queue=name)


def test_phrase_in_the_wrong_intent_pulls_the_wrong_way() -> None:
    [found] = check([intent("return", RETURN), intent("invoice", (*INVOICE, "i want to return the watch"))], None)
    wrong = [one for one in found.phrases if not one.right]
    assert ("i want to return the watch", "invoice", "return") in [
        (one.text, one.intent, one.taken_for) for one in wrong
    ]
    assert all(one.certainty in ("sure", "confirm", "none") and 0.5 < one.confidence <= 1 for one in wrong)
    assert found.near[0].likeness > 0.6
    assert {found.near[0].first, found.near[0].second} == {"return", "invoice"}


def test_its_removal_helps_the_others() -> None:
    [found] = check([intent("return", RETURN), intent("invoice", (*INVOICE, "i want to return the watch"))], None)
    best = found.removals[0]
    assert (best.text, best.intent, best.harmed) == ("i want to return the watch", "invoice", ())
    # what it says is what comes true when it is taken out
    [without] = check([intent("return", RETURN), intent("invoice", INVOICE)], None)
    understood = {one.text for one in without.phrases if one.right and one.certainty != "none"}
    before = {one.text for one in found.phrases if one.right and one.certainty != "none"}
    assert set(best.helped) & understood
    assert not set(best.helped) & before


def test_clear_phrases_have_nothing_against_them() -> None:
    [found] = check([intent("return", RETURN), intent("invoice", INVOICE)], None)
    assert found.removals == ()
    assert found.near == ()
    assert len(found.phrases) == 12


def test_keyword_decides_here_too() -> None:
    odd = (*INVOICE, "what about the frobnicator")
    [without] = check([intent("return", RETURN), intent("invoice", odd)], None)
    [with_] = check([intent("return", RETURN), intent("invoice", odd, ("frobnicator",))], None)
    kinds = [next(one.certainty for one in found.phrases if "frob" in one.text) for found in (without, with_)]
    assert kinds[1] == "sure" != kinds[0]


def test_too_few_phrases_are_said() -> None:
    [found] = check([intent("return", RETURN[:2]), intent("invoice", INVOICE)], None)
    assert found.notes == ("the intent 'return' has 2 phrases in en: 5 to 15 make it sure",)


def house(tmp_path: Path, text: str) -> Path:
    (tmp_path / "dialplans").mkdir()
    (tmp_path / "dialplans" / "house.toml").write_text(text)
    path = tmp_path / "config.toml"
    path.write_text('[dialogue]\nfolder = "dialplans"\n[understanding]\nencoder = "off"\n')
    return path


def test_sample_shop_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    assert intents_check(ROOT / "config.toml", json=True) == 0
    said = capsys.readouterr().out
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    assert set(found["languages"]) == {"en", "zh"}
    for one in found["languages"].values():
        assert one["accuracy"] == pytest.approx(1 - len(one["wrong"]) / one["phrases"], abs=1e-6)
        assert one["accuracy_low"] < one["accuracy"] < one["accuracy_high"]
        assert sum(own["phrases"] for own in one["intents"].values()) == one["phrases"] > 80
    assert "en: " in said
    assert "Phrases that pull the wrong way" in said


def test_phrase_of_two_intents_cannot_be_measured(tmp_path: Path) -> None:
    doubled = SOUND.replace('["f", "g", "h", "i", "j"]', '["a", "g", "h", "i", "j"]')
    with pytest.raises(NotMeasured, match=r"phrases.en: 'a' is a phrase of '\w+' too: keep it in one of them"):
        intents_check(house(tmp_path, doubled))
