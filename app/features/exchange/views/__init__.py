"""Pages of the exchange."""

from __future__ import annotations

from app.features.exchange import offered, queries, sources
from app.features.exchange.views.exporting import ExportView
from app.features.exchange.views.importing import ExchangeView
from app.features.exchange.views.mapping import MappingView
from app.features.exchange.views.meanings import MeaningView
from app.features.exchange.views.offline import OfflineView
from app.features.exchange.views.receipts import ReceiptView
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
    Screen(
        OfflineView,
        _l("Offline workbook"),
        "data",
        "fa-suitcase",
        order=15,
        shown=sources.may_take_along,
    ),
    Screen(
        ReceiptView,
        _l("Imports"),
        "data",
        "fa-history",
        order=30,
        shown=queries.may_exchange,
    ),
    Screen(MappingView),
    Screen(MeaningView),
]
