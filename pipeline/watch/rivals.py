"""Competitors that were seen to quote or to offer at an account. Pure."""

from __future__ import annotations

import numpy as np

from pipeline.derived import Inputs, sources
from pipeline.schema import NO_ACCOUNT
from pipeline.watch.rows import Found, after, versions


def warnings(inputs: Inputs) -> list[Found]:
    """A warning for each sighting of a kind that policy names; what was answered is overwritten and not read."""
    if not inputs.has("competitor_events"):
        return []
    rows = inputs.tables["competitor_events"]
    rows = rows[rows["seen_on"].notna() & (rows["seen_on"] < np.datetime64(inputs.until_on))]
    rows = rows[rows["account_id"] != NO_ACCOUNT]
    found: list[Found] = []
    for version in versions(inputs.policy, "competitor"):
        chosen = rows[rows["kind"].isin(version.rule.kinds)]
        found += version.raised(
            Found(
                account, customer, "competitor", f"{kind}/{rival}", np.datetime64(seen, "s"), np.datetime64(seen, "s"),
                after(seen, version.rule.open_days), (source,),
            )
            for account, customer, kind, rival, seen, source in zip(
                chosen["account_id"], chosen["customer_id"], chosen["kind"], chosen["competitor"].fillna(""),
                chosen["seen_on"], sources("competitor_events", chosen), strict=True,
            )
        )  # fmt: skip
    return found
