"""The dashboard's method: what each figure means, what is not known, and where the data end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.sections import N_, Content, section
from pipeline.sections.method import data, definitions, notes

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Method and data"),
    audience="client",
    metrics=("net_sales", "otif_orders", "sla_attainment", "resolution_median", "csat"),
    tables=("deliveries",),
)
def dashboard_method(view: View) -> Content:
    """Definitions of all that is printed before, notes on what is unknown or withheld, data facts."""
    facts = data(view)
    printed = dict.fromkeys(each.reading.metric for each in view.register.all() if each.reading is not None)
    told = [{**said, "metric": metric} for metric, said in zip(printed, definitions(view), strict=True)]
    return {"definitions": told, "notes": notes(view), "data": facts}
