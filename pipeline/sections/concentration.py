"""Concentration: how much of the sales hangs on how few customers, and on whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import largest, lorenz, members, sales_moves
from pipeline.press.largest import Buyer
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_FEWEST, _ENOUGH = 3, 5
"""Customers below whom there is no section, and below whom the table alone says all."""
_FEW = 0.2
"""Of the customers: where so few or fewer bring the rest of 100 % of the sales, the old rule of 80 to 20 holds."""
_SHARES = ("top_customer_share", "top_5_share", "top_10_share")
_STEADY = 0.01
"""A change of a share by less than a point is none."""


@section(
    title=N_("Concentration"),
    audience="internal",
    metrics=(
        "net_sales",
        "sales_growth",
        "gross_margin",
        "customer_class",
        "pareto_customers",
        "pareto_sales",
        "customer_gini",
        "concentrated_customers",
        "effective_customers",
        *_SHARES,
    ),
    evidence=("pareto_sales@t12m",),
)
def concentration(view: View) -> Content | None:
    """The curve with its pair, the shares of the few beside those of a year before, the largest customers."""
    year = view.over("t12m")
    buyers = ranked(year)
    if len(buyers) < _FEWEST:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(year, buyers)),
        "lead": view.lead(lead(year, buyers)),
        "curve": curve(year, buyers) if len(buyers) >= _ENOUGH else None,
        "few": few(year, len(buyers)) if len(buyers) >= _ENOUGH else None,
        "largest": largest.table(year, buyers),
        "moves": sales_moves.moves(year),
    }


def ranked(view: View) -> list[Buyer]:
    """The customers with sales above zero, the largest first."""
    found = [Buyer(each, each.reading("net_sales")) for each in view.members("customer")]
    return sorted(
        (each for each in found if each.amount > 0),
        key=lambda each: (-each.amount, each.view.slice.subject.subject_id),
    )


# The page's sentence


def headlines(view: View, buyers: list[Buyer]) -> list[Phrase]:
    """The portfolio's own pair, and the largest customer where it stands above the limit."""
    _ = view.gettext
    crowd, money = view.reading("pareto_customers"), view.reading("pareto_sales")
    pair = view.say(
        _("{few} of the customers bring {much} of the sales"), few=view.quote(crowd), much=view.quote(money)
    )
    above = int(view.reading("concentrated_customers").value or 0)
    if not above:
        return [view.say(_("{pair}; none stands above the limit"), pair=pair), pair]
    name = members.brief_names(view, [buyers[0].view])[buyers[0].view.slice.subject.subject_id]
    share = view.quote(view.reading("top_customer_share"))
    return [view.say(_("{pair}, {name} alone {share}"), pair=pair, name=name, share=share), pair]


def lead(view: View, buyers: list[Buyer]) -> Phrase:
    """Who is above the limit of concentration, and as how many equal customers all of them are."""
    _ = view.gettext
    limit, equal = view.reading("concentrated_customers"), view.reading("effective_customers")
    said: list[Phrase] = []
    count = int(limit.value or 0)
    if count:
        names = members.brief_names(view, [each.view for each in buyers[:count]])
        text = view.ngettext(
            "{n} customer stands above the limit of concentration: {names}.",
            "{n} customers stand above the limit of concentration: {names}.",
            count,
        )
        listed = view.listed(list(names.values())[:4])
        said.append(view.say(text, n=view.figure(limit), names=listed))
    if equal.value is not None:
        shown = view.printer.printed(equal.value, "ratio", decimals=1)
        text = _("The portfolio is as concentrated as {n} customers of the same size.")
        said.append(view.say(text, n=view.figure(equal, printed=shown)))
    return view.joined(*said)


# The curve, and the few


def curve(view: View, buyers: list[Buyer]) -> Content:
    """The curve of concentration with the pair and the Gini coefficient."""
    _ = view.gettext
    crowd, money, gini = (
        view.reading(each) for each in ("pareto_customers", "pareto_sales", "customer_gini")
    )
    anchor, _figures = view.series([crowd, money, gini], _("Curve of concentration"))
    corner = "" if gini.value is None else _("Gini {n}").format(n=view.printed(gini).number)
    lines = (
        _("{n} of customers").format(n=view.printed(crowd).text),
        _("{n} of sales").format(n=view.printed(money).text),
    )
    mark = (
        None
        if crowd.value is None or money.value is None
        else lorenz.Mark(crowd.value * 100, money.value * 100, lines)
    )
    title = curve_title(view, crowd, money)
    drawing = lorenz.lorenz(
        [each.amount for each in buyers],
        mark,
        view.ink,
        f"{title.plain}. {', '.join((*lines, corner))}",
        axes=(_("Customers, %, the largest first"), _("Sales, %")),
        corner=corner,
    )
    text = view.ngettext(
        "{n} customer with sales in twelve months; straight: all equal",
        "{n} customers with sales in twelve months; straight: all equal",
        len(buyers),
    )
    return {
        "title": title,
        "measure": view.phrase(text.format(n=len(buyers))),
        "chart": view.chart(anchor, drawing),
    }


def curve_title(view: View, crowd: Reading, money: Reading) -> Phrase:
    """Whether few or many bring most of the sales, beside the rule of 80 and 20."""
    _ = view.gettext
    if crowd.value is None or money.value is None:
        return view.phrase(_("Curve of concentration"))
    if crowd.value <= _FEW:
        return view.phrase(_("More concentrated than 80 to 20"))
    return view.phrase(_("Less concentrated than 80 to 20"))


def few(view: View, count: int) -> Content:
    """The shares of the largest one, five and ten, now and a year before."""
    _ = view.gettext
    shares = [_("Largest customer"), _("Five largest"), _("Ten largest")]
    told = [
        (name, view.reading(metric))
        for name, metric, top in zip(shares, _SHARES, (1, 5, 10), strict=True)
        if top < count  # of all there are the share says nothing
    ]
    told += [
        (_("Gini coefficient"), view.reading("customer_gini")),
        (_("Effective number of customers"), view.reading("effective_customers")),
        (_("Customers above the limit"), view.reading("concentrated_customers")),
    ]
    rows = [
        {
            "name": name,
            "now": view.figure(reading, printed=_now(view, reading)),
            "before": view.figure(reading, "year_ago", _now(view, reading, "year_ago"))
            if reading.year_ago is not None
            else None,
        }
        for name, reading in told
        if reading.is_known
    ]
    return {
        "has_before": any(row["before"] for row in rows),
        "title": few_title(view, count),
        "measure": view.phrase(
            _("Twelve months, beside the year before")
            if any(row["before"] for row in rows)
            else _("Twelve months")
        ),
        "rows": rows,
    }


def _now(view: View, reading: Reading, part: str = "value") -> Printed:
    """How a row prints its reading: an equivalent number of customers with one decimal."""
    value = reading.value if part == "value" else reading.year_ago
    if reading.metric == "effective_customers":
        return view.printer.printed(value, "ratio", decimals=1)
    return view.printed(reading, part)


def few_title(view: View, count: int) -> Phrase:
    """Whether the five largest weigh more or less than a year before; by a point at least."""
    _ = view.gettext
    reading = view.reading("top_5_share")
    if reading.value is None or reading.year_ago is None or count <= 5:
        return view.phrase(_("What hangs on the largest"))
    step = reading.value - reading.year_ago
    if abs(step) < _STEADY:
        return view.phrase(_("The five largest weigh as much as a year before"))
    text = (
        _("The five largest weigh more than a year before")
        if step > 0
        else _("The five largest weigh less than a year before")
    )
    return view.phrase(text)
