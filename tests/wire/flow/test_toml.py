"""What operators write: the shop's own files load, and every mistake is told with file, table and key."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.flow.condition import Is
from ivr.core.flow.flow import STANDARD_PROMPTS, Flow
from ivr.core.flow.nodes import AskNode, Choice, CollectNode, EndNode, MenuNode, RouteNode, SayNode
from ivr.wire.flow.toml import FlowError, read
from tests.conftest import ROOT

SHOP = ROOT / "dialplans"

DIALOGUE = """
[dialogue]
start = "greet"

[answers]
yes = { en = ["yes"], zh = ["是"] }
no = { en = ["no"], zh = ["不"] }

[queues.orders]
title = { en = "Orders", zh = "订单" }
skill = "delivery"
timeout_s = 60

[queues.ivr-fallback]
title = { en = "Front desk", zh = "前台" }

[nodes.greet]
say = [{ when = "known", prompt = "hello", next = "hand_over" }, { prompt = "hello" }]
next = "reason"

[nodes.reason]
ask = "intent"
prompt = "hello"
again = "hello"
confirm = "is_it"
menu = "keypad"
next = "hand_over"

[nodes.keypad]
menu = "intents"
prompt = "hello"
option = "is_it"
next = "hand_over"

[nodes.number]
collect = "order"
label = { en = "Order", zh = "订单" }
digits = 4
known = "late_order"
check = "order"
prompt = "hello"
again = "hello"
next = "hand_over"

[nodes.bye]
end = "hello"

[nodes.hand_over]
route = "intent"
prompt = "hello"
person = "hello"

[prompts]
hello = { en = ["Hello {salutation}."], zh = ["您好。"] }
is_it = { en = ["Is it {title}?"], zh = ["是{title}吗？"] }
"""

DIALOGUE += "".join(f'{name} = {{ en = ["{name}"], zh = ["标准"] }}\n' for name in STANDARD_PROMPTS)
INTENTS = """
[intents.late]
title = { en = "Late", zh = "晚" }
phrases.en = ["a", "b", "c", "d", "e"]
phrases.zh = ["一", "二", "三", "四", "五"]
key = "1"
queue = "orders"
node = "number"

