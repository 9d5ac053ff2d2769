"""What is kept where, of whom, how long, and what becomes of it when a person is erased: an entry for every column.

``docs/privacy.md`` is made of this, ``personal.py`` goes by it, and a test fails for a column without an entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Whose = Literal["customers", "agents", "the house"]
Erased = Literal["deleted", "anonymous", "stays"]


@dataclass(frozen=True, slots=True)
class Kept:
    """One table."""

    what: str
    whose: Whose
    how_long: str
    """In words; ``[privacy] x_days`` names the setting."""
    erased: Erased
    """With the person: its rows are deleted, lose whoever they are of, or have nothing of a person."""
    who: str = ""
    """Columns that tell who it is: emptied where the rows stay."""
    words: str = ""
    """Columns of what people said and wrote: emptied where the rows stay."""
    rest: str = ""
    """Columns that tell nothing of anybody once those are empty."""
    person: str = ""
    """The column by which a customer's or contact's rows are found: ``customer_id``, ``contact_id``; "": a rule of their own."""

    def columns(self) -> Iterator[str]:
        """All of them."""
        yield from (*self.who.split(), *self.words.split(), *self.rest.split())


_WITH = "as long as the customer is known"
_CONTACT = "`[privacy] contacts_days`"
TABLES: dict[str, Kept] = {
    "customers": Kept(
        "who customers are, as the customers' system or an import has told it", "customers", "until it is erased", "deleted",
        "id name salutation salutation_zh email", "note", "language tier region", "id",
    ),
    "customer_numbers": Kept("their telephone numbers", "customers", _WITH, "deleted",
        "number customer_id", person="customer_id"),
    "orders": Kept(
        "their orders", "customers", _WITH, "deleted", "id customer_id", "product", "status ordered_at due_at amount",
        "customer_id",
    ),
    "cases": Kept(
        "their open and closed cases", "customers", _WITH, "deleted", "id customer_id order_id", "subject",
        "status opened_at intent queue", "customer_id",
    ),
    "customer_preferences": Kept(
        "how they wish to be spoken to, with their yes", "customers", _WITH, "deleted", "customer_id", "",
        "keys slow loud language agreed_at", "customer_id",
    ),
    "customer_proofs": Kept(
        "the hash of their PIN, and how often it was wrong", "customers", _WITH, "deleted", "customer_id pin_hash", "",
        "failures locked_until proved_at", "customer_id",
    ),
    "customer_consents": Kept(
        "whether they may be called", "customers", _WITH, "deleted", "customer_id", "how", "calls told_at", "customer_id",
    ),
    "customer_aliases": Kept(
        "by what name the audit trail knows them: nothing else leads from its lines to a person", "customers", _WITH, "deleted",
        "customer_id alias", person="customer_id",
    ),
    "signals": Kept(
        "what other systems know of them: a failed delivery", "customers", "`[privacy] signals_days` after it is over", "deleted",
        "customer_id external_id order_id", "text product", "id kind at expires_at received_at", "customer_id",
    ),
    "call_backs": Kept(
        "whom we are to call, and why", "customers", "`[privacy] call_backs_days` after it is done", "deleted",
        "number customer_id contact_id call source", "words text last",
        "id why due_at created_at created_by intent queue agent_id language said_at state attempts ended_at", "customer_id",
    ),
    "contacts": Kept(
        "calls and contacts of other channels, one row each", "customers",
        f"words `[privacy] words_days`; who it was {_CONTACT}; what is counted for ever", "anonymous",
        "customer_id ani shown_name line external_id", "words summary note",
        "id channel dnis language began_at ended_at intent confidence queue agent_id outcome solved flow_version emptied_at",
        "customer_id",
    ),
    "contact_events": Kept(
        "everything that happened in a contact, entry by entry", "customers",
        "words `[privacy] words_days`; all of it `[privacy] events_days`", "anonymous", "", "facts",
        "id contact_id at kind entry", "contact_id",
    ),
    "contact_legs": Kept(
        "which phones rang for a contact", "agents", "for ever: reports and learning are made of it", "stays", "", "",
        "contact_id leg agent_id queue way rang_at answered_at ended_at why intent passed_way passed_kind passed_to passed_why"
        " really outcome", "contact_id",
    ),
    "contact_waits": Kept(
        "how long callers waited", "customers", "for ever: it is counted", "stays", "", "",
        "contact_id number queue began_at seconds answered", "contact_id",
    ),
    "settlements": Kept(
        "what was offered and accepted", "customers", "for ever: it is counted", "anonymous", "customer_id order_id", "",
        "id contact_id agent_id product intent offer accepted cost_cents at", "contact_id",
    ),
    "webhook_events": Kept(
        "events on their way to other systems (the outbox)", "customers",
        "`[webhooks] keep_days` after it is delivered or given up",
        "deleted", "", "body", "id webhook_id event type stream state tries made_at next_at done_at error", "stream",
    ),
    "webhooks": Kept(
        "who is told of events", "the house", "until it is removed", "stays", "", "",
        "id url events words active created_at created_by salt secret_check old_salt old_until off_why left_out",
    ),
    "agents": Kept(
        "who takes calls", "agents", "for ever: history names them", "stays", "", "",
        "id name interface languages skills region queues",
    ),
    "accounts": Kept(
        "who may sign in", "agents", "until an administrator changes it", "stays", "", "",
        "login agent_id password_hash language name role active subject",
    ),
    "authority": Kept("what agents may decide", "agents", "until it is changed", "stays", "", "",
        "agent_id per_call_cents per_day_cents"),
    "agent_openings": Kept("how agents open calls", "agents", "until they change it", "stays", "", "",
        "agent_id intent language text"),
    "api_keys": Kept(
        "keys of other systems, as digests", "the house", "for ever: the trail names them", "stays", "", "",
        "id name digest scopes created_at created_by expires_at revoked_at used_at",
    ),
    "sessions": Kept(
        "sign-ins that go on, as digests", "agents", "until they end, `[web] session_hours` at most", "stays", "", "",
        "id login marks began_at used_at how network",
    ),
    "second_factors": Kept(
        "secrets of second factors, which a key of the house opens", "agents", "until they are reset", "stays", "", "",
        "login secret confirmed_at last_step",
    ),
    "recovery_codes": Kept(
        "codes for a lost second factor, as digests", "agents", "until they are used or reset", "stays", "", "", "login digest",
    ),
    "house": Kept("which house's database this is", "the house", "for ever", "stays", "", "", "id"),
    "audit": Kept(
        "who did what, which nobody can change, or delete before its time; of customers an alias only, and never a word",
        "agents",
        "`[privacy] audit_days`: ten years", "stays", "", "", "id at who role what target detail address",
    ),
    "erasures": Kept(
        "who was erased, as digests that only this house's key makes", "the house", "for ever: copies of the database may be old",
        "stays", "", "", "id at digests",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What lies in files."""

    where: str
    what: str
    how_long: str
    erased: str


