"""Commission sale by sale, and what is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import pay_commission, pay_tables
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(title=N_("Commission and clawback"), audience="restricted", tables=("pay_lines",))
def pay_sales(view: View) -> Content | None:
    """The month's lines of commission and clawback; None where there is neither."""
    draft = pay_tables.draft_of(view)
    blocks = {"sales": pay_commission.commission(view, draft), "back": pay_commission.clawbacks(view, draft)}
    return blocks if any(blocks.values()) else None
