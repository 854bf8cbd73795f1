"""Where manager, lead and finance sign a pay draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(title=N_("Signatures on pay"), audience="restricted")
def pay_signatures(view: View) -> Content:
    """Three lines to write on, and what the draft is not."""
    _ = view.gettext
    return {
        "lines": [_("Manager, date"), _("Lead, date"), _("Checked by finance, date")],
        "note": view.phrase(
            _(
                "A draft for finance to check. It pays nothing by itself; objections within ten working days to the lead."
            )
        ),
    }
