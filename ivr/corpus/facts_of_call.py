"""What is known of a real call, as a test: what the caller said, what it was about, and who they are under another name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ivr.core.caller import AgentId, Caller, Case, Order, PastContact
from ivr.core.contact.entries import Entry
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue.words import yes_and_no
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import CollectNode, DecideNode
from ivr.core.language import Language
from ivr.core.masking import MASK
from ivr.corpus.format import NO, YES, Facts, Said
from ivr.corpus.pseudonyms import Pseudonyms, without_names
from ivr.wire.customers.rows import CaseRow, ContactRow, CustomerRow, OrderRow

UNCHECKED = "unchecked"
"""The tag of a test whose words and intent nobody has looked at yet."""
HEARD = "heard"
"""The tag of a call in text whose words are the machine's own hearing."""
_HIDDEN_KEY = "•"
_RARE_KEYS = set("ABCD")
"""Which hardly any telephone has, and no dialogue asks for."""
_YES_OR_NO_KEYS = {"1": True, "2": False}
_SAID_BACK = ("confirm", "confirm_value", "offer")
_BUSY = ("look_up", "proof")
"""What is said while the machine works answers nothing; what proves something is written nowhere."""
_MOST = 20
"""Orders, cases and contacts of one caller."""


@dataclass(frozen=True, slots=True)
class Source:
    """One call that is over."""

    ledger: Ledger
    caller: Caller
    """Who called, with everything that was known of them; what came later is left out."""
    flow: Flow
    settled: bool
    """The machine has settled it alone."""


def facts_of(
    source: Source, names: Pseudonyms, tags: Sequence[str], intent: str | None, sound_s: float | None
) -> Facts:
    """The test of a call; ``intent`` where somebody has put it right, ``sound_s`` the length of its recording, None: in text."""
    ledger = source.ledger
    said = pieces(source, sound_s)
    caller = source.caller
    return Facts(
        intent=ledger.intent if intent is None else intent,
        queue=None if source.settled else solved_in(ledger),
        settled=True if source.settled else None,
        slots=slots_of(source),
        language=ledger.language,
        at=ledger.began,
        number=names.number(caller.ani) if caller.ani else None,
        dnis=caller.dnis,
        origin="text" if sound_s is None else "recorded",
        consent=ledger.story.consent,
        tags=(*tags, *([HEARD] if sound_s is None else [])),
        said=said,
        **_records(source, names),
    )


# -- what the caller did


def pieces(source: Source, sound_s: float | None) -> tuple[Said, ...]:
    """What the caller said and pressed, each with what it answers; nothing that is secret, and nothing without a word."""
    made: list[Said] = []
    pressed: list[Entry] = []
    since = 0
    before = False  # whether the words that were heard last are the last of those made
    entries = source.ledger.entries
    for place, entry in enumerate(entries):
        if pressed and (
            entry.kind in ("said", "heard") or (entry.kind == "key" and _asked(entry) != _asked(pressed[0]))
        ):
            made += _keys(pressed, entries[since:], source.flow)
            pressed = []
        if entry.kind == "key":
            since = since if pressed else place
            pressed.append(entry)
        elif entry.kind == "heard":
            one, went_on = _words(entry, source, sound_s), bool(entry.facts.get("went_on"))
            if one and not went_on:
                made.append(one)
            elif one and before:
                made[-1] = _with_more(made[-1], one)
            before = one is not None and (before or not went_on)
    return (*made, *(_keys(pressed, entries[since:], source.flow) if pressed else ()))


def _asked(entry: Entry) -> tuple[Any, Any]:
    return entry.facts.get("node"), entry.facts.get("asking")


def _words(entry: Entry, source: Source, sound_s: float | None) -> Said | None:
    """One utterance."""
    text = str(entry.facts["text"])
    if not text or MASK in text or entry.facts.get("asking") in _BUSY:
        return None
    language = cast(Language, entry.facts["language"])
    answers = _answers(
        entry, source.flow, yes_and_no.answer(text, language, source.flow.yes[language], source.flow.no[language]).meant
    )
    text = without_names(text, source.caller.customer, language)
    if sound_s is None:
        return Said(text=text, answers=answers)
    begin = max(0.0, float(entry.facts["began_s"]))
    end = min(float(entry.facts["ended_s"]), sound_s)
    return Said(text=text, answers=answers, from_s=round(begin, 2), to_s=round(end, 2)) if end > begin else None


def _with_more(first: Said, then: Said) -> Said:
    """An answer that went on after a pause, as the one that it was."""
    return first.model_copy(update={"text": f"{first.text} {then.text}", "to_s": then.to_s})


def has_spans(ledger: Ledger) -> bool:
    """Whether it is known where in the sound each utterance is."""
    return all("began_s" in entry.facts for entry in ledger.entries if entry.kind == "heard")


def _keys(pressed: Sequence[Entry], later: Sequence[Entry], flow: Flow) -> list[Said]:
    """Keys in a row. Those of a number are not in the record one by one, but what they came to may be."""
    first = pressed[0]
    keys = "".join(str(entry.facts["digit"]) for entry in pressed)
    if first.facts.get("asking") in _BUSY or set(keys) & _RARE_KEYS:
        return []
    if _HIDDEN_KEY in keys:
        value = _typed(flow.nodes.get(str(first.facts.get("node"))), later)
        if not value:
            return []
        keys = value + ("#" if keys.endswith("#") else "")
    meant = _YES_OR_NO_KEYS.get(keys)
    return [Said(keys=keys[:32], answers=_answers(first, flow, meant))]


