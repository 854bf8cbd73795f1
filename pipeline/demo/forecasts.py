"""What the demo's managers expected each client to buy in a month, frozen some weeks before. Pure.

Forecasts are in CNY and in steps of a hundred. One manager expects too much every time, and corrects it when the month
is nearly over; that correction came after the freeze. One forecast was never made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipeline.demo.calendar import Month, date_of, day_number
from pipeline.demo.chance import Flags, Integers
from pipeline.demo.columns import Columns, chosen, days, decimals
from pipeline.demo.people import MANAGER_WHO_HOPES
from pipeline.demo.promises import in_yuan
from pipeline.demo.tables import Names
from pipeline.demo.world import World, is_served, season
from pipeline.periods import add_months

MONTHS = 18
"""Months of forecasts."""
MISSING = ("A-0024", 1)
"""The account and the months ago of the forecast that was never made."""

_LEAD_MONTHS, _FROZEN_DAY, _CORRECTED_DAY = 2, 25, 20
_STEP = 100 * 10_000
"""A hundred CNY in ten-thousandths."""


@dataclass(frozen=True)
class Forecasts:
    """Aligned columns, one entry a forecast: the frozen ones first, then the corrections; amounts in hundreds of CNY."""

    period_on: date
    account: Integers
    hundreds: Integers
    is_correction: Flags


def forecasts_of(world: World, month: Month, sold: Integers, owners: Integers) -> Forecasts | None:
    """The forecasts of a month in which each client bought `sold` (ten-thousandths of CNY); None before there were any."""
    if not 0 <= month.ago < MONTHS:
        return None
    account = np.flatnonzero(_is_expected(world, month)).astype(np.int64)
    hopes = owners[account] == MANAGER_WHO_HOPES
    expected = _expected(world, month, sold)[account]
    late = account[hopes]
    corrected = sold[late] // _STEP
    return Forecasts(
        date_of(month.first_on),
        np.concatenate([account, late]),
        np.concatenate([_missed_by(world, month, account, expected, hopes) // _STEP, corrected]),
        np.arange(account.size + late.size) >= account.size,
    )


def _is_expected(world: World, month: Month) -> Flags:
    """Clients that buy, one forecast left out."""
    account, ago = MISSING
    return np.array(
        [
            is_served(client, month) and (client.account_id, month.ago) != (account, ago)
            for client in world.clients
        ]
    )


def _expected(world: World, month: Month, sold: Integers) -> Integers:
    """Three parts of what came, one part of what the year's plan says of such a month."""
    planned = world.column(lambda client: in_yuan(client) * season(client, month) // 1_200) * 10_000
    return (3 * sold + planned) // 4


def _missed_by(
    world: World,
    month: Month,
    account: Integers,
    expected: Integers,
    hopes: Flags,
) -> Integers:
    keys = world.chance.keys("forecast", account, np.array([month.number], dtype=np.int64))
    even = world.chance.between("error", keys, -20, 20)
    high = world.chance.between("hope", keys, 24, 52)
    amounts: Integers = expected * (100 + np.where(hopes, high, even)) // 100
    return amounts


def coming(world: World, month: Month, sold: Integers, ahead: int) -> Forecasts:
    """The forecasts of a month still to come, made from what was sold in the last whole one."""
    account = np.flatnonzero(_is_expected(world, month) & (sold > 0)).astype(np.int64)
    return Forecasts(
        add_months(date_of(month.first_on), ahead),
        account,
        sold[account] // _STEP,
        np.zeros(account.size, dtype=np.bool_),
    )


def forecast_columns(names: Names, forecasts: Forecasts) -> Columns:
    """The `forecasts` table; the grain is account and month."""
    count = forecasts.account.size
    frozen = add_months(forecasts.period_on, -_LEAD_MONTHS).replace(day=_FROZEN_DAY)
    corrected = forecasts.period_on.replace(day=_CORRECTED_DAY)
    made = np.where(forecasts.is_correction, day_number(corrected), day_number(frozen))
    return {
        "account_id": names.of_accounts(forecasts.account),
        "period_on": days(np.full(count, day_number(forecasts.period_on), dtype=np.int64)),
        "made_on": days(made),
        "currency": chosen(("CNY",), np.zeros(count, dtype=np.int64)),
        "amount": decimals(forecasts.hundreds * 10_000),
    }
