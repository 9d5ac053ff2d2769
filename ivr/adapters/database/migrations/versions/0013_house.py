"""Which house's database this is: an emptied one, or another's, is noticed before anything is written into it."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    made = op.create_table(
        "house", sa.Column("id", sa.String(36), nullable=False), sa.PrimaryKeyConstraint("id", name="pk_house")
    )
    op.bulk_insert(made, [{"id": str(uuid4())}])


def downgrade() -> None:
    op.drop_table("house")
