"""The tables. Every change here needs a migration in ``migrations/versions``; a test compares the two.

Long: the whole schema in one file, so that one look shows what refers to what.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table, func, text, true

from ivr.adapters.database.schema.columns import Body, Code, Facts, Key, LongWords, Named, UtcDateTime, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


customers = Table(
    "customers",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("name", Words(200), nullable=False),
    Column("language", Code(8)),
    Column("tier", Words(16), nullable=False, server_default="standard"),
    Column("region", Words(64)),
    Column("salutation", Words(100)),
    Column("salutation_zh", Words(100)),
    Column("email", Words(200)),
    Column("note", LongWords),
)
Index("ix_customers_email", func.lower(customers.c.email))

numbers = Table(
    "customer_numbers",
    metadata,
    Column("number", Key(32), primary_key=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, index=True),
)
"""A number may be of several customers, a landline say: then nobody is greeted by it."""

orders = Table(
    "orders",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("product", Words(200), nullable=False),
    Column("status", Words(16), nullable=False),
    Column("ordered_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("amount", Words(32)),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("subject", Words(300), nullable=False),
    Column("status", Words(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("intent", Code(64)),
    Column("queue", Code(64)),
    Column("order_id", Code(64)),
)

agents = Table(
    "agents",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("name", Words(200), nullable=False),
    Column("interface", Key(200), unique=True),
    Column("languages", Facts, nullable=False),
    Column("skills", Facts, nullable=False),
    Column("region", Words(64)),
    Column("queues", Facts, nullable=False),
)
"""Whoever takes calls or has taken some; without an interface they have no phone any more, and their history stays."""

accounts = Table(
    "accounts",
    metadata,
    Column("login", Key(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), index=True),
    Column("password_hash", Code(300), nullable=False),
    Column("language", Code(8), nullable=False, server_default="en"),
    Column("name", Words(200), nullable=False, server_default=text("''")),
    Column("role", Code(16), nullable=False, server_default="agent"),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("subject", Key(512), unique=True),
)
"""Who may sign in; ``subject`` is what the OIDC provider calls them, once they have come in that way."""

sessions = Table(
    "sessions",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("login", ForeignKey("accounts.login", ondelete="CASCADE"), nullable=False, index=True),
    Column("marks", Words(64), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Column("how", Words(16), nullable=False),
    Column("network", Words(64), nullable=False),
)
"""Who is signed in; ``id`` is the SHA-256 of a token that is in the browser only."""

second_factors = Table(
    "second_factors",
    metadata,
    Column("login", ForeignKey("accounts.login", ondelete="CASCADE"), primary_key=True),
    Column("secret", Words(200), nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("last_step", Integer, nullable=False),
)
"""Authenticator apps; ``secret`` is encrypted with a key that is not in the database, ``last_step`` the last code's time."""

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("login", ForeignKey("accounts.login", ondelete="CASCADE"), primary_key=True),
    Column("digest", Key(64), primary_key=True),
)
"""What is left of them, as HMACs by that key."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Key(16), primary_key=True),
    Column("name", Words(100), nullable=False),
    Column("digest", Code(64), nullable=False),
    Column("scopes", Facts, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Code(64), nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("used_at", UtcDateTime),
)
"""``digest`` is the SHA-256 of a secret of 256 random bits, which is kept nowhere; ``used_at`` is right to the hour."""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("who", Code(80), nullable=False, index=True),
    Column("role", Code(16)),
    Column("what", Code(40), nullable=False),
    Column("target", Words(200), index=True),
    Column("detail", Facts, nullable=False),
    Column("address", Code(64)),
)
"""Who did what. Rows are only ever added: triggers of the database refuse to change or delete one."""

preferences = Table(
    "customer_preferences",
    metadata,
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("keys", Boolean, nullable=False),
    Column("slow", Boolean, nullable=False),
    Column("loud", Boolean, nullable=False),
    Column("language", Code(8)),
    Column("agreed_at", UtcDateTime, nullable=False),
)
"""Kept because the caller said yes to it."""

proofs = Table(
    "customer_proofs",
    metadata,
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("pin_hash", Code(300)),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", UtcDateTime),
    Column("proved_at", UtcDateTime),
)
"""How a customer proves who they are, and how often that went wrong, across calls."""

contacts = Table(
    "contacts",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("channel", Key(16), nullable=False),
    Column("customer_id", ForeignKey("customers.id", ondelete="SET NULL")),
    Column("ani", Code(64)),
    Column("dnis", Code(64)),
    Column("language", Code(8)),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("intent", Code(64)),
    Column("confidence", Float),
    Column("words", LongWords),
    Column("summary", Words(500), nullable=False),
    Column("queue", Code(64)),
    Column("agent_id", ForeignKey("agents.id", ondelete="SET NULL")),
    Column("outcome", Code(32)),
    Column("solved", Boolean),
    Column("note", LongWords),
    Column("flow_version", Code(32)),
    Column("shown_name", Words(200)),
    Column("line", Code(200)),
    Column("external_id", Named(128)),
    Column("emptied_at", UtcDateTime),
    Index("ix_contacts_customer_began", "customer_id", "began_at"),
    Index("ix_contacts_ended_began", "ended_at", "began_at"),
    Index("ix_contacts_channel_external", "channel", "external_id", unique=True),
)
"""``external_id`` is what the sender of another channel calls it; calls have none. ``emptied_at`` is when the words in it were
taken out: what is counted stays."""

contact_events = Table(
    "contact_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", Code(32), nullable=False),
    Column("facts", Facts, nullable=False),
    Column("entry", Key(200), nullable=False),
    Index("ix_contact_events_entry", "contact_id", "entry", unique=True),
    Index("ix_contact_events_kind_at", "kind", "at"),
)

authority = Table(
    "authority",
    metadata,
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("per_call_cents", Integer, nullable=False),
    Column("per_day_cents", Integer, nullable=False),
)
"""What an agent may decide alone, where it is not what config.toml says for everybody."""

settlements = Table(
    "settlements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("agent_id", Key(64), nullable=False),
    Column("customer_id", ForeignKey("customers.id", ondelete="SET NULL")),
    Column("order_id", Code(64)),
    Column("product", Words(200)),
    Column("intent", Code(64), nullable=False),
    Column("offer", Key(64), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("cost_cents", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_settlements_agent_at", "agent_id", "at"),
    Index("ix_settlements_customer_at", "customer_id", "at"),
    Index("ix_settlements_contact_offer", "contact_id", "offer", unique=True),
)
"""What was offered, and what the caller said to it; ``cost_cents`` is 0 where it was declined."""

contact_legs = Table(
    "contact_legs",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("leg", Key(100), primary_key=True),
    Column("agent_id", Key(64), nullable=False),
    Column("queue", Code(64)),
    Column("way", Code(16), nullable=False),
    Column("rang_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("why", Code(32)),
    Column("intent", Code(64)),
    Column("passed_way", Code(16)),
    Column("passed_kind", Code(16)),
    Column("passed_to", Code(64)),
    Column("passed_why", Code(16)),
    Column("really", Code(64)),
    Column("outcome", Code(32)),
    Index("ix_contact_legs_agent_rang", "agent_id", "rang_at"),
)
"""Every phone that rang for a contact: what reports and learning are made of. Agents who have left stay in it."""

contact_waits = Table(
    "contact_waits",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("queue", Code(64), nullable=False),
    Column("began_at", UtcDateTime, nullable=False, index=True),
    Column("seconds", Float, nullable=False),
    Column("answered", Boolean, nullable=False),
)
"""Every wait for a person that is over (``core.contact.service_level``); ``number`` counts from 0 within a contact."""

signals = Table(
    "signals",
    metadata,
    Column("id", Key(64), primary_key=True),
    Column("kind", Named(64), nullable=False),
    Column("external_id", Named(128), nullable=False),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("product", Words(200)),
    Column("order_id", Code(64)),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Words(500), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_signals_customer_expires", "customer_id", "expires_at"),
    Index("ix_signals_kind_external", "kind", "external_id", unique=True),
)
"""What other systems know of a customer before the customer calls: a delivery has failed, a device is broken."""

call_backs = Table(
    "call_backs",
    metadata,
    Column("id", Key(36), primary_key=True),
    Column("number", Code(32), nullable=False),
    Column("why", Code(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Code(80), nullable=False),
    Column("source", Named(300), nullable=False, unique=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="SET NULL"), index=True),
    Column("contact_id", Key(64)),
    Column("intent", Code(64)),
    Column("queue", Code(64)),
    Column("agent_id", Key(64)),
    Column("language", Code(8), nullable=False),
    Column("words", LongWords),
    Column("said_at", UtcDateTime),
    Column("text", Words(500), nullable=False),
    Column("state", Code(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("call", Key(64)),
    Column("last", Words(200)),
    Column("ended_at", UtcDateTime),
    Index("ix_call_backs_state_due", "state", "due_at"),
)
"""Customers to be called; ``contact_id`` is the contact that it goes on with, ``call`` the one that it is called in."""

consents = Table(
    "customer_consents",
    metadata,
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("calls", Boolean, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Column("how", Words(200), nullable=False),
)
"""Whether a customer may be called without having asked for it, and how they have said so."""

aliases = Table(
    "customer_aliases", metadata, Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("alias", Code(40), nullable=False, index=True, unique=True),
)  # fmt: skip
"""By what name the audit trail knows a customer: with this row goes whatever leads from its lines to a person."""

agent_openings = Table(
    "agent_openings",
    metadata,
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("intent", Key(64), primary_key=True),
    Column("language", Key(8), primary_key=True),
    Column("text", Words(300), nullable=False),
)
"""How agents open calls, in their own words; the intent is empty for calls without a reason."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Key(16), primary_key=True),
    Column("url", Code(500), nullable=False),
    Column("events", Facts, nullable=False),
    Column("words", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Code(80), nullable=False),
    Column("salt", Code(32), nullable=False),
    Column("secret_check", Code(16), nullable=False),
    Column("old_salt", Code(32)),
    Column("old_until", UtcDateTime),
    Column("off_why", Code(32)),
    Column("left_out", Integer, nullable=False, server_default="0"),
)
"""Who is told of what happens. The secret is made of ``salt`` by a key that is not in the database."""

webhook_events = Table(
    "webhook_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", Key(64), nullable=False),
    Column("type", Code(32), nullable=False),
    Column("stream", Key(64), nullable=False),
    Column("body", Body, nullable=False),
    Column("state", Code(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime, index=True),
    Column("error", Code(64)),
    Index("ix_webhook_events_event", "webhook_id", "event", unique=True),
    Index("ix_webhook_events_waiting", "webhook_id", "state", "stream", "id"),
)
"""The outbox: events for each of their receivers, in the order in which they are sent within a ``stream``, one contact."""

house = Table("house", metadata, Column("id", Key(36), primary_key=True))
"""Which house's database this is: one row, made with the table."""
erasures = Table(
    "erasures",
    metadata,
    Column("id", Key(36), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("digests", Facts, nullable=False),
)
"""Who was erased, as digests of numbers and ids: a copy of the database from before is told again."""
