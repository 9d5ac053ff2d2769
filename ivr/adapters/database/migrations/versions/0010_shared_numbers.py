"""A telephone number may be of several customers: then nobody is greeted by it."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _keyed_by("number", "customer_id")


def downgrade() -> None:
    # of several owners one stays
    op.execute(
        "DELETE FROM customer_numbers WHERE EXISTS (SELECT 1 FROM customer_numbers AS other"
        " WHERE other.number = customer_numbers.number AND other.customer_id < customer_numbers.customer_id)"
    )
    _keyed_by("number")


def _keyed_by(*columns: str) -> None:
    with op.batch_alter_table("customer_numbers") as table:
        table.drop_constraint("pk_customer_numbers", type_="primary")
        table.create_primary_key("pk_customer_numbers", list(columns))
