"""The weighted score: what the plan asks, what each measure brings of its weight, and what it could still bring."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.metrics import METRICS
from pipeline.press.plan_remarks import perspective_name, sentence
from pipeline.press.printing import Printed
from pipeline.press.score_bars import points_bar, score_bar
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.rules.scorecard import PERSPECTIVES, ScorecardMeasure, ScorecardRule
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_NAME = 40 * MM
_WORTH_SAYING = 0.05
"""A gain that is printed as 0.0 is none."""


@dataclass(frozen=True)
class Line:
    """A measure of the plan with its readings."""

    rule: ScorecardMeasure
    attained: Reading
    points: Reading
    target_gain: Reading
    step_gain: Reading

    @property
    def gain(self) -> float:
        """What reaching the target brings; nothing where that is not known."""
        return self.target_gain.value or 0.0


@section(
    title=N_("Weighted score"),
    audience="internal",
    metrics=("weighted_score", "measure_attainment", "measure_points", "target_gain", "step_gain"),
)
def weighted_score(view: View) -> Content | None:
    """The score with its coverage, and a row for each measure; nothing where the company has no plan."""
    plan = view.edition.scorecard
    if plan is None:
        return None
    year = view.over("ytd")
    score, lines = year.reading("weighted_score"), _lines(year, plan)
    return {
        "title": view.phrase(headline(year, score, lines)),
        "measure": view.phrase(measure(year, plan)),
        "score": tally(year, score, plan),
        "groups": groups(year, lines),
        "total": total(year, lines, score),
        "note": view.joined(*(view.phrase(each) for each in notes(year, lines))),
        "remarks": [view.phrase(each) for each in remarks(view)],
    }


def _lines(year: View, plan: ScorecardRule) -> list[Line]:
    """The measures in the order of the perspectives, and within one of the plan."""
    ordered = sorted(plan.measures, key=lambda each: PERSPECTIVES.index(each.perspective))
    return [_line(year, each) for each in ordered]


def _line(year: View, rule: ScorecardMeasure) -> Line:
    names = ("measure_attainment", "measure_points", "target_gain", "step_gain")
    found = [year.reading(name, f"measure={rule.metric}") for name in names]
    return Line(rule, *found)


# What the block says


def headline(view: View, score: Reading, lines: list[Line]) -> str:
    """The score, and which measure could bring most."""
    _ = view.gettext
    if score.value is None:
        return _("No weighted score: too little of the plan can be measured")
    best = max(lines, key=lambda each: each.gain)
    shown = view.printed(score).text
    if best.gain < _WORTH_SAYING:
        return _("Weighted score {score}: every measure brings all it can").format(score=shown)
    gain, name = view.printed(best.target_gain).text, view.inline(best.rule.metric)
    return _("Weighted score {score}; most to gain with {name}: {gain} points").format(
        score=shown, name=name, gain=gain
    )


def measure(view: View, plan: ScorecardRule) -> str:
    """Which plan it is, and since when."""
    _ = view.gettext
    name = plan.name if view.is_han else plan.name_en or plan.name
    return _(
        "Plan {name}, in force since {day}; points = weight × credit, year to date unless marked"
    ).format(name=name, day=view.printer.day(plan.valid_from))


def tally(view: View, score: Reading, plan: ScorecardRule) -> Content:
    """The score as a figure and a bar, its coverage, and the range that missing measures leave."""
    _ = view.gettext
    known = score.is_known
    covered = score.coverage or 0.0
    is_ranged = known and (score.low, score.high) != (score.value, score.value)
    said = f"{_('Weighted score')}: {view.printed(score).text if known else '–'}"
    return {
        "figure": view.figure(score) if known else None,
        "label": _("of 100 points"),
        "bar": score_bar(score.value, score.low, score.high, view.ink, said),
        "coverage": _coverage(view, score, plan, covered),
        "range": _range(view, score) if is_ranged else None,
    }


def _coverage(view: View, score: Reading, plan: ScorecardRule, covered: float) -> Phrase:
    """How much of the weights was measured, and how much there must be where that is not enough."""
    _ = view.gettext
    if score.coverage is None:
        return view.phrase(_("Nothing of the plan can be measured"))
    shown = view.figure(score, "coverage", view.printer.printed(covered, "share"))
    if score.is_known:
        return view.say(_("{share} of the weights measured"), share=shown)
    floor = view.printer.printed(plan.coverage_floor, "share").text
    return view.say(_("{share} of the weights measured; a score needs {floor}"), share=shown, floor=floor)


def _range(view: View, score: Reading) -> Phrase:
    low, high = view.figure(score, "low"), view.figure(score, "high")
    return view.say(
        view.gettext("with what is missing at its worst and best: {low}–{high}"), low=low, high=high
    )


# The rows


def groups(view: View, lines: list[Line]) -> list[Content]:
    """The measures of each perspective that the plan covers."""
    most = max(max(float(each.rule.weight), each.points.value or 0.0) for each in lines)
    made = []
    for name in PERSPECTIVES:
        rows = [_row(view, each, most) for each in lines if each.rule.perspective == name]
        if rows:
            made.append({"name": perspective_name(view.gettext, name), "rows": rows})
    return made


def _row(view: View, line: Line, most: float) -> Content:
    points, weight = line.points, float(line.rule.weight)
    name = view.title(view.name(line.rule.metric)).plain
    shown = view.printed(points).text if points.is_known else "–"
    return {
        "name": view.fitted(name, _NAME),
        "basis": view.gettext("12 mo.") if line.rule.window == "t12m" else "",
        "weight": view.figure(points, "denominator", _number(view, weight)) if points.is_known else None,
        "weight_text": _number(view, weight).text,
        "attained": view.figure(line.attained) if line.attained.is_known else None,
        "credit": _credit(view, points),
        "bar": points_bar(points.value, weight, most, view.ink, f"{name}: {shown}"),
        "points": view.figure(points) if points.is_known else None,
        "why": "" if points.is_known else _why(view, line),
        "target_gain": _gain(view, line.target_gain),
        "step_gain": _gain(view, line.step_gain),
    }


def _number(view: View, weight: float) -> Printed:
    """A weight: a whole number where it is one."""
    return view.printer.printed(weight, "count" if weight == round(weight) else "score")


def _credit(view: View, points: Reading) -> object:
    if points.numerator is None:
        return None
    return view.figure(points, "numerator", view.printer.printed(points.numerator, "share"))


def _why(view: View, line: Line) -> str:
    """Why a measure brings nothing and costs nothing."""
    _ = view.gettext
    return _("No target") if line.attained.reason in ("", "no_data") and _has_value(line) else _("No data")


def _has_value(line: Line) -> bool:
    return line.attained.numerator is not None and line.attained.denominator is None


def _gain(view: View, reading: Reading) -> object:
    """A gain with its sign; nothing where there is none to be had."""
    if reading.value is None or reading.value < _WORTH_SAYING:
        return None
    shown = view.printed(reading)
    return view.figure(reading, printed=replace(shown, number=f"+{shown.number}", text=f"+{shown.text}"))


def total(view: View, lines: list[Line], score: Reading) -> Content:
    """Weights and points together; the score where every weight was measured is their sum."""
    return {
        "weight": _number(view, float(sum(each.rule.weight for each in lines))).text,
        "score": view.printed(score).text if score.is_known else "–",
    }


# What stands under the table


def notes(view: View, lines: list[Line]) -> list[str]:
    """How credit is given, what one step is, and why the sum is not the score where something is missing."""
    _ = view.gettext
    said = [
        _(
            "Credit is 0 at a measure's floor, 100 at its target, and ends at its cap; what is missing counts as neither."
        )
    ]
    steps = _steps(view, lines)
    if steps:
        said.append(_("One step: {steps}.").format(steps=_semicolon(view).join(steps)))
    if any(not each.points.is_known for each in lines):
        said.append(_("The score is all points divided by the weights measured."))
    return said


def _steps(view: View, lines: list[Line]) -> list[str]:
    """What one step means: the same step said once, with the measures it is for."""
    found: dict[str, list[str]] = {}
    for each in lines:
        if each.step_gain.numerator is not None:
            found.setdefault(_step(view, each), []).append(view.inline(each.rule.metric))
    if len(found) == 1:
        return list(found)
    usual = max(found, key=lambda step: len(found[step]), default="")
    return [
        step
        if step == usual
        else view.gettext("{step} for {names}").format(step=step, names=view.listed(names))
        for step, names in sorted(found.items(), key=lambda entry: entry[0] != usual)
    ]


def _step(view: View, line: Line) -> str:
    size, unit = line.step_gain.numerator or 0.0, METRICS.get(line.rule.metric).unit
    if unit == "share":
        points = Decimal(repr(size)) * 100
        text = view.ngettext("{n} percentage point", "{n} percentage points", 1 if points == 1 else 2)
        return text.format(n=f"{points.normalize():f}")
    return view.printer.printed(size, unit, view.slice.currency).text


def _semicolon(view: View) -> str:
    return "；" if view.is_han else "; "


def remarks(view: View) -> list[str]:
    """What there is to put right in the plan itself."""
    _ = view.gettext
    said = [sentence(_, each, view.inline, view.listed) for each in view.edition.plan_remarks]
    return [_("Plan check: {remark}.").format(remark=each) for each in said]
