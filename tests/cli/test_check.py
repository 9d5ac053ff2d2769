"""``ivr check`` as somebody types it, and what it measures: lengths of recordings, intents that sound alike."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from ivr.adapters.understanding import SentenceEncoder, Understanding
from ivr.adapters.understanding.collisions import Taken, Unlearnable, collisions, unlearnable
from ivr.cli.check import duration, examine
from ivr.config.load import Config, load
from ivr.core.flow.intent import Hypothesis, Intent
from ivr.server.speech.publishing import read_flow
from ivr.wire.flow.toml import read
from tests.command_line import Done, ivr, ivr_in_a_process
from tests.conftest import CACHE, ROOT
from tests.wire.flow.test_lint import SOUND


def check(folder: Path, *words: str) -> Done:
    return ivr("check", "--config", folder / "config.toml", *words)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder with settings and one sound dialogue."""
    (tmp_path / "dialplans").mkdir()
    (tmp_path / "config.toml").write_text('[dialogue]\nfolder = "dialplans"\n[understanding]\nencoder = "off"\n')
    write(tmp_path, SOUND)
    return tmp_path


def write(folder: Path, text: str) -> None:
    for old, new in (
        (
            '["a", "b", "c", "d", "e"]',
            '["change my number", "a new number", "my number has changed", "other number", "number"]',
        ),
        (
            '["f", "g", "h", "i", "j"]',
            '["operator", "speak to a person", "a human please", "an agent", "someone real"]',
        ),
        ('["一", "二", "三", "四", "五"]', '["修改号码", "换号码", "号码变了", "新的号码", "改一下号码"]'),
        ('["六", "七", "八", "九", "十"]', '["转人工", "人工服务", "找客服人员", "接人工", "我要人工"]'),
    ):
        text = text.replace(old, new)
    (folder / "dialplans" / "house.toml").write_text(text)


ISLAND = '[nodes.island]\nend = "bye"\n'
LONG = ('bye = { en = ["Bye."]', f'bye = {{ en = ["{"word " * 40}"]')


# -- the command


def test_sound_house_is_one_line(house: Path) -> None:
    done = ivr_in_a_process("check", "--config", house / "config.toml")
    assert (done.returncode, done.stderr) == (0, "")
    line, read_files = done.stdout.splitlines()
    assert read_files == "Read: config.toml and house.toml."
    assert line.startswith(f"{house / 'config.toml'}: right. dialplans: right: 8 nodes, 2 intents, 2 queues, version ")


def test_warnings_only(house: Path) -> None:
    write(house, ISLAND + SOUND)
    done = check(house)
    first, warning, count = done.stdout.splitlines()
    assert done.returncode == 0 and "dialplans: right: 9 nodes" in first and count == "1 warning: 1 in house.toml."
    assert warning.startswith("house.toml:1: nodes.island: warning: no caller can get here")
    strict = check(house, "--strict")
    assert strict.returncode == 1 and "dialplans: 1 warning: 9 nodes" in strict.stdout.splitlines()[0]


def test_errors_by_file_and_line_and_the_line_of_the_very_key(house: Path) -> None:
    write(house, ISLAND + SOUND.replace(*LONG))
    done = check(house)
    first, warning, error, count = done.stdout.splitlines()
    assert count == "1 error, 1 warning: 2 in house.toml."
    assert done.returncode == 1 and "dialplans: 1 error, 1 warning: 9 nodes" in first
    assert warning.startswith("house.toml:1: ") and error.startswith("house.toml:")
    number = int(error.split(":")[1])
    assert (house / "dialplans/house.toml").read_text().splitlines()[number - 1].startswith("bye = ")
    assert ": prompts.bye.en: error: takes about 15 s to say in English" in error


def test_json_is_the_last_line(house: Path) -> None:
    write(house, ISLAND + SOUND)
    done = check(house, "--json")
    [one] = json.loads(done.stdout.splitlines()[-1])["findings"]
    assert (one["severity"], one["where"], one["path"]) == ("warning", "house.toml:1", "nodes.island") and one["what"]
    assert done.returncode == 0 and check(house, "--json", "--strict").returncode == 1


