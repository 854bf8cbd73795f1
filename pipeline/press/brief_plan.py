"""What was promised to one customer and what comes next: touchpoints, plan objectives, products to offer, activities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press import members
from pipeline.press.svg import MM
from pipeline.press.touchpoint_lists import LINE_ROOM, line_name
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.press.warning_words import dated
from pipeline.schema import SCALE
from pipeline.sections import Content

_MOST_PRODUCTS, _MOST_DONE, _MOST_AHEAD = 4, 6, 2
_NAME, _SAID = 48 * MM, 78 * MM
_STATES = ("kept", "late", "missed", "cancelled")


# Touchpoints


def cadence(view: View) -> Content | None:
    """This year's touchpoints by line of the service plan: kept, late, missed, and the next one due."""
    _ = view.gettext
    rows, year = view.rows("touchpoints"), view.over("ytd").window
    due = rows[
        (rows["due_on"] >= np.datetime64(year.from_on)) & (rows["due_on"] < np.datetime64(year.until_on))
    ]
    due = due[due["state"].isin(_STATES)]
    coming = rows[rows["state"] == "open"]
    lines = sorted({*due["line"], *coming["line"]})
    if not lines:
        return None
    return {
        "title": _cadence_title(view),
        "measure": view.phrase(
            _("Touchpoints of the service plan whose window ended this year; called off counts as missed")
        ),
        "rows": [
            _line(view, str(each), due[due["line"] == each], coming[coming["line"] == each]) for each in lines
        ],
    }


def _cadence_title(view: View) -> Phrase:
    _ = view.gettext
    year = view.over("ytd")
    kept = year.reading("cadence_compliance")
    if not kept.denominator:
        return view.phrase(_("No touchpoint was due this year so far"))
    return year.say(
        _("{kept} of {due} touchpoints due this year were kept"),
        kept=year.figure(kept, "numerator"),
        due=year.figure(kept, "denominator"),
    )


def _line(view: View, line: str, due: pd.DataFrame, coming: pd.DataFrame) -> Content:
    counts = {state: int((due["state"] == state).sum()) for state in _STATES}
    following = coming["due_on"].min()
    return {
        "name": view.fitted(line_name(view, line), LINE_ROOM * 1.2),
        "kept": counts["kept"],
        "late": counts["late"],
        "missed": counts["missed"] + counts["cancelled"],
        "next": "–" if pd.isna(following) else dated(view, following),
    }


# Plan


def objectives(view: View) -> Content | None:
    """The objectives of the account plan: from where, to where, by when, and where they stand."""
    _ = view.gettext
    rows = view.rows("objectives")
    if rows.empty:
        return None
    ordered = rows.sort_values(["due_on", "plan_id"], kind="stable").to_dict("records")
    behind = int(rows["state"].isin(["behind", "missed"]).sum())
    text = view.ngettext("{n} objective of the account plan", "{n} objectives of the account plan", len(rows))
    said = text.format(n=view.printer.few(len(rows)))
    if behind:
        said = _("{said}, {behind} behind or missed").format(said=said, behind=view.printer.few(behind))
    return {
        "title": view.title(said),
        "measure": view.phrase(
            _("Measured where the plan names one of our figures, else as the plan says itself")
        ),
        "rows": [_objective(view, each) for each in ordered],
    }


def _objective(view: View, row: Mapping[Any, Any]) -> Content:
    _ = view.gettext
    words = {
        "met": _("met"),
        "on_the_way": _("on the way"),
        "behind": _("behind"),
        "missed": _("missed"),
        "dropped": _("dropped"),
        "unknown": _("cannot be told"),
    }
    state = str(row["state"])
    return {
        "name": view.fitted(str(row["objective"]), _NAME),
        "baseline": _amount(view, row, "baseline"),
        "actual": _amount(view, row, "actual"),
        "target": _amount(view, row, "target"),
        "due": dated(view, row["due_on"]),
        "state": words.get(state, state),
        "chip": "missed" if state in ("behind", "missed") else "",
    }


def _amount(view: View, row: Mapping[Any, Any], name: str) -> str:
    """A number of an objective in its metric's unit; a plain number where the metric is none of ours."""
    if pd.isna(row[name]):
        return "–"
    value, metric = float(row[name]) / SCALE, str(row["metric"])
    if metric in view.catalogue:
        return view.printer.printed(value, view.catalogue[metric].unit, view.slice.currency).text
    return view.printer.printed(value, "count" if value == round(value) else "score").text


# What to offer


