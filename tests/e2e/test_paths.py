"""Whatever way a call takes, its context goes with it: each row of the table in docs/agents.md, on real SIP phones.

The phones are accounts of a second Asterisk. At every ring the whole card must be on the desk of whoever it rings for,
with what the one before noted and with which words they passed it on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ivr.adapters.asterisk.witness import NotDone
from ivr.adapters.database import DatabaseAccounts, Store
from ivr.lab.asterisk.callers import Lab
from ivr.lab.asterisk.phones import PhoneBank
from ivr.lab.asterisk.private import PrivateAsterisk
from ivr.lab.desk_client import DeskClient
from ivr.lab.shop import shop
from ivr.server.app import running
from tests.conftest import PATIENCE_S, ROOT, RealParts
from tests.e2e.conftest import PASSWORD, House, fill, settings, until

PHONES = {"ana": "1001", "ben": "1002", "chen": "1003"}
SETTINGS: dict[str, dict[str, Any]] = {"desk": {"outside": ["+49"]}}
NOTE, BRIEF = "Promised a call by six", "Wants the money back, not a new date"


@pytest.fixture(scope="module")
def bank(asterisk: PrivateAsterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PhoneBank]:
    with PhoneBank(asterisk, tmp_path_factory.mktemp("phones")) as made:
        yield made


@dataclass(slots=True)
class Floor:
    """A house with three agents at their desks and real phones."""

    house: House
    bank: PhoneBank
    desks: dict[str, DeskClient]
    folder: Path
    asked: int = 0
    channels: dict[str, str] = field(default_factory=dict)

    async def call(self, *says: str) -> str:
        """Ms Lin rings in, by default with a key, which is quick; the id of the call once it is decided where it goes."""
        self.house.say(*(says or ("key:1",)), name="")
        await self.house.happened("decided", 45)
        return str(self.house.call.id)

    async def rings(self, agent: str) -> dict[str, Any]:
        """The phone of that agent rings; the card that was on the desk at that moment."""
        self.channels[agent] = await asyncio.to_thread(self.bank.rings, PHONES[agent], 30)
        await until(lambda: self.state(agent) == "ringing", 2, f"no card at {agent}'s ring")
        card = self.card(agent)
        assert not card["missing"], card["missing"]
        assert card["why"]["intent"] and card["who"]["name"].startswith("Lin Mei"), self.house.story()
        return card

    async def rings_for(self, *agents: str) -> tuple[str, dict[str, Any]]:
        """The phone of one of them rings; who, and the card."""
        await until(lambda: any(self.state(one) == "ringing" for one in agents), 20, f"none of {agents} rings")
        who = next(one for one in agents if self.state(one) == "ringing")
        return who, await self.rings(who)

    async def rings_for_anna(self, *agents: str) -> tuple[str, dict[str, Any]]:
        """A phone of one of them rings with whatever call there is; who, and the card."""
        await until(lambda: any(self.latest(one) for one in agents), 20, f"none of {agents} rings")
        who = next(one for one in agents if self.latest(one))
        self.channels[who] = await asyncio.to_thread(self.bank.rings, PHONES[who], 20)
        return who, self.latest(who) or {}

    def latest(self, agent: str) -> dict[str, Any] | None:
        """The card that came to a desk last, if it rings."""
        cards = [m["card"] for m in self.desks[agent].messages if m["type"] == "card"]
        return cards[-1] if cards and cards[-1]["state"] == "ringing" else None

    async def answers(self, agent: str) -> None:
        before = len(self.house.kinds("agent_answered"))
        try:
            await asyncio.to_thread(self.bank.answers, self.channels[agent])
        except NotDone:
            # that ring was over, as one is after some seconds of a busy machine: the queue lets it ring anew
            self.channels[agent] = await asyncio.to_thread(self.bank.rings, PHONES[agent], 20)
            await asyncio.to_thread(self.bank.answers, self.channels[agent])
        await self.house.happened("agent_answered", 10, before + 1)
        await self.on_desk(agent, "connected")

    async def hangs_up(self, agent: str) -> None:
        await asyncio.to_thread(self.bank.hangs_up, self.channels[agent])

    async def refuses(self, agent: str) -> None:
        """A phone that rings is put down; the card goes, though the queue may bring it back the next moment."""
        before = self.withdrawn(agent)
        await self.hangs_up(agent)
        await until(lambda: self.withdrawn(agent) > before, 8, f"the card stays at {agent}")

    def withdrawn(self, agent: str) -> int:
        """How often the card has been taken from a desk."""
        call = str(self.house.call.id)
        return sum(m["type"] == "withdraw" and m["call"] == call for m in self.desks[agent].messages)

    async def on_desk(self, agent: str, state: str | None) -> None:
        """What stands on a desk in the end; None: nothing."""
        await until(lambda: self.state(agent) == state, 8, lambda: f"{agent} has {self.state(agent)}, not {state}")

    def state(self, agent: str) -> str | None:
        call = str(self.house.call.id)
        for message in reversed(self.desks[agent].messages):
            if message["type"] == "card" and message["card"]["call"] == call:
                return str(message["card"]["state"])
            if message["type"] == "withdraw" and message["call"] == call:
                return None
        return None

    def card(self, agent: str) -> dict[str, Any]:
        """The card as it stands on a desk now."""
        call = str(self.house.call.id)
        cards = [m["card"] for m in self.desks[agent].messages if m["type"] == "card" and m["card"]["call"] == call]
        return dict(cards[-1])

    async def shows(self, agent: str, **wanted: Any) -> None:
        """What stands on the card of a desk in a moment: an answer to a desk and the news of it are told apart."""
        there = lambda: {key: self.card(agent)[key] for key in wanted}  # noqa: E731
        await until(lambda: there() == wanted, 5, lambda: f"{agent} has {there()}, not {wanted}")

    def shown(self, agent: str) -> list[dict[str, Any]]:
        """Every card that came to a desk, also with its first message."""
        found = list(self.desks[agent].hello["cards"])
        for message in self.desks[agent].messages:
            found += message["cards"] if message["type"] == "hello" else []
            found += [message["card"]] if message["type"] == "card" else []
        return found

    async def asks(self, agent: str, kind: str, **more: Any) -> None:
        """The desk asks for something, and it is done."""
        self.asked += 1
        desk, number = self.desks[agent], self.asked
        await desk.socket.send_json({"type": kind, "id": number, "call": str(self.house.call.id), **more})
        answer = lambda: next((m for m in desk.messages if m["type"] == "ack" and m["id"] == number), None)  # noqa: E731
        await until(answer, 5, f"{kind} was not acknowledged")
        assert answer()["ok"], answer()  # type: ignore[index]

    async def passes(self, agent: str, kind: str, name: str, consult: bool = False) -> None:
        await self.asks(agent, "note", text=NOTE)
        to = {"kind": kind, "name": name}
        await self.asks(agent, "transfer", to=to, consult=consult, brief=BRIEF, words="", why="no_authority")

    async def talking_with(self, agent: str, *says: str) -> str:
        call = await self.call(*says)
        await self.rings(agent)
        await self.answers(agent)
        return call

    def bridged(self, agent: str) -> bool:
        """Whether Asterisk, by the witness, has that phone in a bridge with the caller at this moment."""
        bridges = self.bridges()
        mine = next((b for name, b in bridges.items() if name.startswith(f"PJSIP/{PHONES[agent]}-")), "")
        return bool(mine) and mine == bridges.get(self.house.call.channel, "")

    def with_somebody(self) -> bool:
        """Whether the caller is in a bridge with anybody."""
        bridges = self.bridges()
        mine = bridges.get(self.house.call.channel, "")
        return bool(mine) and sum(one == mine for one in bridges.values()) > 1

    def bridges(self) -> dict[str, str]:
        """The bridge that each channel is in, by the witness."""
        listed = self.house.lab.listing("CoreShowChannels", "CoreShowChannel", within_s=PATIENCE_S)
        return {event["Channel"]: event.get("BridgeId", "") for event in listed}

    async def together(self, agent: str) -> None:
        """Asterisk itself has caller and agent in one bridge."""
        await until(lambda: self.bridged(agent), 8, f"the caller does not hear {agent}")


def after(card: dict[str, Any], agent: str = "Ana Kovač", note: str = NOTE, brief: str = BRIEF) -> None:
    """The card has what the agent before has left."""
    assert card["brief"]["by"] == agent and card["brief"]["text"] == brief
    assert card["brief"]["words"] == (card["why"]["words"] or "")
    station = next(one for one in card["journey"] if one["name"] == agent)
    assert station["answered"] and station["notes"] == ([note] if note else [])


@pytest.fixture
async def floor(
    asterisk: PrivateAsterisk, lab: Lab, bank: PhoneBank, tmp_path: Path, real_parts: RealParts
) -> AsyncIterator[Floor]:
    async with AsyncExitStack() as stack:
        made = await open_floor(stack, asterisk, lab, bank, tmp_path)
        real_parts.used("SIP phones", "as agents")
        yield made
        await asyncio.to_thread(bank.hang_up_everything)


async def open_floor(
    stack: AsyncExitStack,
    asterisk: PrivateAsterisk,
    lab: Lab,
    bank: PhoneBank,
    folder: Path,
    changes: dict[str, dict[str, Any]] | None = None,
) -> Floor:
    """The server with its agents on SIP phones, each at their desk; ``changes`` are settings by table."""
    config = settings(asterisk, folder, SETTINGS | (changes or {}))
    await fill(config)
    store = Store(config.database.url)
    for agent in shop.AGENTS:
        # the password hash that is there stays
        account = await DatabaseAccounts(store).account(agent.id)
        assert account
        on_sip = replace(agent, interface=f"PJSIP/{PHONES[agent.id]}")
        await DatabaseAccounts(store).save(on_sip, agent.id, account.password_hash)
    await store.close()
    made = await again(stack, asterisk, lab, bank, folder, changes)
    # a phone of the test before is told to be in use for a moment after its call is gone
    free = lambda: all(status.state == "available" for status in made.house.server.roster.statuses.values())  # noqa: E731
    await until(free, 10, "the agents' phones are not free")
    return made


async def again(
    stack: AsyncExitStack,
    asterisk: PrivateAsterisk,
    lab: Lab,
    bank: PhoneBank,
    folder: Path,
    changes: dict[str, dict[str, Any]] | None = None,
) -> Floor:
    """The same house, after a restart of the server or at its first start."""
    config = settings(asterisk, folder, SETTINGS | (changes or {}))
    server = await stack.enter_async_context(running(config, asterisk.secret, ROOT))
    await until(lambda: server.link.connected, 10, "the server did not reach Asterisk")
    house = House(asterisk, server, lab)
    server.calls.subscribe(house.note)
    address = f"http://127.0.0.1:{server.web_port}"
    desks = {
        agent.id: await stack.enter_async_context(DeskClient.signed_in(address, agent.id, PASSWORD))
        for agent in shop.AGENTS
    }
    free = lambda: all(status.queues for status in server.roster.statuses.values())  # noqa: E731
    await until(free, 10, "the agents are not in their queues")
    return Floor(house, bank, {str(name): desk for name, desk in desks.items()}, folder)


# -- hold


async def test_hold_and_back(floor: Floor) -> None:
    await floor.talking_with("ana")
    for _ in range(2):
        await floor.asks("ana", "hold")
        await floor.shows("ana", held=True)
        await until(lambda: not floor.bridged("ana"), 5, "the caller still hears the agent")
        await floor.asks("ana", "resume")
        await floor.together("ana")
        await until(lambda: floor.card("ana")["held"] is False, 5, "still held")
    await floor.hangs_up("ana")
    await floor.on_desk("ana", "wrap_up")


async def test_agent_who_is_gone_while_the_caller_is_held_gives_the_call_back(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.asks("ana", "note", text=NOTE)
    await floor.asks("ana", "hold")
    await floor.hangs_up("ana")
    who, card = await floor.rings_for("ana", "ben")
    assert card["journey"][0]["notes"] == [NOTE]
    if who == "ben":
        assert card["brief"]["way"] == "agent_gone"
    await floor.answers(who)
    await floor.together(who)


# -- passing on without asking


@pytest.mark.parametrize(
    ("kind", "name", "who"),
    [("agent", "ben", "ben"), ("queue", "billing", "ben"), ("queue", "repairs", "chen"), ("region", "Hamburg", "ben")],
)
async def test_passed_on_to(floor: Floor, kind: str, name: str, who: str) -> None:
    await floor.talking_with("ana", "late-watch")
    await floor.passes("ana", kind, name)
    card = await floor.rings(who)
    after(card)
    assert card["brief"]["why"] == "no_authority"
    await floor.on_desk("ana", None)
    await floor.answers(who)
    await floor.together(who)
    await until(lambda: floor.card(who)["journey"][0]["name"] == "Ana Kovač", 5, "the journey is not told")


async def test_passed_on_to_a_number_outside_and_back_when_nobody_answers(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.asks("ana", "transfer", to={"kind": "outside", "name": "+492001"}, consult=False, brief=BRIEF, words="")
    outside = await asyncio.to_thread(floor.bank.rings, "2001")
    await floor.on_desk("ana", None)
    await asyncio.to_thread(floor.bank.hangs_up, outside)
    _, card = await floor.rings_for("ana", "ben")
    assert card["journey"][0]["brief"] == BRIEF


async def test_passed_on_to_a_number_outside_and_answered_there_is_no_caller_who_gave_up(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "outside", "+492001")
    channel = await asyncio.to_thread(floor.bank.rings, "2001", 20)
    await asyncio.to_thread(floor.bank.answers, channel)
    await floor.house.happened("outside_answered", 10)
    live = floor.house.call
    await until(floor.with_somebody, 8, "the caller does not hear them")
    await asyncio.to_thread(floor.bank.hangs_up, channel)
    await floor.house.happened("hung_up", 10)
    waits = live.record(floor.house.server.calls.now())["waits"]
    assert [wait["answered"] for wait in waits] == [True, True]


async def test_wrong_place_is_one_click_and_corrects_the_reason(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.asks("ana", "wrong_place", intent="repair", brief="The glass is broken")
    card = await floor.rings("chen")
    after(card, note="", brief="The glass is broken")
    assert (card["why"]["intent"], card["why"]["certainty"]) == ("repair", "agent")
    assert card["queue"]["name"] == "repairs"
    await floor.on_desk("ana", None)


async def test_phone_s_own_blind_transfer(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.asks("ana", "note", text=NOTE)
    await asyncio.to_thread(floor.bank.transfers, floor.channels["ana"], "1002")
    card = await floor.rings("ben")
    after(card, brief="")
    assert card["brief"]["way"] == "phone"
    await floor.answers("ben")
    await floor.on_desk("ana", "wrap_up")
    await floor.together("ben")


async def test_phone_s_own_transfer_to_a_number_of_the_house_goes_on_with_the_contact(floor: Floor) -> None:
    call = await floor.talking_with("ana")
    await floor.asks("ana", "note", text=NOTE)
    await asyncio.to_thread(floor.bank.transfers, floor.channels["ana"], "4000")
    await floor.house.happened("joined", 20, 2)
    assert [str(one) for one in floor.house.server.calls] == [call], "no second contact"
    await floor.asks("ana", "close", outcome="wrong_place", note="")
    caller = floor.house.call.channel.removesuffix("2") + "1"
    await asyncio.to_thread(floor.house.lab.act, "PlayDTMF", Channel=caller, Digit="1")
    who, card = await floor.rings_for("ana", "ben", "chen")
    assert NOTE in str(card["journey"])
    await floor.answers(who)
    await asyncio.to_thread(floor.house.lab.act, "Hangup", Channel=caller)
    await floor.on_desk(who, "wrap_up")
    await floor.asks(who, "close", outcome="solved", note="")
    await floor.house.happened("closed", 10)
    assert not floor.house.server.calls


# -- consulting


async def test_consulted_and_completed(floor: Floor) -> None:
    await floor.talking_with("ana", "late-watch")
    await floor.passes("ana", "agent", "ben", consult=True)
    card = await floor.rings("ben")
    after(card)
    assert card["asked_by"] == "Ana Kovač"
    await floor.answers("ben")
    await floor.shows("ana", consulting="Ben Okafor", held=True)
    await floor.asks("ana", "complete")
    await floor.together("ben")
    await floor.on_desk("ana", None)
    await floor.on_desk("ben", "connected")
    await floor.hangs_up("ben")
    await floor.on_desk("ben", "wrap_up")
    await floor.house.happened("hung_up", 10)


async def test_consulted_and_completed_by_hanging_up_without_the_server(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "agent", "ben", consult=True)
    await floor.rings("ben")
    await floor.answers("ben")
    await floor.hangs_up("ana")
    await floor.together("ben")
    await floor.on_desk("ana", "wrap_up")


async def test_consulted_and_cancelled_while_it_rings_and_while_they_talk(floor: Floor) -> None:
    await floor.talking_with("ana")
    for talks in (False, True):
        await floor.passes("ana", "agent", "ben", consult=True)
        await floor.rings("ben")
        if talks:
            await floor.answers("ben")
        await floor.asks("ana", "resume")
        await floor.together("ana")
        await floor.on_desk("ben", "wrap_up" if talks else None)
        await floor.shows("ana", consulting=None)
        await until(lambda: floor.card("ana")["held"] is False, 5, "still held")


async def test_consultation_that_is_refused_brings_the_caller_back(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "agent", "ben", consult=True)
    await floor.rings("ben")
    await floor.hangs_up("ben")
    await floor.together("ana")
    await floor.on_desk("ben", None)
    await floor.on_desk("ana", "connected")


async def test_hanging_up_while_the_colleague_rings_sends_the_caller_there(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "agent", "ben", consult=True)
    await floor.rings("ben")
    await floor.hangs_up("ana")
    after(await floor.rings("ben"))
    await floor.answers("ben")
    await floor.together("ben")


async def asking_outside(floor: Floor) -> str:
    """Ana asks a number outside, and they are on the line; the channel of their phone."""
    await floor.talking_with("ana")
    await floor.passes("ana", "outside", "+492001", consult=True)
    phone = await asyncio.to_thread(floor.bank.rings, "2001")
    await until(lambda: floor.card("ana")["consulting"] == "+492001", 5, "the desk does not say who is asked")
    await floor.shows("ana", held=True)
    assert not floor.bridged("ana")
    await asyncio.to_thread(floor.bank.answers, phone)
    await floor.house.happened("outside_answered", 10)
    return phone


async def outside_has_the_caller(floor: Floor) -> None:
    """Asterisk has the caller in a bridge, and the call has left the house's desks."""
    await until(lambda: floor.with_somebody(), 8, "the caller hears nobody")
    assert not floor.bridged("ana")


