"""Commitments in a client's document: those that fell due with what became of them, and those to come on either side."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press import promises
from pipeline.press.excerpts import excerpt, readable, row_height
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

DAYS = 90
_WORDS = 12
_MOST_SETTLED, _MOST_AHEAD = 20, 12
_SETTLED_TEXT, _SETTLED_OWNER = 50 * MM, 26 * MM
_AHEAD_TEXT, _AHEAD_OWNER = 31 * MM, 20 * MM
_OUTCOMES: dict[str, promises.Outcome] = {
    "kept": "kept",
    "late": "late",
    "overdue": "late",
    "dropped": "dropped",
}
_ORDER = {"kept": 0, "late": 1, "overdue": 2, "dropped": 3}


# What fell due


def settled(view: View, rows: pd.DataFrame) -> Content | None:
    """A square for each commitment that fell due, and the table of them; None where none did."""
    if rows.empty:
        return None
    order = rows.assign(order=rows["state"].map(_ORDER))
    shown = order.sort_values(["order", "due_on", "action_id"], kind="stable").head(_MOST_SETTLED)
    chart = _squares(view)
    # A day kept to is told in words: it is no figure.
    late = {at: float(days) for at, days in enumerate(shown["days_late"]) if not pd.isna(days) and days}
    anchor, _figures = view.counted_series(
        "commitments",
        [1] * len(late),
        [abs(days) for days in late.values()],
        view.gettext("Days early or late"),
        "days",
    )
    return {
        "title": settled_title(view, rows),
        "measure": _settled_measure(view, len(rows) - len(shown)),
        "chart": chart,
        "anchor": anchor,
        "rows": [_settled_row(view, row) for row in shown.to_dict("records")],
    }


def settled_height(view: View, rows: pd.DataFrame) -> float:
    """How high the rows of the table stand, in millimetres."""
    texts = [described(view, text, _SETTLED_TEXT, 2) for text in rows["description"].head(_MOST_SETTLED)]
    return sum(row_height(text, _SETTLED_TEXT, view.ink) for text in texts)


def timeline_height(rows: pd.DataFrame) -> float:
    """About how high the rows of the timeline stand, in millimetres: 7.5 or, on two lines, 10."""
    return 8.75 * min(len(rows), _MOST_AHEAD)


def settled_title(view: View, rows: pd.DataFrame) -> Phrase:
    """How many of the commitments that fell due were kept."""
    _ = view.gettext
    total, kept = len(rows), int((rows["state"] == "kept").sum())
    if kept == total == 1:
        text = _("The commitment due {this} was kept")
    elif kept == total:
        text = _("All {n} commitments due {this} were kept")
    elif not kept and total == 1:
        text = _("The commitment due {this} was not kept")
    elif not kept:
        text = _("None of the {n} commitments due {this} was kept")
    else:
        text = view.ngettext(
            "{kept} of {n} commitments due {this} was kept",
            "{kept} of {n} commitments due {this} were kept",
            kept,
        )
    return view.title(text.format(n=few(view, total), kept=few(view, kept, total), this=view.this()))


def few(view: View, number: int, total: int = 0) -> str:
    """A number as a word; in digits where it, or the total that it stands beside, is large."""
    return view.printer.few(number) if max(number, total) <= _WORDS else str(number)


def outcome_words(view: View, rows: pd.DataFrame) -> str:
    """What became of those that fell due, within a sentence; empty where none did."""
    if rows.empty:
        return ""
    kept, late, dropped = (
        int(rows["state"].map(_OUTCOMES).eq(name).sum()) for name in ("kept", "late", "dropped")
    )
    total = len(rows)
    first = view.ngettext("{kept} of {n} commitment kept", "{kept} of {n} commitments kept", total)
    if kept == total == 1:
        first = view.gettext("the one commitment due was kept")
    elif kept == total:
        first = view.gettext("all {n} commitments kept")
    elif not kept and total == 1:
        first = view.gettext("the one commitment due was not kept")
    elif not kept:
        first = view.gettext("none of {n} commitments kept")
    said = [first.format(kept=few(view, kept, total), n=few(view, total))]
    if late and total > 1:
        said.append(view.gettext("{n} late").format(n=few(view, late, total)))
    if dropped and total > 1:
        said.append(view.gettext("{n} dropped").format(n=few(view, dropped, total)))
    return ("，" if view.is_han else ", ").join(said)


def _squares(view: View) -> object:
    """The squares; their numbers are the document's readings."""
    _ = view.gettext
    readings = [view.reading(f"commitments_{name}") for name in ("kept", "late", "dropped")]
    texts = {"kept": _("Kept: {n}"), "late": _("Late: {n}"), "dropped": _("Dropped: {n}")}
    shown = [
        (name, reading) for name, reading in zip(texts, readings, strict=True) if int(reading.value or 0)
    ]
    anchor, _figures = view.series([reading for _name, reading in shown], _("Commitments that fell due"))
    groups = [
        promises.Group(
            _OUTCOMES[name], int(reading.value or 0), texts[name].format(n=int(reading.value or 0))
        )
        for name, reading in shown
    ]
    return view.chart(anchor, promises.squares(groups, view.ink, ", ".join(group.label for group in groups)))


