"""People and needs of one customer: the decision chain with its blind spots, our own team, competitors, needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press import members
from pipeline.press.svg import MM
from pipeline.press.terms import Gettext
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.press.warning_words import dated, sighting_name
from pipeline.schema import SCALE
from pipeline.sections import Content

CHAIN = ("economic_buyer", "procurement", "business", "technical", "executive", "coach", "backup")
OURS = ("owner", "backup", "technical", "executive")
_PERSONAL = "personal"
_MOST_SEEN, _MOST_NEEDS = 6, 8
_SAID = 60 * MM


def role_name(_: Gettext, role: str) -> str:
    """A role in the customer's decision chain; what is not named stands for itself."""
    return {
        "economic_buyer": _("Economic buyer"),
        "procurement": _("Procurement"),
        "business": _("Business user"),
        "technical": _("Technical"),
        "executive": _("Executive"),
        "coach": _("Coach"),
        "backup": _("Backup contact"),
    }.get(role, role)


def our_role_name(_: Gettext, role: str) -> str:
    """A role of ours at a customer."""
    return {
        "owner": _("Manager"),
        "backup": _("Backup manager"),
        "technical": _("Technical support"),
        "executive": _("Executive sponsor"),
    }.get(role, role)


def holding(view: View, table: str) -> pd.DataFrame:
    """The rows of a table that hold on the window's last day."""
    rows, last = view.rows(table), np.datetime64(view.window.last_on)
    begun = rows["from_on"].isna() | (rows["from_on"] <= last)
    return rows[begun & (rows["until_on"].isna() | (rows["until_on"] > last))]


# The chain and our team


def chain(view: View) -> Content | None:
    """Which roles of the decision chain we know, which are blind spots, and who of ours is there."""
    _ = view.gettext
    known = _since(holding(view, "client_roles"))
    blind = _since(holding(view, "blind_spots"))
    ours = _since(holding(view, "our_roles"))
    if not known and not blind:
        return None
    roles = [*(each for each in CHAIN if each in known or each in blind), *sorted(set(known) - set(CHAIN))]
    return {
        "title": _chain_title(view, blind),
        "measure": view.phrase(_("Roles of the customer's decision chain, and posts of ours that are held")),
        "rows": [
            {
                "name": role_name(_, each),
                "is_blind": each in blind,
                "since": dated(view, known[each]) if each in known else "",
            }
            for each in roles
        ],
        "ours": [
            {
                "name": our_role_name(_, each),
                "is_blind": each not in ours,
                "since": dated(view, ours[each]) if each in ours else "",
            }
            for each in OURS
        ],
    }


def _since(rows: pd.DataFrame) -> dict[str, Any]:
    """By role since when it has held."""
    return {str(role): day for role, day in rows.groupby("role")["from_on"].min().items()}


def _chain_title(view: View, blind: Mapping[str, Any]) -> Phrase:
    _ = view.gettext
    if not blind:
        return view.phrase(_("Decision chain without blind spots"))
    names = view.listed(
        [role_name(_, each) if view.is_han else role_name(_, each).lower() for each in CHAIN if each in blind]
    )
    covered = view.over("month").reading("decision_chain_coverage")
    if not covered.denominator:
        return view.phrase(_("Blind spots in the decision chain: {names}").format(names=names))
    text = _("{met} of {all} roles of the decision chain known; blind: {names}")
    return view.say(
        text,
        met=view.over("month").figure(covered, "numerator"),
        all=view.over("month").figure(covered, "denominator"),
        names=names,
    )


# Competitors


def rivals(view: View) -> Content | None:
    """What competitors were seen to do, the newest first, with our answer."""
    _ = view.gettext
    rows = view.rows("competitor_events")
    rows = rows[rows["seen_on"] < np.datetime64(view.window.until_on)]
    if rows.empty:
        return None
    ordered = rows.sort_values(["seen_on", "competitor"], ascending=[False, True], kind="stable")
    names = sorted({str(each) for each in ordered["competitor"].dropna()})
    text = view.ngettext("{n} competitor seen: {names}", "{n} competitors seen: {names}", len(names))
    return {
        "title": view.title(text.format(n=view.printer.few(len(names)), names=view.listed(names))),
        "measure": view.phrase(_("The newest first; price gap: theirs against ours")),
        "rows": [_sighting(view, row) for row in ordered.head(_MOST_SEEN).to_dict("records")],
        "more": members.more(view, len(rows) - _MOST_SEEN),
    }


def _sighting(view: View, row: Mapping[Any, Any]) -> Content:
    gap = row["price_gap_pct"]
    return {
        "day": dated(view, row["seen_on"]),
        "name": view.phrase(_text(row["competitor"])),
        "kind": sighting_name(view.gettext, _text(row["kind"])),
        "gap": "–" if pd.isna(gap) else view.printer.change(float(gap) / SCALE).number,
        "said": view.fitted(_text(row["description"]) or "–", _SAID),
        "answer": view.fitted(_text(row["response"]), _SAID) if _text(row["response"]) else None,
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


# Needs


def needs(view: View) -> Content | None:
    """What the customer needs that is not met yet, with our owner and the day; personal interests are left out."""
    _ = view.gettext
    rows = view.rows("customer_needs")
    rows = rows[(rows["kind"] != _PERSONAL) & rows["state"].isin(["open", "overdue"])]
    if rows.empty:
        return None
    people = members.full_names(view, view.members("manager"))
    ordered = rows.sort_values(["due_on", "need_id"], na_position="last", kind="stable")
    late = int((rows["state"] == "overdue").sum())
    return {
        "title": _needs_title(view, len(rows), late),
        "measure": view.phrase(_("Each with its owner on our side and the day it is due")),
        "rows": [_need(view, row, people) for row in ordered.head(_MOST_NEEDS).to_dict("records")],
        "more": members.more(view, len(rows) - _MOST_NEEDS),
    }


def _needs_title(view: View, count: int, late: int) -> Phrase:
    few = view.printer.few
    text = view.ngettext("{n} need of the customer is open", "{n} needs of the customer are open", count)
    said = text.format(n=few(count))
    if late:
        more = view.ngettext("{said}, {late} of them overdue", "{said}, {late} of them overdue", late)
        said = more.format(said=said, late=few(late))
    return view.title(said)


def _need(view: View, row: Mapping[Any, Any], people: Mapping[str, str]) -> Content:
    _ = view.gettext
    owner = _text(row["owner_id"])
    return {
        "said": view.fitted(_text(row["description"]), _SAID * 1.6),
        "kind": {"business": _("business"), "organisation": _("organisation")}.get(
            str(row["kind"]), str(row["kind"])
        ),
        "owner": people.get(owner, owner) or "–",
        "due": "–" if pd.isna(row["due_on"]) else dated(view, row["due_on"]),
        "is_late": row["state"] == "overdue",
    }
