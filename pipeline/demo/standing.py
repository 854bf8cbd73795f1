"""The demo's tables that are not made month by month: who and what there is, what was agreed, the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from pipeline.demo import claims, commitments, people, promises, relations, rivals, staff
from pipeline.demo.calendar import date_of, holidays
from pipeline.demo.cast import STORIED
from pipeline.demo.contacts import contact_rows, contacts
from pipeline.demo.customers import account_rows
from pipeline.demo.dirt import Dirt, repeated_contact
from pipeline.demo.files import Exports
from pipeline.demo.market import RATE_UNIT, market_rows, product_rows
from pipeline.demo.restated import late_return, line_rows, order_rows
from pipeline.demo.touchpoints import beginning_rows
from pipeline.demo.world import World

Rows = Iterator[Mapping[str, str]]


def write_standing(
    exports: Exports, made: World, served: tuple[people.Assignment, ...], until: date
) -> tuple[Dirt, ...]:
    """Write them; what of it was planted."""
    owners = people.owners_at(served, until)
    for table, rows in {**_company(made, served, owners, until), **_work(made, owners, until)}.items():
        exports.append_rows(table, rows)
    _write_late(exports, made, owners, until)
    if len(made.clients) <= STORIED:
        return ()
    again = repeated_contact(list(contact_rows(contacts(made.chance, made.clients[:STORIED], until))))
    exports.append_rows("contacts", [again.row])
    return (again,)


def _company(
    made: World, served: tuple[people.Assignment, ...], owners: dict[str, str], until: date
) -> dict[str, Rows]:
    """The company, its clients, its products and what was agreed."""
    managers, clients = people.manager_count(len(made.clients)), made.clients
    plan = promises.yearly_sales(clients, owners, managers)
    return {
        "accounts": account_rows(clients, owners),
        "contacts": contact_rows(contacts(made.chance, clients, until)),
        "managers": people.manager_rows(managers),
        "teams": people.team_rows(managers),
        "team_members": people.team_member_rows(managers, until),
        "parents": relations.parent_rows(clients),
        "assignments": people.assignment_rows(served),
        "products": product_rows(),
        "market": market_rows(),
        "contracts": promises.contract_rows(clients, made.months[0].year, until),
        "targets": promises.target_rows(clients, owners, managers, until),
        "budgets": staff.budget_rows(plan, until),
        "competences": staff.competence_rows(made.chance, managers, until),
        "grants": staff.grant_rows(managers),
        "fx": _rate_rows(made),
        "holidays": _holiday_rows(),
    }


def _work(made: World, owners: dict[str, str], until: date) -> dict[str, Rows]:
    """What goes on with the clients."""
    clients = made.clients
    return {
        "outcomes": claims.outcome_rows(clients, until),
        "outcome_values": claims.outcome_value_rows(clients, until),
        "plans": commitments.plan_rows(clients, owners, until),
        "actions": commitments.action_rows(clients, until),
        "needs": relations.need_rows(clients, owners, until),
        "change_requests": relations.change_rows(clients, until),
        "projects": relations.project_rows(clients, until),
        "benefits": relations.benefit_rows(made.chance, clients, until),
        "competitor_events": rivals.sighting_rows(made.chance, clients, until),
        "interventions": rivals.rescue_rows(clients, until),
        "activities": beginning_rows(clients, owners, until),
    }


def _write_late(exports: Exports, made: World, owners: dict[str, str], until: date) -> None:
    late = late_return(made.clients, until)
    if late is not None:
        exports.append_late("orders", order_rows(late, owners["A-0024"]))
        exports.append_late("order_lines", line_rows(late))


def _rate_rows(made: World) -> Rows:
    """The `fx` table."""
    for currency, series in sorted(made.rates.items()):
        for day, rate in zip(series.days.tolist(), series.rates.tolist(), strict=True):
            whole, rest = divmod(rate, RATE_UNIT)
            shown = {"rate_on": date_of(day).isoformat(), "rate": f"{whole}.{rest:04d}"}
            yield {**shown, "currency": currency, "to_currency": "CNY"}


def _holiday_rows() -> Rows:
    """The `holidays` table."""
    for holiday in holidays():
        yield {
            "country": "CN",
            "day_on": holiday.day_on.isoformat(),
            "name": holiday.name,
            "is_workday": "true" if holiday.is_workday else "false",
        }
