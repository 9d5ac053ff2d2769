"""What is an agent's own: the day that survives a restart, and the lines they open with."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from ivr.calls.desk.own_day import Day
from ivr.calls.desk.own_openings import OwnOpenings
from ivr.calls.desk.ports import Worked
from ivr.calls.ports import Refused
from ivr.core.caller import AgentId
from ivr.core.language import Language
from tests.calls.exchange import ANA, BEN, FLOW, answered, gone, house, rings, told


class Book:
    """The record of one call."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[tuple[AgentId, datetime]] = []

    async def day(self, agent: AgentId, since: datetime) -> list[Worked]:
        self.asked.append((agent, since))
        if self.away:
            raise ConnectionError("away")
        passed = (("agent", BEN.id),)
        return [
            Worked("1", since, 61.0, True, "Lin Mei", "+4930901820", "late", "where is it", ("n",), "solved", passed)
        ]


class Shelf:
    """Openings that may fail to be kept."""

    def __init__(self) -> None:
        self.away = False
        self.kept: list[tuple[str, ...]] = []

    async def openings(self) -> dict[AgentId, dict[tuple[str, Language], str]]:
        return {ANA.id: {("", "en"): "{agent} here."}}

    async def set_opening(self, agent: AgentId, intent: str, language: Language, text: str) -> None:
        if self.away:
            raise ConnectionError("away")
        self.kept.append((agent, intent, language, text))


async def test_day_is_read_at_sign_in_and_told_to_that_agent_only() -> None:
    async with house() as h:
        book = Book()
        day = Day(h.desks, h.roster, lambda: FLOW, h.nursery.spawn, book)
        with h.desks.open(ANA.id) as ana, h.desks.open(BEN.id) as ben:
            told(ana), told(ben)
            for _ in range(3):
                day.changed(ANA.id, 0.01)
            await asyncio.sleep(0.1)
            assert len(book.asked) == 1, "once, however much has happened"
            news = told(ana)
            assert [m["today"] for m in news if m["type"] == "today"] == [
                {"calls": 1, "solved": 1, "talk_s": 61, "transfers": 1}
            ]
            (history,) = [m["history"] for m in news if m["type"] == "history"]
            assert history[0]["name"] == "Lin Mei" and history[0]["passed_to"] == [{"en": "Ben", "zh": "Ben"}]
            assert not [m for m in told(ben) if m["type"] in ("today", "history")]
            book.away = True
            day.changed(ANA.id, 0.01)
            await asyncio.sleep(0.1)
            assert h.roster.statuses[ANA.id].figures.calls == 1, "what was known stays"


async def test_day_that_was_read_is_not_read_again_by_itself() -> None:
    """What is read becomes the roster's figures, which the desk tells of: that must not ask for the next reading."""
    book = Book()
    async with house(book=book) as h:
        with h.desks.open(ANA.id):
            await asyncio.sleep(30)
            assert len(book.asked) == 1, "at sign-in"
            await answered(h)
            h.happens(gone(h, ANA))
            await asyncio.sleep(30)
            assert len(book.asked) == 2, "and once the conversation is over"


async def test_own_line_is_on_the_card_at_once_and_only_there() -> None:
    async with house() as h:
        h.in_queue()
        with h.desks.open(ANA.id) as ana:
            h.happens(rings(h, ANA, "orders"))
            house_line = told(ana, "card")[-1]["card"]["opening"]["en"]
            await h.desk.set_opening(ANA.id, "", "en", "Good day, {agent} speaking.")
            card = told(ana, "card")[-1]["card"]
            assert card["opening"]["en"] == "Good day, Ana speaking."
            assert card["opening_lines"]["own"] == {"en": "Good day, {agent} speaking."}
            await h.desk.set_opening(ANA.id, "", "en", "")
            assert told(ana, "card")[-1]["card"]["opening"]["en"] == house_line
        assert h.desk.openings.of(BEN.id) == {}


async def test_line_that_cannot_be_filled_in_now_gives_way_to_the_house_s() -> None:
    async with house() as h:
        h.in_queue()
        with h.desks.open(ANA.id) as ana:
            await h.desk.set_opening(ANA.id, "", "en", "About your {product}, {salutation}.")
            h.happens(rings(h, ANA, "orders"))
            card = told(ana, "card")[-1]["card"]
            assert "{" not in card["opening"]["en"]


@pytest.mark.parametrize("text", ["Hello {name}", "Hello {", "Hello {Salutation}"])
async def test_unknown_field_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(Refused, match=r"is not known; what can be filled in: \{salutation\}, \{agent\}"):
        await OwnOpenings(lambda: FLOW).put(ANA.id, "", "en", text)


async def test_unknown_reason_and_a_database_that_is_away_are_refused_in_words() -> None:
    shelf = Shelf()
    lines = OwnOpenings(lambda: FLOW, shelf)
    await lines.load()
    assert lines.of(ANA.id) == {("", "en"): "{agent} here."}
    with pytest.raises(Refused, match="no reason"):
        await lines.put(ANA.id, "nothing", "en", "Hello")
    shelf.away = True
    with pytest.raises(Refused, match="database is away"):
        await lines.put(ANA.id, "", "en", "Hello")
    assert lines.of(ANA.id) == {("", "en"): "{agent} here."}, "what could not be kept is not shown"
