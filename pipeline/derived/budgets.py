"""Budgets day by day: what each subject should sell, spend and be paid, its own budget first, else that of those below."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.sales_targets import sales_targets
from pipeline.periods import add_months
from pipeline.policy import Policy
from pipeline.rules.targets import AttainmentRule

KINDS = ("sales", "cost", "pay")
_OWN = Policy({"attainment": (AttainmentRule(lead_targets="own", valid_from=date.min),)})
"""A budget is a manager's own: what a lead may spend is not what those below may, whatever is ruled for targets."""
_WHOSE_DAY = ["kind", "subject_kind", "subject_id", "falls_on"]


@derived("budgets", once=True)
def budget_pieces(inputs: Inputs) -> pd.DataFrame:
    """One row per subject, kind of budget and piece of a month: `kind` is sales, cost or pay, `amount` in `currency`.

    A month's budget is spread over its days and added up as sales targets are: managers without one take that of the
    accounts they own, teams and the portfolio that of their managers; the budget of a manager who leads managers is his
    own and does not contain theirs. Rows with a breakdown are parts of a whole and left out. `days` counts each day of a subject once.
    """
    rows = inputs.tables["budgets"]
    rows = rows[(rows["breakdown"].isna() | (rows["breakdown"] == "")) & rows["kind"].isin(KINDS)]
    currency = rows["currency"].fillna(inputs.settings.company.currency)
    groups = rows.groupby([rows["kind"], currency], sort=True)
    made = [_spread(group, str(kind), str(code), inputs) for (kind, code), group in groups]
    if not made:
        made = [_spread(rows, KINDS[0], inputs.settings.company.currency, inputs)]
    return _own_first(pd.concat(made, ignore_index=True), rows)


def _spread(rows: pd.DataFrame, kind: str, currency: str, inputs: Inputs) -> pd.DataFrame:
    """The budgets of one kind and currency as if they were sales targets, so that both are added up in one way."""
    ends = [add_months(day.date(), 1) for day in rows["month_on"]]
    shaped = pd.DataFrame(
        {
            "subject_kind": rows["subject_kind"],
            "subject_id": rows["subject_id"],
            "metric": pd.Series("net_sales", index=rows.index, dtype="str"),
            "breakdown": pd.Series(None, index=rows.index, dtype="str"),
            "from_on": rows["month_on"],
            "to_on": pd.Series(pd.to_datetime(ends), index=rows.index).astype("datetime64[s]"),
            "value": rows["amount"],
            "_row": rows["_row"],
        }
    )
    known = shaped[shaped["value"].notna()].reset_index(drop=True)
    tables = {**inputs.tables, "targets": known}
    made = sales_targets(replace(inputs, tables=tables, policy=_OWN, _made={}))
    return made.assign(
        kind=pd.Series(kind, index=made.index, dtype="str"),
        currency=pd.Series(currency, index=made.index, dtype="str"),
        _from=made["_from"].str.replace("targets:", "budgets:"),
    )


def _own_first(pieces: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Where budgets of one subject stand in several currencies, its own still count alone, and each day once."""
    whose = dict(zip("budgets:" + rows["_row"], rows["subject_kind"], strict=True))
    is_own = pieces["_from"].map(whose) == pieces["subject_kind"]
    has_own = is_own.groupby([pieces[name] for name in _WHOSE_DAY]).transform("any")
    kept = pieces[is_own | ~has_own].reset_index(drop=True)
    counted = kept["days"].where(kept["days"] > 0)
    first = ~kept.assign(counted=counted.notna()).duplicated([*_WHOSE_DAY, "counted"])
    days = pd.Series(np.where(first & counted.notna(), kept["days"], 0), index=kept.index, dtype="Int64")
    return kept.assign(days=days)
