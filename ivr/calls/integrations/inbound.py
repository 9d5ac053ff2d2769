"""What other channels and systems bring: contacts by chat, mail, app, and signals that explain the next call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from ivr.calls.paging import Place
from ivr.calls.people.audit import Actor
from ivr.core.language import Language
from ivr.core.signal import Signal

Channel = Literal["chat", "mail", "app", "sms", "device", "shop"]
"""Every channel but the telephone, whose contacts are written by the calls themselves."""


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """The customer whom something is about: by id, by telephone number or by e-mail address, exactly one of them."""

    id: str | None = None
    number: str | None = None
    email: str | None = None


class UnknownCustomer(Exception):
    """Nobody is known under that id, number or address, or (``several``) more than one customer."""

    def __init__(self, several: bool = False) -> None:
        super().__init__("several customers" if several else "no such customer")
        self.several = several


class Differs(Exception):
    """The sender's id was used before (for ``id``), for something else; ``fields`` are what is different, in its words."""

    def __init__(self, number: str, fields: tuple[str, ...]) -> None:
        super().__init__(f"{number} has another {', '.join(fields)}")
        self.id = number
        self.fields = fields


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact of another channel, as its sender tells it."""

    channel: Channel
    external_id: str
    customer: CustomerRef
    at: datetime
    summary: str
    words: str | None = None
    language: Language | None = None
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of any channel, as it is kept."""

    id: str
    channel: str
    customer: str | None
    at: datetime
    summary: str
    ended_at: datetime | None = None
    words: str | None = None
    language: Language | None = None
    intent: str | None = None
    agent: str | None = None
    agent_name: str | None = None
    outcome: str | None = None
    solved: bool | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewSignal:
    """A signal, as its sender tells it."""

    kind: str
    external_id: str
    customer: CustomerRef
    at: datetime
    text: str
    expires_at: datetime
    product: str | None = None
    order: str | None = None


class Contacts(Protocol):
    """The contacts of all channels."""

    async def receive(self, contact: NewContact, by: Actor) -> tuple[Contact, bool]:
        """Keep a contact of another channel; the same one again is the one that is there.

        The second value tells whether it is a new one. Raises ``UnknownCustomer``, ``Differs``, and ``CardNumber`` where the
        sender's id is one.
        """

    async def contact(self, contact: str) -> Contact | None:
        """One contact, or None."""

    async def timeline(self, customer: str, limit: int, after: Place | None = None) -> list[Contact] | None:
        """A customer's contacts, the newest first; None when there is no such customer."""


class Signals(Protocol):
    """The signals of other systems."""

    async def receive(self, signal: NewSignal, by: Actor) -> tuple[Signal, bool]:
        """Keep a signal; the same one again is the one that is there, as with contacts."""

    async def open_for(self, customer: str) -> Sequence[Signal]:
        """What may explain a customer's next call: signals that have begun and not expired, the newest first."""

    async def page(
        self, customer: str | None, limit: int, after: Place | None = None, open_only: bool = False
    ) -> Sequence[Signal]:
        """Signals of a customer, or of all, the newest first."""
