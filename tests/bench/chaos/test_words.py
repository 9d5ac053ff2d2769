"""The bench's words, old and new, and what the log is read for."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from ivr.bench.chaos import add_arguments
from ivr.bench.chaos.acts import ACTS
from ivr.bench.chaos.server import LogReader


@pytest.mark.parametrize(
    ("words", "study"),
    [
        ([], None), (["--only", "talk"], None), (["chaos", "--calls", "3"], "chaos"), (["ends", "--tries", "5"], "ends"),
        (["strangers"], "strangers"),
    ],
)  # fmt: skip
def test_studies_are_words_of_their_own_and_the_others_stay(words: list[str], study: str | None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", default="1,20,100")
    parser.add_argument("--only")
    add_arguments(parser)
    asked = parser.parse_args(words)
    assert asked.study == study and asked.calls == "1,20,100"


@pytest.mark.parametrize(
    "words", [["chaos", "--minutes", "0"], ["ends", "--tries", "-1"], ["strangers", "--calls", "many"]]
)
def test_numbers_are_more_than_nothing(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(words)
    assert "must be more than 0" in (said := capsys.readouterr().err) or "invalid number value: 'many'" in said


def test_every_act_has_a_name_of_its_own_and_an_end() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS)
    assert all(0 <= least <= most <= 15 for least, most in (act.lasts_s for act in ACTS))


GROUP = """  + Exception Group Traceback (most recent call last):
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    |     raise ValueError("x")
    | ValueError: x
    +------------------------------------"""


def test_what_should_not_be_in_a_log_is_found(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [
        {"event": "call taken", "level": "debug"}, {"event": "desk_failed", "level": "error", "exception": GROUP},
        {"event": "left alone", "level": "error", "problem": "no answer"},
    ]  # fmt: skip
    log.write_text(
        "".join(json.dumps(line) + "\n" for line in lines) + "Traceback (most recent call last):\n{half a li"
    )
    reader = LogReader(log)
    reader.update()
    reader.update()
    assert reader.seen["call taken"] == 1
    assert dict(reader.bad) == {
        "desk_failed: ValueError: x": 1, "left alone: no answer": 1, "Traceback outside the log": 1,
    }  # fmt: skip
