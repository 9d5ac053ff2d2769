"""The tables. Every change here needs a migration in ``migrations/versions``; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    func,
    text,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A time with its zone, kept as UTC: SQLite has no zones, and gives none back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; a time without a zone is refused, because nobody knows which it was meant in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be kept: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        at: datetime = value
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


customers = Table(
    "customers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("language", String(8)),
    Column("tier", String(16), nullable=False, server_default="standard"),
    Column("region", String(64)),
    Column("salutation", String(100)),
    Column("salutation_zh", String(100)),
    Column("email", String(200)),
    Column("note", Text),
)
Index("ix_customers_email", func.lower(customers.c.email))

numbers = Table(
    "customer_numbers",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("product", String(200), nullable=False),
    Column("status", String(16), nullable=False),
    Column("ordered_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("amount", String(32)),
)

cases = Table(
    "cases",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("subject", String(300), nullable=False),
    Column("status", String(16), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("intent", String(64)),
    Column("queue", String(64)),
    Column("order_id", String(64)),
)

agents = Table(
    "agents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("interface", String(200), unique=True),
    Column("languages", JSON, nullable=False),
    Column("skills", JSON, nullable=False),
    Column("region", String(64)),
    Column("queues", JSON, nullable=False),
)
"""Whoever takes calls or has taken some; without an interface they have no phone any more, and their history stays."""

accounts = Table(
    "accounts",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), index=True),
    Column("password_hash", String(300), nullable=False),
    Column("language", String(8), nullable=False, server_default="en"),
    Column("name", String(200), nullable=False, server_default=text("''")),
    Column("role", String(16), nullable=False, server_default="agent"),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("subject", String(512), unique=True),
)
"""Who may sign in; ``subject`` is what the OIDC provider calls them, once they have come in that way."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(64), nullable=False),
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
    Column("who", String(80), nullable=False, index=True),
    Column("role", String(16)),
    Column("what", String(40), nullable=False),
    Column("target", String(200), index=True),
    Column("detail", JSON, nullable=False),
    Column("address", String(64)),
)
"""Who did what. Rows are only ever added: triggers of the database refuse to change or delete one."""

preferences = Table(
    "customer_preferences",
    metadata,
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("keys", Boolean, nullable=False),
    Column("slow", Boolean, nullable=False),
    Column("loud", Boolean, nullable=False),
    Column("language", String(8)),
    Column("agreed_at", UtcDateTime, nullable=False),
)
"""Kept because the caller said yes to it."""

proofs = Table(
    "customer_proofs",
    metadata,
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True),
    Column("pin_hash", String(300)),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("locked_until", UtcDateTime),
    Column("proved_at", UtcDateTime),
)
"""How a customer proves who they are, and how often that went wrong, across calls."""

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("customer_id", ForeignKey("customers.id", ondelete="SET NULL")),
    Column("ani", String(64)),
    Column("dnis", String(64)),
    Column("language", String(8)),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("intent", String(64)),
    Column("confidence", Float),
    Column("words", Text),
    Column("summary", String(500), nullable=False),
    Column("queue", String(64)),
    Column("agent_id", ForeignKey("agents.id", ondelete="SET NULL")),
    Column("outcome", String(32)),
    Column("solved", Boolean),
    Column("note", Text),
    Column("flow_version", String(32)),
    Column("shown_name", String(200)),
    Column("line", String(200)),
    Column("external_id", String(128)),
    Index("ix_contacts_customer_began", "customer_id", "began_at"),
    Index("ix_contacts_ended_began", "ended_at", "began_at"),
    Index("ix_contacts_channel_external", "channel", "external_id", unique=True),
)
"""``external_id`` is what the sender of another channel calls it; calls have none."""

contact_events = Table(
    "contact_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("entry", String(200), nullable=False),
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
    Column("agent_id", String(64), nullable=False),
    Column("customer_id", ForeignKey("customers.id", ondelete="SET NULL")),
    Column("order_id", String(64)),
    Column("product", String(200)),
    Column("intent", String(64), nullable=False),
    Column("offer", String(64), nullable=False),
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
    Column("leg", String(100), primary_key=True),
    Column("agent_id", String(64), nullable=False),
    Column("queue", String(64)),
    Column("way", String(16), nullable=False),
    Column("rang_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("why", String(32)),
    Column("intent", String(64)),
    Column("passed_way", String(16)),
    Column("passed_kind", String(16)),
    Column("passed_to", String(64)),
    Column("passed_why", String(16)),
    Column("really", String(64)),
    Column("outcome", String(32)),
    Index("ix_contact_legs_agent_rang", "agent_id", "rang_at"),
)
"""Every phone that rang for a contact: what reports and learning are made of. Agents who have left stay in it."""

contact_waits = Table(
    "contact_waits",
    metadata,
    Column("contact_id", ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("queue", String(64), nullable=False),
    Column("began_at", UtcDateTime, nullable=False, index=True),
    Column("seconds", Float, nullable=False),
    Column("answered", Boolean, nullable=False),
)
"""Every wait of a caller for a person that is over (``ivr.core.service``); ``number`` counts from 0 within a contact."""

signals = Table(
    "signals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("customer_id", ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("product", String(200)),
    Column("order_id", String(64)),
    Column("at", UtcDateTime, nullable=False),
    Column("text", String(500), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index("ix_signals_customer_expires", "customer_id", "expires_at"),
    Index("ix_signals_kind_external", "kind", "external_id", unique=True),
)
"""What other systems know of a customer before the customer calls: a delivery has failed, a device is broken."""

call_backs = Table(
    "call_backs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("number", String(32), nullable=False),
    Column("why", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("source", String(300), nullable=False, unique=True),
    Column("customer_id", ForeignKey("customers.id", ondelete="SET NULL"), index=True),
    Column("contact_id", String(64)),
    Column("intent", String(64)),
    Column("queue", String(64)),
    Column("agent_id", String(64)),
    Column("language", String(8), nullable=False),
    Column("words", Text),
    Column("said_at", UtcDateTime),
    Column("text", String(500), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("call", String(64)),
    Column("last", String(200)),
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
    Column("how", String(200), nullable=False),
)
"""Whether a customer may be called without having asked for it, and how they have said so."""

agent_openings = Table(
    "agent_openings",
    metadata,
    Column("agent_id", ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    Column("intent", String(64), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("text", String(300), nullable=False),
)
"""How agents open calls, in their own words; the intent is empty for calls without a reason."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("url", String(500), nullable=False),
    Column("events", JSON, nullable=False),
    Column("words", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(80), nullable=False),
    Column("salt", String(32), nullable=False),
    Column("secret_check", String(16), nullable=False),
    Column("old_salt", String(32)),
    Column("old_until", UtcDateTime),
    Column("off_why", String(32)),
    Column("left_out", Integer, nullable=False, server_default="0"),
)
"""Who is told of what happens. The secret is made of ``salt`` by a key that is not in the database."""

webhook_events = Table(
    "webhook_events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(64), nullable=False),
    Column("type", String(32), nullable=False),
    Column("stream", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime, index=True),
    Column("error", String(64)),
    Index("ix_webhook_events_event", "webhook_id", "event", unique=True),
    Index("ix_webhook_events_waiting", "webhook_id", "state", "stream", "id"),
)
"""The outbox: events for each of their receivers, in the order in which they are sent within a ``stream``, one contact."""
