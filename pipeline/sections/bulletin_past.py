"""The early-warning bulletin's last part: how past warnings turned out, and which losses nobody was warned of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.press import cells, members
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.warning_changes import within
from pipeline.press.warning_words import dated, loss_name, rule_name
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_CELL, _NAME = 32 * MM, 60 * MM


@section(
    title=N_("How past warnings turned out"),
    audience="internal",
    metrics=("warning_precision", "warning_recall", "warning_lead_time", "false_warnings_used"),
    tables=("losses", "warning_outcomes"),
)
def bulletin_past(view: View) -> Content | None:
    """The back-test on the company's own history, over twelve months; None where nothing is decided yet."""
    year = view.over("t12m")
    made = {"rules": _rules(year), "losses": _losses(year)}
    return made if any(made.values()) else None


# By rule


def _rules(year: View) -> Content | None:
    """Warnings decided by rule: how many came true."""
    _ = year.gettext
    whole = year.reading("warning_precision")
    if not whole.denominator:
        return None
    found = [year.reading("warning_precision", name) for name in year.breakdowns("warning_precision")]
    found = sorted(
        (each for each in found if each.denominator),
        key=lambda each: (-(each.denominator or 0), each.breakdown),
    )
    return {
        "title": year.say(
            _("Of {decided} warnings decided in twelve months {true} came true"),
            decided=year.quote(whole, "denominator", year.printer.count(whole.denominator)),
            true=year.quote(whole, "numerator", year.printer.count(whole.numerator)),
        ),
        "measure": year.phrase(_horizon(year)),
        "rows": [_rule(year, each) for each in found],
        "total": _rule(year, whole),
        "note": year.joined(_budget(year), year.phrase(_bound(year))),
    }


def _horizon(year: View) -> str:
    _ = year.gettext
    rule = year.edition.back_test
    days = "–" if rule is None else str(rule.horizon_days)
    return _(
        "Came true: a loss of its kind showed within {days} days, or up to a quarter before it was raised"
    ).format(days=days)


def _rule(year: View, reading: Reading) -> Content:
    """One rule's warnings, or all of them."""
    _ = year.gettext
    rule = reading.breakdown.partition("=")[2]
    name = rule_name(_, rule) if rule else _("All warnings")
    share = reading.value or 0.0
    low, high = (
        year.printer.printed(getattr(reading, part), "share", decimals=0) for part in ("low", "high")
    )
    return {
        "name": name,
        "decided": year.figure(reading, "denominator"),
        "true": year.figure(reading, "numerator"),
        "share": year.figure(reading) if reading.is_known else None,
        "bar": cells.bar(
            share * 100,
            100,
            year.ink,
            f"{name}: {year.printed(reading).text}",
            width=_CELL,
            is_named=not rule,
        ),
        "range": f"{low.number}–{high.number}" if reading.low is not None else "–",
    }


def _budget(year: View) -> Phrase | None:
    """How much of the false warnings that are accepted was used up."""
    _ = year.gettext
    used, rule = year.reading("false_warnings_used"), year.edition.back_test
    if used.value is None or rule is None:
        return None
    false = int(year.rows("warning_outcomes", "decided_on")["is_false_alarm"].astype(bool).sum())
    text = (
        _(
            "False warnings from figures: {n}, {share} of what is accepted (one in {years} account-years): thresholds are too low."
        )
        if used.value > 1
        else _(
            "False warnings from figures: {n}, {share} of what is accepted (one in {years} account-years)."
        )
    )
    counted = year.counted("warning_outcomes", false, false, _("False warnings"))
    return year.say(text, n=counted, share=year.figure(used), years=f"{rule.budget_account_years:g}")


def _bound(year: View) -> str:
    return year.gettext(
        "A customer that was helped in time counts as not come true, so the share is a lower bound."
    )


# Losses


def _losses(year: View) -> Content | None:
    """The losses of twelve months and the warning that had told of each."""
    _ = year.gettext
    rows = within(year.rows("losses"), "event_on", year.window)
    if rows.empty:
        return None
    names = members.full_names(year, year.members("customer"))
    rows = rows.sort_values(["event_on", "customer_id", "kind"], ascending=[False, True, True], kind="stable")
    return {
        "title": _losses_title(year, rows),
        "measure": year.phrase(_lead(year)),
        "rows": [_loss(year, row, names) for row in rows.to_dict("records")],
    }


def _losses_title(year: View, rows: pd.DataFrame) -> Phrase:
    _ = year.gettext
    told = int(rows["is_foretold"].astype(bool).sum())
    if told == len(rows):
        return year.phrase(_("Every loss of twelve months had been foretold"))
    few = year.printer.few
    text = year.ngettext(
        "{told} of {n} loss in twelve months had been foretold",
        "{told} of {n} losses in twelve months had been foretold",
        len(rows),
    )
    return year.title(text.format(told=few(told), n=few(len(rows))))


def _lead(year: View) -> str:
    _ = year.gettext
    lead = year.reading("warning_lead_time")
    if lead.value is None:
        return _("What counts as a loss is stated in policy; losses of small customers may be chance")
    text = _(
        "Half of those foretold had been warned of {days} or more before; what counts as a loss is stated in policy"
    )
    return text.format(days=year.printed(lead).text)


def _loss(year: View, row: Mapping[Any, Any], names: Mapping[str, str]) -> Content:
    _ = year.gettext
    customer = str(row["customer_id"])
    is_foretold = bool(row["is_foretold"])
    return {
        "name": year.fitted(names.get(customer, customer), _NAME),
        "kind": loss_name(_, str(row["kind"])),
        "shown": dated(year, row["event_on"]),
        "is_foretold": is_foretold,
        "warned": dated(year, row["warned_on"]) if is_foretold else "",
        "lead": year.printer.duration(float(row["lead_days"]), "days").text if is_foretold else "–",
    }