def _typed(node: object, later: Sequence[Entry]) -> str:
    """The number that was typed at a node, as it became known."""
    if not isinstance(node, CollectNode) or node.kind != "digits" or node.secret:
        return ""
    for entry in later:
        facts = entry.facts
        if entry.kind == "known" and facts["label"] == node.label["en"] and facts["how"] == "keys":
            value = str(facts["value"])
            return value if value.isdigit() else ""
    return ""


def _answers(entry: Entry, flow: Flow, meant: bool | None) -> str | None:
    """What it answers: yes or no to what was said back, else the node; None where this dialogue has no such node."""
    node, asking = _asked(entry)
    if asking in _SAID_BACK and meant is not None:
        return YES if meant else NO
    return node if node in flow.nodes else None


# -- what the call came to


def solved_in(ledger: Ledger) -> str | None:
    """The queue of whoever had it last, unless they say that it was in the wrong place; of a call nobody had, None."""
    answered = sorted(
        (leg for leg in ledger.legs.legs.values() if leg.answered_at), key=lambda leg: leg.answered_at or leg.rang_at
    )
    if not answered:
        return None
    last = answered[-1]
    if ledger.legs.outcomes.get(last.agent) == "wrong_place":
        return None
    return last.queue or ledger.story.queue


def had_by(ledger: Ledger, agent: str) -> bool:
    """Whether an agent has talked with the caller."""
    return AgentId(agent) in ledger.legs.had_it


def slots_of(source: Source) -> dict[str, str]:
    """What was known in the end, by the dialogue's slots; no secrets, and no telephone numbers."""
    by_label = {
        node.label["en"]: node.slot
        for node in source.flow.nodes.values()
        if isinstance(node, CollectNode) and not node.secret and node.kind != "phone"
    }
    found = {
        by_label[known.label["en"]]: known.value
        for known in source.ledger.known
        if known.label["en"] in by_label and MASK not in known.value
    }
    return {**found, **dict(_decided(source))}


def _decided(source: Source) -> Iterator[tuple[str, str]]:
    """What they said to yes-or-no questions of the dialogue, which replays know by the node's name."""
    flow = source.flow
    for entry in source.ledger.entries:
        node, asking = _asked(entry)
        if asking is not None or not isinstance(flow.nodes.get(str(node)), DecideNode):
            continue
        if entry.kind == "heard":
            language = cast(Language, entry.facts["language"])
            meant = yes_and_no.answer(str(entry.facts["text"]), language, flow.yes[language], flow.no[language]).meant
        else:
            meant = _YES_OR_NO_KEYS.get(str(entry.facts.get("digit")))
        if meant is not None:
            yield str(node), YES if meant else NO


# -- who called


def _records(source: Source, names: Pseudonyms) -> dict[str, Any]:
    """The caller's records as they stood, without names and free texts: what conditions ask for stays."""
    caller, customer = source.caller, source.caller.customer
    if customer is None:
        return {}
    mine = names.id(customer.id)
    began = source.ledger.began
    orders, cases = _stood(source.ledger, "orders"), _stood(source.ledger, "cases")
    return {
        "customer": CustomerRow(
            id=mine, name=names.name(customer.id), language=customer.language, tier=customer.tier, region=customer.region,
            salutation="dear customer" if customer.salutation else None,
            salutation_zh="尊敬的客户" if customer.salutation_zh else None,
        ),
        "orders": tuple(
            _order(one, number, mine, status)
            for number, (one, status) in enumerate(_then(caller.orders, orders, lambda one: one.ordered_at <= began), 1)
        ),
        "cases": tuple(
            _case(one, number, mine, status)
            for number, (one, status) in enumerate(_then(caller.cases, cases, lambda one: one.opened_at <= began), 1)
        ),
        "contacts": tuple(_contact(one, mine) for one in caller.contacts[: 2 * _MOST] if one.at < began)[:_MOST],
    }  # fmt: skip


def _stood(ledger: Ledger, what: str) -> Mapping[str, Any] | None:
    """Id → status when they called; None where the record is older than that it is kept."""
    looked_up = [entry.facts for entry in ledger.entries if entry.kind == "looked_up" and entry.facts.get("customer")]
    kept = looked_up[-1].get(what) if looked_up else None
    return None if kept is None else dict(kept)


def _then(
    rows: Sequence[Any], stood: Mapping[str, Any] | None, was_there: Callable[[Any], bool]
) -> list[tuple[Any, Any]]:
    """Those that were there, with their status then."""
    if stood is None:
        return [(one, one.status) for one in rows if was_there(one)][:_MOST]
    return [(one, stood[one.id]) for one in rows if one.id in stood][:_MOST]


def _order(one: Order, number: int, customer: str, status: str) -> OrderRow:
    # its number stays: callers say it, and it is compared with what they say
    return OrderRow(
        id=one.id, customer_id=customer, product=f"item {number}", status=cast(Any, status), ordered_at=one.ordered_at,
        due_at=one.due_at,
    )  # fmt: skip


def _case(one: Case, number: int, customer: str, status: str) -> CaseRow:
    return CaseRow(
        id=f"{customer}-{number}", customer_id=customer, subject=f"case {number}", status=cast(Any, status),
        opened_at=one.opened_at, intent=one.intent, queue=one.queue, order_id=one.order_id,
    )  # fmt: skip


def _contact(one: PastContact, customer: str) -> ContactRow:
    return ContactRow(
        customer_id=customer, channel=one.channel, began_at=one.at, summary=one.intent or "a contact", intent=one.intent,
        solved=one.solved,
    )  # fmt: skip