[intents.hours]
title = { en = "Hours", zh = "时间" }
phrases.en = ["f", "g", "h", "i", "j"]
phrases.zh = ["六", "七", "八", "九", "十"]
key = "2"
node = "bye"
"""


def house(dialogue: str = DIALOGUE, intents: str = INTENTS) -> dict[str, str]:
    return {"house.toml": dialogue, "intents.toml": intents}


def problems(files: dict[str, str]) -> list[str]:
    with pytest.raises(FlowError) as refused:
        read(files)
    assert str(refused.value) == "\n".join(refused.value.problems)
    return [re.sub(r"(?<=toml):\d+(?=:)", "", problem) for problem in refused.value.problems]


# -- what is right


def test_the_shop_s_own_files() -> None:
    flow = read({path.name: path.read_text(encoding="utf-8") for path in SHOP.glob("*.toml")})
    assert flow.start == "greet" and flow.fallback_queue == "ivr-fallback" and flow.patience == 3
    assert len(flow.intents) >= 9 and {"late_delivery", "person"} <= set(flow.intents)
    assert [intent.key for intent in flow.keyed_intents()] == list("1234567")
    assert [intent.key for intent in flow.keyed_intents("more")] == list("123467")
    assert [intent.key for intent in flow.keyed_intents("visits")] == list("123")


def test_every_kind_of_node() -> None:
    flow = read(house())
    assert flow.nodes == {
        "greet": SayNode("greet", (Choice("hello", Is("known"), "hand_over"), Choice("hello")), "reason"),
        "reason": AskNode("reason", "hello", "hello", "is_it", "keypad", "hand_over"),
        "keypad": MenuNode("keypad", "hello", "is_it", "hand_over"),
        "number": CollectNode(
            "number",
            "order",
            {"en": "Order", "zh": "订单"},
            "hello",
            "hello",
            "hand_over",
            shortest=4,
            longest=4,
            known="late_order",
            check="order",
        ),
        "bye": EndNode("bye", "hello"),
        "hand_over": RouteNode("hand_over", "hello", "hello"),
    }
    assert (flow.queues["orders"].skill, flow.queues["orders"].timeout_s) == ("delivery", 60)
    assert flow.prompts["hello"].variants == {"en": ("Hello {salutation}.",), "zh": ("您好。",)}
    assert flow.yes == {"en": ("yes",), "zh": ("是",)} and flow.no == {"en": ("no",), "zh": ("不",)}
    assert (flow.default_language, flow.fallback_queue, flow.patience) == ("en", "ivr-fallback", 3)
    late = flow.intents["late"]
    assert (late.queue, late.node, late.key, late.phrases["en"]) == ("orders", "number", "1", tuple("abcde"))


def test_who_helps_a_queue_out_and_who_takes_its_calls_when_it_is_closed() -> None:
    hours = '\n[hours.day]\nzone = "Europe/Berlin"\nmon = "09:00-10:00"\n'
    keys = 'overflow = ["ivr-fallback"]\noverflow_s = 30\nhours = "day"\nclosed = "ivr-fallback"\n' + hours
    queue = read(house(DIALOGUE.replace("timeout_s = 60", keys))).queues["orders"]
    assert (queue.overflow, queue.overflow_s, queue.hours, queue.closed) == (
        ("ivr-fallback",),
        30,
        "day",
        "ivr-fallback",
    )
    plain = read(house()).queues["orders"]
    assert (plain.overflow, plain.overflow_s, plain.hours, plain.closed) == ((), 60, None, None)


def test_tables_may_be_split_over_files_as_one_likes() -> None:
    whole, split = read({"all.toml": DIALOGUE + INTENTS}), read(house())
    parts = ("start", "nodes", "prompts", "intents", "queues", "fallback_queue", "yes", "no", "patience")
    assert all(getattr(whole, part) == getattr(split, part) for part in parts)


def test_version_is_that_of_the_files() -> None:
    def version(files: dict[str, str]) -> str:
        return read(files).version

    assert version(house()) == version(dict(reversed(house().items())))
    assert version(house()) != version(house(intents=INTENTS + "# a note\n"))
    assert re.fullmatch("[0-9a-f]{12}", version(house()))


# -- what is wrong: test_mistakes.py has the table


def test_same_name_in_two_files() -> None:
    found = problems({**house(), "more.toml": INTENTS})
    assert found[:2] == [
        "more.toml: intents.late: stands in intents.toml:2, too: give one of them another name",
        "more.toml: intents.hours: stands in intents.toml:10, too: give one of them another name",
    ]


def test_dialogue_in_two_files() -> None:
    assert "zz.toml: dialogue: stands in house.toml:2, too: keep one of them" in problems(
        {**house(), "zz.toml": '[dialogue]\nstart = "greet"\n'}
    )


@pytest.mark.parametrize(
    ("files", "there"),
    [
        ({}, "there is no file (*.toml), and so no table [dialogue] and no [answers]"),
        ({"empty.toml": ""}, "empty.toml has no table [dialogue] and no [answers]"),
        (
            {"intents.toml": INTENTS, "more.toml": ""},
            "intents.toml and more.toml have no table [dialogue] and no [answers]",
        ),
        ({"house.toml": '[dialogue]\nstart = "x"\n'}, "house.toml has no table [answers]"),
    ],
)
def test_no_dialogue_at_all(files: dict[str, str], there: str) -> None:
    wanted = 'a dialogue needs [dialogue] with start = "NODE", and [answers] with yes and no, in one of its files'
    assert problems(files) == [f"{there}: {wanted}"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('end = "hello"', 'end = "goodbye"'),
        ("digits = 4", "digits = 99"),
        ('next = "reason"', 'next = "raison"'),
    ],
)
def test_mistakes_name_the_line(right: str, wrong: str) -> None:
    changed = DIALOGUE.replace(right, wrong, 1)
    with pytest.raises(FlowError) as refused:
        read(house(changed))
    line = changed.splitlines().index(wrong) + 1
    assert any(problem.startswith(f"house.toml:{line}: nodes.") for problem in refused.value.problems)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = DIALOGUE.replace('next = "reason"', 'next = "a"').replace('end = "hello"', 'end = "b"')
    found = problems(house(wrong, INTENTS.replace('queue = "orders"', 'queue = "c"')))
    assert [re.search("'.'", p)[0] for p in found] == ["'a'", "'b'", "'c'"]  # type: ignore[index]


LINES = (DIALOGUE + INTENTS).splitlines()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, len(LINES) - 1), max_size=4), st.data())
def test_whatever_is_left_out_or_doubled_it_loads_or_is_refused(places: list[int], data: st.DataObject) -> None:
    lines = list(LINES)
    for place in places:
        lines[place] = data.draw(st.sampled_from(("", lines[place], f"{lines[place]}\n{lines[place]}")))
    try:
        assert isinstance(read({"house.toml": "\n".join(lines)}), Flow)
    except FlowError as error:
        assert error.problems


# -- a house with everything in it

BIGGER = (
    DIALOGUE.replace(
        "[queues.orders]", '[hours.shop]\nzone = "Europe/Berlin"\nmon = "09:00-18:00"\n\n[queues.orders]', 1
    )
    + """