def test_what_cannot_be_read_is_said_as_before_and_is_in_the_json(house: Path) -> None:
    write(house, SOUND.replace('next = "sure"', 'next = "nowhere"'))
    done = check(house)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.startswith("ivr: house.toml:")
    assert done.stderr.splitlines()[-1] == "ivr: 1 error: 1 in house.toml."
    as_json = check(house, "--json")
    [one] = json.loads(as_json.stdout)["findings"]
    assert as_json.returncode == 1 and as_json.stderr == ""
    assert (one["severity"], one["path"]) == ("error", "nodes.number.next") and one["where"].startswith("house.toml:")
    assert "there is no node 'nowhere'" in one["what"]


def test_settings_that_are_wrong_are_in_the_json(house: Path) -> None:
    (house / "config.toml").write_text("[dialogue]\nzone = 'Mars'\n")
    [one] = json.loads(check(house, "--json").stdout)["findings"]
    assert one["where"].endswith("config.toml:2") and one["path"] == "[dialogue] zone" and "zone" in one["what"]


def test_sample_shop_has_long_prompts_and_nothing_worse() -> None:
    found = examine(load(ROOT / "config.toml", {}), read_flow(ROOT / "dialplans"), ROOT)
    assert {one.path for one in found if one.severity == "error"} <= {"prompts.std_help.en", "prompts.std_help.zh"}


# -- what is measured


def test_source_that_the_settings_do_not_have() -> None:
    flow = read({"house.toml": SOUND.replace("[lookups.do]\n", '[lookups.do]\nsource = "books"\n')})
    [one] = [one for one in examine(Config(), flow, ROOT) if one.severity == "error"]
    assert one.path == "lookups.do.source" and "[sources] has no 'books'" in one.what
    assert not [one for one in examine(Config(sources={"books": "sqlite://"}), flow, ROOT) if one.severity == "error"]


def test_estimated_length() -> None:
    seconds = duration(Config(), read({"house.toml": SOUND}), ROOT)
    assert seconds("word " * 31, "en") == pytest.approx(12.0)  # 155 words a minute
    assert seconds("您好，这里是钟表。", "zh") == pytest.approx(7 / 4), "stops are no signs"


