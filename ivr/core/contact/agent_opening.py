"""The sentence that an agent opens with: their own, the dialogue's, or a plain one, with what is known filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ivr.core.caller import Agent
from ivr.core.card import OpeningLines
from ivr.core.contact.ledger import Ledger
from ivr.core.dialogue import wording
from ivr.core.flow.flow import Flow
from ivr.core.flow.nodes import CollectNode
from ivr.core.language import Language, Text
from ivr.core.texts import pattern

OwnLines = Mapping[tuple[str, Language], str]
"""An agent's own lines by intent ("" when the reason is not known) and language."""
_FIELD = re.compile(r"[a-z_][a-z0-9_.]*")
_UNKNOWN_OPENING = pattern("card.opening.unknown")
_KNOWN_OPENING = pattern("card.opening.known")
_DANGER_OPENING = pattern("card.opening.danger")


def opening(flow: Flow, ledger: Ledger, agent: Agent, own: OwnLines | None = None) -> Text:
    """The first line of these that can be filled in: the agent's own, the intent's, a plain one."""
    if ledger.hand_over and ledger.hand_over.cause == "emergency":
        return dict(_DANGER_OPENING)  # whatever else the call may be about
    plain = _plain(ledger)
    text: Text = {}
    for language in plain:
        values = {**wording.fields(ledger.caller, language), "agent": agent.name}
        values |= {known.label["en"].lower(): known.value for known in ledger.known}
        mine = (own or {}).get((_intent(flow, ledger), language))
        lines = [mine, _house(flow, ledger)[language], plain[language]]
        can = [line for line in lines if line and not wording.field_names(line) - set(values)]
        text[language] = wording.fill(can[0] if can else plain[language], values)
    return text


def lines_of(flow: Flow, ledger: Ledger, own: OwnLines) -> OpeningLines:
    """The same lines as they were written, for who wants to change them."""
    house, intent = _house(flow, ledger), _intent(flow, ledger)
    mine: Text = {language: own[intent, language] for language in house if (intent, language) in own}
    return OpeningLines({**house, **mine}, mine, opening_fields(flow))


def opening_fields(flow: Flow) -> tuple[str, ...]:
    """What can be filled in: what is known of callers, and what dialogues ask them."""
    asked = {node.label["en"].lower() for node in flow.nodes.values() if isinstance(node, CollectNode)}
    first = ("salutation", "agent", "order", "product")
    return first + tuple(sorted(name for name in asked if name not in first and _FIELD.fullmatch(name)))


def _intent(flow: Flow, ledger: Ledger) -> str:
    return ledger.intent if ledger.intent in flow.intents else ""


def _plain(ledger: Ledger) -> Text:
    return _KNOWN_OPENING if ledger.caller.known else _UNKNOWN_OPENING


def _house(flow: Flow, ledger: Ledger) -> Text:
    intent, plain = flow.intents.get(ledger.intent or ""), _plain(ledger)
    return {language: ((intent and intent.opening) or plain).get(language, plain[language]) for language in plain}
