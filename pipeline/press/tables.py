"""The tables that sections may read: from which audience on, and which of their columns.

The names of the columns that documents read stand here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

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
}
