"""Roles and people without a phone, API keys, the audit trail, contacts and signals of other systems."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _keys()
    _audit()
    _other_channels()


def _people() -> None:
    with op.batch_alter_table("agents") as agents:
        agents.alter_column("interface", existing_type=sa.String(200), nullable=True)
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("agent_id", existing_type=sa.String(64), nullable=True)
        accounts.add_column(sa.Column("name", sa.String(200), nullable=False, server_default=sa.text("''")))
        accounts.add_column(sa.Column("role", sa.String(16), nullable=False, server_default="agent"))
        accounts.add_column(sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()))
        accounts.add_column(sa.Column("subject", sa.String(512)))
        accounts.create_unique_constraint("uq_accounts_subject", ["subject"])
    op.execute("UPDATE accounts SET name = (SELECT name FROM agents WHERE agents.id = accounts.agent_id)")


def _keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", _time, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("expires_at", _time),
        sa.Column("revoked_at", _time),
        sa.Column("used_at", _time),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("at", _time, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16)),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("target", sa.String(200)),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("address", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    for column in ("at", "who", "target"):
        op.create_index(f"ix_audit_{column}", "audit", [column])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_stays_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )


def _other_channels() -> None:
    op.create_index("ix_customers_email", "customers", [sa.text("lower(email)")])
    op.add_column("contacts", sa.Column("external_id", sa.String(128)))
    op.create_index("ix_contacts_channel_external", "contacts", ["channel", "external_id"], unique=True)
    op.create_table(
        "signals",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("product", sa.String(200)),
        sa.Column("order_id", sa.String(64)),
        sa.Column("at", _time, nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("expires_at", _time, nullable=False),
        sa.Column("received_at", _time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signals"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_signals_customer_id", ondelete="CASCADE"),
    )
    op.create_index("ix_signals_customer_expires", "signals", ["customer_id", "expires_at"])
    op.create_index("ix_signals_kind_external", "signals", ["kind", "external_id"], unique=True)


def downgrade() -> None:
    op.drop_table("signals")
    op.drop_index("ix_contacts_channel_external", "contacts")
    op.drop_column("contacts", "external_id")
    op.drop_index("ix_customers_email", "customers")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_append_only()")
    op.drop_table("api_keys")
    op.execute("DELETE FROM accounts WHERE agent_id IS NULL")  # there was no room for people without a phone
    op.execute("UPDATE agents SET interface = id WHERE interface IS NULL")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_constraint("uq_accounts_subject", type_="unique")
        for column in ("subject", "active", "role", "name"):
            accounts.drop_column(column)
        accounts.alter_column("agent_id", existing_type=sa.String(64), nullable=False)
    with op.batch_alter_table("agents") as agents:
        agents.alter_column("interface", existing_type=sa.String(200), nullable=False)
