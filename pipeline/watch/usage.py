"""Use of what we sold that fell below the account's own season. A month that was not reported is not zero use. Pure."""

from __future__ import annotations

import numpy as np

from pipeline.derived import Inputs, sources
from pipeline.schema import NO_ACCOUNT, SCALE
from pipeline.watch.evidence import evidence
from pipeline.watch.judging import Alarm, alarms
from pipeline.watch.months import (
    feasts_joined,
    first_day,
    last_day,
    month_numbers,
    monthly,
    whole_until,
)
from pipeline.watch.rows import Found, versions
from pipeline.watch.series import baseline_of, found_in, limits_of, lower_by

_YEAR = 12
_KEYS = ["account_id", "product_id", "measure"]


def warnings(inputs: Inputs) -> list[Found]:
    """Warnings about use of a product that fell; logarithms are judged, so that equal shares weigh alike."""
    if not inputs.has("usage"):
        return []
    rows = inputs.tables["usage"]
    known = rows["quantity"].notna() & rows["month_on"].notna() & (rows["account_id"] != NO_ACCOUNT)
    rows = rows[known].assign(_from=sources("usage", rows[known]))
    rows = rows.fillna(dict.fromkeys(_KEYS[1:], ""))
    if rows.empty:
        return []
    month, quantity = month_numbers(rows["month_on"]), rows["quantity"].to_numpy(dtype=np.float64) / SCALE
    used = monthly(rows, _KEYS, month, quantity, whole_until(inputs.until_on))
    baseline, behind = baseline_of(inputs), evidence(rows, "account_id", "month_on")
    judged = feasts_joined(used, baseline.joined_months)

    def behind_it(account: str, alarm: Alarm) -> tuple[str, ...]:
        """The use of the months that are too low and of the year before them."""
        first = first_day(judged.first + alarm.since - _YEAR)
        return behind.between(account, first, last_day(judged.first + alarm.raised))

    customers = dict(zip(rows["account_id"], rows["customer_id"], strict=True))
    values = np.log1p(np.maximum(judged.values, 0))
    found: list[Found] = []
    for version in versions(inputs.policy, "usage_drop"):
        limits, matters = limits_of(version.rule, baseline), lower_by(version.rule.least_change, np.expm1)
        raised = alarms(values, judged.seasons, limits, matters)
        found += version.raised(
            found_in(judged, raised, "usage_drop", customers, lambda value: float(np.expm1(value)), behind_it)
        )
    return found
