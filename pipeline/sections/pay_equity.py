"""Equity that vested, grant by grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import pay_tables
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(title=N_("Equity"), audience="restricted", tables=("pay_lines",))
def pay_equity(view: View) -> Content | None:
    """The grants of which something vested this year; None without one."""
    found = pay_tables.equity(view, pay_tables.draft_of(view))
    return None if found is None else {"equity": found}
