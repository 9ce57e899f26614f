"""The rules of the house, checked in the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"
SOURCES = sorted(path for path in APP.rglob("*.py") if "_data" not in path.parts)
FORBIDDEN_NAMES = {"util", "utils", "helpers", "common", "misc"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_domain_imports_only_the_standard_library() -> None:
    for path in (APP / "domain").rglob("*.py"):
        for name in imported(path):
            top = name.split(".")[0]
            assert name.startswith("app.domain") or top in sys.stdlib_module_names, f"{path}: {name}"


def test_the_domain_holds_no_float_and_no_clock() -> None:
    for path in (APP / "domain").rglob("*.py"):
        for node in ast.walk(tree(path)):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{path}:{node.lineno}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in {"now", "utcnow", "today"}, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(APP)))
def test_no_module_is_a_drawer(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


def test_only_the_kit_commits() -> None:
    for path in SOURCES:
        if path == APP / "kit" / "db.py":
            continue
        assert not re.search(r"session\(?\)?\.commit\(", path.read_text(encoding="utf-8")), path


# Bookkeeping that nobody audits and no rule holds for; and the tree, whose ancestors follow a move of a unit.
WRITES_PAST_THE_SESSION = {"accounts/signing_in.py", "org/rules.py"}


def test_features_write_rows_past_the_session_through_bulk_alone() -> None:
    for path in (APP / "features").rglob("*.py"):
        inside = path.relative_to(APP / "features").as_posix()
        if inside in WRITES_PAST_THE_SESSION or inside.startswith("exchange/"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
                assert not {"insert", "update", "delete"} & {alias.name for alias in node.names}, path
            if isinstance(node, ast.ImportFrom) and node.module in ("app.kit", "app.kit.writing"):
                assert not {"writing", "insert_many", "upsert_many"} & {alias.name for alias in node.names}, path
            if isinstance(node, ast.Attribute) and node.attr in ("insert", "update", "delete"):
                assert not (isinstance(node.value, ast.Attribute) and node.value.attr == "__table__"), path


def test_views_have_no_hooks_of_flask_appbuilder() -> None:
    hooks = {"pre_add", "post_add", "pre_update", "post_update", "pre_delete", "post_delete", "prefill_form"}
    for path in APP.glob("features/*/views*"):
        for file in [path] if path.is_file() else path.rglob("*.py"):
            for node in ast.walk(tree(file)):
                if isinstance(node, ast.FunctionDef):
                    assert node.name not in hooks, f"{file}:{node.lineno}"


def test_features_do_not_fetch_rows_past_the_scope() -> None:
    for path in APP.glob("features/**/*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
                pytest.fail(f"{path}:{node.lineno} writes raw SQL, which the guard cannot read")


def test_the_heavy_libraries_are_not_loaded_by_making_the_app() -> None:
    code = (
        "import sys; from app import create_app; create_app('testing');"
        "print([m for m in ('openpyxl','pyecharts','pandas','polars','numpy','xlsxwriter','python_calamine') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip().endswith("[]"), done.stdout + done.stderr[-2000:]


def test_every_view_method_with_a_route_has_its_guard(app) -> None:
    from app.kit.fab import PortalModelView, PortalPageView

    for view in app.appbuilder.baseviews:
        if isinstance(view, PortalPageView):
            for name in dir(type(view)):
                member = getattr(type(view), name)
                if hasattr(member, "_urls"):
                    assert hasattr(member, "__guard__"), f"{type(view).__name__}.{name} has a route and no @guarded"
        elif isinstance(view, PortalModelView):
            assert view.class_permission_name == view.resource.value, type(view).__name__


def test_every_foreign_table_name_is_unique(app) -> None:
    from app.extensions import db

    names: dict[str, str] = {}
    for mapper in db.Model.registry.mappers:
        if not mapper.class_.__module__.startswith("app."):
            continue
        table = mapper.local_table.name
        assert names.setdefault(table, mapper.class_.__name__) == mapper.class_.__name__, f"two classes share {table}"


def test_addresses_are_kebab_case(app) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in {"appbuilder", "UtilView", "LocaleView"}:
            continue
        for part in rule.rule.split("/"):
            if part and not part.startswith("<") and not part.startswith("_") and "<" not in part:
                ours = rule.endpoint.split(".")[-1] not in {"action_post", "download"}
                assert not ours or re.fullmatch(r"[a-z0-9.-]+", part), rule.rule


def test_nothing_outside_the_repository_is_named() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"https?://(registry|files|mirrors?)\.|--index" + r"-url|/simple" + "/")
    for name in listed.stdout.split():
        if name.endswith((".lock", ".json", ".toml", ".md", ".py", ".yaml", "Makefile")) and "tests/" not in name:
            assert not pattern.search((ROOT / name).read_text(encoding="utf-8")), name