sure = { en = ["On {day:date} at {time:time}, {status.state}?"], zh = ["{day:date}？"] }

[lookups.status]
source = "house"
sql = "select state from orders where id = :order and customer = :customer"
takes = ["order", "customer"]
gives = ["state", "at"]
label = { en = "Status", zh = "状态" }

[lookups.times]
path = "/times/{day}"
takes = ["day", "status.at"]
gives = ["at"]

[nodes.where]
look_up = "status"
found = "which_way"
failed = "hand_over"
filler = "hello"

[nodes.which_way]
branch = [
  { when = "not open.shop", next = "bye" },
  { when = "queue.ivr_fallback.waiting > 3 and result.status.state == 'late' and slot.day != ''", next = "bye" },
]
next = "day"

[nodes.day]
collect = "day"
kind = "date"
label = { en = "Day", zh = "日子" }
prompt = "hello"
again = "hello"
anew = true
next = "ask_times"

[nodes.ask_times]
look_up = "times"
found = "time"
empty = "day"
failed = "hand_over"

[nodes.time]
collect = "time"
kind = "name"
names_from = "times.at"
names_kind = "time"
label = { en = "Time", zh = "时间" }
prompt = "hello"
again = "hello"
next = "agreed"

[nodes.agreed]
decide = "sure"
again = "sure"
yes = "shop"
no = "day"

[nodes.shop]
collect = "shop"
kind = "name"
names = { en = ["Berlin", "Hamburg"], zh = ["柏林", "汉堡"] }
label = { en = "Shop", zh = "商店" }
prompt = "hello"
again = "hello"
otherwise = "bye"
next = "who"

[nodes.who]
prove = ["pin", "code"]
prompts = { pin = "hello", code = "hello" }
again = "hello"
next = "piece"
failed = "hand_over"

[nodes.piece]
call = "inner"
next = "bye"

[nodes.inner]
decide = "hello"
again = "hello"
yes = "return"
no = "return"

[nodes.return]
back = true

[nodes.more]
menu = "more"
prompt = "hello"
option = "is_it"
next = "hand_over"
also = [{ key = "8", node = "bye", title = { en = "Bye", zh = "再见" } }]

[nodes.else]
ask = "intent"
prompt = "hello"
again = "hello"
confirm = "is_it"
menu = "more"
next = "hand_over"
nothing = "bye"
suggest = [{ intent = "late", prompt = "hello", when = "late_order" }]
"""
)
MORE_INTENTS = (
    INTENTS
    + """
