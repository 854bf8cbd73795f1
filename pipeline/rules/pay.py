"""Pay plans: what is paid by which mode of pay, judged by the plan of the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.rules import rules
from pipeline.settings import Model

PayMode = Literal["salary", "commission", "equity"]
Basis = Literal["ordered", "invoiced", "collected", "margin"]
Share = Annotated[Decimal, Field(ge=0, decimal_places=4)]
"""A share of a target, of pay or of a weight, to a hundredth of a per cent."""
Rate = Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)]


class RateTier(Model):
    """The rate from an attainment of the period's target on."""

    from_attainment: Share
    rate: Rate


class Accelerator(Model):
    """From an attainment on every rate counts so many times."""

    from_attainment: Share
    times: Annotated[Decimal, Field(ge=1, decimal_places=2)]


class CommissionTerms(Model):
    """What commission is paid on, at which rate, and when it is taken back.

    Attainment is what the manager was credited with since the period began, against the target of the whole period.
    `marginal`: each part of the sales has the rate of the tier that it falls into; `retroactive`: all of them have the
    rate of the tier that was reached. Nothing is paid below `threshold`; `cap_amount` (in the company's currency) is the
    most of one period.
    """

    basis: Basis = "invoiced"
    period: Literal["month", "quarter", "year"] = "year"
    how: Literal["marginal", "retroactive"] = "marginal"
    rates: Annotated[tuple[RateTier, ...], Field(min_length=1)]
    threshold: Share = Decimal(0)
    accelerator: Accelerator | None = None
    cap_amount: Annotated[Decimal, Field(gt=0, decimal_places=2)] | None = None
    clawback_months: Annotated[int, Field(ge=0)] = 0
    """A return, credit note or default known so many months after the sale takes its commission back; 0: none does."""
    unpaid_days: Annotated[int, Field(ge=0)] | None = None
    """An invoice still open so many days after it was due counts as not paid; None: commission does not wait for money."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        starts = [tier.from_attainment for tier in self.rates]
        if starts[0] != 0 or any(before >= after for before, after in pairwise(starts)):
            message = "rates begin with from_attainment = 0 and rise from tier to tier"
            raise ValueError(message)
        return self

    @property
    def tiers(self) -> tuple[RateTier, ...]:
        """The tiers with the accelerator worked in."""
        fast = self.accelerator
        if fast is None:
            return self.rates
        starts = sorted({tier.from_attainment for tier in self.rates} | {fast.from_attainment})
        return tuple(
            RateTier.model_construct(from_attainment=start, rate=self._rate_at(start) * times)
            for start in starts
            for times in [fast.times if start >= fast.from_attainment else Decimal(1)]
        )

    def _rate_at(self, attainment: Decimal) -> Decimal:
        return next(tier.rate for tier in reversed(self.rates) if tier.from_attainment <= attainment)

    @property
    def needs_target(self) -> bool:
        """Whether what is paid depends on the target at all."""
        return len(self.tiers) > 1 or self.threshold > 0


class BonusMeasure(Model):
    """One measure of a bonus: its weight, the most that counts, and what is to be reached.

    `target` empty: the target in force for the manager. Attainment is value ÷ target, target ÷ value where lower is
    better, and is judged as printed: to a hundredth of a per cent. Below `floor` nothing counts.
    """

    metric: str
    breakdown: str = ""
    weight: Share
    target: Annotated[Decimal, Field(gt=0)] | None = None
    floor: Share = Decimal(0)
    cap: Share = Decimal(1)


class BonusTerms(Model):
    """A bonus of so much of the base salary, if all measures are met."""

    of_base: Share
    measures: Annotated[tuple[BonusMeasure, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(measure.weight for measure in self.measures) != 1:
            message = "the weights of a bonus add up to 1"
            raise ValueError(message)
        return self


@rules("pay_plan")
class PayPlanRule(Model):
    """How managers of a mode of pay are paid; a plan for their level goes before one for all, the latest is in force.

    Grants of equity vest by their own terms, whatever the plan.
    """

    name: str
    mode: PayMode
    level: str = ""
    base_salary: bool = True
    """Whether the manager's yearly base_amount is paid, a twelfth a month."""
    commission: CommissionTerms | None = None
    bonus: BonusTerms | None = None
    valid_from: date

    @model_validator(mode="after")
    def _base_for_bonus(self) -> Self:
        if self.bonus is not None and not self.base_salary:
            message = "a bonus is a share of the base salary, so the plan needs one"
            raise ValueError(message)
        return self
