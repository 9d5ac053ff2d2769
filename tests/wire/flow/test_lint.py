"""Each rule of the linter with a small dialogue that breaks it, and the sample shop, which breaks none that matters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.cli.check import duration
from ivr.config.load import load
from ivr.core.flow.flow import STANDARD_PROMPTS, Flow
from ivr.core.language import Language
from ivr.server.speech.publishing import read_flow
from ivr.wire.flow.lint import Finding, findings
from ivr.wire.flow.toml import read
from tests.conftest import ROOT
from tests.core.bigger_house import BIGGER
from tests.core.little_house import FLOW as LITTLE

SOUND = """
[dialogue]
start = "greet"
person = "hand_over"

[answers]
yes = { en = ["yes"], zh = ["是"] }
no = { en = ["no"], zh = ["不"] }

[hours.shop]
zone = "Europe/Berlin"
mon-fri = "09:00-18:00"

[queues.orders]
title = { en = "Orders", zh = "订单" }

[queues.ivr-fallback]
title = { en = "Front desk", zh = "前台" }

[nodes.greet]
say = [{ when = "known", prompt = "known" }, { when = "open.shop", prompt = "hello" }]
next = "reason"

[nodes.reason]
ask = "intent"
prompt = "hello"
again = "again"
confirm = "is_it"
menu = "keypad"
next = "hand_over"

[nodes.keypad]
menu = "intents"
prompt = "hello"
option = "is_it"
next = "hand_over"

[nodes.number]
collect = "number"
label = { en = "Number", zh = "号码" }
digits = 4
prompt = "hello"
again = "again"
next = "sure"

[nodes.sure]
decide = "hello"
again = "again"
yes = "do"
no = "bye"

[nodes.do]
look_up = "do"
found = "bye"
failed = "hand_over"

[lookups.do]
sql = "update orders set status = 'x' where id = :number"
takes = ["number"]
writes = true

[nodes.bye]
end = "bye"

[nodes.hand_over]
route = "intent"
prompt = "bye"
person = "bye"

[intents.change]
title = { en = "Change", zh = "修改" }
key = "1"
queue = "orders"
node = "number"
phrases.en = ["a", "b", "c", "d", "e"]
phrases.zh = ["一", "二", "三", "四", "五"]

[intents.person]
title = { en = "A person", zh = "人工" }
queue = "ivr-fallback"
phrases.en = ["f", "g", "h", "i", "j"]
phrases.zh = ["六", "七", "八", "九", "十"]