[intents.status]
title = { en = "Status", zh = "状态" }
phrases.en = ["k", "l", "m", "n", "o"]
phrases.zh = ["百", "千", "万", "亿", "兆"]
node = "where"
key = "1"
menu = "more"
cost = "high"
likely = [{ when = "late_order", weight = 0.4, because = { en = "late", zh = "晚" } }]
"""
)


def test_the_bigger_house_is_right() -> None:
    flow = read(house(BIGGER, MORE_INTENTS))
    assert flow.slot_kinds == {"order": "digits", "day": "date", "time": "time", "shop": "name"}
    assert flow.where["nodes.shop"] == f"house.toml:{BIGGER.splitlines().index('[nodes.shop]') + 1}"
    assert flow.where["intents.status"].startswith("intents.toml:")


def told(files: dict[str, str], name: str, right: str, wrong: str, sentence: str) -> None:
    """The mistake is told, in its file, at the line it stands in or at that of its table."""
    with pytest.raises(FlowError) as refused:
        read(files)
    found = [problem for problem in refused.value.problems if sentence in problem]
    assert found, refused.value.problems
    place = re.match(rf"{re.escape(name)}:(\d+): ", found[0])
    assert place, found[0]
    text = files[name].split("\n")
    changed = next(n for n, (a, b) in enumerate(zip(text, right.split("\n"), strict=False), 1) if a != b)
    table = max(n for n, line in enumerate(text[:changed], 1) if line.startswith("["))
    assert table - 1 <= int(place[1]) <= changed + wrong.count("\n") + 3, (found[0], changed)


def between(target: str) -> str:
    """A node that says something and goes on."""
    return f'\n[nodes.between]\nsay = [{{ prompt = "hello" }}]\nnext = "{target}"\n'


@pytest.mark.parametrize(
    ("right", "wrong", "node"),
    [
        # a question that was put too often, a proof that a stranger cannot give, a list that is empty: none of them waits
        ('otherwise = "bye"', 'otherwise = "between"', "shop"),
        ('no = "day"', 'no = "day"\notherwise = "between"', "agreed"),
        ('next = "piece"\nfailed = "hand_over"', 'next = "piece"\nfailed = "between"', "who"),
        ('next = "agreed"', 'next = "between"\nanew = true', "time"),
        ('empty = "day"\nfailed = "hand_over"', 'empty = "day"\nfailed = "between"', "ask_times"),
        ('next = "bye"\n\n[nodes.inner]', 'next = "between"\n\n[nodes.inner]', "piece"),
        ('call = "inner"', 'call = "between"', "piece"),
        ('  { when = "not open.shop", next = "bye" },', '  { when = "not open.shop", next = "between" },', "which_way"),
    ],
)
def test_circle_that_never_waits(right: str, wrong: str, node: str) -> None:
    assert BIGGER.count(right) == 1
    told(
        house(BIGGER.replace(right, wrong) + between(node), MORE_INTENTS), "house.toml", BIGGER, wrong,
        f"nodes.{node}: the dialogue goes in a circle here without ever waiting for the caller",
    )  # fmt: skip


@pytest.mark.parametrize(
    "right",
    [
        'empty = "day"',  # the day is asked anew
        'no = "day"',
        'otherwise = "bye"',
    ],
)
def test_circle_that_waits_is_none(right: str) -> None:
    key = right.split(" ")[0]
    changed = BIGGER.replace(right, f'{key} = "between"', 1) + between("day" if key != "otherwise" else "agreed")
    read(house(changed, MORE_INTENTS))


def test_nothing_is_as_deep_as_a_tower() -> None:
    assert problems({"deep.toml": "x = " + "[" * 5000 + "]" * 5000})[0].startswith(
        "deep.toml: not TOML: brackets stand inside of brackets"
    )
    deep = problems(house(DIALOGUE.replace('when = "known"', f'when = "{"not " * 5000}known"', 1)))
    assert len(deep) == 1 and "is no condition; write" in deep[0]


def test_one_sentence_is_a_list_of_one() -> None:
    plain = {name: re.sub(r"\[(\"[^\",\]]*\")\]", r"\1", text) for name, text in house().items()}
    assert plain != house() and all(f'= ["{word}"]' not in text for text in plain.values() for word in ("yes", "是"))
    flow, lists = read(plain), read(house())
    assert replace(flow, version="") == replace(lists, version="")


@pytest.mark.parametrize("wrong", ["5", "true", "{ a = 1 }", "[5]", '""', "[]", "2026-11-20"])
def test_what_is_no_sentence_is_told_in_our_words(wrong: str) -> None:
    found = problems(house(DIALOGUE.replace('yes = { en = ["yes"]', f"yes = {{ en = {wrong}")))
    assert found and not any(word in one for one in found for word in ("Input", "tuple", "pydantic", "type="))
