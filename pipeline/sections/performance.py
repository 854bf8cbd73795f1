"""A manager's performance: who this is, what they serve, and ten figures against their targets, with their trends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.metrics import METRICS
from pipeline.press import attainment
from pipeline.press.charts import sparkline
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading, held_within, part_of
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_SPARK = (28 * MM, 5.2 * MM)
_FEWEST_POINTS = 3


@dataclass(frozen=True)
class Kpi:
    """One of the ten figures: over which window it is told, and of which windows its trend is made."""

    metric: str
    breakdown: str
    window: str
    trend: str


KPIS = (
    Kpi("net_sales", "", "ytd", "month"),
    Kpi("gross_margin", "", "ytd", "month"),
    Kpi("turnover_days", "", "t12m", "t12m"),
    Kpi("sales_growth", "", "ytd", "month"),
    Kpi("forecast_accuracy", "", "ytd", "month"),
    Kpi("csat", "", "ytd", "month"),
    Kpi("share_of_wallet", "", "t12m", "t12m"),
    Kpi("new_customer_rate", "", "t12m", "t12m"),
    Kpi("net_revenue_retention", "", "t12m", "t12m"),
    Kpi("otif_orders", "basis=first_promised", "ytd", "month"),
)
"""In the order in which people read them: sales, profit, money in, growth, forecast, customers' voice, share, new,
kept, delivered."""


@section(
    title=N_("Manager scorecard"),
    audience="internal",
    metrics=(
        "net_sales",
        "gross_margin",
        "turnover_days",
        "sales_growth",
        "forecast_accuracy",
        "csat",
        "share_of_wallet",
        "new_customer_rate",
        "net_revenue_retention",
        "otif_orders",
        "forecast_bias",
        "volume",
    ),
    tables=("holdings",),
    evidence=(
        "net_sales@ytd",
        "gross_margin@ytd",
        "turnover_days@t12m",
        "csat@ytd",
        "otif_orders@ytd",
        "net_revenue_retention@t12m",
    ),
)
def performance(view: View) -> Content:
    """Headline, facts, how many targets were reached, and the ten figures."""
    found = [(each, view.over(each.window).reading(each.metric, each.breakdown)) for each in KPIS]
    judged = [reading for _, reading in found if reading.verdict != "none"]
    return {
        "period": view.printer.period(view.window.period),
        "headline": view.headline(*headlines(view, judged)),
        "facts": facts(view),
        "score": score(view, found),
        "kpis": table(view, found),
    }


# The page's sentence


def headlines(view: View, judged: list[Reading]) -> list[Phrase]:
    """What the page says in one sentence, the fullest first."""
    _ = view.gettext
    name = view.slice.subject.named(in_han=view.is_han)
    if not judged:
        return [view.say(_("{name}: no targets agreed"), name=name)]
    if len(judged) == 1:
        text = (
            _("{name}: target reached for {figure}")
            if judged[0].verdict == "good"
            else _("{name}: target missed for {figure}")
        )
        return [view.phrase(text.format(name=name, figure=view.inline(judged[0].metric)))]
    met = [view.inline(each.metric) for each in judged if each.verdict == "good"]
    short = [view.inline(each.metric) for each in judged if each.verdict == "bad"]
    counted = {"name": name, "met": view.printer.few(len(met)), "all": view.printer.few(len(judged))}
    plain = view.phrase(_("{name}: {met} of {all} targets reached").format(**counted))
    if not short:
        return [plain]
    text = _("{name}: {met} of {all} targets reached; {short} missed")
    return [
        *(view.phrase(text.format(**counted, short=view.listed(short[:most]))) for most in (3, 2) if len(short) <= most),
        plain,
    ]  # fmt: skip


# Who and what


def facts(view: View) -> list[Content]:
    """Manager, team, what they serve and what changed, volume, cut-off."""
    _ = view.gettext
    about = view.slice.subject
    team = [about.team_name, _("lead {name}").format(name=about.lead_name) if about.lead_name else ""]
    rows: list[tuple[str, Phrase]] = [
        (_("Manager"), view.phrase(_gap(view).join(each for each in (about.name, about.subject_id) if each))),
        (_("Team"), view.phrase(_gap(view).join(each for each in team if each))),
        (_("Accounts served"), served(view)),
        (_("Volume this year"), volumes(view)),
        (_("Forecast"), bias(view)),
    ]
    return [{"name": name, "value": value} for name, value in rows if value]


def _gap(view: View) -> str:
    return "　" if view.is_han else ", "


def served(view: View) -> Phrase:
    """How many accounts are held on the last day, and how many came and went within the window."""
    _ = view.gettext
    rows = view.rows("holdings")
    held = held_on(rows, view.window.last_on)
    before = held_on(rows, view.window.from_on - timedelta(days=1))
    came, went = len(held - before), len(before - held)
    text = view.ngettext("{n} account", "{n} accounts", len(held))
    said = [view.say(text, n=view.counted("holdings", len(held), len(held), _("Accounts held")))]
    if came:
        told = view.counted("holdings", came, came, _("Accounts taken over"))
        said.append(view.say(_("{n} taken over"), n=told))
    if went:
        told = view.counted("holdings", went, went, _("Accounts handed over"))
        said.append(view.say(_("{n} handed over"), n=told))
    return _comma(view, said)


def held_on(rows: pd.DataFrame, day: date) -> set[str]:
    """The accounts held on a day, whole or in part."""
    return set(held_within(rows, day, day + timedelta(days=1))["account_id"])


def volumes(view: View) -> Phrase:
    """What was sold this year by unit of measure; units are never added together."""
    year = view.over("ytd")
    readings = [year.reading("volume", each) for each in year.breakdowns("volume")]
    known = sorted((each for each in readings if each.value), key=lambda each: -(each.value or 0))
    said = []
    for each in known[:4]:
        amount = view.printer.printed(half_unit(each.value), "quantity")
        said.append(
            view.say(
                "{n}{unit}" if view.is_han else "{n} {unit}",
                n=year.figure(each, printed=amount),
                unit=each.breakdown.partition("=")[2],
            )
        )
    return _comma(view, said)


def half_unit(value: float | None) -> float | None:
    """A quantity as a scorecard prints it: whole units."""
    return None if value is None else float(round(value))


def bias(view: View) -> Phrase:
    """In words how far forecasts lay above or below what was sold."""
    _ = view.gettext
    reading = view.over("ytd").reading("forecast_bias")
    if reading.value is None:
        return view.phrase("")
    shown = view.figure(reading, printed=view.printer.printed(abs(reading.value), "share"))
    if reading.value > 0:
        return view.say(_("{n} above what was sold"), n=shown)
    return view.say(_("{n} below what was sold"), n=shown)


def _comma(view: View, said: list[Phrase]) -> Phrase:
    runs = [
        run
        for at, each in enumerate(said)
        for run in (*((view.phrase(_stop(view)).runs) if at else ()), *each.runs)
    ]
    return Phrase(tuple(runs), view.is_han)


def _stop(view: View) -> str:
    return "，" if view.is_han else ", "


# How many targets were reached


def score(view: View, found: list[tuple[Kpi, Reading]]) -> Content:
    """The figures with a target, those reached of them, and the state of each of the ten, in their order."""
    _ = view.gettext
    judged = [reading for _kpi, reading in found if reading.verdict != "none"]
    met = sum(reading.verdict == "good" for reading in judged)
    states = [state(reading) for _kpi, reading in found]
    said = {"met": _("met"), "near": _("near"), "missed": _("missed"), "none": _("without target or data")}
    counts = [f"{label} {states.count(name)}" for name, label in said.items() if name in states]
    return {
        "met": met,
        "all": len(judged),
        "label": _("targets reached"),
        "states": states,
        "counts": _gap(view).join(counts),
    }


def state(reading: Reading) -> str:
    """met, near, missed, or none where there is no target or no figure."""
    return {"good": "met", "watch": "near", "bad": "missed"}.get(reading.verdict, "none")


# The ten figures


def table(view: View, found: list[tuple[Kpi, Reading]]) -> Content:
    """Each figure with its target, attainment, the year before and its trend."""
    _ = view.gettext
    aim = _("Target 100")
    return {
        "title": view.phrase(title(view, [reading for _kpi, reading in found])),
        "measure": view.phrase(
            _(
                "Attainment = actual ÷ target (the other way round for days), drawn up to 130; solid: met, hollow: missed"
            )
        ),
        "aim": aim,
        "aim_at": attainment.aim_at(aim, view.ink),
        "rows": [_row(view, kpi, reading) for kpi, reading in found if _is_told(reading)],
        "note": view.phrase(unknown(view, [reading for _kpi, reading in found if not _is_told(reading)])),
    }


def _is_told(reading: Reading) -> bool:
    """Whether a figure has a row of its own: what is neither known nor has a target is named in one line."""
    return reading.is_known or reading.target is not None


def unknown(view: View, readings: list[Reading]) -> str:
    """Which of the ten cannot be told, and why."""
    _ = view.gettext
    if not readings:
        return ""
    reasons: dict[str, list[str]] = {}
    for each in readings:
        reasons.setdefault(view.reason(each), []).append(view.inline(each.metric))
    said = [
        _("{reason}: {names}").format(reason=reason, names=view.listed(names))
        for reason, names in reasons.items()
    ]
    return _("Not told – {reasons}.").format(reasons=("；" if view.is_han else "; ").join(said))


def title(view: View, readings: list[Reading]) -> str:
    """How many of the ten met their target, missed it, or have none."""
    _ = view.gettext
    states = [state(each) for each in readings]
    few = view.printer.few
    parts = [
        text.format(n=few(states.count(name)))
        for name, text in (
            ("met", _("{n} met")),
            ("near", _("{n} near")),
            ("missed", _("{n} missed")),
            ("none", _("{n} without target or data")),
        )
        if name in states
    ]
    return _("Ten figures: {parts}").format(parts=_stop(view).join(parts))


def _row(view: View, kpi: Kpi, reading: Reading) -> Content:
    seen = view.over(kpi.window)
    known = reading.is_known
    aim, now, earlier = _in_one_unit(seen, reading)
    reached = part_of(reading, "attainment")
    name = view.title(view.name(kpi.metric))
    said = f"{name.plain}: {'–' if reached is None else f'{reached * 100:.1f}'}"
    is_missed = reading.verdict in ("bad", "watch")
    return {
        "name": name,
        "unit": now.unit or aim.unit,
        "basis": view.gettext("YTD") if kpi.window == "ytd" else view.gettext("12 mo."),
        "target": seen.figure(reading, "target", aim) if reading.target is not None else None,
        "at_most": METRICS.get(kpi.metric).better == "lower",
        "value": seen.figure(reading, printed=now) if known else None,
        "chip": _chip(view, reading),
        "attainment": seen.figure(reading, "attainment") if reached is not None else None,
        "bar": attainment.bullet(reached, view.ink, said, is_missed=is_missed)
        if reading.target is not None
        else None,
        "earlier": seen.figure(reading, "year_ago", earlier) if reading.year_ago is not None else None,
        "spark": _spark(seen, kpi, reading),
    }


def _chip(view: View, reading: Reading) -> dict[str, str] | None:
    """What the figure's state is called; nothing where it is simply met or has no target."""
    _ = view.gettext
    if not reading.is_known:
        return {"kind": "unknown", "label": _("No data")}
    chips = {"bad": ("missed", _("Missed")), "watch": ("near", _("Near"))}
    if reading.verdict not in chips:
        return None
    kind, label = chips[reading.verdict]
    return {"kind": kind, "label": label}


def _in_one_unit(view: View, reading: Reading) -> tuple[Printed, Printed, Printed]:
    """Target, value and the year before as one row prints them: amounts in one scale."""
    parts = ("target", "value", "year_ago")
    if reading.unit != "money":
        shown = [view.printed(reading, part) for part in parts]
        return shown[0], shown[1], shown[2]
    made, _unit = view.in_one_unit([part_of(reading, part) for part in parts])
    return made[0], made[1], made[2]


def _spark(view: View, kpi: Kpi, reading: Reading) -> object:
    """The trend of twelve months; nothing where fewer than three are known."""
    months = view.trend(kpi.metric, kpi.breakdown, window=kpi.trend)
    values = [each.value for each in months]
    if not reading.is_known or sum(value is not None for value in values) < _FEWEST_POINTS:
        return None
    last = months[-1]
    said = ", ".join(f"{view.printer.month_name(each.last_on)} {view.printed(each).text}" for each in months)
    title_ = f"{view.name(kpi.metric)}: {said}"
    return sparkline(
        values, last.target, view.ink, title_, is_missed=last.verdict in ("bad", "watch"), size=_SPARK
    )
