"""A strip of at most five figures of an internal page: each over its own window, with target, state and trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.press import kpis
from pipeline.press.charts import sparkline
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

MOST = 5
STOCKS = (
    "receivables",
    "overdue_amount",
    "overdue_share",
    "dso_simple",
    "dso_countback",
    "open_pipeline_value",
    "open_deals_count",
    "open_warnings",
    "customers_at_risk",
    "business_at_risk",
)
"""Told of a window's last day, not of its span."""
_FEWEST_POINTS = 3
_COLUMN, _NAME = 30.8 * MM, 8.0


@dataclass(frozen=True)
class Wanted:
    """A figure of a strip: over which window it is told, and of which windows its trend is made."""

    metric: str
    window: str
    trend: str = "month"
    breakdown: str = ""


def known(view: View, wanted: Sequence[Wanted]) -> list[tuple[Wanted, Reading]]:
    """The first of the figures that are known, at most five."""
    found = [(each, view.over(each.window).reading(each.metric, each.breakdown)) for each in wanted]
    return [(each, reading) for each, reading in found if reading.is_known][:MOST]


def strip(view: View, shown: Sequence[tuple[Wanted, Reading]], target: Reading | None = None) -> Content:
    """The strip; `target` is the reading that says what net sales should be."""
    made = [_kpi(view.over(each.window), each, reading, target) for each, reading in shown]
    size = kpis.common_size(view, [each["figure"] for each in made])
    return {
        "kpis": [{**each, "size": f"{size:g}"} for each in made],
        "is_plain": not any(each["spark"] for each in made),
        "two_lines": any(view.ink.width(each["name"].plain, _NAME, strong=True) > _COLUMN for each in made),
    }


def name(view: View, metric: str) -> Phrase:
    """A figure's name over its column, where a short one serves."""
    return view.title(view.gettext("Growth") if metric == "sales_growth" else view.name(metric))


def _kpi(view: View, wanted: Wanted, reading: Reading, target: Reading | None) -> Content:
    is_aimed = target is not None and reading.metric == "net_sales" and target.is_known
    states = _sales_state(view, reading, target) if is_aimed and target else kpis.chips(view, reading)
    return {
        "name": name(view, reading.metric),
        "figure": view.figure(reading, printed=_shown(view, reading)),
        "against": _sales_against(view, target) if is_aimed and target else against(view, reading),
        "chips": states,
        "is_missed": reading.verdict in ("bad", "watch") or any(each["kind"] == "missed" for each in states),
        "spark": spark(view, wanted, reading),
        "basis": basis(view, reading),
    }


def _shown(view: View, reading: Reading) -> Printed | None:
    """A growth with its sign; anything else as it is always printed."""
    growth = reading.metric == "sales_growth" and reading.value is not None
    return view.printer.change(reading.value or 0.0) if growth else None


def _sales_state(view: View, reading: Reading, target: Reading) -> list[dict[str, str]]:
    reached = (reading.value or 0.0) >= (target.value or 0.0)
    kind, label = ("met", view.gettext("Met")) if reached else ("missed", view.gettext("Missed"))
    return [{"kind": kind, "label": label}]


def _sales_against(view: View, target: Reading) -> Phrase:
    return view.say(view.gettext("Target {aim}"), aim=view.figure(target))


def against(view: View, reading: Reading) -> Phrase:
    """Target and distance; without a target what it was a year before."""
    _ = view.gettext
    if reading.target is not None:
        return kpis.against(view, reading)
    if reading.year_ago is not None:
        return view.say(_("Year before {value}"), value=view.figure(reading, "year_ago"))
    return view.phrase("")


def spark(view: View, wanted: Wanted, reading: Reading) -> object:
    """The trend of twelve windows; None where fewer than three of them are known."""
    months = view.trend(wanted.metric, wanted.breakdown, window=wanted.trend)
    values = [each.value for each in months]
    if sum(value is not None for value in values) < _FEWEST_POINTS:
        return None
    said = [f"{view.printer.month_name(each.last_on)} {view.printed(each).text}" for each in months]
    last = months[-1]
    title = f"{view.name(reading.metric)}: {', '.join(said)}"
    return sparkline(values, last.target, view.ink, title, is_missed=last.verdict in ("bad", "watch"))


def basis(view: View, reading: Reading) -> Phrase:
    """Over which span the figure is told, and of how many cases."""
    _ = view.gettext
    span = {"ytd": _("year to date"), "t12m": _("last 12 months")}
    said = _("on the last day") if reading.metric in STOCKS else span.get(reading.window, view.this())
    if reading.unit != "share" or reading.n is None:
        return view.phrase(said)
    return view.say(_("{span}, n = {n}"), span=said, n=view.figure(reading, "n"))
