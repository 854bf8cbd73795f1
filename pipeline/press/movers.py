"""Who changed class in the window: from what to what, over which border, by how much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.press import members
from pipeline.press.printing import NOT_KNOWN, Printed
from pipeline.press.slices import Reading
from pipeline.press.standing import Borders, Standing
from pipeline.press.svg import MM
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_MOST = 12
_NAME_ROOM = 34 * MM
_LOW = ("to_optimise", "not_classed")
_ZEROS = re.compile(r"\.0+(?!\d)")


@dataclass(frozen=True)
class Customer:
    """A customer with its class now and before, the border it crossed, and where it stands."""

    view: View
    name: str
    kind: str
    was: str
    move: str
    border: str
    sales: Reading
    wallet: Reading
    standing: Standing
    is_growing: bool

    @property
    def is_mover(self) -> bool:
        """Whether it rose or fell in the window; who came or left did neither."""
        return self.move in ("up", "down")


def round_money(view: View, amount: float) -> str:
    """A round amount on an axis, without decimals that say nothing."""
    return _ZEROS.sub("", view.printer.money(amount, view.slice.currency).text)


def counted(view: View, number: int) -> str:
    """So many customers, in words where they are few."""
    text = view.ngettext("{n} customer", "{n} customers", number)
    return text.format(n=view.printer.few(number))


def table(view: View, moved: Sequence[Customer], borders: Borders) -> Content | None:
    """Those who rose first, then those who fell, the largest first; None where nobody moved."""
    _ = view.gettext
    if not moved:
        return None
    ranked = sorted(moved, key=lambda each: (each.move != "up", -each.standing.sales))
    shown = ranked[:_MOST]
    sales = [each.sales for each in shown]
    printed, unit = members.scaled(view, [each.value or 0.0 for each in sales])
    amounts = members.column(view, sales, _("Sales of those who changed class"), printed)
    rooms = [each.standing.headroom for each in shown]
    wallets = [each.wallet for each in shown]
    open_shares = [None if each is None else each / 100 for each in rooms]
    room = members.made_column(
        view,
        wallets,
        "headroom",
        open_shares,
        [view.printer.printed(each, "share") for each in open_shares],
        _("Potential still open of those who changed class"),
    )
    far = members.made_column(
        view,
        sales,
        "distance",
        [None if (found := distance(view, each, borders)) is None else found[0] for each in shown],
        [NOT_KNOWN if (found := distance(view, each, borders)) is None else found[1] for each in shown],
        _("Distance from the border crossed"),
    )
    rows = [
        {
            "name": view.fitted(each.name, _NAME_ROOM),
            "was": view.title(standing_name(_, each.was)),
            "now": view.title(standing_name(_, each.kind)),
            "sales": amounts["cells"][at].number,
            "room": room["cells"][at].number,
            "distance": far["cells"][at].text,
            "reason": view.title(reason(view, each)),
            "is_down": each.move == "down",
        }
        for at, each in enumerate(shown)
    ]
    return {
        "title": title(view, ranked),
        "measure": view.phrase(
            _(
                "Class at the window's beginning and end; distance of sales from the border, or of the open potential in points"
            )
        ),
        "unit": unit,
        "anchors": {"sales": amounts["anchor"], "room": room["anchor"], "distance": far["anchor"]},
        "has_room": any(each is not None for each in rooms),
        "rows": rows,
        "more": members.more(view, len(ranked) - len(shown)),
    }


def title(view: View, ranked: Sequence[Customer]) -> Phrase:
    """How many rose and fell."""
    _ = view.gettext
    few = view.printer.few
    up = sum(each.move == "up" for each in ranked)
    down = len(ranked) - up
    text = _("{all} changed class: {up} rose, {down} fell")
    if not up or not down:
        text = (
            _("{all} changed class, all of them rose") if up else _("{all} changed class, all of them fell")
        )
        if len(ranked) == 1:
            text = _("{all} rose in class") if up else _("{all} fell in class")
    return view.title(text.format(all=counted(view, len(ranked)), up=few(up), down=few(down)))


def distance(view: View, customer: Customer, borders: Borders) -> tuple[float, Printed] | None:
    """How far behind the border that it crossed a customer stands: sales in per cent of it, potential in points."""
    crossed = customer.border.split("+")
    if "value" in crossed:
        at = value_border(customer, borders)
        share = customer.standing.sales / at - 1
        return share, view.printer.change(share)
    room = customer.standing.headroom
    if "potential" in crossed and room is not None and not customer.is_growing:
        gap = room / 100 - view.edition.tier.headroom_share
        shown = view.printer.printed(gap * 100, "ratio", decimals=1)
        sign = "+" if gap > 0 else ""
        points = view.gettext("{n} pts").format(n=f"{sign}{shown.number}")
        return gap, Printed(shown.number, "", points)
    return None


def value_border(customer: Customer, borders: Borders) -> float:
    """The border of sales between the two classes: the median where one is of low value, else that of high value."""
    if customer.was in _LOW or customer.kind in _LOW:
        return borders.medium
    return borders.high_for(customer.standing.sales)


def reason(view: View, customer: Customer) -> str:
    """Which borders were crossed, in words."""
    _ = view.gettext
    rose = customer.move == "up"
    words = {
        "value": _("sales rose over the border") if rose else _("sales fell below the border"),
        "outlook": _("outlook became stable") if rose else _("outlook is no longer stable"),
        "potential": _("potential reached the border")
        if rose
        else _("potential no longer reaches the border"),
        "pain_point": _("a pain point is known") if rose else _("no pain point is known any more"),
    }
    said = [words[each] for each in customer.border.split("+") if each in words]
    return ("，" if view.is_han else ", ").join(said) or _("not known")
