"""Pay accrued against budget: sums of the portfolio and of teams, never a person's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.press import charts, members, monthly, strip, waterfall
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.strip import Wanted
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

FIGURES = (
    Wanted("pay_draft", "ytd"),
    Wanted("pay_budget", "ytd"),
    Wanted("pay_budget_used", "ytd"),
    Wanted("pay_draft", "month"),
    Wanted("equity_vested_worth", "ytd"),
)
PARTS = ("base_salary", "bonus", "commission", "commission_clawback")
FEWEST = 3
"""People of a team below whom its sum would tell what one of them is paid."""
_NAME = 56 * MM


@section(
    title=N_("Pay accrued against budget"),
    audience="restricted",
    metrics=(*dict.fromkeys(each.metric for each in FIGURES), *PARTS),
    evidence=("pay_draft@ytd",),
)
def pay_accrual(view: View) -> Content | None:
    """The strip, what pay is made of, pay by month, and the teams of three people or more."""
    people = view.members("manager")
    if len(people) < FEWEST:
        return None
    year = view.over("ytd")
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(year)),
        "lead": view.lead(lead(view)),
        **strip.strip(view, strip.known(view, FIGURES)),
        "parts": parts(year),
        "months": months(view),
        "teams": teams(year),
    }


# The page's sentence


def headlines(view: View) -> list[Phrase]:
    """How much pay is accrued this year, and what share of the budget that is."""
    _ = view.gettext
    draft, used = view.reading("pay_draft"), view.reading("pay_budget_used")
    said = view.say(_("{amount} of pay accrued this year"), amount=view.quote(draft))
    if used.value is None:
        return [view.say(_("{pay}; no budget covers it"), pay=said), said]
    text = (
        _("{pay}, {share} of the budget")
        if used.value <= 1
        else _("{pay}, more than the budget: {share} of it")
    )
    return [view.say(text, pay=said, share=view.quote(used)), said]


def lead(view: View) -> Phrase:
    """What the sums are, and what is left out."""
    _ = view.gettext
    return view.phrase(
        _(
            "Drafts before tax and social insurance. Sums only: a team of fewer than three people is not told apart."
        )
    )


# What it is made of, and when


def parts(view: View) -> Content | None:
    """Base, bonus, commission and clawback as a waterfall that sums to the draft; None where one of them is unknown."""
    _ = view.gettext
    readings, whole = [view.reading(each) for each in PARTS], view.reading("pay_draft")
    if not whole.is_known or not all(each.is_known for each in readings):
        return None
    labels = [_("Base salary"), _("Bonus"), _("Commission"), _("Clawed back")]
    told = [(label, each) for label, each in zip(labels, readings, strict=True) if each.value]
    signed = [-abs(each.value or 0.0) if each is readings[-1] else each.value or 0.0 for _label, each in told]
    printed, unit = adding_up(view, [*signed, whole.value or 0.0])
    anchor, _figures = view.series([*(each for _label, each in told), whole], _("Pay by part"), printed)
    steps = [
        waterfall.Part(label, value, shown.number)
        for (label, _reading), value, shown in zip(told, signed, printed, strict=False)
    ]
    total = waterfall.Part(_("Pay draft"), whole.value or 0.0, printed[-1].number)
    said = ", ".join(f"{each.label} {each.printed}" for each in (*steps, total))
    title = parts_title(view, readings[0].value or 0.0, whole.value or 0.0)
    return {
        "title": title,
        "measure": view.say(_("Year to date, {unit}"), unit=unit),
        "chart": view.chart(anchor, waterfall.waterfall(steps, total, view.ink, f"{title.plain}. {said}")),
    }


def adding_up(view: View, amounts: list[float]) -> tuple[list[Printed], str]:
    """Amounts in one unit, the last the sum of the others, with as many decimals as it takes for them to add up as printed."""
    largest = max(abs(each) for each in amounts)
    tried = [
        view.printer.common_money(amounts, view.slice.currency, largest / finer) for finer in (1, 10, 100)
    ]
    return next((each for each in tried if is_sum(each[0])), tried[-1])


def is_sum(printed: Sequence[Printed]) -> bool:
    """Whether the last of printed numbers is what a reader gets who adds up the others."""
    *steps, total = (decimal(each) for each in printed)
    return sum(steps) == total


def decimal(shown: Printed) -> Decimal:
    """A printed number as a reader adds it up."""
    return Decimal(shown.number.replace(",", "").replace("−", "-"))


def parts_title(view: View, base: float, whole: float) -> Phrase:
    """The share of pay that depends on results."""
    _ = view.gettext
    share = members.share_of(whole - base, whole)
    if share is None:
        return view.phrase(_("What pay is made of"))
    return view.say(_("{share} of pay depends on results"), share=view.printer.printed(share, "share").text)


def months(view: View) -> Content | None:
    """Pay by month; None where fewer than three months are known."""
    _ = view.gettext
    readings = view.trend("pay_draft")
    if sum(each.is_known for each in readings) < 3:
        return None
    printed, unit = members.amounts(view, readings)
    anchor, _figures = view.series(readings, _("Pay by month"), printed)
    points = monthly.points(view, readings, printed)
    said = ", ".join(f"{point.label} {point.printed}" for point in points)
    drawing = charts.columns(points, view.ink, f"{_('Pay by month')}. {said}", height=36 * MM, strong=1)
    return {
        "title": view.phrase(_("Pay by month")),
        "measure": view.say(_("Draft of each month, {unit}"), unit=unit),
        "chart": view.chart(anchor, drawing),
    }


# By team


def teams(view: View) -> Content | None:
    """The teams of three people or more: people, draft, budget, share used; None where there are none."""
    _ = view.gettext
    size = Counter(each.slice.subject.team_id for each in view.members("manager"))
    told = told_apart(size)
    found = [each for each in view.members("team") if each.slice.subject.subject_id in told]
    found = [each for each in found if each.reading("pay_draft").is_known]
    if not found:
        return None
    draft: list[Reading] = [each.reading("pay_draft") for each in found]
    budget = [each.reading("pay_budget") for each in found]
    printed, unit = members.scaled(view, [each.value or 0.0 for each in (*draft, *budget)])
    columns = {
        "draft": members.column(view, draft, _("Pay by team"), printed[: len(found)]),
        "budget": members.column(view, budget, _("Pay budget by team"), printed[len(found) :]),
        "used": members.column(
            view, [each.reading("pay_budget_used") for each in found], _("Pay budget used by team")
        ),
    }
    counts = [size[each.slice.subject.subject_id] for each in found]
    anchor, figures = view.counted_series(
        "managers", counts, [float(each) for each in counts], _("People by team")
    )
    return {
        "title": view.phrase(_("By team")),
        "measure": view.phrase(_("Year to date; teams as they stand on the last day")),
        "unit": unit,
        "anchors": {"people": anchor, **{name: made["anchor"] for name, made in columns.items()}},
        "rows": [
            {
                "name": view.fitted(each.slice.subject.named(in_han=view.is_han), _NAME),
                "people": figures[at].printed.number,
                **{name: made["cells"][at].number for name, made in columns.items()},
            }
            for at, each in enumerate(found)
        ],
    }


def told_apart(size: Mapping[str, int]) -> frozenset[str]:
    """The teams that may be told by their number of people: no team of few, and no rest of few to be worked out.

    Those without a team stand under the empty name and are part of the rest.
    """
    large = sorted(
        (name for name, count in size.items() if name and count >= FEWEST),
        key=lambda name: (-size[name], name),
    )
    everyone = sum(size.values())
    while large and 0 < everyone - sum(size[name] for name in large) < FEWEST:
        large.pop()
    return frozenset(large)
