"""Two lengths of a sentence: who knows the house hears the short one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.core.caller import Caller, Preferences
from ivr.core.dialogue.messages import Event
from ivr.core.flow.flow import Prompt
from tests.core.little_house import FLOW, START, STRANGER, heard, lin, perhaps, phoned, shown, talk, world

LONG, SHORT = {"en": ("How can I help you today?",), "zh": ("有什么可以帮您？",)}, {"en": ("Yes?",), "zh": ("请说。",)}
TWO_LENGTHS = replace(
    FLOW,
    prompts=FLOW.prompts | {"how_help": Prompt("how_help", LONG), "how_help.short": Prompt("how_help.short", SHORT)},
)
OFTEN = (phoned(30 * 24, solved=True), phoned(40 * 24, solved=True))


def said(caller: Caller, *events: Event) -> list[str]:
    """The answers of the machine, without what it listens for."""
    where = replace(world(caller), flow=TWO_LENGTHS)
    return [shown(commands).rpartition(" ")[0] for commands in talk(where, START, *events)[1]]


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        (STRANGER, "welcome how_help"),
        (lin(), "welcome_back how_help"),
        (lin(contacts=OFTEN[:1]), "welcome_back how_help"),
        (lin(contacts=OFTEN), "welcome_back how_help.short"),
        (lin(contacts=(OFTEN[0], replace(OFTEN[1], channel="mail"))), "welcome_back how_help"),
        (lin(contacts=(phoned(190 * 24), phoned(200 * 24))), "welcome_back how_help"),
    ],
    ids=["nobody we know", "never called", "called once", "called twice", "wrote once", "called long ago"],
)
def test_who_knows_the_house_hears_the_short_form(caller: Caller, asked: str) -> None:
    assert said(caller) == [asked]


def test_what_was_said_in_short_is_said_in_full_the_next_time() -> None:
    assert said(lin(contacts=OFTEN), heard("hello")) == ["welcome_back how_help.short", "how_help"]


@pytest.mark.parametrize("event", [perhaps("invoice"), heard("mumble")], ids=["denied", "not understood"])
def test_who_has_failed_hears_the_full_form(event: Event) -> None:
    later = said(lin(contacts=OFTEN), event, heard("no"))
    assert all(".short" not in one for one in later[1:])


def test_who_asked_for_slower_hears_the_full_form() -> None:
    slowly = Preferences(slow=True)
    assert said(replace(lin(contacts=OFTEN), preferences=slowly)) == ["welcome_back how_help"]
