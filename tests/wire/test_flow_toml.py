"""What operators write: the shop's own files load, and every mistake is told with file, table and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.condition import Is
from ivr.core.flow import STANDARD_PROMPTS, Flow
from ivr.core.nodes import AskNode, Choice, CollectNode, EndNode, MenuNode, RouteNode, SayNode
from ivr.wire.flow_toml import FlowError, read

SHOP = Path(__file__).parents[2] / "dialplans"

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
    assert [intent.key for intent in flow.keyed_intents("more")] == list("123")


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


# -- what is wrong: a change of the dialogue, and the sentence

MISTAKES: dict[str, tuple[str, str, str]] = {
    "unknown key of a node": (
        'end = "hello"', 'end = "hello"\npromt = "hello"', "house.toml: nodes.bye.promt: unknown key",
    ),
    "unknown key of the dialogue": (
        'start = "greet"', 'start = "greet"\npatients = 3', "house.toml: dialogue.patients: unknown key",
    ),
    "unknown table": ("[answers]", "[anwsers]\n[answers]", "house.toml: anwsers: unknown key"),
    "not TOML": ("[answers]", "[answers", "house.toml: not TOML: "),
    "impossible patience": (
        'start = "greet"', 'start = "greet"\npatience = 0', "house.toml: dialogue.patience: Input should be greater",
    ),
    "unknown language": ('start = "greet"', 'start = "greet"\nlanguage = "de"', "house.toml: dialogue.language: Input should be"),
    "unknown start": ('start = "greet"', 'start = "great"', "house.toml: dialogue.start: there is no node 'great'"),
    "unknown fallback queue": (
        "[queues.ivr-fallback]", "[queues.fallback]", "house.toml: dialogue.fallback_queue: there is no queue 'ivr-fallback'",
    ),
    "unknown prompt": ('end = "hello"', 'end = "goodbye"', "house.toml: nodes.bye.end: there is no prompt 'goodbye'"),
    "unknown prompt of a choice": (
        '{ prompt = "hello" }', '{ prompt = "hallo" }', "house.toml: nodes.greet.say.1: there is no prompt 'hallo'",
    ),
    "unknown next": ('next = "reason"', 'next = "raison"', "house.toml: nodes.greet.next: there is no node 'raison'"),
    "unknown next of a choice": (
        'next = "hand_over" }', 'next = "handover" }', "house.toml: nodes.greet.say.0.next: there is no node 'handover'",
    ),
    "unknown menu": ('menu = "keypad"', 'menu = "keys"', "house.toml: nodes.reason.menu: there is no node 'keys'"),
    "unknown queue of a route": (
        'person = "hello"', 'person = "hello"\nqueue = "nowhere"', "house.toml: nodes.hand_over.queue: there is no queue",
    ),
    "unknown condition": (
        'when = "known"', 'when = "rich"',
        "house.toml: nodes.greet.say.0.when: there is no fact 'rich'; there are active_orders,",
    ),
    "two kinds in one node": (
        'end = "hello"', 'end = "hello"\nroute = "intent"', "house.toml: nodes.bye: a node has exactly one of say, ask, menu,",
    ),
    "no kind at all": ('end = "hello"', "", "house.toml: nodes.bye: a node has exactly one of say, ask,"),
    "a key of another kind": (
        'end = "hello"', 'end = "hello"\ndigits = 4', "house.toml: nodes.bye.digits: a node of kind end has no",
    ),
    "a key is missing": ('confirm = "is_it"', "", "house.toml: nodes.reason: a node of kind ask needs confirm"),
    "digits are missing": ("digits = 4", "", "house.toml: nodes.number: collecting digits needs digits"),
    "too many digits": ("digits = 4", "digits = 99", "house.toml: nodes.number.digits: from 1 to 20, the smaller"),
    "no route node": (
        'route = "intent"\nprompt = "hello"\nperson = "hello"', 'end = "hello"',
        'nodes: there is no node with route = "intent": no caller could ever reach a person',
    ),
    "a question that is its own menu": (
        'menu = "keypad"', 'menu = "reason"', "house.toml: nodes.reason: the dialogue goes in a circle here without ever",
    ),
    "a menu that leads back before it waits": (
        'menu = "keypad"', 'menu = "greet"', "house.toml: nodes.reason: the dialogue goes in a circle here without ever",
    ),
    "a number that leads to itself": (
        'again = "hello"\nnext = "hand_over"\n\n[nodes.bye]', 'again = "hello"\nnext = "number"\n\n[nodes.bye]',
        "house.toml: nodes.number: the dialogue goes in a circle here without ever",
    ),
    "a label in one language only": (
        'label = { en = "Order", zh = "订单" }', 'label = { zh = "订单" }', "house.toml: nodes.number.label: has nothing in",
    ),
    "a queue's title in one language only": (
        'title = { en = "Orders", zh = "订单" }', 'title = { en = "Orders" }', "house.toml: queues.orders.title: has nothing in",
    ),
    "a circle of nodes that never wait": (
        'next = "reason"', 'next = "greet"', "house.toml: nodes.greet: the dialogue goes in a circle here without",
    ),
    "missing language": (
        'is_it = { en = ["Is it {title}?"], zh = ["是{title}吗？"] }', 'is_it = { en = ["Is it {title}?"] }',
        "house.toml: prompts.is_it: has nothing in language 'zh'",
    ),
    "no variant": ('en = ["Is it {title}?"]', "en = []", "house.toml: prompts.is_it: has nothing in language 'en'"),
    "empty prompt": ('en = ["Is it {title}?"]', 'en = [""]', "house.toml: prompts.is_it.en.0: String should have"),
    "unknown field": (
        'en = ["Is it {title}?"]', 'en = ["Is it {titel}?"]',
        "house.toml: prompts.is_it: unknown field {titel}; known are agent, digits, key, options, order, position,",
    ),
    "name with a space": ("[nodes.bye]", '[nodes."good bye"]', "house.toml: nodes.good bye.[key]: String should match pattern"),
    "no answers": (
        'yes = { en = ["yes"], zh = ["是"] }\nno = { en = ["no"], zh = ["不"] }', "", "house.toml: answers.yes: Field required",
    ),
    "no words for yes in one language": (
        'yes = { en = ["yes"], zh = ["是"] }', 'yes = { en = ["yes"] }', "house.toml: answers.yes: has nothing in language 'zh'",
    ),
}  # fmt: skip

INTENT_MISTAKES: dict[str, tuple[str, str, str]] = {
    "two intents with one key": ('key = "2"', 'key = "1"', "intents.toml: intents.hours.key: 1 is the key of late too"),
    "a key that is taken by the machine": ('key = "2"', 'key = "9"', "intents.toml: intents.hours.key: String should match"),
    "too few phrases": ('"d", "e"]', '"d"]', "intents.toml: intents.late.phrases.en: five phrases or more are needed"),
    "phrases in one language only": (
        'phrases.zh = ["一", "二", "三", "四", "五"]', "", "intents.toml: intents.late.phrases.zh: five phrases or more",
    ),
    "title in one language only": (
        'title = { en = "Late", zh = "晚" }', 'title = { en = "Late" }', "intents.toml: intents.late.title: has nothing in",
    ),
    "unknown queue": ('queue = "orders"', 'queue = "order"', "intents.toml: intents.late.queue: there is no queue 'order'"),
    "unknown node": ('node = "bye"', 'node = "buy"', "intents.toml: intents.hours.node: there is no node 'buy'"),
    "leads nowhere": ('node = "bye"', "", "intents.toml: intents.hours: needs a queue, or a node that serves it"),
    "unknown key": ('key = "2"', 'kye = "2"', "intents.toml: intents.hours.kye: unknown key"),
    "a number where words are wanted": ('["a", "b"', '[1, "b"', "intents.toml: intents.late.phrases.en.0: Input should be a"),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake_in_the_dialogue(right: str, wrong: str, sentence: str) -> None:
    assert DIALOGUE.count(right) >= 1
    assert any(problem.startswith(sentence) for problem in problems(house(DIALOGUE.replace(right, wrong, 1))))


@pytest.mark.parametrize(("right", "wrong", "sentence"), INTENT_MISTAKES.values(), ids=INTENT_MISTAKES.keys())
def test_mistake_in_an_intent(right: str, wrong: str, sentence: str) -> None:
    assert INTENTS.count(right) >= 1
    assert problems(house(intents=INTENTS.replace(right, wrong, 1)))[0].startswith(sentence)


def test_same_name_in_two_files() -> None:
    found = problems({**house(), "more.toml": INTENTS})
    assert found[:2] == [
        "more.toml: intents.late: stands in another file too; names must differ",
        "more.toml: intents.hours: stands in another file too; names must differ",
    ]


def test_dialogue_in_two_files() -> None:
    assert "zz.toml: dialogue: stands in another file too; keep one" in problems(
        {**house(), "zz.toml": '[dialogue]\nstart = "greet"\n'}
    )


@pytest.mark.parametrize("files", [{}, {"empty.toml": ""}, {"intents.toml": INTENTS}])
def test_no_dialogue_at_all(files: dict[str, str]) -> None:
    assert problems(files) == ["no file has the table [dialogue]", "no file has the table [answers]"]


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
    assert [p.rpartition(" ")[2] for p in found] == ["'a'", "'b'", "'c'"]


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
