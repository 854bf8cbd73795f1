"""What happens at the demo company month by month, all clients at once; one month is in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from pipeline.demo import further_truths as further
from pipeline.demo import people, tables
from pipeline.demo.calendar import Month
from pipeline.demo.chance import Integers
from pipeline.demo.columns import Columns
from pipeline.demo.deals import deal_columns, deals_of
from pipeline.demo.dirt import SOILED, Sample, first_of
from pipeline.demo.effort import effort_columns
from pipeline.demo.files import Exports
from pipeline.demo.forecasts import coming, forecast_columns, forecasts_of
from pipeline.demo.money import Invoices, invoices_of, payments_of
from pipeline.demo.orders import Lines, Orders, lines_of, orders_of
from pipeline.demo.service import Answers, answers_of, cases_of
from pipeline.demo.touchpoints import touchpoint_columns, touchpoints_of
from pipeline.demo.truths import Counts, added, counted, no_counts, spans
from pipeline.demo.usage import usage_columns, usage_of
from pipeline.demo.world import World

_COMING = (1, 2)
"""Months ahead of the last whole one that are forecast already."""


@dataclass(frozen=True)
class History:
    """What the months so far leave for the next one: the numbers used, the truths, rows to plant dirt beside."""

    year: int = 0
    used: dict[str, int] = field(default_factory=dict)
    counts: Counts = field(default_factory=no_counts)
    sample: Sample = field(default_factory=Sample)

    def first(self, kind: str, month: Month) -> int:
        """The next free number of a kind; numbers begin anew each year."""
        return self.used.get(kind, 0) + 1 if month.year == self.year else 1

    def after(self, month: Month, sizes: dict[str, int]) -> dict[str, int]:
        """The numbers used once a month's rows have taken theirs."""
        return {kind: self.first(kind, month) - 1 + size for kind, size in sizes.items()}


def write_months(
    exports: Exports, made: World, served: tuple[people.Assignment, ...], until: date
) -> History:
    """The tables that grow by the month, oldest first."""
    history = History()
    for month in made.months:
        sold, history = _trade(exports, made, served, (month, until), history)
        history = _care(exports, made, served, (month, until), history)
        history = _plan(exports, made, served, month, (sold, history))
    return history


def _trade(
    exports: Exports,
    made: World,
    served: tuple[people.Assignment, ...],
    when: tuple[Month, date],
    before: History,
) -> tuple[Integers, History]:
    """Orders, lines, invoices, payments, cases and surveys; what each client bought, in ten-thousandths of CNY."""
    month, until = when
    names = tables.names_of(made)
    orders = orders_of(made, month, before.first("orders", month))
    lines = lines_of(made, orders)
    invoices = invoices_of(made, month, orders, lines)
    payments = payments_of(made, month, orders, invoices)
    cases = cases_of(made, month, before.first("cases", month))
    answers = answers_of(made, month, before.first("answers", month))
    owners = people.owner_numbers(served, made.clients, orders.account, orders.ordered_on)
    line_columns = tables.line_columns(names, orders, lines)
    exports.append("orders", tables.order_columns(names, orders, owners))
    exports.append("order_lines", line_columns)
    exports.append("invoices", tables.invoice_columns(names, orders, invoices))
    exports.append("payments", tables.payment_columns(names, orders, invoices, payments))
    exports.append("cases", tables.case_columns(names, cases))
    exports.append("surveys", tables.answer_columns(names, made, answers))
    found = counted(made, month, until, orders, lines, invoices, payments, cases, answers)
    sizes = {"orders": orders.account.size, "cases": cases.account.size, "answers": answers.account.size}
    sold = further.sold_counts(made, month, orders, lines)
    counts = added(added(before.counts, found), _more_counts(made, until, orders, lines, answers))
    history = replace(
        before,
        used={**before.used, **before.after(month, sizes)},
        counts=added(counts, sold),
        sample=_sampled(month, before.sample, made, orders, invoices, line_columns),
    )
    return sold[f"sold/{month.number}"], history


def _more_counts(made: World, until: date, orders: Orders, lines: Lines, answers: Answers) -> Counts:
    windows = spans(until)
    return {
        **further.perfect_counts(made, windows, orders, lines),
        **further.recommendation_counts(made, windows, answers),
    }


def _care(
    exports: Exports,
    made: World,
    served: tuple[people.Assignment, ...],
    when: tuple[Month, date],
    before: History,
) -> History:
    """Opportunities, touchpoints, use of the software and hours spent; the year's numbers end with the month."""
    month, until = when
    names = tables.names_of(made)
    deals = deals_of(made, month, before.first("deals", month))
    touched = touchpoints_of(made, month, before.first("touchpoints", month))
    of_deals = people.owner_numbers(served, made.clients, deals.account, deals.opened_on)
    of_touched = people.owner_numbers(served, made.clients, touched.account, touched.held_on)
    exports.append("opportunities", deal_columns(names, made, deals, of_deals))
    exports.append("activities", touchpoint_columns(names, made, touched, of_touched))
    if month.ago >= 0:
        exports.append("usage", usage_columns(names, usage_of(made, month)))
    effort = effort_columns(names, made, month)
    if effort is not None:
        exports.append("cost_to_serve", effort)
    sizes = {"deals": deals.account.size, "touchpoints": touched.account.size}
    return replace(
        before,
        year=month.year,
        used={**before.used, **before.after(month, sizes)},
        counts=added(before.counts, further.deal_counts(made, spans(until), deals)),
    )


def _plan(
    exports: Exports,
    made: World,
    served: tuple[people.Assignment, ...],
    month: Month,
    sold_and_before: tuple[Integers, History],
) -> History:
    """Forecasts of the month, and after the last whole one those of the months to come."""
    sold, before = sold_and_before
    names, clients = tables.names_of(made), np.arange(len(made.clients), dtype=np.int64)
    day = np.full(clients.size, month.first_on, dtype=np.int64)
    owners = people.owner_numbers(served, made.clients, clients, day)
    forecasts = forecasts_of(made, month, sold, owners)
    ahead = [coming(made, month, sold, months) for months in _COMING] if month.ago == 0 else []
    for each in (forecasts, *ahead):
        if each is not None and each.account.size:
            exports.append("forecasts", forecast_columns(names, each))
    return replace(before, counts=added(before.counts, further.forecast_counts(made, month, forecasts)))


def _sampled(
    month: Month, before: Sample, made: World, orders: Orders, invoices: Invoices, lines: Columns
) -> Sample:
    """An invoice of the month before the last whole one; an order of the last whole one, and its first line."""
    if month.ago == 1:
        at = first_of(SOILED, orders.account[invoices.order])
        account = made.clients[int(orders.account[invoices.order[at]])].account_id
        return replace(before, invoice_id=str(tables.invoice_ids(orders, invoices)[at]), invoiced=account)
    if month.ago == 0:
        order_id = str(tables.order_ids(orders)[first_of(SOILED, orders.account)])
        line = lines["order_id"].to_pylist().index(order_id)
        cells = {name: values.slice(line, 1) for name, values in lines.items()}
        return replace(before, order_id=order_id, line=cells)
    return before
