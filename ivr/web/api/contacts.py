"""What other channels bring: ``/contacts``, and a customer's contacts of all channels in one line of time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from ivr.calls.integrations import inbound
from ivr.calls.integrations.inbound import Channel, Differs, NewContact, UnknownCustomer
from ivr.calls.people.audit import Audit
from ivr.core import texts
from ivr.core.kept import CardNumber
from ivr.core.language import Language
from ivr.web.api.endpoint import PREFIX, Answer, Call, Endpoint, Model, reading
from ivr.web.api.faults import Wrong
from ivr.web.api.field_types import ById, External, Id, Name, Paged, PastTime, Sentence, Words, cursor, place_after
from ivr.web.guard.route_needs import Needs
from ivr.web.problems import Fault, Problem

READ = Needs(role="supervisor", scope="contacts:read")


class Whom(Model):
    """A customer, by exactly one of these."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    id: Id | SkipJsonSchema[None] = None
    number: (
        Annotated[str, Field(pattern=r"^[0-9+() ./-]{3,32}$", examples=["+86 138 0013 8000"])] | SkipJsonSchema[None]
    ) = None
    email: Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[^@\s]{1,128}$")] | SkipJsonSchema[None] = None

    @model_validator(mode="after")
    def _one(self) -> Whom:
        if sum(value is not None for value in (self.id, self.number, self.email)) != 1:
            raise Wrong(texts.text("api.contacts.whom"))
        return self

    @property
    def asked(self) -> inbound.CustomerRef:
        """The same for the calls' side."""
        return inbound.CustomerRef(self.id, self.number, self.email)


class ContactIn(Model):
    """A contact of another channel; ``external_id`` is the sender's own, and makes it safe to send it again."""

    channel: Channel
    external_id: External
    customer: Whom
    at: PastTime
    summary: Sentence
    words: Words | None = None
    language: Language | None = None
    intent: Name | None = None


class Contact(Model):
    """A contact of any channel."""

    id: str
    channel: str
    external_id: str | None
    customer_id: str | None
    at: datetime
    ended_at: datetime | None
    summary: str
    words: str | None
    language: str | None
    intent: str | None
    agent_id: str | None
    agent_name: str | None
    outcome: str | None
    solved: bool | None


class Timeline(Model):
    """The newest first; ``next`` is the cursor of the following page, null on the last."""

    items: list[Contact]
    next: str | None


class ContactsApi:
    """The endpoints."""

    def __init__(self, contacts: inbound.Contacts, audit: Audit) -> None:
        self._contacts = contacts
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """All of them."""
        answers = {200: Contact, 201: Contact}
        write = Needs(scope="contacts:write")
        return [
            Endpoint("POST", "/contacts", write, self.add_contact, answers, (409,)),
            Endpoint("GET", "/contacts/{id}", READ, self.get_contact, {200: Contact}, (404,)),
            Endpoint("GET", "/customers/{id}/timeline", READ, self.get_timeline, {200: Timeline}, (404,)),
        ]

    async def add_contact(self, call: Call, body: ContactIn) -> Answer:
        """Bring a contact of another channel; the same one again is answered with the one that is there"""
        new = NewContact(
            body.channel, body.external_id, body.customer.asked, body.at, body.summary or "", body.words,
            body.language, body.intent,
        )  # fmt: skip
        try:
            contact, is_new = await self._contacts.receive(new, call.by)
        except UnknownCustomer as unknown:
            raise no_such_customer(unknown) from unknown
        except CardNumber as card:
            raise named_by_card(card) from card
        except Differs as differs:
            raise not_the_same(differs) from differs
        where = {"Location": f"{PREFIX}/contacts/{contact.id}"}
        return Answer(201 if is_new else 200, _contact(contact), where if is_new else {})

    async def get_contact(self, call: Call, path: ById) -> Answer:
        """One contact of any channel"""
        contact = await self._contacts.contact(path.id)
        if contact is None:
            raise Problem(404)
        await reading(self._audit, call, "contact.read", path.id)
        return Answer(200, _contact(contact))

    async def get_timeline(self, call: Call, path: ById, query: Paged) -> Answer:
        """A customer's contacts of all channels, the newest first"""
        found = await self._contacts.timeline(path.id, query.limit + 1, place_after(query.cursor))
        if found is None:
            raise Problem(404)
        await reading(self._audit, call, "timeline.read", path.id, of_customer=True)
        shown = found[: query.limit]
        more = cursor([shown[-1].at.isoformat(), shown[-1].id]) if len(found) > query.limit else None
        return Answer(200, Timeline(items=[_contact(contact) for contact in shown], next=more))


def no_such_customer(unknown: UnknownCustomer) -> Problem:
    """Nobody, or too many, are known under what was given."""
    several = texts.text("api.contacts.several_customers")
    wrong = several if unknown.several else texts.text("api.contacts.no_customer")
    return Problem(422, faults=[Fault(wrong, pointer="#/customer")])


def named_by_card(card: CardNumber) -> Problem:
    """Something is called by what is the number of a payment card, or looks like one."""
    names = {"order_id": "order", "source": "external_id"}
    return Problem(422, faults=[Fault(texts.text("api.contacts.card"), pointer=f"#/{names.get(card.name, card.name)}")])


def not_the_same(differs: Differs) -> Problem:
    """The sender's id was used before, for something else; which fields are different."""
    between = texts.text("api.contacts.between")
    fields = {language: comma.join(differs.fields) for language, comma in between.items()}
    detail = texts.text("api.contacts.id_used", fields=fields)
    wrong = texts.text("api.contacts.other_before")
    faults = [Fault(wrong, pointer=f"#/{name}") for name in differs.fields]
    return Problem(409, detail, faults, more={"id": differs.id})


def _contact(contact: inbound.Contact) -> Contact:
    return Contact(
        id=contact.id, channel=contact.channel, external_id=contact.external_id, customer_id=contact.customer, at=contact.at,
        ended_at=contact.ended_at, summary=contact.summary, words=contact.words, language=contact.language,
        intent=contact.intent, agent_id=contact.agent, agent_name=contact.agent_name, outcome=contact.outcome,
        solved=contact.solved,
    )  # fmt: skip
