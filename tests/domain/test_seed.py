"""What is shipped: every seed file loads, counts right, and passes the rules of the domain."""

import csv
import json
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import yaml

from app.domain.checklists import ListKind, SourceTag, list_problems, role_count_problems, scheme_guard_problems
from app.domain.formspec import check_answers, parse_spec, spec_as_data
from app.domain.orgfile import parse_units
from app.domain.orgtree import LEVELS, Tree
from app.domain.periods import Period, is_late
from app.domain.procedures import check_procedure, diagram, parse_procedure
from app.domain.rights import POST_LEVELS, Role
from app.domain.transitions import DutyState, LeadState

ROOT = Path(__file__).resolve().parents[2]
SEED = ROOT / "seed"


def read(path):
    text = (SEED / path).read_text(encoding="utf-8")
    return yaml.safe_load(text) if path.endswith(".yaml") else json.loads(text)


def tree_of(path):
    return Tree(spec.unit for spec in parse_units(read(path), file_name=Path(path).stem))


PACK = read("packs/caojing.yaml")
FORMS = {data["code"]: parse_spec(data) for data in PACK["monthly_tasks"]["forms"]}
TEMPLATES = {template["code"]: template for template in PACK["monthly_tasks"]["templates"]}
VILLAGE, SUB_GRID = PACK["assessment_list"]["schemes"]
TOWN, COUNTY = tree_of("demo/org_town.json"), tree_of("demo/org_county43.json")
ROSTER = read("demo/roster_town.json")
ITEM_COLUMNS = [
    "meetings",
    "patrols",
    "reception_days",
    "reception_visitors",
    "leads_received",
    "leads_accepted",
    "leads_closed",
    "should_attend",
    "attended",
    "visits",
    "main_work",
    "remarks",
]


def test_the_pack_has_the_stated_numbers():
    duties = PACK["responsibility_list"]
    stated = duties["stated_count"]
    assert list_problems(ListKind.RESPONSIBILITY, duties["items"], stated_count=stated["value"]) == []
    assert role_count_problems(duties["items"], stated["by_role"]) == []
    assert sum(stated["by_role"].values()) == 21
    procedures = PACK["procedure_list"]
    assert list_problems(ListKind.PROCEDURE, procedures["procedures"], stated_count=3) == []
    assert list_problems(ListKind.SYSTEM, PACK["system_list"]["systems"], stated_count=6) == []
    assert (len(VILLAGE["items"]), len(VILLAGE["deductions"]["items"]), len(SUB_GRID["items"])) == (24, 10, 10)
    assert len(TEMPLATES) == 13


@pytest.mark.parametrize("scheme", [VILLAGE, SUB_GRID], ids=lambda scheme: scheme["code"])
def test_a_scheme_sums_to_a_hundred_and_keeps_the_guards(scheme):
    assert list_problems(ListKind.ASSESSMENT, scheme["items"]) == []
    assert scheme_guard_problems(scheme) == []
    by_aspect = Counter()
    for item in scheme["items"]:
        by_aspect[item["aspect"]] += item["max"]
    assert by_aspect == {"A": 30, "B": 25, "C": 20, "D": 25} == {a["code"]: a["max"] for a in scheme["aspects"]}
    assert scheme["deductions"]["total_cap"] == "20"


def test_item_caps_sum_to_52_and_the_sub_grid_scheme_reuses_five():
    deductions = {item["code"]: item for item in VILLAGE["deductions"]["items"]}
    assert sum(Decimal(item["cap"]) for item in deductions.values()) == 52
    assert SUB_GRID["deductions"]["reuse"] == ["X2", "X3", "X4", "X6", "X7"]
    assert [level["code"] for level in deductions["X5"]["levels"]] == ["county", "city", "province"]


def test_links_of_the_pack_lead_somewhere():
    known = {
        "procedures": {p["code"] for p in PACK["procedure_list"]["procedures"]},
        "systems": {s["code"] for s in PACK["system_list"]["systems"]},
        "assessed_by": {i["code"] for i in VILLAGE["items"]},
        "responsibilities": {r["code"] for r in PACK["responsibility_list"]["items"]},
    }
    for record in [*(item["derived"] for item in PACK["responsibility_list"]["items"]), *TEMPLATES.values()]:
        for key, codes in known.items():
            assert set(record.get(key, ())) <= codes
    held = [code for role in PACK["roles"] for code in role["responsibilities"]]
    assert sorted(held) == sorted(known["responsibilities"])


