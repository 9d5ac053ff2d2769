"""Agents say why they pass a call on."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_legs", sa.Column("passed_why", sa.String(16)))


def downgrade() -> None:
    op.drop_column("contact_legs", "passed_why")
