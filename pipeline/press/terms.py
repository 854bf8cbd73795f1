"""The short names that client documents use for metrics, for their breakdowns, and for the parts of a figure."""

from __future__ import annotations

from collections.abc import Callable

Gettext = Callable[[str], str]


def metric_name(_: Gettext, metric: str) -> str:
    """A metric's short name; empty where only the catalogue's own label serves."""
    return {
        "net_sales": _("Net sales"),
        "volume": _("Volume"),
        "sales_growth": _("Change on the year before"),
        "otif_orders": _("On time in full"),
        "otif_lines": _("On time in full, by line"),
        "on_time_orders": _("On time"),
        "in_full_orders": _("In full"),
        "sla_attainment": _("Service levels met"),
        "first_reply_median": _("First reply, median"),
        "first_reply_p90": _("First reply, nine in ten"),
        "green_reply_median": _("Green channel reply, median"),
        "green_reply_p90": _("Green channel reply, nine in ten"),
        "resolution_median": _("Resolution, median"),
        "resolution_p90": _("Resolution, nine in ten"),
        "csat": _("Satisfaction"),
        "cases": _("Cases"),
        "goals_reached": _("Goals reached"),
        "value_to_date": _("Value to date"),
        "claims_to_date": _("Benefits claimed"),
        "nps": _("Recommendation (NPS)"),
        "csat_other_scales": _("Satisfaction, other scales"),
        "response_rate": _("Surveys answered"),
        "criticism_acted_share": _("Criticism acted on"),
        "commitments_kept_share": _("Commitments kept, share"),
        "commitments_kept": _("Commitments kept"),
        "commitments_late": _("Commitments late"),
        "commitments_dropped": _("Commitments dropped"),
        "changes_delivered": _("Changes delivered"),
        "change_cost": _("Cost of changes delivered"),
        "change_delay": _("Days added by a change"),
        "usage_quantity": _("Use"),
        "seats_active_share": _("Seats in use"),
        "usage_level": _("Use against your usual"),
        "contracts_in_force": _("Contracts in force"),
        "contract_days_left": _("Days under contract"),
        "contract_amount": _("Amount agreed"),
        "contract_fulfilment": _("Bought of the amount agreed"),
        "open_invoices": _("Open invoices"),
        "joint_projects": _("Joint projects"),
        "projects_finished": _("Projects completed"),
        "project_revenue": _("Revenue of joint projects"),
        "project_share_rate": _("Our share of it"),
        "benefits_given": _("Extras given"),
        "benefits_worth": _("Stated worth of extras"),
        "gross_margin": _("Gross margin"),
        "turnover_days": _("Receivables turnover"),
        "forecast_accuracy": _("Forecast accuracy"),
        "share_of_wallet": _("Share of wallet"),
        "new_customer_rate": _("New customer rate"),
        "net_revenue_retention": _("Net revenue retention"),
        "customer_retention": _("Customer retention"),
        "receivables": _("Receivables"),
        "overdue_amount": _("Overdue"),
        "overdue_share": _("Overdue share"),
        "dso_countback": _("Days outstanding"),
        "weighted_days_late": _("Weighted days late"),
        "collection_effectiveness": _("Collected of collectable"),
        "won_value": _("Deals won"),
        "open_pipeline_value": _("Pipeline"),
        "activities": _("Visits and meetings"),
        "win_rate": _("Win rate"),
        "sales_cycle": _("Sales cycle"),
    }.get(metric, "")


def name_in_sentence(_: Gettext, metric: str) -> str:
    """The name that a sentence uses where a label would not read well in it; empty where there is none."""
    return {
        "otif_orders": _("delivery on time in full"),
        "sla_attainment": _("service levels"),
    }.get(metric, "")


def breakdown_name(_: Gettext, breakdown: str) -> str:
    """A breakdown value's name; values of data (a unit of measure) stand for themselves."""
    named = {
        "basis=requested": _("by requested date"),
        "basis=first_promised": _("by first promise"),
        "basis=last_promised": _("by last promise"),
        "clock=first_reply": _("first reply"),
        "clock=resolution": _("resolution"),
        "clock=green_channel": _("green channel"),
        "kind=new": _("new business"),
        "kind=cross_sell": _("cross-selling"),
        "kind=up_sell": _("up-selling"),
        "kind=renewal": _("renewals"),
        "side=ours": _("ours"),
        "side=client": _("yours"),
        "confidence=measured": _("measured"),
        "confidence=confirmed": _("confirmed by you"),
        "confidence=modelled": _("modelled"),
        "confidence=estimated": _("estimated"),
    }
    return named.get(breakdown, breakdown.partition("=")[2])


def standing_name(_: Gettext, standing: str) -> str:
    """What a customer is: its class, band or stage, or how one of them moved. What is not named stands for itself."""
    return {
        "core_value": _("core value"),
        "high_potential": _("high potential"),
        "maintain": _("maintain"),
        "to_optimise": _("to optimise"),
        "not_classed": _("not classed"),
        "strategic": _("strategic"),
        "key": _("key"),
        "base": _("base"),
        "below": _("below the bands"),
        "initial": _("initial"),
        "stable": _("stable"),
        "deep": _("deep"),
        "symbiosis": _("symbiosis"),
        "lapsed": _("lapsed"),
    }.get(standing, standing)


def part_name(_: Gettext, part: str) -> str:
    """Which part of a reading a figure is; empty for its value."""
    return {
        "numerator": _("met"),
        "denominator": _("due"),
        "missed": _("missed"),
        "n": _("cases counted"),
        "attainment": _("attainment"),
        "low": _("interval, lower end"),
        "high": _("interval, upper end"),
        "target": _("target"),
        "before": _("period before"),
        "year_ago": _("a year earlier"),
    }.get(part, "")
