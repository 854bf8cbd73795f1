"""Business by kind: what was sold of each kind against its target, and what is still in the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import attainment
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading, part_of
from pipeline.press.terms import breakdown_name
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Business by kind"),
    audience="internal",
    metrics=("sales_by_kind", "open_pipeline_value", "win_rate_by_kind"),
    evidence=("sales_by_kind@ytd", "open_pipeline_value@month"),
)
def kinds(view: View) -> Content | None:
    """A row for each kind of business, where there are targets by kind; without them the page is better without."""
    _ = view.gettext
    year, month = view.over("ytd"), view.over("month")
    names = sorted(
        each
        for each in {*year.breakdowns("sales_by_kind"), *month.breakdowns("open_pipeline_value")}
        if each.startswith("kind=")
    )
    sold = [year.reading("sales_by_kind", each) for each in names]
    if len(names) < 2 or all(each.target is None for each in sold):
        return None
    open_ = [month.reading("open_pipeline_value", each) for each in names]
    won = [year.reading("win_rate_by_kind", each) for each in names]
    columns, unit = in_one_unit(view, sold, open_)
    aim = _("Target 100")
    rows = [
        _row(view, name, (sold[at], open_[at], won[at]), columns[at])
        for at, name in enumerate(names)
        if sold[at].is_known or sold[at].target is not None or open_[at].is_known
    ]
    return {
        "title": view.phrase(title(view, sold)),
        "measure": view.say(_("This year, {unit}; the pipeline as it stands at the end"), unit=unit),
        "aim": aim,
        "aim_at": attainment.aim_at(aim, view.ink),
        "rows": rows,
    }


def in_one_unit(
    view: View, sold: list[Reading], open_: list[Reading]
) -> tuple[list[tuple[Printed, Printed, Printed]], str]:
    """Of each kind its target, sales and pipeline, all amounts of the table in one scale; and its unit."""
    amounts = [(each.target, each.value, other.value) for each, other in zip(sold, open_, strict=True)]
    flat = [value for row in amounts for value in row]
    known, unit = view.in_one_unit(flat)
    return [(known[at], known[at + 1], known[at + 2]) for at in range(0, len(known), 3)], unit


def title(view: View, sold: list[Reading]) -> str:
    """Which kinds reached their target."""
    _ = view.gettext
    judged = [each for each in sold if each.target is not None and each.is_known]
    met = [breakdown_name(_, each.breakdown) for each in judged if each.verdict == "good"]
    short = [breakdown_name(_, each.breakdown) for each in judged if each.verdict != "good"]
    if not short:
        return _("Every kind of business reached its target")
    if not met:
        return _("No kind of business has reached its target")
    return _("{met} reached the target, {short} not").format(met=view.listed(met), short=view.listed(short))


def _row(
    view: View,
    name: str,
    readings: tuple[Reading, Reading, Reading],
    printed: tuple[Printed, Printed, Printed],
) -> Content:
    year, month = view.over("ytd"), view.over("month")
    sold, open_, won = readings
    reached = part_of(sold, "attainment")
    kind = view.title(breakdown_name(view.gettext, name))
    said = f"{kind.plain}: {'–' if reached is None else f'{reached * 100:.1f}'}"
    return {
        "name": kind,
        "target": year.figure(sold, "target", printed[0]) if sold.target is not None else None,
        "value": year.figure(sold, printed=printed[1]) if sold.is_known else None,
        "attainment": year.figure(sold, "attainment") if reached is not None else None,
        "bar": None
        if sold.target is None
        else attainment.bullet(reached, view.ink, said, is_missed=sold.verdict in ("bad", "watch")),
        "open": month.figure(open_, printed=printed[2]) if open_.is_known else None,
        "won": _won(year, won),
    }


def _won(year: View, reading: Reading) -> Phrase | None:
    """Deals won of those decided."""
    if not reading.denominator:
        return None
    won, decided = (year.figure(reading, part) for part in ("numerator", "denominator"))
    return year.say("{won}/{decided}", won=won, decided=decided)
