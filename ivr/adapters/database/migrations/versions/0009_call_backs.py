"""Customers to be called, whether they may be, and what happened by kind and time."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_backs",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("contact_id", sa.String(64)),
        sa.Column("intent", sa.String(64)),
        sa.Column("queue", sa.String(64)),
        sa.Column("agent_id", sa.String(64)),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("words", sa.Text()),
        sa.Column("said_at", sa.DateTime(timezone=True)),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(64)),
        sa.Column("last", sa.String(200)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_call_backs_customer_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_call_backs"),
        sa.UniqueConstraint("source", name="uq_call_backs_source"),
    )
    op.create_index("ix_call_backs_customer_id", "call_backs", ["customer_id"])
    op.create_index("ix_call_backs_state_due", "call_backs", ["state", "due_at"])
    op.create_table(
        "customer_consents",
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("calls", sa.Boolean(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_consents_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_consents"),
    )
    op.create_table(
        "contact_waits",
        sa.Column("contact_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_contact_waits_contact_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "number", name="pk_contact_waits"),
    )
    op.create_index("ix_contact_waits_began_at", "contact_waits", ["began_at"])
    op.create_index("ix_contact_events_kind_at", "contact_events", ["kind", "at"])


def downgrade() -> None:
    op.drop_index("ix_contact_events_kind_at", "contact_events")
    op.drop_table("contact_waits")
    op.drop_table("customer_consents")
    op.drop_table("call_backs")
