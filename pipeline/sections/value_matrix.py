"""Value and potential: where every customer stands between the borders, and who changed class in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.press import members, movers, value_field
from pipeline.press.movers import Customer
from pipeline.press.standing import borders, standing
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.press.value_field import CLASSES, Portfolio, class_share
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_SCALE = 10_000
_MOST_LISTED = 40


@section(
    title=N_("Value and potential"),
    audience="internal",
    metrics=(
        "customer_class",
        "class_before",
        "class_move",
        "class_border",
        "class_movements",
        "customers_by_class",
        "net_sales",
        "share_of_wallet",
    ),
    tables=("account_levels",),
    evidence=("customers_by_class",),
)
def value_matrix(view: View) -> Content | None:
    """The matrix where potentials are known, else the classes as a table; the movers; who is in no class."""
    found = portfolio(view)
    if not found.customers or found.borders is None:
        return None
    field = value_field.drawn(view, found)
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(view, found)),
        "lead": view.lead(rules(view)),
        "field": field,
        "classes": None if field else classes(view, found),
        "movers": movers.table(view, found.moved, found.borders),
        "not_classed": not_classed(view, found),
    }


# Who stands where


def portfolio(view: View) -> Portfolio:
    """Every customer with a class: its sales of twelve months, its potential, its class now and before."""
    parts = view.members("customer")
    names = members.brief_names(view, parts)
    growing = growing_industries(view)
    found = [customer(each, names, growing) for each in parts]
    kept = tuple(each for each in found if each is not None)
    return Portfolio(kept, borders([each.standing.sales for each in kept], view.edition.tier))


def customer(view: View, names: dict[str, str], growing: frozenset[str]) -> Customer | None:
    """One customer; None where it has no class or its sales are not known."""
    year, name = view.over("t12m"), view.slice.subject.subject_id
    sales, wallet = year.reading("net_sales"), year.reading("share_of_wallet")
    kind, now = year.reading("customer_class").text, view.reading("net_sales")
    if kind is None or sales.value is None:
        return None
    return Customer(
        view=view,
        name=names[name],
        kind=kind,
        was=view.reading("class_before").text or "",
        move=view.reading("class_move").text or "",
        border=view.reading("class_border").text or "",
        sales=sales,
        wallet=wallet,
        standing=standing(
            sales.value, wallet.denominator if wallet.is_known else None, now.value, now.year_ago
        ),
        is_growing=name in growing,
    )


def growing_industries(view: View) -> frozenset[str]:
    """The customers whose industry grows by at least what policy asks, on the window's last day."""
    rows = view.rows("account_levels")
    last = np.datetime64(view.window.last_on)
    held = (rows["level"] == "growth") & _holds(rows, last)
    limit = round(view.edition.tier.growing_industry_pct * _SCALE)
    return frozenset(rows.loc[held & (rows["value"] >= limit), "customer_id"])


def _holds(rows: pd.DataFrame, day: np.datetime64) -> pd.Series:
    """Which rows hold on a day; without an end they still do."""
    begun, ended = pd.to_datetime(rows["from_on"]), pd.to_datetime(rows["until_on"])
    return (begun <= day) & (ended.isna() | (ended > day))


# The page's sentence


def headlines(view: View, found: Portfolio) -> list[Phrase]:
    """Who rose and fell in class, then what the class of high potential brings; the fullest first."""
    _ = view.gettext
    few = view.printer.few
    up, down = (sum(each.move == move for each in found.moved) for move in ("up", "down"))
    this = view.this()
    if up and down:
        text = _("{up} rose in class {this}, {down} fell")
        moved = view.title(text.format(up=movers.counted(view, up), down=few(down), this=this))
    elif up or down:
        text = _("{n} rose in class {this}") if up else _("{n} fell in class {this}")
        moved = view.title(text.format(n=movers.counted(view, up or down), this=this))
    else:
        moved = view.phrase(_("No customer changed class {this}").format(this=this))
    share = class_share(found, "high_potential")
    count = sum(each.kind == "high_potential" for each in found.placed)
    if share is None or not count:
        return [moved]
    text = view.ngettext(
        "{moved}; {n} of high potential brings {share} of the sales",
        "{moved}; {n} of high potential bring {share} of the sales",
        count,
    )
    return [
        view.say(text, moved=moved, n=few(count), share=view.printer.printed(share, "share").text),
        moved,
    ]


def rules(view: View) -> Phrase:
    """How classes are told apart, with the borders that policy sets."""
    _ = view.gettext
    tier, share = view.edition.tier, view.printer.printed
    text = _(
        "High value: top {top} by sales; medium: above the median. Potential: {room} of it open, or an industry "
        "growing {growth} a year. Core value: of high value, with a stable outlook."
    )
    return view.phrase(
        text.format(
            top=share(tier.value_high_share, "share", decimals=0).text,
            room=share(tier.headroom_share, "share", decimals=0).text,
            growth=share(tier.growing_industry_pct, "share", decimals=0).text,
        )
    )


# Where no potential is known


def classes(view: View, found: Portfolio) -> Content:
    """The classes with their customers and sales, where there is no second axis to draw."""
    _ = view.gettext
    total = sum(each.standing.sales for each in found.placed)
    groups = {kind: [each for each in found.placed if each.kind == kind] for kind in CLASSES}
    told = {kind: own for kind, own in groups.items() if own}
    values = [sum(each.standing.sales for each in own) for own in told.values()]
    printed, unit = members.scaled(view, values)
    count_anchor, counts = view.counted_series(
        "customers",
        [len(own) for own in told.values()],
        [len(own) for own in told.values()],
        _("Customers by class"),
    )
    sales_anchor = view.register.next_id
    for at, (own, value, shown) in enumerate(zip(told.values(), values, printed, strict=True)):
        view.register.of_rows("customers", len(own), value, shown, _("Sales by class"), sales_anchor, at)
    return {
        "title": view.phrase(_("Customers by class")),
        "measure": view.phrase(
            _("Customers with sales in twelve months; too few potentials are recorded to draw a matrix")
        ),
        "unit": unit,
        "anchors": {"count": count_anchor, "sales": sales_anchor},
        "rows": [
            {
                "name": view.title(standing_name(_, kind)),
                "count": count.printed.number,
                "sales": shown.number,
                "share": view.counted(
                    "customers", len(own), value / total, _("Share of sales by class"), "share"
                ),
            }
            for (kind, own), count, value, shown in zip(told.items(), counts, values, printed, strict=True)
        ],
    }


def not_classed(view: View, found: Portfolio) -> Content | None:
    """Who buys and is in no class, by name, the largest first; many are counted."""
    _ = view.gettext
    own = sorted(
        (each for each in found.placed if each.kind == "not_classed"),
        key=lambda each: -each.standing.sales,
    )
    if not own:
        return None
    text = view.ngettext("{n} customer is in no class", "{n} customers are in no class", len(own))
    return {
        "title": view.say(text, n=view.counted("customers", len(own), len(own), _("Customers in no class"))),
        "measure": view.phrase(_("Of low value without a known pain point; served like maintain")),
        "names": members.some(view, [each.name for each in own], _MOST_LISTED),
    }
