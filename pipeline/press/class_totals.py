"""What claims of value come to by class of confidence: side by side, never added together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.derived.value_claims import CONFIDENCES
from pipeline.press import value_charts
from pipeline.press.claims import Amounts, class_in_sentence, class_meaning, class_name
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content


@dataclass(frozen=True)
class Total:
    """What the claims of one class come to: now, and with what has expired."""

    confidence: str
    now: Reading
    to_date: Reading

    @property
    def has_claims(self) -> bool:
        return bool(self.now.n)


def totals_of(view: View) -> list[Total]:
    """The classes of confidence from the surest on."""
    return [
        Total(
            each,
            view.reading("value_realised", f"confidence={each}"),
            view.reading("value_to_date", f"confidence={each}"),
        )
        for each in CONFIDENCES
    ]


def totals_by_class(totals: Sequence[Total]) -> dict[str, Reading]:
    """What each class comes to now."""
    return {total.confidence: total.now for total in totals}


def classes(view: View, totals: Sequence[Total], scale: Amounts, *, is_wide: bool) -> Content | None:
    """What each class comes to, what the classes mean, and what all claims so far come to; None without amounts.

    Across the page one bar alone would say nothing: then there is no chart either.
    """
    _ = view.gettext
    valued = [total for total in totals if total.now.value or total.to_date.value]
    if not valued or (is_wide and sum(total.has_claims or total in valued for total in totals) == 1):
        return None
    shown = [total for total in totals if total.has_claims or total in valued] if is_wide else list(totals)
    anchor, _figures = view.series(
        [total.now for total in shown],
        _("Value by class of confidence"),
        [scale.printed(total.now.value) for total in shown],
    )
    bars = [_bar(view, total, scale) for total in shown]
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in bars)
    title = classes_title(view, totals, scale)
    draw = value_charts.wide_class_bars if is_wide else value_charts.class_bars
    last = view.printer.day(view.window.last_on)
    return {
        "title": title,
        "measure": view.phrase(_("Valid on {day}, {unit}").format(day=last, unit=scale.unit)),
        "chart": view.chart(anchor, draw(bars, view.ink, f"{title.plain}. {said}")),
        "notes": notes(view, totals, scale),
    }


def notes(view: View, totals: Sequence[Total], scale: Amounts) -> Content:
    """What the classes that have claims mean, and what was ever claimed."""
    return {
        "meanings": [
            {
                "name": class_name(view, total.confidence),
                "text": view.phrase(class_meaning(view, total.confidence)),
            }
            for total in totals
            if total.has_claims or total.to_date.value
        ],
        "to_date": to_date(view, totals, scale),
    }


def _bar(view: View, total: Total, scale: Amounts) -> value_charts.ClassBar:
    is_open = total.has_claims and not total.now.is_known
    printed = view.gettext("not in money") if is_open else scale.printed(total.now.value).number
    return value_charts.ClassBar(
        total.confidence, class_name(view, total.confidence), total.now.value, printed
    )


def classes_title(view: View, totals: Sequence[Total], scale: Amounts) -> Phrase:
    """What the surest class with an amount comes to."""
    _ = view.gettext
    first = next((total for total in totals if total.now.value), None)
    if first is None:
        return view.phrase(_("Nothing counts any more"))
    amount = view.quote(first.now, printed=scale.printed(first.now.value))
    return view.say(_("{name} {amount}"), name=class_name(view, first.confidence), amount=amount)


def to_date(view: View, totals: Sequence[Total], scale: Amounts) -> Phrase | None:
    """How many benefits were ever claimed, and what a class comes to with expired evidence, where that is more.

    None of a single benefit that still counts: the page has said it.
    """
    _ = view.gettext
    claims = view.reading("claims_to_date")
    text = view.ngettext(
        "{n} benefit claimed so far.", "{n} benefits claimed so far.", int(claims.value or 0)
    )
    differing = [
        total for total in totals if total.to_date.is_known and total.to_date.value != (total.now.value or 0)
    ]
    if claims.value == 1 and not differing:
        return None
    sentences = [
        view.say(
            _("With expired evidence, {name}: {amount}."),
            name=class_in_sentence(view, total.confidence),
            amount=view.figure(total.to_date, printed=scale.printed(total.to_date.value)),
        )
        for total in differing
    ]
    return view.joined(view.say(text, n=view.figure(claims)), *sentences)