FILES = (
    KeptFile("`[recording] folder`", "the sound of calls", "`[recording] days`, and `most_mb` together", "deleted"),
    KeptFile("`[recording] corpus`", "tests made of calls, with other names and numbers, and their sound",
             "until somebody deletes it", "deleted"),
    KeptFile("`[records] folder`: `journal`", "contacts of the last minutes, and what the database has not taken",
             "until the ring comes round", "written over"),
    KeptFile("`[records] folder`: `aside`", "contacts that the database refuses", "until somebody plays or deletes it",
        "deleted"),
    KeptFile("`[records] folder`: `erasures`", "the list of erasures once more, for a database that is restored",
        "for ever", "stays"),
    KeptFile("`[records] folder`: `database`", "which database this house has", "for ever", "stays"),
    KeptFile("`[web] key_file`", "the key of sign-ins, known browsers and second factors", "for ever", "stays"),
    KeptFile("`[recording] folder`: `pseudonyms.key`", "the key of pseudonyms and digests", "for ever", "stays"),
    KeptFile("`audio/cache`", "spoken prompts, also those with a salutation in them, named by digests",
             "until somebody deletes it; it may go at any time",
             "all that were made in calls are deleted; those that are the same for everybody (`audio/cache/prompts`) stay"),
    KeptFile("`[webhooks] key_file`", "the key of webhooks' secrets", "for ever", "stays"),
    KeptFile("the log", "ids of calls and customers, times, queues; never a number, a name or what was said",
        "as your system keeps logs",
             "stays"),
    KeptFile("Asterisk's database (AstDB)", "which agent is a member of which queue, and who paused",
        "until the server takes it out",
             "stays: nothing of callers"),
)  # fmt: skip


def page() -> str:
    """``docs/privacy.md``."""
    rows = [
        f"| `{name}` | {kept.what} | {kept.whose} | {kept.how_long} | {kept.erased} |" for name, kept in TABLES.items()
    ]
    parts = [
        f"| `{name}` | {_listed(kept.who)} | {_listed(kept.words)} | {_listed(kept.rest)} |"
        for name, kept in TABLES.items()
    ]
    files = [f"| {one.where} | {one.what} | {one.how_long} | {one.erased} |" for one in FILES]
    return "\n".join([
        _HEAD, "| table | what | of whom | how long | when a person is erased |", "|---|---|---|---|---|", *rows, "",
        "## Files", "", "| where | what | how long | when a person is erased |", "|---|---|---|---|", *files, "",
        "## Every column", "",
        "Who it is and what was said are emptied where a row stays; the rest tells nothing of anybody then.", "",
        "| table | who it is | what was said and written | the rest |", "|---|---|---|---|", *parts, "",
    ])  # fmt: skip


def _listed(names: str) -> str:
    return ", ".join(f"`{name}`" for name in names.split()) or "–"


_HEAD = """# What is kept, of whom, and for how long

Made of `ivr/adapters/database/schema/catalogue.py` by `ivr person-data --catalogue`;
`tests/adapters/database/schema/test_catalogue.py` fails where
a column is not in it. How a person's data is exported and erased: [operations.md](operations.md#what-is-kept-of-callers).

## Tables
"""
