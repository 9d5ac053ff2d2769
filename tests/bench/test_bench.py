"""The bench measures what it says: real recordings, real queues and intents, and a menu in which every task leads somewhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest

from ivr.bench import cost, keypad_menu, load, memory
from ivr.bench.crowd import Crowd, People, crm
from ivr.bench.menu_callers import Reached
from ivr.bench.our_callers import Timeline
from ivr.bench.quantiles import remark, spread
from ivr.bench.random_callers import DiceCaller
from ivr.bench.talk import Talk, groups, rows, summary
from ivr.bench.tasks import AT_ONCE, OPTION, SILENT, STAY_S, TASKS, Task, slug, spoken
from ivr.calls.caller.edition import Edition
from ivr.calls.live import LiveCall
from ivr.core.caller import Caller, CallId
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.messages import Started
from ivr.lab.asterisk.conf import MODULES
from ivr.server.speech.publishing import read_flow
from ivr.wire.asterisk import ami
from ivr.wire.reading.reader import SpokenReader
from ivr.wire.reading.spelling import SpokenSpeller
from tests.conftest import ROOT
from tests.web.floor_house import floor_house
from tests.web.web_fakes import ANA, PASSWORD, WEI, call_id, card, serving

FLOW = read_flow(ROOT / "dialplans")
SOUNDS = Path("/somewhere/menu")
DIALPLAN = keypad_menu.dialplan(SOUNDS)


def test_callers_over_all_reasons() -> None:
    assert len(TASKS) == len({task.name for task in TASKS}) == 25
    assert {task.intent for task in TASKS} == {None, *FLOW.intents} - {"person"}
    assert sum(task.language == "zh" for task in TASKS) == 2
    assert sum(not task.number for task in TASKS) == 1, "the one without a number is told apart by that"


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_scripts_name_what_there_is(task: Task) -> None:
    for said in task.says:
        made_here = said.startswith(("key:", "say:", OPTION)) or said == SILENT
        assert made_here or (ROOT / "audio/calls" / f"{said}.wav").is_file(), said
    assert task.intent is None or task.intent in FLOW.intents
    for place in task.place:
        assert place in (FLOW.prompts if task.settled else FLOW.queues)
    if not task.settled and task.intent:
        assert task.place == (FLOW.intents[task.intent].queue,)


def test_steps_of_the_lab_wait_for_the_machine_before_each_answer() -> None:
    task = next(task for task in TASKS if task.name == "unsure")
    steps = task.steps(Path("/made"))
    assert [step.partition(":")[0] for step in steps] == ["hush", "hush", "play", "hush", "play", "wait"]
    assert steps[-1] == f"wait:{STAY_S}" and task.turns == 2 and task.menu_turns == 3
    made = next(task for task in TASKS if task.name == "buy").steps(Path("/made"))
    assert made[1] == f"play:/made/{slug(spoken(TASKS)[0])}"
    assert "/" not in slug("say:a b/c")


def test_regulars_are_not_unsure_and_options_are_pressed_by_whoever_hears_them() -> None:
    unsure, chinese = (next(t for t in TASKS if t.name == name) for name in ("unsure", "zh-repair"))
    assert [step for step in unsure.steps(Path("/made"), at_once=True) if not step.startswith("play:")] == [
        AT_ONCE, AT_ONCE, f"wait:{STAY_S}",
    ]  # fmt: skip
    assert chinese.steps(Path("/made")) == [f"wait:{STAY_S}"], "the bench presses when the option has been read out"
    assert chinese.steps(Path("/made"), at_once=True) == [AT_ONCE, "key:4", f"wait:{STAY_S}"]


# -- the peer's dialplan, followed key by key as Asterisk would


def contexts() -> dict[str, dict[str, list[str]]]:
    """Context → extension → applications in their order."""
    found: dict[str, dict[str, list[str]]] = {}
    context = extension = ""
    for line in DIALPLAN.splitlines():
        if match := re.fullmatch(r"\[(.+)\]", line):
            context = match[1]
            assert context not in found
            found[context] = {}
        elif match := re.fullmatch(r"exten => ([^,]+),1,(.+)", line):
            extension = match[1]
            assert extension not in found[context]
            found[context][extension] = [match[2]]
        elif match := re.fullmatch(r" same => n(?:\(\w+\))?,(.+)", line):
            found[context][extension].append(match[1])
        else:
            assert not line, line
    return found


CONTEXTS = contexts()


def pressed(context: str, key: str) -> tuple[str, str]:
    """Where a key leads."""
    match = re.fullmatch(r"Goto\(([^,]+),([^,]+),1\)", CONTEXTS[context][key][0])
    assert match, (context, key)
    return match[1], match[2]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_menu_reaches_the_queue_of_each_task(task: Task) -> None:
    keys, end = keypad_menu.walk(task.menu)
    language = next(key for key, to, _ in keypad_menu.LANGUAGE_OPTIONS if to == task.language)
    context, extension = "ivr-menu", "s"
    for key in language + keys:
        assert extension == "s", "a menu, and not its end yet"
        context, extension = pressed(context, key)
    applications = CONTEXTS[context][extension]
    queue = FLOW.intents[task.intent].queue if task.intent else task.place[0]
    assert end.queue == queue, "the same queue as ours, also where ours settles the matter (opening hours have none)"
    assert any(a.startswith("Queue(" if queue else "Playback(") for a in applications)
    assert not queue or f"Queue({queue},r)" in applications
    assert any(a.startswith("Read(ORDER,") for a in applications) == bool(task.order)
    assert not task.order or re.fullmatch(r"\d{4}", task.order)


def test_every_option_is_read_out_and_its_end_is_told_by_an_event() -> None:
    for language in ("en", "zh"):
        for name, options in keypad_menu.MENUS.items():
            applications = CONTEXTS[f"ivr-menu-{language}-{name}"]["s"]
            assert applications[0] == f"UserEvent({keypad_menu.EVENT},What: menu {name})"
            for option in options:
                read = applications.index(f"Background({SOUNDS}/{language}/{option.leads})")
                assert applications[read + 1] == f"UserEvent({keypad_menu.EVENT},What: said {option.leads})"
            assert applications[-1].startswith("WaitExten(")
            assert pressed_by_all(options)


def pressed_by_all(options: tuple[keypad_menu.Option, ...]) -> bool:
    """Keys are single and each once, so that Asterisk waits for no second digit."""
    return len({o.key for o in options}) == len(options) and all(re.fullmatch(r"\d", o.key) for o in options)


def test_menu_is_one_that_shops_have() -> None:
    assert 6 <= len(keypad_menu.MENUS["main"]) <= 9
    assert {end.queue for end in keypad_menu.ENDS.values()} == {None, *FLOW.queues}
    reached = {option.leads for options in keypad_menu.MENUS.values() for option in options}
    assert reached == {*keypad_menu.ENDS, *keypad_menu.MENUS} - {"main"}
    assert "app_read" in MODULES, "what the menu asks for order numbers with"


def test_menu_is_not_walked_by_what_it_has_not() -> None:
    with pytest.raises(KeyError):
        keypad_menu.walk(("billing", "late"))


# -- figures


def test_summaries_count_only_seconds_of_those_who_came_right() -> None:
    found = {
        "a": Reached("orders", 10.0, 2, True, 6.0), "b": Reached("billing", 99.0, 1, False), "c": Reached(None, None, 1, False),
        "d": Reached("orders", 20.0, 1, True),
    }  # fmt: skip
    assert summary(found, ["a", "b", "c", "d"]) == {
        "callers": 4, "right": 2, "turns": 5, "median_s": 15.0, "p90_s": 19.0, "total_s": 30.0,
        "spoken_s": 6.0,
    }  # fmt: skip
    nobody = summary(found, ["c"])
    assert nobody["median_s"] is None and nobody["spoken_s"] is None


def test_rows_hold_every_task_and_side() -> None:
    one = {task.name: Reached("x", 1.0, 1, True) for task in TASKS}
    made = rows(Talk(one, dict(one), dict(one), dict(one)))
    assert set(made["tasks"]) == {task.name for task in TASKS}
    assert made["summary"]["all"]["expert"]["total_s"] == float(len(TASKS))
    groups_ = groups()
    assert sorted(groups_["to a queue"] + groups_["settled by the machine"]) == sorted(groups_["all"])


def test_spread_and_remark() -> None:
    assert spread([]) is None
    assert spread(range(101)) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    assert "idle" in remark(0.05) and "1.3 cores busy" in remark(1.3)


class Sounds:
    """A server whose voice takes a second for each word."""

    publisher: Sounds
    voice: Sounds

    def __init__(self) -> None:
        self.publisher = self.voice = self

    async def speak(self, text: str, language: str, recorded: str) -> bytes:
        return bytes(keypad_menu.BYTES_PER_S * len(text.split()))


async def test_sentences_follow_each_other_and_end_at_an_answer() -> None:
    began = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    ledger = Ledger(CallId(uuid4()), Caller("+4930", None, "4000"), began, "en")

    def happens(at_s: float, kind: str, **facts: object) -> None:
        ledger.add(began + timedelta(seconds=at_s), kind, **facts)

    happens(0, "rang")
    for text in ("one two", "one two three", "one two three four"):
        happens(1, "said", prompt="p", variant=0, text=text, language="en")
    happens(4, "key", digit="1", language="en")
    happens(5, "said", prompt="last", variant=0, text="one", language="en")
    happens(7, "queued", queue="orders", position=1)
    live = LiveCall(ledger.call, "Local/4000@ivr-in-1;2", ledger, Edition(FLOW, None))  # type: ignore[arg-type]
    timeline = Timeline(Sounds())  # type: ignore[arg-type]
    await timeline.update(live)
    assert [(said.begins_s, said.ends_s) for said in timeline.said] == [(1, 3), (3, 4), (4, 4), (5, 6)]
    assert timeline.queued == ("orders", 7) and timeline.spoken_s(7) == 4 and timeline.spoken_s(5.5) == 3.5


# -- load


async def test_crowd_does_what_pages_do_in_a_process_of_its_own() -> None:
    async with serving() as site, Crowd.started() as crowd:
        assert await crowd.ask("come", address=site.url, password=PASSWORD) == 0
        assert await crowd.ask("desks", logins=["wei", "ana"]) == 2
        assert await crowd.ask("stuck", logins=["wei"]) == 1
        assert site.desks.present() == {WEI, ANA}
        site.service.put(WEI, card(1))
        await site.service.until_asked("seen", WEI, CallId(UUID(call_id(1))))
        report = await crowd.ask("report")
        [ring_to_card_ms] = report.pop("cards_ms")
        assert 3_000 <= ring_to_card_ms < 10_000, "the card says that it rang three seconds ago"
        assert report == {"asked": 0, "stories": 0, "closed": 0}


async def test_crowd_that_cannot_come_is_said_so() -> None:
    async with serving() as site, Crowd.started() as crowd:
        await crowd.ask("come", address=site.url, password="wrong")
        with pytest.raises(RuntimeError, match="has ended at 'desks'"):
            await crowd.ask("desks", logins=["wei"])


async def test_crm_of_the_bench_answers_late_or_never() -> None:
    async with aiohttp.ClientSession() as http:
        async with crm(0.05) as (port, asked), http.get(f"http://127.0.0.1:{port}/c?phone=1") as answer:
            assert (await answer.json())["name"] == "Lin Mei" and asked == ["GET /c?phone=1 HTTP/1.1"]
        async with crm(None) as (port, asked):
            with pytest.raises(TimeoutError):
                await http.get(f"http://127.0.0.1:{port}/", timeout=aiohttp.ClientTimeout(0.2))
            assert asked


async def test_supervisor_of_the_crowd_has_the_newest_call_open_and_then_another(tmp_path: Path) -> None:
    async with floor_house(tmp_path) as f:
        people = People(f.site.url, PASSWORD)
        await people.open_floors(["sue"])
        calls = [f.calls.rings(CallId(uuid4()), channel=f"SIP/{number}") for number in range(2)]
        floor = people.floors["sue"]
        await f.calls.until(lambda: floor.stories)
        assert floor.opened in {str(live.id) for live in calls}
        first = next(live for live in calls if str(live.id) == floor.opened)
        f.calls.happens(ami.Gone(first.id, first.channel, "1.1", 16))
        await f.calls.until(lambda: floor.opened != str(first.id))
        await people.leave()


def test_rounds_stand_beside_the_plain_one() -> None:
    plain = load.Seen(
        load.CASES[0], [4.0] * 9, [5.0] * 9, [6.0], [500.0] * 9, [2.0] * 9, one_desk_mb=200, all_desks_mb=210
    )
    full = load.Seen(
        load.CASES[1], [8.0] * 9, [5.0] * 9, [6.0], [750.0] * 9, [3.0] * 9, one_desk_mb=200, all_desks_mb=300
    )
    rows = [plain.row(), full.row()]
    assert load.ratios(rows)[1] == {
        "card_p95": 2.0, "greeted_p50": 1.5, "greeted_p95": 1.5, "lag_p99": 1.5, "memory": 1.5,
    }  # fmt: skip
    assert rows[1]["ring_to_card_ms"] == {"p50": 8.0, "p95": 8.0, "p99": 8.0, "max": 8.0}
    assert {queue for queues in load.QUEUES for queue in queues} == set(FLOW.queues)
    keys = {intent.key for intent in FLOW.intents.values() if intent.queue}
    assert set(load.KEYS) <= keys


# -- costs


def test_no_text_is_classified_twice() -> None:
    for language in ("en", "zh"):
        texts = [h.text for said in cost.utterances(FLOW, language) for h in said]  # type: ignore[arg-type]
        assert len(texts) == len(set(texts)) > 300
        numbers = {len(said) for said in cost.utterances(FLOW, language)}  # type: ignore[arg-type]
        assert numbers == {1, 2, 3, 4}


def test_dice_callers_are_the_same_each_time_and_come_far() -> None:
    reader, speller = SpokenReader("DE", "EUR"), SpokenSpeller("DE")
    met: set[str] = set()
    for seed in range(400):
        pair = [DiceCaller(FLOW, seed, reader, speller) for _ in range(2)]
        for caller in pair:
            caller.do(Started())
            for _ in range(cost.STEPS):
                if caller.place.over:
                    break
                caller.do(caller.event())
                met.add(caller.place.node)
        assert pair[0].place == pair[1].place
    assert {"which_order", "visit_time", "move_day", "cancel_visit", "balance_who", "keypad", "anything_else"} <= met


def test_waiting_places_cost_something_and_wait_where_they_should() -> None:
    assert 0.5 < memory.places(ROOT / "dialplans", traced=True) < 50
