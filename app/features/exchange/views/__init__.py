"""Pages of the exchange."""

from __future__ import annotations

from app.features.exchange import offered, queries
from app.features.exchange.views.exporting import ExportView
from app.features.exchange.views.importing import ExchangeView
from app.features.exchange.views.meanings import MeaningView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(
        ExportView,
        _l("Export centre"),
        "data",
        "fa-download",
        order=20,
        shown=offered.may_take_something,
    ),
    Screen(
        ExchangeView,
        _l("Workbooks in and out"),
        "data",
        "fa-exchange",
        order=10,
        shown=queries.may_exchange,
    ),
    Screen(MeaningView),
]
