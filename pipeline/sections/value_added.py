"""Value added: what the client was given beside what it bought, in the window and over twelve months."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.press import comparisons
from pipeline.press.charts import FULL
from pipeline.press.excerpts import excerpt
from pipeline.press.messages import leaders
from pipeline.press.slices import inside
from pipeline.press.statements import column, exact
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.schema import SCALE
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.slices import Reading
    from pipeline.press.view import View

_MOST = 10
_TEXT_WIDTH = 76 * MM


@section(
    title=N_("Value added"),
    audience="client",
    metrics=("benefits_given", "benefits_worth"),
    tables=("value_added",),
)
def value_added(view: View) -> Content | None:
    """What was given in the window, one by one, else by kind over twelve months; None where there was nothing."""
    year = view.over("t12m")
    if not year.reading("benefits_given").value:
        return None
    rows = inside(view.rows("value_added"), "given_on", view.window)
    return {
        "headline": view.headline(*headlines(view)),
        "lead": view.lead(lead(view, year)),
        "given": given(view, rows) if len(rows) else None,
        "kinds": None if len(rows) else by_kind(year),
    }


def headlines(view: View) -> list[Phrase]:
    """How much was given in the window; that it was nothing is said, too."""
    count = int(view.reading("benefits_given").value or 0)
    if not count:
        return [
            view.phrase(view.gettext("Nothing beside your orders was given {this}").format(this=view.this()))
        ]
    text = view.ngettext("{n} extra beside your orders {this}", "{n} extras beside your orders {this}", count)
    return [view.title(text.format(n=view.printer.few(count), this=view.this()))]


def lead(view: View, year: View) -> Phrase:
    """How much it was over twelve months, and what it is stated to be worth."""
    _ = view.gettext
    count, worth = year.reading("benefits_given"), year.reading("benefits_worth")
    text = view.ngettext(
        "Over twelve months there was {n}.", "Over twelve months there were {n}.", int(count.value or 0)
    )
    said: list[Phrase | None] = [view.say(text, n=view.figure(count))]
    if worth.value:
        stated = _("We state a worth of {amount} for those that have one; you were not charged.")
        said.append(view.say(stated, amount=view.figure(worth)))
    return view.joined(*said)


def given(view: View, rows: pd.DataFrame) -> Content:
    """What was given in the window, the latest first."""
    _ = view.gettext
    ordered = rows.sort_values(["given_on", "kind"], ascending=[False, True], kind="stable")
    shown = ordered.head(_MOST)
    left = len(rows) - len(shown)
    worth = [None if pd.isna(each) else Decimal(int(each)) / SCALE for each in shown["worth_amount"]]
    codes = [str(each) for each in shown["currency"].fillna(view.slice.currency)]
    unit = view.printer.currency(codes[0]) if len(set(codes)) == 1 else ""
    printed = [exact(each, "" if unit else code) for each, code in zip(worth, codes, strict=True)]
    anchor, _figures = column(view, "value_added", worth, printed, _("Stated worth"))
    more = view.ngettext("{n} older one is not listed", "{n} older ones are not listed", left).format(n=left)
    plain = _("Latest first; worth as stated by us, – where none is stated")
    return {
        "title": view.phrase(_("Given {this}").format(this=view.this())),
        "measure": view.phrase(f"{plain}{_('; ')}{more}" if left else plain),
        "head": " ".join(each for each in (_("Worth"), unit) if each),
        "anchor": anchor,
        "rows": [
            {**_row(view, row), "worth": each.text}
            for row, each in zip(shown.to_dict("records"), printed, strict=True)
        ],
    }


def _row(view: View, row: Mapping[Hashable, Any]) -> Content:
    text = row["description"]
    return {
        "day": view.day(pd.Timestamp(row["given_on"]).date()),
        "kind": kind_name(view, str(row["kind"])),
        "text": view.phrase(excerpt(text, _TEXT_WIDTH, 2, view.ink) if isinstance(text, str) else "–"),
    }


def kind_name(view: View, kind: str) -> str:
    """What kind of thing it is; one that is not known stands for itself."""
    _ = view.gettext
    names = {
        "training": _("Training"),
        "upgrade": _("Free upgrade"),
        "industry_report": _("Industry insight"),
        "introduction": _("Introduction"),
        "priority": _("Priority in the queue"),
    }
    return names.get(kind) or excerpt(kind, 28 * MM, 1, view.ink)


def by_kind(year: View) -> Content | None:
    """What was given over twelve months by kind, the most frequent first."""
    _ = year.gettext
    named = [year.reading("benefits_given", each) for each in year.breakdowns("benefits_given")]
    counted = sorted(
        (each for each in named if each.value), key=lambda each: (-(each.value or 0), each.breakdown)
    )
    if len(counted) < 2:
        return None
    anchor, figures = year.series(counted, _("Extras by kind, twelve months"))
    first = leaders([int(each.value or 0) for each in counted], int(sum(each.value or 0 for each in counted)))
    bars = [
        comparisons.Bar(
            kind_name(year, each.breakdown.partition("=")[2]),
            each.value or 0.0,
            figure.printed.text,
            at < first,
        )
        for at, (each, figure) in enumerate(zip(counted, figures, strict=True))
    ]
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in bars)
    return {
        "title": kinds_title(year, counted, first),
        "measure": year.phrase(_("By kind, over twelve months, count")),
        "chart": year.chart(anchor, comparisons.ranked_bars(bars, year.ink, said, width=FULL)),
    }


def kinds_title(year: View, counted: list[Reading], first: int) -> Phrase:
    """Which kinds come first, where they stand out."""
    _ = year.gettext
    if not 0 < first < len(counted):
        return year.phrase(_("Extras by kind"))
    names = [kind_name(year, each.breakdown.partition("=")[2]) for each in counted[:first]]
    if not year.is_han:
        names = [names[0], *(each[:1].lower() + each[1:] for each in names[1:])]
    return year.say(_("Mostly: {kinds}"), kinds=year.listed(names))
