"""The bridge of sales: price, volume, mix, what was bought anew and what no longer, as a waterfall that sums exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.press.waterfall import Part, waterfall
from pipeline.sections import Content

PARTS = ("volume", "price", "mix", "new", "lost", "currency", "other")
_CAUSES = PARTS[:5]
_FEWEST_CAUSES = 2
_OFFSET = 0.25
"""From this share of what was gained on, a loss that works against it is named."""
_CENT = 0.005


@dataclass(frozen=True)
class Step:
    """One cause of the change as it is printed; what no account brought has none of the bridge's readings."""

    part: str
    value: float
    shown: Printed
    reading: Reading | None


@dataclass(frozen=True)
class Bridge:
    """The change of net sales taken apart: its causes, the whole, and what of it the bridge does not hold."""

    steps: tuple[Step, ...]
    source: Reading
    part: str
    total: float
    shown: Printed
    unit: str
    rest: float

    @property
    def causes(self) -> dict[str, float]:
        return {step.part: step.value for step in self.steps if step.reading is not None}


def bridge(view: View) -> Content | None:
    """The waterfall of the view's window; None where there is no year before, or nothing to take apart."""
    _ = view.gettext
    found = taken_apart(view)
    if found is None:
        return None
    anchor = figures(view, found)
    bars = [Part(part_label(view, step.part), step.value, signed(step.shown)) for step in found.steps]
    title = title_of(view, found)
    end = Part(_("Change of sales"), found.total, signed(found.shown))
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in (*bars, end))
    return {
        "title": title,
        "measure": view.say(
            _(
                "Change of net sales on the same months of the year before, {unit}; "
                "each part begins where the last one ended"
            ),
            unit=found.unit,
        ),
        "chart": view.chart(anchor, waterfall(bars, end, view.ink, f"{title.plain}. {said}")),
        "note": note(view, found),
    }


def taken_apart(view: View) -> Bridge | None:
    """The causes of the change with their amounts in one unit; None where fewer than two are known."""
    whole, change = view.reading("sales_bridge"), view.reading("sales_growth")
    parts = {part: view.reading("sales_bridge", f"part={part}") for part in PARTS}
    told = {part: each for part, each in parts.items() if abs(each.value or 0.0) >= _CENT}
    if whole.value is None or sum(part in told for part in _CAUSES) < _FEWEST_CAUSES:
        return None
    source, part = (whole, "value") if change.numerator is None else (change, "numerator")
    total = whole.value if change.numerator is None else change.numerator
    rest = total - whole.value
    amounts = [*(each.value or 0.0 for each in told.values()), rest, total]
    *shown, rest_shown, total_shown = view.printer.common_money(amounts, view.slice.currency)[0]
    steps = [
        Step(name, each.value or 0.0, printed, each)
        for (name, each), printed in zip(told.items(), shown, strict=True)
    ]
    if not is_zero(rest_shown):
        steps.append(Step("nobody", rest, rest_shown, None))
    return Bridge(tuple(steps), source, part, total, total_shown, total_shown.unit, rest)


def is_zero(shown: Printed) -> bool:
    """Whether an amount prints as nothing in its unit."""
    return not shown.number.strip("−0.,")


def figures(view: View, found: Bridge) -> str:
    """The figures of the chart under its anchor; what no account brought is the change less the bridge."""
    label, anchor = view.name("sales_bridge"), view.register.next_id
    whole = view.reading("sales_bridge")
    for step in found.steps:
        source, part = (whole, "rest") if step.reading is None else (step.reading, "value")
        view.register.of_reading(source, part, step.value, as_drawn(step.shown), label, anchor)
    view.register.of_reading(found.source, found.part, found.total, as_drawn(found.shown), label, anchor)
    return anchor if view.register.next_id != anchor else ""


def part_label(view: View, part: str) -> str:
    """A cause as the chart names it."""
    _ = view.gettext
    return {
        "volume": _("Volume"),
        "price": _("Price"),
        "mix": _("Mix"),
        "new": _("Bought anew"),
        "lost": _("No longer bought"),
        "currency": _("Exchange rates"),
        "other": _("Without quantity"),
        "nobody": _("Without an account"),
    }[part]


def as_drawn(shown: Printed) -> Printed:
    """An amount with the sign that the chart prints before it."""
    sign = signed(shown)[: -len(shown.number)]
    return replace(shown, number=sign + shown.number, text=sign + shown.text)


def signed(shown: Printed) -> str:
    """A printed amount with its sign, `+` as well."""
    return shown.number if shown.number.startswith("−") or is_zero(shown) else f"+{shown.number}"


def title_of(view: View, found: Bridge) -> Phrase:
    """The causes that make most of the change, one or two, and the largest that works against it."""
    _ = view.gettext
    sign = 1 if found.total >= 0 else -1
    ranked = sorted(found.causes.items(), key=lambda each: -abs(each[1]))
    along = [(part, abs(value)) for part, value in ranked if value * sign > 0]
    against = [(part, abs(value)) for part, value in ranked if value * sign < 0]
    gained = sum(amount for _part, amount in along)
    size = next((size for size in (1, 2) if sum(amount for _part, amount in along[:size]) * 2 >= gained), 0)
    if not size or not gained:
        return view.phrase(_("What the change of sales is made of"))
    names = view.listed([inline(view, part) for part, _amount in along[:size]])
    text = _("Most of the gain came from {names}") if sign > 0 else _("Most of the loss came from {names}")
    said = view.say(text, names=names)
    if against and against[0][1] >= _OFFSET * gained:
        return view.say(
            _("{cause}; {other} offset part of it"), cause=said, other=inline(view, against[0][0])
        )
    return said


def inline(view: View, part: str) -> str:
    """A cause as it stands within a sentence."""
    _ = view.gettext
    return {
        "volume": _("volume"),
        "price": _("price"),
        "mix": _("mix"),
        "new": _("products bought anew"),
        "lost": _("products no longer bought"),
        "currency": _("exchange rates"),
        "other": _("sales without a quantity"),
    }[part]


def note(view: View, found: Bridge) -> Phrase:
    """What anew and no longer mean; that printed parts may miss the printed sum; whose sales stand apart."""
    _ = view.gettext
    said: list[Phrase] = []
    if found.causes.keys() & {"new", "lost"}:
        text = _(
            "Anew, no longer: products that a customer bought in one of the two spans only. Mix: within a customer."
        )
        said.append(view.phrase(text))
    if sum(_decimal(step.shown) for step in found.steps) != _decimal(found.shown):
        said.append(view.phrase(_("Each number is rounded by itself; the parts add up to the cent.")))
    if any(step.reading is None for step in found.steps):
        said.append(view.phrase(_("Without an account: sales that the export books on nobody.")))
    elif abs(found.rest) >= _CENT:
        shown, source = view.printer.money(found.rest, view.slice.currency), view.reading("sales_bridge")
        amount = view.register.of_reading(source, "rest", found.rest, shown, view.name("sales_bridge"))
        said.append(view.say(_("Not drawn: {amount} that the export books on nobody."), amount=amount))
    return view.joined(*said)


def _decimal(shown: Printed) -> Decimal:
    return Decimal(shown.number.replace(",", "").replace("−", "-"))
