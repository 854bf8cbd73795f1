"""Usage and adoption: each module against the account's own usual, its seats, and the proposals that follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.press.excerpts import excerpt
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.usage import (
    FULL_FROM,
    HIGH_FROM,
    IDLE_BELOW,
    LOW_BELOW,
    MOST_MODULES,
    Module,
    modules,
    proposal,
    quantities,
)
from pipeline.press.usage_charts import MonthOfUse, use_by_month
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.printing import Printed
    from pipeline.press.slices import Reading
    from pipeline.press.view import View

_MOST_CHARTS = 2
_NAME_WIDTH, _TITLE_WIDTH = 44 * MM, 110 * MM
_NOTABLE = 0.05
"""Use within a twentieth of the usual is as usual."""


@section(
    title=N_("Usage and adoption"),
    audience="client",
    metrics=("usage_quantity", "seats_active_share", "usage_level"),
    tables=("usage_months",),
    evidence=("usage_level", "seats_active_share", "usage_quantity"),
)
def usage(view: View) -> Content | None:
    """Use by month of the largest modules, a table of all, and what we propose; None where no module is told of."""
    found = modules(view)
    if not found:
        return None
    table = listed(
        view, found
    )  # before the charts, whose months are numbered after the table that sums them up
    return {
        "headline": view.headline(*headlines(view, found)),
        "lead": view.lead(lead(view, found)),
        "table": table,
        "charts": [chart(view, each) for each in found[:_MOST_CHARTS]],
        "proposals": proposals(view, found),
    }


def headlines(view: View, found: Sequence[Module]) -> list[Phrase]:
    """How far use was from the account's own usual; else how many of the seats were in use."""
    _ = view.gettext
    level, seats = view.reading("usage_level"), view.reading("seats_active_share")
    said = level_words(view, level)
    if said is None and seats.is_known:
        text = _("{share} of the seats were in use {this}")
        return [view.say(text, share=view.quote(seats), this=view.this())]
    if said is None:
        return [view.phrase(_("Use {this} by module").format(this=view.this()))]
    off = [each for each in found if proposal(each) in ("low", "feed")]
    if off and len(found) > 1 and abs((level.value or 1.0) - 1) < _NOTABLE:
        name = excerpt(off[0].name, _TITLE_WIDTH, 1, view.ink)
        return [view.say(_("{said}, but {module} needs a look"), said=said, module=name), said]
    return [said]


def level_words(view: View, level: Reading) -> Phrase | None:
    """Use against the usual in words; None where that is not known."""
    _ = view.gettext
    if level.value is None:
        return None
    if abs(level.value - 1) < _NOTABLE:
        return view.phrase(_("Use {this} was as usual for you").format(this=view.this()))
    gap = view.phrase(view.printer.printed(abs(level.value - 1), "share", decimals=0).text)
    text = (
        _("Use {this} was {gap} above your usual")
        if level.value > 1
        else _("Use {this} was {gap} below your usual")
    )
    return view.say(text, this=view.this(), gap=gap)


def lead(view: View, found: Sequence[Module]) -> Phrase:
    """How many modules are told of, and how many of the seats were in use."""
    _ = view.gettext
    text = view.ngettext("{n} module reports its use.", "{n} modules report their use.", len(found))
    said: list[Phrase | None] = [view.title(text.format(n=view.printer.few(len(found))))]
    seats = view.reading("seats_active_share")
    if seats.is_known:
        said.append(view.say(_("Of the seats paid for {share} were in use."), share=view.figure(seats)))
    said.append(
        view.phrase(_("Usual is the median of your own earlier months, not a comparison with others."))
    )
    return view.joined(*said)


def listed(view: View, found: Sequence[Module]) -> Content:
    """The table of modules, those with most seats first."""
    _ = view.gettext
    shown = found[:MOST_MODULES]
    left = len(found) - len(shown)
    plain = _("Use in the window, its change on the one before, against your own usual, and seats in use")
    more = view.ngettext("{n} more module is not listed", "{n} more modules are not listed", left).format(
        n=left
    )
    return {
        "title": view.phrase(_("Modules")),
        "measure": view.phrase(f"{plain}{_('; ')}{more}" if left else plain),
        "rows": [_row(view, each) for each in shown],
    }


def _row(view: View, each: Module) -> Content:
    _ = view.gettext
    used = quantities(view, [each.used.value])[0][0]
    level = view.printer.printed(each.level.value, "share", decimals=0)
    chip, state = _state(view, each)
    return {
        "name": excerpt(each.name, _NAME_WIDTH, 1, view.ink),
        "measure": excerpt(each.measure, _NAME_WIDTH, 1, view.ink, 7.0) if each.measure else "",
        "used": _figure(view, each.used, used, _("Use of {name}"), each),
        "change": _change(view, each.used),
        "level": _figure(view, each.level, level, _("Use of {name} against your usual"), each),
        "seats": _figure(view, each.seats, view.printed(each.seats), _("Seats of {name} in use"), each),
        "chip": chip,
        "state": state,
    }


