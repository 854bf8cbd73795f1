"""The orders that came late or short: what held them up, and which waited longest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.press import comparisons
from pipeline.press.messages import ahead, leaders
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_LONGEST, _MOST_CAUSES, _ENOUGH = 8, 5, 4
_PRODUCT_WIDTH, _CAUSE_WIDTH = 38 * MM, 27 * MM


def due_rows(view: View) -> pd.DataFrame:
    """The orders that fell due in the window by the first promised date."""
    rows = view.rows("deliveries", "due_on")
    return (
        rows[(rows["basis"] == "first_promised") & (rows["is_due"] & rows["is_quantified"]).astype(bool)]
        if len(rows)
        else rows
    )


def counted_causes(view: View, short: pd.DataFrame) -> list[tuple[str | None, int]]:
    """Causes with the number of orders, the most frequent first; orders without a cause under None, last."""
    del view
    if not len(short):
        return []
    counts = short["delay_cause"].value_counts(dropna=True)
    named = sorted(
        ((str(name), int(count)) for name, count in counts.items()), key=lambda each: (-each[1], each[0])
    )
    unnamed = int(short["delay_cause"].isna().sum())
    return [*named, *([(None, unnamed)] if unnamed else [])]


def causes(view: View, short: pd.DataFrame) -> Content | None:
    """The causes of the orders that were late or short, ranked; None where all were met."""
    _ = view.gettext
    counted = counted_causes(view, short)
    if not counted:
        return None
    named = [(name, count) for name, count in counted if name is not None]
    shown = named[:_MOST_CAUSES]
    rest = sum(count for _name, count in named[_MOST_CAUSES:])
    unnamed = sum(count for name, count in counted if name is None)
    lines = [(str(name), count) for name, count in shown]
    lines += [(_("Other"), rest)] if rest else []
    lines += [(_("No cause recorded"), unnamed)] if unnamed else []
    title, tall = causes_title(view, shown, len(short))
    numbers = [count for _name, count in lines]
    anchor, figures = view.counted_series("deliveries", numbers, numbers, _("Late or short orders by cause"))
    bars = [
        comparisons.Bar(name, count, figure.printed.number, is_named=at < tall)
        for at, ((name, count), figure) in enumerate(zip(lines, figures, strict=True))
    ]
    said = ", ".join(f"{name} {count}" for name, count in lines)
    return {
        "title": title,
        "measure": view.phrase(
            view.ngettext("Main cause of {n} order", "Main cause of {n} orders", len(short)).format(
                n=len(short)
            )
        ),
        "chart": view.chart(anchor, comparisons.ranked_bars(bars, view.ink, f"{title.plain}. {said}")),
    }


def main_causes(counted: Sequence[tuple[str | None, int]]) -> list[tuple[str, int]]:
    """The cause that is ahead of all others, or the two that are; none where the first ones are level."""
    named = [(name, count) for name, count in counted if name is not None]
    return named[: max(ahead([count for _name, count in named]), default=0)]


def causes_title(view: View, named: Sequence[tuple[str, int]], total: int) -> tuple[Phrase, int]:
    """The cause (or the two) behind half of the orders or more, and how many bars the title speaks of."""
    _ = view.gettext
    if total < _ENOUGH:
        return view.phrase(_("What held up late or short orders")), 0
    size = leaders([count for _name, count in named], total)
    if not size:
        return view.phrase(_("No single cause stands out")), 0
    names = view.listed([name for name, _count in named[:size]])
    share = str(sum(count for _name, count in named[:size]))
    return view.say(_("{cause}: {n} of {total} orders"), cause=names, n=share, total=str(total)), size


# Late list


def late(view: View, short: pd.DataFrame) -> Content | None:
    """The orders that came late or short, the longest delay first, those still open on top; None where none did."""
    _ = view.gettext
    if not len(short):
        return None
    cut_off = np.datetime64(view.window.until_on)
    open_ = short["delivered_on"].isna()
    waited = (
        ((cut_off - short["due_on"]).dt.days - 1)
        .where(open_, short["days_late"].astype("Float64"))
        .astype("int64")
    )
    rows = short.assign(waited=waited, is_open=open_)
    rows = rows.sort_values(["is_open", "waited", "order_id"], ascending=[False, False, True], kind="stable")
    shown = rows.head(_LONGEST)
    anchor, figures = view.counted_series(
        "deliveries", [1] * len(shown), [float(each) for each in shown["waited"]], _("Days late, by order")
    )
    lines = [
        _late_row(view, row, figure.printed.number)
        for row, figure in zip(shown.itertuples(), figures, strict=True)
    ]
    return {
        "title": late_title(view, shown),
        "measure": view.phrase(late_measure(view, len(shown), len(short))),
        "rows": lines,
        "anchor": anchor,
    }


def late_title(view: View, shown: pd.DataFrame) -> Phrase:
    """How many of the listed orders are still open, else the longest delay."""
    open_ = int(shown["is_open"].sum())
    if open_:
        text = view.ngettext("{n} late order is still open", "{n} late orders are still open", open_)
        return view.title(text.format(n=view.printer.few(open_)))
    if len(shown) == 1:
        return view.phrase(view.gettext("The one order that came late or short"))
    text = view.gettext("The {n} longest delays")
    return view.phrase(text.format(n=view.printer.few(len(shown))))


def late_measure(view: View, shown: int, total: int) -> str:
    """How the days are counted, and how many orders the list leaves out."""
    plain = view.gettext("Days from the first promised date")
    if total == shown:
        return plain
    left = view.ngettext("{n} more is not listed", "{n} more are not listed", total - shown).format(
        n=total - shown
    )
    return f"{plain}{'；' if view.is_han else '; '}{left}"


def _late_row(view: View, row: object, waited: str) -> Content:
    _ = view.gettext
    delivered = getattr(row, "delivered_on", None)
    is_open = bool(getattr(row, "is_open", False))
    cause = getattr(row, "delay_cause", None)
    product = getattr(row, "product_name", None)
    state, chip = _("Delivered"), ""
    if is_open:
        state, chip = _("Overdue"), "missed"
    elif not bool(getattr(row, "is_in_full", True)):
        state, chip = _("Short"), "near"
    return {
        "order": str(getattr(row, "order_id", "")),
        "product": view.fitted(product if isinstance(product, str) else "–", _PRODUCT_WIDTH),
        "promised": view.phrase(view.day(_date(getattr(row, "due_on", None)))),
        "actual": view.phrase("–" if is_open else view.day(_date(delivered))),
        "waited": waited,
        "cause": view.fitted(cause if isinstance(cause, str) else "–", _CAUSE_WIDTH),
        "state": state,
        "chip": chip,
    }


def _date(value: object) -> pd.Timestamp:
    return pd.Timestamp(value)  # type: ignore[arg-type]  # a cell of a date column