def offers(view: View) -> Content | None:
    """The products to offer next, and where most is still to be sold."""
    _ = view.gettext
    rows = view.rows("whitespace")
    rows = rows[rows["product_id"].notna()]
    ranked = rows[rows["place"].notna() | rows["whitespace_amount"].notna()]
    ranked = ranked.sort_values(
        ["place", "whitespace_amount"], ascending=[True, False], na_position="last", kind="stable"
    )
    if ranked.empty:
        return None
    names = members.full_names(view, view.members("product"))
    shown = ranked.head(_MOST_PRODUCTS)
    money = [*shown["current_amount"], *shown["whitespace_amount"]]
    printed, unit = view.in_one_unit([None if pd.isna(each) else float(each) / SCALE for each in money])
    found = [
        {**_product(view, row, names), "now": printed[at].number, "open": printed[len(shown) + at].number}
        for at, row in enumerate(shown.to_dict("records"))
    ]
    return {
        "title": _offer_title(view, found),
        "measure": view.say(
            _("Bought in twelve months, and what peers of its size would buy more; {unit}"), unit=unit
        ),
        "rows": found,
    }


def _offer_title(view: View, found: list[Content]) -> Phrase:
    _ = view.gettext
    text = _("To offer next: {name}") if found[0]["is_next"] else _("Most still to be sold: {name}")
    return view.phrase(text.format(name=found[0]["plain"]))


def _product(view: View, row: Mapping[Any, Any], names: Mapping[str, str]) -> Content:
    _ = view.gettext
    product = str(row["product_id"])
    because = row["because_product_id"]
    why = ""
    if isinstance(because, str) and not pd.isna(row["confidence_pct"]):
        share = view.printer.printed(float(row["confidence_pct"]), "share", decimals=0).text
        why = _("{share} of those who buy {product} buy it too").format(
            share=share, product=names.get(because, because)
        )
    name = names.get(product, product)
    return {
        "name": view.fitted(name, _NAME),
        "plain": name,
        "is_next": not pd.isna(row["place"]),
        "why": view.fitted(why or _("bought less than by peers of its size"), _SAID),
    }


# What was done last


def activities(view: View) -> Content | None:
    """The last contacts and the next that are planned."""
    _ = view.gettext
    rows = view.rows("activities")
    rows = rows[rows["held_on"].notna()]
    last = np.datetime64(view.window.last_on)
    done = rows[(rows["status"] == "held") & (rows["held_on"] <= last)]
    ahead = rows[(rows["status"] == "planned") & (rows["held_on"] > last)]
    if done.empty and ahead.empty:
        return None
    people = members.full_names(view, view.members("manager"))
    recent = done.sort_values(["held_on", "kind"], ascending=[False, True], kind="stable").head(_MOST_DONE)
    coming = ahead.sort_values(["held_on", "kind"], kind="stable").head(_MOST_AHEAD)
    made = [_activity(view, row, people, is_planned=True) for row in coming.to_dict("records")]
    made += [_activity(view, row, people, is_planned=False) for row in recent.to_dict("records")]
    return {
        "title": _activities_title(view, done),
        "measure": view.phrase(_("What is planned, then what was held, the newest first")),
        "rows": made,
    }


def _activities_title(view: View, done: pd.DataFrame) -> Phrase:
    _ = view.gettext
    met = done[done["is_face_to_face"].fillna(False).astype(bool)]
    if met.empty:
        return view.phrase(_("Nobody of ours has met the customer face to face yet"))
    return view.phrase(_("Last met face to face on {day}").format(day=dated(view, met["held_on"].max())))


def _activity(view: View, row: Mapping[Any, Any], people: Mapping[str, str], *, is_planned: bool) -> Content:
    _ = view.gettext
    who = row["manager_id"] if isinstance(row["manager_id"], str) else ""
    outcome = row["outcome"] if isinstance(row["outcome"], str) else ""
    return {
        "day": dated(view, row["held_on"]),
        "is_planned": is_planned,
        "kind": activity_name(_, str(row["kind"])),
        "who": people.get(who, who) or "–",
        "said": view.fitted(outcome, _SAID) if outcome else "–",
    }


def activity_name(_: Any, kind: str) -> str:
    """What kind of contact an activity was; what is not named stands for itself."""
    return str(
        {
            "visit": _("visit"),
            "call": _("call"),
            "sync": _("progress sync"),
            "review": _("review"),
            "demo": _("demonstration"),
            "training": _("training"),
            "executive_meeting": _("meeting of executives"),
            "case_study": _("case from the industry"),
            "introduction": _("introduction"),
            "kickoff": _("kick-off"),
        }.get(kind, kind)
    )
