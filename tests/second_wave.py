"""Derived tables of the second wave from rows by hand, for customers whose class, band and stage are as stated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.derived import DERIVED, Inputs
from pipeline.engine.parts import fact_tables, first_days
from pipeline.engine.prepare import prepared
from pipeline.policy import Policy
from tests.runs import context_for
from tests.tables import tables as canonical

Row = dict[str, object]


def standing(metric: str, text: str | None, from_on: str = "2026-01-01", customer: str = "A1") -> Row:
    """From a day on a customer is of this class, band or stage."""
    return {"customer_id": customer, "metric": metric, "text": text, "from_on": from_on}


def later_table(
    name: str,
    rows: dict[str, list[Row]],
    standings: Sequence[Row] = (),
    *,
    policy: Policy | None = None,
    began: dict[str, str] | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """A table of the second wave, with the tables of the first that it needs; `began` are first days of tables."""
    context = context_for(Path("run"), **settings)
    mine = prepared(canonical(rows), "CNY")
    rules = policy or context.policy
    first = Inputs(mine, rules, context.settings, context.period.until_on)
    wanted = DERIVED.get(name)
    mine |= {need: first.made(need) for need in wanted.needs if need not in mine}
    starts = {
        **first_days(fact_tables(mine)),
        **{key: date.fromisoformat(on) for key, on in (began or {}).items()},
    }
    known = pd.DataFrame(list(standings), columns=["customer_id", "metric", "text", "from_on"])
    known["from_on"] = pd.to_datetime(known["from_on"]).astype("datetime64[s]")
    return wanted.make(Inputs(mine, rules, context.settings, context.period.until_on, known, starts))
