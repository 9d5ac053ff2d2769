"""The audit trail names a customer by an alias, which only a row leads to; lines of before are written once more with theirs.

Of what other systems brought, the trail had the sender's own id, and of call backs where they came from: the row has both.
"""

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_CUSTOMER = ("consent.changed", "timeline.read", "signals.read")
_NO_TARGET = ("recording.forgotten",)
_LEFT_OUT = {
    "contact.added": "external_id", "signal.added": "external_id", "call_back.added": "source", "consent.changed": "how",
}  # fmt: skip
_AT_ONCE = 1000

_audit = sa.table(
    "audit", sa.column("id", sa.Integer), sa.column("at", sa.DateTime(timezone=True)), sa.column("who", sa.String),
    sa.column("what", sa.String), sa.column("target", sa.String), sa.column("detail", sa.JSON),
)  # fmt: skip
_customers = sa.table("customers", sa.column("id", sa.String))


def upgrade() -> None:
    aliases = op.create_table(
        "customer_aliases",
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("alias", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_aliases"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_customer_aliases_customer_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_customer_aliases_alias", "customer_aliases", ["alias"], unique=True)
    postgres = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER {'audit_stays ON audit' if postgres else 'audit_stays_update'}")
    _write_again(aliases)
    if postgres:
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
    else:
        op.execute(
            "CREATE TRIGGER audit_stays_update BEFORE UPDATE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )


def _write_again(aliases: sa.Table) -> None:
    connection, a = op.get_bind(), _audit.c
    names: dict[str, str] = {}
    last, changed = 0, 0
    concerned = a.what.in_({*_CUSTOMER, *_NO_TARGET, *_LEFT_OUT})
    while rows := connection.execute(
        sa.select(a.id, a.what, a.target, a.detail).where(concerned, a.id > last).order_by(a.id).limit(_AT_ONCE)
    ).all():
        last = rows[-1].id
        for row in rows:
            target = None if row.what in _NO_TARGET else row.target
            if row.what in _CUSTOMER and target is not None:
                if target not in names:
                    names[target] = f"customer-{uuid4().hex[:16]}"
                    # whoever is known here no more has an alias, too, which nothing leads to
                    if connection.execute(sa.select(_customers.c.id).where(_customers.c.id == target)).first():
                        connection.execute(sa.insert(aliases).values(customer_id=target, alias=names[target]))
                target = names[target]
            detail = {name: value for name, value in row.detail.items() if name != _LEFT_OUT.get(row.what)}
            if (target, detail) != (row.target, row.detail):
                connection.execute(sa.update(_audit).where(a.id == row.id).values(target=target, detail=detail))
                changed += 1
    if changed:
        connection.execute(
            sa.insert(_audit).values(
                at=datetime.now(UTC), who="server:migration", what="audit.aliased", detail={"lines": changed}
            )
        )


def downgrade() -> None:
    op.drop_table("customer_aliases")
