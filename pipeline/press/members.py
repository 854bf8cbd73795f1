"""What an internal document prints of its members: columns of readings, and numbers that are made of several readings."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from pipeline.press.figures import Figure
from pipeline.press.names import short_names
from pipeline.press.printing import NOT_KNOWN, Printed
from pipeline.press.reports import report_of
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase, Run
from pipeline.press.view import View
from pipeline.sections import Content


def full_names(view: View, members: Sequence[View]) -> dict[str, str]:
    """The names of members by id, in the document's script."""
    return {each.slice.subject.subject_id: each.slice.subject.named(in_han=view.is_han) for each in members}


def brief_names(view: View, members: Sequence[View]) -> dict[str, str]:
    """The names of members by id without their legal forms, for drawings and running text."""
    return short_names(full_names(view, members))


def report_name(view: View) -> str:
    """What the document is called, over each of its pages."""
    return view.gettext(report_of(view.edition.kind).title)


def whole_name(view: View) -> str:
    """What the row of all together is called."""
    _ = view.gettext
    return _("Whole team") if view.slice.subject.kind == "team" else _("Portfolio")


def column(
    view: View, readings: Sequence[Reading], label: str, shown: Sequence[Printed] | None = None
) -> Content:
    """A column of a table: what stands in each row, and the anchor that its head must carry."""
    printed = list(shown) if shown is not None else [view.printed(each) for each in readings]
    anchor, _figures = view.series(readings, label, printed)
    return {
        "anchor": anchor,
        "cells": [
            each if reading.is_known else NOT_KNOWN for each, reading in zip(printed, readings, strict=True)
        ],
    }


def amounts(view: View, readings: Sequence[Reading]) -> tuple[list[Printed], str]:
    """Amounts of one column or chart in one unit, with that unit."""
    return view.in_one_unit([each.value for each in readings])


def narrow(view: View, readings: Sequence[Reading], room: float, size: float) -> tuple[list[Printed], str]:
    """Amounts of a chart whose labels have so little room, with fewer decimals where they would touch."""
    printed, unit = amounts(view, readings)
    if max((view.ink.width(each.number, size, strong=True) for each in printed), default=0.0) <= room:
        return printed, unit
    values = [each.value or 0.0 for each in readings]
    shorter, other = view.printer.common_money(
        values, view.slice.currency, 10 * max(abs(each) for each in values)
    )
    if other != unit:
        return printed, unit
    return [
        shown if each.is_known else NOT_KNOWN for shown, each in zip(shorter, readings, strict=True)
    ], unit


def scaled(view: View, rows: Sequence[float], others: Sequence[float] = ()) -> tuple[list[Printed], str]:
    """Amounts of a table in one unit, the one that suits its middle row, so that a total does not blur them."""
    known = [abs(each) for each in rows if each]
    deciding = median(known) if known else None
    return view.printer.common_money([*rows, *others], view.slice.currency, deciding)


def made_column(
    view: View,
    readings: Sequence[Reading],
    part: str,
    values: Sequence[float | None],
    shown: Sequence[Printed],
    label: str,
) -> Content:
    """A column of numbers made of readings: `part` says how, and each is a figure under the reading it is made of."""
    anchor = view.register.next_id
    for reading, value, printed in zip(readings, values, shown, strict=True):
        if value is not None:
            view.register.of_reading(reading, part, value, printed, label, anchor)
    cells = [NOT_KNOWN if value is None else printed for value, printed in zip(values, shown, strict=True)]
    return {"anchor": anchor if view.register.next_id != anchor else "", "cells": cells}


def made_figure(view: View, reading: Reading, part: str, value: float, shown: Printed, label: str) -> Figure:
    """One number made of a reading, as a figure that stands in running text or a cell."""
    return view.register.of_reading(reading, part, value, shown, label)


def change(view: View, reading: Reading) -> Printed:
    """A growth with its sign."""
    return NOT_KNOWN if reading.value is None else view.printer.change(reading.value)


def share_of(value: float | None, total: float) -> float | None:
    """A value's share of a total; None where either says nothing."""
    return None if value is None or total <= 0 else value / total


def sentence(view: View, said: Sequence[Phrase | None]) -> Phrase:
    """Facts joined by commas, with a full stop."""
    kept = [each for each in said if each]
    comma, stop = ("，", "。") if view.is_han else (", ", ".")
    runs = [run for at, each in enumerate(kept) for run in (*((Run(comma),) if at else ()), *each.runs)]
    return Phrase((*runs, Run(stop)), view.is_han)


def sentence_part(view: View, told: Sequence[str]) -> str:
    """Facts joined by commas."""
    return ("，" if view.is_han else ", ").join(told)


def enumerated(view: View, names: Sequence[str]) -> str:
    """Names one after the other, as a table lists them."""
    return ("、" if view.is_han else ", ").join(names)


def some(view: View, names: Sequence[str], most: int) -> Phrase:
    """Names one after the other; of many the first and how many more."""
    listed, rest = enumerated(view, names[:most]), len(names) - most
    if rest <= 0:
        return view.phrase(listed)
    text = view.ngettext("{names} and {n} more", "{names} and {n} more", rest)
    return view.phrase(text.format(names=listed, n=rest))


def more(view: View, number: int) -> Phrase | None:
    """How many are not listed; None where all are."""
    if number <= 0:
        return None
    text = view.ngettext("{n} more is not listed", "{n} more are not listed", number)
    return view.phrase(text.format(n=number))
