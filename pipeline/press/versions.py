"""What a report says of itself: its edition, and whether it is the first of its period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pipeline.press.issued import Restated, earlier_issues, restated
from pipeline.press.reports import FULL, REPORTS

if TYPE_CHECKING:
    from pipeline.press.edition import Edition
    from pipeline.press.slices import Issue
    from pipeline.press.view import View

Gettext = Callable[[str], str]


def edition_name(_: Gettext, edition: Edition) -> str:
    """The edition's name as a cover prints it; the full one of a month is the monthly report."""
    if edition.edition == FULL and edition.window.name == "month" and REPORTS[edition.kind].monthly:
        return _("Monthly report")
    return {
        "full": _("Full edition"),
        "procurement": _("Edition for procurement"),
        "business": _("Edition for the business side"),
        "executive": _("Edition for executives"),
    }.get(edition.edition, edition.edition)


def version(view: View) -> str:
    """Whether the report is final, restated (and for the how many-th time) or made before its window was over."""
    _ = view.gettext
    if not is_whole(view):
        return _("Interim")
    number = restatement(view)
    return _("Restated no. {n}").format(n=number) if number else _("Final (issue 1)")


def status(view: View) -> str:
    """The same in one word, for a foot."""
    _ = view.gettext
    if not is_whole(view):
        return _("interim")
    number = restatement(view)
    return _("restated no. {n}").format(n=number) if number else _("final")


def is_whole(view: View) -> bool:
    """Whether the window was over when the data were read."""
    return view.window.until_on.day == 1


def restatement(view: View) -> int:
    """How many times the period has been restated with this issue; 0 where what was sent of it still holds.

    An issue that differed from the one before it was a restatement, too.
    """
    own = earlier_issues(view.slice.issued, view.window.period)
    if not own:
        return 0
    return len(own) if changes(view, own) else len(own) - 1


def changes(view: View, issues: Sequence[Issue]) -> list[Restated]:
    """What issues printed and would be printed otherwise now; a difference below what is printed is none."""
    found = restated(issues, view.slice.readings)
    return [each for each in found if each.why == "definition" or _differs(view, each)]


def _differs(view: View, each: Restated) -> bool:
    return each.was.text != each.now.text or view.printed(each.was).text != view.printed(each.now).text
