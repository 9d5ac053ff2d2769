"""Agents write their own opening lines."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_openings",
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_agent_openings_agent_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", "intent", "language", name="pk_agent_openings"),
    )


def downgrade() -> None:
    op.drop_table("agent_openings")
