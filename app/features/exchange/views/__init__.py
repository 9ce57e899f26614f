"""Pages of the exchange."""

from __future__ import annotations

from app.features.exchange import queries
from app.features.exchange.views.importing import ExchangeView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(
        ExchangeView,
        _l("Workbooks in and out"),
        "data",
        "fa-exchange",
        order=10,
        shown=queries.may_exchange,
    )
]
