"""The tables that sections may read: from which audience on, and which of their columns.

The names of the columns that documents read stand here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from pipeline.derived.pay_table import PayLine

AUDIENCES = ("client", "internal", "restricted")
"""Who may see what, from all to few: a document may hold what is meant for its audience or for one before it."""


@dataclass(frozen=True)
class Readable:
    """A table that sections may read: from which audience on, and which of its columns."""

    audience: str
    columns: tuple[str, ...]


TABLES: dict[str, Readable] = {
    "deliveries": Readable(
        "client",
        (
            "order_id",
            "basis",
            "due_on",
            "delivered_on",
            "days_late",
            "is_due",
            "is_cancelled",
            "is_met",
            "is_on_time",
            "is_in_full",
            "is_quantified",
            "delay_cause",
            "product_name",
            "ordered_on",
        ),
    ),
    "service_clocks": Readable(
        "client",
        (
            "case_id",
            "clock",
            "category",
            "opened_on",
            "limit_hours",
            "elapsed_hours",
            "is_stopped",
            "is_due",
            "is_met",
        ),
    ),
    "holdings": Readable(
        "internal", ("manager_id", "account_id", "customer_id", "share", "from_on", "to_on")
    ),
    "touchpoints": Readable(
        "internal", ("customer_id", "line", "state", "from_on", "due_on", "held_on", "days_late")
    ),
    "account_levels": Readable("internal", ("customer_id", "level", "value", "from_on", "until_on")),
    "late_positions": Readable(
        "internal", ("customer_id", "invoice_id", "from_on", "until_on", "days_late", "is_disputed")
    ),
    "warnings": Readable(
        "internal",
        (
            "account_id",
            "customer_id",
            "rule",
            "about",
            "since_on",
            "raised_on",
            "until_on",
            "confidence",
            "ground",
            "observed",
            "expected",
            "at_stake_amount",
            "currency",
            "actor_id",
            "is_at_stake",
            "play",
            "play_en",
        ),
    ),
    "warning_outcomes": Readable(
        "internal",
        (
            "account_id",
            "customer_id",
            "rule",
            "raised_on",
            "decided_on",
            "is_true",
            "is_false_alarm",
            "lead_days",
        ),
    ),
    "losses": Readable(
        "internal", ("customer_id", "kind", "event_on", "warned_on", "lead_days", "is_foretold")
    ),
    "at_risk": Readable("internal", ("customer_id", "from_on", "until_on", "at_stake_amount")),
    "handovers": Readable(
        "internal",
        (
            "account_id",
            "customer_id",
            "person_id",
            "side",
            "left_on",
            "handed_over_at",
            "hours",
            "is_due",
            "is_met",
        ),
    ),
    "interventions": Readable(
        "internal",
        (
            "intervention_id",
            "account_id",
            "customer_id",
            "opened_on",
            "risk",
            "offered",
            "cost_amount",
            "revenue_at_stake_amount",
            "currency",
            "outcome",
            "closed_on",
        ),
    ),
    "competitor_events": Readable(
        "internal",
        (
            "account_id",
            "customer_id",
            "competitor",
            "seen_on",
            "kind",
            "price_gap_pct",
            "description",
            "response",
        ),
    ),
    "customer_needs": Readable(
        "internal",
        ("customer_id", "need_id", "kind", "description", "raised_on", "owner_id", "due_on", "state"),
    ),
    "client_roles": Readable("internal", ("customer_id", "role", "from_on", "until_on")),
    "our_roles": Readable("internal", ("customer_id", "role", "from_on", "until_on")),
    "blind_spots": Readable("internal", ("customer_id", "role", "from_on", "until_on")),
    "objectives": Readable(
        "internal",
        (
            "customer_id",
            "plan_id",
            "objective",
            "metric",
            "baseline",
            "target",
            "due_on",
            "actual",
            "basis",
            "state",
        ),
    ),
    "activities": Readable(
        "internal",
        (
            "account_id",
            "customer_id",
            "manager_id",
            "kind",
            "held_on",
            "status",
            "is_face_to_face",
            "outcome",
        ),
    ),
    "competence_levels": Readable(
        "restricted",
        (
            "subject_kind",
            "subject_id",
            "manager_id",
            "skill",
            "area",
            "until_on",
            "assessed_on",
            "level",
            "target_level",
            "gap",
        ),
    ),
    "pay_lines": Readable(
        "restricted", (*(each.name for each in fields(PayLine) if each.name != "source"), "_from")
    ),
    "open_deals": Readable(
        "internal",
        ("customer_id", "opportunity_id", "manager_id", "kind", "stage", "amount", "currency", "expected_on"),
    ),
    "whitespace": Readable(
        "internal",
        (
            "customer_id",
            "product_id",
            "current_amount",
            "whitespace_amount",
            "place",
            "because_product_id",
            "together_count",
            "buyers_count",
            "confidence_pct",
        ),
    ),
    "role_duties": Readable("internal", ("customer_id", "role", "is_held", "from_on", "until_on")),
    "plan_duties": Readable("internal", ("customer_id", "has_plan", "from_on", "until_on")),
    "open_changes": Readable(
        "internal", ("customer_id", "change_id", "description", "asked_on", "is_confirmed")
    ),
    "open_needs": Readable(
        "internal", ("customer_id", "need_id", "description", "owner_id", "due_on", "is_owned", "state")
    ),
    "commitments": Readable(
        "client",
        ("action_id", "description", "side", "owner", "due_on", "done_on", "state", "days_late"),
    ),
    "requirement_changes": Readable(
        "client",
        (
            "change_id",
            "description",
            "asked_on",
            "confirmed_by_us_on",
            "confirmed_by_client_on",
            "delivered_on",
            "effect_amount",
            "currency",
            "delay_days",
            "state",
            "is_confirmed",
        ),
    ),
    "comments": Readable(
        "client",
        ("answered_on", "comment", "action_taken", "may_quote", "is_critical", "is_acted_on"),
    ),
    "goals": Readable(
        "client",
        (
            "outcome_id",
            "goal",
            "title",
            "unit",
            "better",
            "baseline_on",
            "from_on",
            "value",
            "is_measured",
            "expires_on",
            "confidence",
            "method",
            "evidence",
            "attribution_pct",
            "benefit_key",
            "confirmed_by",
            "confirmed_on",
        ),
    ),
    "insight_texts": Readable("client", ("language", "text")),
    "growth_parts": Readable("client", ("first_class", "last_class", "customers")),
    "value_claims": Readable(
        "client",
        (
            "goal",
            "title",
            "confidence",
            "method",
            "evidence",
            "attribution_pct",
            "benefit_key",
            "confirmed_by",
            "confirmed_on",
            "from_on",
            "until_on",
        ),
    ),
    "usage_months": Readable(
        "client",
        (
            "product_id",
            "product_name",
            "measure",
            "module",
            "month_on",
            "is_fed",
            "quantity",
            "seats",
            "active_seats",
            "usual_quantity",
        ),
    ),
    "contract_states": Readable(
        "client", ("contract_id", "currency", "annual_amount", "starts_on", "ends_on", "until_on")
    ),
    "ledger": Readable(
        "client",
        ("invoice_id", "currency", "issued_on", "due_on", "from_on", "until_on", "balance_amount"),
    ),
    "invoices": Readable(
        "client",
        (
            "invoice_id",
            "order_id",
            "currency",
            "issued_on",
            "due_on",
            "net_amount",
            "tax_amount",
            "gross_amount",
            "is_credit_note",
            "is_disputed",
        ),
    ),
    "joint_projects": Readable(
        "client",
        (
            "project_id",
            "kind",
            "name",
            "starts_on",
            "ends_on",
            "currency",
            "result",
            "state",
            "revenue_amount",
            "shared_pct",
            "our_amount",
        ),
    ),
    "value_added": Readable("client", ("kind", "given_on", "description", "worth_amount", "currency")),
}
