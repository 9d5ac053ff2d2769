"""Pauses in sentences, through the real decoder: what the bench plants, and what becomes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from ivr.bench.planted_pauses import LONGEST_MS, SHORTEST_MS, of_corpus
from ivr.bench.turns import RULES, came_to, held, judged, missed
from ivr.config.load import load
from ivr.core.endpointing import FRAME_MS
from ivr.corpus.format import read_corpus
from ivr.replay.engine import audio_clock
from ivr.replay.engine.kit import Wanted, opened
from ivr.replay.engine.score import Result
from ivr.server.speech.publishing import read_flow
from tests.conftest import ROOT, RealParts

CALLS = ("return-known", "late-known-other", "late-stranger-1")


def test_a_sentence_with_a_pause_is_read_as_the_one_that_it_is(tmp_path: Path, real_parts: RealParts) -> None:
    """Every pause, wherever it falls; at least one of them goes on after the machine has begun to answer."""

    async def all_of() -> None:
        corpus = await asyncio.to_thread(read_corpus, ROOT / "audio/corpus")
        corpus = replace(corpus, calls=tuple(call for call in corpus.calls if call.name in CALLS))
        wanted = Wanted(load(ROOT / "config.toml"), ROOT, corpus, datetime.now(UTC))
        async with opened(wanted, tmp_path / "house") as kit:
            planted = list(of_corpus(corpus, kit.ears.models["en"], tmp_path, 6, Random(3)))
            assert len(planted) == 6
            went_on = 0
            for one in planted:
                assert SHORTEST_MS <= one.pause_ms <= LONGEST_MS
                longer_s = sum((said.to_s or 0) - (said.from_s or 0) for said in one.call.facts.said)
                longer_s -= sum((said.to_s or 0) - (said.from_s or 0) for said in one.whole.facts.said)
                assert abs(longer_s * 1000 - one.pause_ms) < FRAME_MS
                told = await judged(one, kit)
                assert not told[RULES[1]]["wrong"], told
                result, cpu_s = await held(one.call, kit, follow=True)
                went_on += any(step.get("went_on") for step in result.story)
                assert cpu_s > 0
            assert went_on

    audio_clock.run(all_of())
    real_parts.used("Vosk decoder", "audio/corpus with pauses")


def step(kind: str, **facts: Any) -> dict[str, Any]:
    return {"kind": kind, "at_s": 0.0, **facts}


def test_a_failure_that_was_taken_back_is_none() -> None:
    flow = read_flow(ROOT / "dialplans")
    trouble = step("trouble", node="which_order", what="no_match")
    heard, more = step("heard", text="a"), step("heard", text="b", went_on=True)
    for story, troubles in (
        ([heard, trouble, heard], 1),
        ([heard, trouble, more], 0),
        ([heard, trouble, more, trouble], 1),
        ([heard, trouble, heard, trouble, more], 1),
        ([heard, step("trouble", node="reason", what="no_match")], 0),
    ):
        made = Result("x", "late_delivery", slots={"order": ["4711", "4711"]}, story=story)
        assert came_to(made, "order", flow) == (None, "", "4711", [], troubles)


def test_targets_that_aremissed_are_told() -> None:
    def row(p50: float, p95: float, cut_offs: int) -> dict[str, Any]:
        return {"ms": {"p50": p50, "p95": p95}, "cut_offs": cut_offs}

    good = {
        "corpus": {RULES[0]: row(620, 925, 0), RULES[1]: row(330, 930, 0)},
        "pauses": [{RULES[1]: {"wrong": False}}] * 100,
    }
    assert missed(good) == []
    bad = {
        "corpus": {RULES[0]: row(620, 925, 0), RULES[1]: row(470, 1000, 2)},
        "pauses": [{RULES[1]: {"wrong": number < 2}} for number in range(100)],
    }
    assert len(missed(bad)) == 4 and "2 of 100 recordings" in missed(bad)[-1]
