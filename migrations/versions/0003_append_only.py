"""the trail is append-only

The same on both databases: an entry is never changed, and goes only when it is older than the law lets it be kept at
least; a seal neither changes nor goes. The clock that decides is the database's own, so that a wrong date of the
application deletes nothing.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TRIGGER audit_entry_never_changed BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END""",
    """CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry
       WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-180 days')
       BEGIN SELECT RAISE(ABORT, 'audit_entry is kept for 180 days at least'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER audit_entry_never_replaced BEFORE INSERT ON audit_entry
       WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END""",
    """CREATE TRIGGER audit_seal_never_changed BEFORE UPDATE ON audit_seal
       BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END""",
    """CREATE TRIGGER audit_seal_kept BEFORE DELETE ON audit_seal
       BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END""",
    """CREATE TRIGGER audit_seal_never_replaced BEFORE INSERT ON audit_seal
       WHEN EXISTS (SELECT 1 FROM audit_seal WHERE number = NEW.number OR entry_id = NEW.entry_id)
       BEGIN SELECT RAISE(ABORT, 'audit_seal is append-only'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    """CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF OLD.at > (clock_timestamp() AT TIME ZONE 'UTC') - interval '180 days' THEN
           RAISE EXCEPTION 'audit_entry is kept for 180 days at least';
         END IF;
         RETURN OLD;
       END $$""",
    """CREATE TRIGGER audit_entry_never_changed BEFORE UPDATE ON audit_entry
       FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_entry_kept BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_keep()""",
    """CREATE TRIGGER audit_entry_never_emptied BEFORE TRUNCATE ON audit_entry
       FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_seal_never_changed BEFORE UPDATE ON audit_seal
       FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_seal_kept BEFORE DELETE ON audit_seal FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_seal_never_emptied BEFORE TRUNCATE ON audit_seal
       FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
)


def upgrade() -> None:
    for statement in POSTGRESQL if _on_postgresql() else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if _on_postgresql():
        op.execute("DROP FUNCTION audit_refuse() CASCADE")
        op.execute("DROP FUNCTION audit_keep() CASCADE")
        return
    for statement in SQLITE:
        op.execute("DROP TRIGGER " + statement.split()[2])


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