[prompts]
hello = { en = ["Hello."], zh = ["您好。"] }
known = { en = ["Hello {salutation}."], zh = ["您好。"] }
again = { en = ["Again."], zh = ["再来。"] }
bye = { en = ["Bye."], zh = ["再见。"] }
is_it = { en = ["Is it {title}?"], zh = ["是{title}吗？"] }
"""
SOUND += "".join(f'{name} = {{ en = ["{name}"], zh = ["标准"] }}\n' for name in STANDARD_PROMPTS)


def seconds(text: str, language: Language) -> float:
    """Two words or four signs a second."""
    return len(text.split()) / 2 if language == "en" else len(text) / 4


def house(*changes: tuple[str, str], more: str = "") -> Flow:
    text = SOUND
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return read({"house.toml": more + text})


def found(flow: Flow) -> list[tuple[str, str]]:
    return [(one.severity, one.path) for one in findings(flow, seconds)]


def only(flow: Flow) -> Finding:
    [one] = findings(flow, seconds)
    return one


def test_sound_dialogue_has_no_findings() -> None:
    assert findings(house(), seconds) == []


def test_sample_shop_has_no_errors_but_the_help_that_is_too_long() -> None:
    flow = read_flow(ROOT / "dialplans")
    errors = [
        one for one in findings(flow, duration(load(ROOT / "config.toml", {}), flow, ROOT)) if one.severity == "error"
    ]
    # nothing else may come; the sentence of help may become shorter at any time
    assert {one.path for one in errors} <= {"prompts.std_help.en", "prompts.std_help.zh"}, errors


@pytest.mark.parametrize("flow", [LITTLE, BIGGER])
def test_flow_that_nobody_read_from_a_file(flow: Flow) -> None:
    assert all(one.where == "" and one.path and one.what for one in findings(flow, seconds))


def test_place_and_order_are_those_of_the_file() -> None:
    flow = house(more='[nodes.b]\nend = "bye"\n[nodes.a]\nend = "bye"\n')
    assert [(one.where, one.path) for one in findings(flow, seconds)] == [
        ("house.toml:1", "nodes.b"),
        ("house.toml:3", "nodes.a"),
    ]
    flow = replace(flow, where={**flow.where, "nodes.a": "house.toml:10", "nodes.b": "house.toml:9"})
    assert [one.path for one in findings(flow, seconds)] == ["nodes.b", "nodes.a"]


# -- ways


def test_node_that_nobody_reaches() -> None:
    one = only(house(more='[nodes.island]\nsay = [{ prompt = "hello" }]\nnext = "bye"\n'))
    assert (one.severity, one.path) == ("warning", "nodes.island") and "no caller can get here" in one.what


def test_restart_person_and_intents_reach_too() -> None:
    more = "".join(f'[nodes.{name}]\nend = "bye"\n' for name in ("anew", "served"))
    more += '[nodes.other_desk]\nroute = "intent"\nprompt = "bye"\nperson = "bye"\n'
    flow = house(
        ('start = "greet"', 'start = "greet"\nrestart = "anew"'),
        ('person = "hand_over"', 'person = "other_desk"'),
        ('queue = "ivr-fallback"', 'queue = "ivr-fallback"\nnode = "served"'),
        more=more,
    )
    assert found(flow) == []


PIECE = """
[nodes.piece]
call = "inner"
next = "after"
[nodes.inner]
decide = "hello"
again = "again"
yes = "inner_end"
no = "inner_end"
[nodes.inner_end]
back = true
[nodes.after]
end = "bye"
"""


def test_called_piece_counts_and_what_is_behind_it() -> None:
    assert found(house(('no = "bye"', 'no = "piece"'), more=PIECE)) == []


def test_what_is_behind_a_piece_that_never_comes_back_is_unreachable() -> None:
    more = PIECE.replace('inner_end"\nno', 'bye"\nno').replace('no = "inner_end"', 'no = "bye"')
    flow = house(('no = "bye"', 'no = "piece"'), more=more)
    assert found(flow) == [("warning", "nodes.inner_end"), ("warning", "nodes.after")]


def test_back_without_a_call() -> None:
    one = only(house(('no = "bye"', 'no = "lost"'), more="[nodes.lost]\nback = true\n"))
    assert (one.severity, one.path) == ("warning", "nodes.lost") and "call only" in one.what


def test_question_without_a_way_out() -> None:
    more = """
