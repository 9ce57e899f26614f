"""The trail as a file, as the audit administrator takes it away."""

from __future__ import annotations

from collections.abc import Sequence

from app.features.audit import history, queries, words
from app.kit import clock, excel
from app.kit.audit import AuditEntry

TRAIL = excel.Sheet(
    code="audit-trail",
    name="审计日志",
    title="审计日志",
    columns=tuple(
        excel.Column(field, (header,), width=width)
        for field, header, width in (
            ("number", "编号", 8),
            ("at", "时间", 20),
            ("username", "用户名", 16),
            ("name", "姓名", 10),
            ("for_whom", "代谁", 10),
            ("address", "来自", 16),
            ("act", "操作", 24),
            ("kind", "类别", 12),
            ("record", "记录种类", 16),
            ("row_id", "记录编号", 12),
            ("changes", "改动前 → 改动后", 60),
            ("request_id", "请求编号", 18),
        )
    ),
)


def content(entries: Sequence[AuditEntry], kind: str) -> bytes:
    """The entries as an .xlsx, or as a .csv."""
    names = queries.names_of({entry.username for entry in entries})
    records = words.records(entry.table_name for entry in entries)
    rows = [_row(entry, names.get(entry.username, ""), records[entry.table_name]) for entry in entries]
    return excel.write_csv(TRAIL, rows) if kind == "csv" else excel.write(TRAIL, rows)


def _row(entry: AuditEntry, name: str, record: str) -> dict[str, object]:
    changes = "; ".join(f"{line.label}: {line.before} → {line.after}" for line in history.lines(entry))
    return {
        "number": entry.id,
        "at": entry.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
        "username": entry.username,
        "name": name,
        "for_whom": entry.on_behalf_of or "",
        "address": words.place(entry.address),
        "act": words.act(entry.action),
        "kind": words.kind(entry.kind),
        "record": record,
        "row_id": entry.row_id,
        "changes": changes or words.facts(entry.changes),
        "request_id": entry.request_id or "",
    }
