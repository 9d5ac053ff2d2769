"""Everything behind the pages, as the application gets it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ivr.calls.call_backs.requests import CallBackRequests
from ivr.calls.desk.ports import DeskService
from ivr.calls.desk.windows import Desks
from ivr.calls.floor.call_tests import RecordingServices
from ivr.calls.floor.supervision import Supervision
from ivr.calls.integrations.inbound import Contacts, Signals
from ivr.calls.integrations.webhook_admin import WebhookAdmin
from ivr.calls.people.accounts import Accounts, People, Staff
from ivr.calls.people.api_keys import Keys
from ivr.calls.people.audit import Audit
from ivr.calls.people.second_factor import SecondFactorStore
from ivr.calls.people.sessions import SessionStore
from ivr.calls.people.single_sign_on import Provider, SsoAdmission
from ivr.core.language import Text
from ivr.web.metrics import Figures


@dataclass(frozen=True, slots=True)
class WebServices:
    """The ports."""

    accounts: Accounts
    service: DeskService
    desks: Desks
    people: People
    staff: Staff
    keys: Keys
    audit: Audit
    sessions: SessionStore
    second_factors: SecondFactorStore
    contacts: Contacts
    signals: Signals
    webhooks: WebhookAdmin
    queues: Callable[[], Mapping[str, Text]]
    """The queues that the dialogues have now, with their titles."""
    provider: Provider | None = None
    """Where else people may sign in."""
    admission: SsoAdmission | None = None
    """Who of them may come in."""
    supervision: Supervision | None = None
    """What supervisors see and do; None: nothing."""
    call_backs: CallBackRequests | None = None
    """Who calls customers; None: nobody."""
    recording: RecordingServices | None = None
    """Recordings, and calls as tests; None: neither."""
    figures: Callable[[], Figures] | None = None
    """How everything stands, for whoever watches; None: nobody may ask."""
    own_words: Callable[[], Collection[str]] = tuple
    """The words of this house that everybody tries in its passwords."""