def _settled_measure(view: View, left: int) -> Phrase:
    plain = view.gettext("One square for each commitment, late ones half filled, dropped ones struck out")
    if not left:
        return view.phrase(plain)
    more = view.ngettext("{n} more is not listed", "{n} more are not listed", left).format(n=left)
    return view.phrase(f"{plain}{'；' if view.is_han else '; '}{more}")


def _settled_row(view: View, row: Mapping[Hashable, Any]) -> Content:
    _ = view.gettext
    state = str(row["state"])
    words = {"kept": _("Kept"), "late": _("Late"), "overdue": _("Past due"), "dropped": _("Dropped")}
    return {
        "id": str(row["action_id"]),
        "text": view.phrase(described(view, row["description"], _SETTLED_TEXT, 2)),
        "owner": view.phrase(owner(view, row["owner"], str(row["side"]), _SETTLED_OWNER)),
        "due": view.phrase(view.day(pd.Timestamp(row["due_on"]))),
        "done": view.phrase("–" if pd.isna(row["done_on"]) else view.day(pd.Timestamp(row["done_on"]))),
        "sign": promises.sign(_OUTCOMES[state], view.ink, words[state]),
        "state": words[state],
        "is_missed": state != "kept",
        "note": view.phrase(_note(view, state, row["days_late"])),
    }


def _note(view: View, state: str, days: Any) -> str:
    """How many days early or late; a dash where that says nothing."""
    if pd.isna(days):
        return "–"
    count = abs(int(days))
    if state in ("late", "overdue"):
        return view.ngettext("{n} day late", "{n} days late", count).format(n=count)
    if not count:
        return view.gettext("on the day")
    return view.ngettext("{n} day early", "{n} days early", count).format(n=count)


def described(view: View, text: object, width: float, lines: int) -> str:
    """A commitment's description as far as it fits; a dash where there is none."""
    return excerpt(text, width, lines, view.ink) if isinstance(text, str) and text.strip() else "–"


def owner(view: View, name: object, side: str, width: float) -> str:
    """Who is to do it: the owner that the data names, the client's marked as such; else the side alone."""
    _ = view.gettext
    plain = readable(name, view.ink) if isinstance(name, str) else ""
    if side == "client":
        said = _("you, {owner}").format(owner=plain) if plain else _("you")
    elif side == "both":
        said = _("both, {owner}").format(owner=plain) if plain else _("both sides")
    else:
        said = plain or _("us")
    return excerpt(said if view.is_han else said[:1].upper() + said[1:], width, 2, view.ink)


# What is to come


def to_come(view: View) -> pd.DataFrame:
    """The open commitments, those of both sides as one: overdue ones first, then by the day they are due.

    `side` is both where the data hold the same commitment, due on the same day, for either side.
    """
    rows = view.rows("commitments")
    if rows.empty:
        return rows
    rows = rows[rows["state"].isin(["open", "overdue"])]
    keys = ["description", "due_on"]
    sides = rows.groupby(keys, dropna=False)["side"].transform("nunique")
    joint = (sides > 1) & rows["description"].notna()
    rows = rows.assign(side=rows["side"].where(~joint, "both"), order=rows["state"] != "overdue")
    rows = pd.concat([rows[~joint], rows[joint].drop_duplicates(keys)])
    return rows.sort_values(["order", "due_on", "action_id"], kind="stable").reset_index(drop=True)


