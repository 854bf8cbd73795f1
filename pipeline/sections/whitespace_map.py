"""Whitespace: what customers could buy of which product and do not, and what to offer them next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.press import heat_map, members
from pipeline.press.charts import TICK
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.schema import SCALE
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST_ROWS, _MOST_COLUMNS, _FEWEST = 14, 14, 2
_MOST_OFFERS = 8
_NAME, _PRODUCT = 38 * MM, 40 * MM


@section(
    title=N_("Whitespace and next offers"),
    audience="internal",
    metrics=("whitespace", "products_to_offer", "product_penetration", "net_sales"),
    tables=("whitespace",),
    evidence=("whitespace@month",),
)
def whitespace_map(view: View) -> Content | None:
    """The heat map of customers and products, the products in words, and what to offer next to whom."""
    rows = view.rows("whitespace")
    rows = rows[rows["product_id"].notna()]
    month = view.over("month")
    if rows.empty or not month.reading("whitespace").value:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(month, rows)),
        "lead": view.lead(lead(view)),
        "map": heat(month, rows),
        "products": products(view, rows),
        "offers": offers(month, rows),
    }


# The page's sentence


def headlines(view: View, rows: pd.DataFrame) -> list[Phrase]:
    """How large the whitespace is beside twelve months' sales, and how few products make half of it."""
    _ = view.gettext
    gap, sales = view.reading("whitespace"), view.over("t12m").reading("net_sales")
    share = members.share_of(gap.value, sales.value or 0.0)
    said = view.say(_("{amount} of whitespace"), amount=view.quote(gap))
    if share is not None:
        shown = view.printer.printed(share, "share").text
        said = view.say(
            _("{amount} of whitespace, {share} of twelve months' sales"), amount=view.quote(gap), share=shown
        )
    totals = (
        rows.groupby("product_id")["whitespace_amount"].sum().astype("float64").sort_values(ascending=False)
    )
    reached = totals.cumsum()
    place = int((reached * 2 < totals.sum()).sum()) + 1
    if place >= len(totals):
        return [said]
    text = view.ngettext("{gap}; half of it in {n} product", "{gap}; half of it in {n} products", place)
    return [view.say(text, gap=said, n=view.printer.few(place)), said]


def lead(view: View) -> Phrase:
    """What whitespace is."""
    _ = view.gettext
    return view.phrase(
        _("What a customer would buy of a product if it bought like comparable customers, less what it buys.")
    )


# The heat map


def heat(view: View, rows: pd.DataFrame) -> Content | None:
    """Customers by products, the largest first on both sides; None for fewer than two of either."""
    _ = view.gettext
    gaps = rows[rows["whitespace_amount"].fillna(0) > 0]
    table = gaps.assign(amount=gaps["whitespace_amount"].astype("float64") / SCALE).pivot_table(
        index="customer_id", columns="product_id", values="amount", aggfunc="sum"
    )
    if min(table.shape) < _FEWEST:
        return None
    customers = table.sum(axis=1).sort_values(ascending=False, kind="stable").index[:_MOST_ROWS]
    names = table.sum(axis=0).sort_values(ascending=False, kind="stable").index[:_MOST_COLUMNS]
    table = table.loc[customers, names]
    first = set(
        zip(*(rows.loc[rows["place"] == 1, each] for each in ("customer_id", "product_id")), strict=True)
    )
    own = {each.slice.subject.subject_id: each for each in view.members("customer")}
    totals = [own[each].reading("whitespace") for each in customers if each in own]
    if len(totals) < len(customers):
        return None
    printed, unit = fitting_amounts(view, table, heat_map.room(len(names)))
    sums, total_unit = members.scaled(view, [each.value or 0.0 for each in totals])
    anchor = view.register.next_id
    drawn = _drawn(view, table, printed, anchor, first)
    for reading, shown in zip(totals, sums, strict=True):
        view.register.of_reading(reading, "value", reading.value, shown, _("Whitespace by customer"), anchor)
    labels = members.brief_names(view, [own[each] for each in customers])
    lines = [
        heat_map.Row(labels[each], cells, shown.number)
        for each, cells, shown in zip(customers, drawn, sums, strict=True)
    ]
    title = heat_title(view, table)
    said = "; ".join(f"{line.label} {line.total}" for line in lines)
    drawing = heat_map.heat_map(
        lines,
        [str(each) for each in names],
        view.ink,
        f"{title.plain}. {said}",
        total=_("All {unit}").format(unit=total_unit),
    )
    return {
        "title": title,
        "measure": view.say(
            _("Whitespace by customer and product, {unit}; the darker, the more; dot: to offer next"),
            unit=unit,
        ),
        "chart": view.chart(anchor, drawing),
        "more": members.more(view, int(gaps["customer_id"].nunique()) - len(customers)),
    }


def _drawn(
    view: View,
    table: pd.DataFrame,
    printed: Mapping[tuple[str, str], Printed],
    anchor: str,
    first: set[tuple[Any, Any]],
) -> list[tuple[heat_map.Cell, ...]]:
    """The fields of each row, their numbers registered under the chart's anchor."""
    label = view.gettext("Whitespace by customer and product")
    made: list[tuple[heat_map.Cell, ...]] = []
    position = 0
    for customer in table.index:
        cells = []
        for product in table.columns:
            amount = table.loc[customer, product]
            is_marked = (customer, product) in first
            if pd.isna(amount):
                cells.append(heat_map.Cell(None, is_marked=is_marked))
                continue
            shown = printed[customer, product]
            view.register.of_rows("whitespace", 1, float(amount), shown, label, anchor, position)
            position += 1
            cells.append(heat_map.Cell(float(amount), shown.number, is_marked))
        made.append(tuple(cells))
    return made


