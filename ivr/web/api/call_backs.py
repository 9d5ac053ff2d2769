"""Calling customers: whom, when and about what; and whether they may be called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from ivr.calls.call_backs.ports import Consent
from ivr.calls.call_backs.requests import CallBackRequests
from ivr.calls.integrations.inbound import UnknownCustomer
from ivr.calls.people.audit import Audit
from ivr.core.call_back import CallBack
from ivr.core.kept import CardNumber
from ivr.core.texts import text
from ivr.web.api.contacts import Whom, named_by_card, no_such_customer
from ivr.web.api.endpoint import Answer, Call, Endpoint, Model, narrowed, reading
from ivr.web.api.field_types import ById, External, Line, Name, Paged, Sentence, Time, cursor, place_after
from ivr.web.guard.route_needs import Needs
from ivr.web.problems import Problem

READ = Needs(role="supervisor", scope="contacts:read")
WRITE = Needs(role="supervisor", scope="call_backs:write")
STATES = Literal["waiting", "calling", "done", "given_up", "cancelled"]
NO_CONSENT = text("api.contacts.no_consent")


class CallBackIn(Model):
    """A customer to be called; ``external_id`` is the sender's own, and makes it safe to send it again."""

    external_id: External
    customer: Whom
    text: Sentence
    """One line for the agent: what it is about."""
    intent: Name | None = None
    due_at: Time | None = None
    """Not before; at once when it is left out. Calling hours hold in any case."""


class CallBackOut(Model):
    """A customer who is to be called, or was."""

    id: str
    number: str
    why: str
    """``asked`` by the caller, ``promised`` by an agent, for a ``signal``, or wanted by another ``system``."""
    state: STATES
    due_at: datetime
    created_at: datetime
    created_by: str
    customer_id: str | None
    contact_id: str | None
    """The contact that it goes on with."""
    call: str | None
    """The call that it is being called in, or was last."""
    intent: str | None
    queue: str | None
    agent_id: str | None
    """Whom it is meant for."""
    language: str
    words: str | None
    text: str
    attempts: int
    last: str | None
    """How the last attempt ended, or why none was made."""


class CallBackQuery(Paged):
    """Which of them."""

    state: STATES | None = None


class CallBackPage(Model):
    """The newest first; ``next`` is the cursor of the following page, null on the last."""

    items: list[CallBackOut]
    next: str | None


class ConsentIn(Model):
    """What a customer has said of being called without having asked for it."""

    calls: bool
    how: Line
    """Where and how they said so: "web form, 12 May"."""


class ConsentOut(Model):
    """The same, as it is kept; ``calls`` null: they have said nothing, and are not called."""

    calls: bool | None
    how: str | None
    told_at: datetime | None


class ById36(Model):
    """``{id}`` in the address."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]


class CallBacksApi:
    """The endpoints."""

    def __init__(self, call_backs: CallBackRequests, audit: Audit) -> None:
        self._call_backs = call_backs
        self._audit = audit
        self._book = call_backs.book

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        return [
            Endpoint("GET", "/call-backs", READ, self.list_call_backs, {200: CallBackPage}),
            Endpoint("POST", "/call-backs", WRITE, self.add_call_back, {201: CallBackOut}, (409,), act="call_back.added"),
            Endpoint("DELETE", "/call-backs/{id}", WRITE, self.cancel_call_back, {204: None}, (404, 409),
                     act="call_back.cancelled"),
            Endpoint("GET", "/customers/{id}/consent", READ, self.read_consent, {200: ConsentOut}),
            Endpoint("PUT", "/customers/{id}/consent", WRITE, self.set_consent, {200: ConsentOut}, (404,), act="consent.changed"),
        ]  # fmt: skip

    async def list_call_backs(self, call: Call, query: CallBackQuery) -> Answer:
        """Customers who are to be called or were, the newest first"""
        found = await self._book.page(query.state, query.limit + 1, place_after(query.cursor))
        await reading(self._audit, call, "call_backs.read", detail=narrowed(query))
        shown = found[: query.limit]
        more = cursor([shown[-1].created_at.isoformat(), shown[-1].id]) if len(found) > query.limit else None
        return Answer(200, CallBackPage(items=[_out(one) for one in shown], next=more))

    async def add_call_back(self, call: Call, body: CallBackIn) -> Answer:
        """Have a customer called; only one who has agreed to it, and the same again is the one that is there"""
        source = f"system:{call.by.who}:{body.external_id}"
        try:
            made = await self._call_backs.on_our_own(
                body.customer.asked, source, body.text, body.intent, by=call.by, due=body.due_at
            )
        except UnknownCustomer as unknown:
            raise no_such_customer(unknown) from unknown
        except CardNumber as card:
            raise named_by_card(card) from card
        if made is None:
            raise Problem(409, NO_CONSENT)
        return Answer(201, _out(made))

    async def cancel_call_back(self, call: Call, path: ById36) -> Answer:
        """Let nobody be called"""
        if await self._book.one(path.id) is None:
            raise Problem(404)
        if not await self._book.cancel(path.id, call.by):
            raise Problem(409, text("api.contacts.call_back_over"))
        return Answer(204)

    async def read_consent(self, call: Call, path: ById) -> Answer:
        """Whether a customer may be called who has not asked for it"""
        kept = await self._book.consent(path.id)
        await reading(self._audit, call, "consent.read", path.id, of_customer=True)
        return Answer(200, _consent(kept))

    async def set_consent(self, call: Call, path: ById, body: ConsentIn) -> Answer:
        """Keep what a customer has said of being called"""
        given = Consent(body.calls, datetime.now(UTC), body.how)
        if not await self._book.set_consent(path.id, given, call.by):
            raise Problem(404)
        return Answer(200, _consent(await self._book.consent(path.id)))


def _consent(kept: Consent | None) -> ConsentOut:
    return ConsentOut(
        calls=kept.calls if kept else None, how=kept.how if kept else None, told_at=kept.told_at if kept else None
    )


def _out(one: CallBack) -> CallBackOut:
    return CallBackOut(
        id=one.id, number=one.number, why=one.why, state=one.state, due_at=one.due_at, created_at=one.created_at,
        created_by=one.created_by, customer_id=one.customer, contact_id=one.contact, call=one.call, intent=one.intent,
        queue=one.queue, agent_id=one.agent, language=one.language, words=one.words, text=one.text, attempts=one.attempts,
        last=one.last,
    )  # fmt: skip
