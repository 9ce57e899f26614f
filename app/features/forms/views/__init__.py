"""Pages of forms."""

from __future__ import annotations

from app.features.forms.views.api import ApiView
from app.features.forms.views.charts import FormChartView
from app.features.forms.views.designer import FormDesignerView
from app.features.forms.views.records import RecordView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(FormDesignerView, _l("Forms"), group="admin", icon="fa-file-text-o", order=60),
    Screen(FormChartView),
    Screen(ApiView),
    Screen(RecordView, _l("Fill in forms"), group="work", icon="fa-pencil-square-o", order=16),
]
