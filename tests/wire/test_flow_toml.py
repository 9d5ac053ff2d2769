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
    assert [intent.key for intent in flow.keyed_intents("more")] == list("1234")


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
    "a queue that helps itself out": (
        "timeout_s = 60", 'overflow = ["orders"]', "house.toml: queues.orders.overflow: a queue cannot help itself out",
    ),
    "unknown helpers": (
        "timeout_s = 60", 'overflow = ["nobody"]', "house.toml: queues.orders.overflow: there is no queue 'nobody'",
    ),
    "help without helpers": (
        "timeout_s = 60", "overflow_s = 60", "house.toml: queues.orders.overflow_s: nobody helps out after it: name the",
    ),
    "unknown hours of a queue": (
        "timeout_s = 60", 'hours = "shop"', "house.toml: queues.orders.hours: there is no table [hours.shop]",
    ),
    "unknown queue for closed hours": (
        "timeout_s = 60", 'closed = "nobody"', "house.toml: queues.orders.closed: there is no queue 'nobody'",
    ),
    "closed without hours": (
        "timeout_s = 60", 'closed = "ivr-fallback"', "house.toml: queues.orders.closed: without hours it never closes: name a",
    ),
    "two closed queues that lead to each other": (
        "timeout_s = 60",
        'hours = "day"\nclosed = "night"\n[hours.day]\nzone = "Europe/Berlin"\nmon = "09:00-10:00"\n'
        '[queues.night]\ntitle = { en = "Night", zh = "夜" }\nhours = "day"\nclosed = "orders"',
        "house.toml: queues.night.closed: while all of them are closed, calls would be passed round in a circle",
    ),
    "a fallback queue that closes": (
        '[queues.ivr-fallback]', '[hours.day]\nzone = "Europe/Berlin"\nmon = "09:00-10:00"\n[queues.ivr-fallback]\nhours = "day"',
        "house.toml: queues.ivr-fallback.hours: the fallback queue must always take calls",
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


# -- every rule of look-ups, values, proofs, pieces and conditions: one mistake, one sentence, with its file and line

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

RULES: dict[str, tuple[str, str, str]] = {
    # -- the dialogue
    "restart": ('start = "greet"', 'restart = "grete"\nstart = "greet"', "dialogue.restart: there is no node 'grete'"),
    "person": ('start = "greet"', 'person = "nobody"\nstart = "greet"', "dialogue.person: there is no node 'nobody'"),
    "person is no route": (
        'start = "greet"', 'person = "bye"\nstart = "greet"', "dialogue.person: 'bye' is no node with route = \"intent\"",
    ),
    # -- conditions
    "no condition": (
        'when = "not open.shop"', 'when = "not open shop"',
        "which_way.branch.0.when: 'not open shop' is no condition; write",
    ),
    "a call in a condition": (
        'when = "not open.shop"', 'when = "open()"',
        "which_way.branch.0.when: 'open()': “open()” cannot stand in",
    ),
    "hours": ('when = "not open.shop"', 'when = "open.shpo"', "branch.0.when: open.shpo: there is no table [hours.shpo]"),
    "holidays": ('when = "not open.shop"', 'when = "holiday.x"', "branch.0.when: holiday.x: there is no table [hours.x]"),
    "queue": (
        'when = "not open.shop"', 'when = "queue.order.waiting > 1"',
        "branch.0.when: queue.order.waiting: there is no queue 'order'",
    ),
    "queue's field": (
        'when = "not open.shop"', 'when = "queue.orders.length > 1"',
        "branch.0.when: queue.orders.length: a queue has waiting, longest_s, free",
    ),
    "queue alone": (
        'when = "not open.shop"', 'when = "queue.orders"',
        "branch.0.when: queue.orders: a queue has waiting, longest_s",
    ),
    "slot": ('when = "not open.shop"', 'when = "slot.days"', "branch.0.when: slot.days: no node collects 'days'"),
    "result": (
        'when = "not open.shop"', 'when = "result.status.stat"',
        "branch.0.when: result.status.stat: no look-up gives 'status.stat'",
    ),
    "fact": ('when = "not open.shop"', 'when = "opened"', "branch.0.when: there is no fact 'opened'; there are active_orders,"),
    "a second fact": ('when = "not open.shop"', 'when = "known or rich"', "branch.0.when: there is no fact 'rich'"),
    "condition of a suggestion": (
        'when = "late_order" }]\n', 'when = "lateorder" }]\n',
        "else.suggest.0.when: there is no fact 'lateorder'",
    ),
    "time zone": ('zone = "Europe/Berlin"', 'zone = "Berlin"', "hours.shop: zone 'Berlin' is no time zone: give an IANA name"),
    "day": ('mon = "09:00-18:00"', 'monday = "09:00-18:00"', "hours.shop: monday is no key here: days are mon, tue"),
    # -- prompts
    "field": ("{status.state}?", "{status.stat}?", "prompts.sure: unknown field {status.stat}; known are"),
    "way of saying": ("{day:date} at", "{day:dat} at", "prompts.sure: nothing is said as 'dat'; known are amount, date, digits"),
    "field in capitals": (
        "{status.state}?", "{Status.State}?",
        "prompts.sure: a field is written {name} or {name:kind}, in small",
    ),
    "brace without its other": ("{status.state}?", "{status.state?", "prompts.sure: a field is written {name} or {name:kind}"),
    # -- look-ups
    "neither SQL nor path": ('path = "/times/{day}"\n', "", "lookups.times: needs sql or path, not both"),
    "both SQL and path": (
        'path = "/times/{day}"', 'path = "/times/{day}"\nsql = "select :day"',
        "lookups.times: needs sql or path, not both",
    ),
    "path without a slash": ('path = "/times/{day}"', 'path = "times/{day}"', "lookups.times.path: String should match pattern"),
    "what it takes": (
        'takes = ["day", "status.at"]', 'takes = ["day", "dya"]',
        "lookups.times.takes: there is no 'dya': no slot,",
    ),
    "used in the path and not taken": (
        "/times/{day}", "/times/{day}/{shop}",
        "lookups.times.takes: 'shop' is used and not taken",
    ),
    "used in the path in another spelling": (
        "/times/{day}", "/times/{day}/{status_at}",
        "times.takes: 'status_at' is used and not taken",
    ),
    "used in the path in capitals": ("/times/{day}", "/times/{Day}", "lookups.times.takes: 'Day' is used and not taken"),
    "used in SQL and not taken": ("id = :order", "id = :number", "lookups.status.takes: 'number' is used and not taken"),
    "used in SQL in capitals": ("id = :order", "id = :Order", "lookups.status.takes: 'Order' is used and not taken"),
    "its label": (
        'label = { en = "Status", zh = "状态" }', 'label = { en = "Status" }',
        "lookups.status.label: has nothing in language 'zh'",
    ),
    "method": (
        'path = "/times/{day}"', 'path = "/times/{day}"\nmethod = "FETCH"',
        "lookups.times.method: Input should be 'GET', 'POST'",
    ),
    "no time at all": (
        'path = "/times/{day}"', 'path = "/times/{day}"\ntimeout_s = 0',
        "lookups.times.timeout_s: Input should be greater",
    ),
    "retries": ('path = "/times/{day}"', 'path = "/times/{day}"\nretries = 99', "lookups.times.retries: Input should be less"),
    "what it gives": ('gives = ["at"]', 'gives = ["At"]', "lookups.times.gives.0: String should match pattern"),
    # -- nodes
    "look-up": ('look_up = "times"', 'look_up = "time"', "nodes.ask_times.look_up: there is no look-up 'time'"),
    "way of a look-up": ('empty = "day"', 'empty = "dya"', "nodes.ask_times.empty: there is no node 'dya'"),
    "filler": ('filler = "hello"', 'filler = "helo"', "nodes.where.filler: there is no prompt 'helo'"),
    "a look-up without a way out": (
        'found = "time"\nempty = "day"\nfailed = "hand_over"\n', 'found = "time"\n',
        "nodes.ask_times: a node of kind look_up needs failed",
    ),
    "branch": (
        '{ when = "not open.shop", next = "bye" }', '{ when = "not open.shop", next = "by" }',
        "which_way.branch.0.next: there is no node 'by'",
    ),
    "decision": ('yes = "shop"', 'yes = "shpo"', "nodes.agreed.yes: there is no node 'shpo'"),
    "decision's words": ('decide = "sure"', 'decide = "surely"', "there is no prompt 'surely'"),
    "call": ('call = "inner"', 'call = "iner"', "nodes.piece.call: there is no node 'iner'"),
    "back = false": ("back = true", "back = false", "nodes.return.back: Input should be True"),
    "door": (
        'also = [{ key = "8", node = "bye"', 'also = [{ key = "8", node = "buy"',
        "nodes.more.also.0.node: there is no node 'buy'",
    ),
    "door's key": (
        'also = [{ key = "8"', 'also = [{ key = "1"',
        "nodes.more.also.0.key: 1 is the key of an intent of this menu too",
    ),
    "door's key is the machine's": ('also = [{ key = "8"', 'also = [{ key = "0"', "nodes.more.also.0.key: String should match"),
    "door's title": (
        'title = { en = "Bye", zh = "再见" }', 'title = { en = "Bye" }',
        "nodes.more.also.0.title: has nothing in language 'zh'",
    ),
    "suggestion": (
        'suggest = [{ intent = "late"', 'suggest = [{ intent = "lait"',
        "nodes.else.suggest.0.intent: there is no intent 'lait'",
    ),
    "suggestion's words": (
        'intent = "late", prompt = "hello"', 'intent = "late", prompt = "hallo"',
        "nodes.else.suggest.0: there is no prompt",
    ),
    "menu that is none": (
        'menu = "more"\nnext = "hand_over"\nnothing', 'menu = "bye"\nnext = "hand_over"\nnothing',
        "nodes.else.menu: 'bye' is no keypad menu",
    ),
    "nothing": ('nothing = "bye"', 'nothing = "by"', "nodes.else.nothing: there is no node 'by'"),
    # -- values
    "kind of value": ('kind = "date"', 'kind = "day"', "nodes.day.kind: Input should be 'digits', 'number', 'date'"),
    "digits of a date": (
        'kind = "date"', 'kind = "date"\ndigits = 4',
        "nodes.day.digits: only digits have a number of digits, date has none",
    ),
    "digits in the wrong order": ("digits = 4", "digits = [8, 4]", "nodes.number.digits: from 1 to 20, the smaller number first"),
    "confirm": (
        'kind = "date"', 'kind = "date"\nconfirm = "maybe"',
        "nodes.day.confirm: one of doubtful, always, never, not 'maybe'",
    ),
    "check": ('check = "order"', 'check = "lunh"', "nodes.number.check: there is no check 'lunh'; known are no, order, luhn"),
    "check of a date": ('kind = "date"', 'kind = "date"\ncheck = "luhn"', "nodes.day.check: only digits have one, date has none"),
    "record of a date": (
        'kind = "date"', 'kind = "date"\nknown = "late_order"',
        "nodes.day.known: only digits have one, date has none",
    ),
    "names of a date": (
        'kind = "date"', 'kind = "date"\nnames_from = "times.at"',
        'nodes.day.names: date is not chosen from names; write kind = "name"',
    ),
    "kind of the names of a date": (
        'kind = "date"', 'kind = "date"\nnames_kind = "time"',
        "nodes.day.names_kind: only names have a kind of their own",
    ),
    "a name without names": (
        'names_from = "times.at"\n', "",
        "nodes.time: collecting a name needs names, or names_from, not both",
    ),
    "names twice": (
        'names_from = "times.at"', 'names_from = "times.at"\nnames = { en = ["a"], zh = ["b"] }',
        "nodes.time: collecting a name needs names, or names_from, not both",
    ),
    "names from nowhere": (
        'names_from = "times.at"', 'names_from = "times.ta"',
        "nodes.time.names_from: no look-up gives 'times.ta'",
    ),
    "names that are no field": (
        'names_from = "times.at"', 'names_from = "times"',
        "nodes.time.names_from: String should match pattern",
    ),
    "more names in one language": (
        'zh = ["柏林", "汉堡"]', 'zh = ["柏林"]',
        "nodes.shop.names: every language needs as many names",
    ),
    "names in one language": (', zh = ["柏林", "汉堡"] }', " }", "nodes.shop.names: has nothing in language 'zh'"),
    # -- proofs
    "method of proof": (
        'prove = ["pin", "code"]', 'prove = ["pin", "face"]',
        "nodes.who.prove.1: Input should be 'pin', 'last_order' or 'code'",
    ),
    "no method": ('prove = ["pin", "code"]', "prove = []", "nodes.who.prove: Tuple should have at least 1 item"),
    "words for a method": (', code = "hello" }', " }", "nodes.who.prompts: has no prompt for code"),
    "unknown words for a method": ('code = "hello" }', 'code = "hallo" }', "nodes.who.prompts.code: there is no prompt 'hallo'"),
}  # fmt: skip

INTENT_RULES: dict[str, tuple[str, str, str]] = {
    "key without its menu": ('menu = "more"', 'menu = "moer"', "intents.status.menu: no node has menu = 'moer'"),
    "one key twice in a menu": ('menu = "more"', 'menu = "intents"', "intents.status.key: 1 is the key of late too"),
    "cost": ('cost = "high"', 'cost = "dear"', "intents.status.cost: Input should be 'low' or 'high'"),
    "weight": ("weight = 0.4", "weight = 0.7", "intents.status.likely.0.weight: Input should be less than or equal to 0.6"),
    "no weight": ("weight = 0.4", "weight = 0", "intents.status.likely.0.weight: Input should be greater than 0"),
    "history": ('when = "late_order"', 'when = "lateness"', "intents.status.likely.0.when: there is no fact 'lateness'"),
    "because": (
        'because = { en = "late", zh = "晚" }', 'because = { en = "late" }',
        "status.likely.0.because: has nothing in language 'zh'",
    ),
}  # fmt: skip


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


@pytest.mark.parametrize(("right", "wrong", "sentence"), RULES.values(), ids=RULES.keys())
def test_rule(right: str, wrong: str, sentence: str) -> None:
    assert BIGGER.count(right) >= 1
    told(house(BIGGER.replace(right, wrong, 1), MORE_INTENTS), "house.toml", BIGGER, wrong, sentence)


@pytest.mark.parametrize(("right", "wrong", "sentence"), INTENT_RULES.values(), ids=INTENT_RULES.keys())
def test_rule_of_an_intent(right: str, wrong: str, sentence: str) -> None:
    assert MORE_INTENTS.count(right) == 1
    told(house(BIGGER, MORE_INTENTS.replace(right, wrong)), "intents.toml", MORE_INTENTS, wrong, sentence)


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
    assert problems({"deep.toml": "x = " + "[" * 5000 + "]" * 5000})[0].startswith("deep.toml: not TOML: ")
    deep = problems(house(DIALOGUE.replace('when = "known"', f'when = "{"not " * 5000}known"', 1)))
    assert len(deep) == 1 and "is no condition; write" in deep[0]