def test_every_source_tag_of_the_seed_is_one_of_three():
    def tags(data):
        if isinstance(data, dict):
            yield from (v for k, v in data.items() if k == "source" or k.endswith("_source"))
            data = data.values()
        if not isinstance(data, str | int | None):
            for part in data:
                yield from tags(part)

    found = Counter(tags(PACK))
    assert set(found) == set(SourceTag) - {SourceTag.PUBLIC}  # the pack of the seed alone
    assert "reading" in found


def test_procedures_hang_together_and_can_be_drawn():
    roles = {role["code"] for role in PACK["roles"]} | {body["code"] for body in PACK["bodies"]}
    parsed = {data["code"]: parse_procedure(data) for data in PACK["procedure_list"]["procedures"]}
    assert [len(parsed[code].steps) for code in ("P1", "P2", "P3")] == [5, 5, 7]
    for procedure in parsed.values():
        assert check_procedure(procedure, known_roles=roles) == []
    drawn = diagram(parsed["P1"])
    assert (drawn.rows, drawn.columns, len(drawn.nodes), len(drawn.bands)) == (5, 2, 6, 2)


def test_the_thirteen_templates_are_forms_and_the_record_has_the_workbook_s_columns():
    assert [f.code for f in FORMS["monthly_record"].fields()] == ITEM_COLUMNS
    assert PACK["monthly_tasks"]["due_day_next_month"] == 5
    for template in TEMPLATES.values():
        spec = FORMS[template["form"]]
        if template["form"] == "monthly_record":
            assert template["section"] in {section.code for section in spec.sections}
            assert template["role"] == "sub_grid_leader"
    for spec in FORMS.values():
        assert parse_spec(spec_as_data(spec)) == spec
        assert all(field.label.en and field.label.ko for field in spec.fields())
    assert {f.code for f in FORMS["monthly_record"].fields() if f.na_allowed} == set(ITEM_COLUMNS[4:7])


def test_the_monthly_record_holds_accepted_and_attended_in_bounds():
    answers = dict.fromkeys(ITEM_COLUMNS[:10], 1) | {"leads_accepted": 2, "attended": 2}
    codes = {problem.code for problem in check_answers(FORMS["monthly_record"], answers)[1]}
    assert codes == {"form.accepted_above_received", "form.attended_above_expected"}


def test_reference_data_agree_with_the_domain():
    assert [level["code"] for level in read("reference/levels.yaml")] == list(LEVELS)
    roles = read("reference/roles.yaml")
    assert [role["code"] for role in roles] == list(Role)
    assert all(role["level"] in POST_LEVELS[Role(role["code"])] for role in roles)
    categories = [category["code"] for category in read("reference/lead_categories.yaml")]
    assert categories == PACK["procedure_list"]["procedures"][2]["lead_categories"]
    kinds = [kind["code"] for kind in read("reference/volunteer_kinds.yaml")]
    assert kinds == next(role for role in PACK["roles"] if role["code"] == "volunteer")["member_kinds"]["items"]


def test_the_town_has_14_villages_and_89_sub_grids():
    assert Counter(unit.level for unit in TOWN) == {
        "county": 1,
        "township": 1,
        "village": 14,
        "total_grid": 14,
        "sub_grid": 89,
    }
    assert Counter(unit.level for unit in COUNTY)["village"] == 43
    assert not {unit.code for unit in TOWN} & {unit.code for unit in COUNTY}


def test_the_roster_fills_the_tree():
    assert Counter(row["role"] for row in ROSTER) == {
        "supervisor": 14,
        "chief_grid_leader": 14,
        "grid_instructor": 43,
        "sub_grid_leader": 89,
        "grid_worker": 134,
        "volunteer": 416,
    }
    kinds = {kind["code"] for kind in read("reference/volunteer_kinds.yaml")}
    assert all(row["phone"].startswith("1000000") and len(row["phone"]) == 11 for row in ROSTER)
    for row in ROSTER:
        village = TOWN.find(row["village"])
        names = {TOWN[code].name for code in TOWN.subtree(village)}
        assert set(row["sub_grids"]) <= names
        assert row.get("volunteer_kind") is None or row["volunteer_kind"] in kinds


