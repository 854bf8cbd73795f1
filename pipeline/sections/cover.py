"""The cover: what this is, for whom, for when, and the client's own year as its art."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from pipeline.press.cover_art import MOTIFS, WEEKS, Week, floor_of
from pipeline.press.svg import MM
from pipeline.press.versions import edition_name, version
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_BASIS = "first_promised"
_LOGO_WIDTH, _LOGO_HEIGHT = 42.0, 14.0
"""The most that a client's logo may take of the cover, in millimetres."""


@section(title=N_("Cover"), audience="client", metrics=("otif_orders",), tables=("deliveries",))
def cover(view: View) -> Content:
    """Title, client and period; the art with its caption; four facts."""
    _ = view.gettext
    target = view.reading("otif_orders", f"basis={_BASIS}").target
    found = weeks(view, None if target is None else target * 100)
    return {
        "company": view.edition.company,
        "mark": view.ink.brand.mark,
        "mark_colour": view.ink["cover-mark"],
        "logo": logo(view),
        "title": _("Customer value report"),
        "client": view.client_name(),
        "period": view.printer.period(view.window.period),
        "art": art(view, found, None if target is None else target * 100),
        "caption": view.phrase(caption(view, found, target)),
        "facts": facts(view),
    }


def logo(view: View) -> dict[str, str] | None:
    """The client's logo with its size in millimetres: as high as it may be, or as wide; None where there is none."""
    found = view.edition.client_logo
    if found is None:
        return None
    height = min(_LOGO_HEIGHT, _LOGO_WIDTH / found.ratio)
    return {
        "address": found.address,
        "width": f"{height * found.ratio:.2f}",
        "height": f"{height:.2f}",
        "name": view.slice.subject.named(in_han=view.is_han),
    }


def weeks(view: View, target: float | None) -> list[Week]:
    """The 52 weeks that end with the window, oldest first; a week's orders are those that fell due in it."""
    rows = view.rows("deliveries")
    if rows.empty:
        return []
    rows = rows[(rows["basis"] == _BASIS) & rows["is_due"] & rows["is_quantified"]]
    ago = (pd.Timestamp(view.window.last_on) - rows["due_on"]).dt.days // 7
    recent = rows[(ago >= 0) & (ago < WEEKS)].assign(ago=ago)
    if recent.empty:
        return []
    counts = recent.groupby("ago")["is_met"].agg(["size", "sum"])
    return [_week(counts, ago, target) for ago in reversed(range(WEEKS))]


def _week(counts: pd.DataFrame, ago: int, target: float | None) -> Week:
    if ago not in counts.index:
        return Week(0, None)
    orders, met = int(counts["size"][ago]), int(counts["sum"][ago])
    rate = met / orders * 100
    return Week(orders, rate, is_missed=target is not None and rate < target)


def art(view: View, found: list[Week], target: float | None) -> Markup:
    """The drawing in the brand's manner; without data the plain field."""
    brand = view.ink.brand
    height = float(brand["cover-art-height"].removesuffix("mm")) * MM
    title = view.gettext("Orders on time in full over the last year, a mark for each week")
    return MOTIFS[brand["cover-motif"]](found, target, view.ink, title, height)


def caption(view: View, found: list[Week], target: float | None) -> str:
    """What the art is; empty where there is none."""
    _ = view.gettext
    if not found:
        return ""
    aim = "" if target is None else view.printer.printed(target, "share").text
    if view.ink.brand["cover-motif"] == "lines":
        floor = f"{floor_of(found):g}"
        plain = _(
            "Drawn from your own data: one line a week for a year, as high as orders on time in full ({floor}% to 100%)."
        )
        judged = _(
            "Drawn from your own data: one line a week for a year, as high as orders on time in full ({floor}% to 100%);"
            " the rule is the target of {aim}, hollow heads are below it."
        )
        return (judged if aim else plain).format(floor=floor, aim=aim)
    plain = _("Drawn from your own data: one circle a week, sized by orders, one row a quarter.")
    judged = _(
        "Drawn from your own data: one circle a week, sized by orders, one row a quarter; hollow where on time in full"
        " was below {aim}."
    )
    return (judged if aim else plain).format(aim=aim)


def facts(view: View) -> list[dict[str, object]]:
    """Client, period, version and contact, two lines each."""
    _ = view.gettext
    customer, window = view.slice.subject, view.window
    first, last = view.printer.span(window.from_on, window.until_on)
    return [
        {"name": _("Client"), "lines": [customer.named(in_han=view.is_han), customer.subject_id]},
        {"name": _("Period"), "lines": [first, last]},
        {"name": _("Version"), "lines": [version(view), edition_name(_, view.edition)]},
        {"name": _("Contact"), "lines": [customer.owner_name or view.edition.company, _("Account manager")]},
    ]
