"""Calls of our own corpus through the whole path in audio time: what they come to, what is told of it, what goes wrong."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivr.corpus.format import read_corpus
from ivr.replay.engine.score import Result
from ivr.replay.engine.workers import Job, replay_all
from ivr.replay.plan import plan
from ivr.replay.report import run_folder
from ivr.replay.report.run_folder import go_on
from tests import command_line
from tests.browser import chromium
from tests.command_line import Done
from tests.conftest import ROOT, RealParts

OURS = ROOT / "audio/corpus"
KEYS = ("wer", "intent_accuracy", "route_accuracy", "needless_transfers", "oos_recall", "response_p95_ms", "speed")


def ivr(*words: object, check: int | None = 0, run: Callable[..., Done] = command_line.ivr) -> Done:
    done = run(*words)
    assert check is None or done.returncode == check, done.stdout[-2000:] + done.stderr[-2000:]
    return done


def some(folder: Path, *names: str) -> Path:
    """A few calls of our corpus, in the house of all."""
    made = folder / "corpus"
    shutil.copytree(OURS, made, ignore=lambda where, files: [f for f in files if Path(f).suffix == ".wav" or (
        Path(where) == OURS and f.endswith(".toml") and f != "corpus.toml")])  # fmt: skip
    # the thresholds are those of all calls together
    house = (made / "corpus.toml").read_text(encoding="utf-8")
    (made / "corpus.toml").write_text(re.sub(r"\[thresholds\].*?\n\n", "", house, flags=re.DOTALL), encoding="utf-8")
    for name in names:
        for path in OURS.glob(f"{name}.*"):
            shutil.copy(path, made)
    return made


def results(folder: Path) -> dict[str, Result]:
    return run_folder.read_run(folder).results


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, Any]]:
    """One run of a few calls: the corpus, the report's folder, and the JSON that the command ended with."""
    folder = tmp_path_factory.mktemp("replay")
    corpus = some(
        folder,
        "late-known-1",
        "charged-twice-1",
        "unknown-password",
        "moving-1",
        "zh-return",
        "balance-pin",
        "hours-cough",
    )
    (corpus / "broken.wav").write_bytes(b"RIFF nothing")
    (corpus / "wrong.toml").write_text("intnt = 'x'\n[[said]]\ntext = 'a'")
    words = ("replay", corpus, "--to", folder / "report", "--json", "--threshold", "failed_max=2")
    done = ivr(*words, run=command_line.ivr_in_a_process)
    return corpus, folder / "report", json.loads(done.stdout.splitlines()[-1])


def test_what_the_calls_come_to(run: tuple[Path, Path, dict[str, Any]]) -> None:
    found = results(run[1])
    late = found["late-known-1"]
    assert late.place == "orders" and late.intent == "late_delivery" and late.slots == {"order": ["4711", "4711"]}
    assert late.agent == "ana" and late.card_lacks == [] and late.words[0].heard == "yes" and late.made_up == 0
    assert ["open case K-12 with Orders and delivery", 0.35] in late.reasons
    assert found["charged-twice-1"].place == "billing" and found["charged-twice-1"].agent == "ben"
    assert found["unknown-password"].place == "ivr-fallback" and found["unknown-password"].rejected
    moving = found["moving-1"]
    assert moving.place == "settled" and moving.questions == 6 and moving.slots["post_code"] == ["10115", "10115"]
    assert (
        found["zh-return"].language == "zh" and found["zh-return"].place == "returns" and not found["zh-return"].words
    )
    assert found["balance-pin"].place == "settled"


def test_secrets_stay_out_of_the_report(run: tuple[Path, Path, dict[str, Any]]) -> None:
    for path in run[1].rglob("*"):
        if path.suffix in (".jsonl", ".js", ".json", ".xml", ".html"):
            assert "4071" not in path.read_text(encoding="utf-8"), path


def test_responses_are_told_stage_by_stage(run: tuple[Path, Path, dict[str, Any]]) -> None:
    (answer,) = results(run[1])["charged-twice-1"].responses
    assert answer.endpoint_ms == 300.0 and 0 < answer.decode_ms < 2000 and 0 < answer.understand_ms < 2000
    assert 0 <= answer.speak_ms <= 40


def test_a_cough_is_no_answer(run: tuple[Path, Path, dict[str, Any]]) -> None:
    cough = results(run[1])["hours-cough"]
    assert cough.place == "settled" and cough.route_right and cough.cut_offs == 0
    assert cough.false_barge_ins is not None and cough.words[0].said == ""


def test_bad_files_cost_themselves(run: tuple[Path, Path, dict[str, Any]]) -> None:
    found = results(run[1])
    assert found["broken"].failed and "not a sound file that can be read" in found["broken"].problem
    assert (
        found["wrong"].failed
        and "wrong.toml:1: intnt: there is no such key; did you mean 'intent'?" in found["wrong"].problem
    )
    assert run[2]["failed"] == 2 and run[2]["calls"] == 9


def test_json_has_every_figure_with_its_interval(run: tuple[Path, Path, dict[str, Any]]) -> None:
    told = run[2]
    for key in KEYS:
        assert {key, f"{key}_low", f"{key}_high"} <= told.keys()
        if told[f"{key}_low"] is not None:
            assert told[f"{key}_low"] <= told[key] <= told[f"{key}_high"], key
    assert told["intent_accuracy"] == told["route_accuracy"] == told["oos_recall"] == 1.0
    assert told["needless_transfers"] == 0 and told["speed"] > 1


def test_junit_names_each_call(run: tuple[Path, Path, dict[str, Any]]) -> None:
    suite = ET.parse(run[1] / "junit.xml").getroot()  # our own file
    assert suite.get("tests") == "9" and suite.get("errors") == "2" and suite.get("failures") == "0"
    assert {case.get("name") for case in suite.iter("testcase")} == results(run[1]).keys()


