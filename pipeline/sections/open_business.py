"""The pipeline: what is open by stage and by kind, what was won, and the deals that are due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.press import comparisons, members, strip
from pipeline.press.slices import Reading
from pipeline.press.strip import Wanted
from pipeline.press.svg import MM
from pipeline.press.terms import breakdown_name
from pipeline.press.typeset import Phrase
from pipeline.schema import SCALE
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

FIGURES = (
    Wanted("open_pipeline_value", "month"),
    Wanted("open_deals_count", "month"),
    Wanted("won_value", "ytd"),
    Wanted("win_rate", "ytd"),
    Wanted("sales_cycle", "ytd"),
)
_MOST = 8
_SOON_DAYS = 30
_NAME, _STAGE, _PERSON = 44 * MM, 28 * MM, 20 * MM


@section(
    title=N_("Pipeline and cross-selling"),
    audience="internal",
    metrics=(*(each.metric for each in FIGURES), "won_count_by_kind", "win_rate_by_kind"),
    tables=("open_deals",),
    evidence=("open_deals_count@month",),
)
def open_business(view: View) -> Content | None:
    """The strip, what is open by stage and by kind, and the deals whose day has passed or comes next."""
    month = view.over("month")
    if not month.reading("open_deals_count").value:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(month)),
        "lead": "",
        **strip.strip(view, strip.known(view, FIGURES)),
        "stages": stages(month),
        "kinds": kinds(view),
        "deals": deals(month),
    }


# The page's sentence


def headlines(view: View) -> list[Phrase]:
    """What is open in how many deals, and how many of them are past the day on which they were expected."""
    _ = view.gettext
    count = int(view.reading("open_deals_count").value or 0)
    value = view.reading("open_pipeline_value")
    amount = view.quote(value) if value.is_known else view.phrase("–")
    text = view.ngettext("{amount} open in {n} deal", "{amount} open in {n} deals", count)
    said = view.say(text, amount=amount, n=view.printer.few(count))
    late = int((view.rows("open_deals")["expected_on"] <= np.datetime64(view.window.last_on)).sum())
    if not late:
        return [said]
    text = view.ngettext("{open}; {n} is past its day", "{open}; {n} are past their day", late)
    return [view.say(text, open=said, n=view.printer.few(late)), said]


# By stage, by kind


def stages(view: View) -> Content | None:
    """What is open by stage, the largest first; None where the exports name no stages."""
    _ = view.gettext
    found = [
        view.reading("open_pipeline_value", each)
        for each in view.breakdowns("open_pipeline_value")
        if each.startswith("stage=")
    ]
    found = sorted(
        (each for each in found if each.value), key=lambda each: (-(each.value or 0.0), each.breakdown)
    )
    if not found:
        return None
    printed, unit = members.amounts(view, found)
    anchor, _figures = view.series(found, _("Pipeline by stage"), printed)
    bars = [
        comparisons.Bar(breakdown_name(_, each.breakdown), each.value or 0.0, shown.number, is_named=at == 0)
        for at, (each, shown) in enumerate(zip(found, printed, strict=True))
    ]
    title = stages_title(view, found)
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in bars)
    drawing = comparisons.ranked_bars(bars, view.ink, f"{title.plain}. {said}", row=7 * MM)
    return {
        "title": title,
        "measure": view.say(_("Open deals on the last day, {unit}"), unit=unit),
        "chart": view.chart(anchor, drawing),
    }


def stages_title(view: View, found: list[Reading]) -> Phrase:
    """The stage in which half of the value or more stands."""
    _ = view.gettext
    total = sum(each.value or 0.0 for each in found)
    if len(found) < 2 or (found[0].value or 0.0) * 2 < total:
        return view.phrase(_("Pipeline by stage"))
    return view.say(
        _("Half or more of it in one stage: {stage}"), stage=breakdown_name(_, found[0].breakdown)
    )


def kinds(view: View) -> Content | None:
    """By kind of business: deals open and their value, deals won of those decided this year."""
    _ = view.gettext
    month, year = view.over("month"), view.over("ytd")
    names = [each for each in month.breakdowns("open_deals_count") if each.startswith("kind=")]
    if not names:
        return None
    values = [month.reading("open_pipeline_value", each) for each in names]
    counts = [month.reading("open_deals_count", each) for each in names]
    won = [year.reading("win_rate_by_kind", each) for each in names]
    printed, unit = members.amounts(month, values)
    columns = {
        "count": members.column(month, counts, _("Open deals by kind")),
        "value": members.column(month, values, _("Pipeline by kind"), printed),
        "won": members.column(year, won, _("Win rate by kind")),
    }
    return {
        "title": kinds_title(view, values),
        "measure": view.phrase(
            _("Open on the last day; win rate of the year to date with deals won of those decided")
        ),
        "unit": unit,
        "anchors": {name: made["anchor"] for name, made in columns.items()},
        "rows": [
            {
                "name": view.title(breakdown_name(_, each)),
                **{name: made["cells"][at].number for name, made in columns.items()},
                "cases": decided(year, won[at]),
            }
            for at, each in enumerate(names)
        ],
    }


def kinds_title(view: View, values: list[Reading]) -> Phrase:
    """The share of cross-selling and up-selling in what is open."""
    _ = view.gettext
    total = sum(each.value or 0.0 for each in values)
    own = sum(each.value or 0.0 for each in values if each.breakdown in ("kind=cross_sell", "kind=up_sell"))
    share = members.share_of(own, total)
    if share is None:
        return view.phrase(_("Pipeline by kind"))
    shown = view.printer.printed(share, "share").text
    return view.say(_("{share} of it is cross-selling and up-selling"), share=shown)


def decided(view: View, reading: Reading) -> Phrase | str:
    """Deals won of those decided."""
    if not reading.denominator:
        return "–"
    won, all_ = (view.figure(reading, part) for part in ("numerator", "denominator"))
    return view.say("{won}/{decided}", won=won, decided=all_)


# Deals


def deals(view: View) -> Content | None:
    """The deals whose day has passed, then those expected within thirty days; by that day."""
    _ = view.gettext
    rows = view.rows("open_deals")
    last = pd.Timestamp(view.window.last_on)
    due = rows[rows["expected_on"] <= last + pd.Timedelta(days=_SOON_DAYS)].sort_values(
        ["expected_on", "opportunity_id"], kind="stable"
    )
    if due.empty:
        return None
    names = members.full_names(view, view.members("customer"))
    people = members.full_names(view, view.members("manager"))
    anchor = view.register.next_id
    shown: list[Mapping[Any, Any]] = list(due.head(_MOST).to_dict("records"))
    return {
        "title": deals_title(view, due, last),
        "measure": view.phrase(
            _("Expected up to thirty days after the last day; amounts in the deal's currency")
        ),
        "rows": [
            {
                "name": view.fitted(names.get(str(row["customer_id"]), str(row["customer_id"])), _NAME),
                "kind": view.title(breakdown_name(_, f"kind={row['kind']}"))
                if isinstance(row["kind"], str)
                else "–",
                "stage": view.fitted(str(row["stage"]), _STAGE) if isinstance(row["stage"], str) else "–",
                "amount": _amount(view, row, anchor, at),
                "person": view.fitted(people.get(str(row["manager_id"]), str(row["manager_id"])), _PERSON)
                if isinstance(row["manager_id"], str)
                else "–",
                "day": view.day(row["expected_on"].date()),
                "is_late": row["expected_on"] <= last,
            }
            for at, row in enumerate(shown)
        ],
        "anchor": anchor if view.register.next_id != anchor else "",
        "more": members.more(view, len(due) - len(shown)),
    }


def _amount(view: View, row: Mapping[Any, Any], anchor: str, at: int) -> str:
    if pd.isna(row["amount"]):
        return "–"
    value = float(row["amount"]) / SCALE
    shown = view.printer.money(value, str(row["currency"]))
    view.register.of_rows("open_deals", 1, value, shown, view.gettext("Deals due"), anchor, at)
    return shown.text


def deals_title(view: View, due: pd.DataFrame, last: pd.Timestamp) -> Phrase:
    """How many are past their day, how many come within thirty days."""
    _ = view.gettext
    late = int((due["expected_on"] <= last).sum())
    few = view.printer.few
    if not late:
        text = view.ngettext(
            "{n} deal is expected within 30 days", "{n} deals are expected within 30 days", len(due)
        )
        return view.title(text.format(n=few(len(due))))
    text = view.ngettext(
        "{n} deal is past its day, {more} expected within 30 days",
        "{n} deals are past their day, {more} expected within 30 days",
        late,
    )
    return view.title(text.format(n=few(late), more=few(len(due) - late)))
