"""Our own corpus: what it holds, and that a change of ours does not make callers' lives worse."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ivr.corpus.format import read_corpus
from ivr.replay.making.script import read_script
from ivr.replay.making.voices import KINDS
from ivr.server.speech.publishing import read_flow
from tests.command_line import ivr_in_a_process
from tests.conftest import ROOT, RealParts

OURS = ROOT / "audio/corpus"


def test_it_holds_what_it_should() -> None:
    corpus = read_corpus(OURS)
    assert not corpus.broken
    spoken = [call for call in corpus.calls if call.sound]
    voices = {tag for call in spoken for tag in call.facts.tags if tag.startswith(KINDS)}
    intents = Counter(call.facts.intent for call in spoken)
    flow = read_flow(ROOT / "dialplans")
    assert len(spoken) >= 60 and len(voices) >= 8
    assert set(intents) == {*flow.intents, ""} and len(flow.intents) >= 12
    assert sum(call.facts.language == "zh" for call in corpus.calls) >= 12
    tags = {tag.split()[0] for call in corpus.calls for tag in call.facts.tags}
    assert {
        "white",
        "street",
        "hum",
        "gsm",
        "loss",
        "echo",
        "angry",
        "hesitant",
        "correcting",
        "unknown",
        "talks",
    } <= tags
    assert all(call.facts.queue is None or call.facts.queue in flow.queues for call in corpus.calls)


def test_it_is_what_its_script_makes() -> None:
    made = {one.name: one.line for one in read_script(OURS / "script/calls.toml")}
    kept = {call.name: call.facts for call in read_corpus(OURS).calls}
    assert made.keys() == kept.keys(), "make corpus"
    for name, line in made.items():
        assert [(s.text, s.keys, s.answers) for s in line.said] == [
            (s.text, s.keys, s.answers) for s in kept[name].said
        ], name
        assert (line.intent, line.queue, dict(line.slots)) == (
            kept[name].intent, kept[name].queue, dict(kept[name].slots),
        ), f"make corpus: {name}"  # fmt: skip


@pytest.mark.long
def test_callers_are_served_as_well_as_before(tmp_path: Path, real_parts: RealParts) -> None:
    """The thresholds of its corpus.toml, over every call of it."""
    done = ivr_in_a_process("replay", OURS, "--to", tmp_path / "report", "--no-audio")
    real_parts.used("Vosk decoder", "audio/corpus")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
