"""What a browser sends as "so it stood in the form" may be anything."""

from __future__ import annotations

from typing import Any

import pytest

from app.kit import merging


@pytest.mark.parametrize("sent", ["", "true", "null", "7", "[1]", '"x"', "{", '{"a": 1}', "[" * 5000, "NaN"])
def test_what_is_no_form_of_before_is_read_as_nothing_c40(app: Any, sent: str) -> None:
    with app.test_request_context("/", method="POST", data={merging.SEEN: sent}):
        assert merging.seen() == {}


def test_a_form_of_before_is_read_as_texts_c40(app: Any) -> None:
    with app.test_request_context("/", method="POST", data={merging.SEEN: '{"name": ["甲", 1]}'}):
        assert merging.seen() == {"name": ["甲", "1"]}
