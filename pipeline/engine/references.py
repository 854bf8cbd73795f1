"""References to figures: `METRIC[BREAKDOWN]/KIND:ID/WINDOW[/PERIOD][@CURRENCY]`, or a figure id in a sidecar.

Ids may hold any character, so the window's name is what a reference is taken apart by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline import store
from pipeline.context import Context
from pipeline.engine.evaluate import Breakdown
from pipeline.engine.readings import TREND_MONTHS, windows_of
from pipeline.errors import UsageError, nearest
from pipeline.metrics import METRICS, Metric
from pipeline.periods import WINDOWS, Window, add_months, window_ending

_SHAPE = (
    r"(?P<metric>[^/\[]+)(?:\[(?P<breakdown>[^\]]*)\])?/(?P<kind>[^/:]+):(?P<subject>.+?)/(?P<window>{window})"
    r"(?:/(?P<period>[^/@]+))?(?:@(?P<currency>[A-Z]{{3}}))?"
)
_REFERENCE = re.compile(_SHAPE.format(window="|".join(WINDOWS)))
_ANY_WINDOW = re.compile(_SHAPE.format(window=r"[^/@]+"))


@dataclass(frozen=True)
class Figure:
    """A reference taken apart."""

    metric: Metric
    kind: str
    subject: str
    window: Window
    breakdown: Breakdown
    currency: str


def parsed(context: Context, text: str) -> Figure:
    """The figure that a reference names; whether the subject and the breakdown occur is seen in the run's facts.

    UsageError KB-0210 (shape), KB-0211, KB-0212 (sidecar), KB-0213 (window), KB-0214 (period), KB-0216 (metric),
    KB-0217 (kind of subject), KB-0221 (a figure that no metric gave).
    """
    if ".json#" in text:
        text = _from_sidecar(context, text)
    found = _REFERENCE.fullmatch(text) or _ANY_WINDOW.fullmatch(text)
    if found is None:
        raise UsageError(
            where=text,
            what="is no reference to a figure",
            fix="METRIC/SUBJECT_KIND:ID/WINDOW[/PERIOD], e.g. net_sales/portfolio:all/month",
            code="KB-0210",
        )
    metric = _metric(found["metric"])
    _check(found["kind"], metric.subjects, f"is no kind of subject of {metric.name}", "KB-0217")
    _check(found["window"], _windows(metric), f"is no window of {metric.name}", "KB-0213")
    window = _window(context, metric, found["window"], found["period"] or "")
    label, _, value = (found["breakdown"] or "").partition("=")
    return Figure(metric, found["kind"], found["subject"], window, (label, value), found["currency"] or "")


def _metric(name: str) -> Metric:
    known = METRICS.all()
    _check(name, known, "is no metric", "KB-0216", "kambook metrics lists them")
    return known[name]


def _windows(metric: Metric) -> list[str]:
    return [name for name in WINDOWS if name in (*metric.windows, metric.trend)]


def _check(name: str, known: Iterable[str], what: str, code: str, fix: str = "") -> None:
    if name not in (names := list(known)):
        offered = fix or f"use one of {', '.join(names[:12])}"
        raise UsageError(where=name, what=what, nearest=nearest(name, names), fix=offered, code=code)


def _from_sidecar(context: Context, text: str) -> str:
    path, _, figure = text.rpartition("#")
    place = next((each for each in (Path(path), context.run / path) if each.is_file()), None)
    if place is None:
        raise UsageError(
            where=path, what="is no sidecar of this run", fix="name the .json beside the PDF", code="KB-0211"
        )
    figures = {each["id"]: each for each in store.read_json(place)["figures"]}
    _check(figure, figures, f"is no figure of {Path(path).name}", "KB-0212")
    entry = figures[figure]
    if entry["metric"] is None:
        fact = entry["facts"][0]
        raise UsageError(
            where=f"{Path(path).name}#{figure}",
            what=f"is no metric: it was read from {fact['rows']} rows of {fact['name']} of this client",
            fix=f"look into facts/{fact['name']}.parquet of the run; each row names its sources in _from",
            code="KB-0221",
        )
    broken = f"[{entry['breakdown']}]" if entry.get("breakdown") else ""
    currency = f"@{entry['currency']}" if entry.get("currency") else ""
    subject = f"{entry['subject_kind']}:{entry['subject_id']}"
    return f"{entry['metric']}{broken}/{subject}/{entry['window']}/{entry['period']}{currency}"


def _window(context: Context, metric: Metric, name: str, period: str) -> Window:
    ends = [add_months(context.period.until_on, -back) for back in range(TREND_MONTHS + 1)]
    candidates = [window_ending(name, end, context.period.fiscal_start) for end in ends]
    known = {window.period: window for window in candidates if window is not None}
    known |= {
        window.period: window for window, _ in windows_of(metric, context.period) if window.name == name
    }
    if not period and candidates[0] is not None:
        return candidates[0]
    if period not in known:
        raise UsageError(
            where=period or name,
            what="is no period of that window in this run",
            nearest=nearest(period, known),
            fix=", ".join(list(known)[:6]),
            code="KB-0214",
        )
    return known[period]
