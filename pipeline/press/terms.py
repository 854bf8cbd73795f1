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
    }
    return named.get(breakdown, breakdown.partition("=")[2])


def part_name(_: Gettext, part: str) -> str:
    """Which part of a reading a figure is; empty for its value."""
    return {
        "numerator": _("met"),
        "denominator": _("due"),
        "missed": _("missed"),
        "n": _("cases counted"),
        "low": _("interval, lower end"),
        "high": _("interval, upper end"),
        "target": _("target"),
        "before": _("period before"),
        "year_ago": _("a year earlier"),
    }.get(part, "")
