"""Early warnings in words: what each rule is called, what a warning rests on, how sure it is, who has to act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from pipeline.press.terms import Gettext
from pipeline.press.view import View

Row = Mapping[Any, Any]
_ORDERS, _AMOUNT = "orders", "net_amount"


def rule_name(_: Gettext, rule: str) -> str:
    """What a rule of early warning is called."""
    return {
        "sales_drop": _("Sales falling"),
        "usage_drop": _("Use falling"),
        "payment_delay": _("Paying later"),
        "order_gap": _("Orders missing"),
        "change_rate": _("More changes than usual"),
        "change_unconfirmed": _("Change not confirmed"),
        "handover_late": _("Hand-over overdue"),
        "contact_unvisited": _("New contact not visited"),
        "single_threaded": _("Only one contact"),
        "no_backup": _("No backup manager of ours"),
        "no_technical": _("No technical support of ours"),
        "competitor": _("Competitor at work"),
    }[rule]


def confidence_name(_: Gettext, confidence: str) -> str:
    """How sure a warning is: on record, or concluded from figures."""
    return {
        "recorded": _("on record"),
        "high": _("sure"),
        "medium": _("likely"),
        "low": _("possible"),
    }[confidence]


def sighting_name(_: Gettext, kind: str) -> str:
    """What a competitor was seen to do; what is not named stands for itself."""
    return {
        "quote": _("quote"),
        "offer": _("offer"),
        "visit": _("visit"),
        "win": _("win"),
        "trial": _("trial"),
    }.get(kind, kind)


def loss_name(_: Gettext, kind: str) -> str:
    """A kind of loss that past warnings are held to."""
    return {
        "sales_lost": _("Half a year's sales fell"),
        "long_overdue": _("Money long overdue"),
        "competitor_won": _("Competitor won business"),
    }[kind]


def evidence(view: View, row: Row) -> str:
    """What a warning rests on, in a line."""
    return _TOLD[str(row["rule"])](view, row)


def play(view: View, row: Row) -> str:
    """What policy suggests to do."""
    return str(row["play"] if view.is_han else row["play_en"] or row["play"])


def day(moment: Any) -> date:
    """The day of a moment of a table."""
    return pd.Timestamp(moment).date()


def dated(view: View, moment: Any) -> str:
    """A day in a narrow column: without its year, unless it is another than the window's."""
    found = day(moment)
    if view.is_han or found.year == view.window.last_on.year:
        return view.day(found)
    return f"{view.printer.short_day(found)} {found.year}"


def _sales(view: View, row: Row) -> str:
    _ = view.gettext
    if row["about"] == _AMOUNT:
        text = _("Three months' sales {now}, usually {usual}")
        now, usual = (view.printer.money(float(row[name]), view.slice.currency).text for name in _PAIR)
    else:
        text = _("{now} orders in three months, usually {usual}")
        now, usual = _whole(view, row)
    return text.format(now=now, usual=usual)


_PAIR = ("observed", "expected")


def _whole(view: View, row: Row) -> tuple[str, str]:
    now, usual = (view.printer.count(float(row[name])).text for name in _PAIR)
    return now, usual


def _usage(view: View, row: Row) -> str:
    now, usual = _whole(view, row)
    text = view.gettext("{what}: {now} in a month, usually {usual}")
    return text.format(
        what=str(row["about"]).replace("/", "　" if view.is_han else ", "), now=now, usual=usual
    )


def _paid(view: View, row: Row) -> str:
    now, usual = (view.printer.duration(float(row[name]), "days").text for name in _PAIR)
    return view.gettext("Paid {now} late, usually {usual}").format(now=now, usual=usual)


def _gap(view: View, row: Row) -> str:
    now, usual = (view.printer.duration(float(row[name]), "days").text for name in _PAIR)
    text = view.gettext("No order for {now}; that is longer than {usual}, the longest to be expected")
    return text.format(now=now, usual=usual)


def _changes(view: View, row: Row) -> str:
    _ = view.gettext
    now, expected = view.printer.count(float(row["observed"])).text, float(row["expected"])
    if not expected:
        return _("{now} changes asked for in the span that policy looks at; none before").format(now=now)
    usual = view.printer.printed(expected, "score").text
    return _("{now} changes asked for in the span that policy looks at, usually {usual}").format(
        now=now, usual=usual
    )


def _unconfirmed(view: View, row: Row) -> str:
    return view.gettext("{ids} not confirmed by both sides in time").format(ids=row["about"])


def _handover(view: View, row: Row) -> str:
    _ = view.gettext
    side, _slash, person = str(row["about"]).partition("/")
    if side == "ours":
        people = {each.slice.subject.subject_id: each.slice.subject.name for each in view.members("manager")}
        text = _("Our {person} left the account and nobody took over in time")
        return text.format(person=people.get(person, person))
    return _("The customer's {person} left and nothing was handed over in time").format(person=person)


def _unvisited(view: View, row: Row) -> str:
    return view.gettext("{person} is new and was not visited in time").format(person=row["about"])


def _rival(view: View, row: Row) -> str:
    kind, _slash, name = str(row["about"]).partition("/")
    text = view.gettext("{competitor}: {kind}")
    return text.format(competitor=name, kind=sighting_name(view.gettext, kind))


def _single(view: View, row: Row) -> str:
    del row
    return view.gettext("We know one person there")


def _backup(view: View, row: Row) -> str:
    del row
    return view.gettext("Nobody stands in for the manager")


def _technical(view: View, row: Row) -> str:
    del row
    return view.gettext("Nobody of ours supports it technically")


_TOLD: dict[str, Callable[[View, Row], str]] = {
    "sales_drop": _sales,
    "usage_drop": _usage,
    "payment_delay": _paid,
    "order_gap": _gap,
    "change_rate": _changes,
    "change_unconfirmed": _unconfirmed,
    "handover_late": _handover,
    "contact_unvisited": _unvisited,
    "single_threaded": _single,
    "no_backup": _backup,
    "no_technical": _technical,
    "competitor": _rival,
}
