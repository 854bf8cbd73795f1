"""Restated since the last issue: every figure that was sent with one value and has another one now, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.press.excerpts import excerpt
from pipeline.press.issued import Restated
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.versions import changes
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST = 15
_NAME_WIDTH = 52 * MM


@section(title=N_("Restated since the last issue"), audience="client")
def restated(view: View) -> Content | None:
    """Metric, was, is and why; None where nothing has been sent yet, or all of it still holds."""
    found = changes(view, view.slice.issued)
    if not found:
        return None
    shown = found[:_MOST]
    return {
        "headline": view.headline(*headlines(view, found)),
        "lead": view.lead(lead(view, found)),
        "table": {
            "title": view.phrase(view.gettext("Was, is, why")),
            "measure": measure(view, len(found) - len(shown)),
            "rows": [_row(view, each) for each in shown],
        },
    }


def headlines(view: View, found: Sequence[Restated]) -> list[Phrase]:
    """How many figures that were sent are others now."""
    text = view.ngettext(
        "{n} figure that we sent you is another now",
        "{n} figures that we sent you are others now",
        len(found),
    )
    return [view.title(text.format(n=view.printer.few(len(found))))]


def lead(view: View, found: Sequence[Restated]) -> Phrase:
    """That what stands here takes the place of what was sent, and whether a definition is among the reasons."""
    _ = view.gettext
    defined = any(each.why == "definition" for each in found)
    return view.joined(
        view.phrase(_("The figures of this report take the place of those sent earlier.")),
        view.phrase(_("Some are others because they are defined anew.")) if defined else None,
    )


def measure(view: View, left: int) -> Phrase:
    """Which issue is meant, and how many are not listed."""
    _ = view.gettext
    plain = _("Against the last issue that printed the figure; the latest window first")
    if not left:
        return view.phrase(plain)
    more = view.ngettext("{n} more is not listed", "{n} more are not listed", left).format(n=left)
    return view.phrase(f"{plain}{_('; ')}{more}")


def _row(view: View, each: Restated) -> Content:
    return {
        "name": view.phrase(
            excerpt(view.name(each.now.metric, each.now.breakdown), _NAME_WIDTH, 2, view.ink)
        ),
        "period": view.printer.period(each.now.period) if each.now.window != "t12m" else _year(view, each),
        "was": each.was.text or view.printed(each.was).text,
        "now": _now(view, each),
        "why": view.phrase(_why(view, each)),
    }


def _year(view: View, each: Restated) -> str:
    month = view.printer.month(each.now.last_on)
    return view.gettext("Twelve months to {month}").format(month=month)


def _now(view: View, each: Restated) -> object:
    if each.now.text:
        return each.now.text
    return view.figure(each.now) if each.now.is_known else view.phrase("–")


def _why(view: View, each: Restated) -> str:
    _ = view.gettext
    if each.why == "definition":
        return _("Defined anew: version {was} to {now}").format(
            was=each.was.definition, now=each.now.definition
        )
    return {
        "arrived": _("Data arrived after the issue"),
        "withdrawn": _("No longer measurable: {reason}").format(reason=view.reason(each.now)),
        "entries": _("Entries added or corrected after the issue"),
    }[each.why]