async def test_number_outside_is_consulted_and_given_the_call(floor: Floor) -> None:
    phone = await asking_outside(floor)
    await floor.asks("ana", "complete")
    await floor.on_desk("ana", None)
    await outside_has_the_caller(floor)
    await asyncio.to_thread(floor.bank.hangs_up, phone)
    await floor.house.happened("hung_up", 10)
    (station,) = [one for one in floor.house.call.ledger.legs.legs.values() if one.agent == "ana"]
    passed = floor.house.call.ledger.legs.passed_by(station)
    assert passed and (passed.kind, passed.to, passed.way) == ("outside", "+492001", "consult")


async def test_number_outside_is_consulted_and_has_the_caller_when_the_agent_hangs_up(floor: Floor) -> None:
    await asking_outside(floor)
    await floor.hangs_up("ana")
    await outside_has_the_caller(floor)
    await floor.on_desk("ana", "wrap_up")


async def test_number_outside_that_is_consulted_and_let_go_or_hangs_up_brings_the_caller_back(floor: Floor) -> None:
    await asking_outside(floor)
    await floor.asks("ana", "resume")
    await floor.together("ana")
    await until(lambda: floor.card("ana")["consulting"] is None and not floor.card("ana")["held"], 5, "still asking")
    await floor.passes("ana", "outside", "+492001", consult=True)
    phone = await asyncio.to_thread(floor.bank.rings, "2001")
    await asyncio.to_thread(floor.bank.hangs_up, phone)  # they do not want to be asked
    await floor.together("ana")
    await until(lambda: floor.card("ana")["consulting"] is None and not floor.card("ana")["held"], 5, "still asking")
    assert floor.card("ana")["journey"][0]["passed_to"] is None, "only asked"


