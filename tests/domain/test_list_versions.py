"""Two versions of a list side by side, and the indicators of the registers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checklists import CATALOGUE_KINDS, ListKind, catalogue_kind
from app.domain.indicators import average, change, percentage
from app.domain.list_versions import Difference, compare_versions

NAMES = st.lists(st.sampled_from("甲乙丙丁戊己庚辛"), unique=True)
FIELDS = st.fixed_dictionaries(
    {"category": st.sampled_from(["一类", "二类"]), "time_limit": st.sampled_from(["", "5日"])}
)
VERSIONS = NAMES.flatmap(
    lambda names: st.tuples(*(FIELDS for _ in names)).map(lambda all: list(zip(names, all, strict=True)))
)


@given(VERSIONS)
def test_a_version_against_itself_differs_in_nothing(version):
    assert {one.kind for one in compare_versions(version, version)} <= {Difference.SAME}


@given(VERSIONS, VERSIONS)
def test_every_item_of_both_versions_is_told_once_and_back_again_is_the_mirror(old, new):
    there, back = compare_versions(old, new), compare_versions(new, old)
    assert sorted(one.name for one in there) == sorted({name for name, _ in [*old, *new]})
    kinds = {one.name: one.kind for one in back}
    mirror = {Difference.ADDED: Difference.REMOVED, Difference.REMOVED: Difference.ADDED}
    for one in there:
        if one.kind in mirror:
            assert kinds[one.name] is mirror[one.kind]
            told = dict(new if one.kind is Difference.ADDED else old)[one.name]
            side = 1 if one.kind is Difference.ADDED else 0
            assert {name: pair[side] for name, pair in one.fields.items()} == {
                name: text for name, text in told.items() if text
            }
        elif one.kind is Difference.CHANGED:
            assert kinds[one.name] is Difference.CHANGED


def test_one_item_put_elsewhere_moves_alone():
    names = ["甲", "乙", "丙", "丁"]
    moved = compare_versions([(n, {}) for n in names], [(n, {}) for n in ["丁", "甲", "乙", "丙"]])
    assert [(one.name, one.kind.value) for one in moved if one.kind is not Difference.SAME] == [("丁", "moved")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("小微权力", ListKind.POWER),
        ("依法自治", ListKind.SELF_GOVERNANCE),
        ("依法协助", ListKind.ASSIST),
        ("负面清单", ListKind.NEGATIVE),
        ("保留证明", ListKind.CERTIFICATE_KEEP),
        ("不应出具证明", ListKind.CERTIFICATE_FORBIDDEN),
        ("便民服务", ListKind.PUBLIC_SERVICE),
        ("其他", ListKind.OTHER),
    ],
)
def test_the_kind_of_a_list_is_told_by_its_name(name, kind):
    assert catalogue_kind(name) is kind and kind in CATALOGUE_KINDS


def test_rates_keep_two_places_half_up_and_changes_their_sign():
    assert percentage(3801, 3806) == Decimal("99.87")
    assert percentage(80, 83) == Decimal("96.39")
    assert (change(6, 12), change(83, 60)) == (Decimal("-50.00"), Decimal("38.33"))
    assert average(510, 340) == Decimal("1.5")
    assert (percentage(1, 0), change(1, 0), average(1, 0)) == (None, None, None)
