"""The strip of figures: each with its target, its state in words, its trend, and the number of cases it rests on."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import RenderError
from pipeline.metrics import METRICS
from pipeline.press import charts
from pipeline.press.figures import Figure
from pipeline.press.messages import ENOUGH
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_SIZES = (26.0, 22.0, 18.0)
_COLUMN = 30.8 * MM
_NAME_SIZE, _UNIT_SIZE, _UNIT_GAP = 8.0, 9.0, 3.5
FEW_ANSWERS, FEW_CASES = 30, 5


def needs_two_lines(view: View, shown: list[Reading]) -> bool:
    """Whether one of the names does not fit its column on one line; then all get two."""
    return any(view.ink.width(view.name(each.metric), _NAME_SIZE, strong=True) > _COLUMN for each in shown)


def kpis(view: View, shown: list[Reading]) -> list[Content]:
    """Each figure with its target, state, trend and the number of cases; all in one size."""
    made = [_kpi(view, reading) for reading in shown]
    size = common_size(view, [each["figure"] for each in made if each["figure"] is not None])
    return [{**each, "size": f"{size:g}"} for each in made]


def _kpi(view: View, reading: Reading) -> Content:
    figure = view.figure(reading) if reading.is_known else None
    return {
        "name": view.name(reading.metric),
        "figure": figure,
        "against": against(view, reading),
        "chips": chips(view, reading),
        "is_missed": reading.verdict in ("bad", "watch"),
        "spark": spark(view, reading),
        "basis": basis(view, reading),
    }


def common_size(view: View, figures: Sequence[Figure]) -> float:
    """The largest size at which every figure and its unit fit the column. RenderError KB-1321 where none does."""
    display, text = (view.ink.brand.weight(role) for role in ("display", "text"))
    for size in _SIZES:
        widths = [
            view.ink.faces[display].width(each.printed.number, size)
            + _UNIT_GAP
            + view.ink.faces[text].width(each.unit, _UNIT_SIZE)
            for each in figures
        ]
        if max(widths, default=0) <= _COLUMN:
            return size
    raise RenderError(
        where=f"section {view.section.name}",
        what="a figure is too wide for its column",
        fix="print it with fewer decimals or in a larger unit",
        code="KB-1321",
    )


def against(view: View, reading: Reading) -> Phrase:
    """Target and distance in words; without a target what it was before."""
    _ = view.gettext
    found = view.distance(reading)
    if reading.target is not None:
        aim = view.printed(reading, "target").number
        if reading.unit == "money":
            aim = view.printed(reading, "target").text
        if found is None:
            return view.phrase(_("Target {aim}").format(aim=aim))
        text = _("Target {aim}, +{gap}") if found[1] else _("Target {aim}, −{gap}")
        return view.phrase(text.format(aim=aim, gap=found[0].text))
    if reading.metric == "net_sales":
        growth = view.reading("sales_growth")
        if growth.value is not None:
            shown = view.printer.change(growth.value)
            return view.say(_("Year on year {change}"), change=view.figure(growth, printed=shown))
    if reading.before and reading.is_known:
        return view.say(_("Before: {before}"), before=view.figure(reading, "before"))
    return view.phrase(_("Nothing to compare") if reading.unit == "money" else _("No target agreed"))


def chips(view: View, reading: Reading) -> list[dict[str, str]]:
    """The states of a figure: met as a plain word, everything else as a chip that says which."""
    _ = view.gettext
    if not reading.is_known:
        return [{"kind": "unknown", "label": _("No data")}]
    made = []
    if reading.verdict == "bad":
        made.append({"kind": "missed", "label": _("Missed")})
    if reading.verdict == "watch":
        made.append({"kind": "near", "label": _("Near")})
    if is_few(reading):
        made.append(
            {"kind": "near", "label": _("Few answers") if reading.metric == "csat" else _("Few cases")}
        )
    elif months := short_history(view, reading):
        made.append(
            {
                "kind": "near",
                "label": view.ngettext("{n} month only", "{n} months only", months).format(n=months),
            }
        )
    if not made and reading.verdict == "good":
        made.append({"kind": "met", "label": _("Met")})
    return made[:2]


def is_few(reading: Reading) -> bool:
    """Whether a share rests on so few cases that its verdict could as well be the other one."""
    if reading.unit != "share" or reading.n is None or reading.target is None:
        return False
    if reading.low is not None and reading.high is not None:
        return reading.n < FEW_ANSWERS and reading.low < reading.target < reading.high
    return reading.n < FEW_CASES


def short_history(view: View, reading: Reading) -> int:
    """How many months there are, where the first lies fewer than eight months back; else 0.

    Of a metric whose past is not kept, one month says nothing about its history.
    """
    if METRICS.get(reading.metric).trend is None:
        return 0
    known = [each.is_known for each in view.trend(reading.metric, reading.breakdown, 24)]
    if True not in known:
        return 0
    months = len(known) - known.index(True)
    return months if months < ENOUGH else 0


def spark(view: View, reading: Reading) -> object:
    """The trend of twelve months; None where fewer than three are known."""
    if not reading.is_known:
        return None
    months = view.trend(reading.metric, reading.breakdown)
    values = [each.value for each in months]
    if sum(value is not None for value in values) < 3:
        return None
    missed = months[-1].verdict in ("bad", "watch")  # of the month that the point stands for
    said = [f"{view.printer.month_name(each.from_on)} {view.printed(each).text}" for each in months]
    title = f"{view.name(reading.metric)}: {', '.join(said)}"
    return charts.sparkline(values, reading.target, view.ink, title, is_missed=missed)


def basis(view: View, reading: Reading) -> Phrase:
    """What the figure rests on: how many, and by which rule; the reason where it is not known."""
    _ = view.gettext
    if not reading.is_known:
        return view.phrase(view.reason(reading))
    if reading.metric == "net_sales":
        words = {"ordered": _("orders, without tax"), "invoiced": _("invoiced, without tax")}
        return view.phrase(words.get(view.edition.sales_basis, _("without tax")))
    counted = view.figure(reading, "n") if reading.n is not None else None
    if counted is None:
        return view.phrase("")
    if reading.metric == "csat" and reading.low is not None and reading.high is not None:
        low, high = (view.printed(reading, part).number for part in ("low", "high"))
        text = view.ngettext("{n} answer, {low}–{high}", "{n} answers, {low}–{high}", int(reading.n or 0))
        return view.say(text, n=counted, low=low, high=high)
    count = int(reading.n or 0)
    texts = {
        "otif_orders": view.ngettext("{n} order, first promise", "{n} orders, first promise", count),
        "sla_attainment": view.ngettext("{n} deadline", "{n} deadlines", count),
    }
    return view.say(texts.get(reading.metric, view.ngettext("{n} case", "{n} cases", count)), n=counted)