def _change(view: View, used: Reading) -> Phrase:
    """The change on the window before, as a reader works it out from both; unknown where one of them is."""
    if used.value is None or not used.before:
        return view.phrase("–")
    return view.phrase(view.printer.change(used.value / used.before - 1).text)


def _figure(view: View, reading: Reading, printed: Printed, text: str, each: Module) -> object:
    """A figure of a module by the name that its readers know."""
    if not reading.is_known:
        return view.phrase("–")
    return view.register.of_reading(reading, "value", reading.value, printed, text.format(name=each.name))


def _state(view: View, each: Module) -> tuple[str, str]:
    _ = view.gettext
    return {
        "feed": ("unknown", _("Feed with gaps")),
        "low": ("missed", _("Below usual")),
        "idle": ("near", _("Seats idle")),
        "full": ("near", _("Seats nearly full")),
        "high": ("", _("Above usual")),
        "none": ("", _("As usual") if each.level.is_known else _("Short history")),
    }[proposal(each)]


def chart(view: View, each: Module) -> Content:
    """Twelve months of a module, the usual of each as a rule."""
    _ = view.gettext
    printed, unit = quantities(view, [month.value for month in each.months])
    name = f"{each.name}{_(', ')}{each.measure}" if each.measure else each.name
    anchor, _figures = view.series(each.months, view.say(_("Use by month: {name}"), name=name).plain, printed)
    recent = [month.from_on >= view.window.from_on for month in each.months]
    months = [
        MonthOfUse(
            view.printer.month_name(month.from_on),
            month.value,
            shown.number,
            usual,
            is_recent,
            view.printer.year(month.from_on) if at == 0 or month.from_on.month == 1 else "",
        )
        for at, (month, shown, usual, is_recent) in enumerate(
            zip(each.months, printed, each.usual, recent, strict=True)
        )
    ]
    said = ", ".join(
        f"{view.printer.month(month.from_on)} {shown.text}"
        for month, shown in zip(each.months, printed, strict=True)
    )
    title = excerpt(each.name, _TITLE_WIDTH, 1, view.ink, 10.5)
    measure = excerpt(each.measure, _TITLE_WIDTH, 1, view.ink) if each.measure else _("Use")
    text = _("{measure} by month, {unit}; the rule across each column is your usual")
    plain = _("{measure} by month; the rule across each column is your usual")
    return {
        "title": view.phrase(title),
        "measure": view.phrase((text if unit else plain).format(measure=measure, unit=unit)),
        "chart": view.chart(anchor, use_by_month(months, view.ink, f"{name}: {said}")),
    }


def proposals(view: View, found: Sequence[Module]) -> Content:
    """What we propose for each module that its figures give reason for, and the rule that it follows from."""
    _ = view.gettext
    made = [(each, proposal(each)) for each in found]
    rows = [_proposed(view, each, kind) for each, kind in made if kind != "none"][:MOST_MODULES]
    share = view.printer.printed
    return {
        "title": view.phrase(_("What we propose") if rows else _("Nothing to change")),
        "measure": view.phrase(_("Each follows from the figures above by a fixed rule")),
        "rows": rows,
        "nothing": view.phrase(_("Use and seats give no reason for a change.")),
        "note": view.phrase(
            _(
                "Rules: use below {low} or from {high} of the usual; seats in use below {idle} or from {full}; months"
                " without a feed."
            ).format(
                low=share(LOW_BELOW, "share", decimals=0).text,
                high=share(HIGH_FROM, "share", decimals=0).text,
                idle=share(IDLE_BELOW, "share", decimals=0).text,
                full=share(FULL_FROM, "share", decimals=0).text,
            )
        ),
    }


def _proposed(view: View, each: Module, kind: str) -> Content:
    _ = view.gettext
    ours, yours = _("Us"), _("You")
    texts = {
        "feed": (_("Restore the feed of use; until then the figures of these months are open"), yours),
        "low": (_("Go through the use together: who stopped, and what is in the way"), ours),
        "idle": (_("A training for those who do not use it yet, or fewer seats from the renewal on"), ours),
        "full": (_("Agree on further seats before the next peak"), ours),
        "high": (_("Check capacity and licence together, as use keeps growing"), ours),
    }
    text, owner = texts[kind]
    idle = None
    if kind == "idle" and each.idle:
        idle = view.say(
            view.ngettext("{n} seat is idle", "{n} seats are idle", each.idle),
            n=view.counted(
                "usage_months", 1, float(each.idle), _("Idle seats: {name}").format(name=each.name)
            ),
        )
    return {
        "name": excerpt(each.name, _NAME_WIDTH, 1, view.ink),
        "text": view.phrase(text),
        "idle": idle,
        "owner": owner,
    }