async def test_conference_with_a_number_outside(floor: Floor) -> None:
    phone = await asking_outside(floor)
    await floor.asks("ana", "conference")
    await floor.together("ana")
    await floor.shows("ana", conference=True)
    await asyncio.to_thread(floor.bank.hangs_up, phone)
    await floor.house.happened("outside_done", 10)
    await until(lambda: not floor.card("ana")["conference"], 5, "a conference of two")
    await floor.together("ana")


async def test_queue_is_consulted(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "queue", "repairs", consult=True)
    card = await floor.rings("chen")
    after(card)
    assert card["asked_by"] == "Ana Kovač"
    await floor.answers("chen")
    await floor.asks("ana", "complete")
    await floor.together("chen")


async def test_caller_who_hangs_up_while_colleagues_talk(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "agent", "ben", consult=True)
    await floor.rings("ben")
    await floor.answers("ben")
    await asyncio.to_thread(floor.house.lab.act, "Hangup", Channel=floor.house.call.channel)
    await floor.house.happened("hung_up", 5)
    await floor.hangs_up("ben")
    await floor.on_desk("ben", "wrap_up")
    await floor.on_desk("ana", "wrap_up")


async def test_conference_and_one_leaves(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "agent", "ben", consult=True)
    await floor.rings("ben")
    await floor.answers("ben")
    await floor.asks("ana", "conference")
    await floor.together("ana")
    await floor.together("ben")
    await floor.shows("ana", conference=True)
    await floor.shows("ben", conference=True)
    await floor.hangs_up("ana")
    await floor.on_desk("ana", "wrap_up")
    await floor.together("ben")
    await floor.hangs_up("ben")
    await floor.house.happened("hung_up", 10)


