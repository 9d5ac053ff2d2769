"""What other systems know before the customer calls: ``/signals``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import model_validator

from ivr.calls.call_backs.requests import CallBackRequests
from ivr.calls.integrations.inbound import Differs, NewSignal, Signals, UnknownCustomer
from ivr.calls.people.audit import Audit
from ivr.core import signal
from ivr.core.kept import CardNumber
from ivr.core.texts import text
from ivr.web.api.contacts import Whom, named_by_card, no_such_customer, not_the_same
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model, reading
from ivr.web.api.faults import Wrong
from ivr.web.api.field_types import External, Id, Line, Name, Paged, PastTime, Sentence, Time, cursor, place_after
from ivr.web.guard.route_needs import Needs

OPEN_FOR = timedelta(days=30)
"""How long a signal may explain a call when its sender does not say."""
LONGEST = timedelta(days=366)


class SignalIn(Model):
    """A piece of news; ``external_id`` is the sender's own, and makes it safe to send it again."""

    kind: Name
    """What has happened, in one word: ``delivery_failed``, ``sensor_fault``."""
    external_id: External
    customer: Whom
    at: PastTime
    text: Sentence
    """The same for people."""
    product: Line | None = None
    order: Id | None = None
    expires_at: Time | None = None
    """From then on it explains no call any more; 30 days after ``at`` when it is left out."""

    @model_validator(mode="after")
    def _in_order(self) -> SignalIn:
        if self.expires_at is not None and not self.at < self.expires_at <= self.at + LONGEST:
            raise Wrong(text("api.contacts.signal_lasts"))
        return self


class Signal(Model):
    """A piece of news, as it is kept."""

    id: str
    kind: str
    customer_id: str
    at: datetime
    text: str
    product: str | None
    order: str | None
    expires_at: datetime
    open: bool
    """Whether it may explain a call just now."""


class SignalQuery(Paged):
    """Which signals are wanted."""

    customer: Id | None = None
    open: Literal["true", "false"] = "false"
    """Only those that may explain a call just now."""


class SignalPage(Model):
    """The newest first; ``next`` is the cursor of the following page, null on the last."""

    items: list[Signal]
    next: str | None


class SignalsApi:
    """The endpoints."""

    def __init__(self, signals: Signals, audit: Audit, call_backs: CallBackRequests | None = None) -> None:
        self._call_backs = call_backs
        self._signals = signals
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        read, write = Needs(role="supervisor", scope="contacts:read"), Needs(scope="signals:write")
        return [
            Endpoint("POST", "/signals", write, self.add_signal, {200: Signal, 201: Signal}, (409,)),
            Endpoint("GET", "/signals", read, self.list_signals, {200: SignalPage}),
        ]

    async def add_signal(self, call: Call, body: SignalIn) -> Answer:
        """Bring a signal; the same one again is answered with the one that is there"""
        new = NewSignal(
            body.kind, body.external_id, body.customer.asked, body.at, body.text, body.expires_at or body.at + OPEN_FOR,
            body.product, body.order,
        )  # fmt: skip
        try:
            kept, is_new = await self._signals.receive(new, call.by)
        except UnknownCustomer as unknown:
            raise no_such_customer(unknown) from unknown
        except CardNumber as card:
            raise named_by_card(card) from card
        except Differs as differs:
            raise not_the_same(differs) from differs
        if self._call_backs is not None:  # also again: the first time may have failed behind the signal itself
            await self._call_backs.signalled(kept)
        return Answer(201 if is_new else 200, _signal(kept))

    async def list_signals(self, call: Call, query: SignalQuery) -> Answer:
        """Signals, the newest first"""
        after = place_after(query.cursor)
        found = await self._signals.page(query.customer, query.limit + 1, after, open_only=query.open == "true")
        await reading(self._audit, call, "signals.read", query.customer, of_customer=True)
        shown = found[: query.limit]
        more = cursor([shown[-1].at.isoformat(), shown[-1].id]) if len(found) > query.limit else None
        return Answer(200, SignalPage(items=[_signal(one) for one in shown], next=more))


def _signal(one: signal.Signal) -> Signal:
    now = datetime.now(UTC)
    return Signal(
        id=one.id, kind=one.kind, customer_id=one.customer, at=one.at, text=one.text, product=one.product, order=one.order,
        expires_at=one.expires_at, open=one.at <= now < one.expires_at,
    )  # fmt: skip
