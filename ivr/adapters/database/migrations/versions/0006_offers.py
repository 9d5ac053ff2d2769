"""What agents may decide alone, and what they have offered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authority",
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("per_call_cents", sa.Integer(), nullable=False),
        sa.Column("per_day_cents", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_authority_agent_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", name="pk_authority"),
    )
    op.create_table(
        "settlements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("order_id", sa.String(64)),
        sa.Column("product", sa.String(200)),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("offer", sa.String(64), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("cost_cents", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_settlements_contact_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_settlements_customer_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_settlements"),
    )
    op.create_index("ix_settlements_contact_id", "settlements", ["contact_id"])
    op.create_index("ix_settlements_agent_at", "settlements", ["agent_id", "at"])
    op.create_index("ix_settlements_customer_at", "settlements", ["customer_id", "at"])
    op.create_index("ix_settlements_contact_offer", "settlements", ["contact_id", "offer"], unique=True)


def downgrade() -> None:
    op.drop_table("settlements")
    op.drop_table("authority")
