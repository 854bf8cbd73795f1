"""The field of value and potential as a page prints it: who stands where, the borders, the classes around it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.press import matrix, members, movers
from pipeline.press.class_marks import Zone
from pipeline.press.matrix import Border, Field, Place
from pipeline.press.movers import Customer
from pipeline.press.standing import Borders
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

CLASSES = ("core_value", "high_potential", "maintain", "to_optimise", "not_classed")
_FEWEST = 5
_MOST_NAMES, _MOST_ARROWS = 14, 12


@dataclass(frozen=True)
class Portfolio:
    """The customers that have a class, with the borders between them."""

    customers: tuple[Customer, ...]
    borders: Borders | None

    @property
    def placed(self) -> tuple[Customer, ...]:
        return tuple(each for each in self.customers if each.standing.sales > 0)

    @property
    def high(self) -> float:
        """The border of high value."""
        return self.borders.last_high if self.borders else 0.0

    @property
    def moved(self) -> tuple[Customer, ...]:
        return tuple(each for each in self.customers if each.is_mover)


def class_share(found: Portfolio, kind: str) -> float | None:
    """A class's share of the sales of all customers above zero."""
    total = sum(each.standing.sales for each in found.placed)
    return members.share_of(sum(each.standing.sales for each in found.placed if each.kind == kind), total)


def drawn(view: View, found: Portfolio) -> Content | None:
    """The matrix; None where fewer than five customers have a known potential."""
    _ = view.gettext
    placed = found.placed
    if found.borders is None or sum(each.standing.headroom is not None for each in placed) < _FEWEST:
        return None
    anchor = view.register.next_id
    zones = {kind: zone(view, found, kind, anchor) for kind in CLASSES}
    drawn_field = Field(
        medium=medium_border(view, found, anchor),
        high=high_border(view, found, anchor),
        potential=view.edition.tier.headroom_share * 100,
        potential_label=_("above: with potential"),
        ticks=ticks(view, placed),
        across=_("Net sales of twelve months (logarithmic)"),
        upwards=_("Still open, % of the potential"),
        lane=_("potential not recorded"),
        zones={kind: each for kind, each in zones.items() if each is not None},
    )
    title = title_of(view, found)
    said = ", ".join(f"{each.name} {each.said}" for each in drawn_field.zones.values())
    made = matrix.matrix(places(found), drawn_field, view.ink, f"{title.plain}. {said}")
    return {
        "title": title,
        "measure": measure(view, found),
        "chart": view.chart(anchor if view.register.next_id != anchor else "", made.drawing),
        "note": note(view, found, made.nameless),
    }


def zone(view: View, found: Portfolio, kind: str, anchor: str) -> Zone | None:
    """A class as the frame names it; None where nobody is in it."""
    _ = view.gettext
    own = [each for each in found.placed if each.kind == kind]
    share = class_share(found, kind)
    if not own or share is None:
        return None
    label = _("Customers and sales by class")
    counted = view.printer.count(float(len(own)))
    view.register.of_rows("customers", len(own), float(len(own)), counted, label, anchor, CLASSES.index(kind))
    shown = view.printer.printed(share, "share")
    view.register.of_rows("customers", len(own), share, shown, label, anchor, CLASSES.index(kind))
    text = view.ngettext("{n} customer, {share} of sales", "{n} customers, {share} of sales", len(own))
    name = view.title(standing_name(_, kind)).plain
    return Zone(name, text.format(n=counted.text, share=shown.text))


def medium_border(view: View, found: Portfolio, anchor: str) -> Border:
    """The median, with the band in which a customer keeps its class."""
    assert found.borders is not None
    at, ease = found.borders.medium, view.edition.tier.hysteresis
    label = view.gettext("median {amount}").format(amount=border_amount(view, found, at, anchor))
    return Border(at, (at * (1 - ease), at * (1 + ease)), label)


