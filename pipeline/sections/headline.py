"""A first page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Portfolio report"),
    audience="internal",
    metrics=("net_sales",),
    evidence=("net_sales@ytd",),
)
def headline(view: View) -> Content:
    """Name and sales."""
    year = view.over("ytd")
    return {
        "headline": view.headline(view.phrase(view.slice.subject.named(in_han=view.is_han))),
        "sales": year.figure(year.reading("net_sales")),
        "rows": [
            {
                "name": each.slice.subject.name,
                "sales": each.over("ytd").figure(each.over("ytd").reading("net_sales")),
            }
            for each in view.members("customer")
            if each.over("ytd").reading("net_sales").is_known
        ],
    }
