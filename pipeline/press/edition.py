"""What a document is, and what it is made with: the same for all its sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from pipeline.engine.scorecard_plan import Remark
from pipeline.periods import Period, Window
from pipeline.press.languages import Language
from pipeline.press.logo import Logo
from pipeline.press.printing import Printer
from pipeline.press.run_ledger import Ledger
from pipeline.press.standing import Borders
from pipeline.press.svg import Ink
from pipeline.rules.customers import TierRule
from pipeline.rules.decisions import DecisionRule
from pipeline.rules.pay import PayPlanRule
from pipeline.rules.scorecard import ScorecardRule
from pipeline.rules.warnings import BackTestRule


@dataclass(frozen=True)
class Press:
    """What all documents of a language and brand are made with."""

    language: Language
    printer: Printer
    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]
    ink: Ink


@dataclass(frozen=True)
class Edition:
    """What a document is: its window, and what stands on its cover and in its foot."""

    kind: str
    window: Window
    period: Period
    edition: str
    company: str
    sales_basis: str
    time_zone: str
    late_days: int
    lines: Mapping[str, str] = field(default_factory=dict)
    """The lines of the service plan by name, in the document's language."""
    tier: TierRule = field(default_factory=lambda: TierRule(valid_from=date.min))
    """The borders between the classes of customers, as policy has them on the period's last day."""
    scorecard: ScorecardRule | None = None
    """Of a scorecard: the plan in force on the period's last day, and what there is to remark on it."""
    plan_remarks: tuple[Remark, ...] = ()
    pay_plans: tuple[PayPlanRule, ...] = ()
    """Of a pay draft: every plan of pay, the latest last."""
    borders: Borders | None = None
    """Of an account brief: the borders of sales between the customers of low, medium and high value."""
    back_test: BackTestRule | None = None
    """Of documents about warnings: when a past one is said to have come true, and how many false ones are accepted."""
    decisions: tuple[DecisionRule, ...] = ()
    """Of documents for those who lead: the rules by which figures ask for a decision."""
    client_logo: Logo | None = None
    """Of a client's document: the client's own logo, for the cover."""
    ledger: Ledger = field(default_factory=Ledger)
    """Of the portfolio's report: which documents the run makes, and what of them is withheld."""
