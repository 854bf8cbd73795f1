"""A customer's claims of value as pages tell them: which count, which do not and why, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from pipeline.derived.value_claims import CONFIDENCES
from pipeline.press.goals import Goal, day_of, in_force, records, text_of, up_to
from pipeline.press.printing import UNKNOWN, Printed, grouped, half_up
from pipeline.press.slices import Reading
from pipeline.press.view import View
from pipeline.schema import SCALE

_HUNDRED = Decimal(100)
_MOST_PLACES = 4


@dataclass(frozen=True)
class Claim:
    """One claim on the last day of the document's window.

    `standing`: it counts, is unvalued (it would, but states no money), counts with the twin of the same benefit, has
    expired, or failed (unvalued, and its goal is not reached). `share` is the part attributed to us.
    """

    number: str
    title: str
    confidence: str
    method: str
    evidence: str
    share: float | None
    confirmed_by: str
    confirmed_on: date | None
    expired_on: date | None
    value: Reading
    standing: str
    goal: Goal | None
    twin: str = ""
    """The title of the claim that counts for the same benefit."""


def claims_of(view: View, goals: Sequence[Goal]) -> tuple[Claim, ...]:
    """The customer's claims: by class of confidence, the largest first; then what has expired, then what failed."""
    told = _rows_told(view)
    if not told:
        return ()
    counting = in_force(view.rows("value_claims"), view)
    benefits = {
        text_of(key): text_of(title)
        for key, title in zip(counting["benefit_key"], counting["title"], strict=True)
        if text_of(key)
    }
    by_number = {goal.number: goal for goal in goals}
    numbers = {str(each) for each in counting["goal"]}
    found = [
        _claim(view, row, by_number.get(number), benefits, is_counting=number in numbers)
        for number, row in told.items()
    ]
    return tuple(sorted(found, key=_order))


def _rows_told(view: View) -> dict[str, Mapping[str, Any]]:
    """The latest row of each claim by its number: of those that counted once, and of measured goals that claim."""
    goals = up_to(view.rows("goals"), view)
    claimed = goals[goals["confidence"].notna()] if len(goals) else goals
    rows = [*_latest(claimed), *_latest(up_to(view.rows("value_claims"), view))]
    return {str(row["goal"]): row for row in rows}


def _latest(rows: pd.DataFrame) -> list[Mapping[str, Any]]:
    return records(rows.sort_values("from_on")) if len(rows) else []


def _claim(
    view: View,
    row: Mapping[str, Any],
    goal: Goal | None,
    benefits: Mapping[str, str],
    *,
    is_counting: bool,
) -> Claim:
    number = str(row["goal"])
    value = view.reading("claim_value", f"goal={number}")
    twin = "" if is_counting else benefits.get(text_of(row["benefit_key"]), "")
    standing = standing_of(goal, is_counting=is_counting, is_valued=value.is_known, has_twin=bool(twin))
    share = row["attribution_pct"]
    return Claim(
        number=number,
        title=text_of(row["title"]),
        confidence=text_of(row["confidence"]),
        method=text_of(row["method"]),
        evidence=text_of(row["evidence"]),
        share=None if pd.isna(share) else int(share) / SCALE,
        confirmed_by=text_of(row["confirmed_by"]),
        confirmed_on=day_of(row["confirmed_on"]),
        expired_on=_expired_on(row),
        value=value,
        standing=standing,
        goal=goal,
        twin=twin,
    )


def _expired_on(row: Mapping[str, Any]) -> date | None:
    """The day from which the claim's evidence no longer counts."""
    return day_of(row["expires_on"] if "expires_on" in row else row["until_on"])


def standing_of(goal: Goal | None, *, is_counting: bool, is_valued: bool, has_twin: bool) -> str:
    """What is to be said of a claim."""
    if has_twin:
        return "twin"
    if not is_counting:
        return "expired"
    if is_valued:
        return "counted"
    is_short = goal is not None and goal.progress.is_known and not goal.is_reached
    return "failed" if is_short else "unvalued"


def _order(claim: Claim) -> tuple[int, int, int, float, int]:
    group = {"expired": 1, "failed": 2}.get(claim.standing, 0)
    place = {"counted": 0, "unvalued": 1, "twin": 2}.get(claim.standing, 0)
    return group, CONFIDENCES.index(claim.confidence), place, -(claim.value.value or 0.0), int(claim.number)


# Amounts


@dataclass(frozen=True)
class Amounts:
    """One scale for all amounts of a page, so that they can be compared: thousands, or ten thousands in Chinese."""

    scale: Decimal
    places: int
    before: str
    after: str
    unit: str

    def printed(self, value: float | None) -> Printed:
        """An amount in this scale; nothing is a bare 0."""
        if value is None:
            return Printed(UNKNOWN, "", UNKNOWN)
        digits = grouped(half_up(Decimal(repr(value)) / self.scale, self.places)) if value else "0"
        return Printed(digits, self.unit, f"{self.before}{digits}{self.after}")


def amounts(view: View, values: Sequence[float]) -> Amounts:
    """The scale in which the largest of these amounts is short and none but nothing is printed as 0."""
    exact = [abs(Decimal(repr(value))) for value in values if value]
    writing = view.press.language.writing
    large, bare = writing.scales[-2:]
    scale = large if max(exact, default=Decimal(0)) >= large.unit * large.starts_at else bare
    places = _places([value / scale.unit for value in exact])
    code = view.slice.currency
    name = view.printer.currency(code)
    known = name != code
    if not writing.sign_first:
        unit = f"{scale.name}{name if known else f' {code}'}".strip()
        return Amounts(scale.unit, places, "", unit if known or scale.name else f" {unit}", unit)
    unit = f"{name}{scale.name}" if known else f"{code} {scale.name}".strip()
    return Amounts(scale.unit, places, name if known else f"{code} ", scale.name, unit)


def _places(values: Sequence[Decimal]) -> int:
    """The decimals that say these amounts exactly, at most two, or one from a hundred on; more only where one would be 0."""
    most = 1 if max(values, default=Decimal(0)) >= _HUNDRED else 2
    enough = next(
        (places for places in range(most) if all(value == half_up(value, places) for value in values)), most
    )
    return next(
        (places for places in range(enough, _MOST_PLACES) if all(half_up(value, places) for value in values)),
        _MOST_PLACES,
    )


def class_name(view: View, confidence: str) -> str:
    """A class of confidence as a heading names it."""
    _ = view.gettext
    return {
        "measured": _("Measured"),
        "confirmed": _("Confirmed"),
        "modelled": _("Modelled"),
        "estimated": _("Estimated"),
    }[confidence]


def class_in_sentence(view: View, confidence: str) -> str:
    """The same after the word value."""
    _ = view.gettext
    return {
        "measured": _("measured"),
        "confirmed": _("confirmed by you"),
        "modelled": _("modelled"),
        "estimated": _("estimated"),
    }[confidence]


def class_meaning(view: View, confidence: str) -> str:
    """How the value of a class is known."""
    _ = view.gettext
    return {
        "measured": _("recorded by a system"),
        "confirmed": _("signed off by you"),
        "modelled": _("model or sample"),
        "estimated": _("interviews, judgement"),
    }[confidence]
