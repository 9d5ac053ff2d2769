"""Everything behind the pages, as the application gets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ivr.calls.access import Audit, Keys, People, Provider, Staff
from ivr.calls.callbacks import CallBacks
from ivr.calls.channels import Contacts, Signals
from ivr.calls.desk import Desks
from ivr.calls.entrance import Entrance
from ivr.calls.ports import Accounts, DeskService
from ivr.calls.recording import Kept
from ivr.calls.supervision import Supervision
from ivr.calls.webhooks import WebhookOffice
from ivr.core.card import Text
from ivr.web.metrics import Figures


@dataclass(frozen=True, slots=True)
class House:
    """The ports."""

    accounts: Accounts
    service: DeskService
    desks: Desks
    people: People
    staff: Staff
    keys: Keys
    audit: Audit
    contacts: Contacts
    signals: Signals
    webhooks: WebhookOffice
    queues: Callable[[], Mapping[str, Text]]
    """The queues that the dialogues have now, with their titles."""
    provider: Provider | None = None
    """Where else people may sign in."""
    entrance: Entrance | None = None
    """Who of them may come in."""
    supervision: Supervision | None = None
    """What supervisors see and do; None: nothing."""
    call_backs: CallBacks | None = None
    """Who calls customers; None: nobody."""
    kept: Kept | None = None
    """Recordings, and calls as tests; None: neither."""
    figures: Callable[[], Figures] | None = None
    """How everything stands, for whoever watches; None: nobody may ask."""