@pytest.mark.parametrize(("month", "state"), [("2026-09", "closed"), ("2026-10", "open")])
def test_the_months_of_the_demonstration_are_clean_records(month, state):
    log, others = read(f"demo/monthly_log_{month}.json"), read(f"demo/duty_records_{month}.json")
    period = Period.parse(log["period"])
    assert (str(period), log["period_state"]) == (month, state)
    assert period.due_on(5).isoformat() == log["due_on"] == others["due_on"]
    assert {record["unit"] for record in log["records"]} == {u.code for u in TOWN if u.level == "sub_grid"}
    names = {row["person_name"] for row in ROSTER}
    for record in [*log["records"], *others["records"]]:
        spec = FORMS[TEMPLATES[record["task"]]["form"] if "task" in record else log["form"]]
        assert record["state"] in list(DutyState)
        assert TOWN[record["unit"]]
        assert record.get("reporter", record.get("person_name")) in names
        if "answers" in record:
            assert check_answers(spec, record["answers"], draft=record["state"] == "draft")[1] == []
        else:
            assert record["state"] == "open" or record["nothing_to_report"]
    if state == "closed":
        assert len(others["records"]) == 14 * 3 + 43 * 3 + 134 * 2
        assert {record["state"] for record in log["records"]} == {"confirmed"}


def test_a_few_records_of_the_closed_month_came_late():
    log = read("demo/monthly_log_2026-09.json")
    due = Period.parse("2026-09").due_on(5)
    late = [r for r in log["records"] if is_late(due.fromisoformat(r["submitted_on"]), due)]
    assert 1 <= len(late) <= 5


def _final(village):
    """The final score by the rules of the round: base out of what applies, less the capped deductions."""
    scores = {code: Decimal(points) for code, points in village["scores"].items() if points != "NA"}
    applicable = sum(item["max"] for item in VILLAGE["items"] if item["code"] in scores)
    base = (sum(scores.values()) * 100 / applicable).quantize(Decimal("0.01"), ROUND_HALF_UP)
    catalogue = {item["code"]: item for item in VILLAGE["deductions"]["items"]}
    raw = Counter()
    for entry in village["deductions"]:
        item = catalogue[entry["item"]]
        rates = {level["code"]: level["points"] for level in item.get("levels", ())} or {None: item["points"]}
        raw[entry["item"]] += Decimal(rates[entry.get("level")]) * entry["occurrences"]
    capped = sum(min(points, Decimal(catalogue[code]["cap"])) for code, points in raw.items())
    return base - min(Decimal(20), capped)


def test_the_round_of_the_county_reproduces_the_published_result():
    with (ROOT / "tests/samples/bonus_example_43.csv").open(encoding="utf-8-sig") as file:
        published = {row["code"]: Decimal(row["final"]) for row in csv.DictReader(file)}
    scored = read("demo/scores_V2025.json")
    assert scored["scheme"] == VILLAGE["code"]
    assert {village["village"]: _final(village) for village in scored["villages"]} == published
    assert set(published) == {unit.code for unit in COUNTY if unit.level == "village"}


def test_wages_are_sums_of_their_components():
    persons = read("demo/wages_county43.json")["persons"]
    assert len(persons) == len({(p["village"], p["person_name"]) for p in persons}) == 303
    for person in persons:
        parts = ("base", "post_allowance", "title_allowance", "rank_allowance")
        assert sum(Decimal(person[part]) for part in parts) == Decimal(person["monthly"])
        assert COUNTY[person["village"]].level == "village"
    employed = read("demo/employments_town.json")["persons"]
    assert {TOWN[p["village"]].level for p in employed} == {"village"}
    assert len({p["village"] for p in employed}) == 14


def test_there_is_a_demonstration_account_for_each_role_and_a_second_administrator_for_what_takes_two():
    accounts = read("demo/demo_accounts.yaml")
    held = {(row["role"], row["person_name"], TOWN.find(row["village"])) for row in ROSTER}
    assert {post["role"] for account in accounts for post in account["posts"]} == set(Role)
    assert len({account["username"] for account in accounts}) == len(accounts) == len(Role) + 1
    for account in accounts:
        for post in account["posts"]:
            if post["unit"] == "LHZ":
                assert "prefecture" in POST_LEVELS[Role(post["role"])]
                continue
            tree = TOWN if post["unit"] in {unit.code for unit in TOWN} else COUNTY
            assert tree[post["unit"]].level in POST_LEVELS[Role(post["role"])]
            if account["roster"]:
                village = tree.ancestor_at(post["unit"], LEVELS[3])
                assert (post["role"], account["person_name"], village) in held


def test_leads_of_the_demonstration_show_the_states_of_the_workflow():
    leads = read("demo/leads.json")
    codes = {lead["code"] for lead in leads}
    assert len(codes) == len(leads)
    assert {lead["state"] for lead in leads} == set(LeadState)
    for lead in leads:
        assert TOWN[lead["unit"]].level == "sub_grid"
        assert lead.get("merged_into", lead["code"]) in codes
        assert ("reason" in lead) == (lead["state"] in ("returned", "merged"))