def counts_ahead(view: View, rows: pd.DataFrame) -> dict[str, int]:
    """How many are overdue, fall due in the days ahead, and fall due later."""
    if rows.empty:
        return {"overdue": 0, "ahead": 0, "later": 0}
    overdue = rows["state"] == "overdue"
    later = ~overdue & (rows["due_on"] > np.datetime64(_horizon(view).last_on))
    return {
        "overdue": int(overdue.sum()),
        "ahead": int((~overdue & ~later).sum()),
        "later": int(later.sum()),
    }


def timeline(view: View, rows: pd.DataFrame) -> Content | None:
    """The days ahead: a line for each open commitment; None where none is open."""
    if rows.empty:
        return None
    _ = view.gettext
    horizon, shown = _horizon(view), rows.head(_MOST_AHEAD)
    names = [
        view.printer.month_name(each) for each in (view.window.until_on, *(month for month in horizon.months))
    ]
    return {
        "title": timeline_title(view, rows),
        "measure": _timeline_measure(view, shown, len(rows) - len(shown), horizon),
        "head": promises.horizon_head(horizon, names, view.ink, _("Months and weeks")),
        "rows": [_ahead_row(view, row, horizon) for row in shown.to_dict("records")],
    }


def _horizon(view: View) -> promises.Horizon:
    return promises.Horizon(view.window.until_on, DAYS)


def timeline_title(view: View, rows: pd.DataFrame) -> Phrase:
    """How many are overdue, and how many fall due in the days ahead."""
    _ = view.gettext
    counts = counts_ahead(view, rows)
    late = _("{n} overdue").format(n=few(view, counts["overdue"]))
    ahead = _("{n} due in the next {days} days").format(n=few(view, counts["ahead"]), days=DAYS)
    if not counts["ahead"]:
        ahead = _("none due in the next {days} days").format(days=DAYS)
    return view.title(_("{past}; {next}").format(past=late, next=ahead) if counts["overdue"] else ahead)


def _timeline_measure(view: View, rows: pd.DataFrame, left: int, horizon: promises.Horizon) -> Phrase:
    """The days shown, what the bars say, and how many are left out."""
    _ = view.gettext
    first, last = view.printer.span(horizon.first_on, horizon.last_on + pd.Timedelta(days=1))
    gap = "" if view.is_han else " "
    plain = _("solid ours, outlined yours")
    if (rows["side"] == "both").any():
        plain = _("solid ours, outlined yours, hatched both")
    said = _("{span}; ticks are weeks, {bars}, a diamond the day it is due").format(
        span=f"{first}{gap}{last}", bars=plain
    )
    if not left:
        return view.phrase(said)
    more = view.ngettext("{n} more is not listed", "{n} more are not listed", left).format(n=left)
    return view.phrase(f"{said}{'；' if view.is_han else '; '}{more}")


def _ahead_row(view: View, row: Mapping[Hashable, Any], horizon: promises.Horizon) -> Content:
    identity, side = str(row["action_id"]), str(row["side"])
    text, who = described(view, row["description"], _AHEAD_TEXT, 2), owner(view, row["owner"], side, _AHEAD_OWNER)  # fmt: skip
    is_short = row_height(text, _AHEAD_TEXT, view.ink) == row_height(who, _AHEAD_OWNER, view.ink) == 6.25
    tall = promises.ROW if is_short else promises.TALL
    return {
        "id": identity,
        "text": view.phrase(text),
        "owner": view.phrase(who),
        "line": _line(view, row, replace(horizon, row=tall)),
    }


def _line(view: View, row: Mapping[Hashable, Any], horizon: promises.Horizon) -> object:
    due = pd.Timestamp(row["due_on"]).date()
    whose: promises.Whose = {"ours": "ours", "client": "client"}.get(str(row["side"]), "both")  # type: ignore[assignment]
    said = view.printer.short_day(due) if due.year == horizon.first_on.year else view.printer.day(due)
    if row["state"] == "overdue":
        text = view.gettext("Overdue since {day}").format(day=view.day(due))
        return promises.overdue(horizon, text, view.ink, text)
    if due > horizon.last_on:
        return promises.beyond(horizon, view.printer.day(due), whose, view.ink, view.printer.day(due))
    return promises.ahead(horizon, due, said, whose, view.ink, view.printer.day(due))
