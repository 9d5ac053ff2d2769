"""No line of the audit trail is written over: SQLite's REPLACE takes a row away without its delete trigger.

PostgreSQL has no REPLACE, and what its ON CONFLICT changes is an update.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            # the id of a line that is numbered by the table itself is -1 here
            "CREATE TRIGGER audit_stays_insert BEFORE INSERT ON audit "
            "WHEN NEW.id > 0 AND EXISTS (SELECT 1 FROM audit AS line WHERE line.id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_stays_insert")
