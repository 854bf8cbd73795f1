"""The request panel: what is needed from the client, at most once in a document, and never praise.

Asked for are the client's own commitments – those overdue, and the one due next – and the confirmation of requirement
changes that only we have confirmed or that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press import changes, duties
from pipeline.press.excerpts import excerpt
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.schema import SCALE
from pipeline.sections import Content

_MOST = 4
_COLUMN = 76 * MM
_BODY = 9.0


@dataclass(frozen=True)
class Request:
    """One thing asked for: its heading, what depends on it, and the request in words; made only where it is printed."""

    made: Callable[[], tuple[str, Phrase, Phrase]]


def panel(view: View) -> Content | None:
    """The requests in the order of their urgency; None where nothing is needed."""
    _ = view.gettext
    asked = list(requests(view))
    if not asked:
        return None
    shown = asked[:_MOST]
    left = len(asked) - len(shown)
    more = view.ngettext("{n} more request, see", "{n} more requests, see", left).format(n=left)
    return {
        "title": title(view, len(asked)),
        "asked": [_item(each) for each in shown],
        "more": view.phrase(more) if left else None,
        "page_of": "commitments" if "commitments" in view.present else "",
    }


def title(view: View, count: int) -> Phrase:
    """How many things are needed."""
    text = view.ngettext("{n} thing we need from you", "{n} things we need from you", count)
    return view.title(text.format(n=view.printer.few(count)))


def _item(request: Request) -> Content:
    heading, effect, ask = request.made()
    return {"heading": heading, "effect": effect, "ask": ask}


def requests(view: View) -> Iterator[Request]:
    """What is overdue, what waits for a confirmation, and what is due next."""
    coming = duties.to_come(view)
    theirs = coming[coming["side"] != "ours"] if len(coming) else coming
    for row in _records(theirs, "overdue"):
        yield Request(partial(_overdue, view, row))
    waiting = changes.awaiting_client(changes.told(view))
    for at, change in enumerate(waiting.to_dict("records")):
        yield Request(partial(_unconfirmed, view, change, at))
    for row in _next(theirs, view):
        yield Request(partial(_due, view, row))


def _records(rows: pd.DataFrame, state: str) -> list[dict[Hashable, Any]]:
    return rows[rows["state"] == state].to_dict("records") if len(rows) else []


def _next(rows: pd.DataFrame, view: View) -> list[dict[Hashable, Any]]:
    """The commitments of the client that are due first, within the days ahead."""
    if rows.empty:
        return []
    last = np.datetime64(view.window.until_on) + np.timedelta64(duties.DAYS, "D")
    ahead = rows[(rows["state"] == "open") & (rows["due_on"] < last)]
    return _records(ahead[ahead["due_on"] == ahead["due_on"].min()], "open")


def _heading(view: View, row: Mapping[Hashable, Any]) -> str:
    text = row["description"]
    return excerpt(text, _COLUMN * 0.94, 1, view.ink, _BODY) if isinstance(text, str) and text else "–"


def _overdue(view: View, row: Mapping[Hashable, Any]) -> tuple[str, Phrase, Phrase]:
    _ = view.gettext
    count = int(row["days_late"])
    days = view.register.of_rows(
        "commitments", 1, float(count), view.printer.count(count), _("Days overdue"), position=_place(row)
    )
    text = view.ngettext("Was due on {day}, {n} day overdue.", "Was due on {day}, {n} days overdue.", count)
    effect = view.say(text, day=view.day(pd.Timestamp(row["due_on"])), n=days)
    return _heading(view, row), effect, view.phrase(_("Please complete it, or name a new date"))


def _place(row: Mapping[Hashable, Any]) -> int:
    """Tells figures of equal value apart by the row they were read from."""
    return int.from_bytes(str(row["action_id"]).encode(), "big")


def _unconfirmed(view: View, row: Mapping[Hashable, Any], at: int) -> tuple[str, Phrase, Phrase]:
    _ = view.gettext
    asked = view.say(_("Asked on {day}"), day=view.day(pd.Timestamp(row["asked_on"])))
    said = [asked, *_effects(view, row, at)]
    comma, stop = ("，", "。") if view.is_han else (", ", ".")
    template = comma.join(f"{{p{number}}}" for number in range(len(said))) + stop
    effect = view.say(template, **{f"p{number}": each for number, each in enumerate(said)})
    return _heading(view, row), effect, view.phrase(_("Please confirm in writing, or withdraw"))


def _effects(view: View, row: Mapping[Hashable, Any], at: int) -> Iterator[Phrase]:
    """What the change would cost and delay, where that is stated."""
    _, table = view.gettext, "requirement_changes"
    if not pd.isna(row["effect_amount"]):
        cost = int(row["effect_amount"]) / SCALE
        printed = view.printer.money(cost, str(row["currency"]))
        figure = view.register.of_rows(table, 1, cost, printed, _("Cost of an open change"), position=at)
        yield view.say(_("cost {cost}"), cost=figure)
    if not pd.isna(row["delay_days"]) and int(row["delay_days"]):
        days = float(row["delay_days"])
        printed = view.printer.printed(days, "days")
        figure = view.register.of_rows(
            table, 1, days, printed, _("Days added by an open change"), position=at
        )
        yield view.say(_("adds {days}"), days=figure)


def _due(view: View, row: Mapping[Hashable, Any]) -> tuple[str, Phrase, Phrase]:
    _ = view.gettext
    named = row["owner"] if isinstance(row["owner"], str) else _("you")
    who = excerpt(named, _COLUMN * 0.7, 1, view.ink, _BODY)
    ask = view.say(_("Please complete it by {day}"), day=view.day(pd.Timestamp(row["due_on"])))
    return _heading(view, row), view.phrase(_("Owner: {owner}").format(owner=who)), ask
