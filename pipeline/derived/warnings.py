"""Early warning: what was out of the ordinary at an account, since when, what is at stake, what to do and who does it.

Every rule looks only at what was known on the day it raises a warning, so that later rows change neither that a
warning was raised nor what it said; they can only end it. No status is read, as exports overwrite it.

How many warnings there are is decided by the thresholds in `policy/warnings.toml`. They are those that kept demo
companies, whose troubles are known, within the budget of false warnings. Whether they do so for a company's own
history is measured in every run (`false_warnings_used`): customers are worked out part by part, so a threshold is not
changed behind anybody's back while they are; where the budget is overrun, policy is where it is raised.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.rules.warnings import WarningRule
from pipeline.watch import changes, payments, people, purchases, rivals, usage
from pipeline.watch.money import Book, book, sold
from pipeline.watch.owners import in_role, leads_of, owners_on
from pipeline.watch.rows import known_by, merged, table

STATISTICAL = ("sales_drop", "usage_drop", "payment_delay", "order_gap", "change_rate")
"""Rules that conclude from figures and may be wrong; the others repeat what is on record."""
OF_CUSTOMERS = ("single_threaded", "no_backup", "no_technical")
"""Rules about a customer as a whole; their rows stand on its top account."""
_ONE_AT_A_TIME = (*STATISTICAL, "competitor")


@derived()
def warnings(inputs: Inputs) -> pd.DataFrame:
    """One row per warning: an account, a rule, and the span in which it held; `until_on` is empty while it does.

    `since_on` is the first day of what it is about, `raised_on` the day on which it was known. `confidence` is
    recorded (it is on record), high, medium or low; `observed` and `expected` are in the rule's own unit, `score` says
    how far outside it was: 1 is just outside. `at_stake_amount` is what the account (of rules about a customer: the
    customer) bought in the year before it began, in the reporting currency; empty where a rate is missing.
    """
    trade = sold(inputs)
    by_account, by_customer = (book(trade, name, inputs) for name in ("account_id", "customer_id"))
    found = [
        *purchases.warnings(inputs),
        *usage.warnings(inputs),
        *payments.warnings(inputs),
        *changes.warnings(inputs, by_account),
        *people.warnings(inputs, by_account, by_customer),
        *rivals.warnings(inputs),
    ]
    rows = known_by(merged(table(found), _ONE_AT_A_TIME), inputs.until_on)
    return _acted_on(_at_stake(rows, by_account, by_customer, inputs), inputs)


def _at_stake(rows: pd.DataFrame, by_account: Book, by_customer: Book, inputs: Inputs) -> pd.DataFrame:
    """The year's sales before each warning began."""
    whole = rows["rule"].isin(OF_CUSTOMERS).to_numpy()
    of_account, known = by_account.year_before(rows["account_id"], rows["since_on"])
    of_customer, known_too = by_customer.year_before(rows["customer_id"], rows["raised_on"])
    amounts = pd.Series(np.where(whole, of_customer, of_account), dtype="Int64")
    return rows.assign(
        at_stake_amount=amounts.where(np.where(whole, known_too, known)),
        currency=pd.Series(inputs.settings.company.currency, index=rows.index, dtype="str"),
        is_statistical=rows["rule"].isin(STATISTICAL),
    )


def _acted_on(rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The play that policy suggests, and who has to make it."""
    rules = [
        _rule_on(inputs, rule, day) for rule, day in zip(rows["rule"], rows["raised_on"].dt.date, strict=True)
    ]
    side = pd.Series([rule.owner for rule in rules], index=rows.index, dtype="str")
    owner = owners_on(rows["account_id"], rows["raised_on"], inputs)
    acting = {
        "lead": leads_of(owner, inputs),
        **{
            role: in_role(rows["account_id"], rows["raised_on"], role, inputs)
            for role in ("technical", "executive")
        },
    }
    actor = owner
    for name, found in acting.items():
        actor = actor.where((side != name) | found.isna(), found)
    return rows.assign(
        owner_id=owner,
        actor_id=actor,
        is_at_stake=pd.Series([rule.puts_at_risk for rule in rules], index=rows.index, dtype="bool"),
        play=pd.Series([rule.play for rule in rules], index=rows.index, dtype="str"),
        play_en=pd.Series([rule.play_en for rule in rules], index=rows.index, dtype="str"),
    )


def _rule_on(inputs: Inputs, name: str, day: date) -> WarningRule:
    """The version of a rule by which a warning was raised."""
    found: WarningRule = [
        rule for rule in inputs.policy.all("warning") if rule.rule == name and rule.valid_from <= day
    ][-1]
    return found
