"""The spans of time between which a reader of a dashboard chooses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.periods import Window
from pipeline.press.view import View
from pipeline.sections import Content

CHOICES = ("month", "quarter", "half", "ytd", "t12m")


def spells(view: View) -> Sequence[View]:
    """The view over each span that ends with the document's window, the shortest first; its own always among them."""
    ending = {each.name for each in view.edition.period.windows() if each.until_on == view.window.until_on}
    names = [name for name in CHOICES if name in ending and (name != "half" or view.window.name == "half")]
    if view.window.name not in names:
        names.append(view.window.name)
    return [view.over(name) for name in names]


def longest(view: View) -> View:
    """The view over the span that goes back farthest."""
    return min(spells(view), key=lambda each: each.window.from_on)


def spell_name(view: View, window: Window) -> str:
    """What a span is called where it is chosen."""
    _ = view.gettext
    if window.name == "t12m":
        return _("Twelve months")
    if window.name == "ytd":
        return _("Year to date")
    return view.printer.period(window.period)


def spell(view: View, name: str, period: str, from_on: date) -> str:
    """The span that a reading is of, in words that stand alone."""
    _ = view.gettext
    last = view.printer.month(view.window.last_on)
    if name == "t12m":
        return _("twelve months to {month}").format(month=last)
    if name == "ytd":
        return _("{first} to {last}").format(first=view.printer.month(from_on), last=last)
    return view.printer.period(period)


def choice(view: View) -> Content:
    """One span as a choice: its name, and its first and last day for readers and for the script."""
    window = view.window
    first, last = view.printer.span(window.from_on, window.until_on)
    return {
        "name": window.name,
        "label": spell_name(view, window),
        "span": f"{first}{'' if view.is_han else ' '}{last}",
        "from_on": window.from_on.isoformat(),
        "until_on": window.until_on.isoformat(),
    }
