"""Industry insight: a curated text, and how the industry's customers fare together, none of them to be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.press import range_bars
from pipeline.press.anonymous import FEWEST
from pipeline.press.curated import Curated, curated
from pipeline.press.figures import Figure
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MEASURES = (
    ("otif_orders", "basis=first_promised"),
    ("sales_growth", ""),
    ("first_reply_median", ""),
    ("resolution_median", ""),
)
_OF_ALL = "scope=all"


@section(
    title=N_("Industry insight, monthly issue"),
    audience="client",
    metrics=("otif_orders", "sales_growth", "first_reply_median", "resolution_median"),
    tables=("insight_texts", "growth_parts"),
    evidence=(
        "otif_orders@t12m",
        "sales_growth@t12m",
        "first_reply_median@t12m",
        "resolution_median@t12m",
    ),
    evidence_tables=("insight_texts",),
)
def insight(view: View) -> Content | None:
    """The text, the table of the industry beside all customers, how many grow; None where an industry has neither."""
    text = text_of(view)
    over = view.over("t12m")
    rows = [row for measure in _MEASURES if (row := _row(over, *measure)) is not None]
    has_own = any(row["own"] for row in rows)
    if text is None and not has_own:
        return None
    return {
        "headline": view.headline(*headlines(view, text)),
        "lead": view.lead(lead(view, has_own=has_own)),
        "body": text.body if text else None,
        "table": {"rows": rows, "title": _table_title(view, has_own=has_own)} if rows else None,
        "growth": growth(view),
        "method": view.phrase(method(view)),
        "industry": view.phrase(view.slice.subject.subject_id),
    }


def text_of(view: View) -> Curated | None:
    """The industry's text in the document's language, else the company's own; None where there is none."""
    rows = view.rows("insight_texts")
    by_language = dict(zip(rows["language"], rows["text"], strict=True)) if len(rows) else {}
    found = by_language.get(view.press.language.name, by_language.get(""))
    return curated(found, f"insight/{view.slice.subject.subject_id}") if found else None


def headlines(view: View, text: Curated | None) -> list[Phrase]:
    """The text's title where it has one that fits, else what the issue is about."""
    plain = view.say(view.gettext("{industry}: the month’s figures"), industry=view.slice.subject.subject_id)
    return [view.phrase(text.title), plain] if text and text.title else [plain]


def lead(view: View, *, has_own: bool) -> Phrase:
    """What the issue holds, and what it does not."""
    _ = view.gettext
    if has_own:
        return view.phrase(
            _("What moved the industry this month, and how our customers in it fare together, without names.")
        )
    return view.phrase(
        _(
            "What moved the industry this month. Too few customers, or one too large, to tell figures of it alone."
        )
    )


def _table_title(view: View, *, has_own: bool) -> Phrase:
    _ = view.gettext
    name = view.slice.subject.subject_id
    if has_own:
        return view.say(_("{industry} beside all customers"), industry=name)
    return view.phrase(_("All customers together"))


# The table


def _row(view: View, metric: str, breakdown: str) -> Content | None:
    """One measure: the industry's cell and that of all; None where neither may be told."""
    own = view.reading(metric, breakdown)
    everyone = view.reading(metric, ",".join(each for each in (breakdown, _OF_ALL) if each))
    if not own.is_known and not everyone.is_known:
        return None
    name = view.name(metric)
    cells = [_cell(view, each, scope) for each, scope in ((own, "own"), (everyone, "all"))]
    said = ", ".join(cell["said"] for cell in cells if cell)
    return {
        "name": name,
        "own": cells[0],
        "all": cells[1],
        "drawing": range_bars.ranges(own, everyone, view.ink, f"{name}: {said}"),
    }


def _cell(view: View, reading: Reading, scope: str) -> Content | None:
    _ = view.gettext
    if not reading.is_known:
        return None
    whose = _("all customers") if scope == "all" else view.slice.subject.subject_id
    name = f"{view.name(reading.metric)}{'　' if view.is_han else ', '}{whose}"
    median = _figure(view, reading, "value", name)
    assert median is not None
    # The table prints the middle half of the industry alone; that of all is only drawn beside it.
    low, high = (_figure(view, reading, part, name) if scope == "own" else None for part in ("low", "high"))
    return {
        "median": median,
        "middle": view.say(_("{low} to {high}"), low=low, high=high) if low and high else None,
        "n": view.phrase(reading.text or ""),
        "said": f"{whose} {median.printed.text}",
    }


def _figure(view: View, reading: Reading, part: str, name: str) -> Figure | None:
    value: float | None = getattr(reading, part)
    if value is None:
        return None
    labels = {
        "value": view.gettext("median"),
        "low": view.gettext("lower quartile"),
        "high": view.gettext("upper quartile"),
    }
    label = f"{name}{'　' if view.is_han else ', '}{labels[part]}"
    return view.register.of_reading(reading, part, value, coarse(view, reading, value), label)


def coarse(view: View, reading: Reading, value: float) -> Printed:
    """A value rounded so far that it is nobody's own: whole per cent, and hours as they are always printed."""
    if reading.unit == "share":
        return view.printer.printed(value, "share", decimals=0)
    return view.printer.printed(value, reading.unit)


# Growth


def growth(view: View) -> Content | None:
    """How many of all customers grew, held and shrank; None where the classes are too small."""
    _ = view.gettext
    rows = view.rows("growth_parts")
    if not len(rows):
        return None
    numbers = [int(each) for each in rows["customers"]]
    anchor, figures = view.counted_series("growth_parts", numbers, numbers, _("Customers by growth"))
    spans = list(zip(rows["first_class"], rows["last_class"], strict=True))
    labels = [part_name(view, (int(first), int(last))) for first, last in spans]
    bars = [
        range_bars.Part(label, number, figure.printed.number)
        for label, number, figure in zip(labels, numbers, figures, strict=True)
    ]
    said = ", ".join(f"{label} {number}" for label, number in zip(labels, numbers, strict=True))
    title = growth_title(view, spans, numbers)
    return {
        "title": title,
        "measure": view.phrase(
            _("Customers of all industries by the change of twelve months’ sales on the year before")
        ),
        "chart": view.chart(anchor, range_bars.parts(bars, view.ink, f"{title.plain}. {said}")),
    }


def growth_title(view: View, spans: Sequence[tuple[int, int]], numbers: Sequence[int]) -> Phrase:
    """How many of all grew by five per cent or more, where these stand alone."""
    _ = view.gettext
    if spans[-1] != (2, 2):
        return view.phrase(_("How many of our customers grow"))
    text = _("{n} of {all} customers grew by 5% or more")
    return view.say(text, n=str(numbers[-1]), all=str(sum(numbers)))


def part_name(view: View, span: tuple[int, int]) -> str:
    """A class of growth, or several joined."""
    _ = view.gettext
    return {
        (0, 0): _("fell by more than 5%"),
        (1, 1): _("between −5% and 5%"),
        (2, 2): _("grew by 5% or more"),
        (0, 1): _("fell, or grew by less than 5%"),
        (1, 2): _("fell by 5% or less, or grew"),
    }[span]


def method(view: View) -> str:
    """By which rules the figures are anonymous."""
    text = view.gettext(
        "Every figure stands for at least {k} customers, none of whom has more than half of their sales; what does not "
        "reach this is not told, nor can it be worked out from a total. Numbers of customers are given in bands, "
        "shares in whole per cent."
    )
    return text.format(k=FEWEST)