def test_recorded_length_is_measured(tmp_path: Path) -> None:
    folder = tmp_path / "audio/prompts/en"
    folder.mkdir(parents=True)
    with wave.open(str(folder / "bye.0.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 8000 * 13))
    (folder / "again.0.wav").write_bytes(b"no sound")
    flow = read({"house.toml": SOUND})
    seconds = duration(Config(), flow, tmp_path)
    assert seconds("Bye.", "en") == 13.0 and seconds("Again.", "en") < 1
    found = examine(Config(), flow, tmp_path)
    assert [one.path for one in found if one.severity == "error"] == ["prompts.bye.en"]


# -- intents that sound alike


def intent(name: str, *phrases: str, keywords: tuple[str, ...] = ()) -> Intent:
    return Intent(name, {"en": name}, {"en": phrases}, {"en": keywords}, queue="desk")


BILL = intent(
    "bill", "question about my bill", "my bill is wrong", "explain my bill", "my bill is too high", "copy of my bill"
)
FIX = intent(
    "fix", "my watch is broken", "the watch stopped", "repair my watch", "the glass is broken", "watch does not work"
)


def test_intents_that_differ_do_not_collide() -> None:
    assert collisions([BILL, FIX], None) == []


def test_phrases_that_stray_are_named() -> None:
    pay = intent(
        "pay", "i want to pay", "pay with a card", "my bill is wrong again", "explain my bill please", "paying now"
    )
    [one] = collisions([BILL, FIX, pay], None)
    assert (one.language, one.first, one.second) == ("en", "bill", "pay")
    assert Taken("my bill is wrong again", "pay", "bill") in one.taken
    assert Taken("explain my bill please", "pay", "bill") in one.taken


def test_one_phrase_of_many_is_no_collision() -> None:
    parcels = [f"send the {colour} parcel" for colour in ("red", "green", "blue", "yellow", "white", "black", "brown")]
    assert collisions([BILL, FIX, intent("parcel", *parcels, "bill")], None) == [], "one in eight"
    [one] = collisions([BILL, FIX, intent("parcel", *parcels[:3], "bill")], None)
    assert one.taken == (Taken("bill", "parcel", "bill"),), "one in four"


def test_two_phrases_are_a_collision_among_however_many() -> None:
    colours = "red green blue yellow white black brown grey pink golden silver violet".split()
    months = "january february march april may june july august september october november december".split()
    parcels = [f"send the {colour} parcel" for colour in colours]
    bill = intent("bill", *(f"my bill of {month} is wrong" for month in months))
    assert collisions([bill, FIX, intent("parcel", *parcels, "is my bill wrong")], None) == []
    [one] = collisions([bill, FIX, intent("parcel", *parcels, "is my bill wrong", "a wrong bill")], None)
    assert [taken.phrase for taken in one.taken] == ["is my bill wrong", "a wrong bill"]


def test_keyword_keeps_a_phrase_where_it_belongs() -> None:
    phrases = ("send the red parcel", "send the green parcel", "bill for shipping")
    assert collisions([BILL, FIX, intent("parcel", *phrases)], None)
    assert not collisions([BILL, FIX, intent("parcel", *phrases, keywords=("shipping",))], None)


def test_left_out_as_if_it_had_never_been_learnt() -> None:
    """The short cut through the algebra says of the same phrases what really training without each of them says."""
    pay = intent(
        "pay", "i want to pay", "pay with a card", "my bill is wrong again", "explain my bill please", "paying now"
    )
    house = [BILL, FIX, pay]
    quick = {taken for one in collisions(house, None) for taken in one.taken}
    assert quick
    for taken in quick:
        without = [
            Intent(i.name, i.title, {"en": tuple(p for p in i.phrases["en"] if p != taken.phrase)}, {}, queue="desk")
            for i in house
        ]
        best = Understanding.train(without, None).understand([Hypothesis(taken.phrase)], "en").best
        assert best and best.intent == taken.taken_for


def test_shared_phrases_and_phrases_without_words_are_all_told() -> None:
    twice = intent("twice", "Hello, my bill is wrong!", "?!", "my watch is broken", keywords=("…",))
    assert unlearnable([BILL, FIX, twice]) == [
        Unlearnable("twice", "en", "phrases", "Hello, my bill is wrong!", "bill"),
        Unlearnable("twice", "en", "phrases", "?!"),
        Unlearnable("twice", "en", "phrases", "my watch is broken", "fix"),
        Unlearnable("twice", "en", "keywords", "…"),
    ]
    with pytest.raises(ValueError, match="bill"):
        Understanding.train([BILL, FIX, twice], None)
    assert unlearnable([BILL, FIX]) == []


def test_shared_phrase_is_an_error_with_its_line(house: Path) -> None:
    text = SOUND.replace('phrases.en = ["f"', 'phrases.en = ["a new number"')
    write(house, text)
    done = check(house)
    [line] = [line for line in done.stdout.splitlines() if "error" in line and line.startswith("house.toml")]
    assert (
        done.returncode == 1 and "intents.person.phrases.en: error: 'a new number' is a phrase of 'change' too" in line
    )
    number = int(line.split(":")[1])
    assert "a new number" in (house / "dialplans/house.toml").read_text().splitlines()[number - 1]


def test_encoder_is_used_where_it_is() -> None:
    encoder = SentenceEncoder.find(CACHE / "encoder")
    if encoder is None:
        pytest.skip("no sentence encoder: run python -m ivr.provision.encoder")
    assert collisions([BILL, FIX], encoder) == []
