"""``ivr talk``: the dialogue by typing."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.database import Store
from ivr.cli.talk import talk
from ivr.core.told import Told
from ivr.lab.shop import books, shop
from tests.command_line import hears_ctrl_c
from tests.conftest import PATIENCE_S, ROOT
from tests.thrift import sqlite


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    url = sqlite(tmp_path / "ivr.db")
    store = Store(url)
    await shop.open_shop(store, {agent.id: "x" for agent in shop.AGENTS}, books=tmp_path / "shop.db")
    await store.close()
    path = tmp_path / "config.toml"
    path.write_text(
        f'[database]\nurl = "{url}"\n[dialogue]\nfolder = "{ROOT / "dialplans"}"\n'
        f'[sources]\nshop = "sqlite:///{tmp_path / "shop.db"}"\n'
    )
    return path


def test_known_customer_is_understood_and_routed(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, shop.LIN_MEI, ["where is my order"]) == 0
    said = capsys.readouterr().out
    assert "Hello Ms Lin" in said and "late_delivery" in said
    assert "→ orders, ana first" in said and "open case K-12" in said


def test_stranger_presses_keys_and_says_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, None, ["", ":2", ":48", ":02"]) == 0
    assert "→ returns" in capsys.readouterr().out


def test_left_in_the_middle(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, None, ["", ":q"]) == 1
    assert "For a person, press zero." in capsys.readouterr().out


def test_ctrl_c_at_the_prompt_ends_it_at_once(config: Path) -> None:
    words = [sys.executable, "-m", "ivr", "talk", "--config", str(config)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=hears_ctrl_c
    ) as asked:
        assert asked.stdout and asked.stderr
        try:
            said = b""
            while not said.endswith(b"\n  > "):
                one = asked.stdout.read(1)
                assert one, said
                said += one
            asked.send_signal(signal.SIGINT)
            assert asked.wait(PATIENCE_S) == 130
            assert b"Traceback" not in asked.stderr.read()
        finally:
            asked.kill()


MANDARIN = {
    "预约": (["我要预约", "SAID", "第二个", "是", "没有了"], "约好了"),
    "预约，按键": ([":7", ":KEYS#", ":2", ":1", "没有了"], "约好了"),
    "订单": (["我的订单在哪里", "四八二零", "没有了"], "正在准备"),
    "余额": (["查询余额", ":6093#", "没有了"], "账户已结清"),
    "搬家": (["我要搬家", ":6093#", "一零一一五", "不是", "汉堡", "明天", "是", "没有了"], "新地址"),
    "再说一遍，返回": (["再说一遍", "我的订单在哪里", "返回", "你们几点开门", "没有了"], "周一到周五"),
}


def _open_day(after: date | None = None) -> date:
    """A day after today, or after another, at which the shop is open the whole day."""
    first = after or datetime.now(ZoneInfo("Europe/Berlin")).date()
    return next(day for n in range(1, 30) if len(books.open_at(day := first + timedelta(days=n))) == len(books.TIMES))


@pytest.mark.parametrize(("lines", "said"), MANDARIN.values(), ids=MANDARIN.keys())
def test_self_service_in_mandarin(
    lines: list[str], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text, with the engine, readers and sources of a call; Mandarin speech is not recognised on these machines."""
    day = _open_day()
    spoken, keys = f"{day.month}月{day.day}号", day.strftime("%d%m")
    assert talk(config, shop.WANG_FANG, [line.replace("SAID", spoken).replace("KEYS", keys) for line in lines]) == 0
    out = capsys.readouterr().out
    assert said in out and "settled without an agent" in out
    assert "welcome" not in out and "王女士您好" in out


