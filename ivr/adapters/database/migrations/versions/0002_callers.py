"""What works for a caller, and how they prove who they are."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_preferences",
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("keys", sa.Boolean(), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("loud", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_preferences_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_preferences"),
    )
    op.create_table(
        "customer_proofs",
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("pin_hash", sa.String(300)),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("proved_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_proofs_customer_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_proofs"),
    )


def downgrade() -> None:
    op.drop_table("customer_proofs")
    op.drop_table("customer_preferences")
