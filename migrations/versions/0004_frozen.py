"""what is published is frozen

A snapshot of a round never changes. A ranking that was published and an award batch that was approved keep what they were
computed from and what came out; that they are superseded, exported or paid may still be written. The same on both databases.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RUN = ("unit_id", "round_id", "number", "rule_version", "policy", "inputs", "summary", "digest", "run_by")
RUN += ("is_published", "published_by", "published_at")
BATCH = ("unit_id", "ranking_run_id", "number", "year", "rule_version", "policy", "inputs", "summary", "digest")
BATCH += ("run_by", "corrects_id")
PAY_LINE = ("batch_id", "employment_id", "person_id", "months", "monthly_wage", "wage_parts", "final", "rank", "band")
PAY_LINE += ("multiplier", "award", "earlier_award", "before_budget")
JSON = {"policy", "inputs", "summary", "wage_parts"}
APPROVED = "('approved', 'exported', 'paid')"


def _differs(columns: tuple[str, ...], word: str, cast: str) -> str:
    return " OR ".join(
        f'OLD."{name}"{cast if name in JSON else ""} {word} NEW."{name}"{cast if name in JSON else ""}' for name in columns
    )


def _of_run(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM ranking_run r WHERE r.id = {row}.run_id AND r.is_published)"


def _of_batch(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM bonus_batch b WHERE b.id = {row}.batch_id AND b.state IN {APPROVED})"


def _guards(differs, published) -> list[tuple[str, str, str, str]]:
    """(name, event, table, condition under which it is refused)."""
    lines = "(" + differs(PAY_LINE) + ")"
    return [
        ("round_snapshot_never_changed", "UPDATE", "round_snapshot", published),
        ("round_snapshot_kept", "DELETE", "round_snapshot", published),
        ("ranking_run_frozen", "UPDATE", "ranking_run", f"OLD.is_published AND ({differs(RUN)})"),
        ("ranking_run_kept", "DELETE", "ranking_run", "OLD.is_published"),
        ("ranking_line_frozen", "UPDATE", "ranking_line", f"{_of_run('OLD')} OR {_of_run('NEW')}"),
        ("ranking_line_kept", "DELETE", "ranking_line", _of_run("OLD")),
        ("ranking_line_complete", "INSERT", "ranking_line", _of_run("NEW")),
        ("bonus_batch_frozen", "UPDATE", "bonus_batch", f"OLD.state IN {APPROVED} AND ({differs(BATCH)})"),
        ("bonus_batch_kept", "DELETE", "bonus_batch", f"OLD.state IN {APPROVED}"),
        ("pay_line_frozen", "UPDATE", "pay_line", f"({_of_batch('OLD')} OR {_of_batch('NEW')}) AND {lines}"),
        ("pay_line_kept", "DELETE", "pay_line", _of_batch("OLD")),
        ("pay_line_complete", "INSERT", "pay_line", _of_batch("NEW")),
    ]


def _sqlite() -> list[tuple[str, str, str, str]]:
    return _guards(lambda columns: _differs(columns, "IS NOT", ""), "1")


def _postgresql() -> list[tuple[str, str, str, str]]:
    return _guards(lambda columns: _differs(columns, "IS DISTINCT FROM", "::text"), "true")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        for name, event, table, condition in _sqlite():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is frozen'); END"
            )
        return
    for name, event, table, condition in _postgresql():
        # The condition stands in the function: a WHEN clause may not look into another table.
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{table} is frozen'; END IF; "
            f"RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    for table in ("round_snapshot", "ranking_line", "pay_line"):
        op.execute(
            f"CREATE FUNCTION {table}_never_emptied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{table} is frozen'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_never_emptied()"
        )


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, _event, table, _condition in _postgresql() if on_postgresql else _sqlite():
        op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if on_postgresql else ""))
        if on_postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    if on_postgresql:
        for table in ("round_snapshot", "ranking_line", "pay_line"):
            op.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")
            op.execute(f"DROP FUNCTION {table}_never_emptied()")
