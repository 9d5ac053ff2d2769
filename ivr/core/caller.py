"""Who is calling and what happened before: plain records, as any directory would give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NewType
from uuid import UUID

from ivr.core.language import Language
from ivr.core.signal import Signal

CallId = NewType("CallId", UUID)
"""One caller's call, from the first ring to the wrap-up; Asterisk carries it as ``IVR_CALL``."""
CALL_ID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
"""How it is written in addresses and names of files."""

AgentId = NewType("AgentId", str)
CALLED_AGAIN_WITHIN = timedelta(hours=24)
"""Who calls again so soon, and was not helped, is taken to call about the same matter."""
CALLS_TO_KNOW, OF_LATE = 2, timedelta(days=180)
"""Who has called so often in that time knows the house, and hears the short forms of prompts."""
Tier = Literal["standard", "silver", "gold", "vip"]
OrderStatus = Literal["processing", "shipped", "delivered", "late", "returned", "cancelled"]


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer of the house."""

    id: str
    name: str
    language: Language | None = None
    tier: Tier = "standard"
    region: str | None = None
    salutation: str | None = None
    """How to address them in English, "Ms Lin"; None: by name."""
    salutation_zh: str | None = None
    """How to address them in Chinese, "林女士"."""
    email: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What has worked for a caller before, kept because they agreed to it."""

    keys: bool = False
    """Keys rather than voice."""
    slow: bool = False
    """Speak slowly to them, and wait longer for them."""
    loud: bool = False
    """Speak louder: hard of hearing, or a bad line."""
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """Something the customer bought."""

    id: str
    product: str
    status: OrderStatus
    ordered_at: datetime
    due_at: datetime | None = None
    amount: str | None = None
    """Money as written by the shop, with its currency: "189.00 EUR"."""


@dataclass(frozen=True, slots=True)
class Case:
    """A matter that was opened and may still be open."""

    id: str
    subject: str
    status: Literal["open", "waiting", "closed"]
    opened_at: datetime
    intent: str | None = None
    queue: str | None = None
    """The queue of the team that has it."""
    order_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.status != "closed"


@dataclass(frozen=True, slots=True)
class PastContact:
    """One earlier contact, of any channel."""

    at: datetime
    channel: Literal["phone", "chat", "mail", "app", "sms", "device", "shop"]
    summary: str
    intent: str | None = None
    agent: AgentId | None = None
    agent_name: str | None = None
    solved: bool | None = None
    """None: nobody has said."""
    id: str | None = None
    words: str | None = None
    """What the customer said, in their own words."""
    note: str | None = None
    """What was noted."""
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of the person on the line, as far as it is known at this moment."""

    ani: str | None
    """The calling number (ANI) as Asterisk gave it, or None when withheld."""
    shown_name: str | None
    """The caller name that the network showed; hostile until escaped."""
    dnis: str
    """The number that was dialled (DNIS)."""
    customer: Customer | None = None
    orders: tuple[Order, ...] = ()
    cases: tuple[Case, ...] = ()
    contacts: tuple[PastContact, ...] = ()
    """Newest first."""
    lookup: Literal["pending", "found", "unknown", "several", "failed"] = "pending"
    """"several": the number belongs to more than one customer, so nobody is taken for one of them."""
    preferences: Preferences = Preferences()
    signals: tuple[Signal, ...] = ()
    """What other systems know that may explain this call, the newest first."""

    @property
    def known(self) -> bool:
        """Whether a customer record belongs to this caller."""
        return self.customer is not None

    @property
    def open_cases(self) -> tuple[Case, ...]:
        """The cases that still wait for somebody."""
        return tuple(case for case in self.cases if case.is_open)

    def knows_the_house(self, now: datetime) -> bool:
        """Whether they have called often enough of late to know how it goes."""
        calls = [one for one in self.contacts if one.channel == "phone" and now - one.at <= OF_LATE]
        return len(calls) >= CALLS_TO_KNOW

    def last_unsolved_call(self, now: datetime) -> PastContact | None:
        """The call that this one may go on with: the last one with a matter, if it is young and nobody called it solved."""
        last = next((one for one in self.contacts if one.channel == "phone" and one.intent), None)
        return last if last and not last.solved and now - last.at <= CALLED_AGAIN_WITHIN else None


@dataclass(frozen=True, slots=True)
class Record:
    """What another system tells of a customer; what it does not tell stays as we have it."""

    id: str
    fields: Mapping[str, Any]
    """Fields of ``Customer`` without the id; the name is always among them."""
    orders: tuple[Order, ...] = ()
    cases: tuple[Case, ...] = ()
    all_cases: bool = False
    """Whether these are all that are open: others of this customer are then closed."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes calls."""

    id: AgentId
    name: str
    interface: str
    """What Asterisk rings, for example ``PJSIP/1001``."""
    languages: tuple[Language, ...] = ("en",)
    skills: dict[str, int] = field(default_factory=dict)
    """Skill → proficiency, 1 (learning) to 10 (teaches it)."""
    region: str | None = None
    queues: tuple[str, ...] = ()


AgentState = Literal["offline", "available", "ringing", "busy", "paused"]


def late_orders(caller: Caller) -> tuple[str, ...]:
    """The numbers of the caller's late orders."""
    return tuple(order.id for order in caller.orders if order.status == "late")


def active_orders(caller: Caller) -> tuple[str, ...]:
    """The numbers of the caller's orders that are still under way."""
    return tuple(order.id for order in caller.orders if order.status in ("processing", "shipped", "late"))
