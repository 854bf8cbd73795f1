"""The measurements of goals over time: small charts side by side, or one across the page with every value."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.press import value_charts
from pipeline.press.charts import FULL, HALF
from pipeline.press.goals import Goal, in_own_unit, unit_line
from pipeline.press.printing import Printed
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_ENOUGH_STEPS, _MOST_PATHS, _ROW = 3, 6, 3
_TALL, _LOW = 42 * MM, 30 * MM


def paths(view: View, found: Sequence[Goal]) -> Content | None:
    """The measurements of each goal that has enough of them; one alone across the page, with every value."""
    _ = view.gettext
    drawn = worth_drawing(found)
    if not drawn:
        return None
    is_alone = len(drawn) == 1
    width = FULL if is_alone else HALF if len(drawn) == 2 else value_charts.THIRD
    height = _TALL if len(drawn) <= _ROW else _LOW
    made = [_path(view, goal, (width, height), is_alone=is_alone) for goal in drawn]
    return {
        "title": paths_title(view, drawn),
        "measure": view.phrase(paths_measure(view, found, drawn)),
        "rows": [made[at : at + _ROW] for at in range(0, len(made), _ROW)],
        "kind": "alone" if is_alone else "halves" if len(drawn) == 2 else "thirds",
    }


def worth_drawing(found: Sequence[Goal]) -> list[Goal]:
    """The goals with enough measurements, in their order; where they are many, those that are not reached first."""
    measured = [goal for goal in found if len(goal.rows) >= _ENOUGH_STEPS]
    chosen = sorted(measured, key=lambda goal: goal.is_reached)[:_MOST_PATHS]
    return [goal for goal in measured if goal in chosen]


def paths_measure(view: View, found: Sequence[Goal], drawn: Sequence[Goal]) -> str:
    """How the charts are drawn, and how many goals have none."""
    plain = view.gettext("Each measurement from the baseline on; target dashed; the scales are cut")
    left = len(found) - len(drawn)
    if not left:
        return plain
    more = view.ngettext("{n} more goal stands in the table", "{n} more goals stand in the table", left)
    return f"{plain}{'；' if view.is_han else '; '}{more.format(n=left)}"


def paths_title(view: View, drawn: Sequence[Goal]) -> Phrase:
    """Whether every measurement was better than the one before; else which goals slipped back at the last one."""
    _ = view.gettext
    if all(step > 0 for goal in drawn for step in steps(goal)):
        return view.phrase(_("Better at each measurement"))
    slipped = [goal.title for goal in drawn if steps(goal)[-1] < 0]
    if slipped:
        return view.say(_("Worse at the last measurement: {goals}"), goals=view.listed(slipped[:2]))
    return view.phrase(_("Measurement by measurement"))


def steps(goal: Goal) -> list[float]:
    """By how much each measurement is better than the one before it."""
    sign = -1 if goal.better == "lower" else 1
    values = [value for _day, value in goal.rows]
    return [(after - before) * sign for before, after in pairwise(values)]


def _path(view: View, goal: Goal, size: tuple[float, float], *, is_alone: bool) -> Content:
    _ = view.gettext
    places = _path_places(goal) if is_alone else goal.places
    shown = [in_own_unit(value, places) for _day, value in goal.rows]
    anchor = _steps_anchored(view, goal, shown) if is_alone else ""
    path = value_charts.Course(
        steps=tuple(
            value_charts.Step(day, value, each.number)
            for (day, value), each in zip(goal.rows, shown, strict=True)
        ),
        aim=goal.target.value,
        aim_printed=_("Target {aim}").format(aim=in_own_unit(goal.target.value, goal.places).number),
        ends=(view.printer.month(goal.rows[0][0]), view.printer.month(goal.rows[-1][0])),
        state=goal.state,
    )
    said = ", ".join(
        f"{view.printer.day(day)} {each.number}" for (day, _value), each in zip(goal.rows, shown, strict=True)
    )
    drawing = value_charts.path_line(
        path,
        view.ink,
        f"{goal.title}: {said}",
        width=size[0],
        height=size[1],
        is_full=is_alone,
    )
    return {
        "name": view.fitted(goal.title, min(size[0], HALF) - 2 * MM),
        "unit": view.phrase(unit_line(view, goal)),
        "chart": view.chart(anchor, drawing),
    }


def _path_places(goal: Goal) -> int:
    """One decimal more than elsewhere, where measurements that differ would else be printed alike."""
    values = [value for _day, value in goal.rows]
    printed = {in_own_unit(value, goal.places).number for value in values}
    return goal.places if len(printed) == len(set(values)) else goal.places + 1


def _steps_anchored(view: View, goal: Goal, shown: Sequence[Printed]) -> str:
    """The measurements as figures of the document; the anchor of their chart."""
    anchor = view.register.next_id
    label = view.gettext("Goals: measurements")
    for position, ((_day, value), each) in enumerate(zip(goal.rows, shown, strict=True)):
        view.register.of_rows("goals", 1, value, each, label, anchor, position)
    return anchor
