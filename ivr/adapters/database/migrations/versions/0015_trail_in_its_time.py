"""Lines of the audit trail may go when they are old, in a transaction that leaves a line of it, and in no other.

``audit.expired`` has as its target until when lines go. Nothing younger than a year goes, whatever it says.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_stays ON audit")
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        op.execute(
            "CREATE FUNCTION audit_goes_in_its_time() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "DECLARE until timestamptz; BEGIN "
            # the line must be of this very transaction
            "SELECT target::timestamp AT TIME ZONE 'UTC' INTO until FROM audit WHERE what = 'audit.expired' "
            "AND xmin::text::bigint = txid_current() % 4294967296 ORDER BY id DESC LIMIT 1; "
            "IF until IS NULL OR EXISTS (SELECT 1 FROM gone WHERE at >= least(until, now() - interval '365 days')) THEN "
            "RAISE EXCEPTION 'the audit trail is append-only'; END IF; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_stays_delete AFTER DELETE ON audit REFERENCING OLD TABLE AS gone "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_goes_in_its_time()"
        )
        return
    op.execute("DROP TRIGGER audit_stays_delete")
    op.execute(
        # whoever has written the newest line is alone until the end of the transaction
        "CREATE TRIGGER audit_stays_delete BEFORE DELETE ON audit WHEN NOT EXISTS (SELECT 1 FROM audit AS line "
        "WHERE line.id = (SELECT max(id) FROM audit) AND line.what = 'audit.expired' AND OLD.at < line.target "
        "AND OLD.at < strftime('%Y-%m-%d %H:%M:%S', 'now', '-365 days')) "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_stays_delete ON audit")
        op.execute("DROP FUNCTION audit_goes_in_its_time()")
        op.execute("DROP TRIGGER audit_stays ON audit")
        op.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
        )
        return
    op.execute("DROP TRIGGER audit_stays_delete")
    op.execute(
        "CREATE TRIGGER audit_stays_delete BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    )
