"""``ivr intents eval``: figures that can be counted by hand, thresholds from the training file alone, wrong files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.understanding import SentenceEncoder
from ivr.adapters.understanding.off_topic import OFF_TOPIC
from ivr.measure.errors import NotMeasured
from ivr.measure.intents.evaluate import Asked, intents_eval
from ivr.measure.intervals import wilson
from tests.command_line import ivr, ivr_in_a_process
from tests.conftest import CACHE

KEYS = {
    "accuracy", "oos_recall", "oos_precision", "false_rejections", "ece", "p50_ms", "p95_ms", "train_s", "encoder",
}  # fmt: skip
LEARNT = {
    "late": ("where is my parcel", "my order has not arrived yet", "the watch was due yesterday and nobody brought it",
             "i am still waiting for my delivery", "when will my package come", "it should have been here last week"),
    "invoice": ("there is a mistake on my bill", "i was charged twice", "why is my invoice so high",
                "i do not understand this charge", "you took too much money", "can you explain my last invoice"),
    "return": ("i want to send something back", "the shoes do not fit i want to return them", "how do i return an article",
               "it arrived broken and i want my money back", "can i exchange this for another size", "i would like a refund"),
}  # fmt: skip
TESTED = [
    ("where has my parcel gone", "late"), ("you charged me two times", "invoice"), ("i would like to return this", "return"),
    ("i would like to return this article", "invoice"), ("who painted the ceiling of that chapel", "oos"),
]  # fmt: skip
Pair = tuple[str, str]


def table(path: Path, pairs: Iterable[Pair]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *pairs])
    return path


def train(tmp_path: Path, more: Iterable[Pair] = ()) -> Path:
    return table(tmp_path / "train.csv", [*((text, name) for name, texts in LEARNT.items() for text in texts), *more])


def measured(capsys: pytest.CaptureFixture[str], asked: Asked) -> dict[str, Any]:
    assert intents_eval(asked) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_figures_are_those_that_one_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(train(tmp_path), table(tmp_path / "test.csv", TESTED), encoder="off", json=True)
    found = measured(capsys, asked)
    assert found.keys() >= KEYS
    assert (found["accuracy"], found["tested"], found["intents"], found["learnt"]) == (0.75, 5, 3, 18)
    assert [found["accuracy_low"], found["accuracy_high"]] == pytest.approx(wilson(3, 4), abs=1e-6)
    assert (found["oos_recall"], found["encoder"], found["seen"]) == (1.0, "none", 0)
    assert found["confused"] == [["invoice", "return", 1]]
    assert 0 < found["p50_ms"] <= found["p95_ms"]


def test_nothing_out_of_scope_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(capsys, Asked(train(tmp_path), table(tmp_path / "t.csv", TESTED[:1]), encoder="off", json=True))
    assert (found["oos_recall"], found["oos_recall_low"]) == (None, None)
    only = table(tmp_path / "o.csv", TESTED[-1:])
    found = measured(capsys, Asked(train(tmp_path), only, encoder="off", json=True))
    assert (found["accuracy"], found["ece"], found["false_rejections"]) == (None, None, None)


def test_threshold_comes_from_the_training_file_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def threshold(more: Iterable[Pair], test: Iterable[Pair]) -> tuple[float, float]:
        asked = Asked(train(tmp_path, more), table(tmp_path / "t.csv", test), encoder="off", json=True)
        found = measured(capsys, asked)
        return found["threshold"], found["threshold_sure"]

    own = threshold((), TESTED)
    assert own == threshold((), [("nonsense", "late"), ("what else", "oos")])
    assert own != threshold([("give me my money", "return"), ("is it on its way", "late")], TESTED)


def test_own_none_of_these_is_learnt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    off = [(text, "oos") for text in OFF_TOPIC["en"][:30]]
    asked = Asked(train(tmp_path, off), table(tmp_path / "t.csv", off), encoder="off", json=True)
    found = measured(capsys, asked)
    assert (found["oos_recall"], found["learnt"], found["seen"]) == (1.0, 48, 30)


def test_floor_holds_only_where_no_class_was_learnt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    off = [(text, "oos") for text in OFF_TOPIC["en"][:30]]
    test = table(tmp_path / "t.csv", TESTED)
    own, bundled = (
        measured(capsys, Asked(train(tmp_path, more), test, encoder="off", few=1, json=True))["threshold"]
        for more in (off, [])
    )
    assert own < 0.1 <= bundled


def test_few_are_drawn_five_times_from_the_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = (
        train(tmp_path),
        table(tmp_path / "t.csv", [*TESTED, ("refund please", "return"), ("the bill is wrong", "invoice")]),
    )
    first, again, other = (
        measured(capsys, Asked(*files, encoder="off", few=2, seed=seed, json=True)) for seed in (1, 1, 3)
    )
    assert (first["learnt"], first["draws"]) == (6, 5)
    assert (first["accuracy"], first["accuracy_sd"]) == (again["accuracy"], again["accuracy_sd"])
    assert first["accuracy_sd"] > 0
    assert (first["accuracy"], first["accuracy_sd"]) != (other["accuracy"], other["accuracy_sd"])


def test_misheard_words_cost_accuracy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    test = table(tmp_path / "t.csv", [(text, name) for name, texts in LEARNT.items() for text in texts] * 4)
    asked = {share: Asked(train(tmp_path), test, encoder="off", noise=share, json=True) for share in (0.0, 0.5)}
    clean, noisy = (measured(capsys, one) for one in asked.values())
    assert clean["accuracy"] == 1.0
    assert noisy["accuracy"] < 0.95
    assert noisy["noise_wer"] == pytest.approx(0.5, abs=0.1)


def test_chinese_and_the_encoder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learnt = table(
        tmp_path / "zh.csv",
        [("我想退货", "return"), ("怎么退掉", "return"), ("账单不对", "bill"), ("多扣了我的钱", "bill")],
    )
    asked = Asked(learnt, table(tmp_path / "t.csv", [("我要退货", "return")]), language="zh", titles=False, json=True)
    found = measured(capsys, asked)
    assert (found["accuracy"], found["encoder"], found["titles"]) == (1.0, "none", False)
    english = measured(capsys, Asked(train(tmp_path), table(tmp_path / "t.csv", TESTED), json=True))
    encoder = SentenceEncoder.find(CACHE / "encoder")
    assert english["encoder"] == (encoder.name if encoder else "none")


def test_what_flatters_and_what_is_unknown_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    test = table(tmp_path / "t.csv", [("Where is my parcel?", "late"), ("book a flight", "travel")])
    assert intents_eval(Asked(train(tmp_path, [("I was charged twice!", "late")]), test, encoder="off")) == 0
    said = capsys.readouterr()
    assert "1 of 2 texts of" in said.err
    assert "has no such intent as 'travel': its texts count as wrong" in said.err
    assert "1 texts of" in said.err
    assert re.search(r"^accuracy +0\.5000 ", said.out, re.MULTILINE)


def test_only_out_of_scope_teaches_nothing(tmp_path: Path) -> None:
    nothing = table(tmp_path / "train.csv", [("hello there world", "oos")])
    with pytest.raises(NotMeasured, match=r"train.csv: every row is 'oos': it should teach at least one intent"):
        intents_eval(Asked(nothing, nothing))
    empty = table(tmp_path / "train.csv", [("!!", "a"), ("...", "b")])
    with pytest.raises(NotMeasured, match=r"train.csv: an evaluation needs training texts in scope"):
        intents_eval(Asked(empty, empty, encoder="off"))


def test_one_text_is_enough_to_measure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = table(tmp_path / "one.csv", [("where is my parcel", "late")])
    found = measured(capsys, Asked(one, one, encoder="off", json=True))
    assert (found["accuracy"], found["intents"], found["learnt"]) == (1.0, 1, 1)


def test_command_ends_with_one_object_and_its_exit_code(tmp_path: Path) -> None:
    learnt, test = train(tmp_path), table(tmp_path / "test.csv", TESTED)
    done = ivr_in_a_process("intents", "eval", "--train", learnt, "--test", test, "--encoder", "off", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["accuracy"] == 0.75
    done = ivr("intents", "eval", "--train", learnt, "--test", tmp_path / "none.csv", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"ivr: {tmp_path / 'none.csv'}: there is no such file or folder\n"


@pytest.mark.parametrize("wrong", [["--noise", "1.5"], ["--few", "0"], ["--language", "de"], []])
def test_wrong_words_are_two(tmp_path: Path, wrong: list[str]) -> None:
    files = ["--train", "a.csv", *(["--test", "b.csv"] if wrong else [])]
    assert ivr("intents", "eval", *files, *wrong).returncode == 2
