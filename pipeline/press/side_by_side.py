"""Results of several people side by side: sales against target, growth, margin; columns that nobody fills are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.press import attainment, cells, members, spans
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_PAGE, _BAR, _PAD = 170.0, 42.0, 4.0
_NAME_SHARE = 0.4
"""Of what the numbers leave of the page's width, for the name; the rest for the team."""
LONG = 25


@dataclass(frozen=True)
class Column:
    """A column of numbers: head, width in millimetres, what stands in it, the anchor of its figures."""

    head: str
    width: float
    cells: Sequence[str]
    anchor: str


@dataclass(frozen=True)
class Side:
    """Everyone who is compared, and the whole as the last row."""

    people: tuple[View, ...]
    whole: View

    @property
    def all(self) -> tuple[View, ...]:
        return (*self.people, self.whole)

    def readings(self, metric: str, window: str = "ytd") -> list[Reading]:
        return [each.over(window).reading(metric) for each in self.all]


def table(view: View, side: Side) -> Content:
    """A row for each, by the order they are given in, and the whole."""
    _ = view.gettext
    sold, aims = side.readings("net_sales"), side.readings("sales_target")
    reached = [share_reached(one, other) for one, other in zip(sold, aims, strict=True)]
    unit, amounts = _amounts(view, sold, aims)
    before = [each for each in (_customers(view, side), *amounts, _attained(view, sold, reached)) if each]
    after = [each for each in (_growth(view, side), _margin(view, side)) if each]
    rest = _PAGE - _BAR - sum(each.width for each in (*before, *after))
    has_team = len({each.slice.subject.team_name for each in side.people}) > 1  # of one team it says nothing
    name = rest * _NAME_SHARE if has_team else rest
    has_target = any(each is not None for each in reached)
    return {
        "title": title(view, side.readings("sales_growth")[:-1]),
        "measure": view.say(measure(view, has_target=has_target), unit=unit),
        "before": before,
        "after": after,
        "widths": {"name": f"{name:.1f}", "team": f"{rest - name:.1f}" if has_team else ""},
        "aim_at": spans.aim_left(view.ink, "100", attainment.place(1.0), attainment.WIDTH)
        if has_target
        else "",
        "rows": [
            {
                "name": view.fitted(_name(view, each, is_whole=at == len(side.people)), (name - 1.5) * MM),
                "team": view.fitted(each.slice.subject.team_name, (rest - name - 1.5) * MM),
                "before": [column.cells[at] for column in before],
                "bar": bar(view, sold, reached, at, has_target=has_target),
                "after": [column.cells[at] for column in after],
                "is_whole": at == len(side.people),
            }
            for at, each in enumerate(side.all)
        ],
        "is_long": len(side.people) > LONG,
    }


def _name(view: View, each: View, *, is_whole: bool) -> str:
    if not is_whole:
        return each.slice.subject.named(in_han=view.is_han)
    return members.whole_name(view)


def share_reached(sold: Reading, aim: Reading) -> float | None:
    """Sales against the target; None where there is none."""
    if sold.value is None or aim.value is None or aim.value <= 0:
        return None
    return max(sold.value / aim.value, 0.0)


def _amounts(view: View, sold: list[Reading], aims: list[Reading]) -> tuple[str, list[Column]]:
    """Sales, and targets where there are any, in one unit."""
    _ = view.gettext
    rows = [each.value or 0.0 for each in (*sold[:-1], *aims[:-1])]
    printed, unit = members.scaled(view, rows, [sold[-1].value or 0.0, aims[-1].value or 0.0])
    count = len(sold) - 1
    sales = members.column(view, sold, _("Sales by manager"), [*printed[:count], printed[-2]])
    made = [_column(_("Sales {unit}").format(unit=unit), 16, sales)]
    if any(each.is_known for each in aims):
        goals = [*printed[count : 2 * count], printed[-1]]
        aim = members.column(view, aims, _("Sales targets by manager"), goals)
        made.append(_column(_("Target {unit}").format(unit=unit), 15, aim))
    return unit, made


def _column(head: str, width: float, made: Content) -> Column:
    return Column(head, width, [each.number for each in made["cells"]], made["anchor"])


def _attained(view: View, sold: list[Reading], reached: list[float | None]) -> Column | None:
    _ = view.gettext
    if all(each is None for each in reached):
        return None
    shown = [view.printer.printed(each, "share") for each in reached]
    made = members.made_column(view, sold, "attainment", reached, shown, _("Attainment by manager"))
    return _column(_("Attained %"), 13.5, made)


def _customers(view: View, side: Side) -> Column | None:
    """The customers of each; None where the export says of nobody whom they serve."""
    _ = view.gettext
    readings = side.readings("customers_by_class", "month")
    if not any(each.value for each in readings[:-1]):
        return None
    return _column(_("Customers"), 12.5, members.column(view, readings, _("Customers by manager")))


def _growth(view: View, side: Side) -> Column | None:
    _ = view.gettext
    readings = side.readings("sales_growth")
    if not any(each.is_known for each in readings):
        return None
    shown = [members.change(view, each) for each in readings]
    return _column(_("Growth %"), 13, members.column(view, readings, _("Growth by manager"), shown))


def _margin(view: View, side: Side) -> Column | None:
    _ = view.gettext
    readings = side.readings("gross_margin")
    if not any(each.is_known for each in readings):
        return None
    return _column(_("Margin %"), 12.5, members.column(view, readings, _("Margin by manager")))


def bar(view: View, sold: list[Reading], reached: list[float | None], at: int, *, has_target: bool) -> object:
    """Attainment where there are targets, else sales from zero; nothing for the whole's sales, which would dwarf all."""
    share = reached[at]
    if has_target:
        said = view.printer.printed(share, "share").text
        return None if share is None else attainment.bullet(share, view.ink, said, is_missed=share < 1)
    if at == len(sold) - 1:
        return None
    most = max(each.value or 0.0 for each in sold[:-1])
    said = view.printed(sold[at]).text
    return cells.bar(
        sold[at].value or 0.0, most, view.ink, said, width=(_BAR - _PAD) * MM, is_named=sold[at].value == most
    )


def measure(view: View, *, has_target: bool) -> str:
    """How a row is read."""
    _ = view.gettext
    if not has_target:
        return _("Year to date, {unit}; no sales targets are recorded")
    return _("Year to date, {unit}; bar: attainment up to 130%, upright: target; outlined: target missed")


def title(view: View, growth: list[Reading]) -> Phrase:
    """How many grew and how many shrank."""
    _ = view.gettext
    known = [each.value for each in growth if each.value is not None]
    if not known:
        return view.phrase(_("Sales by manager"))
    up = sum(value > 0 for value in known)
    if up == len(known):
        return view.phrase(_("Every manager's sales grew"))
    text = view.ngettext(
        "{up} manager's sales grew, {down} shrank", "{up} managers' sales grew, those of {down} shrank", up
    )
    few = view.printer.few
    return view.title(text.format(up=few(up), down=few(len(known) - up)))
