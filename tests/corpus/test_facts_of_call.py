"""Calls become tests: a call is held and recorded, turned into a test, read back, and comes to the same again."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from ivr.adapters.sound.recordings import FileRecordings
from ivr.calls.caller.recording import Unrecorded
from ivr.calls.floor.call_tests import CallTestAuthor, CreatedTest
from ivr.calls.ports import Refused
from ivr.core.caller import CallId
from ivr.core.masking import MASK
from ivr.corpus.format import Call, Facts, read_corpus
from ivr.corpus.from_record import CHECKED, NOT_OVER, NOT_YOURS, CallTestFiles, call_name
from ivr.replay.engine import live
from ivr.replay.engine.audio_clock import AudioClock
from ivr.replay.engine.fast import Kit, Replayed, replay
from ivr.replay.engine.kit import Wanted, opened
from ivr.replay.engine.score import Result, score
from ivr.replay.plan import with_settings
from tests.conftest import ROOT
from tests.replay.engine.test_fast import some

CALLS = ("late-known-1", "charged-twice-1", "moving-1", "zh-return", "balance-pin", "late-keys")
SUPERVISOR = CallTestAuthor("supervisor")


class Held:
    """Calls of our corpus, each held and recorded once, and the tests that were made of them."""

    def __init__(self, folder: Path, kit: Kit, run: asyncio.Runner) -> None:
        self.folder = folder
        self.run = run
        self.recordings = FileRecordings(folder / "recordings", "all")
        self.kit = replace(kit, recordings=self.recordings)
        self.first: dict[str, Replayed] = {}
        self.made: dict[str, CreatedTest] = {}
        for call in kit.corpus.calls:
            held = run.run(replay(call, self.kit))
            self.first[call.name] = held
            held.live.ledger.add(datetime.now(UTC), "hung_up", "hung_up", cause=16)
            # what is not spoken has no sound that could be heard again
            keep = "all" if call.sound else "consent"
            made = run.run(self.tests(held, keep=keep).make(held.live.id, SUPERVISOR))
            assert made
            self.made[call.name] = made

    def tests(self, held: Replayed, **changed: Any) -> CallTestFiles:
        def nowhere(*_: Any) -> Any:
            raise AssertionError("a live call is not looked up")

        files = CallTestFiles(
            lambda: {held.live.id: held.live}, nowhere, nowhere, self.recordings, nowhere, "all",  # type: ignore[arg-type]
            self.folder / "corpus-made", self.folder / "recordings",
        )  # fmt: skip
        return replace(files, **changed)

    def again(self) -> dict[str, tuple[Call, Result]]:
        """Every test, replayed."""
        corpus = read_corpus(self.folder / "corpus-made")
        assert not corpus.broken
        by_test = {made.name: name for name, made in self.made.items()}
        kit = replace(self.kit, corpus=replace(corpus, house=self.kit.corpus.house), recordings=Unrecorded())
        return {by_test[call.name]: (call, score(self.run.run(replay(call, kit)))) for call in corpus.calls}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("calls")
    corpus = read_corpus(some(folder, *CALLS))
    wanted = Wanted(with_settings(ROOT / "config.toml", []), ROOT, corpus, datetime.now(UTC))
    with asyncio.Runner(loop_factory=AudioClock) as run:
        opening = opened(wanted, folder / "scratch")
        kit = run.run(opening.__aenter__())
        try:
            yield Held(folder, kit, run)
        finally:
            run.run(opening.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def again(held: Held) -> dict[str, tuple[Call, Result]]:
    return held.again()


@pytest.mark.parametrize("name", [name for name in CALLS if name != "balance-pin"])
def test_test_of_a_call_comes_to_what_the_call_came_to(
    held: Held, again: dict[str, tuple[Call, Result]], name: str
) -> None:
    before, (call, after) = score(held.first[name]), again[name]
    assert not after.failed and not after.problem
    assert (after.place, after.intent, after.language) == (before.place, before.intent, before.language)
    assert after.intent_right is not False and after.made_up == 0
    assert [said[1] for said in after.slots.values()] == [said[0] for said in after.slots.values()]
    if call.sound is not None and after.words:
        assert sum(one.wrong for one in after.words) == 0, "what is heard of a recording is what was heard in the call"


def test_answers_to_yes_or_no_questions_are_known_by_their_nodes(
    held: Held, again: dict[str, tuple[Call, Result]]
) -> None:
    assert again["moving-1"][0].facts.slots == {
        "post_code": "10115", "move_day": "2026-11-19", "move_right": "yes", "move_sure": "yes"
    }  # fmt: skip


def test_recording_is_caller_and_machine_side_by_side(held: Held) -> None:
    first = held.first["charged-twice-1"]
    path = held.folder / "corpus-made" / f"{held.made['charged-twice-1'].name}.wav"
    sound, rate = soundfile.read(path, dtype="int16", always_2d=True)
    assert (rate, sound.shape[1], soundfile.info(path).subtype) == (8000, 2, "ULAW")
    assert abs(len(sound) / rate - first.ended_s) < 0.1
    for column, pcm in enumerate((first.heard, first.said)):
        wanted = np.frombuffer(pcm, dtype="<i2")[: len(sound)].astype(float)
        got = sound[: len(wanted), column].astype(float)
        # the same sound as far as μ-law has it, and at the same place to within a frame
        loud = round(0.4 * rate) + int(np.argmax(np.abs(wanted[round(0.4 * rate) : -rate])))
        piece = wanted[loud - 800 : loud + 800]
        likeness = {lag: np.corrcoef(piece, got[loud - 800 + lag : loud + 800 + lag])[0, 1] for lag in (-160, 0, 160)}
        assert max(likeness.values()) > 0.99, (column, likeness)


def test_secret_is_neither_heard_nor_written(held: Held) -> None:
    first = held.first["balance-pin"]
    ledger = first.live.ledger
    path = held.folder / "corpus-made" / f"{held.made['balance-pin'].name}.wav"
    sound, rate = soundfile.read(path, dtype="int16", always_2d=True)
    text = path.with_suffix(".toml").read_text(encoding="utf-8")
    assert "4071" not in text and "four oh seven one" not in text
    asked = [e for e in ledger.entries if e.kind == "said" and "pin" in e.facts["prompt"]]
    proved = [e for e in ledger.entries if e.kind == "proof" and e.facts["outcome"] == "right"]
    assert asked and proved
    begin, end = ((one.at - ledger.began).total_seconds() for one in (asked[0], proved[-1]))
    raw = np.frombuffer(first.heard, dtype="<i2")[: len(sound)]
    inside = slice(round(begin * rate), round(end * rate))
    assert raw[inside].any(), "the line was not dead there"
    assert not sound[inside, 0].any()
    assert sound[inside, 1].any(), "what the machine asked is no secret"


def test_test_says_who_called_under_another_name(held: Held) -> None:
    call = next(c for c in read_corpus(held.folder / "corpus-made").calls if c.name == held.made["late-known-1"].name)
    facts, caller = call.facts, held.first["late-known-1"].live.ledger.caller
    text = (held.folder / "corpus-made" / f"{call.name}.toml").read_text(encoding="utf-8")
    assert caller.customer and caller.ani
    for secret in (caller.customer.name, caller.customer.id, caller.ani, caller.customer.salutation, 'watch"'):
        assert secret and secret not in text, secret
    assert facts.number and facts.number.startswith("+86138") and len(facts.number) == len(caller.ani)
    assert facts.customer and facts.customer.tier == caller.customer.tier
    assert [(o.id, o.status) for o in facts.orders] == [(o.id, o.status) for o in caller.orders]
    assert len(facts.contacts) == len(caller.contacts) and {c.summary for c in facts.contacts} <= {
        c.intent or "a contact" for c in caller.contacts
    }
    assert facts.slots == {"order": "4711"} and facts.consent is None
    assert facts.tags[:3] == ("unchecked", "from a call", "by a supervisor")
    assert text.startswith("# Made of a call, and unchecked")


def test_call_without_consent_is_text_only(held: Held, tmp_path: Path) -> None:
    first = held.first["charged-twice-1"]
    made = held.run.run(held.tests(first, keep="consent", folder=tmp_path).make(first.live.id, SUPERVISOR))
    assert made and not made.sound and not list(tmp_path.glob("*.wav"))
    (call,) = read_corpus(tmp_path).calls
    assert call.facts.origin == "text" and "heard" in call.facts.tags
    assert [said.text for said in call.facts.said] == ["i was charged twice"]


def test_same_call_is_made_into_the_same_test_until_somebody_has_checked_it(held: Held, tmp_path: Path) -> None:
    first = held.first["charged-twice-1"]

    def make(intent: str | None = None) -> Any:
        return held.run.run(held.tests(first, folder=tmp_path).make(first.live.id, SUPERVISOR, intent))

    def facts() -> Facts:
        return read_corpus(tmp_path).calls[0].facts

    assert make() == make("")
    (path,) = tmp_path.glob("*.toml")
    assert facts().intent == "" and "put right" in facts().tags
    make("refund" if "refund" in first.live.flow.intents else "invoice")
    assert facts().intent
    path.write_text(path.read_text(encoding="utf-8").replace('"unchecked",', ""), encoding="utf-8")
    kept = path.read_bytes()
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.text == CHECKED and path.read_bytes() == kept


def test_what_stands_in_the_way_is_said(held: Held, tmp_path: Path) -> None:
    first = held.first["charged-twice-1"]

    def refusal(maker: CallTestAuthor = SUPERVISOR, intent: str | None = None, **changed: Any) -> Any:
        with pytest.raises(Refused) as refused:
            held.run.run(held.tests(first, **changed).make(first.live.id, maker, intent))
        return refused.value.text

    assert refusal(CallTestAuthor("agent", "ana")) == NOT_YOURS
    assert refusal(intent="nonsense")["en"] == "There is no reason “nonsense”."
    (tmp_path / "file").write_text("")
    text = refusal(folder=tmp_path / "file")
    assert "cannot be written" in text["en"] and "无法写入" in text["zh"]
    goes_on = replace_ledger(first, lambda entry: entry.kind != "hung_up")
    with pytest.raises(Refused) as refused:
        held.run.run(held.tests(goes_on).make(goes_on.live.id, SUPERVISOR))
    assert refused.value.text == NOT_OVER
    silent = replace_ledger(first, lambda entry: entry.kind not in ("heard", "key"))
    with pytest.raises(Refused, match="Nothing was said"):
        held.run.run(held.tests(silent).make(silent.live.id, SUPERVISOR))


def replace_ledger(held: Replayed, keep: Callable[[Any], bool]) -> Replayed:
    """The same call with only some of what happened."""
    ledger = held.live.ledger
    kept = type(ledger)(ledger.call, ledger.caller, ledger.began, "en", entries=[e for e in ledger.entries if keep(e)])
    return replace(held, live=replace(held.live, ledger=kept))


def test_sound_is_left_out_where_it_is_not_known_what_is_where(held: Held, tmp_path: Path) -> None:
    first = held.first["charged-twice-1"]
    old = replace_ledger(first, lambda entry: True)
    for place, entry in enumerate(old.live.ledger.entries):
        facts = {k: v for k, v in entry.facts.items() if k not in ("began_s", "ended_s", "node", "asking")}
        old.live.ledger.entries[place] = replace(entry, facts=facts)
    made = held.run.run(held.tests(old, folder=tmp_path).make(first.live.id, SUPERVISOR))
    assert made and not made.sound


def test_an_answer_that_went_on_is_one_piece(held: Held, tmp_path: Path) -> None:
    first = held.first["charged-twice-1"]
    call = replace_ledger(first, lambda entry: True)
    entries = call.live.ledger.entries
    at = next(number for number, entry in enumerate(entries) if entry.kind == "heard")
    said, facts = entries[at], entries[at].facts
    began_s, ended_s = float(facts["began_s"]), float(facts["ended_s"])
    half, rest = (
        facts | {"text": "i was", "ended_s": began_s + 0.5},
        facts | {"text": "charged twice", "began_s": began_s + 0.7},
    )
    hidden = facts | {"text": MASK, "went_on": True}
    entries[at : at + 1] = [
        replace(said, facts=half), replace(said, facts=rest | {"went_on": True}), replace(said, facts=hidden),
        replace(said, facts=rest | {"text": "and of that nothing is known", "went_on": True}),
    ]  # fmt: skip
    made = held.run.run(held.tests(call, folder=tmp_path).make(first.live.id, SUPERVISOR))
    assert made
    (kept,) = read_corpus(tmp_path).calls
    (piece,) = kept.facts.said
    assert piece.text == "i was charged twice"
    assert piece.from_s is not None and piece.to_s is not None
    assert piece.to_s - piece.from_s == pytest.approx(ended_s - began_s, abs=0.02)


def test_name_is_a_day_and_the_beginning_of_the_id() -> None:
    assert (
        call_name(datetime(2026, 11, 22, tzinfo=UTC), "0b5f6c1e-8f0e-4a3e-9f65-0d1e2a3b4c5d") == "2026-11-22-0b5f6c1e"
    )


def test_copying_never_leaves_half_a_test(held: Held, tmp_path: Path) -> None:
    first = held.first["late-known-1"]
    held.run.run(held.tests(first, folder=tmp_path).make(first.live.id, SUPERVISOR))
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".toml", ".wav"]
    shutil.rmtree(tmp_path)
    assert held.run.run(held.recordings.find(str(CallId(first.live.id))))


def test_replays_through_asterisk_leave_the_house_s_recordings_alone(tmp_path: Path) -> None:
    asterisk: Any = SimpleNamespace(ports=SimpleNamespace(ami=1, media=2))
    config = with_settings(ROOT / "config.toml", ["recording.keep=all"])
    made = live.settings(config, asterisk, tmp_path, ())
    assert {made.recording.folder.parent, made.recording.corpus.parent} == {tmp_path}
