"""``ivr report``: from what calls leave in the database to what an operator reads."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ivr.adapters.database import DatabaseAudit, DatabaseOutcomes, DatabaseRecords, Store
from ivr.calls.agents.learning import OutcomeLearner
from ivr.calls.live import LiveCall
from ivr.calls.people.audit import AuditFilter
from ivr.calls.records import Contact
from ivr.cli.people.person import user
from ivr.cli.report import show
from ivr.core.caller import AgentId, CallId
from ivr.core.contact.entries import decision_facts, understood_facts
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.messages import HandOver
from ivr.core.flow.intent import Guess, Understood
from ivr.core.routing import Decision
from ivr.core.routing.learning import TransferReason
from ivr.lab.shop import shop
from tests.calls.fakes import edition
from tests.conftest import ROOT
from tests.core.little_house import FLOW, STRANGER

BEGAN = datetime.now(UTC) - timedelta(days=20)


def finished(
    number: int, words: str, *, wrong: str | None, solved: bool = True, why: TransferReason | None = None
) -> LiveCall:
    """A call that Ana had; ``wrong`` is the intent that it really was, and then Chen has settled it.

    With ``why`` it was in the right place, and she has passed it on for that.
    """
    at = BEGAN + timedelta(minutes=number)
    made = Ledger(CallId(UUID(int=number)), STRANGER, at, "en")

    def happens(after_s: float, kind: Any, **facts: Any) -> None:
        made.add(at + timedelta(seconds=after_s), kind, **facts)

    happens(1, "understood", **understood_facts(Understood(words, (Guess("late_delivery", 0.8),), "sure", 0.8)))
    happens(
        2,
        "decided",
        **decision_facts(Decision("orders", 0, None, (), None), HandOver("late_delivery", None, "understood")),
    )
    happens(3, "queued", queue="orders", position=1)
    happens(4, "agent_ringing", leg=f"{number}.1", agent="ana", queue="orders", by=None)
    happens(4, "carded", leg=f"{number}.1", agent="ana", missing=[] if number % 5 else ["caller"])
    happens(5, "agent_answered", leg=f"{number}.1", agent="ana")
    if wrong:
        happens(
            20,
            "passed_on",
            by="ana",
            way="blind" if why else "wrong_place",
            to_kind="queue",
            to="repairs",
            reason="" if why else wrong,
            why=why,
            brief="",
            words="",
        )
        happens(21, "agent_done", leg=f"{number}.1", agent="ana", why="hung_up", talk_s=16)
        happens(22, "agent_ringing", leg=f"{number}.2", agent="chen", queue="repairs", by=None)
        happens(25, "agent_answered", leg=f"{number}.2", agent="chen")
        happens(60, "agent_done", leg=f"{number}.2", agent="chen", why="hung_up", talk_s=35)
        happens(70, "outcome", agent="chen", outcome="solved")
    else:
        happens(60, "agent_done", leg=f"{number}.1", agent="ana", why="hung_up", talk_s=55)
        happens(70, "outcome", agent="ana", outcome="solved" if solved else "follow_up")
    happens(80, "hung_up", cause=16)
    happens(81, "closed")
    return LiveCall(made.call, "line", made, edition(FLOW))


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """A database with two weeks of calls."""
    url = f"sqlite:///{tmp_path / 'ivr.db'}"
    async with Store.opened(url) as store:
        await shop.open_shop(store, {agent.id: "correct horse" for agent in shop.AGENTS})
        lives = [finished(n, "my watch is late", wrong=None, solved=n < 12) for n in range(16)]
        lives += [finished(n, "the glass is broken", wrong="repair") for n in range(20, 24)]
        batch = [Contact(live.record(BEGAN), live.ledger.take_unwritten()) for live in lives]
        await DatabaseRecords(store).write(batch)
    return url


async def test_calls_come_back_as_what_happened_with_each_agent(url: str) -> None:
    async with Store.opened(url) as store:
        outcomes = DatabaseOutcomes(store)
        passages = await outcomes.passages(BEGAN - timedelta(days=1))
        assert len(passages) == 24
        first, second = [p for p in passages if p.contact == str(UUID(int=20))]
        assert (first.agent, first.intent, first.to_queue, first.reason, first.solved) == (
            "ana", "late_delivery", "repairs", "other_matter", None,
        )  # fmt: skip
        assert (second.agent, second.intent, second.to_queue, second.solved) == ("chen", "repair", None, True)
        assert await outcomes.passages(BEGAN + timedelta(days=1)) == []
        cards = await outcomes.cards(BEGAN)
        assert (cards.rings, cards.complete, cards.missing) == (20, 15, (("caller", 5),))


async def test_what_the_agent_said_is_why_it_was_passed_on(url: str) -> None:
    live = finished(30, "my watch is late", wrong="late_delivery", why="no_authority")
    async with Store.opened(url) as store:
        await DatabaseRecords(store).write([Contact(live.record(BEGAN), live.ledger.take_unwritten())])
        passages = await DatabaseOutcomes(store).passages(BEGAN - timedelta(days=1))
    first, second = [p for p in passages if p.contact == str(UUID(int=30))]
    assert (first.reason, first.to_queue, second.reason) == ("no_authority", "repairs", None)


async def test_the_teacher_learns_what_the_database_has(url: str) -> None:
    async with Store.opened(url) as store:
        learner = OutcomeLearner(DatabaseOutcomes(store))
        assert learner.learnt == {}
        await learner.learn()
        ana = learner.learnt[AgentId("ana"), "late_delivery"]
        assert (ana.seen, ana.settled) == (16, pytest.approx(12))
        assert learner.learnt[AgentId("chen"), "repair"].seen == 4


def config(tmp_path: Path, url: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f'[database]\nurl = "{url}"\n[dialogue]\nfolder = "{ROOT / "dialplans"}"\n')
    return path


def test_report_to_be_read(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config(tmp_path, url), 30, as_json=False) == 0
    said = capsys.readouterr().out
    assert (
        "20 had an agent." in said
        and "24 times (one that is passed on counts for each): 4 were passed on (17%)" in said
    )
    row = next(line for line in said.splitlines() if line.startswith("Late delivery"))
    assert "Ana Kovač" in row and "Repairs" in row and "20%" in row and "other_matter 4" in row
    assert "“the glass is broken” [en] → repair" in said or "No new phrases" in said
    assert "Ana Kovač settles 8 of 10 calls about “Late delivery”" in said
    assert "Card complete at ring: 15 of 20 (75.0%); missing: caller 5" in said


def test_report_for_programs(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config(tmp_path, url), 60, as_json=True) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["calls_with_agents"], said["passed_on"], said["rings"], said["cards_complete"]) == (24, 4, 20, 15)
    assert said["detours"][0]["agent"] == "ana" and said["learnt"][0]["agent"] == "ana"


def test_report_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(config(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}"), 30, as_json=False) == 0
    said = capsys.readouterr().out
    assert (
        "No agent had a call" in said and "Nothing has been learnt yet" in said and "No agent's phone has rung" in said
    )


def test_reading_it_is_in_the_trail(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def lines() -> list[tuple[str, object]]:
        async with Store.opened(url) as store:
            return [
                (one.what, one.detail) for one in await DatabaseAudit(store).page(AuditFilter("console:" + user()), 9)
            ]

    assert show(config(tmp_path, url), 7, as_json=True) == 0
    assert asyncio.run(lines())[0] == ("report.read", {"days": 7})