[nodes.first]
collect = "first"
label = { en = "First", zh = "一" }
digits = 4
anew = true
prompt = "hello"
again = "again"
next = "second"
[nodes.second]
decide = "known"
again = "again"
yes = "first"
no = "first"
"""
    flow = house(('no = "bye"', 'no = "first"'), more=more)
    trapped = [one for one in findings(flow, seconds) if one.severity == "error"]
    assert [one.path for one in trapped] == ["nodes.first", "nodes.second"] and "route or end" in trapped[0].what
    assert found(house(('no = "bye"', 'no = "first"'), more=more.replace('no = "first"', 'no = "bye"'))) == [
        ("warning", "nodes.first.collect")
    ]


def test_choice_behind_one_without_condition() -> None:
    one = only(house(('{ when = "known", prompt = "known" }', '{ prompt = "known" }')))
    assert (one.severity, one.path) == ("warning", "nodes.greet.say.1") and "choice 2 is never taken" in one.what


def test_choice_behind_the_same_condition() -> None:
    branch = (
        '[nodes.fork]\nbranch = [{ when = "known", next = "do2" }, { when = "known", next = "bye" }]\nnext = "bye"\n'
    )
    flow = house(('no = "bye"', 'no = "fork"'), more=branch.replace("do2", "hand_over"))
    one = only(flow)
    assert one.path == "nodes.fork.branch.1" and "the same condition" in one.what


def test_change_that_was_not_asked_for() -> None:
    one = only(house(('next = "sure"', 'next = "fork"'), more=FORK))
    assert (one.severity, one.path) == ("warning", "nodes.do")
    assert "number → fork → do" in one.what
    assert found(house(('next = "sure"', 'next = "fork"'), ("writes = true", "writes = false"), more=FORK)) == []


FORK = '[nodes.fork]\nbranch = [{ when = "known", next = "sure" }]\nnext = "do"\n'


def test_question_inside_a_piece_counts_as_asked() -> None:
    flow = house(('next = "sure"', 'next = "piece"'), more=PIECE.replace('[nodes.after]\nend = "bye"', "") .replace(
        'next = "after"', 'next = "do"'))  # fmt: skip
    assert found(flow) == [("warning", "nodes.sure")], (
        "the way through the piece has asked; only the old question is left over"
    )


# -- what nothing uses


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ('[lookups.spare]\nsql = "select 1"\n', "lookups.spare"),
        ('[queues.spare]\ntitle = { en = "Spare", zh = "备" }\n', "queues.spare"),
        ('[hours.spare]\nzone = "Europe/Berlin"\nmon = "09:00-10:00"\n', "hours.spare"),
        ('[prompts.spare]\nen = ["Spare."]\nzh = ["备。"]\n', "prompts.spare"),
    ],
)
def test_spare_part(more: str, path: str) -> None:
    one = only(house(more=more))
    assert (one.severity, one.path) == ("warning", path)


def test_standard_prompts_need_nobody_who_says_them() -> None:
    assert found(house(more='[prompts.std_spare]\nen = ["Spare."]\nzh = ["备。"]\n')) == []


def test_queue_of_a_condition_is_used() -> None:
    queue = '[queues.spare-desk]\ntitle = { en = "Spare", zh = "备" }\n'
    assert found(house(('when = "known"', 'when = "queue.spare_desk.free > 0"'), more=queue)) == []


def test_queue_that_another_queue_leads_to_is_used_and_so_are_its_hours() -> None:
    more = (
        '[queues.helpers]\ntitle = { en = "H", zh = "助" }\n[queues.night]\ntitle = { en = "N", zh = "夜" }\n'
        '[hours.day]\nzone = "Europe/Berlin"\nmon = "09:00-10:00"\n'
    )
    keys = '[queues.orders]\noverflow = ["helpers"]\nhours = "day"\nclosed = "night"\n'
    assert found(house(("[queues.orders]\n", keys), more=more)) == []


def test_slot_that_nobody_uses() -> None:
    asked = '[nodes.colour]\ncollect = "colour"\nlabel = { en = "C", zh = "色" }\ndigits = 1\nprompt = "hello"\nagain = "again"\n'
    to_the_end = house(('no = "bye"', 'no = "colour"'), more=asked + 'next = "bye"\n')
    assert found(to_the_end) == [("warning", "nodes.colour.collect")]
    to_an_agent = house(('no = "bye"', 'no = "colour"'), more=asked + 'next = "hand_over"\n')
    assert found(to_an_agent) == [], "the agent reads it"
    unread = house(('no = "bye"', 'no = "colour"'), more=asked + 'secret = true\nnext = "hand_over"\n')
    assert found(unread) == [("warning", "nodes.colour.collect")], "the agent reads no secret"


# -- intents and keys


def test_intent_that_only_a_voice_reaches() -> None:
    one = only(house(('key = "1"\n', "")))
    assert (one.severity, one.path) == ("warning", "intents.change") and "presses keys" in one.what


def test_key_in_a_menu_that_keys_do_not_reach() -> None:
    menu = '[nodes.deep]\nmenu = "deep"\nprompt = "hello"\noption = "is_it"\nnext = "hand_over"\n'
    flow = house(('key = "1"', 'key = "1"\nmenu = "deep"'), ('no = "bye"', 'no = "deep"'), more=menu)
    assert found(flow) == [("warning", "intents.change")], "the menu comes behind the intent itself"
    door = 'option = "is_it"\nalso = [{ key = "8", node = "deep", title = { en = "More", zh = "更多" } }]'
    behind_a_door = house(('key = "1"', 'key = "1"\nmenu = "deep"'), ('option = "is_it"', door), more=menu)
    assert found(behind_a_door) == []


def test_intent_that_nobody_reaches_in_one_language() -> None:
    flow = house(('key = "1"\n', ""))
    mute = replace(flow.intents["change"], phrases={"en": ("a",)})
    flow = replace(flow, intents={**flow.intents, "change": mute})
    assert sorted(found(flow)) == [("error", "intents.change"), ("warning", "intents.change")]
    assert any("'zh'" in one.what for one in findings(flow, seconds))
    by_keyword = replace(mute, keywords={"zh": ("修改",)})
    assert found(replace(flow, intents={**flow.intents, "change": by_keyword})) == [("warning", "intents.change")]


def test_two_entries_on_one_key() -> None:
    doors = ", ".join(
        f'{{ key = "8", node = "{node}", title = {{ en = "D", zh = "门" }} }}' for node in ("bye", "number")
    )
    one = only(house(('option = "is_it"', f'option = "is_it"\nalso = [{doors}]')))
    assert (one.severity, one.path) == ("error", "nodes.keypad") and "the key 8" in one.what


def test_menu_with_too_many_entries() -> None:
    doors = ", ".join(
        f'{{ key = "{1 + n % 8}", node = "bye", title = {{ en = "D", zh = "门" }} }}' for n in range(1, 9)
    )
    flow = house(('option = "is_it"', f'option = "is_it"\nalso = [{doors}]'), ('key = "1"\n', 'key = "1"\nmenu = "other"\n'),
                 more='[nodes.other]\nmenu = "other"\nprompt = "hello"\noption = "is_it"\nnext = "hand_over"\n')  # fmt: skip
    assert ("error", "nodes.keypad") not in found(flow), "eight are enough"
    many = replace(flow.nodes["keypad"], doors=(*flow.nodes["keypad"].doors, *flow.nodes["keypad"].doors[:1]))  # type: ignore[union-attr,call-arg]
    flow = replace(flow, nodes={**flow.nodes, "keypad": many})
    assert any("9 entries" in one.what and one.severity == "error" for one in findings(flow, seconds))


# -- what is said


def test_prompt_that_is_too_long() -> None:
    one = only(house(('en = ["Bye."]', f'en = ["Bye.", "{"word " * 25}"]')))
    assert (one.severity, one.path) == ("error", "prompts.bye.en") and "about 12 s" in one.what
    assert found(house(('en = ["Bye."]', f'en = ["{"word " * 24}"]'))) == [], "twelve seconds are borne"


def test_fields_take_time_too() -> None:
    text = "word " * 22 + "{number}"
    assert found(house(('en = ["Bye."]', f'en = ["{text}"]'))) == [("error", "prompts.bye.en")]


def test_menu_that_is_too_long() -> None:
    doors = ", ".join(
        f'{{ key = "{n}", node = "bye", title = {{ en = "{"word " * 9}", zh = "门" }} }}' for n in range(2, 8)
    )
    one = only(house(('option = "is_it"', f'option = "is_it"\nalso = [{doors}]')))
    assert (one.severity, one.path) == ("warning", "nodes.keypad") and "more than 30 s" in one.what


def test_secret_that_is_said() -> None:
    flow = house(("digits = 4", "digits = 4\nsecret = true"), ('en = ["Bye."]', 'en = ["Bye {number}."]'))
    one = only(flow)
    assert (one.severity, one.path) == ("error", "prompts.bye") and "secret" in one.what
    opened = house(
        ("digits = 4", "digits = 4\nsecret = true"), ('queue = "orders"', 'queue = "orders"\nopening.en = "{number}"')
    )
    assert found(opened) == [("error", "intents.change.opening")]


def test_same_words_twice_in_a_row() -> None:
    one = only(house(('decide = "hello"\nagain = "again"', 'decide = "hello"\nagain = "hello"')))
    assert (one.severity, one.path) == ("warning", "nodes.sure.again") and "en, zh" in one.what
    varied = house(
        ('decide = "hello"\nagain = "again"', 'decide = "hello"\nagain = "hello"'),
        ('hello = { en = ["Hello."], zh = ["您好。"] }', 'hello = { en = ["Hello.", "Hi."], zh = ["您好。", "喂。"] }'),
    )
    assert found(varied) == []
