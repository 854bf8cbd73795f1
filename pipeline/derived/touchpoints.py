"""Touchpoints: what the service plan promised each customer, window by window, and whether it was kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.engine.matching import Activity, Due, matched
from pipeline.periods import add_months, year_start

AFTER = ("customer_class", "lifecycle_stage", "revenue_band")
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_DAYS = {"week": 7, "two_weeks": 14}


@derived("activities", "relationships", after=AFTER)
def touchpoints(inputs: Inputs) -> pd.DataFrame:
    """One row per window in which a touchpoint is due to a customer, with the activity that kept it.

    A line applies by the customer's class, band and stage on the window's first day, by the rule of that day; who
    lapsed is promised nothing. Windows before the first activity of the export are left out: a feed that had not
    begun is no missed visit. Activities on any account of a group count for the customer; one keeps one window.
    `state` is kept, late, missed, cancelled or open; the window itself is the evidence of what was missed.
    """
    standings = _Standings.of(inputs)
    began = inputs.starts.get("activities", inputs.until_on)
    accounts = inputs.tables["accounts"]
    tops = accounts[accounts["account_id"] == accounts["customer_id"]].set_index("customer_id")["_row"]
    activities = _activities(inputs)
    rows: list[dict[str, Any]] = []
    for customer, started in _started(inputs):
        dues = list(_dues(customer, started, began, standings, inputs))
        done = matched(dues, activities.get(customer, ()), inputs.until_on)
        rows += [{"customer_id": customer, "_row": tops[customer], **each} for each in done]
    return _shaped(rows)


@dataclass(frozen=True)
class _Standings:
    """What each customer was from which day on, by metric."""

    known: Mapping[tuple[str, str], tuple[Any, list[str | None]]]

    @classmethod
    def of(cls, inputs: Inputs) -> _Standings:
        if inputs.standings is None:
            return cls({})
        rows = inputs.standings.sort_values(["customer_id", "metric", "from_on"], kind="stable")
        groups = rows.groupby(["customer_id", "metric"], sort=False)
        return cls(
            {
                (str(key[0]), str(key[1])): (
                    each["from_on"].to_numpy().astype("datetime64[D]"),
                    [text if isinstance(text, str) else None for text in each["text"]],
                )
                for key, each in groups
            }
        )

    def at(self, customer: str, metric: str, day: date) -> str | None:
        """What the metric said of the customer by that day."""
        days, texts = self.known.get((customer, metric), (np.array([], "datetime64[D]"), []))
        place = int(np.searchsorted(days, np.datetime64(day), side="right")) - 1
        return texts[place] if place >= 0 else None


def _started(inputs: Inputs) -> Iterator[tuple[str, date]]:
    """Each customer with the first day of its relationship."""
    rows = inputs.tables["relationships"].drop_duplicates("customer_id").sort_values("customer_id")
    for customer, started in zip(rows["customer_id"], rows["started_on"], strict=True):
        yield str(customer), started.date()


def _dues(customer: str, started: date, began: date, standings: _Standings, inputs: Inputs) -> Iterator[Due]:
    """The windows in which something is due to a customer, by all lines of the plan."""
    rules = inputs.policy.all("plan")
    for name in dict.fromkeys(rule.name for rule in rules):
        versions = [rule for rule in rules if rule.name == name]
        for place, rule in enumerate(versions):
            ends = versions[place + 1].valid_from if place + 1 < len(versions) else inputs.until_on
            first, last = max(rule.valid_from, began), min(ends, inputs.until_on)
            for from_on, until_on in _windows(
                rule, started, first, last, inputs.settings.company.fiscal_year_start
            ):
                if _applies(rule, customer, from_on, standings):
                    due = Due(name, rule.kinds, rule.face_to_face, from_on, until_on, rule.grace_days)
                    yield from (due for _ in range(rule.count))


def _windows(
    rule: Any, started: date, first: date, last: date, fiscal_start: int
) -> Iterator[tuple[date, date]]:
    """The windows of a line that begin in [first, last), as long as the relationship is in the line's span."""
    begins = add_months(started, rule.age_from_months)
    ends = None if rule.age_until_months is None else add_months(started, rule.age_until_months)
    for from_on, until_on in _spans(rule.per, begins, ends, first, last, fiscal_start):
        if max(first, begins) <= from_on < last and (ends is None or until_on <= ends):
            yield from_on, until_on


def _spans(
    per: str, begins: date, ends: date | None, first: date, last: date, fiscal_start: int
) -> Iterator[tuple[date, date]]:
    if per == "once":
        yield begins, ends or date.max
    elif per in _DAYS:
        step = timedelta(days=_DAYS[per])
        while begins < min(last, ends or last):
            yield begins, begins + step
            begins += step
    else:
        day = year_start(first, fiscal_start)
        while day < last:
            yield day, add_months(day, _MONTHS[per])
            day = add_months(day, _MONTHS[per])


def _applies(rule: Any, customer: str, day: date, standings: _Standings) -> bool:
    """Whether the line is for a customer of this class, band and stage on that day."""
    stage = standings.at(customer, "lifecycle_stage", day)
    if stage == "lapsed":
        return False
    asked = (
        (rule.stages, stage),
        (rule.classes, standings.at(customer, "customer_class", day)),
        (rule.bands, standings.at(customer, "revenue_band", day)),
    )
    return all(not wanted or found in wanted for wanted, found in asked)


def _activities(inputs: Inputs) -> dict[str, list[Activity]]:
    """The activities of each customer up to the cut-off, oldest first."""
    rows = inputs.tables["activities"]
    known = rows["held_on"].notna() & (rows["held_on"] < np.datetime64(inputs.until_on))
    rows = rows[known & (rows["status"] != "planned")]
    rows = rows.sort_values(["held_on", "activity_id"], kind="stable")
    found: dict[str, list[Activity]] = {}
    for customer, day, kind, status, is_met, row in zip(
        rows["customer_id"], rows["held_on"], rows["kind"], rows["status"],
        rows["is_face_to_face"].fillna(False).astype(bool), rows["_row"], strict=True,
    ):  # fmt: skip
        activity = Activity(day.date(), str(kind), bool(is_met), status == "cancelled", f"activities:{row}")
        found.setdefault(str(customer), []).append(activity)
    return found


def _shaped(rows: list[dict[str, Any]]) -> pd.DataFrame:
    made = pd.DataFrame(
        rows, columns=["customer_id", "_row", "line", "from_on", "until_on", "state", "held_on", "source"]
    )
    days = {name: _dates(made[name]) for name in ("from_on", "until_on", "held_on")}
    due = days["until_on"] - pd.Timedelta(days=1)
    texts = {name: made[name].astype("str") for name in ("customer_id", "line", "state")}
    return pd.DataFrame(
        {
            "account_id": texts["customer_id"],
            **texts,
            "from_on": days["from_on"],
            "due_on": due,
            "held_on": days["held_on"],
            "days_late": (days["held_on"] - due).dt.days.clip(lower=0).astype("Int64"),
            "open_until_on": days["held_on"].where(made["state"] == "kept", due),
            "_from": (
                "accounts:" + made["_row"].astype("str") + " " + made["source"].astype("str")
            ).str.strip(),
        }
    )


def _dates(days: pd.Series) -> pd.Series:
    return pd.to_datetime(days, errors="coerce").astype("datetime64[s]")
