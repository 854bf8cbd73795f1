"""The canonical tables: every column declared once, with its type; a mapping is checked against this at load.

Column grammar: `_id` key, `_on` date, `_at` timestamp with zone, `_amount` money in the row's `currency`,
`_pct` a share 0-1, `_hours`, `_count`, `is_`/`has_` booleans. Money, quantities, hours and shares are held as
int64 ten-thousandths (`EXACT`), so that sums are exact and independent of order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

SCHEMA_VERSION = 1
SCALE = 10_000
"""Exact columns are integers in units of 1/SCALE."""

RATE_SCALE = 100_000_000
"""Exchange rates are integers in units of 1/RATE_SCALE."""

Kind = Literal["text", "date", "timestamp", "exact", "rate", "integer", "boolean"]
PANDAS_DTYPE: dict[Kind, str] = {
    "text": "str",
    "date": "datetime64[s]",  # midnight, without zone
    "timestamp": "datetime64[s, UTC]",
    "exact": "Int64",  # ten-thousandths
    "rate": "Int64",  # hundred-millionths
    "integer": "Int64",
    "boolean": "boolean",
}
"""How each kind is held in memory; a missing value is NA/NaT, never a sentinel."""

TRACE_COLUMNS = ("_source", "_line", "_row")
"""Where a row came from: file (str), line or sheet row (Int64), hash of table and key (str, 16 hex digits)."""


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    name: str
    kind: Kind
    required: bool = False
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One canonical table: its columns, its key and the parents its foreign keys point to.

    `parents` maps a foreign-key column to the table it refers to; `dated` names the column by which a row
    belongs to a window, where it has one.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    parents: dict[str, str] = field(default_factory=dict)
    dated: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column `name`; KeyError where the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _kind_of(name: str) -> Kind:
    """The kind a name promises by the column grammar."""
    if name.endswith("_on"):
        return "date"
    if name.endswith("_at"):
        return "timestamp"
    if name.startswith(("is_", "has_")) or name == "may_quote":
        return "boolean"
    if name.endswith(("_amount", "_pct", "_hours")):
        return "exact"
    if name in _EXACT_NAMES:
        return "exact"
    if name == "rate":
        return "rate"
    if name.endswith("_count") or name in _INTEGER_NAMES:
        return "integer"
    return "text"


_EXACT_NAMES = frozenset(
    "amount hours quantity delivered_quantity baseline_value target_value current_value value baseline target score scale_max"
    " active_seats seats units".split()
)
_INTEGER_NAMES = frozenset(
    "line_no payment_days delay_days year our_rank vest_months cliff_months level target_level".split()
)
_ALLOWED: dict[str, tuple[str, ...]] = {
    "assignments.role": ("owner", "technical", "executive", "backup"),
    "orders.kind": ("new", "cross_sell", "up_sell", "renewal"),
    "opportunities.kind": ("new", "cross_sell", "up_sell", "renewal"),
    "surveys.kind": ("csat", "nps", "ces"),
    "activities.status": ("planned", "held", "cancelled"),
    "outcomes.better": ("higher", "lower"),
    "outcomes.confidence": ("measured", "confirmed", "modelled", "estimated"),
    "actions.side": ("ours", "client"),
    "competitor_events.kind": ("quote", "offer", "visit", "win"),
    "contacts.role": ("economic_buyer", "procurement", "business", "technical", "executive", "coach"),
}


_KINDS: dict[str, Kind] = {"managers.level": "text", "contracts.service_hours": "text"}
"""Columns whose name means another thing in one table: a manager's grade, a contract's opening hours."""


def _table(
    name: str,
    columns: str,
    *,
    key: str,
    required: str = "",
    parents: dict[str, str] | None = None,
    dated: str | None = None,
) -> Table:
    needed = set(key.split()) | set(required.split())
    declared = tuple(
        Column(
            column,
            _KINDS.get(f"{name}.{column}") or _kind_of(column),
            column in needed,
            _ALLOWED.get(f"{name}.{column}", ()),
        )
        for column in columns.split()
    )
    return Table(name, declared, tuple(key.split()), parents or {}, dated)


_ACCOUNT = {"account_id": "accounts"}
_ACCOUNT_MANAGER = {"account_id": "accounts", "manager_id": "managers"}

_DECLARED: tuple[Table, ...] = (
    _table(
        "accounts",
        "account_id parent_id name name_en industry region country currency locale brand client_logo report_unit"
        " signed_on owner_id status potential_amount pain_point agreed_story",
        key="account_id",
        required="name",
        parents={"parent_id": "accounts", "owner_id": "managers"},
    ),
    _table(
        "contacts",
        "contact_id account_id name title role email language is_primary is_backup active_from_on left_at"
        " handed_over_at visited_on report_edition",
        key="contact_id",
        required="account_id",
        parents=_ACCOUNT,
    ),
    _table(
        "managers",
        "manager_id name team_id reports_to_id email hired_on left_on pay_mode base_amount currency level",
        key="manager_id",
        required="name",
        parents={"team_id": "teams", "reports_to_id": "managers"},
    ),
    _table("teams", "team_id name region parent_team_id", key="team_id", required="name"),
    _table(
        "team_members",
        "manager_id team_id from_on to_on",
        key="manager_id team_id from_on",
        parents={"manager_id": "managers", "team_id": "teams"},
    ),
    _table(
        "parents",
        "account_id parent_id from_on to_on",
        key="account_id from_on",
        parents={"account_id": "accounts", "parent_id": "accounts"},
    ),
    _table(
        "assignments",
        "account_id manager_id role share_pct from_on to_on handed_over_at",
        key="account_id manager_id role from_on",
        parents=_ACCOUNT_MANAGER,
    ),
    _table(
        "contracts",
        "contract_id account_id signed_on starts_on ends_on annual_amount currency payment_days reply_hours"
        " resolve_hours green_reply_hours service_hours calendar time_zone revenue_share_pct status",
        key="contract_id",
        required="account_id",
        parents=_ACCOUNT,
        dated="starts_on",
    ),
    _table(
        "products",
        "product_id name category unit list_amount unit_cost_amount currency",
        key="product_id",
        required="name",
    ),
    _table(
        "opportunities",
        "opportunity_id account_id manager_id product_id kind stage amount currency opened_on expected_on closed_on"
        " is_won lost_reason competitor",
        key="opportunity_id",
        parents={**_ACCOUNT_MANAGER, "product_id": "products"},
        dated="closed_on",
    ),
    _table(
        "orders",
        "order_id account_id manager_id kind currency ordered_on requested_on first_promised_on last_promised_on"
        " delivered_on status is_document_correct is_undamaged delay_cause",
        key="order_id",
        required="ordered_on",
        parents=_ACCOUNT_MANAGER,
        dated="ordered_on",
    ),
    _table(
        "order_lines",
        "order_id line_no product_id unit quantity delivered_quantity currency unit_amount list_amount"
        " discount_amount net_amount cost_amount is_correct requested_on first_promised_on last_promised_on"
        " delivered_on",
        key="order_id line_no",
        required="net_amount",
        parents={"order_id": "orders", "product_id": "products"},
    ),
    _table(
        "invoices",
        "invoice_id account_id order_id manager_id kind currency issued_on due_on net_amount tax_amount gross_amount"
        " is_credit_note is_disputed",
        key="invoice_id",
        required="issued_on",
        parents={**_ACCOUNT_MANAGER, "order_id": "orders"},
        dated="issued_on",
    ),
    _table(
        "payments",
        "payment_id invoice_id account_id paid_on currency amount",
        key="payment_id",
        required="paid_on amount",
        parents={"invoice_id": "invoices", "account_id": "accounts"},
        dated="paid_on",
    ),
    _table(
        "forecasts",
        "account_id manager_id product_id period_on made_on currency amount quantity",
        key="account_id manager_id product_id period_on made_on",
        parents={**_ACCOUNT_MANAGER, "product_id": "products"},
        dated="period_on",
    ),
    _table(
        "targets",
        "subject_kind subject_id metric breakdown from_on to_on value",
        key="subject_kind subject_id metric breakdown from_on",
        required="value",
    ),
    _table(
        "cases",
        "case_id account_id contact_id opened_at first_reply_at resolved_at first_reply_paused_hours paused_hours"
        " priority category cause is_green_channel status",
        key="case_id",
        required="opened_at",
        parents={**_ACCOUNT, "contact_id": "contacts"},
        dated="opened_at",
    ),
    _table(
        "surveys",
        "survey_id account_id contact_id kind asked_on answered_on score scale_max comment may_quote action_taken",
        key="survey_id",
        parents={**_ACCOUNT, "contact_id": "contacts"},
        dated="answered_on",
    ),
    _table(
        "activities",
        "activity_id account_id manager_id contact_id kind held_on status is_face_to_face outcome",
        key="activity_id",
        parents={**_ACCOUNT_MANAGER, "contact_id": "contacts"},
        dated="held_on",
    ),
    _table(
        "usage",
        "account_id product_id month_on measure quantity seats active_seats",
        key="account_id product_id month_on measure",
        parents={**_ACCOUNT, "product_id": "products"},
        dated="month_on",
    ),
    _table(
        "needs",
        "need_id account_id kind description raised_on owner_id due_on status is_client_visible",
        key="need_id",
        parents={**_ACCOUNT, "owner_id": "managers"},
        dated="raised_on",
    ),
    _table(
        "outcomes",
        "outcome_id account_id goal unit better baseline_value baseline_on target_value current_value current_on"
        " method evidence confidence attribution_pct money_amount currency benefit_key confirmed_by confirmed_on",
        key="outcome_id",
        parents=_ACCOUNT,
        dated="current_on",
    ),
    _table(
        "outcome_values",
        "outcome_id measured_on value evidence",
        key="outcome_id measured_on",
        parents={"outcome_id": "outcomes"},
        dated="measured_on",
    ),
    _table(
        "change_requests",
        "change_id account_id contract_id asked_on description confirmed_by_us_on confirmed_by_client_on delivered_on"
        " cost_amount currency delay_days status",
        key="change_id",
        parents={**_ACCOUNT, "contract_id": "contracts"},
        dated="asked_on",
    ),
    _table(
        "projects",
        "project_id account_id kind name starts_on ends_on revenue_amount currency share_pct status result",
        key="project_id",
        parents=_ACCOUNT,
        dated="starts_on",
    ),
    _table(
        "benefits",
        "benefit_id account_id kind given_on description worth_amount currency",
        key="benefit_id",
        parents=_ACCOUNT,
        dated="given_on",
    ),
    _table(
        "plans",
        "plan_id account_id objective metric baseline target due_on owner_id status",
        key="plan_id",
        parents={**_ACCOUNT, "owner_id": "managers"},
    ),
    _table(
        "actions",
        "action_id account_id plan_id description side owner due_on done_on status is_client_visible",
        key="action_id",
        parents={**_ACCOUNT, "plan_id": "plans"},
        dated="due_on",
    ),
    _table(
        "budgets",
        "subject_kind subject_id breakdown month_on kind amount currency",
        key="subject_kind subject_id breakdown month_on kind",
        dated="month_on",
    ),
    _table(
        "cost_to_serve",
        "account_id month_on activity hours rate_amount currency",
        key="account_id month_on activity",
        parents=_ACCOUNT,
        dated="month_on",
    ),
    _table(
        "competitor_events",
        "event_id account_id competitor seen_on kind price_gap_pct description response",
        key="event_id",
        parents=_ACCOUNT,
        dated="seen_on",
    ),
    _table(
        "interventions",
        "intervention_id account_id opened_on risk offered cost_amount revenue_at_stake_amount currency outcome"
        " closed_on",
        key="intervention_id",
        parents=_ACCOUNT,
        dated="opened_on",
    ),
    _table(
        "market",
        "industry region year market_amount currency our_rank rivals_count source",
        key="industry region year",
    ),
    _table(
        "competences",
        "manager_id skill area level target_level assessed_on assessor",
        key="manager_id skill assessed_on",
        parents={"manager_id": "managers"},
        dated="assessed_on",
    ),
    _table(
        "grants",
        "manager_id granted_on units vest_from_on vest_months cliff_months unit_amount currency",
        key="manager_id granted_on",
        parents={"manager_id": "managers"},
        dated="granted_on",
    ),
    _table("fx", "rate_on currency to_currency rate", key="rate_on currency to_currency", required="rate"),
    _table("holidays", "country day_on name is_workday", key="country day_on", required="is_workday"),
)

TABLES: dict[str, Table] = {table.name: table for table in _DECLARED}
SALES_TABLES = ("orders", "invoices", "contracts", "opportunities")
"""At least one of these is required besides `accounts`."""

NO_ACCOUNT = "~"
"""The account under which rows with an empty account are kept: in the portfolio, in no document."""
