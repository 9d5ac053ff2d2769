"""Mistakes in dialogues, and the whole sentence that each is told with: what is wrong, where, what would be right.

Each is a change of one of the dialogues of ``test_toml.py``; the lines are those of the dialogue after it.
"""

from __future__ import annotations

import re

import pytest

from ivr.wire.flow.toml import FlowError, read
from tests.wire.flow.test_toml import BIGGER, DIALOGUE, INTENTS, MORE_INTENTS, house


def told(files: dict[str, str]) -> list[str]:
    with pytest.raises(FlowError) as refused:
        read(files)
    return refused.value.problems


MISTAKES: dict[str, tuple[str, str, list[str]]] = {
    "unknown key of a node": (
        'end = "hello"', "end = \"hello\"\npromt = \"hello\"",
        ["house.toml:47: nodes.bye.promt: there is no such key; did you mean 'prompt'? Known here are say, ask, menu, collect, decide, branch, look_up, prove, call, back, route, end, prompt, again, confirm and 34 more"],
    ),
    "unknown key of the dialogue": (
        'start = "greet"', "start = \"greet\"\npatients = 3",
        ["house.toml:4: dialogue.patients: there is no such key; did you mean 'patience'? Known here are start, language, fallback_queue, patience, restart, person, emergency, emergencies"],
    ),
    "unknown table": (
        "[answers]", "[anwsers]\n[answers]",
        ["house.toml:5: anwsers: there is no such table; did you mean 'answers'? Known here are dialogue, answers, commands, hours, queues, lookups, intents, nodes, prompts, offers, wishes"],
    ),
    "not TOML": (
        "[answers]", "[answers",
        ["house.toml:5: not TOML: the name of a table is not closed: write ] at its end; the line is: [answers"],
    ),
    "impossible patience": (
        'start = "greet"', "start = \"greet\"\npatience = 0",
        ["house.toml:4: dialogue.patience: 0 is too small: it must be 1 or more"],
    ),
    "unknown language": (
        'start = "greet"', "start = \"greet\"\nlanguage = \"de\"",
        ["house.toml:4: dialogue.language: 'de' is none of en, zh"],
    ),
    "unknown start": (
        'start = "greet"', 'start = "great"',
        ["house.toml:3: dialogue.start: there is no node 'great'; did you mean 'greet'? Known are greet, reason, keypad, number, bye, hand_over"],
    ),
    "unknown fallback queue": (
        "[queues.ivr-fallback]", "[queues.fallback]",
        ["house.toml:2: dialogue.fallback_queue: there is no queue 'ivr-fallback'; did you mean 'fallback'? Known are orders, fallback"],
    ),
    "unknown prompt": (
        'end = "hello"', 'end = "goodbye"',
        ["house.toml:46: nodes.bye.end: there is no prompt 'goodbye'; did you mean 'std_goodbye'? Known are hello, is_it, std_no_input, std_no_match, std_too_long, std_noise, std_no_sound, std_help, std_slower, std_louder, std_nothing_back, std_start_over, std_remember, std_remembered, std_forgotten and 29 more"],
    ),
    "unknown prompt of a choice": (
        '{ prompt = "hello" }', '{ prompt = "hallo" }',
        ["house.toml:18: nodes.greet.say.1.prompt: there is no prompt 'hallo'; did you mean 'hello'? Known are hello, is_it, std_no_input, std_no_match, std_too_long, std_noise, std_no_sound, std_help, std_slower, std_louder, std_nothing_back, std_start_over, std_remember, std_remembered, std_forgotten and 29 more"],
    ),
    "unknown next": (
        'next = "reason"', 'next = "raison"',
        ["house.toml:19: nodes.greet.next: there is no node 'raison'; did you mean 'reason'? Known are greet, reason, keypad, number, bye, hand_over"],
    ),
    "unknown next of a choice": (
        'next = "hand_over" }', 'next = "handover" }',
        ["house.toml:18: nodes.greet.say.0.next: there is no node 'handover'; did you mean 'hand_over'? Known are greet, reason, keypad, number, bye, hand_over"],
    ),
    "unknown menu": (
        'menu = "keypad"', 'menu = "keys"',
        ["house.toml:26: nodes.reason.menu: there is no node 'keys'; known are greet, reason, keypad, number, bye, hand_over"],
    ),
    "unknown queue of a route": (
        'person = "hello"', "person = \"hello\"\nqueue = \"nowhere\"",
        ["house.toml:52: nodes.hand_over.queue: there is no queue 'nowhere'; known are orders, ivr-fallback"],
    ),
    "unknown condition": (
        'when = "known"', 'when = "rich"',
        ["house.toml:18: nodes.greet.say.0.when: there is no fact 'rich'; there are active_orders, calls_back, can_call_back, dnis, failures, heard, intent, known, language, late_order, late_orders, one_more, open_case, open_cases, orders, prefers_keys, proved, queue_free, queue_longest_s, queue_waiting, region, repeat_call, said_day, settled, tier, unknown, withheld, open.HOURS, open_then.HOURS, holiday.HOURS, queue.QUEUE.waiting, slot.SLOT, result.LOOKUP.FIELD"],
    ),
    "two kinds in one node": (
        'end = "hello"', "end = \"hello\"\nroute = \"intent\"",
        ["house.toml:45: nodes.bye: is route and end at once: keep one of them"],
    ),
    "no kind at all": (
        'end = "hello"', "",
        ["house.toml:45: nodes.bye: is of no kind: write one of say, ask, menu, collect, decide, branch, look_up, prove, call, back, route, end"],
    ),
    "a key of another kind": (
        'end = "hello"', "end = \"hello\"\ndigits = 4",
        ["house.toml:47: nodes.bye.digits: a node with end has no such key; it may have call_back, queue, without, elsewhere, number"],
    ),
    "a key is missing": (
        'confirm = "is_it"', "",
        ["house.toml:21: nodes.reason: a node with ask needs confirm, too"],
    ),
    "digits are missing": (
        "digits = 4", "",
        ["house.toml:35: nodes.number: digits is missing: write how many, digits = 4, or the fewest and the most, digits = [4, 8]"],
    ),
    "too many digits": (
        "digits = 4", "digits = 99",
        ["house.toml:38: nodes.number.digits: 99 digits cannot be: write 1 to 20, the smaller number first"],
    ),
    "no route node": (
        "route = \"intent\"\nprompt = \"hello\"\nperson = \"hello\"", 'end = "hello"',
        ['nodes: there is no node with route = "intent": no caller could ever reach a person'],
    ),
    "a question that is its own menu": (
        'menu = "keypad"', 'menu = "reason"',
        ["house.toml:26: nodes.reason.menu: 'reason' is no keypad menu: name a node that has menu"],
    ),
    "a menu that leads back before it waits": (
        'menu = "keypad"', 'menu = "greet"',
        ["house.toml:26: nodes.reason.menu: 'greet' is no keypad menu: name a node that has menu"],
    ),
    "a number that leads to itself": (
        "again = \"hello\"\nnext = \"hand_over\"\n\n[nodes.bye]", "again = \"hello\"\nnext = \"number\"\n\n[nodes.bye]",
        ["house.toml:35: nodes.number: the dialogue goes in a circle here without ever waiting for the caller: let a question or a menu stand in it"],
    ),
    "an empty label": (
        'label = { en = "Order", zh = "订单" }', "label = {}",
        ["house.toml:37: nodes.number.label: is empty: write what belongs there, or leave the whole node out"],
    ),
    "no sentence for a proof": (
        'end = "hello"', 'prove = ["pin"]\nprompts = {}\nagain = "hello"\nnext = "hand_over"\nfailed = "hand_over"',
        ["house.toml:47: nodes.bye.prompts: is empty: write what belongs there, or leave the whole node out"],
    ),
    "a label in one language only": (
        'label = { en = "Order", zh = "订单" }', 'label = { zh = "订单" }',
        ["house.toml:37: nodes.number.label: has nothing in language 'en': every text is needed in en and zh"],
    ),
    "a queue's title in one language only": (
        'title = { en = "Orders", zh = "订单" }', 'title = { en = "Orders" }',
        ["house.toml:10: queues.orders.title: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "a queue that helps itself out": (
        "timeout_s = 60", 'overflow = ["orders"]',
        ["house.toml:12: queues.orders.overflow.0: a queue cannot help itself out: name another, or leave it out"],
    ),
    "unknown helpers": (
        "timeout_s = 60", 'overflow = ["nobody"]',
        ["house.toml:12: queues.orders.overflow.0: there is no queue 'nobody'; known are orders, ivr-fallback"],
    ),
    "help without helpers": (
        "timeout_s = 60", "overflow_s = 60",
        ["house.toml:12: queues.orders.overflow_s: nobody helps out after it: name the queues that do in overflow"],
    ),
    "unknown hours of a queue": (
        "timeout_s = 60", 'hours = "shop"',
        ["house.toml:12: queues.orders.hours: there is no table of hours 'shop', and none at all"],
    ),
    "unknown queue for closed hours": (
        "timeout_s = 60", 'closed = "nobody"',
        ["house.toml:12: queues.orders.closed: there is no queue 'nobody'; known are orders, ivr-fallback",
         "house.toml:12: queues.orders.closed: without hours it never closes: name a table [hours.NAME] in hours"],
    ),
    "closed without hours": (
        "timeout_s = 60", 'closed = "ivr-fallback"',
        ["house.toml:12: queues.orders.closed: without hours it never closes: name a table [hours.NAME] in hours"],
    ),
    "two closed queues that lead to each other": (
        "timeout_s = 60", "hours = \"day\"\nclosed = \"night\"\n[hours.day]\nzone = \"Europe/Berlin\"\nmon = \"09:00-10:00\"\n[queues.night]\ntitle = { en = \"Night\", zh = \"夜\" }\nhours = \"day\"\nclosed = \"orders\"",
        ["house.toml:13: queues.orders.closed: while all of them are closed, calls would be passed round in a circle: name a queue that is always open; the same in house.toml:20 (queues.night.closed)"],
    ),
    "a fallback queue that closes": (
        "[queues.ivr-fallback]", "[hours.day]\nzone = \"Europe/Berlin\"\nmon = \"09:00-10:00\"\n[queues.ivr-fallback]\nhours = \"day\"",
        ["house.toml:18: queues.ivr-fallback.hours: the fallback queue must always take calls, those that nobody else takes: leave its hours out"],
    ),
    "a circle of nodes that never wait": (
        'next = "reason"', 'next = "greet"',
        ["house.toml:17: nodes.greet: the dialogue goes in a circle here without ever waiting for the caller: let a question or a menu stand in it"],
    ),
    "missing language": (
        'is_it = { en = ["Is it {title}?"], zh = ["是{title}吗？"] }', 'is_it = { en = ["Is it {title}?"] }',
        ["house.toml:55: prompts.is_it: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "no variant": (
        'en = ["Is it {title}?"]', "en = []",
        ["house.toml:55: prompts.is_it: has nothing in language 'en': every text is needed in en and zh"],
    ),
    "short form in one language": (
        'is_it = { en = ["Is it {title}?"], ', 'is_it = { short.en = "{title}?", en = ["Is it {title}?"], ',
        ["house.toml:55: prompts.is_it.short: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "short form misspelt": (
        'is_it = { en = ["Is it {title}?"], ', 'is_it = { shrot = "{title}?", en = ["Is it {title}?"], ',
        ["house.toml:55: prompts.is_it.shrot: there is no such key; did you mean 'short'? Known here are en, zh, short"],
    ),
    "short form that is no table": (
        'is_it = { en = ["Is it {title}?"], ', 'is_it = { short = "{title}?", en = ["Is it {title}?"], ',
        ["house.toml:55: prompts.is_it.short: '{title}?' is no table, and one is needed"],
    ),
    "unknown field in a short form": (
        'is_it = { en = ["Is it {title}?"], ', 'is_it = { short = { en = "{titel}?", zh = "{title}？" }, en = ["Is it {title}?"], ',
        ["house.toml:55: prompts.is_it.short.en.0: there is no value 'titel'; did you mean 'title'? Known are order, about, agent, digits, emergency, key, options, position, product, queue, said_day, salutation, title, value"],
    ),
    "empty prompt": (
        'en = ["Is it {title}?"]', 'en = [""]',
        ["house.toml:55: prompts.is_it.en.0: is empty, and something must stand here"],
    ),
    "unknown field": (
        'en = ["Is it {title}?"]', 'en = ["Is it {titel}?"]',
        ["house.toml:55: prompts.is_it.en.0: there is no value 'titel'; did you mean 'title'? Known are order, about, agent, digits, emergency, key, options, position, product, queue, said_day, salutation, title, value"],
    ),
    "name with a space": (
        "[nodes.bye]", '[nodes."good bye"]',
        ["house.toml:45: nodes.good bye: 'good bye' is not right here: write a name of letters, digits, _ and - that begins with a letter"],
    ),
    "no answers": (
        "yes = { en = [\"yes\"], zh = [\"是\"] }\nno = { en = [\"no\"], zh = [\"不\"] }", "",
        ["house.toml:5: answers.yes: is missing, and must be written; the same in house.toml:5 (answers.no)"],
    ),
    "no words for yes in one language": (
        'yes = { en = ["yes"], zh = ["是"] }', 'yes = { en = ["yes"] }',
        ["house.toml:6: answers.yes: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "a node whose name is misspelt": (
        "[nodes.hand_over]", "[nodes.hand_ovr]",
        ["house.toml:18: nodes.greet.say.0.next: there is no node 'hand_over'; did you mean 'hand_ovr'? Known are greet, reason, keypad, number, bye, hand_ovr; the same in house.toml:27 (nodes.reason.next), house.toml:33 (nodes.keypad.next), house.toml:43 (nodes.number.next)"],
    ),
    "a prompt whose name is misspelt": (
        "hello = {", "helo = {",
        ["house.toml:18: nodes.greet.say.0.prompt: there is no prompt 'hello'; did you mean 'helo'? Known are helo, is_it, std_no_input, std_no_match, std_too_long, std_noise, std_no_sound, std_help, std_slower, std_louder, std_nothing_back, std_start_over, std_remember, std_remembered, std_forgotten and 29 more; the same in house.toml:18 (nodes.greet.say.1.prompt), house.toml:23 (nodes.reason.prompt), house.toml:24 (nodes.reason.again), house.toml:31 (nodes.keypad.prompt), house.toml:41 (nodes.number.prompt) and in 4 more places"],
    ),
    "a queue whose name is misspelt": (
        "[queues.orders]", "[queues.oders]",
        ["intents.toml:7: intents.late.queue: there is no queue 'orders'; did you mean 'oders'? Known are oders, ivr-fallback"],
    ),
    "start is missing": (
        "start = \"greet\"\n", "",
        ["house.toml:2: dialogue.start: is missing, and must be written"],
    ),
    "start outside of its table": (
        "[dialogue]\nstart", "start",
        ["house.toml:2: start: stands outside of any table: write it below [dialogue]"],
    ),
    "a kind with a letter wrong": (
        'end = "hello"', 'edn = "hello"',
        ["house.toml:46: nodes.bye.edn: there is no such key; did you mean 'end'? Known here are say, ask, menu, collect, decide, branch, look_up, prove, call, back, route, end, prompt, again, confirm and 34 more"],
    ),
    "three keys are missing": (
        "again = \"hello\"\nconfirm = \"is_it\"\nmenu = \"keypad\"\n", "",
        ["house.toml:21: nodes.reason: a node with ask needs again, confirm and menu, too"],
    ),
    "a condition without quotes": (
        'when = "known"', "when = true",
        ['house.toml:18: nodes.greet.say.0.when: write a condition between quotes, as in "known and queue.orders.waiting >= 5"'],
    ),
    "digits as a text": (
        "digits = 4", 'digits = "four"',
        ["house.toml:38: nodes.number.digits: write how many digits, digits = 4, or the fewest and the most, digits = [4, 8]"],
    ),
    "digits in three numbers": (
        "digits = 4", "digits = [1, 2, 3]",
        ["house.toml:38: nodes.number.digits: write how many digits, digits = 4, or the fewest and the most, digits = [4, 8]"],
    ),
    "Spanish beside English": (
        'yes = { en = ["yes"], zh = ["是"] }', 'yes = { en = ["yes"], es = ["sí"] }',
        ["house.toml:6: answers.yes.es: 'es' is none of en, zh"],
    ),
    "typographic quotes": (
        'end = "hello"', "end = “hello”",
        ['house.toml:46: not TOML: “ is a typographic quotation mark: write " before and behind a text; the line is: end = “hello”'],
    ),
    "a full-width comma": (
        'yes = { en = ["yes"], zh', 'yes = { en = ["yes"]，zh',
        ['house.toml:6: not TOML: ， is a full-width sign, as a Chinese keyboard types it: write ,; the line is: yes = { en = ["yes"]，zh = ["是"] }'],
    ),
    "a full-width colon": (
        'end = "hello"', "end：hello",
        ["house.toml:46: not TOML: between a key and its value stands =, not ：; the line is: end：hello"],
    ),
    "a list that is not closed": (
        'say = [{ when = "known", prompt = "hello", next = "hand_over" }, { prompt = "hello" }]', 'say = [{ when = "known", prompt = "hello", next = "hand_over" }',
        ['house.toml:18: not TOML: the list that begins here is not closed: write ] at its end; the line is: say = [{ when = "known", prompt = "hello", next = "hand_over…'],
    ),
    "a text over the end of its line": (
        'end = "hello"', 'end = "hello',
        ['house.toml:46: not TOML: a text is not closed: write " at its end, too; the line is: end = "hello'],
    ),
    "a queue twice": (
        "[queues.ivr-fallback]", "[queues.orders]\n[queues.ivr-fallback]",
        ["house.toml:14: not TOML: [queues.orders] stands in line 9 already: put both together; the line is: [queues.orders]"],
    ),
    "language in words": (
        'start = "greet"', "start = \"greet\"\nlanguage = \"English\"",
        ["house.toml:4: dialogue.language: 'English' is none of en, zh"],
    ),
    "a table where a list is wanted": (
        "say = [{ when", "say = { when = \"known\" }\nsay2 = [{ when",
        ['house.toml:18: nodes.greet.say: a table is no list: write it between brackets, as in ["one", "two"]',
         "house.toml:19: nodes.greet.say2: there is no such key; did you mean 'say'? Known here are say, ask, menu, collect, decide, branch, look_up, prove, call, back, route, end, prompt, again, confirm and 34 more"],
    ),
    "zone of opening hours": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berln\"\nmon = \"09:00-10:00\"",
        ["house.toml:14: hours.day.zone: there is no time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"],
    ),
    "hours the wrong way round": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berlin\"\nmon = \"18:00-09:00\"",
        ["house.toml:15: hours.day.mon: '18:00-09:00' is the wrong way round: it opens after it closes, and past midnight hours may last 12 hours at most"],
    ),
    "hours without minutes": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berlin\"\nmon = \"9-18\"",
        ["house.toml:15: hours.day.mon: '9-18' are no hours: write \"09:00-18:00\", a list of such, or \"closed\""],
    ),
    "a holiday's country": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berlin\"\nholidays = \"Germany\"\nmon = \"09:00-10:00\"",
        ["house.toml:15: hours.day.holidays: 'Germany' is no country that is known here: write \"DE\", or with its part \"DE-HH\""],
    ),
    "a holiday's part": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berlin\"\nholidays = \"DE-HHH\"\nmon = \"09:00-10:00\"",
        ["house.toml:15: hours.day.holidays: DE has no part 'HHH'; did you mean 'HH'? It has BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, SL, SN, ST, TH, Augsburg"],
    ),
    "a day in full": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berlin\"\nmonday = \"09:00-10:00\"",
        ["house.toml:15: hours.day.monday: there is no such key; did you mean 'mon'? Days are mon, tue, wed, thu, fri, sat, sun or a range like mon-fri, other keys are zone, holidays, closed, special"],
    ),
    "a day that is none": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berlin\"\nmon = \"09:00-10:00\"\nclosed = [\"24.12.2026\"]",
        ["house.toml:16: hours.day.closed: '24.12.2026' is no day: write \"2026-12-24\""],
    ),
    "nothing is ever open": (
        "timeout_s = 60", "hours = \"day\"\n[hours.day]\nzone = \"Europe/Berlin\"",
        ['house.toml:13: hours.day: nothing is ever open: give hours to at least one day, mon = "09:00-18:00"'],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "sentences"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistake(right: str, wrong: str, sentences: list[str]) -> None:
    assert right in DIALOGUE
    assert told(house(DIALOGUE.replace(right, wrong, 1))) == sentences


INTENT_MISTAKES: dict[str, tuple[str, str, list[str]]] = {
    "two intents with one key": (
        'key = "2"', 'key = "1"',
        ["intents.toml:14: intents.hours.key: 1 is the key of 'late', too: give one of them another"],
    ),
    "a key that is taken by the machine": (
        'key = "2"', 'key = "9"',
        ["intents.toml:14: intents.hours.key: '9' is not right here: write one of the keys \"1\" to \"8\": 0, 9, * and # are the machine's own"],
    ),
    "too few phrases": (
        '"d", "e"]', '"d"]',
        ["intents.toml:4: intents.late.phrases.en: 4 are too few: write 5 phrases or more"],
    ),
    "phrases in one language only": (
        'phrases.zh = ["一", "二", "三", "四", "五"]', "",
        ["intents.toml:4: intents.late.phrases: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "title in one language only": (
        'title = { en = "Late", zh = "晚" }', 'title = { en = "Late" }',
        ["intents.toml:3: intents.late.title: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "unknown queue": (
        'queue = "orders"', 'queue = "order"',
        ["intents.toml:7: intents.late.queue: there is no queue 'order'; did you mean 'orders'? Known are orders, ivr-fallback"],
    ),
    "unknown node": (
        'node = "bye"', 'node = "buy"',
        ["intents.toml:15: intents.hours.node: there is no node 'buy'; did you mean 'bye'? Known are greet, reason, keypad, number, bye, hand_over"],
    ),
    "leads nowhere": (
        'node = "bye"', "",
        ["intents.toml:10: intents.hours: needs a queue, or a node that serves it"],
    ),
    "unknown key": (
        'key = "2"', 'kye = "2"',
        ["intents.toml:14: intents.hours.kye: there is no such key; did you mean 'key'? Known here are title, phrases, keywords, queue, node, skill, key, menu, cost, likely, opening, about, private, it"],
    ),
    "a number where words are wanted": (
        '["a", "b"', '[1, "b"',
        ["intents.toml:4: intents.late.phrases.en.0: 1 is no text: write it between quotes"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "sentences"), INTENT_MISTAKES.values(), ids=INTENT_MISTAKES.keys())
def test_mistake_in_an_intent(right: str, wrong: str, sentences: list[str]) -> None:
    assert right in INTENTS
    assert told(house(intents=INTENTS.replace(right, wrong, 1))) == sentences


RULES: dict[str, tuple[str, str, list[str]]] = {
    "restart": (
        'start = "greet"', "restart = \"grete\"\nstart = \"greet\"",
        ["house.toml:3: dialogue.restart: there is no node 'grete'; did you mean 'greet'? Known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "person": (
        'start = "greet"', "person = \"nobody\"\nstart = \"greet\"",
        ["house.toml:3: dialogue.person: there is no node 'nobody'; known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "person is no route": (
        'start = "greet"', "person = \"bye\"\nstart = \"greet\"",
        ["house.toml:3: dialogue.person: 'bye' is no node with route = \"intent\": name one that is"],
    ),
    "no condition": (
        'when = "not open.shop"', 'when = "not open shop"',
        ["house.toml:125: nodes.which_way.branch.0.when: 'not open shop' is no condition; write, for example, known and queue.orders.waiting >= 5"],
    ),
    "a call in a condition": (
        'when = "not open.shop"', 'when = "open()"',
        ["house.toml:125: nodes.which_way.branch.0.when: 'open()': “open()” cannot stand in a condition; there are facts, constants, comparisons, and, or, not"],
    ),
    "hours": (
        'when = "not open.shop"', 'when = "open.shpo"',
        ["house.toml:125: nodes.which_way.branch.0.when: there is no table of hours 'shpo'; did you mean 'shop'? Known are shop"],
    ),
    "holidays": (
        'when = "not open.shop"', 'when = "holiday.x"',
        ["house.toml:125: nodes.which_way.branch.0.when: there is no table of hours 'x'; known are shop"],
    ),
    "queue": (
        'when = "not open.shop"', 'when = "queue.order.waiting > 1"',
        ["house.toml:125: nodes.which_way.branch.0.when: there is no queue 'order'; did you mean 'orders'? Known are orders, ivr-fallback"],
    ),
    "queue's field": (
        'when = "not open.shop"', 'when = "queue.orders.length > 1"',
        ["house.toml:125: nodes.which_way.branch.0.when: queue.orders.length: a queue has waiting, longest_s and free"],
    ),
    "queue alone": (
        'when = "not open.shop"', 'when = "queue.orders"',
        ["house.toml:125: nodes.which_way.branch.0.when: queue.orders: a queue has waiting, longest_s and free"],
    ),
    "slot": (
        'when = "not open.shop"', 'when = "slot.days"',
        ["house.toml:125: nodes.which_way.branch.0.when: there is no value 'days'; did you mean 'day'? Known are order, day, time, shop, status.state, status.at, times.at"],
    ),
    "result": (
        'when = "not open.shop"', 'when = "result.status.stat"',
        ["house.toml:125: nodes.which_way.branch.0.when: there is no value 'status.stat'; did you mean 'status.state'? Known are order, day, time, shop, status.state, status.at, times.at"],
    ),
    "fact": (
        'when = "not open.shop"', 'when = "opened"',
        ["house.toml:125: nodes.which_way.branch.0.when: there is no fact 'opened'; did you mean 'open_case'? There are active_orders, calls_back, can_call_back, dnis, failures, heard, intent, known, language, late_order, late_orders, one_more, open_case, open_cases, orders, prefers_keys, proved, queue_free, queue_longest_s, queue_waiting, region, repeat_call, said_day, settled, tier, unknown, withheld, open.HOURS, open_then.HOURS, holiday.HOURS, queue.QUEUE.waiting, slot.SLOT, result.LOOKUP.FIELD"],
    ),
    "a second fact": (
        'when = "not open.shop"', 'when = "known or rich"',
        ["house.toml:125: nodes.which_way.branch.0.when: there is no fact 'rich'; there are active_orders, calls_back, can_call_back, dnis, failures, heard, intent, known, language, late_order, late_orders, one_more, open_case, open_cases, orders, prefers_keys, proved, queue_free, queue_longest_s, queue_waiting, region, repeat_call, said_day, settled, tier, unknown, withheld, open.HOURS, open_then.HOURS, holiday.HOURS, queue.QUEUE.waiting, slot.SLOT, result.LOOKUP.FIELD"],
    ),
    "condition of a suggestion": (
        "when = \"late_order\" }]\n", "when = \"lateorder\" }]\n",
        ["house.toml:206: nodes.else.suggest.0.when: there is no fact 'lateorder'; did you mean 'late_order'? There are active_orders, calls_back, can_call_back, dnis, failures, heard, intent, known, language, late_order, late_orders, one_more, open_case, open_cases, orders, prefers_keys, proved, queue_free, queue_longest_s, queue_waiting, region, repeat_call, said_day, settled, tier, unknown, withheld, open.HOURS, open_then.HOURS, holiday.HOURS, queue.QUEUE.waiting, slot.SLOT, result.LOOKUP.FIELD"],
    ),
    "time zone": (
        'zone = "Europe/Berlin"', 'zone = "Berlin"',
        ["house.toml:10: hours.shop.zone: there is no time zone 'Berlin': write a name as \"Europe/Berlin\" or \"Asia/Shanghai\""],
    ),
    "day": (
        'mon = "09:00-18:00"', 'monday = "09:00-18:00"',
        ["house.toml:11: hours.shop.monday: there is no such key; did you mean 'mon'? Days are mon, tue, wed, thu, fri, sat, sun or a range like mon-fri, other keys are zone, holidays, closed, special"],
    ),
    "field": (
        "{status.state}?", "{status.stat}?",
        ["house.toml:103: prompts.sure.en.0: there is no value 'status.stat'; did you mean 'status.state'? Known are order, day, time, shop, status.state, status.at, times.at"],
    ),
    "way of saying": (
        "{day:date} at", "{day:dat} at",
        ["house.toml:103: prompts.sure.en.0: there is no way to say a value 'dat'; did you mean 'date'? Known are amount, date, digits, name, number, phone, time"],
    ),
    "field in capitals": (
        "{status.state}?", "{Status.State}?",
        ["house.toml:103: prompts.sure.en.0: 'On {day:date} at {time:time}, {Status.State}?' has a brace too many: a field is written {name} or {name:kind}, in small letters"],
    ),
    "brace without its other": (
        "{status.state}?", "{status.state?",
        ["house.toml:103: prompts.sure.en.0: 'On {day:date} at {time:time}, {status.state?' has a brace too many: a field is written {name} or {name:kind}, in small letters"],
    ),
    "neither SQL nor path": (
        "path = \"/times/{day}\"\n", "",
        ["house.toml:112: lookups.times: needs sql or path"],
    ),
    "both SQL and path": (
        'path = "/times/{day}"', "path = \"/times/{day}\"\nsql = \"select :day\"",
        ["house.toml:114: lookups.times.sql: needs sql or path, not both: leave one out"],
    ),
    "path without a slash": (
        'path = "/times/{day}"', 'path = "times/{day}"',
        ["house.toml:113: lookups.times.path: 'times/{day}' is not right here: write a path that begins with /, as in \"/times/{day}\""],
    ),
    "what it takes": (
        'takes = ["day", "status.at"]', 'takes = ["day", "dya"]',
        ["house.toml:114: lookups.times.takes.1: there is no value 'dya'; did you mean 'day'? Known are order, day, time, shop, status.state, status.at, times.at"],
    ),
    "used in the path and not taken": (
        "/times/{day}", "/times/{day}/{shop}",
        ["house.toml:114: lookups.times.takes: 'shop' is used and not taken: write it in takes"],
    ),
    "used in the path in another spelling": (
        "/times/{day}", "/times/{day}/{status_at}",
        ["house.toml:114: lookups.times.takes: 'status_at' is used and not taken; did you mean 'status.at'?"],
    ),
    "used in the path in capitals": (
        "/times/{day}", "/times/{Day}",
        ["house.toml:114: lookups.times.takes: 'Day' is used and not taken; did you mean 'day'?"],
    ),
    "used in SQL and not taken": (
        "id = :order", "id = :number",
        ["house.toml:108: lookups.status.takes: 'number' is used and not taken: write it in takes"],
    ),
    "used in SQL in capitals": (
        "id = :order", "id = :Order",
        ["house.toml:108: lookups.status.takes: 'Order' is used and not taken; did you mean 'order'?"],
    ),
    "its label": (
        'label = { en = "Status", zh = "状态" }', 'label = { en = "Status" }',
        ["house.toml:110: lookups.status.label: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "method": (
        'path = "/times/{day}"', "path = \"/times/{day}\"\nmethod = \"FETCH\"",
        ["house.toml:114: lookups.times.method: 'FETCH' is none of GET, POST, PUT, PATCH, DELETE"],
    ),
    "no time at all": (
        'path = "/times/{day}"', "path = \"/times/{day}\"\ntimeout_s = 0",
        ["house.toml:114: lookups.times.timeout_s: 0 is too small: it must be 0.05 or more"],
    ),
    "retries": (
        'path = "/times/{day}"', "path = \"/times/{day}\"\nretries = 99",
        ["house.toml:114: lookups.times.retries: 99 is too large: it must be 5 or less"],
    ),
    "what it gives": (
        'gives = ["at"]', 'gives = ["At"]',
        ["house.toml:115: lookups.times.gives.0: 'At' is not right here: write a name of small letters, digits and _ that begins with a letter"],
    ),
    "look-up": (
        'look_up = "times"', 'look_up = "time"',
        ["house.toml:140: nodes.ask_times.look_up: there is no look-up 'time'; did you mean 'times'? Known are status, times"],
    ),
    "way of a look-up": (
        'empty = "day"', 'empty = "dya"',
        ["house.toml:142: nodes.ask_times.empty: there is no node 'dya'; did you mean 'day'? Known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "filler": (
        'filler = "hello"', 'filler = "helo"',
        ["house.toml:121: nodes.where.filler: there is no prompt 'helo'; did you mean 'hello'? Known are hello, is_it, std_no_input, std_no_match, std_too_long, std_noise, std_no_sound, std_help, std_slower, std_louder, std_nothing_back, std_start_over, std_remember, std_remembered, std_forgotten and 30 more"],
    ),
    "a look-up without a way out": (
        "found = \"time\"\nempty = \"day\"\nfailed = \"hand_over\"\n", "found = \"time\"\n",
        ["house.toml:139: nodes.ask_times: a node with look_up needs failed, too"],
    ),
    "branch": (
        '{ when = "not open.shop", next = "bye" }', '{ when = "not open.shop", next = "by" }',
        ["house.toml:125: nodes.which_way.branch.0.next: there is no node 'by'; did you mean 'bye'? Known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "decision": (
        'yes = "shop"', 'yes = "shpo"',
        ["house.toml:158: nodes.agreed.yes: there is no node 'shpo'; did you mean 'shop'? Known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "decision's words": (
        'decide = "sure"', 'decide = "surely"',
        ["house.toml:156: nodes.agreed.decide: there is no prompt 'surely'; did you mean 'sure'? Known are hello, is_it, std_no_input, std_no_match, std_too_long, std_noise, std_no_sound, std_help, std_slower, std_louder, std_nothing_back, std_start_over, std_remember, std_remembered, std_forgotten and 30 more"],
    ),
    "call": (
        'call = "inner"', 'call = "iner"',
        ["house.toml:179: nodes.piece.call: there is no node 'iner'; did you mean 'inner'? Known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "back = false": (
        "back = true", "back = false",
        ["house.toml:189: nodes.return.back: false is not right here: write true, or leave it out"],
    ),
    "door": (
        'also = [{ key = "8", node = "bye"', 'also = [{ key = "8", node = "buy"',
        ["house.toml:196: nodes.more.also.0.node: there is no node 'buy'; did you mean 'bye'? Known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "door's key": (
        'also = [{ key = "8"', 'also = [{ key = "1"',
        ["house.toml:196: nodes.more.also.0.key: 1 is the key of an intent of this menu, too: give one of them another"],
    ),
    "door's key is the machine's": (
        'also = [{ key = "8"', 'also = [{ key = "0"',
        ["house.toml:196: nodes.more.also.0.key: '0' is not right here: write one of the keys \"1\" to \"8\": 0, 9, * and # are the machine's own"],
    ),
    "door's title": (
        'title = { en = "Bye", zh = "再见" }', 'title = { en = "Bye" }',
        ["house.toml:196: nodes.more.also.0.title: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "suggestion": (
        'suggest = [{ intent = "late"', 'suggest = [{ intent = "lait"',
        ["house.toml:206: nodes.else.suggest.0.intent: there is no intent 'lait'; did you mean 'late'? Known are late, hours, status"],
    ),
    "suggestion's words": (
        'intent = "late", prompt = "hello"', 'intent = "late", prompt = "hallo"',
        ["house.toml:206: nodes.else.suggest.0.prompt: there is no prompt 'hallo'; did you mean 'hello'? Known are hello, is_it, std_no_input, std_no_match, std_too_long, std_noise, std_no_sound, std_help, std_slower, std_louder, std_nothing_back, std_start_over, std_remember, std_remembered, std_forgotten and 30 more"],
    ),
    "menu that is none": (
        "menu = \"more\"\nnext = \"hand_over\"\nnothing", "menu = \"bye\"\nnext = \"hand_over\"\nnothing",
        ["house.toml:203: nodes.else.menu: 'bye' is no keypad menu: name a node that has menu"],
    ),
    "nothing": (
        'nothing = "bye"', 'nothing = "by"',
        ["house.toml:205: nodes.else.nothing: there is no node 'by'; did you mean 'bye'? Known are greet, reason, keypad, number, bye, hand_over, where, which_way, day, ask_times, time, agreed, shop, who, piece and 4 more"],
    ),
    "kind of value": (
        'kind = "date"', 'kind = "day"',
        ["house.toml:132: nodes.day.kind: 'day' is none of digits, number, date, time, amount, phone, name"],
    ),
    "digits of a date": (
        'kind = "date"', "kind = \"date\"\ndigits = 4",
        ["house.toml:133: nodes.day.digits: only digits have a number of digits, date has none: leave it out"],
    ),
    "digits in the wrong order": (
        "digits = 4", "digits = [8, 4]",
        ["house.toml:42: nodes.number.digits: 8 to 4 digits cannot be: write 1 to 20, the smaller number first"],
    ),
    "confirm": (
        'kind = "date"', "kind = \"date\"\nconfirm = \"maybe\"",
        ["house.toml:133: nodes.day.confirm: 'maybe' is none of doubtful, always, never"],
    ),
    "check": (
        'check = "order"', 'check = "lunh"',
        ["house.toml:44: nodes.number.check: there is no check 'lunh'; did you mean 'luhn'? Known are no, order, luhn, verhoeff, mod97, mod11"],
    ),
    "check of a date": (
        'kind = "date"', "kind = \"date\"\ncheck = \"luhn\"",
        ["house.toml:133: nodes.day.check: only digits have one, date has none: leave it out"],
    ),
    "record of a date": (
        'kind = "date"', "kind = \"date\"\nknown = \"late_order\"",
        ["house.toml:133: nodes.day.known: only digits have one, date has none: leave it out"],
    ),
    "names of a date": (
        'kind = "date"', "kind = \"date\"\nnames_from = \"times.at\"",
        ['house.toml:130: nodes.day.names: date is not chosen from names; write kind = "name"'],
    ),
    "offers of a time": (
        'kind = "date"', "kind = \"time\"\noffer = \"day\"",
        ['house.toml:133: nodes.day.offer: only dates are offered, time is not: write kind = "date", or leave it out'],
    ),
    "none of a date": (
        'kind = "date"', "kind = \"date\"\nnone = \"day\"",
        ['house.toml:133: nodes.day.none: only names have none that suits, date has no names: write kind = "name", or leave it out'],
    ),
    "kind of the names of a date": (
        'kind = "date"', "kind = \"date\"\nnames_kind = \"time\"",
        ['house.toml:133: nodes.day.names_kind: only names have a kind of their own, date has none: write kind = "name", or leave it out'],
    ),
    "a name without names": (
        "names_from = \"times.at\"\n", "",
        ["house.toml:145: nodes.time: a name is chosen from some: write names or names_from"],
    ),
    "names twice": (
        'names_from = "times.at"', "names_from = \"times.at\"\nnames = { en = [\"a\"], zh = [\"b\"] }",
        ["house.toml:149: nodes.time.names: has names and names_from: keep one of them"],
    ),
    "names from nowhere": (
        'names_from = "times.at"', 'names_from = "times.ta"',
        ["house.toml:148: nodes.time.names_from: there is no value 'times.ta'; did you mean 'times.at'? Known are order, day, time, shop, status.state, status.at, times.at"],
    ),
    "names that are no field": (
        'names_from = "times.at"', 'names_from = "times"',
        ["house.toml:148: nodes.time.names_from: 'times' is not right here: write a look-up and one of its fields, as in \"times.at\""],
    ),
    "more names in one language": (
        'zh = ["柏林", "汉堡"]', 'zh = ["柏林"]',
        ["house.toml:164: nodes.shop.names: every language needs as many names as the others, in the same order"],
    ),
    "names in one language": (
        ', zh = ["柏林", "汉堡"] }', " }",
        ["house.toml:164: nodes.shop.names: has nothing in language 'zh': every text is needed in en and zh"],
    ),
    "method of proof": (
        'prove = ["pin", "code"]', 'prove = ["pin", "face"]',
        ["house.toml:172: nodes.who.prove.1: 'face' is none of pin, last_order, code"],
    ),
    "no method": (
        'prove = ["pin", "code"]', "prove = []",
        ["house.toml:172: nodes.who.prove: has too few entries: 1 or more are needed"],
    ),
    "words for a method": (
        ', code = "hello" }', " }",
        ['house.toml:173: nodes.who.prompts: has no prompt for code: write code = "PROMPT" in it'],
    ),
    "unknown words for a method": (
        'code = "hello" }', 'code = "hallo" }',
        ["house.toml:173: nodes.who.prompts.code: there is no prompt 'hallo'; did you mean 'hello'? Known are hello, is_it, std_no_input, std_no_match, std_too_long, std_noise, std_no_sound, std_help, std_slower, std_louder, std_nothing_back, std_start_over, std_remember, std_remembered, std_forgotten and 30 more"],
    ),
    "a look-up whose name is misspelt": (
        "[lookups.times]", "[lookups.tmes]",
        ["house.toml:140: nodes.ask_times.look_up: there is no look-up 'times'; did you mean 'tmes'? Known are status, tmes"],
    ),
    "a slot whose name is misspelt": (
        'collect = "day"', 'collect = "dya"',
        ["house.toml:103: prompts.sure.en.0: there is no value 'day'; did you mean 'dya'? Known are order, dya, time, shop, status.state, status.at, times.at; the same in house.toml:103 (prompts.sure.zh.0), house.toml:126 (nodes.which_way.branch.1.when), house.toml:114 (lookups.times.takes.0)"],
    ),
    "an intent's name in an offer": (
        "[nodes.more]", "[offers.refund]\ntitle = { en = \"Refund\", zh = \"退款\" }\nsay = { en = \"x\", zh = \"x\" }\nintents = [\"lait\"]\n\n[nodes.more]",
        ["house.toml:194: offers.refund.intents.0: there is no intent 'lait'; did you mean 'late'? Known are late, hours, status"],
    ),
    "an offer that costs a text": (
        "[nodes.more]", "[offers.refund]\ntitle = { en = \"Refund\", zh = \"退款\" }\nsay = { en = \"x\", zh = \"x\" }\nintents = [\"late\"]\ncost = \"5 EUR\"\n\n[nodes.more]",
        ["house.toml:195: offers.refund.cost: '5 EUR' is no number: write one without quotes, as in 0.5"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "sentences"), RULES.values(), ids=RULES.keys())
def test_rule(right: str, wrong: str, sentences: list[str]) -> None:
    assert right in BIGGER
    assert told(house(BIGGER.replace(right, wrong, 1), MORE_INTENTS)) == sentences


INTENT_RULES: dict[str, tuple[str, str, list[str]]] = {
    "key without its menu": (
        'menu = "more"', 'menu = "moer"',
        ["intents.toml:23: intents.status.menu: no node has menu = \"moer\"; did you mean 'more'?"],
    ),
    "one key twice in a menu": (
        'menu = "more"', 'menu = "intents"',
        ["intents.toml:22: intents.status.key: 1 is the key of 'late', too: give one of them another"],
    ),
    "cost": (
        'cost = "high"', 'cost = "dear"',
        ["intents.toml:24: intents.status.cost: 'dear' is none of low, high"],
    ),
    "weight": (
        "weight = 0.4", "weight = 0.7",
        ["intents.toml:25: intents.status.likely.0.weight: 0.7 is too large: it must be 0.6 or less"],
    ),
    "no weight": (
        "weight = 0.4", "weight = 0",
        ["intents.toml:25: intents.status.likely.0.weight: 0 is too small: it must be more than 0"],
    ),
    "history": (
        'when = "late_order"', 'when = "lateness"',
        ["intents.toml:25: intents.status.likely.0.when: there is no fact 'lateness'; there are active_orders, calls_back, can_call_back, dnis, failures, heard, intent, known, language, late_order, late_orders, one_more, open_case, open_cases, orders, prefers_keys, proved, queue_free, queue_longest_s, queue_waiting, region, repeat_call, said_day, settled, tier, unknown, withheld, open.HOURS, open_then.HOURS, holiday.HOURS, queue.QUEUE.waiting, slot.SLOT, result.LOOKUP.FIELD"],
    ),
    "because": (
        'because = { en = "late", zh = "晚" }', 'because = { en = "late" }',
        ["intents.toml:25: intents.status.likely.0.because: has nothing in language 'zh': every text is needed in en and zh"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "sentences"), INTENT_RULES.values(), ids=INTENT_RULES.keys())
def test_rule_of_an_intent(right: str, wrong: str, sentences: list[str]) -> None:
    assert right in MORE_INTENTS
    assert told(house(BIGGER, MORE_INTENTS.replace(right, wrong, 1))) == sentences


# -- one error for one cause, however many places it is met in


def test_dialogue_in_one_language() -> None:
    english = [
        re.sub(r',? ?zh = (\[[^\]]*\]|"[^"]*")', "", re.sub(r"phrases\.zh = .*\n", "", text))
        for text in (BIGGER, MORE_INTENTS)
    ]
    [sentence] = told(house(*english))
    assert sentence == (
        "house.toml:14: queues.orders.title: has nothing in language 'zh': every text is needed in en and zh; the same in "
        "house.toml:19 (queues.ivr-fallback.title), house.toml:6 (answers.yes), house.toml:7 (answers.no), "
        "house.toml:58 (prompts.hello), house.toml:59 (prompts.is_it) and in 57 more places"
    )


def test_language_that_there_is_not() -> None:
    [sentence] = told(house(DIALOGUE.replace("zh = ", "es = ")))
    assert sentence.startswith(
        "house.toml:6: answers.yes.es: 'es' is none of en, zh; the same in house.toml:7 (answers.no.es), "
    )


def test_standard_sentences_that_nobody_copied() -> None:
    [sentence] = told(house(re.sub(r"std_.*\n", "", DIALOGUE)))
    assert sentence.startswith("prompts: std_no_input, std_no_match, ") and sentence.endswith(
        " are missing, which every dialogue needs: the project's dialplans/standard.toml has them, copy that file beside yours"
    )
