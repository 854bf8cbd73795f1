"""Service clocks: what each case was promised on each clock, and whether the promise was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.contracts import binding
from pipeline.schema import SCALE

CLOCKS = ("first_reply", "resolution", "green_channel")
_STOPS = {"first_reply": "first_reply_at", "resolution": "resolved_at", "green_channel": "first_reply_at"}
_LIMITS = {"first_reply": "reply_hours", "resolution": "resolve_hours", "green_channel": "green_reply_hours"}
_PAUSES = {"first_reply": "first_reply_paused_hours", "resolution": "paused_hours", "green_channel": ""}
_HOUR = 3600


@dataclass(frozen=True)
class OpeningHours:
    """The hours in which a business clock runs, on working days of one zone."""

    opens: time
    closes: time
    zone: ZoneInfo
    holidays: Any
    extra: Any
    """Days off (datetime64[D]) and weekend days that are worked."""

    def seconds_before(self, moments: Any) -> Any:
        """Working seconds from 1970 to each moment (UTC seconds); differences of these are elapsed time."""
        local = pd.to_datetime(moments, unit="s", utc=True).tz_convert(self.zone).tz_localize(None)
        days = local.to_numpy().astype("datetime64[D]")
        into = (local.to_numpy() - days).astype("timedelta64[s]").astype(np.int64)
        opens, closes = _seconds(self.opens), _seconds(self.closes)
        worked = np.busday_count(np.datetime64("1970-01-01"), days, holidays=self.holidays)
        worked = worked + np.searchsorted(self.extra, days)
        today = np.is_busday(days, holidays=self.holidays) | np.isin(days, self.extra)
        return worked * (closes - opens) + np.where(today, np.clip(into, opens, closes) - opens, 0)


def _seconds(moment: time) -> int:
    return moment.hour * _HOUR + moment.minute * 60


@derived("cases")
def service_clocks(inputs: Inputs) -> pd.DataFrame:
    """One row per case and clock: first reply, resolution, and the green channel's first reply where it was used.

    The contract's hours come first, then the policy's of the day the case was opened. Pauses stop the clock. A case
    open past its limit is missed; one that is not due by the cut-off is left out of `is_due`. Hours are exact
    ten-thousandths. The case falls on the day it was opened, in the company's zone.
    """
    cut_off = pd.Timestamp(inputs.until_on, tz=inputs.settings.company.zone).timestamp()
    cases = inputs.tables["cases"]
    cases = cases[_epoch(cases["opened_at"]) < cut_off]
    terms = _terms(cases, inputs)
    return pd.concat([_clock(cases, terms, clock, inputs, cut_off) for clock in CLOCKS], ignore_index=True)


def _clock(
    cases: pd.DataFrame, terms: pd.DataFrame, clock: str, inputs: Inputs, cut_off: float
) -> pd.DataFrame:
    if clock == "green_channel":
        chosen = cases["is_green_channel"].fillna(False).astype(bool)
        cases, terms = cases[chosen], terms[chosen]
    stopped = cases[_STOPS[clock]]
    stop = _epoch(stopped)
    known = stopped.notna().to_numpy() & (stop < cut_off)
    until = np.where(known, stop, cut_off)
    paused = (
        cases[_PAUSES[clock]].fillna(0).to_numpy(np.int64)
        if _PAUSES[clock]
        else np.zeros(len(cases), np.int64)
    )
    limit = terms[_LIMITS[clock]].to_numpy(np.int64)
    elapsed = np.maximum(_elapsed(_epoch(cases["opened_at"]), until, terms, inputs) - paused, 0)
    met = known & (elapsed <= limit)
    opened = cases["opened_at"].dt.tz_convert(inputs.settings.company.zone)
    return pd.DataFrame(
        {
            **{
                name: cases[name]
                for name in ("account_id", "customer_id", "case_id", "category", "cause", "priority")
            },
            "clock": pd.Series(clock, index=cases.index, dtype="str"),
            "opened_on": opened.dt.tz_localize(None).dt.normalize().astype("datetime64[s]"),
            "opened_at": cases["opened_at"],
            "stopped_at": stopped.where(known),
            "limit_hours": pd.array(limit, dtype="Int64"),
            "elapsed_hours": pd.array(np.where(known, elapsed, 0), dtype="Int64"),
            "is_stopped": known,
            "is_due": known | (elapsed > limit),
            "is_met": met,
            "_from": sources("cases", cases),
        }
    )


def _elapsed(opened: Any, until: Any, terms: pd.DataFrame, inputs: Inputs) -> Any:
    """Hours (ten-thousandths) between two moments, by the calendar or by the contract's opening hours."""
    seconds = (until - opened).astype(np.int64)
    business = (terms["calendar"] == "business").to_numpy()
    for (zone, opens, closes), rows in terms[business].groupby(["zone", "opens", "closes"]):
        hours = _opening_hours(str(zone), str(opens), str(closes), inputs)
        at = terms.index.get_indexer(rows.index)
        seconds[at] = hours.seconds_before(until[at]) - hours.seconds_before(opened[at])
    return seconds * SCALE // _HOUR


