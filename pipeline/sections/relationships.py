"""Relationships: how old they are and how large, whether customers were met as promised, who comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.press import cells, members, touchpoint_lists
from pipeline.press.messages import leaders
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.terms import standing_name
from pipeline.press.touchpoint_lists import LINE_ROOM, line_name
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

STAGES = ("initial", "stable", "deep", "symbiosis", "lapsed")
BANDS = ("strategic", "key", "base", "below")
_FEWEST_STAGES = 2
_CELL = 32 * MM
_POOR = 0.5
"""A line of the plan kept in less than this share of the cases is spoken of."""


@section(
    title=N_("Relationships and cadence"),
    audience="internal",
    metrics=(
        "lifecycle_stage",
        "revenue_band",
        "net_sales",
        "customers_by_stage",
        "cadence_compliance",
        "touchpoints_missed",
    ),
    tables=("touchpoints",),
    evidence=("customers_by_stage", "cadence_compliance@ytd"),
)
def relationships(view: View) -> Content | None:
    """Customers by stage and band, touchpoints by line of the plan, those missed and those to come."""
    mix, plan = stages(view), cadence(view)
    if mix is None and plan is None:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(view)),
        "lead": "",
        "stages": mix,
        "cadence": plan,
        "missed": touchpoint_lists.missed(view) if plan else None,
        "ahead": touchpoint_lists.ahead(view) if plan else None,
    }


# The page's sentence


def headlines(view: View) -> list[Phrase]:
    """How many touchpoints were kept this year, and the lines where most were missed; else the ages of relationships."""
    _ = view.gettext
    year = view.over("ytd")
    kept = year.reading("cadence_compliance")
    if kept.value is None:
        return [view.phrase(_("Relationships by age and size"))]
    said = view.say(_("{share} of the touchpoints promised this year were kept"), share=view.quote(kept))
    lost = [(line, each.value or 0.0) for line, each in by_line(year, "touchpoints_missed").items()]
    ranked = sorted((each for each in lost if each[1]), key=lambda each: (-each[1], each[0]))
    size = leaders([int(count) for _line, count in ranked], int(sum(count for _line, count in ranked)))
    if not size or size == len(ranked):
        return [said]
    names = view.listed([line_name(view, line) for line, _count in ranked[:size]])
    return [view.say(_("{kept}; most were missed in: {names}"), kept=said, names=names), said]


def by_line(view: View, metric: str) -> dict[str, Reading]:
    """The readings of a metric by line of the service plan."""
    names = [each.partition("=")[2] for each in view.breakdowns("cadence_compliance")]
    return {name: view.reading(metric, f"line={name}") for name in names}


# Stages and bands


def stages(view: View) -> Content | None:
    """Customers by the stage of the relationship, with their share of sales and their bands; None where all are in one."""
    _ = view.gettext
    year = view.over("t12m")
    told = [
        (
            each.reading("lifecycle_stage").text,
            each.reading("revenue_band").text,
            each.reading("net_sales").value or 0.0,
        )
        for each in year.members("customer")
    ]
    rows = pd.DataFrame([each for each in told if each[0] is not None], columns=["stage", "band", "amount"])
    if rows["stage"].nunique() < _FEWEST_STAGES:
        return None
    counts = {stage: int((rows["stage"] == stage).sum()) for stage in STAGES}
    present = [stage for stage in STAGES if counts[stage]]
    anchor, figures = view.counted_series(
        "customers",
        [counts[each] for each in present],
        [counts[each] for each in present],
        _("Customers by stage"),
    )
    total = float(rows["amount"].clip(lower=0).sum())
    bands = [band for band in BANDS if (rows["band"] == band).any()]
    crossed = {
        (stage, band): int(((rows["stage"] == stage) & (rows["band"] == band)).sum())
        for stage in present
        for band in bands
    }
    numbers = [each for each in crossed.values() if each]
    band_anchor, _made = view.counted_series("customers", numbers, numbers, _("Customers by stage and band"))
    shares = [
        members.share_of(float(rows.loc[rows["stage"] == stage, "amount"].clip(lower=0).sum()), total)
        for stage in present
    ]
    share_anchor = view.register.next_id
    for at, (stage, share) in enumerate(zip(present, shares, strict=True)):
        if share is not None:
            shown = view.printer.printed(share, "share")
            label = _("Share of sales by stage")
            view.register.of_rows("customers", counts[stage], share, shown, label, share_anchor, at)
    most = max(counts.values())
    return {
        "title": stages_title(view, counts),
        "measure": view.phrase(_("Customers by age of the relationship and by sales of twelve months")),
        "anchors": {
            "count": anchor,
            "share": share_anchor if view.register.next_id != share_anchor else "",
            "band": band_anchor,
        },
        "has_share": any(each is not None for each in shares),
        "bands": [view.title(standing_name(_, each)) for each in bands],
        "rows": [
            {
                "name": view.title(standing_name(_, stage)),
                "count": figure.printed.number,
                "bar": cells.bar(
                    counts[stage],
                    most,
                    view.ink,
                    figure.printed.text,
                    width=_CELL,
                    is_named=counts[stage] == most,
                ),
                "share": view.printer.printed(share, "share").number,
                "bands": [str(crossed[stage, band] or "–") for band in bands],
            }
            for stage, figure, share in zip(present, figures, shares, strict=True)
        ],
    }


def stages_title(view: View, counts: dict[str, int]) -> Phrase:
    """The stage that holds half of the customers, where one does."""
    _ = view.gettext
    total = sum(counts.values())
    stage, most = max(counts.items(), key=lambda each: each[1])
    if most * 2 < total or most == total:
        return view.phrase(_("Customers by stage of the relationship"))
    text = _("{n} of {all} customers are in one stage: {stage}")
    return view.phrase(text.format(n=most, all=total, stage=standing_name(_, stage)))


# Cadence


def cadence(view: View) -> Content | None:
    """Touchpoints of the year by line of the plan: due, kept, late, missed; None where none was due."""
    _ = view.gettext
    year = view.over("ytd")
    kept = by_line(year, "cadence_compliance")
    due = {line: each for line, each in kept.items() if each.denominator}
    if not due:
        return None
    ranked = sorted(due, key=lambda line: (due[line].value or 0.0, line))
    readings = [due[line] for line in ranked]
    lost = by_line(year, "touchpoints_missed")
    kept_ = members.column(year, readings, _("Touchpoints kept, by line"))
    missed_ = members.column(year, [lost[line] for line in ranked], _("Touchpoints missed, by line"))
    promised = counted(
        year, readings, [each.denominator for each in readings], "denominator", _("Touchpoints due, by line")
    )
    after = counted(
        year,
        readings,
        [late(due[line], lost[line]) for line in ranked],
        "late",
        _("Touchpoints late, by line"),
    )
    coming = next_due(view)
    columns = {"due": promised, "kept": kept_, "late": after, "missed": missed_}
    return {
        "title": cadence_title(view, readings),
        "measure": view.phrase(
            _(
                "Touchpoints whose window ended this year, the line with the lowest rate first; late: held after its window"
            )
        ),
        "anchors": {name: each["anchor"] for name, each in columns.items()},
        "rows": [
            {
                "name": view.fitted(line_name(view, line), LINE_ROOM),
                **{name: each["cells"][at].number for name, each in columns.items()},
                "line": cells.bar(
                    (due[line].value or 0.0) * 100,
                    100,
                    view.ink,
                    kept_["cells"][at].text,
                    width=_CELL,
                    is_named=(due[line].value or 0.0) < _POOR,
                ),
                "next": coming.get(line, "–"),
            }
            for at, line in enumerate(ranked)
        ],
    }


def counted(
    view: View, readings: list[Reading], values: list[float | None], part: str, label: str
) -> Content:
    """A column of counts that are parts of readings."""
    return members.made_column(
        view, readings, part, values, [view.printer.count(each) for each in values], label
    )


def late(kept: Reading, lost: Reading) -> float | None:
    """What was neither kept nor missed was held late."""
    if kept.denominator is None or kept.numerator is None or lost.value is None:
        return None
    return kept.denominator - kept.numerator - lost.value


def next_due(view: View) -> dict[str, str]:
    """The day by which the next open touchpoint of each line is due."""
    rows = view.rows("touchpoints")
    rows = rows[rows["state"] == "open"]
    if rows.empty:
        return {}
    days = rows.groupby("line")["due_on"].min()
    return {str(line): view.day(pd.Timestamp(day).date()) for line, day in days.items()}


def cadence_title(view: View, readings: list[Reading]) -> Phrase:
    """How many lines of the plan were kept in full, or in less than half of the cases."""
    _ = view.gettext
    few = view.printer.few
    whole = sum((each.value or 0) == 1 for each in readings)
    poor = sum((each.value or 0) < _POOR for each in readings)
    if whole == len(readings):
        return view.phrase(_("Every line of the service plan was kept"))
    if poor:
        text = view.ngettext(
            "{n} of {all} lines of the service plan was kept in less than half of the cases",
            "{n} of {all} lines of the service plan were kept in less than half of the cases",
            poor,
        )
        return view.title(text.format(n=few(poor), all=few(len(readings))))
    return view.phrase(_("Every line of the service plan was kept in at least half of the cases"))
