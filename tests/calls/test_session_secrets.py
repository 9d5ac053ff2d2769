"""What callers must not find written anywhere: secret answers, and card numbers that nobody asked for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest
from structlog.testing import capture_logs

from ivr.core.dialogue.messages import HandOver
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import CollectNode, ProofMethod
from ivr.core.language import Language
from tests.calls.caller.test_session import Talk, talking
from tests.calls.fakes import Identity, Utterance
from tests.core.bigger_house import BIGGER
from tests.core.little_house import FLOW, LIN_MEI, lin

CARD = "four two four two four two four two four two four two four two four two"
CARD_ZH = "四二四二四二四二四二四二四二四二"
DIGITS = "4242424242424242"
CARD_FLOW = replace(BIGGER, start="card")
PIN_FLOW = replace(BIGGER, start="who")


def with_node(flow: Flow, **changed: Any) -> Flow:
    """The flow with other collect nodes: ``with_node(BIGGER, card={"secret": False})``."""
    nodes = dict(flow.nodes)
    for name, values in changed.items():
        node = nodes[name]
        assert isinstance(node, CollectNode)
        nodes[name] = replace(node, **values)
    return replace(flow, nodes=nodes)


def written(talk: Talk, logs: list[Any]) -> str:
    """Everything that anybody could read afterwards."""
    ledger = talk.ledger
    entries = [
        {k: v for k, v in e.facts.items() if not k.endswith("_ms") and k != "score"}
        for e in ledger.entries
        if e.kind != "responded"
    ]
    return repr((
        entries, [line.text for line in ledger.lines], [(k.value, k.label) for k in ledger.known], ledger.words,
        ledger.understood, ledger.hand_over, logs,
    ))  # fmt: skip


def hidden(talk: Talk, logs: list[Any], *secrets: str) -> None:
    """None of the secrets, nor a row of their words, is written."""
    text = written(talk, logs)
    for secret in secrets:
        assert secret not in text
        if " " in secret:
            words = secret.split()
            for at in range(len(words) - 3):
                assert " ".join(words[at : at + 4]) not in text


# -- secret answers


async def test_secret_said_is_written_nowhere() -> None:
    with capture_logs() as logs:
        async with talking(CARD, "invoice", flow=CARD_FLOW) as talk:
            await talk.until(lambda: talk.line.talking)  # spoken over, so that somebody reads along
            speaking = asyncio.ensure_future(talk.line.caller_says(400))
            await talk.until(lambda: talk.recogniser.utterances)
            assert talk.recogniser.partial
            for words in range(1, 17):
                talk.recogniser.partial(" ".join(CARD.split()[:words]))
            await speaking
            await talk.until(lambda: talk.line.said[-1] == "else")
            await talk.prompted(2)
            await talk.line.caller_says()
            await talk.over()
            hidden(talk, logs, CARD, DIGITS)
            assert [(k.value, k.how) for k in talk.ledger.known] == [("••••", "spoken")]
            assert talk.ledger.words == "invoice"
            assert [line.text for line in talk.ledger.lines if line.speaker == "caller"] == ["••••", "invoice"]


async def test_secret_typed_is_written_nowhere_not_even_how_long_it_is() -> None:
    with capture_logs() as logs:
        async with talking(flow=CARD_FLOW) as talk:
            await talk.until(lambda: talk.line.said)
            talk.line.caller_presses(DIGITS + "#")
            await talk.until(lambda: talk.line.said[-1] == "else")
            hidden(talk, logs, DIGITS, "4242", "'4'")
            assert "key" not in talk.kinds() and not [line for line in talk.ledger.lines if line.speaker == "caller"]


async def test_half_a_secret_is_neither_said_back_nor_written() -> None:
    with capture_logs() as logs:
        async with talking("four two four two", flow=CARD_FLOW) as talk:
            await talk.prompted(1)
            await talk.line.caller_says(then_silent_ms=1500)
            await talk.until(lambda: "card again?" in talk.line.said)
            assert "std_more_digits" not in talk.line.said, "others may stand in the room"
            hidden(talk, logs, "4242", "4 2 4 2", "four two four two")


async def test_a_secret_is_not_said_back_even_where_everything_is_to_be() -> None:
    flow = with_node(CARD_FLOW, card={"check": "no", "confirm": "always"})
    with capture_logs() as logs:
        async with talking(CARD, flow=flow) as talk:
            await talk.prompted(1)
            await talk.line.caller_says()
            await talk.until(lambda: talk.line.said[-1] == "else")
            assert "std_value" not in talk.line.said
            hidden(talk, logs, CARD, DIGITS, " ".join(DIGITS), "4 2 4 2")


async def test_secret_in_a_later_sentence_is_not_written() -> None:
    prompt = replace(BIGGER.prompts["else"], variants={"en": ("Your card is {card}.",), "zh": ("{card}",)})
    flow = replace(CARD_FLOW, prompts={**BIGGER.prompts, "else": prompt})
    with capture_logs() as logs:
        async with talking(flow=flow, card_safe=False) as talk:
            await talk.until(lambda: talk.line.said)
            talk.line.caller_presses(DIGITS + "#")
            await talk.until(lambda: talk.line.said[-1] == "else")
            hidden(talk, logs, DIGITS, " ".join(DIGITS))


async def test_secret_said_twice_is_neither_written_nor_taken_for_the_next_answer() -> None:
    code = "two five eight six"
    flow = with_node(CARD_FLOW, card={"shortest": 4, "longest": 4})
    with capture_logs() as logs:
        async with talking(Utterance(code, after_s=1.5), code, "invoice", flow=flow) as talk:
            await talk.prompted(1)
            await talk.line.caller_says()
            await talk.line.caller_says()  # while the first is still being recognised
            await talk.until(lambda: talk.line.said[-1] == "else")
            await talk.prompted(2)
            await talk.line.caller_says()
            await talk.over()
            hidden(talk, logs, code, "2586")
            assert talk.decided[0][0] == HandOver("invoice", None, "understood"), "and it was no failure"


@dataclass
class Slow(Identity):
    """Looks at a PIN for a while."""

    async def check(self, customer: str, method: ProofMethod, answer: str) -> Literal["right", "wrong", "locked"]:
        await asyncio.sleep(2)
        return await super().check(customer, method, answer)


async def test_pin_is_written_nowhere_right_or_wrong() -> None:
    with capture_logs() as logs:
        async with talking("one three five seven", caller=lin(), flow=PIN_FLOW) as talk:
            await talk.until(lambda: talk.line.said == ["pin?"])
            talk.line.caller_presses("2468#")
            await talk.until(lambda: talk.line.said[-1] == "wrong")
            await talk.prompted(2)
            await talk.line.caller_says()
            await talk.until(lambda: len([k for k in talk.kinds() if k == "proof"]) >= 3, 30)
            hidden(talk, logs, "2468", "1357", "one three five seven")


async def test_rest_of_a_pin_that_comes_while_it_is_checked_is_not_written() -> None:
    """Six digits with a breath in the middle: four of them were enough to look."""
    with capture_logs() as logs:
        async with talking("one three five seven", "nine six", caller=lin(), flow=PIN_FLOW, identity=Slow()) as talk:
            await talk.prompted(1)
            await talk.line.caller_says()
            await talk.until(lambda: len(talk.recogniser.utterances) == 1 and not talk.line.talking)
            await talk.line.caller_says()
            talk.line.caller_presses("96")
            await talk.until(lambda: talk.line.said[-1] == "wrong")
            assert "nine six" not in written(talk, logs) and "key" not in talk.kinds()


# -- card numbers that nobody asked for


@pytest.mark.parametrize("card_safe", [True, False])
@pytest.mark.parametrize(("language", "said"), [("en", f"my card is {CARD}"), ("zh", f"我的卡号是{CARD_ZH}")])
async def test_card_number_said_into_an_open_question(language: Language, said: str, card_safe: bool) -> None:
    caller = lin(orders=(), customer=replace(LIN_MEI, language=language))
    number = CARD if language == "en" else CARD_ZH
    with capture_logs() as logs:
        async with talking(said, "invoice", caller=caller, card_safe=card_safe) as talk:
            await talk.until(lambda: len(talk.line.said) == 2)  # spoken over, so that somebody reads along
            speaking = asyncio.ensure_future(talk.line.caller_says(400))
            await talk.until(lambda: talk.recogniser.utterances)
            assert talk.recogniser.partial
            for end in range(1, len(said) + 1):
                talk.recogniser.partial(said[:end])
            await speaking
            await talk.until(lambda: talk.line.said[-1] == "help_again")
            text = written(talk, logs)
            assert (number not in text) is card_safe
            half = " ".join(CARD.split()[:8]) if language == "en" else CARD_ZH[:8]
            assert (half not in text) is card_safe, "nor in what was understood so far"
            assert any(entry["event"] == "hearing" for entry in logs)
            assert talk.ledger.words and ("••••" in talk.ledger.words) is card_safe


@pytest.mark.parametrize("card_safe", [True, False])
async def test_card_number_typed_where_another_number_was_asked_for(card_safe: bool) -> None:
    flow = with_node(FLOW, which_order={"shortest": 4, "longest": 20, "check": "no", "confirm": "always"})
    with capture_logs() as logs:
        async with talking("late", flow=flow, card_safe=card_safe) as talk:
            await talk.prompted(2)
            await talk.line.caller_says()
            await talk.prompted(3)
            talk.line.caller_presses(DIGITS + "#")
            await talk.over()
            text = written(talk, logs)
            assert (DIGITS not in text) is card_safe
            assert [(k.value == DIGITS) for k in talk.ledger.known] == [not card_safe]
            keys = [line.text for line in talk.ledger.lines if line.by == "keys"]
            assert keys == (["•"] * 16 + ["#"] if card_safe else [*DIGITS, "#"])


@pytest.mark.parametrize("card_safe", [True, False])
async def test_card_number_that_is_said_back(card_safe: bool) -> None:
    flow = with_node(
        replace(FLOW, prompts={**FLOW.prompts, "std_value": BIGGER.prompts["std_value"]}),
        which_order={"shortest": 4, "longest": 20, "check": "no", "confirm": "always"},
    )
    with capture_logs() as logs:
        async with talking("late", CARD, flow=flow, card_safe=card_safe) as talk:
            await talk.prompted(2)
            await talk.line.caller_says()
            await talk.prompted(3)
            await talk.line.caller_says()
            await talk.until(lambda: talk.line.said[-1] == "std_value")
            text = written(talk, logs)
            assert (DIGITS not in text and " ".join(DIGITS) not in text and CARD not in text) is card_safe


async def test_card_number_typed_into_an_open_question_is_cut_short_by_it() -> None:
    with capture_logs() as logs:
        async with talking() as talk:
            await talk.prompted(2)
            talk.line.caller_presses(DIGITS)
            await talk.until(lambda: talk.run.done() or not talk.line.talking)
            shown = [line.text for line in talk.ledger.lines if line.by == "keys" and line.text != "•"]
            assert len(shown) <= 6, "not more than of any card may be shown"
            hidden(talk, logs, DIGITS)


async def test_without_secrets_everything_is_written() -> None:
    """So that the tests above can fail."""
    with capture_logs() as logs:
        async with talking(
            "two five eight six", flow=with_node(CARD_FLOW, card={"secret": False, "shortest": 4})
        ) as talk:
            await talk.prompted(1)
            await talk.line.caller_says()
            await talk.until(lambda: talk.line.said[-1] == "else")
            assert "two five eight six" in written(talk, logs) and "2586" in written(talk, logs)
