"""Account managers side by side: results against targets, and rates with the intervals that few cases leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import members, rates, side_by_side
from pipeline.press.rates import Rated
from pipeline.press.side_by_side import Side
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_FEWEST = 2
RATES = (
    ("otif_orders", "basis=first_promised"),
    ("csat", ""),
    ("sla_attainment", ""),
    ("win_rate", ""),
)
"""The first two that at least half of the managers have are told."""
_MOST_RATES = 2


@section(
    title=N_("Account managers"),
    audience="internal",
    metrics=(
        "net_sales",
        "sales_target",
        "sales_growth",
        "gross_margin",
        "customers_by_class",
        *(metric for metric, _breakdown in RATES),
    ),
    evidence=("net_sales@ytd",),
)
def managers(view: View) -> Content | None:
    """Results of the year by manager, then rates with their intervals; by team and id, never by rank."""
    year = view.over("ytd")
    people = ordered(year)
    if len(people) < _FEWEST:
        return None
    told = [each for each in RATES if is_told(people, *each)][:_MOST_RATES]
    rated = {each: of_everyone(view, people, *each) for each in told}
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(year, people, rated)),
        "lead": view.lead(lead(view)),
        "results": side_by_side.table(year, Side(people, year)),
        "rates": [
            rates.table(year, own, year.reading(*each), is_alone=len(told) == 1)
            for each, own in rated.items()
        ],
    }


def ordered(view: View) -> tuple[View, ...]:
    """The managers whose sales are known, team by team."""
    found = [each for each in view.members("manager") if each.reading("net_sales").is_known]
    return tuple(
        sorted(found, key=lambda each: (each.slice.subject.team_name, each.slice.subject.subject_id))
    )


def is_told(people: tuple[View, ...], metric: str, breakdown: str) -> bool:
    """Whether at least half of the managers have the rate."""
    return sum(each.reading(metric, breakdown).is_known for each in people) * 2 >= len(people)


def of_everyone(view: View, people: tuple[View, ...], metric: str, breakdown: str) -> list[Rated]:
    """The rate of each manager with its interval."""
    return [
        rates.rated(each.slice.subject.named(in_han=view.is_han), each.reading(metric, breakdown))
        for each in people
    ]


# The page's sentence


def headlines(
    view: View, people: tuple[View, ...], rated: dict[tuple[str, str], list[Rated]]
) -> list[Phrase]:
    """How many reached their sales target, and whose rates differ from the whole by more than chance."""
    _ = view.gettext
    sold = target_words(view, people)
    words = (rates.apart_words(view, own, view.reading(*each)) for each, own in rated.items())
    apart = next((each for each in words if each is not None), None)
    plain = sold or view.phrase(_("Managers side by side"))
    if apart is None:
        return [plain]
    if sold is None:
        return [view.title(apart.plain), plain]
    return [view.say(_("{sales}; {rate}"), sales=sold, rate=apart), plain]


def target_words(view: View, people: tuple[View, ...]) -> Phrase | None:
    """How many reached the target for the year to date; None where nobody has one."""
    reached = [
        side_by_side.share_reached(each.reading("net_sales"), each.reading("sales_target")) for each in people
    ]
    judged = [each for each in reached if each is not None]
    if not judged:
        return None
    met, few = sum(each >= 1 for each in judged), view.printer.few
    if not met:
        text = view.ngettext(
            "The one manager with a sales target has not reached it",
            "None of {all} managers reached their sales target",
            len(judged),
        )
        return view.title(text.format(all=few(len(judged))))
    text = view.ngettext(
        "{met} of {all} managers reached their sales target",
        "{met} of {all} managers reached their sales target",
        met,
    )
    return view.title(text.format(met=few(met), all=few(len(judged))))


def lead(view: View) -> Phrase:
    """How the page is to be read."""
    _ = view.gettext
    return view.phrase(
        _(
            "In the order of teams, not of results: portfolios differ. Clearly: by more than chance explains "
            "among so many."
        )
    )
