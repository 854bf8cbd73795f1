"""Who is paid by which plan on which day: the managers' modes of pay against the policy. No table of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs
from pipeline.engine.exact import Integers
from pipeline.policy import Policy
from pipeline.rules.pay import PayPlanRule

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Payee:
    """A manager as payroll sees him; `base_amount` is a year's, in ten-thousandths of `currency`."""

    manager_id: str
    mode: str
    level: str
    base_amount: int | None
    currency: str
    hired_on: date | None
    left_on: date | None
    source: str

    def serves(self, day: date) -> bool:
        """Whether he was in service on a day."""
        begun = self.hired_on is None or self.hired_on <= day
        return begun and (self.left_on is None or day < self.left_on)


@dataclass(frozen=True)
class Payroll:
    """The managers with a mode of pay, by id, and the plans."""

    payees: tuple[Payee, ...]
    policy: Policy

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(payee.manager_id for payee in self.payees)

    def plan(self, payee: Payee, day: date) -> PayPlanRule | None:
        """The plan in force for a manager on a day: one for his level before one for all, the latest of those."""
        plans = [
            rule
            for rule in self.policy.all("pay_plan")
            if rule.valid_from <= day and rule.mode == payee.mode and rule.level in ("", payee.level)
        ]
        return max(plans, key=lambda rule: (bool(rule.level), rule.valid_from)) if plans else None

    def bases(self) -> tuple[str, ...]:
        """What any commission is paid on, in order."""
        return tuple(sorted({rule.commission.basis for rule in self._commission_plans()}))

    def unpaid_days(self) -> tuple[tuple[str, int], ...]:
        """For each basis after how many days overdue an item counts as not paid."""
        terms = [rule.commission for rule in self._commission_plans()]
        return tuple(
            sorted({(each.basis, each.unpaid_days) for each in terms if each.unpaid_days is not None})
        )

    def pays_on(self, basis: str, managers: Integers, days: Integers) -> npt.NDArray[np.bool_]:
        """Whether the plan of each manager (a position in `ids`, or -1) on a day (since 1970) pays commission on this basis."""
        begins = sorted({(rule.valid_from - _EPOCH).days for rule in self.policy.all("pay_plan")})
        pays = np.zeros((len(self.payees) + 1, len(begins) + 1), dtype=np.bool_)
        for at, payee in enumerate(self.payees):
            for span, begin in enumerate(begins, start=1):
                plan = self.plan(payee, date.fromordinal(begin + _EPOCH.toordinal()))
                pays[at, span] = plan is not None and _basis(plan) == basis
        found: npt.NDArray[np.bool_] = pays[managers, np.searchsorted(begins, days, side="right")]
        return found

    def _commission_plans(self) -> list[Any]:
        modes = {payee.mode for payee in self.payees}
        return [
            rule for rule in self.policy.all("pay_plan") if rule.commission is not None and rule.mode in modes
        ]


def _basis(plan: PayPlanRule) -> str:
    return plan.commission.basis if plan.commission else ""


def payroll(inputs: Inputs) -> Payroll:
    """The managers whose mode of pay is known; a day before their hiring or after their leaving is not checked here."""
    rows = inputs.tables["managers"]
    rows = rows[rows["pay_mode"].notna()].sort_values("manager_id", kind="stable")
    currency = inputs.settings.company.currency
    return Payroll(tuple(_payee(row, currency) for row in rows.to_dict("records")), inputs.policy)


def _payee(row: dict[Any, Any], currency: str) -> Payee:
    return Payee(
        row["manager_id"],
        row["pay_mode"],
        _text(row["level"]),
        None if pd.isna(row["base_amount"]) else int(row["base_amount"]),
        _text(row["currency"]) or currency,
        _day(row["hired_on"]),
        _day(row["left_on"]),
        f"managers:{row['_row']}",
    )


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()
