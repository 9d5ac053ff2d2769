"""Entries of contacts are told apart, the legs of a contact are kept, and what a restart needs to know of a call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contacts") as batch:
        batch.add_column(sa.Column("shown_name", sa.String(200)))
        batch.add_column(sa.Column("line", sa.String(200)))
        batch.create_index("ix_contacts_ended_began", ["ended_at", "began_at"])
    with op.batch_alter_table("contact_events") as batch:
        batch.add_column(sa.Column("entry", sa.String(200)))
    # entries of before: each is its own
    op.execute("UPDATE contact_events SET entry = 'old' || id")
    with op.batch_alter_table("contact_events") as batch:
        batch.alter_column("entry", nullable=False, existing_type=sa.String(200))
        batch.create_index("ix_contact_events_entry", ["contact_id", "entry"], unique=True)
    op.create_table(
        "contact_legs",
        sa.Column("contact_id", sa.String(64), nullable=False),
        sa.Column("leg", sa.String(100), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("queue", sa.String(64)),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("rang_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("why", sa.String(32)),
        sa.Column("intent", sa.String(64)),
        sa.Column("passed_way", sa.String(16)),
        sa.Column("passed_kind", sa.String(16)),
        sa.Column("passed_to", sa.String(64)),
        sa.Column("really", sa.String(64)),
        sa.Column("outcome", sa.String(32)),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_contact_legs_contact_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("contact_id", "leg", name="pk_contact_legs"),
    )
    op.create_index("ix_contact_legs_agent_rang", "contact_legs", ["agent_id", "rang_at"])


def downgrade() -> None:
    op.drop_table("contact_legs")
    with op.batch_alter_table("contact_events") as batch:
        batch.drop_index("ix_contact_events_entry")
        batch.drop_column("entry")
    with op.batch_alter_table("contacts") as batch:
        batch.drop_index("ix_contacts_ended_began")
        batch.drop_column("line")
        batch.drop_column("shown_name")
