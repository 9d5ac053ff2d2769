"""The first schema: customers with orders and cases, agents with accounts, contacts with their events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("tier", sa.String(16), nullable=False, server_default="standard"),
        sa.Column("region", sa.String(64)),
        sa.Column("salutation", sa.String(100)),
        sa.Column("salutation_zh", sa.String(100)),
        sa.Column("email", sa.String(200)),
        sa.Column("note", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_table(
        "customer_numbers",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_customer_numbers"),
        _belongs_to_customer("customer_numbers", "CASCADE"),
    )
    op.create_index("ix_customer_numbers_customer_id", "customer_numbers", ["customer_id"])
    op.create_table(
        "orders",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("product", sa.String(200), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("ordered_at", _time, nullable=False),
        sa.Column("due_at", _time),
        sa.Column("amount", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        _belongs_to_customer("orders", "CASCADE"),
    )
    op.create_index("ix_orders_customer_id", "orders", ["customer_id"])
    op.create_table(
        "cases",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("opened_at", _time, nullable=False),
        sa.Column("intent", sa.String(64)),
        sa.Column("queue", sa.String(64)),
        sa.Column("order_id", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        _belongs_to_customer("cases", "CASCADE"),
    )
    op.create_index("ix_cases_customer_id", "cases", ["customer_id"])
    _people()
    _contacts()


def _belongs_to_customer(table: str, on_delete: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_customer_id"
    return sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=name, ondelete=on_delete)


def _people() -> None:
    op.create_table(
        "agents",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("interface", sa.String(200), nullable=False),
        sa.Column("languages", sa.JSON, nullable=False),
        sa.Column("skills", sa.JSON, nullable=False),
        sa.Column("region", sa.String(64)),
        sa.Column("queues", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.UniqueConstraint("interface", name="uq_agents_interface"),
    )
    op.create_table(
        "accounts",
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("language", sa.String(8), nullable=False, server_default="en"),
        sa.PrimaryKeyConstraint("login", name="pk_accounts"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_accounts_agent_id", ondelete="CASCADE"),
    )
    op.create_index("ix_accounts_agent_id", "accounts", ["agent_id"])


def _contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("ani", sa.String(64)),
        sa.Column("dnis", sa.String(64)),
        sa.Column("language", sa.String(8)),
        sa.Column("began_at", _time, nullable=False),
        sa.Column("ended_at", _time),
        sa.Column("intent", sa.String(64)),
        sa.Column("confidence", sa.Float),
        sa.Column("words", sa.Text),
        sa.Column("summary", sa.String(500), nullable=False),
        sa.Column("queue", sa.String(64)),
        sa.Column("agent_id", sa.String(64)),
        sa.Column("outcome", sa.String(32)),
        sa.Column("solved", sa.Boolean),
        sa.Column("note", sa.Text),
        sa.Column("flow_version", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        _belongs_to_customer("contacts", "SET NULL"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_contacts_agent_id", ondelete="SET NULL"),
    )
    op.create_index("ix_contacts_customer_began", "contacts", ["customer_id", "began_at"])
    op.create_table(
        "contact_events",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.String(64), nullable=False),
        sa.Column("at", _time, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_events"),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_contact_events_contact_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_contact_events_contact_id", "contact_events", ["contact_id"])


def downgrade() -> None:
    for table in (
        "contact_events", "contacts", "accounts", "agents", "cases", "orders", "customer_numbers", "customers",
    ):  # fmt: skip
        op.drop_table(table)