def test_who_proves_nothing_is_told_nothing(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two wrong PINs, then a wrong order: the third locks, and it stays locked in the next call."""
    assert talk(config, shop.LIN_MEI, ["what is my balance", ":1397#", ":8642#", ":0000"]) == 0
    first = capsys.readouterr().out
    assert "cannot tell you" in first and "189" not in first and "→ billing" in first
    assert talk(config, shop.LIN_MEI, ["what is my balance"]) == 0
    assert "cannot tell you" in capsys.readouterr().out


def _is_settled(
    config: Path,
    capsys: pytest.CaptureFixture[str],
    number: str | None,
    lines: list[str],
    said: list[str],
    unsaid: list[str],
    *,
    zh: bool = False,
) -> None:
    """A call in which ``SAID`` and ``NEXT`` are two open days: it ends without an agent, and what was said is as it should be."""
    first = _open_day()
    days = (first, _open_day(first))
    day, other = (f"{one.month}月{one.day}号" if zh else f"the {one.day} of {one:%B}" for one in days)
    assert talk(config, number, [line.replace("SAID", day).replace("NEXT", other) for line in lines]) == 0
    out = capsys.readouterr().out
    assert not [text for text in said if text not in out] and not [text for text in unsaid if text in out], out
    assert "settled without an agent" in out


CORRECTED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "another time, twice": (
        ["i want an appointment", "SAID", "half past nine", "no wait, eleven", "fine but make it half past two", "yes please",
         "no thanks"],
        ["It is booked", "half past two in the afternoon, at our workshop"], ["That is no problem"],
    ),
    "a time that is not there": (
        ["i want an appointment", "SAID", "nine", "eleven", "yes", "no thanks"],
        ["nine o'clock in the morning is not one of them", "It is booked"], ["Sorry, I did not get that"],
    ),
    "another day": (
        ["i want an appointment", "SAID", "eleven", "no, on NEXT", "eleven", "yes", "no thanks"],
        ["It is booked"], ["to Repairs"],
    ),
    "no, it's another post code": (
        ["i moved house", "80331", "no, it's 10115", "yes", "tomorrow", "yes", "no thanks"],
        ["region of Munich", "Is it Berlin?", "Post code 1 0 1 1 5"], ["Which region"],
    ),
    "no, it's another region": (
        ["i moved house", "80331", "no it's hamburg", "tomorrow", "yes", "no thanks"],
        ["region of Munich", "Thank you. From tomorrow"], ["Which region is it"],
    ),
    "hold on, with somebody beside the phone": (
        ["i moved house", "hold on", "darling where is that letter", "10115", "yes", "tomorrow", "yes", "no thanks"],
        ["Take your time", "region of Berlin"], ["Sorry, I did not get that"],
    ),
    "two things at once": (
        ["what are your opening hours and i also want to know where you are", "yes", "no thanks"],
        ["nine to six", "And you also mentioned the way to our shop", "Harbour Street"], [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), CORRECTED.values(), ids=CORRECTED.keys())
def test_a_correction_is_taken_at_once(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _is_settled(config, capsys, shop.UNKNOWN, lines, said, unsaid)


STRANGERS: dict[str, tuple[str | None, list[str], list[str], list[str]]] = {
    "a digit of a number that was said back": (
        None, ["i want an appointment", "SAID", "eleven", "yes", "oh one seven one two three four five six seven eight",
               "no, the last digit is a nine", "yes", "no thanks"],
        ["1 7 1, 2 3 4, 5 6 7 8. Is that right?", "1 7 1, 2 3 4, 5 6 7 9.", "It is booked"], ["Sorry"],
    ),
    "another day, asked for the number": (
        None, ["i want an appointment", "SAID", "eleven", "yes", "wait, can we make it NEXT instead", "eleven", "yes",
               "oh one seven one two three four five six seven eight", "yes", "no thanks"],
        ["It is booked"], ["Sorry"],
    ),
    "mornings are out": (
        shop.UNKNOWN, ["i want an appointment", "SAID, but no mornings", "the first one", "yes", "no thanks"],
        ["half past two or four o'clock in the afternoon", "It is booked"], ["half past nine", "Sorry"],
    ),
    "a cancellation is no guess": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "eleven", "yes", "i want to cancel my appointment", "i guess so", "no",
                       "no thanks"],
        ["Shall I cancel it?", "Say yes or press one, or say no or press two."], ["It is cancelled"],
    ),
    "cancel it, where that is asked": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "eleven", "yes", "i had a slot with you and i can't make it",
                       "call it off please", "yes", "no thanks"],
        ["It is cancelled"], ["cancelling an order"],
    ),
    "no wait, the second": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "the first", "no wait, the second", "yes", "no thanks"],
        ["at eleven o'clock in the morning, at our workshop", "It is booked"], ["I am waiting"],
    ),
    "later than that, where it is said back": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "half past nine", "no, rather in the afternoon", "the second one", "yes",
                       "no thanks"],
        ["half past two or four o'clock in the afternoon", "It is booked"], ["Sorry"],
    ),
    "when it is": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "eleven", "yes", "what time was my appointment again", "no thanks"],
        ["Your appointment is", "at eleven o'clock in the morning, at our workshop"], ["Sorry"],
    ),
    "places that are out, and either of two": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "not the first one", "hmm, either of the last two", "couldn't be better",
                       "that'll be it"],
        ["suits you: eleven o'clock in the morning, half past two or four", "at half past two in the afternoon. Shall I book it?",
         "It is booked"], ["Sorry"],
    ),
    "what was said last of two": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "the early one, no, hang on, the later one", "naturally", "no thanks"],
        ["four o'clock in the afternoon. Shall I book it?", "It is booked"], ["Sorry"],
    ),
    "the first, no, the second": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "the first one, no sorry, the second", "that works", "no thanks"],
        ["eleven o'clock in the morning. Shall I book it?", "It is booked"], ["Sorry"],
    ),
    "no appointment at all": (
        shop.UNKNOWN, ["i want an appointment", "i'm not booking anything, are you open or shut", "that'll be it"],
        ["nine to six from Monday to Friday"], ["Say a day"],
    ),
    "open on that day, and no day to come": (
        shop.UNKNOWN, ["i want an appointment", "SAID or so, i think",
                       "good lord no, i only want to know when you are open on SAID", "no thanks"],
        ["We are"], ["Is that correct"],
    ),
    "moved, and it says so": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "eleven", "yes", "i want to move my appointment to NEXT",
                       "half past nine", "yes", "no thanks"],
        ["It stays yours until we have another one", "instead. Shall I move it?"], ["Sorry"],
    ),
    "a question in the middle": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "is there anywhere to put the car", "eleven", "yes", "no thanks"],
        ["with a car park next door", "It is booked"], ["Sorry"],
    ),
    "the same question again and again": (
        shop.UNKNOWN, ["i want an appointment", "SAID", *["is there anywhere to put the car"] * 4, "no thanks"],
        ["with a car park next door"], ["Sorry", "It is booked"],
    ),
    "are you there": (
        shop.UNKNOWN, ["i want an appointment", "hello are you there", "SAID", "eleven", "yes", "no thanks"],
        ["I am still here", "It is booked"], ["Sorry"],
    ),
    "a no with the name of it": (
        shop.UNKNOWN, ["is it about what i owe", "no it is not about what i owe", "are you open on saturdays", "no thanks"],
        ["We are open Saturday"], ["Sorry", "the hash key"],
    ),
    "yes and more, twice": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "eleven's a bit early for me the last one", "isn't that what i just said",
                       "no thanks"], ["It is booked"], ["Sorry"],
    ),
    "a machine or a human": (
        shop.UNKNOWN, ["are you a machine or a human being", "are you open on saturdays", "no thanks"],
        ["You are talking to an automatic assistant"], ["Sorry", "getting you a person"],
    ),
    "for somebody else": (
        shop.UNKNOWN, ["i want an appointment", "SAID at eleven", "mum says yes", "no thanks"], ["It is booked"], ["Sorry"],
    ),
    "say that again": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "eleven", "say that again i had the kettle on", "yes", "no thanks"],
        ["It is booked"], ["Sorry", "did not understand"],
    ),
    "nobody is in danger": (
        shop.UNKNOWN, ["somebody has stolen my watch he had a knife", "no nobody's hurt he ran off", "when do you close",
                       "no thanks"],
        ["is somebody in danger", "nine to six"], ["1 1 2"],
    ),
    "no, and what it is instead": (
        shop.TOM_BAKER,
        ["no it isnt actually i need to come in and see somebody about getting a bracelet shortened", "SAID",
         "not the half nine i'm useless before coffee the one after", "aye stick me down for it", "no ta you've been a star"],
        ["eleven o'clock in the morning. Shall I book it?", "It is booked"], ["Sorry"],
    ),
    "a yes, a no, and the day": (
        shop.ANNA_SCHMIDT,
        ["book a slot on SAID for a carriage clock", "yes sorry no NEXT the kids are off", "yes", "eleven", "yes", "no"],
        ["It is booked"], ["Sorry", "danger"],
    ),
    "far too early, forget it": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "four", "that's no good, i'll leave it", "nah beauty cheers"],
        ["I leave it"], ["Sorry", "It is booked"],
    ),
    "repair ready": (
        shop.ANNA_SCHMIDT, ["is my watch ready to be picked up", "no thanks"],
        ["your Harbour Classic is ready", "at our workshop by the harbour"], ["Sorry", "to Repairs"],
    ),
    "time to choose": (
        shop.UNKNOWN, ["i want an appointment", "SAID", "er, hmm, i'm not sure", "eleven", "yes", "no thanks"],
        ["It is booked"], ["to Repairs", "Sorry"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("number", "lines", "said", "unsaid"), STRANGERS.values(), ids=STRANGERS.keys())
def test_what_strangers_said(
    number: str | None,
    lines: list[str],
    said: list[str],
    unsaid: list[str],
    config: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _is_settled(config, capsys, number, lines, said, unsaid)


TALKED_ON: dict[str, tuple[list[str], list[str], list[str]]] = {
    "detail instead of a yes": (
        ["i'd like somebody to have a look at my watch could i pop in some time next week ideally not before lunch",
         "what about NEXT then", "the later one", "yes", "that's the lot"],
        ["four o'clock in the afternoon. Shall I book it?", "It is booked"], ["half past nine", "Sorry"],
    ),
    "whenever suits you": (
        ["appointment please whenever suits you i'm retired i've got all the time in the world", "oh any of them dear", "yes",
         "goodbye then"], ["It is booked"], ["Sorry"],
    ),
    "days told from others": (
        ["i want an appointment", "SAID", "no that clashes how about a week later", "two days later", "the early one", "yes",
         "no thanks"], ["SHIFTED", "It is booked"], ["Sorry", "one o'clock"],
    ),
    "which of two is all the same, and the day after": (
        ["i want an appointment", "SAID or NEXT i don't mind which", "the second of those", "the middle of the day one i suppose",
         "eleven", "yeah well i wouldn't say no to that", "nope that'll be all ta"],
        ["These days have something free", "suits you: eleven o'clock in the morning or half past two", "It is booked"],
        ["Sorry", "I leave it"],
    ),
    "as early as you can, on that day": (
        ["i want an appointment", "SAID, as early as you can", "yes", "yes", "no"],
        ["half past nine in the morning. Shall I book", "It is booked"],
        ["Which one suits you"],
    ),
    "the afternoon is of one matter only": (
        ["i want an appointment", "SAID in the afternoon", "four", "yes", "i need another appointment", "NEXT",
         "half past nine", "yes", "no"],
        ["half past nine in the morning, at our workshop"], ["Sorry"],
    ),
    "mornings are no good": (
        ["i want an appointment", "mornings are no good, the wife has got the car", "SAID", "the later one", "go on then", "no"],
        ["half past two or four o'clock in the afternoon. Which one", "It is booked"], ["Sorry", "half past nine"],
    ),
    "the hour of before, on another day": (
        ["i want an appointment", "SAID", "eleven", "yes", "i need to rearrange my appointment", "NEXT",
         "same time as before", "yes", "no"],
        ["It stays yours until", "at eleven o'clock in the morning. Shall I book it?", "See you then"], ["Sorry"],
    ),
    "no, rather the morning": (
        ["i want an appointment", "SAID", "in the afternoon", "no, in the morning after all", "half nine", "no that's perfect",
         "yes", "no"], ["It is booked"], ["I leave it", "nothing free"],
    ),
    "a time that has gone, at the last question": (
        ["i want an appointment", "SAID", "four", "make it half past five", "eleven then", "righto", "no"],
        ["half past five in the afternoon is not one of them", "It is booked"], ["Sorry"],
    ),
    "danger denied": (
        ["that price nearly gave me a heart attack", "what no don't be daft i'm fine i just want to know what a service costs",
         "no thanks"], ["is somebody in danger", "fifteen euros"], ["hang up and call"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), TALKED_ON.values(), ids=TALKED_ON.keys())
def test_who_talks_on_is_followed(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = _open_day()
    shifted = f"the {(first + timedelta(days=9)).day}"
    day, other = (f"the {one.day} of {one:%B}" for one in (first, _open_day(first + timedelta(days=6))))
    assert talk(config, shop.UNKNOWN, [line.replace("SAID", day).replace("NEXT", other) for line in lines]) == 0
    out = capsys.readouterr().out
    assert not [text for text in said if text.replace("SHIFTED", shifted) not in out], out
    assert not [text for text in unsaid if text in out], out
    assert "settled without an agent" in out


def test_a_day_of_the_week_is_the_one_that_was_offered(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["i want an appointment some time the week after next but not on wednesday", "the tuesday i reckon", "eleven", "yes",
             "no thanks"]  # fmt: skip
    assert talk(config, shop.UNKNOWN, lines) == 0
    monday = date.today() + timedelta(days=14 - date.today().weekday())
    out = capsys.readouterr().out
    assert f"the {(monday + timedelta(days=1)).day}" in out.split("It is booked")[1] or "nothing free" in out, out


@pytest.mark.parametrize(
    "lines",
    [
        ["my dad's face is hanging down on one side", "hurry he can hardly stand any more"],
        ["no my husband is after me with a knife"],
    ],
)
def test_danger_is_heard_behind_a_no_and_in_place_of_a_yes(
    lines: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(config, shop.LIN_MEI, lines) == 0
    assert "may be in danger: before everybody else" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["your shop sent me a complete piece of junk and i am bloody furious", "it stopped after a day"],
            "Complaint your shop sent me",
        ),
        (["get me off this robot for heaven's sake"], "I am getting you a person"),
    ],
)
def test_the_angry_reach_a_person_at_once(
    lines: list[str], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(config, None, lines) == 0
    assert said in capsys.readouterr().out


def test_yes_and_something_more_is_a_yes(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, shop.LIN_MEI, ["yes, where on earth is it"]) == 0
    out = capsys.readouterr().out
    assert "to Orders and delivery" in out and "Harbour Street" not in out


def test_an_order_number_with_a_correction_is_no_emergency(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk(config, shop.UNKNOWN, ["my parcel is late", "nine, no, sorry, six nine one one"])
    out = capsys.readouterr().out
    assert "→ orders" in out and "6911" in out and "danger" not in out
    talk(config, shop.UNKNOWN, ["my parcel is late", "oh god please nine one one"])
    assert "hang up and call" in capsys.readouterr().out


def test_the_matter_that_was_asked_about_is_denied_by_its_name(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(config, shop.LIN_MEI, ["not a delivery, when do you shut", "bye", "yes"]) == 0
    out = capsys.readouterr().out
    assert HOURS in out and "Sorry" not in out


def test_the_day_before_christmas_in_mandarin(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, shop.WANG_FANG, ["你们圣诞前一天开不开门", "没有了，非常感谢您"]) == 0
    out = capsys.readouterr().out
    assert "十二月二十四日" in out and "settled without an agent" in out


def test_how_far_a_repair_is_is_told_to_its_owner_only(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, shop.WANG_FANG, ["我的表修好没", "没有了"]) == 0
    out = capsys.readouterr().out
    assert "您的海港经典表在等配件，预计" in out and "settled without an agent" in out
    assert talk(config, shop.TOM_BAKER, ["how is the repair coming along"]) == 0
    out = capsys.readouterr().out
    assert "I find no repair of yours" in out and "→ repairs" in out
    assert talk(config, shop.UNKNOWN, ["how is the repair coming along"]) == 0
    out = capsys.readouterr().out
    assert "Harbour Classic" not in out and "→ repairs" in out


HOURS = "nine to six from Monday to Friday"
"""As they are told, open or closed."""
BESIDE: dict[str, tuple[list[str], list[str], list[str]]] = {
    "news at a choice": (
        ["half past two, and are you open on saturdays", "yes", "no thanks"],
        [HOURS, "at half past two in the afternoon. Shall I book it?", "It is booked"], ["you also mentioned"],
    ),
    "news without a join": (
        ["eleven what time do you shut", "yes", "no thanks"], [HOURS, "at eleven o'clock"], ["got that"],
    ),
    "another matter behind a yes": (
        ["eleven", "yes, and when is my watch ready", "yes", "no"],
        ["It is booked", "you also mentioned how far your repair is", "Is there anything else"], [],
    ),
    "named, behind a yes": (
        ["eleven", "yes, and then cancel the one on SAID", "yes", "yes", "no"],
        ["It is booked", "you also mentioned cancelling your appointment", "It is cancelled"], ["cancelling an order"],
    ),
    "not gone on with": (
        ["eleven", "yes and also I want to cancel my order", "no", "no thanks"],
        ["It is booked", "cancelling an order"], ["It is cancelled"],
    ),
    "a correction is none": (
        ["eleven", "fine, and make it half past two", "yes", "no"], ["It is booked"], ["you also mentioned"],
    ),
    "a goodbye": (["eleven", "yes, and that's your lot, bye", "no"], ["It is booked"], ["end the call"]),
    "one more of the same, at the same hour": (
        ["four", "yeah and stick another one in for my dad on NEXT, same time", "yes", "yes", "yes", "no", "no"],
        ["you also mentioned an appointment", "Then you have both"], [],
    ),
    "a question about something that may be known": (
        ["eleven", "yes, does he need to bring his receipt", "no", "no"], ["It is booked"], ["got that"],
    ),
    "another one, where one is cancelled": (
        [
            "eleven", "yes", "cancel it", "yes, and could I book a new one for next week", "yes", "the first one", "eleven",
            "yes", "no",
        ],
        ["It is cancelled", "you also mentioned an appointment"], [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), BESIDE.values(), ids=BESIDE.keys())
def test_what_stands_behind_an_answer_is_a_sentence_of_its_own(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _is_settled(config, capsys, shop.ANNA_SCHMIDT, ["i want an appointment", "SAID", *lines], said, unsaid)


def test_what_is_no_plain_yes_by_itself_books_nothing_with_a_question_behind_it(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        "i want an appointment",
        "SAID",
        "eleven",
        "SAID is better, how much do you charge for a battery",
        ":q",
    ]
    day = f"the {_open_day().day} of {_open_day():%B}"
    talk(config, shop.UNKNOWN, [line.replace("SAID", day) for line in lines])
    assert "Shall I book" in capsys.readouterr().out and _visits(config) == []


TWO_BOOKED = (
    "i want an appointment", "SAID", "eleven", "yes", "an appointment please", "NEXT", "half past nine", "yes",
)  # fmt: skip
"""After which it is asked whether the first one is to go."""
SWITCHED = {
    "move instead, where it is asked which": (
        ["cancel my appointment", "actually can we move it to NEXT", "SAID", "eleven", "yes", "no"], "Shall I move it?",
    ),
    "at the question whether": (
        ["cancel my appointment", "SAID", "could I not just have it on another day instead", "NEXT", "four o'clock", "yes", "no"],
        "Shall I move it?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said"), SWITCHED.values(), ids=SWITCHED.keys())
def test_another_matter_about_the_same_thing_is_gone_over_to(
    lines: list[str], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _is_settled(config, capsys, shop.UNKNOWN, [*TWO_BOOKED, "no", *lines], [said], ["It is cancelled"])


PUT_THROUGH: dict[str, tuple[str, list[str], list[str], list[str]]] = {
    "another matter": (
        shop.UNKNOWN, ["where is my parcel", "four seven one one, can I also change my address"], ["Also wants Moving house"], [],
    ),
    "news": (shop.UNKNOWN, ["my order is late", "4711 and what time do you close"], [HOURS], ["Also wants"]),
    "news behind a yes": (shop.LIN_MEI, ["yes, and could you tell me your opening hours"], [HOURS], ["Also wants"]),
}  # fmt: skip


@pytest.mark.parametrize(("number", "lines", "said", "unsaid"), PUT_THROUGH.values(), ids=PUT_THROUGH.keys())
def test_what_stands_behind_an_answer_is_told_or_goes_along(
    number: str, lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(config, number, lines) == 0
    out = capsys.readouterr().out
    assert "→ orders" in out and not [one for one in said if one not in out] + [one for one in unsaid if one in out], (
        out
    )


BESIDE_ZH: dict[str, tuple[list[str], list[str]]] = {
    "开不开门": (["十一点吧你们星期六开不开门", "好", "没有了"], ["周六上午九点", "十一点，要预约吗"]),
    "修好了没有": (
        ["十一点", "好的，还有我的手表修好了没有", "对", "没有了"],
        ["约好了", "您刚才还提到维修进度", "等配件"],
    ),
    "订单": (["十一点", "行，然后帮我查一下订单到哪了", "不用了", "没有了"], ["约好了", "您刚才还提到您的订单配送"]),
    "再约一个": (
        ["十一点", "好，再给我妈约一个NEXT的", "对", "九点半", "好", "不", "没有了"],
        ["您刚才还提到到店预约", "两个都给您留着"],
    ),
    "没有别的": (["十一点还有没有", "好", "没有了"], ["约好了"]),
}


@pytest.mark.parametrize(("lines", "said"), BESIDE_ZH.values(), ids=BESIDE_ZH.keys())
def test_what_stands_behind_an_answer_in_mandarin(
    lines: list[str], said: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booked = ["我要预约", "SAID", *lines]
    _is_settled(config, capsys, shop.WANG_FANG, booked, said, ["没有听懂", "转接"], zh=True)


@pytest.mark.parametrize(
    "said", ["行吧 哦不 等等 是那天对吧 那天我要开会", "好 不对 等一下 你们几点关门", "行 等等 先别订 你们在哪儿"]
)
def test_yes_that_is_taken_back_books_nothing(said: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is asked behind it: "you are open then, aren't you? I have a meeting"."""
    day = _open_day()
    talk(config, shop.WANG_FANG, ["我要预约", f"{day.month}月{day.day}号", "十一点", said])
    assert "约好了" not in capsys.readouterr().out and not _visits(config)


def test_a_second_appointment_gives_the_first_one_not_back(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = _open_day()
    day, other = (f"the {one.day} of {one:%B}" for one in (first, _open_day(first)))
    lines = [
        "i want an appointment", day, "eleven", "yes", "when is my appointment", f"i need another appointment on {other}",
        "yes", "half past nine", "yes", "when is my appointment", "no thanks",
    ]  # fmt: skip
    assert talk(config, shop.UNKNOWN, lines) == 0
    out = capsys.readouterr().out
    assert out.count("It is booked") == 2
    first_told, both_told = (line for line in out.splitlines() if "Your appointment is" in line or "You have" in line)
    assert (
        "at eleven o'clock" in first_told and "at eleven o'clock" in both_told and "at half past nine" in both_told
    ), out


def _visits(config: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(config.parent / "shop.db") as database:
        return database.execute("select day, at from visits where customer is not null order by day, at").fetchall()


OF_SEVERAL: dict[str, tuple[list[str], str, list[int]]] = {
    "the new one instead": (["yes", "no thanks"], "That one is cancelled", [1]),
    "one of two is cancelled, by its day": (["no", "cancel my appointment", "SAID", "yes", "no thanks"], "more than one", [1]),
    "by its day at once": (["no", "cancel the one on NEXT", "yes", "no thanks"], "Shall I cancel it?", [0]),
    "by its place": (["no", "cancel my appointment", "the second one", "yes", "no thanks"], "more than one", [0]),
    "one of two is moved": (
        ["no", "move my appointment", "NEXT", "NEXT", "four o'clock", "yes", "no thanks"], "Shall I move it?", [0, 2],
    ),
    "it is the one that was booked last": (["no", "cancel it", "SAID", "yes", "no thanks"], "more than one", [1]),
}  # fmt: skip


NONE_THERE = {
    "another day": (["cancel the appointment on NEXT", "no", "no thanks"], ["I find none on", "stays as it is"]),
    "theirs": (["cancel my appointment on SAID", "yes", "no thanks"], ["It is cancelled"]),
}


@pytest.mark.parametrize(("lines", "said"), NONE_THERE.values(), ids=NONE_THERE.keys())
def test_a_day_that_they_have_nothing_on_is_told(
    lines: list[str], said: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booked = ["i want an appointment", "SAID", "eleven", "yes", *lines]
    _is_settled(config, capsys, shop.UNKNOWN, booked, said, [] if "I find none on" in said else ["I find none"])


@pytest.mark.parametrize("all_of_them", ["both of them", "the both", "all of them please"])
def test_all_of_them_one_after_the_other(all_of_them: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [*TWO_BOOKED, "no", "cancel my appointment", all_of_them, "yes", "yes", "yes", "no thanks"]
    _is_settled(config, capsys, shop.UNKNOWN, lines, ["more than one", "also mentioned cancelling"], ["got that"])
    assert _visits(config) == []


def test_where_somebody_is_at_a_time_that_cannot_be_is_no_danger(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["i want an appointment", "SAID", "eleven, at half nine he's out walking", "yes", "no thanks"]
    _is_settled(config, capsys, shop.UNKNOWN, lines, [], ["danger"])


@pytest.mark.parametrize(("lines", "said", "left"), OF_SEVERAL.values(), ids=OF_SEVERAL.keys())
def test_which_of_several_appointments(
    lines: list[str], said: str, left: list[int], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = _open_day()
    second = _open_day(first)
    _is_settled(config, capsys, shop.UNKNOWN, [*TWO_BOOKED, *lines], ["You also have", said], ["Putting you through"])
    ends = [(f"{first}", "11:00"), (f"{second}", "09:30"), (f"{second}", "16:00")]
    assert _visits(config) == [ends[number] for number in left]


def test_two_on_one_day_are_told_apart_by_their_time(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        "i want an appointment",
        "SAID",
        "eleven",
        "yes",
        "another appointment",
        "SAID",
        "half past nine",
        "yes",
    ]
    _is_settled(
        config, capsys, shop.UNKNOWN, [*lines, "cancel my appointment", "the first one", "yes", "no thanks"],
        ["These are yours", "It is cancelled"], ["Putting you through"],
    )  # fmt: skip
    assert _visits(config) == [(f"{_open_day()}", "11:00")]


CHANGED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "a bit later, and earlier again": (
        ["could be a bit later if you can", "the later one", "yes", "actually could you make that a bit earlier", "the first one",
         "yes", "nah you're alright ta ra"],
        ["half past two or four", "half past nine, eleven o'clock in the morning or half past two"], ["Sorry"],
    ),
    "the hour alone": (["could you move it to four o'clock", "yes bruv", "no thank you madam"], ["Shall I move it?"], ["Sorry"]),
    "same day, in the morning": (
        ["move my appointment", "same day but in the morning", "yes", "no"], ["half past nine in the morning instead"], ["Sorry"],
    ),
    "it is named by its day": (
        ["my appointment on SAID, could you make it a bit later", "the later one", "yes", "no"], ["Shall I move it?"],
        ["I understood", "Sorry"],
    ),
    "nothing is changed after all": (
        ["move it to NEXT", "ah leave it leave it it's fine only", "that's me done tara chick"], ["I leave it"],
        ["Sorry", "Putting you through"],
    ),
    "a yes with a word beside it": (
        ["another appointment", "NEXT", "half nine'll do", "yes please do the needful", "no"], ["at half past nine"],
        ["danger", "Sorry"],
    ),
    "left be at the last question": (
        ["move my appointment to NEXT", "four", "hmm yes well no actually leave it be she can let herself in",
         "nope i'm off to the hospital wish us luck", "yes"],
        ["Shall I move it?", "I leave it", "Shall I end the call here?"], ["Sorry", "four o'clock in the afternoon, at our"],
    ),
    "rather moved than cancelled": (
        ["cancel my appointment", "no don't cancel it move it to NEXT", "yes", "eleven", "yes", "no"], ["Shall I move it?"],
        ["It is cancelled."],
    ),
    "one by its name": (
        ["i want an appointment", "NEXT", "eleven", "one", "keep both", "no thanks"], ["Then you have both"], ["one o'clock"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), CHANGED.values(), ids=CHANGED.keys())
def test_what_is_not_changed_stays(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _is_settled(config, capsys, shop.UNKNOWN, ["i want an appointment", "SAID", "eleven", "yes", *lines], said, unsaid)


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("can i move my appointment a week later", 7),
        ("could you put my appointment back by two days", 2),
        ("shift my appointment a week on", 7),
    ],
)
def test_by_how_much_it_is_moved(line: str, days: int, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = _open_day()
    lines = ["i want an appointment", f"the {day.day} of {day:%B}", "eleven", "yes", line]
    talk(config, shop.UNKNOWN, lines)
    told = capsys.readouterr().out.partition("It stays yours")[2]
    later = day + timedelta(days=days)
    then = f"{later:%A} the {later.day}"  # free, or not
    assert then in told and "o'clock in the afternoon is not one" not in told, told


CHANGED_ZH = {
    "早一点": ["那个能不能早一点", "可以", "没有啦 辛苦了"],
    "当天": ["改预约时间", "就当天啊 两点半那个还有没有", "可以", "没啥了回见"],
    "粤语不改": ["改到NEXT", "四点", "都系唔改喇 照旧", "没事了 谢啦"],
    "算球了": ["再约一个", "NEXT", "哎呀太早咯 我起不来 算球了 不约了", "没有啦 再见叔叔"],
    "不改了": ["改到NEXT", "那就不改了", "行了没别的了 祝你新年快乐"],
    "保留": ["再约一个", "NEXT", "九点半", "约", "把SAID那个取消", "不取消了 留着", "没事儿了 你忙吧"],
    "前面那个": [
        "再约一个",
        "NEXT",
        "九点半",
        "行呗",
        "取消预约",
        "SAID那个照旧 另外那个不去了",
        "取消了吧省得麻烦",
        "没有了",
    ],
}


@pytest.mark.parametrize("lines", CHANGED_ZH.values(), ids=CHANGED_ZH.keys())
def test_what_is_not_changed_stays_in_mandarin(
    lines: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booked = ["我要预约", "SAID", "十一点", "是", *lines]
    _is_settled(config, capsys, shop.WANG_FANG, booked, [], ["没有听懂", "转接", "危险"], zh=True)


WHAT_IT_IS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "cancel it": (["cancel it", "yes", "no thanks"], ["It is cancelled"], ["order"]),
    "bin that": (["bin that one", "yes", "no thanks"], ["It is cancelled"], ["order"]),
    "a bit later": (["a bit later please", "NEXT", "eleven", "yes", "no thanks"], ["It stays yours", "Shall I move it?"], []),
    "to another day": (["could you move it to NEXT", "eleven", "yes", "no thanks"], ["It stays yours", "Shall I move it?"], []),
    "after something else": (
        ["where are you", "actually can you move it", "NEXT", "eleven", "yes", "no thanks"], ["Shall I move it?"], ["post code"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), WHAT_IT_IS.values(), ids=WHAT_IT_IS.keys())
def test_it_is_what_was_talked_of_last(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booked = ["i want an appointment", "SAID", "eleven", "yes", *lines]
    _is_settled(config, capsys, shop.UNKNOWN, booked, said, unsaid)


WHAT_IT_IS_ZH = {
    "取消吧": ["把它取消吧", "是", "没有了"],
    "晚一点": ["能晚一点吗", "NEXT", "十一点", "是", "没有了"],
    "再约一个": ["再约一个", "NEXT", "十一点", "是", "没有了"],
    "明天那个不要了": ["再约一个", "NEXT", "十一点", "是", "SAID那个不要了", "是", "没有了"],
}


@pytest.mark.parametrize("lines", WHAT_IT_IS_ZH.values(), ids=WHAT_IT_IS_ZH.keys())
def test_it_is_what_was_talked_of_last_in_mandarin(
    lines: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    booked = ["我要预约", "SAID", "九点半", "是", *lines]
    _is_settled(config, capsys, shop.WANG_FANG, booked, [], ["没有听懂", "转接"], zh=True)


DANGEROUS = {
    "not to be here any more": [
        "i don't think i want to be here any more i just wanted to hear a voice",
        "does it matter",
    ],
    "given up": ["i can't do this any more i've taken the whole packet", "never mind it's too late sorry"],
    "i just want it to end": ["i can't do this any more i've taken the whole packet", "i just want it to end"],
    "he is fine, she is not": ["somebody is hurt i think", "no he's fine but my wife isn't breathing"],
    "the battery": ["my little one has got something in her mouth i think", "the battery out of the watch"],
    "somebody follows": ["there's a man who has been following me from your shop"],
    "locked in": ["i am locked in your shop and i can't get out"],
}


@pytest.mark.parametrize("lines", DANGEROUS.values(), ids=DANGEROUS.keys())
def test_who_is_in_danger_reaches_a_person(lines: list[str], config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, shop.UNKNOWN, lines) == 0
    out = capsys.readouterr().out
    assert "call 1 1 2" in out and "may be in danger" in out and "Goodbye" not in out, out


STRANGERS_ZH: dict[str, tuple[list[str], list[str], list[str]]] = {
    "不行，另一天": (
        ["我要预约", "SAID", "不行 NEXT 有没有", "头一个", "行吧行吧 赶紧的", "没有了"], ["约好了："], ["没有听懂"],
    ),
    "改吧": (
        ["我要预约", "SAID", "十一点", "好的", "把我那个预约改到NEXT", "同一个点", "改改改", "没有了"],
        ["改好之前先为您保留", "改到", "约好了："], ["没有听懂"],
    ),
    "太晚了，头一个": (
        ["我要预约", "SAID", "四点太晚了 天都黑了 还是早上头一个吧", "对喽", "没有了"], ["上午九点半"], ["下午四点，要"],
    ),
    "替家里人": (["帮他约个时间", "SAID", "十一点", "妈妈说可以", "没有了"], ["约好了"], ["危险"]),
    "中间问一句": (
        ["我要预约", "SAID", "你们几点关门", "十一点", "没得错", "没有了"], ["约好了", "周一到周五"], ["没有听懂"],
    ),
    "指责不是同意": (
        ["我的账单好像", "你咋扯到账单上去了 我要预约", "SAID", "十一点", "是", "没有了"], ["约好了"], ["账单的同事"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), STRANGERS_ZH.values(), ids=STRANGERS_ZH.keys())
def test_what_strangers_said_in_mandarin(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _is_settled(config, capsys, shop.WANG_FANG, lines, said, unsaid, zh=True)


LEFT_OPEN: dict[str, tuple[list[str], list[str], list[str]]] = {
    "after lunch, and the later one of them": (
        ["i want an appointment", "SAID", "sometime after lunch", "the later one", "yes", "no thanks"],
        ["suits you: half past two or four o'clock in the afternoon.", "at four o'clock", "It is booked"], ["Sorry"],
    ),
    "none of them, and another day": (
        ["i want an appointment", "SAID", "none of those work for me", "NEXT", "eleven", "yes", "no thanks"],
        ["It is booked"], ["Sorry", "to Repairs"],
    ),
    "just no": (["i want an appointment", "SAID", "no", "NEXT", "eleven", "yes", "no thanks"], ["It is booked"], ["Sorry"]),
    "the second one, and what does not go with it": (
        ["i want an appointment", "SAID", "the second but i can't be there before twelve", "four o'clock", "yes", "no thanks"],
        ["suits you: half past two or four", "It is booked"], ["eleven o'clock in the morning. Shall I book"],
    ),
    "a time that is nearly another": (
        ["i want an appointment", "SAID", "ten thirty", "eleven at night", "eleven", "yes", "no thanks"],
        ["half past ten in the morning is not one of them", "It is booked"],
        ["half past two in the afternoon. Shall I book", "Sorry"],
    ),
    "no day in particular": (
        ["i want an appointment", "any day but a sunday", "the second one", "eleven", "yes", "no thanks"],
        ["These days have something free", "It is booked"], ["Sorry"],
    ),
    "the earliest": (
        ["i want an appointment", "the earliest you have", "the earliest", "yes", "no thanks"],
        ["These are free", "It is booked"], ["These days have", "Sorry"],
    ),
    "day and time in one": (
        ["i want an appointment", "SAID at eleven", "yes", "no thanks"],
        ["at eleven o'clock in the morning. Shall I book it", "It is booked"], ["These are free", "Sorry"],
    ),
    "another day at the list of times": (
        ["i want an appointment", "SAID", "no, on NEXT at eleven", "yes", "no thanks"],
        ["at eleven o'clock in the morning. Shall I book it", "It is booked"], ["Sorry"],
    ),
    "a day that was excepted does not come back": (
        ["i want an appointment", "any day but a sunday", "the later one", "eleven", "yes", "no thanks"],
        ["These days have something free", "It is booked"], ["Sorry", "is not one of them"],
    ),
    "as soon as possible, in the first sentence": (
        ["can you book me in as soon as possible", "eleven", "yes", "no thanks"],
        ["These are free", "It is booked"], ["Which day", "Sorry"],
    ),
    "the matter is left": (
        ["i want an appointment", "SAID", "eleven", "i'd rather not after all, cancel it", "no thanks"],
        ["That is all right, I leave it"], ["booked:", "Which day would you like", "cancelling an order"],
    ),
    "an appointment is moved": (
        ["i want an appointment", "SAID", "eleven", "yes", "i need to move my appointment", "NEXT", "four o'clock", "yes",
         "please cancel my appointment", "yes", "no thanks"],
        ["It stays yours until we have another one", "at four o'clock in the afternoon. Shall I cancel it?", "It is cancelled"],
        [],
    ),
    "open on a day": (
        ["are you there on new year's day", "are you open on SAID", "no"],
        ["the 1st of January", "Otherwise we are open", "from nine o'clock in the morning to six"], ["Sorry"],
    ),
    "what it costs": (["what would it cost to get a fresh battery put in", "no"], ["A new battery is fifteen euros"], []),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), LEFT_OPEN.values(), ids=LEFT_OPEN.keys())
def test_what_is_left_open_is_narrowed_down(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test_a_correction_is_taken_at_once(lines, said, unsaid, config, capsys)


def test_a_moved_appointment_gives_the_old_one_back(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines, _, _ = LEFT_OPEN["an appointment is moved"]
    test_a_correction_is_taken_at_once(lines, ["It is cancelled"], [], config, capsys)
    with sqlite3.connect(config.parent / "shop.db") as database:
        assert database.execute("select count(*) from visits where customer is not null").fetchone() == (0,)


LEFT_OPEN_ZH: dict[str, tuple[list[str], list[str], list[str]]] = {
    "日子改了": (
        ["我要预约", "SAID", "不对，是NEXT，NEXT下午四点", "是", "没有了"], ["下午四点，要预约吗", "约好了"], ["没听懂"],
    ),
    "上午不行": (["我要预约", "SAID", "上午不行，下午晚一点的", "是", "没有了"], ["下午四点，要预约吗", "约好了"], ["没听懂"]),
    "都不行": (["我要预约", "SAID", "都不行", "NEXT", "十一点", "是", "没有了"], ["约好了"], ["没听懂", "正在转接"]),
    "算了": (["我要预约", "SAID", "十一点", "还是算了吧，我再想想", "没有了"], ["那就先不办了"], ["约好了", "没听懂"]),
    "取消": (
        ["我要预约", "SAID十一点", "是", "刚才那个预约帮我取消掉，我不来了", "是", "没别的了，谢谢啊"],
        ["要取消吗", "已经为您取消了"], [],
    ),
    "哪天都行": (["我要预约", "除了星期天都行", "第二个", "十一点", "是", "没有了"], ["这几天有空位", "约好了"], ["没听懂"]),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "said", "unsaid"), LEFT_OPEN_ZH.values(), ids=LEFT_OPEN_ZH.keys())
def test_what_is_left_open_in_mandarin(
    lines: list[str], said: list[str], unsaid: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _is_settled(config, capsys, shop.WANG_FANG, lines, said, unsaid, zh=True)


def test_who_calls_again_is_asked_if_it_is_that_and_may_want_something_else(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(config, shop.TOM_BAKER, ["yes"]) == 0
    out = capsys.readouterr().out
    assert "Is it about a repair again?" in out and "called before about “Repair”" in out and "→ repairs" in out
    assert talk(config, shop.TOM_BAKER, ["no", "what are your opening hours", "no thanks"]) == 0
    out = capsys.readouterr().out
    assert "nine to six" in out and "settled without an agent" in out


def test_who_hides_their_number_says_where_they_can_be_reached(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = _open_day()
    lines = ["i want an appointment", f"the {day.day} of {day:%B}", "eleven", "yes", "030 901820", "yes", "no thanks"]
    assert talk(config, None, lines) == 0
    out = capsys.readouterr().out
    assert "On which number can we reach you" in out and "It is booked" in out


def test_an_order_number_in_the_first_sentence_is_said_back(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        "i want to send back my order four eight oh two because it is too small",
        "no",
        "four eight oh three",
        "yes",
    ]
    assert talk(config, None, lines) == 0
    out = capsys.readouterr().out
    assert "4 8 0 2. Is that right?" in out and "→ returns" in out


@pytest.mark.parametrize(
    ("number", "lines", "said"),
    [
        (None, ["can you call me back", "030 901820", "yes"],
         ["On which number", "0 3 0, 9 0 1, 8 2 0", "call back on +4930901820"]),
        (shop.UNKNOWN, ["please call me back on 030 901820", "yes"], ["0 3 0, 9 0 1, 8 2 0", "call back on +4930901820"]),
        (shop.UNKNOWN, ["please call me back", "yes but on my mobile", "0171 2345678", "no, it ends in a nine", "yes"],
         ["On which number", "call back on +491712345679"]),
        (shop.UNKNOWN, ["please call me back", "yes"], ["on this number. Goodbye", "call back: reason not known"]),
        (shop.UNKNOWN, ["call me back on 0900 1234567", "yes"], ["cannot call that number", "→ "]),
        (None, ["请给我回电", "零三零九零一八二零", "对"], ["call back on +4930901820"]),
    ],
)  # fmt: skip
def test_a_call_back_on_another_number(
    number: str | None, lines: list[str], said: list[str], config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = [":9"] if not lines[0].isascii() else []
    assert talk(config, number, [*first, *lines]) == 0
    out = capsys.readouterr().out
    assert not [text for text in said if text not in out], out


def test_who_is_not_understood_hears_of_the_other_language(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, None, ["blah blub", ":9", "我要买手表"]) == 0
    assert "说中文请按九" in capsys.readouterr().out
    assert talk(config, shop.LIN_MEI, ["no", "blah blub", ":q"]) == 1
    assert "请按九" not in capsys.readouterr().out, "her language is known"


def test_what_is_no_key_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, None, [":xyz", ":q"]) == 1
    assert "no key of a telephone: x y z" in capsys.readouterr().out


def test_somebody_in_danger_is_told_whom_to_call_and_comes_first(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talk(config, None, ["my husband has collapsed and does not answer"]) == 0
    out = capsys.readouterr().out
    assert "hang up and call 1 1 2" in out and "priority 500" in out


def test_a_conversation_can_be_read_for_its_tone(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, shop.TOM_BAKER, ["yes"], tone=True) == 0
    said, decided = capsys.readouterr().out.split("→ repairs")
    assert " s  Is it about a repair again?" in said and "phrase “" not in said
    assert "the machine spoke" in decided and "sentences" in decided


def test_a_number_that_is_none_is_refused(config: Path) -> None:
    with pytest.raises(Told, match="--number: 'Mickey' is no telephone number"):
        talk(config, "Mickey", [])


def test_the_same_for_another_day(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talk(config, None, ["what are your opening hours", "and on boxing day?", "no thanks"]) == 0
    out = capsys.readouterr().out
    assert "the 26th of December" in out and "settled without an agent" in out
    assert talk(config, shop.WANG_FANG, ["你们几点开门", "那圣诞节呢", "没有了"]) == 0
    assert "十二月二十五日" in capsys.readouterr().out
