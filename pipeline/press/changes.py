"""Requirement changes: asked, confirmed by either side, delivered, with their effect on cost and days."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from pipeline.press.excerpts import excerpt, row_height
from pipeline.press.figures import Figure
from pipeline.press.printing import Printed
from pipeline.press.slices import inside
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.schema import SCALE
from pipeline.sections import Content

_MOST = 12
_TEXT_WIDTH = 39 * MM


def told(view: View) -> pd.DataFrame:
    """The changes that the window is to tell of: asked for or delivered in it, or still open; the oldest first."""
    rows = view.rows("requirement_changes")
    if rows.empty:
        return rows
    moved = [inside(rows, name, view.window).index for name in ("asked_on", "delivered_on")]
    wanted = (rows["state"] == "open") | rows.index.isin(moved[0].union(moved[1]))
    return rows[wanted].sort_values(["asked_on", "change_id"], kind="stable").reset_index(drop=True)


def awaiting_client(rows: pd.DataFrame) -> pd.DataFrame:
    """The open changes that the client has not confirmed, the longest waiting first."""
    if rows.empty:
        return rows
    return rows[(rows["state"] == "open") & rows["confirmed_by_client_on"].isna()]


def unconfirmed(rows: pd.DataFrame) -> int:
    """How many were not confirmed by both sides; those that were dropped need no confirmation."""
    return int((~rows["is_confirmed"].astype(bool) & (rows["state"] != "dropped")).sum()) if len(rows) else 0


def changes(view: View, rows: pd.DataFrame, titled: Phrase) -> Content:
    """The table of changes, with a note on the effect of those delivered."""
    shown = rows.tail(_MOST)
    costs, unit = _costs(view, shown)
    days = _days(view, shown)
    return {
        "title": titled,
        "measure": measure(view, len(rows) - len(shown)),
        "cost_head": _cost_head(view, unit),
        "cost_anchor": _anchor(costs),
        "days_anchor": _anchor(days),
        "rows": [
            {
                **_row(view, row),
                "cost": _printed(costs.get(at), in_full=not unit),
                "days": _printed(days.get(at), in_full=False),
            }
            for at, row in enumerate(shown.to_dict("records"))
        ],
        "note": effect(view),
    }


def _anchor(figures: Mapping[int, Figure]) -> str:
    """The anchor that the head of a column must carry; empty where the column prints no figure."""
    return next((figure.anchor for figure in figures.values()), "")


def _printed(figure: Figure | None, *, in_full: bool) -> str:
    if figure is None:
        return "–"
    return figure.printed.text if in_full else figure.printed.number


def height(view: View, rows: pd.DataFrame) -> float:
    """How high the rows stand, in millimetres."""
    return sum(row_height(_text(view, text), _TEXT_WIDTH, view.ink) for text in rows["description"])


def title(view: View, rows: pd.DataFrame) -> Phrase:
    """How many changes wait for a confirmation; where none does, that all are confirmed."""
    _ = view.gettext
    few, total, open_ = view.printer.few, len(rows), unconfirmed(rows)
    if total == 1:
        return view.phrase(_single_title(view, str(rows["state"].iloc[0]), is_open=bool(open_)))
    if open_ == total:
        text = _("{n} changes, none confirmed by both sides")
        return view.title(text.format(n=few(total)))
    if open_:
        text = view.ngettext(
            "{n} of {total} changes is not confirmed by both sides",
            "{n} of {total} changes are not confirmed by both sides",
            open_,
        )
        return view.title(text.format(n=few(open_), total=few(total)))
    if (rows["state"] == "dropped").all():
        return view.title(_("{n} changes were asked for and dropped").format(n=few(total)))
    return view.title(_("{n} changes, all confirmed by both sides").format(n=few(total)))


def _single_title(view: View, state: str, *, is_open: bool) -> str:
    _ = view.gettext
    if is_open:
        return _("One change, not confirmed by both sides")
    return _("One change, dropped") if state == "dropped" else _("One change, confirmed by both sides")


def measure(view: View, left: int) -> Phrase:
    """What the days in the table are, and how many older changes it leaves out."""
    _ = view.gettext
    plain = _("Confirmed in writing; effect on cost and schedule as stated with the change")
    if not left:
        return view.phrase(plain)
    more = view.ngettext("{n} older one is not listed", "{n} older ones are not listed", left).format(n=left)
    return view.phrase(f"{plain}{'；' if view.is_han else '; '}{more}")


def effect(view: View) -> Phrase | None:
    """What the changes delivered in the window cost and delayed; None where none was delivered."""
    _ = view.gettext
    done, cost, delay = (view.reading(name) for name in ("changes_delivered", "change_cost", "change_delay"))
    if not done.value:
        return None
    text = view.ngettext("{n} change was delivered {this}", "{n} changes were delivered {this}", int(done.value))  # fmt: skip
    said = [view.say(text, n=view.figure(done), this=view.this())]
    if cost.is_known:
        said.append(view.say(_("cost {cost}"), cost=view.figure(cost)))
    if delay.value:
        one, many = _("effect on the schedule {days}"), _("mean effect on the schedule {days}")
        said.append(view.say(one if done.value == 1 else many, days=view.figure(delay)))
    elif delay.is_known:
        said.append(view.phrase(_("no effect on the schedule")))
    return _clauses(view, said)


def _clauses(view: View, said: list[Phrase]) -> Phrase:
    """Clauses as one sentence."""
    comma, stop = ("，", "。") if view.is_han else (", ", ".")
    template = comma.join(f"{{p{at}}}" for at in range(len(said))) + stop
    return view.say(template, **{f"p{at}": each for at, each in enumerate(said)})


def _cost_head(view: View, unit: str) -> str:
    name = view.gettext("Cost")
    return f"{name} {unit}" if unit else name


def _costs(view: View, rows: pd.DataFrame) -> tuple[dict[int, Figure], str]:
    """The stated costs by their place, in one scale with its unit; in several currencies each with its own."""
    stated = {at: int(cost) / SCALE for at, cost in enumerate(rows["effect_amount"]) if not pd.isna(cost)}
    codes = {at: str(rows["currency"].iloc[at]) for at in stated}
    if len(set(codes.values())) == 1:
        printed, unit = view.printer.common_money(list(stated.values()), next(iter(codes.values())))
    else:
        printed, unit = [view.printer.money(value, codes[at]) for at, value in stated.items()], ""
    return _figures(view, stated, printed, view.gettext("Cost of changes")), unit


def _days(view: View, rows: pd.DataFrame) -> dict[int, Figure]:
    stated = {at: float(days) for at, days in enumerate(rows["delay_days"]) if not pd.isna(days)}
    printed = [view.printer.printed(days, "days") for days in stated.values()]
    return _figures(view, stated, printed, view.gettext("Days added by changes"))


def _figures(
    view: View, values: Mapping[int, float], printed: list[Printed], label: str
) -> dict[int, Figure]:
    """One figure for each value, all anchored in the table that prints them."""
    anchor = view.register.next_id
    return {
        at: view.register.of_rows("requirement_changes", 1, value, shown, label, anchor, at)
        for (at, value), shown in zip(values.items(), printed, strict=True)
    }


def _row(view: View, row: Mapping[Hashable, Any]) -> Content:
    chip, state = _state(view, row)
    return {
        "id": str(row["change_id"]),
        "text": view.phrase(_text(view, row["description"])),
        "asked": _day(view, row["asked_on"]),
        "by_us": _day(view, row["confirmed_by_us_on"]),
        "by_client": _day(view, row["confirmed_by_client_on"]),
        "delivered": _day(view, row["delivered_on"]),
        "chip": chip,
        "state": state,
    }


def _text(view: View, description: object) -> str:
    return excerpt(description, _TEXT_WIDTH, 2, view.ink) if isinstance(description, str) else "–"


def _day(view: View, value: Any) -> Phrase:
    return view.phrase("–" if pd.isna(value) else view.day(pd.Timestamp(value)))


def _state(view: View, row: Mapping[Hashable, Any]) -> tuple[str, str]:
    """The sign and the word of a change's state; what is not confirmed by both sides is flagged."""
    _ = view.gettext
    if row["state"] == "dropped":
        return "", _("Dropped")
    if bool(row["is_confirmed"]):
        return "", _("Delivered") if row["state"] == "delivered" else _("In progress")
    if row["state"] == "delivered":
        return "missed", _("Unconfirmed")
    if not pd.isna(row["confirmed_by_us_on"]):
        return "near", _("Awaiting you")
    if not pd.isna(row["confirmed_by_client_on"]):
        return "missed", _("Awaiting us")
    return "missed", _("Awaiting both")
