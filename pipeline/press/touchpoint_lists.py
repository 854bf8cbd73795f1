"""Touchpoints by line of the service plan: those that were missed, those that come next, and whose they are."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from pipeline.press import members
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_MISSED = ("missed", "cancelled", "late")
_MOST_MISSED, _MOST_AHEAD, _MOST_NAMES = 6, 3, 14
LINE_ROOM, _NAMES_ROOM = 55 * MM, 79 * MM


def line_name(view: View, line: str) -> str:
    """A line of the service plan as the policy names it."""
    return view.edition.lines.get(line, line)


def missed(view: View) -> Content | None:
    """The touchpoints of the window that were missed or late, with their customers, by line of the plan."""
    _ = view.gettext
    rows = view.rows("touchpoints", "due_on")
    rows = rows[rows["state"].isin(_MISSED)]
    if rows.empty:
        return None
    text = view.ngettext(
        "{n} touchpoint was missed or late {this}", "{n} touchpoints were missed or late {this}", len(rows)
    )
    label = _("Touchpoints missed or late")
    groups = [(line, own) for (line,), own in rows.groupby(["line"])]
    return {
        "title": view.say(text, n=view.counted("touchpoints", len(rows), len(rows), label), this=view.this()),
        "measure": view.phrase(_("Whose window ended in it; called off counts as missed")),
        **grouped(view, sorted(groups, key=lambda each: (-len(each[1]), str(each[0]))), _MOST_MISSED, whole),
    }


def ahead(view: View) -> Content | None:
    """The touchpoints that are still to be held, the next first, with their customers."""
    _ = view.gettext
    rows = view.rows("touchpoints")
    rows = rows[rows["state"] == "open"]
    if rows.empty:
        return None
    text = view.ngettext(
        "{n} touchpoint is still to be held", "{n} touchpoints are still to be held", len(rows)
    )
    label = _("Touchpoints still to be held")
    groups = [(line, own) for (_day, line), own in rows.groupby(["due_on", "line"], sort=True)]
    return {
        "title": view.say(text, n=view.counted("touchpoints", len(rows), len(rows), label)),
        "measure": view.phrase(_("In windows that are open on the last day; the next due first")),
        **grouped(view, groups, _MOST_AHEAD, one_line),
    }


def grouped(
    view: View,
    groups: list[tuple[object, pd.DataFrame]],
    most: int,
    listed: Callable[[View, list[str]], Phrase],
) -> Content:
    """Groups of touchpoints as rows: the line, how many, by when, whose; as many groups as a table holds."""
    names = members.brief_names(view, view.members("customer"))
    shown = groups[:most]
    counts = [len(own) for _line, own in shown]
    anchor, figures = view.counted_series("touchpoints", counts, counts, view.gettext("Touchpoints by line"))
    return {
        "anchor": anchor,
        "rows": [
            {
                "line": view.fitted(line_name(view, str(line)), LINE_ROOM),
                "due": view.day(pd.Timestamp(own["due_on"].max()).date()),
                "count": figure.printed.number,
                "names": listed(
                    view, [names.get(str(each), str(each)) for each in sorted(set(own["customer_id"]))]
                ),
            }
            for (line, own), figure in zip(shown, figures, strict=True)
        ],
        "more": members.more(view, sum(len(own) for _line, own in groups[most:])),
    }


def whole(view: View, names: list[str]) -> Phrase:
    """Those who were missed, all of them by name; of very many the first."""
    return members.some(view, names, _MOST_NAMES)


def one_line(view: View, names: list[str]) -> Phrase:
    """Those who come next, as many as a line holds."""
    return view.fitted(members.enumerated(view, names), _NAMES_ROOM)