def high_border(view: View, found: Portfolio, anchor: str) -> Border:
    """What the last customer of the top share brings; the band down to the first below it."""
    assert found.borders is not None
    about, tier = found.borders, view.edition.tier
    label = view.gettext("top {share} from {amount}").format(
        share=view.printer.printed(tier.value_high_share, "share", decimals=0).text,
        amount=border_amount(view, found, about.last_high, anchor),
    )
    keeps = about.first_below * (1 - tier.hysteresis), about.last_high * (1 + tier.hysteresis)
    return Border(about.last_high, keeps, label)


def border_amount(view: View, found: Portfolio, amount: float, anchor: str) -> str:
    """A border's amount, as a figure made of all customers' sales."""
    shown = view.printer.money(amount, view.slice.currency)
    label = view.gettext("Borders of value")
    view.register.of_rows("customers", len(found.placed), amount, shown, label, anchor)
    return shown.text


def ticks(view: View, placed: tuple[Customer, ...]) -> list[tuple[float, str]]:
    """Round amounts under the field."""
    amounts = matrix.decades(*matrix.extent([each.standing.sales for each in placed]))
    return [(each, movers.round_money(view, each)) for each in amounts]


def places(found: Portfolio) -> list[Place]:
    """Every customer with sales as the matrix draws it; movers and the largest by name."""
    ranked = sorted(found.placed, key=lambda each: (not each.is_mover, -each.standing.sales))
    named = {each.name for each in ranked[:_MOST_NAMES]}
    arrows = {each.name for each in [each for each in ranked if each.is_mover][:_MOST_ARROWS]}
    return [
        Place(
            sales=each.standing.sales,
            share=each.standing.headroom,
            kind=each.kind,
            label=each.name if each.name in named else "",
            before=each.standing.before if each.name in arrows else None,
            is_mover=each.is_mover,
        )
        for each in found.placed
    ]


def title_of(view: View, found: Portfolio) -> Phrase:
    """Whether those with potential are among the large or the small."""
    _ = view.gettext
    assert found.borders is not None
    able = [
        each
        for each in found.placed
        if (each.standing.headroom or 0) >= view.edition.tier.headroom_share * 100
    ]
    if not able:
        return view.phrase(_("Value and potential of every customer"))
    small = sum(each.standing.sales <= found.borders.medium for each in able)
    if small * 2 > len(able):
        text = _("{n} of {all} customers with much potential open are of low value")
        return view.title(text.format(n=small, all=len(able)))
    text = _("{n} of {all} customers with much potential open are of medium or high value")
    return view.title(text.format(n=len(able) - small, all=len(able)))


def measure(view: View, found: Portfolio) -> Phrase:
    """How many customers are drawn, and how the field is read."""
    _ = view.gettext
    text = view.ngettext(
        "{n} customer; arrow: from the window's beginning to now; strong: changed class; in the bands a customer keeps its class",
        "{n} customers; arrow: from the window's beginning to now; strong: changed class; in the bands a customer keeps its class",
        len(found.placed),
    )
    return view.phrase(text.format(n=len(found.placed)))


def note(view: View, found: Portfolio, nameless: tuple[str, ...]) -> Phrase:
    """What the field cannot show: potentials as stated today, growing industries, names without room."""
    _ = view.gettext
    said = [_("Potentials as stated today.")]
    border = view.edition.tier.headroom_share * 100
    if any(
        each.kind == "high_potential" and each.is_growing and (each.standing.headroom or 0) < border
        for each in found.placed
    ):
        said.append(_("A triangle below the border: its industry grows."))
    if any(
        each.kind in ("maintain", "high_potential") and each.standing.sales >= found.high
        for each in found.placed
    ):
        said.append(_("Squares and triangles of high value: their outlook is not stable."))
    if any((each.wallet.value or 0) > 1 for each in found.placed):
        said.append(_("Who buys more than the stated potential stands at 0."))
    idle = len(found.customers) - len(found.placed)
    if idle:
        text = view.ngettext(
            "{n} customer without sales is not drawn.", "{n} customers without sales are not drawn.", idle
        )
        said.append(text.format(n=idle))
    if nameless:
        said.append(_("Not named for want of room: {names}.").format(names=view.listed(nameless)))
    return view.joined(*(view.phrase(each) for each in said))
