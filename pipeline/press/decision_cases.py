"""Cases that ask for a decision: found in the figures by the rules of policy, each with the person who has to decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press.view import View
from pipeline.rules.decisions import DecisionRule


@dataclass(frozen=True)
class Case:
    """One case: which rule asks, about which customer, who decides, how large and since when it is.

    `what` names more closely what is missing (a role); `amount` and `since_on` are empty where the rule has none.
    """

    rule: str
    customer_id: str
    owner: str
    what: str = ""
    amount: float | None = None
    since_on: date | None = None


Find = Callable[[View, DecisionRule], Iterator[Case]]
"""The portfolio's or team's view, the rule → the cases."""


def cases_of(view: View) -> list[Case]:
    """Every case that the rules in force put forward, in the order of the rules."""
    return [
        case for rule in view.edition.decisions if rule.is_used for case in _FINDERS[rule.rule](view, rule)
    ]


def leads_of(view: View) -> dict[str, str]:
    """The lead of each manager by name; who leads himself stands for himself."""
    people = [each.slice.subject for each in view.members("manager")]
    return {each.name: each.lead_name or each.name for each in people}


def _is_old(day: Any, view: View, days: int) -> bool:
    """Whether a case that began on a day has lasted for so many days on the window's last day."""
    return bool(pd.notna(day)) and pd.Timestamp(day).date() <= view.window.last_on - timedelta(days=days)


def _held(rows: pd.DataFrame, view: View, begun: str) -> pd.DataFrame:
    """The rows in force on the last day."""
    last = np.datetime64(view.window.last_on)
    return rows[(rows[begun] <= last) & (rows["until_on"].isna() | (rows["until_on"] > last))]


def _risky(customer: View) -> pd.DataFrame:
    rows = _held(customer.rows("warnings"), customer, "raised_on")
    return rows[rows["is_at_stake"].astype("bool")]


def _day(value: Any) -> date:
    found: date = pd.Timestamp(value).date()
    return found


def _owner(customer: View) -> str:
    return customer.slice.subject.owner_name


def _unowned(view: View, rule: DecisionRule) -> Iterator[Case]:
    leads = leads_of(view)
    for customer in view.members("customer"):
        rows = _risky(customer)
        rows = rows[rows["actor_id"].isna()]
        if not rows.empty and _is_old(rows["raised_on"].min(), view, rule.after_days):
            at_risk = customer.reading("business_at_risk").value
            yield Case(
                rule.rule, _id(customer), _lead(leads, customer), "", at_risk, _day(rows["raised_on"].min())
            )


def _unrescued(view: View, rule: DecisionRule) -> Iterator[Case]:
    leads = leads_of(view)
    for customer in view.members("customer"):
        rows, rescues = _risky(customer), customer.rows("interventions")
        is_rescued = bool((rescues["opened_on"].notna() & rescues["closed_on"].isna()).any())
        if rows.empty or is_rescued or not _is_old(rows["raised_on"].min(), view, rule.after_days):
            continue
        at_risk = customer.reading("business_at_risk").value
        yield Case(
            rule.rule, _id(customer), _lead(leads, customer), "", at_risk, _day(rows["raised_on"].min())
        )


def _overdue(view: View, rule: DecisionRule) -> Iterator[Case]:
    for customer in view.members("customer"):
        rows = _held(customer.rows("late_positions"), customer, "from_on")
        rows = rows[rows["days_late"].astype("float64") > rule.after_days]
        if not rows.empty:
            late = int(rows["days_late"].max())
            since = view.window.last_on - timedelta(days=late)
            amount = customer.reading("overdue_amount").value
            yield Case(rule.rule, _id(customer), _owner(customer), "", amount, since)


def _unplanned(customer: View) -> bool:
    """Whether a plan is promised to the customer and it has none."""
    duties = customer.rows("plan_duties")
    return not duties.empty and not duties["has_plan"].astype("bool").any()


def _has_moved(customer: View) -> bool:
    return customer.reading("class_move").text in ("up", "down", "new")


def _moved(view: View, rule: DecisionRule) -> Iterator[Case]:
    for customer in view.members("customer"):
        if _unplanned(customer) and _has_moved(customer):
            yield Case(rule.rule, _id(customer), _owner(customer))


def _without_plan(view: View, rule: DecisionRule) -> Iterator[Case]:
    leads = leads_of(view)
    for customer in view.members("customer"):
        if _unplanned(customer) and not _has_moved(customer):
            yield Case(rule.rule, _id(customer), _lead(leads, customer))


def _unconfirmed(view: View, rule: DecisionRule) -> Iterator[Case]:
    for customer in view.members("customer"):
        rows = customer.rows("open_changes")
        rows = rows[~rows["is_confirmed"].fillna(value=False).astype("bool")]
        if not rows.empty and _is_old(rows["asked_on"].min(), view, rule.after_days):
            yield Case(rule.rule, _id(customer), _owner(customer), "", None, _day(rows["asked_on"].min()))


def _roles(view: View, rule: DecisionRule) -> Iterator[Case]:
    leads = leads_of(view)
    for customer in view.members("customer"):
        rows = _held(customer.rows("role_duties"), customer, "from_on")
        rows = rows[~rows["is_held"].astype("bool")].sort_values("role")
        for role, since in zip(rows["role"], rows["from_on"], strict=True):
            if _is_old(since, view, rule.after_days):
                yield Case(rule.rule, _id(customer), _lead(leads, customer), str(role), None, _day(since))


def _promises(view: View, rule: DecisionRule) -> Iterator[Case]:
    for customer in view.members("customer"):
        rows = customer.rows("commitments")
        rows = rows[(rows["side"] == "ours") & (rows["state"] == "overdue")]
        if not rows.empty and _is_old(rows["due_on"].min(), view, rule.after_days):
            yield Case(rule.rule, _id(customer), _owner(customer), "", None, _day(rows["due_on"].min()))


def _deals(view: View, rule: DecisionRule) -> Iterator[Case]:
    people = {each.slice.subject.subject_id: each.slice.subject.name for each in view.members("manager")}
    rows = view.rows("open_deals").sort_values(["expected_on", "opportunity_id"])
    for customer, manager, day in zip(
        rows["customer_id"], rows["manager_id"], rows["expected_on"], strict=True
    ):
        if _is_old(day, view, rule.after_days):
            yield Case(rule.rule, str(customer), people.get(str(manager), ""), "", None, _day(day))


def _id(customer: View) -> str:
    return customer.slice.subject.subject_id


def _lead(leads: Mapping[str, str], customer: View) -> str:
    return leads.get(_owner(customer), _owner(customer))


_FINDERS: Mapping[str, Find] = {
    "warning_unowned": _unowned,
    "risk_without_rescue": _unrescued,
    "overdue_long": _overdue,
    "moved_without_plan": _moved,
    "plan_missing": _without_plan,
    "change_unconfirmed": _unconfirmed,
    "role_missing": _roles,
    "promise_overdue": _promises,
    "deal_overdue": _deals,
}
