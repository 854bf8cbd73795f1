"""What became of warnings: raised and ended in the month, hand-overs against their clock, rescues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.periods import Window
from pipeline.press import members
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.press.warning_words import dated, day, evidence, rule_name
from pipeline.schema import SCALE
from pipeline.sections import Content

_NAME, _OFFERED = 42 * MM, 62 * MM
_HOURS_A_DAY = 24


def within(rows: pd.DataFrame, column: str, window: Window) -> pd.DataFrame:
    """The rows whose day falls into a window."""
    first, last = np.datetime64(window.from_on), np.datetime64(window.until_on)
    return rows[(rows[column] >= first) & (rows[column] < last)]


def moved(view: View) -> Content | None:
    """The warnings that were raised or ended in the window, with how the ended ones turned out; None where none was."""
    _ = view.gettext
    rows = view.rows("warnings")
    raised, ended = (within(rows, name, view.window) for name in ("raised_on", "until_on"))
    if raised.empty and ended.empty:
        return None
    outcomes = _outcomes(view)
    names = members.full_names(view, view.members("account"))
    made = [_raised(view, row, names) for row in _ordered(raised)]
    made += [_ended(view, row, names, outcomes) for row in _ordered(ended)]
    few = view.printer.few
    return {
        "title": view.title(
            _("This month {raised} new, {ended} ended").format(raised=few(len(raised)), ended=few(len(ended)))
        ),
        "measure": view.phrase(
            _(
                "Came true: a loss showed within the days that policy gives; a warning ends when what it saw is over"
            )
        ),
        "rows": made,
    }


def _ordered(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    return rows.sort_values(
        ["at_stake_amount", "account_id", "rule"], ascending=[False, True, True], kind="stable"
    ).to_dict("records")


def _raised(view: View, row: Mapping[Any, Any], names: Mapping[str, str]) -> Content:
    return {
        **_about(view, row, names),
        "state": view.gettext("New"),
        "is_new": True,
        "end": view.phrase(evidence(view, row)),
    }


def _ended(
    view: View, row: Mapping[Any, Any], names: Mapping[str, str], outcomes: Mapping[tuple[Any, ...], bool]
) -> Content:
    _ = view.gettext
    came_true = outcomes.get((row["account_id"], row["rule"], row["raised_on"]))
    said = {True: _("came true"), False: _("did not come true"), None: _("not decided yet")}[came_true]
    held = view.printer.duration(float((row["until_on"] - row["raised_on"]).days), "days").text
    text = _("Ended {day} after {held}; {said}").format(
        day=view.day(day(row["until_on"])), held=held, said=said
    )
    return {**_about(view, row, names), "state": _("Lifted"), "is_new": False, "end": view.phrase(text)}


def _about(view: View, row: Mapping[Any, Any], names: Mapping[str, str]) -> Content:
    account = str(row["account_id"])
    return {
        "name": view.fitted(names.get(account, account), _NAME),
        "rule": view.phrase(rule_name(view.gettext, str(row["rule"]))),
        "raised": dated(view, row["raised_on"]),
    }


def _outcomes(view: View) -> dict[tuple[Any, ...], bool]:
    rows = view.rows("warning_outcomes")
    keys = zip(rows["account_id"], rows["rule"], rows["raised_on"], strict=True)
    return dict(zip(keys, rows["is_true"].astype(bool), strict=True))


# Hand-overs


def clock(view: View) -> Content | None:
    """Hand-overs that are still owed, and those of the last twelve months that came late; None where there was none."""
    _ = view.gettext
    twelve = view.over("t12m").window
    rows = view.rows("handovers")
    running = rows[rows["is_due"].astype(bool) & rows["handed_over_at"].isna()]
    late = rows[rows["handed_over_at"].notna() & ~rows["is_met"].astype(bool)]
    late = within(late, "left_on", twelve)
    if not len(within(rows, "left_on", twelve)) and running.empty:
        return None
    names = members.full_names(view, view.members("account"))
    people = members.full_names(view, view.members("manager"))
    listed = [*_ordered_by_day(running), *_ordered_by_day(late)]
    year = view.over("t12m")
    rate = year.reading("handover_in_time")
    return {
        "title": _clock_title(view, len(running)),
        "measure": _clock_measure(year, rate),
        "rows": [_handover(view, row, names, people) for row in listed],
    }


def _ordered_by_day(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    return rows.sort_values(["left_on", "account_id"], kind="stable").to_dict("records")


def _clock_title(view: View, running: int) -> Phrase:
    if not running:
        return view.phrase(view.gettext("No hand-over is owed"))
    text = view.ngettext(
        "{n} hand-over is owed and past its 24 hours",
        "{n} hand-overs are owed and past their 24 hours",
        running,
    )
    return view.title(text.format(n=view.printer.few(running)))


def _clock_measure(year: View, rate: Any) -> Phrase:
    _ = year.gettext
    if not rate.denominator:
        return year.phrase(_("People who left an account, on our side and on the customer's"))
    return year.say(
        _("In twelve months {met} of {due} were handed over in time, on both sides"),
        met=year.figure(rate, "numerator"),
        due=year.figure(rate, "denominator"),
    )


def _handover(
    view: View, row: Mapping[Any, Any], names: Mapping[str, str], people: Mapping[str, str]
) -> Content:
    _ = view.gettext
    account, person = str(row["account_id"]), str(row["person_id"])
    is_running = pd.isna(row["handed_over_at"])
    days = (view.window.last_on - day(row["left_on"])).days
    taken = days if is_running else float(row["hours"]) / SCALE / _HOURS_A_DAY
    return {
        "name": view.fitted(names.get(account, account), _NAME),
        "side": _("ours") if row["side"] == "ours" else _("the customer's"),
        "person": people.get(person, person),
        "left": dated(view, row["left_on"]),
        "is_running": is_running,
        "state": _("Owed") if is_running else _("Late"),
        "taken": view.printer.duration(taken, "days").text,
    }


# Rescues


def rescues(view: View) -> Content | None:
    """Rescues under way and those that ended in the last twelve months; None where there is none."""
    _ = view.gettext
    rows = view.rows("interventions")
    ended = within(rows, "closed_on", view.over("t12m").window)
    running = rows[rows["closed_on"].isna()]
    listed = pd.concat([running, ended]) if len(ended) else running
    if listed.empty:
        return None
    listed = listed.sort_values(["closed_on", "opened_on"], na_position="first", kind="stable")
    stakes = [_natural(each) for each in listed["revenue_at_stake_amount"]]
    amounts, unit = view.in_one_unit([*stakes, *(_natural(each) for each in listed["cost_amount"])])
    names = members.full_names(view, view.members("account"))
    made = [
        {**_rescue(view, row, names), "stake": amounts[at].number, "cost": amounts[len(stakes) + at].number}
        for at, row in enumerate(listed.to_dict("records"))
    ]
    return {
        "title": _rescues_title(view, len(running)),
        "measure": view.say(
            _("Offered to keep a customer; under way, and ended in twelve months; {unit}"), unit=unit
        ),
        "unit": unit,
        "rows": made,
    }


def _natural(amount: Any) -> float | None:
    return None if pd.isna(amount) else float(amount) / SCALE


def _rescues_title(view: View, running: int) -> Phrase:
    _ = view.gettext
    kept = view.over("t12m").reading("revenue_protected")
    under = view.ngettext("{n} rescue under way", "{n} rescues under way", running)
    under = under.format(n=view.printer.few(running))
    if not kept.value:
        return view.title(under)
    text = _("{under}; business of {amount} protected in twelve months")
    return view.title(text.format(under=under, amount=view.printed(kept).text))


def _rescue(view: View, row: Mapping[Any, Any], names: Mapping[str, str]) -> Content:
    _ = view.gettext
    account = str(row["account_id"])
    is_open = pd.isna(row["closed_on"])
    result = {"kept": _("kept"), "lost": _("lost")}.get(str(row["outcome"]).lower(), str(row["outcome"]))
    return {
        "name": view.fitted(names.get(account, account), _NAME),
        "risk": view.phrase(risk_name(_, str(row["risk"]))),
        "offered": view.fitted(str(row["offered"]), _OFFERED * 2),
        "opened": dated(view, row["opened_on"]),
        "result": _("under way")
        if is_open
        else _("{result}, {day}").format(result=result, day=view.day(day(row["closed_on"]))),
        "is_lost": not is_open and str(row["outcome"]).lower() == "lost",
    }


def risk_name(_: Any, risk: str) -> str:
    """What endangers a customer that is being rescued; what is not named stands for itself."""
    return str(
        {
            "competitor": _("competitor"),
            "usage": _("use of the product"),
            "late deliveries": _("late deliveries"),
            "price": _("price"),
            "service": _("service"),
            "payment": _("payment"),
        }.get(risk, risk)
    )
