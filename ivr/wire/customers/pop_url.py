"""The address of a customer in another system's pages, with what is known of the call in it."""

from __future__ import annotations

import re
from urllib.parse import quote

from ivr.core.caller import AgentId
from ivr.core.card import Card
from ivr.wire.phone_numbers import normalise

_BRACES = re.compile(r"\{(.*?)\}")


def pop_url(template: str, card: Card, agent: AgentId, region: str) -> str | None:
    """The filled-in address; None when it asks for a customer and nobody is known.

    ``region`` is the country of numbers without a country code. Every value is one quoted part, whatever is in it.
    """
    caller, customer = card.caller, card.caller.customer
    values: dict[str, str | None] = {
        "call": str(card.call), "ani": normalise(caller.ani or "", region) or "", "dnis": caller.dnis, "intent": card.why.intent,
        "queue": card.queue, "language": card.language, "agent": agent,
    }  # fmt: skip
    if customer:
        values |= {"customer.id": customer.id, "customer.name": customer.name, "customer.email": customer.email}
    if any(name not in values for name in _BRACES.findall(template)):
        return None
    return _BRACES.sub(lambda found: _quoted(values[found[1]] or ""), template)


def _quoted(value: str) -> str:
    # "." and ".." mean another folder wherever they stand alone in a path
    text = quote(value, safe="", errors="replace")
    return text.replace(".", "%2E") if text.strip(".") == "" else text
