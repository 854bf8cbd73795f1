"""You said – we did: what customers said with their answers, and what was done about it.

Only what may be quoted is quoted; what was criticised and is not acted on yet says so.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.press.excerpts import excerpt, readable
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_MOST, _LINES = 8, 2
_COLUMN = 61 * MM


def quotes(view: View) -> pd.DataFrame:
    """What was said in the window and may be quoted, the same words once with how often they were said.

    Criticism that is not acted on comes first, then other criticism, then the newest. Columns comment, action_taken, is_critical, is_acted_on, answered_on (the last time), count.
    """
    rows = view.rows("comments", "answered_on")
    rows = rows[rows["may_quote"].astype(bool) & rows["comment"].notna()] if len(rows) else rows
    if rows.empty:
        return rows.assign(count=0)
    keys = ["comment", "action_taken", "is_critical", "is_acted_on"]
    same = rows.groupby(keys, dropna=False, sort=True)
    made = same.agg(answered_on=("answered_on", "max"), count=("may_quote", "size")).reset_index()
    order = ["is_critical", "is_acted_on", "answered_on", "comment"]
    return made.sort_values(order, ascending=[False, True, False, True], kind="stable").reset_index(drop=True)


def said(view: View, rows: pd.DataFrame) -> Content | None:
    """The table "you said – we did"; None where nothing may be quoted."""
    if rows.empty:
        return None
    shown = rows.head(_MOST)
    counts = [int(count) for count in shown["count"]]
    anchor, figures = view.counted_series(
        "comments", counts, [float(count) for count in counts], view.gettext("Answers quoted")
    )
    return {
        "title": said_title(view, rows),
        "measure": said_measure(view, len(rows) - len(shown)),
        "anchor": anchor,
        "rows": [
            {**_said_row(view, row), "count": figure.printed.number}
            for row, figure in zip(shown.to_dict("records"), figures, strict=True)
        ],
    }


def said_title(view: View, rows: pd.DataFrame) -> Phrase:
    """How much of the criticism was acted on; where there was none, that all were content with what they say."""
    _ = view.gettext
    critical = rows[rows["is_critical"].astype(bool)]
    few, total, done = view.printer.few, len(critical), int(critical["is_acted_on"].astype(bool).sum())
    if not total:
        return view.phrase(_("What you said {this}").format(this=view.this()))
    if done == total:
        text = view.ngettext("You raised {n} point; it has been acted on", "You raised {n} points; all have been acted on", total)  # fmt: skip
        return view.phrase(text.format(n=few(total)))
    if not done:
        text = view.ngettext("You raised {n} point; it has not been acted on yet", "You raised {n} points; none has been acted on yet", total)  # fmt: skip
        return view.phrase(text.format(n=few(total)))
    text = _("You raised {n} points; {done} have been acted on, {left} not yet")
    if done == 1:
        text = _("You raised {n} points; {done} has been acted on, {left} not yet")
    return view.phrase(text.format(n=few(total), done=few(done), left=few(total - done)))


def said_measure(view: View, left: int) -> Phrase:
    """That quotes are by consent, and how many are not listed."""
    plain = view.gettext("Quoted with consent, shortened where marked; n: answers that say the same")
    if not left:
        return view.phrase(plain)
    more = view.ngettext("{n} more is not listed", "{n} more are not listed", left).format(n=left)
    return view.phrase(f"{plain}{'；' if view.is_han else '; '}{more}")


def _said_row(view: View, row: Any) -> Content:
    _ = view.gettext
    is_critical, is_acted = bool(row["is_critical"]), bool(row["is_acted_on"])
    action = row["action_taken"]
    state = _("Acted on") if is_acted else _("Not yet") if is_critical else _("Noted")
    return {
        "said": view.phrase(
            view.printer.quoted(excerpt(_bare(row["comment"], view), _COLUMN - 12, _LINES, view.ink))
        ),
        "done": view.phrase(
            excerpt(action, _COLUMN, _LINES, view.ink) if is_acted and isinstance(action, str) else "–"
        ),
        "day": view.phrase(view.day(pd.Timestamp(row["answered_on"]))),
        "chip": "missed" if is_critical and not is_acted else "",
        "state": state,
    }


def _bare(comment: str, view: View) -> str:
    """The words without quotation marks around them: the page sets its own."""
    return readable(comment, view.ink).strip("\"'“”‘’「」『』")
