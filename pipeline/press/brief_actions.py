"""What both sides of one customer still have to do: open and overdue actions, the most overdue first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.press import members
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.press.warning_words import dated
from pipeline.sections import Content

_MOST = 6
_SAID = 92 * MM


def actions(view: View) -> Content | None:
    """Actions agreed with the customer that are not done; None where there is none."""
    rows = view.rows("commitments")
    rows = rows[rows["state"].isin(["open", "overdue"])]
    if rows.empty:
        return None
    ordered = rows.sort_values(["due_on", "action_id"], na_position="last", kind="stable")
    return {
        "title": _title(view, rows),
        "measure": view.phrase(
            view.gettext("Agreed with the customer and not done yet, the one due first on top")
        ),
        "rows": [_action(view, row) for row in ordered.head(_MOST).to_dict("records")],
        "more": members.more(view, len(rows) - _MOST),
    }


def _title(view: View, rows: pd.DataFrame) -> Phrase:
    few = view.printer.few
    late = int((rows["state"] == "overdue").sum())
    text = view.ngettext("{n} action is open", "{n} actions are open", len(rows))
    said = text.format(n=few(len(rows)))
    if late:
        more = view.ngettext("{said}, {late} of them overdue", "{said}, {late} of them overdue", late)
        said = more.format(said=said, late=few(late))
    return view.title(said)


def _action(view: View, row: Mapping[Any, Any]) -> Content:
    _ = view.gettext
    owner = row["owner"] if isinstance(row["owner"], str) else ""
    return {
        "said": view.fitted(str(row["description"]), _SAID),
        "side": _("ours") if row["side"] == "ours" else _("the customer's"),
        "owner": owner or "–",
        "due": "–" if pd.isna(row["due_on"]) else dated(view, row["due_on"]),
        "is_late": row["state"] == "overdue",
    }