def _opening_hours(zone: str, opens: str, closes: str, inputs: Inputs) -> OpeningHours:
    holidays = inputs.tables.get("holidays")
    off, extra = np.array([], "datetime64[D]"), np.array([], "datetime64[D]")
    if holidays is not None:
        own = holidays[holidays["country"] == inputs.settings.company.country]
        days = own["day_on"].to_numpy().astype("datetime64[D]")
        worked = own["is_workday"].fillna(False).to_numpy(bool)
        off, extra = days[~worked], np.sort(days[worked & ~np.is_busday(days)])
    return OpeningHours(time.fromisoformat(opens), time.fromisoformat(closes), ZoneInfo(zone), off, extra)


def _terms(cases: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The promised hours and calendar of each case: its account's contract of that day, else the policy."""
    zone = inputs.settings.company.zone
    opened = cases["opened_at"].dt.tz_convert(zone).dt.tz_localize(None)
    terms = pd.DataFrame(index=cases.index)
    days = opened.dt.date
    rules = {day: inputs.policy.at("service", day) for day in days.unique()}
    for name in _LIMITS.values():
        terms[name] = days.map(lambda day, name=name: round(getattr(rules[day], name) * SCALE)).astype(
            "Int64"
        )
    terms["calendar"] = days.map(lambda day: rules[day].calendar).astype("str")
    terms["opens"] = days.map(lambda day: rules[day].opens).astype("str")
    terms["closes"] = days.map(lambda day: rules[day].closes).astype("str")
    terms["zone"] = pd.Series(str(zone), index=cases.index, dtype="str")
    if inputs.has("contracts"):
        terms = _with_contracts(terms, cases["account_id"], opened, inputs.tables["contracts"])
    return terms


def _with_contracts(
    terms: pd.DataFrame, accounts: pd.Series, opened: pd.Series, contracts: pd.DataFrame
) -> pd.DataFrame:
    """The terms where a contract of the account, in force on the day, says something; of several the latest.

    Drafts and contracts that were withdrawn promise nothing.
    """
    columns = {name: terms[name].to_numpy(dtype=object, copy=True) for name in terms.columns}
    days = opened.to_numpy().astype("datetime64[D]")
    cases_of = pd.Series(np.arange(len(accounts))).groupby(accounts.to_numpy(dtype=object)).indices
    ordered: Any = binding(contracts).sort_values(["starts_on", "contract_id"], kind="stable")
    for contract in ordered.itertuples():
        cases = cases_of.get(contract.account_id, np.zeros(0, dtype=np.int64))
        covered = cases[_in_force(contract, days[cases])]
        if covered.size:
            for name, value in _said(contract).items():
                columns[name][covered] = value
    return pd.DataFrame(columns, index=terms.index).astype(terms.dtypes.to_dict())


def _in_force(contract: Any, days: Any) -> Any:
    """Whether the contract holds on each day; the day it ends is its last."""
    begun = True if pd.isna(contract.starts_on) else days >= np.datetime64(contract.starts_on, "D")
    ended = False if pd.isna(contract.ends_on) else days > np.datetime64(contract.ends_on, "D")
    return np.broadcast_to(begun & ~np.asarray(ended), days.shape)


def _said(contract: Any) -> dict[str, Any]:
    """The terms that a contract states."""
    said: dict[str, Any] = {name: getattr(contract, name) for name in _LIMITS.values()}
    said |= {"calendar": contract.calendar, "zone": contract.time_zone}
    if isinstance(contract.service_hours, str) and "-" in contract.service_hours:
        said["opens"], _, said["closes"] = contract.service_hours.partition("-")
    return {name: value for name, value in said.items() if pd.notna(value)}


def _epoch(moments: pd.Series) -> Any:
    """UTC seconds since 1970; 0 where there is no moment (masked by the caller)."""
    seconds = moments.dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64)
    return np.where(moments.isna().to_numpy(), 0, seconds)
