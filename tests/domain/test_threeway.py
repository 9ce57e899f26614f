"""Three ways: nothing is lost without a choice, whoever comes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.threeway import Cell, Fate, Matched, Named, Outcome, Pick, compare, match, settle

FIELDS = ("a", "b", "c")
values = st.one_of(st.none(), st.integers(0, 3))
rows = st.dictionaries(st.sampled_from("klmn"), st.fixed_dictionaries(dict.fromkeys(FIELDS, values)))
SWAPPED = {
    Outcome.MINE: Outcome.THEIRS,
    Outcome.THEIRS: Outcome.MINE,
    Fate.ADDED_MINE: Fate.ADDED_THEIRS,
    Fate.ADDED_THEIRS: Fate.ADDED_MINE,
    Fate.MISSING_MINE: Fate.MISSING_THEIRS,
    Fate.MISSING_THEIRS: Fate.MISSING_MINE,
}


@given(values, values, values)
def test_a_cell_keeps_every_change_unless_somebody_chose_against_it(base: object, now: object, mine: object) -> None:
    cell = Cell(base, now, mine)
    if now != base and mine in (base, now):
        assert cell.settled() == now
    if mine != base and now in (base, mine):
        assert cell.settled() == mine
    if cell.outcome is Outcome.CONFLICT:
        assert (cell.settled(Pick.MINE), cell.settled(Pick.THEIRS), cell.settled()) == (mine, now, now)
        assert len({base, now, mine}) == 3 or base is None


@given(rows, rows, rows)
def test_the_comparison_is_the_same_seen_from_the_other_side(base: dict, now: dict, mine: dict) -> None:
    there = {row.key: row for row in compare(base, now, mine, FIELDS)}
    back = {row.key: row for row in compare(base, mine, now, FIELDS)}
    assert there.keys() == back.keys()
    for key, row in there.items():
        assert SWAPPED.get(row.fate, row.fate) is back[key].fate
        for name, cell in row.cells.items():
            assert SWAPPED.get(cell.outcome, cell.outcome) is back[key].cells[name].outcome


@given(rows, rows, rows, st.sampled_from(Pick))
def test_merging_the_result_again_changes_nothing(base: dict, now: dict, mine: dict, pick: Pick) -> None:
    def decided(rows: tuple) -> dict:
        return {(row.key, name): pick for row in rows for name in row.undecided}

    found = compare(base, now, mine, FIELDS)
    merged = settle(found, decided(found))
    again = compare(base, merged, mine, FIELDS)
    assert settle(again, decided(again)) == merged
    assert all(not row.of(Outcome.MINE) for row in again if row.key in merged)


@given(rows, st.data())
def test_disjoint_edits_of_two_persons_both_survive_in_either_order(base: dict, data: st.DataObject) -> None:
    places = [(key, name) for key in base for name in FIELDS]
    owner = {place: data.draw(st.sampled_from(["ann", "bob", ""])) for place in places}
    edited = {place: data.draw(values) for place in places}

    def hers(who: str) -> dict:
        return {
            key: {name: edited[key, name] if owner[key, name] == who else cells[name] for name in FIELDS}
            for key, cells in base.items()
        }

    both = {
        key: {name: edited[key, name] if owner[key, name] else cells[name] for name in FIELDS}
        for key, cells in base.items()
    }
    for first, second in (("ann", "bob"), ("bob", "ann")):
        stored = settle(compare(base, base, hers(first), FIELDS), {})
        found = compare(base, stored, hers(second), FIELDS)
        assert not any(row.undecided for row in found)
        assert settle(found, {}) == both


@given(rows, rows, rows)
def test_rows_that_did_not_come_back_stay_and_rows_deleted_meanwhile_stay_away(
    base: dict, now: dict, mine: dict
) -> None:
    merged = settle(compare(base, now, mine, FIELDS), {})
    assert now.keys() <= merged.keys()
    assert not (base.keys() - now.keys()) & merged.keys()
    assert (mine.keys() - base.keys()) <= merged.keys()


def test_a_row_is_known_by_its_key_else_by_its_name_and_never_by_two_that_disagree() -> None:
    known = {"k1": ("一网格",), "k2": ("二网格",)}
    returned = [
        Named("k2", ("二网格",)),
        Named("", ("一网格",)),
        Named("k1", ("二网格",)),
        Named("k2", ("二网格",)),
        Named("of-another-unit", ("三网格",)),
    ]
    assert match(returned, known) == [
        Matched("k2"),
        Matched("k1"),
        Matched(None, "mixed"),
        Matched(None, "twice"),
        Matched(None, "", foreign=True),
    ]
