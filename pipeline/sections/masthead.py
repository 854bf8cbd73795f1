"""The head of a short report, where there is no cover: what this is, for whom, for when, and from whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press.versions import edition_name
from pipeline.sections import N_, Content, section
from pipeline.sections.cover import facts

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(title=N_("Head"), audience="client")
def masthead(view: View) -> Content:
    """The title with the edition, the client, and four facts as on a cover."""
    return {
        "company": view.edition.company,
        "mark": view.ink.brand.mark,
        "mark_colour": view.ink["accent"],
        "title": view.gettext("Customer value report"),
        "edition": edition_name(view.gettext, view.edition),
        "period": view.printer.period(view.window.period),
        "client": view.client_name(),
        "facts": facts(view),
    }