# -- rings


async def test_next_agent_gets_the_card_when_the_first_does_not_answer(floor: Floor) -> None:
    await floor.call()
    first = await floor.rings("ana")
    await floor.refuses("ana")
    who, second = await floor.rings_for("ana", "ben")
    while who == "ana":  # the queue may try the same phone again before the next
        await floor.refuses("ana")
        who, second = await floor.rings_for("ana", "ben")
    assert second["why"] == first["why"]
    assert {(s["name"], s["answered"]) for s in second["journey"]} == {("Ana Kovač", False)}


async def test_colleague_picks_up_what_rings_elsewhere(floor: Floor) -> None:
    await floor.call()
    await floor.rings("ana")
    await asyncio.to_thread(floor.bank.dials, "1002", "*8")
    await floor.on_desk("ben", "connected")
    await floor.on_desk("ana", None)
    assert floor.house.call.answered_by == "ben"
    assert not floor.card("ben")["missing"]
    await floor.together("ben")


async def test_desk_picks_up_a_call_that_rings_elsewhere(floor: Floor) -> None:
    await floor.call()
    await floor.rings("ana")
    await floor.asks("ben", "pick_up")
    await floor.rings("ben")
    await floor.on_desk("ana", None)
    await floor.answers("ben")


async def test_parked_and_taken_from_there_by_another(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.asks("ana", "note", text=NOTE)
    await asyncio.to_thread(floor.bank.transfers, floor.channels["ana"], "700")
    await floor.house.happened("parked", 10)
    await floor.on_desk("ana", "wrap_up")
    await asyncio.to_thread(floor.bank.dials, "1003", floor.house.kinds("parked")[0].facts["space"])
    await floor.on_desk("chen", "connected")
    card = floor.card("chen")
    assert not card["missing"] and card["journey"][0]["notes"] == [NOTE]
    await floor.together("chen")


async def test_phone_s_own_consultation(floor: Floor) -> None:
    """The agent's phone has a second line: it dials a colleague itself while the caller is on the first."""
    await floor.talking_with("ana")
    await asyncio.to_thread(floor.bank.dials, "1001", "1002")
    card = await floor.rings("ben")
    assert card["asked_by"] == "Ana Kovač"
    await floor.hangs_up("ben")
    await floor.on_desk("ben", None)
    await floor.on_desk("ana", "connected")


# -- what comes between


async def test_page_that_is_loaded_anew_has_the_card(floor: Floor) -> None:
    call = await floor.talking_with("ana")
    await floor.asks("ana", "note", text=NOTE)
    address = f"http://127.0.0.1:{floor.house.server.web_port}"
    async with DeskClient.signed_in(address, "ana", PASSWORD) as fresh:
        (card,) = fresh.hello["cards"]
        assert (card["call"], card["state"], card["journey"][0]["notes"]) == (call, "connected", [NOTE])


async def test_lost_connection_to_asterisk_is_made_up_for(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "agent", "ben", consult=True)
    await floor.rings("ben")
    server = floor.house.server
    server.link._manager.protocol.transport.abort()  # type: ignore[union-attr]
    await until(lambda: not server.link.connected, 5, "the connection was not lost")
    # unseen: the colleague answers, and then the agent hangs up
    lab = floor.house.lab
    seen = len(lab.events("DialEnd"))
    await asyncio.to_thread(floor.bank.answers, floor.channels["ben"])
    await until(lambda: lab.events("DialEnd")[seen:], 5, "the colleague's phone was not answered")
    assert [one["DialStatus"] for one in lab.events("DialEnd")[seen:]] == ["ANSWER"]
    await floor.hangs_up("ana")
    await until(lambda: server.link.connected, 15, "the connection did not come back")
    await floor.on_desk("ben", "connected")
    await floor.on_desk("ana", "wrap_up")
    assert not floor.card("ben")["missing"]


async def test_restart_of_the_server_keeps_every_card(
    asterisk: PrivateAsterisk, lab: Lab, bank: PhoneBank, tmp_path: Path, real_parts: RealParts
) -> None:
    async with AsyncExitStack() as stack:
        floor = await open_floor(stack, asterisk, lab, bank, tmp_path)
        call = await floor.talking_with("ana", "late-watch")
        await floor.asks("ana", "note", text=NOTE)
        before = floor.card("ana")
    async with AsyncExitStack() as stack:
        floor = await again(stack, asterisk, lab, bank, tmp_path)
        server = floor.house.server
        await until(lambda: call in {str(one) for one in server.calls}, 10, "the call did not come back")
        await until(lambda: floor.shown("ana"), 10, "no card after the restart")
        card = floor.shown("ana")[-1]
        same = ("why", "known", "transcript", "journey", "opening", "timeline", "rang_at", "connected_at", "state")
        for key in same:
            assert card[key] == before[key], key
        # and it goes on from there
        (live,) = server.calls.values()
        floor.house.note(live, live.ledger.entries[0])
        await floor.passes("ana", "agent", "ben")
        after(await floor.rings("ben"))
        await asyncio.to_thread(bank.hang_up_everything)


async def test_every_ring_had_a_complete_card(floor: Floor) -> None:
    await floor.talking_with("ana")
    await floor.passes("ana", "agent", "ben")
    await floor.rings("ben")
    pop = floor.house.server.screen_pop
    assert (pop.rings, pop.complete, dict(pop.missed_out)) == (2, 2, {})


async def test_second_call_within_the_week_has_what_was_noted(floor: Floor) -> None:
    await floor.talking_with("ana", "late-watch")
    await floor.asks("ana", "note", text=NOTE)
    await floor.hangs_up("ana")
    await floor.on_desk("ana", "wrap_up")
    await floor.asks("ana", "close", outcome="follow_up", note="")
    await floor.house.happened("closed", 10)
    await floor.house.server.recorder.drain(5)
    await asyncio.to_thread(floor.bank.hang_up_everything)
    floor.house.forget()
    await floor.call("key:1")
    who = floor.house.call.ledger.decision
    assert who is not None
    card = await floor.rings(str(who.agent or "ana"))
    earlier = card["timeline"][0]
    assert (earlier["note"], earlier["outcome"], earlier["agent_name"]) == (NOTE, "follow_up", "Ana Kovač")
    assert "watch" in earlier["words"]
