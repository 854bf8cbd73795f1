"""What is due next at a customer or an account: our own promises to it, and the touchpoints that its plan asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.press.typeset import Phrase
from pipeline.press.view import View


@dataclass(frozen=True)
class Step:
    """What is due next: when, and what; `is_late` where its day has passed."""

    due_on: date
    text: str
    is_late: bool


def next_step(account: View, customer: View) -> Step | None:
    """What is due soonest: an overdue promise of ours before all, then the next promise or touchpoint.

    Promises are those of the first view, touchpoints those of the second; both may be the customer.
    """
    steps = [*_promises(account), *_touchpoints(customer)]
    return min(steps, key=lambda each: (not each.is_late, each.due_on, each.text), default=None)


def _promises(account: View) -> list[Step]:
    """Our own commitments to the account that are open or overdue."""
    rows = account.rows("commitments")
    rows = rows[rows["state"].isin(["open", "overdue"]) & (rows["side"] == "ours")]
    return [
        Step(_day(due_on), str(description), is_late=state == "overdue")
        for due_on, description, state in zip(rows["due_on"], rows["description"], rows["state"], strict=True)
    ]


def _touchpoints(customer: View) -> list[Step]:
    """The touchpoints whose window is open."""
    rows = customer.rows("touchpoints")
    rows = rows[rows["state"] == "open"]
    lines = customer.edition.lines
    return [
        Step(_day(due_on), lines.get(str(line), str(line)), is_late=False)
        for due_on, line in zip(rows["due_on"], rows["line"], strict=True)
    ]


def _day(moment: Any) -> date:
    found: date = moment.date()
    return found


def said(view: View, step: Step, room: float) -> Phrase:
    """By which day, and what; cut where it is wider than so many points."""
    text = view.gettext("by {day}: {step}").format(day=view.day(step.due_on), step=step.text)
    return view.fitted(text, room)