def fitting_amounts(
    view: View, table: pd.DataFrame, room: float
) -> tuple[dict[tuple[str, str], Printed], str]:
    """Every amount of the map in one unit, with as few decimals as the fields have room for."""
    keys = [
        (row, column) for row in table.index for column in table.columns if pd.notna(table.loc[row, column])
    ]
    values = [float(each) for each in table.to_numpy(dtype="float64").ravel() if not np.isnan(each)]
    most = max(values)
    tried = [
        view.printer.common_money(values, view.slice.currency, deciding)
        for deciding in (median(values), 10 * median(values), most, 10 * most, 100 * most)
    ]
    printed, unit = next((each for each in tried if _widest(view, each[0]) <= room), tried[-1])
    return dict(zip(keys, printed, strict=True)), unit


def _widest(view: View, printed: Sequence[Printed]) -> float:
    return max(view.ink.width(each.number, TICK) for each in printed)


def heat_title(view: View, table: pd.DataFrame) -> Phrase:
    """Where the largest single field is."""
    _ = view.gettext
    row, column = divmod(int(np.nanargmax(table.to_numpy(dtype="float64"))), table.shape[1])
    customer, product = str(table.index[row]), str(table.columns[column])
    names = members.brief_names(view, view.members("customer"))
    return view.phrase(
        _("Most is open at {customer}: {product}").format(
            customer=names[customer], product=product_names(view).get(product, product)
        )
    )


def product_names(view: View) -> dict[str, str]:
    """The products by id."""
    return members.full_names(view, view.members("product"))


# The products


def products(view: View, rows: pd.DataFrame) -> Content | None:
    """The products of the map in words: who buys them, how much is open, to how many they are suggested."""
    _ = view.gettext
    month, year = view.over("month"), view.over("t12m")
    totals = rows.groupby("product_id")["whitespace_amount"].sum().astype("float64")
    order = [str(each) for each in totals.sort_values(ascending=False, kind="stable").index[:_MOST_COLUMNS]]
    counts = rows[rows["place"].notna()].groupby("product_id")["customer_id"].nunique()
    names = product_names(view)
    penetrations = {
        each.slice.subject.subject_id: each.reading("product_penetration") for each in year.members("product")
    }
    amounts = [float(totals[each]) / SCALE for each in order]
    printed, unit = members.scaled(month, amounts)
    anchor = month.register.next_id
    for at, (product, amount, shown) in enumerate(zip(order, amounts, printed, strict=True)):
        number = int((rows["product_id"] == product).sum())
        month.register.of_rows("whitespace", number, amount, shown, _("Whitespace by product"), anchor, at)
    shares: list[Reading] = [penetrations[each] for each in order if each in penetrations]
    has_share = len(shares) == len(order)
    bought = members.column(year, shares, _("Penetration by product")) if has_share else None
    suggested = [int(counts.get(each, 0)) for each in order]
    count_anchor, figures = month.counted_series(
        "whitespace", suggested, suggested, _("Suggested to, by product")
    )
    return {
        "title": view.phrase(_("The products of the map")),
        "measure": view.phrase(_("Bought by: share of the customers with purchases in twelve months")),
        "unit": unit,
        "anchors": {
            "amount": anchor,
            "share": bought["anchor"] if bought else "",
            "count": count_anchor,
        },
        "has_share": has_share,
        "rows": [
            {
                "id": each,
                "name": view.fitted(names.get(each, each), 62 * MM),
                "share": bought["cells"][at].number if bought else "",
                "amount": printed[at].number,
                "count": figures[at].printed.number,
            }
            for at, each in enumerate(order)
        ],
    }


# What to offer next


def offers(view: View, rows: pd.DataFrame) -> Content | None:
    """The first suggestion to each customer, those that most of the comparable buyers bear out first."""
    _ = view.gettext
    first = rows[rows["place"] == 1]
    if first.empty:
        return None
    first = first.sort_values(
        ["confidence_pct", "together_count", "customer_id"], ascending=[False, False, True], kind="stable"
    )
    names = members.full_names(view, view.members("customer"))
    goods = product_names(view)
    shown: Sequence[Mapping[Any, Any]] = first.head(_MOST_OFFERS).to_dict("records")
    values = [int(each["together_count"]) for each in shown]
    anchor, figures = view.counted_series("whitespace", values, values, _("Customers who buy both"))
    return {
        "title": offers_title(view, first),
        "measure": view.phrase(
            _(
                "One product a customer; evidence: of the buyers of the product in the third column so many buy this one too"
            )
        ),
        "anchor": anchor,
        "rows": [
            {
                "name": view.fitted(names.get(str(row["customer_id"]), str(row["customer_id"])), _NAME),
                "product": view.fitted(goods.get(str(row["product_id"]), str(row["product_id"])), _PRODUCT),
                "because": view.fitted(
                    goods.get(str(row["because_product_id"]), str(row["because_product_id"])), _PRODUCT
                ),
                "evidence": _("{n} of {all}").format(
                    n=figures[at].printed.text, all=int(row["buyers_count"])
                ),
            }
            for at, row in enumerate(shown)
        ],
        "more": members.more(view, len(first) - len(shown)),
    }


def offers_title(view: View, first: pd.DataFrame) -> Phrase:
    """To how many customers something is suggested."""
    _ = view.gettext
    text = view.ngettext("A next offer for {n} customer", "Next offers for {n} customers", len(first))
    return view.say(
        text, n=view.counted("whitespace", len(first), len(first), _("Customers with a next offer"))
    )
