"""The dashboard's first view: what was delivered in the chosen span, each figure with its target, and sales by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import kpis, screen_charts
from pipeline.press.slices import Reading
from pipeline.press.spells import choice, spells
from pipeline.sections import N_, Content, section
from pipeline.sections.glance import chosen, headlines, lead, sales_title

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("At a glance"),
    audience="client",
    metrics=(
        "net_sales",
        "sales_growth",
        "otif_orders",
        "sla_attainment",
        "csat",
        "resolution_median",
        "first_reply_median",
    ),
    tables=(),
)
def dashboard_summary(view: View) -> Content:
    """The figures of each span that can be chosen, and the columns of sales."""
    return {
        "spells": [_spell(each) for each in spells(view)],
        "own": view.window.name,
        "sales": sales(view),
    }


def _spell(view: View) -> Content:
    """What the report's own first page says, over one span."""
    shown = chosen(view)
    judged = [reading for reading in shown if reading.verdict != "none"]
    return {
        **choice(view),
        "headline": headlines(view, judged)[0],
        "lead": lead(view, judged),
        "kpis": [_kpi(view, each) for each in shown],
    }


def _kpi(view: View, reading: Reading) -> Content:
    return {
        "metric": reading.metric,
        "name": view.name(reading.metric),
        "figure": view.figure(reading) if reading.is_known else None,
        "against": kpis.against(view, reading),
        "chips": kpis.chips(view, reading),
        "basis": kpis.basis(view, reading),
        "is_missed": reading.verdict in ("bad", "watch"),
    }


def sales(view: View) -> Content | None:
    """Net sales by month, in one unit."""
    _ = view.gettext
    months = view.trend("net_sales")
    shown, unit = view.in_one_unit([each.value for each in months])
    label = view.say(_("{name} by month"), name=view.name("net_sales")).plain
    chart = screen_charts.columns(view, months, label, shown)
    if chart is None:
        return None
    measure = view.phrase(_("Net sales without tax, {unit}").format(unit=unit))
    return {"title": sales_title(view), "measure": measure, "chart": chart}
