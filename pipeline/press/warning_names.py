"""The names of early warnings, as lists and tables of internal documents use them."""

from __future__ import annotations

from collections.abc import Callable


def warning_name(_: Callable[[str], str], rule: str) -> str:
    """What a rule of early warning says, in a few words; a rule that has no name here stands for itself."""
    return {
        "sales_drop": _("sales falling"),
        "usage_drop": _("use falling"),
        "payment_delay": _("payments slipping"),
        "order_gap": _("order overdue"),
        "change_rate": _("many changes"),
        "change_unconfirmed": _("change not confirmed"),
        "handover_late": _("hand-over late"),
        "contact_unvisited": _("contact not visited"),
        "single_threaded": _("a single contact"),
        "no_backup": _("no backup manager"),
        "no_technical": _("no technical support"),
        "competitor": _("competitor active"),
    }.get(rule, rule)
