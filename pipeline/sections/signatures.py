"""Where manager and lead sign, and where an objection is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(title=N_("Signatures"), audience="internal")
def signatures(view: View) -> Content:
    """Three lines to write on, and which clients' documents are held back for now."""
    _ = view.gettext
    held_back = view.slice.held_back
    note = _("Held back from clients until their data are put right: {ids}.").format(ids=", ".join(held_back))
    return {
        "lines": [_("Manager, date"), _("Lead, date"), _("Objection (within ten working days)")],
        "note": view.phrase(note) if held_back else None,
    }
