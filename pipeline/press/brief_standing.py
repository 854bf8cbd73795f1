"""How a customer stands: its class between the borders of value and potential, and what its health is made of."""

from __future__ import annotations

from decimal import Decimal

from pipeline.press import cells, members
from pipeline.press.slices import Reading
from pipeline.press.standing import Borders, headroom
from pipeline.press.svg import MM
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_CELL = 40 * MM
_WEAK = 0.5


def facts(view: View) -> list[Content]:
    """What a visitor must know before anything else: class, axes, stage, owner, contract, accounts."""
    _ = view.gettext
    about = view.slice.subject
    told = [
        (_("Class"), _class(view)),
        (_("Value"), _value(view)),
        (_("Potential"), _potential(view)),
        (_("Relationship"), _stage(view)),
        (_("Manager"), view.phrase(about.owner_name or "–")),
        (_("Contract"), _contract(view)),
        (_("Receivables"), _receivables(view)),
        (_("Accounts"), _accounts(view)),
    ]
    return [{"name": name, "value": value} for name, value in told if value]


def _class(view: View) -> Phrase:
    """The class and the band, and where the class changed this month from what."""
    _ = view.gettext
    twelve, month = view.over("t12m"), view.over("month")
    kind = twelve.reading("customer_class").text
    said = [standing_name(_, each) for each in (kind, twelve.reading("revenue_band").text) if each]
    if not said:
        return view.phrase(_("not known"))
    before, move = month.reading("class_before").text, month.reading("class_move").text
    if before and move in ("up", "down"):
        said.append(_("was {before} a month ago").format(before=standing_name(_, before)))
    return view.title(("，" if view.is_han else ", ").join(said))


def _value(view: View) -> Phrase | None:
    """Twelve months' sales, and how far they are from the border of high or of medium value."""
    _ = view.gettext
    sales = view.over("t12m").reading("net_sales")
    if sales.value is None:
        return None
    said = view.say(_("{amount} in twelve months"), amount=view.quote(sales))
    away = _away(view, sales.value, view.edition.borders)
    return (
        view.say("{said}{gap}{away}", said=said, gap="，" if view.is_han else ", ", away=away)
        if away
        else said
    )


def _away(view: View, sales: float, borders: Borders | None) -> Phrase | None:
    """The distance from the border that is nearest, in per cent of it."""
    _ = view.gettext
    if borders is None or sales <= 0:
        return None
    high, medium = borders.high_for(sales), borders.medium
    is_high = sales >= borders.last_high
    nearest = min((high, medium), key=lambda each: abs(sales - each))
    name = _("high value") if nearest == high else _("medium value")
    share = view.printer.printed(abs(sales - nearest) / nearest, "share").text
    amount = view.printer.money(nearest, view.slice.currency).text
    over = is_high if nearest == high else sales > medium
    text = (
        _("{share} above the border of {name} ({amount})")
        if over
        else _("{share} below the border of {name} ({amount})")
    )
    return view.phrase(text.format(share=share, name=name, amount=amount))


def _potential(view: View) -> Phrase | None:
    """How much of the potential is still open, and how far that is from the border of high potential."""
    _ = view.gettext
    twelve = view.over("t12m")
    wallet, sales = twelve.reading("share_of_wallet"), twelve.reading("net_sales")
    room = headroom(sales.value or 0.0, wallet.denominator)
    if room is None:
        return view.phrase(_("no potential stated"))
    border = view.edition.tier.headroom_share * 100
    gap = view.printer.points(Decimal(repr(abs(room - border) / 100))).text
    text = (
        _("{room} of it still open, {gap} above the border of high potential ({border})")
        if room >= border
        else _("{room} of it still open, {gap} below the border of high potential ({border})")
    )
    shown = view.printer.printed(room / 100, "share").text
    return view.phrase(
        text.format(room=shown, gap=gap, border=view.printer.printed(border / 100, "share", decimals=0).text)
    )


def _stage(view: View) -> Phrase | None:
    stage = view.over("month").reading("lifecycle_stage").text
    return view.title(standing_name(view.gettext, stage)) if stage else None


def _contract(view: View) -> Phrase:
    """What contracts run, how long still, and how much of them is used."""
    _ = view.gettext
    month, twelve = view.over("month"), view.over("t12m")
    left, used = month.reading("contract_days_left"), twelve.reading("contract_fulfilment")
    if left.value is None:
        return view.phrase(_("no contract in force"))
    said = view.say(_("runs for {days} more"), days=view.quote(left))
    if used.value is None:
        return said
    text = _("{said}; {share} of a year's amount was bought")
    return view.say(text, said=said, share=view.quote(used))


def _receivables(view: View) -> Phrase | None:
    """What the customer owes, and how much of it is overdue."""
    _ = view.gettext
    month = view.over("month")
    owed, late = month.reading("receivables"), month.reading("overdue_amount")
    if owed.value is None:
        return None
    if not late.value:
        return view.say(_("{amount} open, nothing overdue"), amount=view.quote(owed))
    text = _("{amount} open, {overdue} of it overdue")
    return view.say(text, amount=view.quote(owed), overdue=view.quote(late))


def _accounts(view: View) -> Phrase | None:
    """The customer's accounts, where there are several."""
    names = members.full_names(view, view.members("account"))
    if len(names) < 2:
        return None
    return members.some(view, list(names.values()), 4)


# Health


def health(view: View) -> Content | None:
    """What the health is made of, the weakest first; None where there is no score."""
    _ = view.gettext
    month = view.over("month")
    whole = month.reading("health")
    parts = [month.reading("health", name) for name in month.breakdowns("health")]
    parts = sorted(
        (each for each in parts if each.is_known), key=lambda each: (each.value or 0.0, each.breakdown)
    )
    if whole.value is None or not parts:
        return None
    vetoes = int(month.reading("health_vetoes").value or 0)
    return {
        "title": _health_title(month, whole, vetoes),
        "measure": view.phrase(
            _("Each measure from 0 (bad) to 100 (as it should be), weighed by policy; the weakest first")
        ),
        "rows": [_part(month, each) for each in parts],
    }


def _health_title(month: View, whole: Reading, vetoes: int) -> Phrase:
    _ = month.gettext
    score = f"{(whole.value or 0.0) * 100:.0f}"
    if vetoes:
        text = month.ngettext(
            "Health {score} of 100: {n} veto holds", "Health {score} of 100: {n} vetoes hold", vetoes
        )
        return month.phrase(text.format(score=score, n=month.printer.few(vetoes)))
    if whole.before is None:
        return month.phrase(_("Health {score} of 100").format(score=score))
    text = _("Health {score} of 100, a month ago {before}")
    return month.phrase(text.format(score=score, before=f"{whole.before * 100:.0f}"))


def _part(month: View, reading: Reading) -> Content:
    metric = reading.breakdown.partition("=")[2]
    name = month.title(_metric(month, metric))
    points = (reading.value or 0.0) * 100
    shown = month.printer.printed(points, "count")
    return {
        "name": name,
        "points": members.made_figure(
            month, reading, "points", points, shown, f"{month.name('health')} {metric}"
        ),
        "bar": cells.bar(
            points, 100, month.ink, f"{name.plain}: {shown.text}", width=_CELL, is_named=points < _WEAK * 100
        ),
        "value": month.printer.printed(
            reading.numerator, month.catalogue[metric].unit, month.slice.currency
        ).text
        if metric in month.catalogue
        else "–",
    }


def _metric(month: View, metric: str) -> str:
    if metric not in month.catalogue:
        return metric
    return month.name(metric)
