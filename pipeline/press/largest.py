"""The table of the largest customers: sales, share, growth and margin; the others together."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.press import cells, members
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_MOST = 10
_NAME_ROOM, _CELL = 42 * MM, 24 * MM


@dataclass(frozen=True)
class Buyer:
    """A customer with its sales of twelve months."""

    view: View
    sales: Reading

    @property
    def amount(self) -> float:
        return self.sales.value or 0.0


def table(view: View, buyers: list[Buyer]) -> Content:
    """The ten largest customers with share, growth and margin; the others together."""
    _ = view.gettext
    shown, rest = buyers[:_MOST], buyers[_MOST:]
    total = sum(each.amount for each in buyers)
    names = members.full_names(view, [each.view for each in shown])
    readings = [each.sales for each in shown]
    left = sum(each.amount for each in rest)
    printed, unit = members.scaled(view, [each.amount for each in shown], [left, total])
    sales = members.column(view, readings, _("Sales of the largest customers"), printed[: len(shown)])
    shares = [each.amount / total for each in shown]
    share = members.made_column(
        view,
        readings,
        "share",
        shares,
        [view.printer.printed(each, "share") for each in shares],
        _("Share of the largest customers"),
    )
    growth = [each.view.reading("sales_growth") for each in shown]
    grown = members.column(
        view,
        growth,
        _("Growth of the largest customers"),
        [members.change(view, each) for each in growth],
    )
    margin = members.column(
        view, [each.view.reading("gross_margin") for each in shown], _("Margin of the largest customers")
    )
    limit = int(view.reading("concentrated_customers").value or 0)
    rows = [
        {
            "name": view.fitted(names[each.view.slice.subject.subject_id], _NAME_ROOM),
            "class": view.title(class_of(each.view)),
            "sales": sales["cells"][at].number,
            "share": share["cells"][at].number,
            "bar": cells.bar(
                shares[at], shares[0], view.ink, share["cells"][at].text, width=_CELL, is_named=at < limit
            ),
            "growth": grown["cells"][at].number,
            "margin": margin["cells"][at].number,
        }
        for at, each in enumerate(shown)
    ]
    return {
        "title": title_of(view, shares, len(buyers)),
        "measure": measure(view, limit),
        "unit": unit,
        "anchors": {
            "sales": sales["anchor"],
            "share": share["anchor"],
            "growth": grown["anchor"],
            "margin": margin["anchor"],
        },
        "has_growth": any(not each.is_unknown for each in grown["cells"]),
        "rows": rows,
        "rest": rest_row(view, rest, printed[len(shown)], left / total) if rest else None,
        "total": members.made_figure(
            view, readings[0], "total", total, printed[-1], _("Sales of all customers above zero")
        ),
        "has_margin": any(not each.is_unknown for each in margin["cells"]),
        "has_class": any(row["class"] for row in rows),
    }


def class_of(view: View) -> str:
    """What class a customer is in, in words; empty where that is not known."""
    text = view.reading("customer_class").text
    return standing_name(view.gettext, text) if text else ""


def measure(view: View, limit: int) -> Phrase:
    """What the table counts; which bars are above the limit."""
    _ = view.gettext
    if limit:
        return view.phrase(
            _("Twelve months; groups rolled up; darker bars stand above the limit of concentration")
        )
    return view.phrase(_("Twelve months; groups rolled up"))


def rest_row(view: View, rest: list[Buyer], shown: Printed, share: float) -> Content:
    """The customers that are not listed, together."""
    _ = view.gettext
    source, count = rest[0].sales, len(rest)
    text = view.ngettext("{n} other customer", "{n} other customers", count)
    label = _("Sales of the other customers")
    return {
        "name": view.phrase(text.format(n=count)),
        "sales": members.made_figure(view, source, "rest", sum(each.amount for each in rest), shown, label),
        "share": members.made_figure(
            view, source, "rest_share", share, view.printer.printed(share, "share"), label
        ),
    }


def title_of(view: View, shares: list[float], count: int) -> Phrase:
    """How few customers bring half of the sales, where that are fewer than are listed."""
    _ = view.gettext
    reached = 0.0
    for place, share in enumerate(shares, start=1):
        reached += share
        if reached >= 0.5:
            text = view.ngettext(
                "{few} of {n} customers brings half of the sales",
                "{few} of {n} customers bring half of the sales",
                place,
            )
            return view.title(text.format(few=view.printer.few(place), n=count))
    return view.phrase(_("The largest customers"))