def test_what_is_done_is_not_done_again(run: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    corpus, report, _ = run
    again = tmp_path / "report"
    shutil.copytree(report, again)
    kept = (again / run_folder.RESULTS).read_text(encoding="utf-8").splitlines()
    # broken off in the middle of a line
    (again / run_folder.RESULTS).write_text("\n".join(kept[:4]) + "\n" + kept[4][:50], encoding="utf-8")
    before = results(again)
    made = plan(ROOT / "config.toml", read_corpus(corpus), None, [], "fast")
    asked: list[str] = []

    def replay(calls: list[Any]) -> Any:
        asked.extend(call.name for call in calls)
        return replay_all(Job(made.wanted, tmp_path / "scratch", None), calls, 1)

    unfinished = run_folder.begin(again, made.about)
    go_on(unfinished, made.wanted.corpus, made.version, replay)
    # what failed is tried again: it may have failed by chance
    assert set(asked) == (results(report).keys() - before.keys() - {"wrong"}) | {"broken"}
    assert unfinished.wall_s > 0 and results(again).keys() == results(report).keys()
    first, second = results(report), results(again)
    assert second.keys() == first.keys()
    for name in asked:
        # another machine, another load: the same call all the same
        assert second[name].clock_s >= 0
        assert (second[name].story, second[name].audio_s) == (first[name].story, first[name].audio_s)


def test_another_setting_is_compared_call_by_call(run: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    corpus, report, _ = run
    done = ivr(
        "replay", corpus, "--only", "charged", "--to", tmp_path / "new", "--against", report, "--no-audio", "--json",
        "--set", "speech_in.follow_words=false", "--threshold", "failed_max=2",
    )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])["against"]
    assert told["calls"] == 1 and "moving-1" in told["only_old"]
    assert told["figures"]["response_p50_ms"]["change"] > 0, (
        "300 ms of silence more; what a busy machine adds is in both"
    )
    assert told["better"] == told["worse"] == []


def test_thresholds_decide_the_exit_code(run: tuple[Path, Path, dict[str, Any]], tmp_path: Path) -> None:
    corpus = run[0]
    done = ivr(
        "replay", corpus, "--only", "late-known", "--to", tmp_path / "r", "--no-audio", "--threshold", "questions_max=0.5",
        "--threshold", "failed_max=2", check=1,
    )  # fmt: skip
    assert "questions is 1, at most 0.5 is wanted" in done.stdout
    assert "thresholds" in (tmp_path / "r/junit.xml").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("audio/nowhere",), "audio/nowhere: there is no such folder"),
        (("audio/corpus", "--threshold", "wr=1"), "--threshold wr: there is no such key; known here are wer_max"),
        (("audio/corpus", "--set", "x"), "--set x: write TABLE.KEY=VALUE"),
        (("audio/corpus", "--set", "speech_in.threads=lots"), "[speech_in] threads: 'lots' is no whole number"),
        (("audio/corpus", "--dialogues", "audio/calls"), "said.toml:12: late-watch: there is no such table"),
        (("audio/corpus", "--against", "audio/calls/said.toml"), "said.toml"),
        (("audio/corpus", "--only", "nothing-like-this"), "'nothing-like-this' in its name or tags"),
    ],
)
def test_mistakes_are_told_before_the_first_call(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = ivr("replay", *words, "--to", tmp_path / "r", "--no-audio", check=1)
    assert said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_a_process_that_dies_costs_the_call_that_it_was_at(
    run: tuple[Path, Path, dict[str, Any]], tmp_path: Path
) -> None:
    corpus = read_corpus(some(tmp_path, "late-known-1", "charged-twice-1"))
    made = plan(ROOT / "config.toml", corpus, None, [], "fast")
    job = Job(made.wanted, tmp_path / "scratch", None)
    done = {one.result.name: one.result for one in replay_all(job, _with_killer(corpus.calls), 1)}
    assert done["late-known-1"].place == "orders" and done["charged-twice-1"].place == "billing"
    assert done["killer"].failed and done["killer"].problem == "the process that replayed it died"


class _Killer:
    """A call that ends the process which unpacks it, as a fault in a decoder would."""

    name = "killer"

    def __reduce__(self) -> Any:
        import os

        return (os._exit, (11,))


def _with_killer(calls: tuple[Any, ...]) -> list[Any]:
    return [calls[0], _Killer(), *calls[1:]]


async def test_the_page_opens_from_the_disk_and_shows_a_call(
    run: tuple[Path, Path, dict[str, Any]], real_parts: RealParts
) -> None:
    async with chromium(real_parts) as browser:
        page = await browser.new_page(locale="en-US")
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        await page.goto((run[1] / "index.html").as_uri())
        assert await page.locator("#calls tbody tr").count() == 9
        await page.get_by_label("only what went wrong").check()
        assert await page.locator("#calls tbody tr").count() == 2
        await page.get_by_label("only what went wrong").uncheck()
        await page.locator('tr[data-name="late-known-1"]').press("Enter")
        await page.get_by_role("heading", name="late-known-1").wait_for()
        assert "is it about that" in (await page.locator("#call").inner_text()).lower()
        seconds = await page.evaluate(
            """() => new Promise((told, lost) => { const audio = document.querySelector('audio');
            if (audio.readyState) told(audio.duration); audio.onloadedmetadata = () => told(audio.duration);
            audio.onerror = () => lost(audio.error.message); })"""
        )
        assert seconds == pytest.approx(results(run[1])["late-known-1"].audio_s, abs=0.5)
        await page.get_by_role("button", name="中文").click()
        assert "回放" in await page.locator("h1").inner_text()
        assert not wrong
