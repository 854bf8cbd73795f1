"""Warnings as tables: those that put business at risk by customer, and the gaps in our own cover by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press import members
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.press.warning_words import confidence_name, dated, day, evidence, play, rule_name
from pipeline.sections import Content

_NAME = 30 * MM
_MOST_GAP_NAMES = 40


def open_rows(view: View) -> pd.DataFrame:
    """The warnings that hold on the window's last day."""
    rows, last = view.rows("warnings"), np.datetime64(view.window.last_on)
    raised = rows["raised_on"] <= last
    return rows[raised & (rows["until_on"].isna() | (rows["until_on"] > last))]


def is_new(view: View, row: Mapping[Any, Any]) -> bool:
    """Whether a warning was raised in the window."""
    return view.window.from_on <= day(row["raised_on"]) <= view.window.last_on


def merged(view: View, rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Warnings in the order in which they began; those of one account and rule that name several things as one."""
    found: dict[tuple[str, str, str], dict[Any, Any]] = {}
    for row in rows.sort_values(["since_on", "rule", "about"], kind="stable").to_dict("records"):
        key = (row["account_id"], row["rule"], "" if row["rule"] in _LISTED else row["about"])
        found[key] = _together(view, found[key], row) if key in found else row
    return list(found.values())


def _together(view: View, first: dict[Any, Any], other: Mapping[Any, Any]) -> dict[Any, Any]:
    about = members.enumerated(view, [first["about"], other["about"]])
    return {**first, "about": about, "raised_on": other["raised_on"]}


_LISTED = ("change_unconfirmed", "contact_unvisited")


# Business at risk


def at_risk(view: View, rows: pd.DataFrame) -> Content | None:
    """Customers whose business is at risk, the one with most at stake first, each with its warnings."""
    _ = view.gettext
    rows = rows[rows["is_at_stake"].astype(bool)]
    if rows.empty:
        return None
    stakes = _stakes(view, rows)
    order = sorted(stakes, key=lambda name: (-(stakes[name] or 0.0), name))
    amounts, unit = view.in_one_unit([stakes[name] for name in order])
    names = members.full_names(view, view.members("customer")) or {}
    people = members.full_names(view, view.members("manager"))
    groups = []
    for name, printed in zip(order, amounts, strict=True):
        own = merged(view, rows[rows["customer_id"] == name])
        stake = None
        if stakes[name] is not None:
            stake = view.register.of_rows(
                "at_risk", len(own), stakes[name], printed, f"{_('Business at risk')} {name}"
            )
        groups.append(
            {
                "name": view.fitted(names.get(name, name), _NAME * 2),
                "id": name,
                "stake": stake,
                "rows": [line(view, each, people, name) for each in own],
            }
        )
    return {
        "title": view.phrase(_at_risk_title(view, groups)),
        "measure": view.say(
            _("A year's sales before it began, {unit}, each customer once; the largest first"), unit=unit
        ),
        "unit": unit,
        "groups": groups,
    }


def _at_risk_title(view: View, groups: Sequence[Content]) -> str:
    several = sum(len(each["rows"]) > 1 for each in groups)
    text = view.ngettext(
        "Of {all} customers at risk {several} has more than one warning",
        "Of {all} customers at risk {several} have more than one warning",
        several,
    )
    few = view.printer.few
    return text.format(all=few(len(groups)), several=few(several))


def _stakes(view: View, rows: pd.DataFrame) -> dict[str, float | None]:
    """What is at stake of each customer with a warning, in natural units; None where it is not known."""
    known, last = view.rows("at_risk"), np.datetime64(view.window.last_on)
    holding = known[(known["from_on"] <= last) & (known["until_on"].isna() | (known["until_on"] > last))]
    found = {
        str(name): None if pd.isna(amount) else float(amount) / 10_000
        for name, amount in zip(holding["customer_id"], holding["at_stake_amount"], strict=True)
    }
    return {name: found.get(name) for name in sorted(set(rows["customer_id"]))}


def line(view: View, row: Mapping[Any, Any], people: Mapping[str, str], customer: str) -> Content:
    """One warning: what, on what it rests, since when, how sure, what to do, who."""
    _ = view.gettext
    told = evidence(view, row)
    account = str(row["account_id"])
    return {
        "rule": view.phrase(rule_name(_, str(row["rule"]))),
        "chip": _("New") if is_new(view, row) else "",
        "account": account if account != customer else "",
        "evidence": view.phrase(told),
        "since": dated(view, row["since_on"]),
        "confidence": confidence_name(_, str(row["confidence"])),
        "play": view.phrase(play(view, row)),
        "actor": people.get(str(row["actor_id"]), "") if isinstance(row["actor_id"], str) else "",
    }


# Gaps in our own cover


def gaps(view: View, rows: pd.DataFrame) -> Content | None:
    """What we lack at customers without business being at risk by itself, by rule, with whom it concerns."""
    _ = view.gettext
    rows = rows[~rows["is_at_stake"].astype(bool)]
    if rows.empty:
        return None
    names = members.brief_names(view, view.members("customer"))
    made = []
    for rule, own in sorted(rows.groupby("rule"), key=lambda each: (-len(each[1]), str(each[0]))):
        first = own.to_dict("records")[0]
        listed = [names.get(str(each), str(each)) for each in sorted(set(own["customer_id"]))]
        label = f"{_('Open warnings')} {rule_name(_, str(rule))}"
        made.append(
            {
                "rule": view.phrase(rule_name(_, str(rule))),
                "count": view.counted("warnings", len(own), len(own), label),
                "names": members.some(view, listed, _MOST_GAP_NAMES),
                "play": view.phrase(play(view, first)),
            }
        )
    return {
        "title": view.phrase(_("Gaps in our own cover, which make every other trouble worse")),
        "measure": view.phrase(
            _("Posts that nobody of ours holds and contacts not visited; no business at risk by themselves")
        ),
        "rows": made,
    }


def gap_count(rows: pd.DataFrame) -> int:
    """How many of these warnings are gaps alone."""
    return int((~rows["is_at_stake"].astype(bool)).sum())


def sentence(view: View, rows: pd.DataFrame) -> Phrase:
    """How many warnings hold, and how many of them are gaps alone."""
    _ = view.gettext
    text = view.ngettext(
        "{n} warning holds on the last day; {gaps} of these are gaps in our own cover, listed apart.",
        "{n} warnings hold on the last day; {gaps} of these are gaps in our own cover, listed apart.",
        len(rows),
    )
    return view.phrase(text.format(n=len(rows), gaps=gap_count(rows)))
