"""What counts as what: calls in text, held in audio time, each made for one rule."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.corpus.format import Call, Corpus, Facts, House, read_corpus
from ivr.replay.engine.audio_clock import AudioClock
from ivr.replay.engine.fast import replay
from ivr.replay.engine.kit import Wanted, opened
from ivr.replay.engine.score import Result, score
from ivr.replay.engine.spoken import compared
from ivr.replay.plan import with_settings
from tests.conftest import ROOT

Held = Callable[..., Result]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Holds one call of the shop."""
    folder = tmp_path_factory.mktemp("score")
    ours = read_corpus(ROOT / "audio/corpus")
    corpus = Corpus(ours.folder, House(at=ours.house.at, agents=ours.house.agents, pins=ours.house.pins), ())
    wanted = Wanted(with_settings(ROOT / "config.toml", []), ROOT, corpus, datetime.now(UTC))
    with asyncio.Runner(loop_factory=AudioClock) as run:
        opening = opened(wanted, folder)
        kit = run.run(opening.__aenter__())

        def hold(said: list[dict[str, Any]], **facts: Any) -> Result:
            made = Facts.model_validate({"said": said, "number": "+491510000001", **facts})
            return score(run.run(replay(Call("one", made), kit)))

        yield hold
        run.run(opening.__aexit__(None, None, None))


def test_second_attempt_that_succeeds_does_not_make_the_first_one_good(held: Held) -> None:
    found = held(
        [{"text": "purple elephants dance on the moon with bananas"}, {"text": "my parcel is late"},
         {"text": "four seven one one", "answers": "order"}],
        intent="late_delivery", queue="orders",
    )  # fmt: skip
    assert (found.first_right, found.rejected) == (False, True)
    assert found.intent_right and found.route_right and found.place == "orders"


def test_first_sentence_that_is_understood(held: Held) -> None:
    found = held([{"text": "i was charged twice"}], intent="invoice", queue="billing")
    assert (found.first_right, found.rejected, found.questions) == (True, False, 1)
    assert held([{"text": "talk to a person please"}], intent="person", queue="ivr-fallback").first_right


def test_unknown_reason_is_rightly_rejected(held: Held) -> None:
    found = held([{"text": "i want to book a flight to london"}], intent="", queue="ivr-fallback")
    assert (found.first_right, found.rejected, found.intent_right, found.route_right) == (True, True, True, True)


def test_wrong_queue_is_a_needless_transfer_and_the_machine_is_none(held: Held) -> None:
    found = held([{"text": "i was charged twice"}], intent="repair", queue="repairs")
    assert (found.intent_right, found.route_right, found.needless_transfer) == (False, False, True)
    found = held([{"text": "what are your opening hours"}], intent="opening_hours", settled=True)
    assert (found.place, found.route_right, found.needless_transfer) == ("settled", True, False)


def test_slot_that_nobody_asked_for_is_not_right(held: Held) -> None:
    found = held([{"text": "i was charged twice"}], intent="invoice", slots={"order": "4711", "visit_sure": "yes"})
    assert found.slots == {"order": ["4711", ""]}, "and an answer to yes or no is no slot"


def test_proofs_are_in_no_result(held: Held) -> None:
    said = [{"text": "what is my balance", "answers": "no"}, {"text": "no", "answers": "anything_else"}]
    found = held(said, number="+8613800138000", intent="balance", slots={"pin": "4071", "balance_who": "4071"})
    assert found.place == "settled", "the PIN that is known was pressed"
    assert "4071" not in json.dumps(found.json())


def test_who_waits_answers_later_and_a_cough_comes_when_it_should(held: Held) -> None:
    quick = held([{"text": "i was charged twice"}], intent="invoice")
    slow = held([{"text": "i was charged twice", "wait_s": 3.0}], intent="invoice")
    assert slow.audio_s - quick.audio_s == pytest.approx(2.5, abs=0.05)
    cough = held([{"text": "cough", "noise": True, "over_s": 0.3}, {"text": "i was charged twice"}], intent="invoice")
    assert cough.place == "billing" and cough.false_barge_ins == 1


def test_the_machine_s_own_voice_is_no_word_that_was_heard_wrongly() -> None:
    plain = compared(1.0, "my watch stopped", "the watch stopped hold the line", "en")
    echoed = compared(1.0, "my watch stopped", "the watch stopped hold the line", "en", echo=True)
    assert (plain.wrong, echoed.wrong, echoed.words) == (4, 1, 3)
    assert echoed.steps == plain.steps, "it is shown"


def test_noise_without_its_time_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("said = [{ text = 'a' }, { text = 'cough', noise = true }]")
    assert "is noise and needs over_s" in read_corpus(tmp_path).broken["one"]
