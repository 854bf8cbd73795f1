"""The demo company: a maker of sorting lines, its clients and three years of their orders, money and service.

The same arguments give the same bytes everywhere. Everything is made month by month for all clients at once, so
memory is bounded by one month; each row depends on its own key alone (`chance`), so more clients leave what the
others do as it is. `ground_truth.json` says what is true of it and which rows are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.demo import people, promises, tables
from pipeline.demo.calendar import Month, date_of, holidays
from pipeline.demo.cast import STORIED
from pipeline.demo.customers import account_rows
from pipeline.demo.dirt import SOILED, Dirt, Sample, first_of, planted, repeated
from pipeline.demo.files import Columns, Exports
from pipeline.demo.market import RATE_UNIT, market_rows, product_rows
from pipeline.demo.money import Invoices, invoices_of, payments_of
from pipeline.demo.orders import Orders, lines_of, orders_of
from pipeline.demo.service import answers_of, cases_of
from pipeline.demo.stories import ground_truth
from pipeline.demo.truths import Counts, added, counted, no_counts
from pipeline.demo.world import World, world
from pipeline.errors import UsageError
from pipeline.store import write_json

SEED = 20260930
UNTIL = date(2026, 10, 7)


def write_demo(
    folder: Path,
    *,
    seed: int = SEED,
    accounts: int = STORIED,
    months: int = 36,
    lines: int | None = None,
    until: date = UNTIL,
) -> None:
    """Write `folder/exports/*.csv` (canonical headers) and `folder/ground_truth.json`.

    `months` whole months and what there is of the next one up to `until`; `lines` scales the orders so that about
    as many order lines come out (within some per cent). UsageError KB-0210 for fewer than ten accounts or
    thirteen months: the stories need them.
    """
    _check(accounts, months)
    made = world(seed, accounts, months, lines, until)
    served = people.assignments(made.clients, until)
    with Exports(folder / "exports") as exports:
        _write_standing(exports, made, served, until)
        history = _write_months(exports, made, served, until)
        dirt = planted(until, history.sample)
        _write_dirt(exports, dirt, history.sample)
    truth = ground_truth(made, served, history.counts, until)
    wrong = [one.as_json() for one in (*dirt, repeated(history.sample))]
    write_json(folder / "ground_truth.json", {**truth, "seed": seed, "dirt": wrong})


def _check(accounts: int, months: int) -> None:
    for name, value, least in (("--accounts", accounts, STORIED), ("--months", months, 13)):
        if value < least:
            raise UsageError(
                where=name,
                what=f"{value} is too few for the demo's stories",
                fix=f"{name} {least}",
                code="KB-0210",
            )


def _write_standing(
    exports: Exports, made: World, served: tuple[people.Assignment, ...], until: date
) -> None:
    """The tables that are not made month by month."""
    managers = people.manager_count(len(made.clients))
    owners = people.owners_at(served, until)
    first_year = made.months[0].year
    small = {
        "accounts": account_rows(made.clients, owners),
        "contacts": people.contact_rows(people.contacts(made.chance, made.clients)),
        "managers": people.manager_rows(managers),
        "teams": people.team_rows(managers),
        "team_members": people.team_member_rows(managers),
        "assignments": people.assignment_rows(served),
        "products": product_rows(),
        "market": market_rows(),
        "contracts": promises.contract_rows(made.clients, first_year, until),
        "targets": promises.target_rows(made.clients, owners, managers, until),
        "outcomes": promises.outcome_rows(made.clients, until),
        "outcome_values": promises.outcome_value_rows(made.clients, until),
        "actions": promises.action_rows(until),
        "fx": _rate_rows(made),
        "holidays": _holiday_rows(),
    }
    for table, rows in small.items():
        exports.append_rows(table, rows)


def _rate_rows(made: World) -> Iterator[dict[str, str]]:
    """The `fx` table."""
    for currency, series in sorted(made.rates.items()):
        for day, rate in zip(series.days.tolist(), series.rates.tolist(), strict=True):
            whole, rest = divmod(rate, RATE_UNIT)
            shown = {"rate_on": date_of(day).isoformat(), "rate": f"{whole}.{rest:04d}"}
            yield {**shown, "currency": currency, "to_currency": "CNY"}


def _holiday_rows() -> Iterator[dict[str, str]]:
    """The `holidays` table."""
    for holiday in holidays():
        yield {
            "country": "CN",
            "day_on": holiday.day_on.isoformat(),
            "name": holiday.name,
            "is_workday": "true" if holiday.is_workday else "false",
        }


@dataclass(frozen=True)
class History:
    """What the months so far leave for the next one: the numbers used, the truths, rows to plant dirt beside."""

    year: int
    orders: int
    cases: int
    answers: int
    counts: Counts
    sample: Sample

    def of_year(self, year: int) -> History:
        """Numbers begin anew each year."""
        return self if year == self.year else replace(self, year=year, orders=0, cases=0, answers=0)


def _write_months(
    exports: Exports, made: World, served: tuple[people.Assignment, ...], until: date
) -> History:
    """Orders, lines, invoices, payments, cases and surveys, oldest month first."""
    history = History(0, 0, 0, 0, no_counts(), Sample())
    for month in made.months:
        history = _write_month(exports, made, served, month, history.of_year(month.year), until)
    return history


def _write_month(
    exports: Exports,
    made: World,
    served: tuple[people.Assignment, ...],
    month: Month,
    before: History,
    until: date,
) -> History:
    names = tables.names_of(made)
    orders = orders_of(made, month, before.orders + 1)
    lines = lines_of(made, orders)
    invoices = invoices_of(made, month, orders, lines)
    payments = payments_of(made, month, orders, invoices)
    cases = cases_of(made, month, before.cases + 1)
    answers = answers_of(made, month, before.answers + 1)
    owners = people.owner_numbers(served, made.clients, orders.account, orders.ordered_on)
    line_columns = tables.line_columns(names, orders, lines)
    exports.append("orders", tables.order_columns(names, orders, owners))
    exports.append("order_lines", line_columns)
    exports.append("invoices", tables.invoice_columns(names, orders, invoices))
    exports.append("payments", tables.payment_columns(names, orders, invoices, payments))
    exports.append("cases", tables.case_columns(names, cases))
    exports.append("surveys", tables.answer_columns(names, made, answers))
    found = counted(made, month, until, orders, lines, invoices, payments, cases, answers)
    return History(
        year=month.year,
        orders=before.orders + orders.account.size,
        cases=before.cases + cases.account.size,
        answers=before.answers + answers.account.size,
        counts=added(before.counts, found),
        sample=_sampled(month, before.sample, made, orders, invoices, line_columns),
    )


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


def _write_dirt(exports: Exports, dirt: tuple[Dirt, ...], sample: Sample) -> None:
    """Wrong rows stand at the end of their tables."""
    for one in dirt:
        exports.append_rows(one.table, [one.row])
    exports.append("order_lines", sample.line)
