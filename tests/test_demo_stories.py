from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from pipeline.demo import write_canonical
from pipeline.schema import TABLES
from tests.demo_rows import Clean, Row, ids, within


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole company of the defaults in canonical files."""
    folder = tmp_path_factory.mktemp("company")
    write_canonical(folder)
    return folder


@pytest.fixture(scope="module")
def demo(company: Path) -> Clean:
    return Clean(company)


# Stories


def test_lapsed_account_is_lost_over_twelve_months_and_the_new_one_is_new(demo: Clean) -> None:
    stories, lost = demo.truth["stories"], demo.truth["retention"]["t12m"]

    assert stories["lapsed"] in lost["lost"]
    assert stories["new"]["account_id"] in lost["new"]
    assert demo.client["A-0010"]["signed_on"] == "2026-07-06"
    assert min(row["ordered_on"] for row in demo.orders if row["account_id"] == "A-0010") >= "2026-07-06"


def test_hand_over_has_dates_and_the_split_adds_up(demo: Clean) -> None:
    over, split = demo.truth["stories"]["hand_over"], demo.truth["stories"]["split"]
    owners = [row for row in demo.assignments if row["role"] == "owner"]

    before, after = (row for row in owners if row["account_id"] == over["account_id"])
    assert before["to_on"] == after["from_on"] == over["from_on"] == "2026-06-08"
    assert (before["manager_id"], after["manager_id"]) == (over["from_manager_id"], over["to_manager_id"])
    assert sum(Decimal(share["share_pct"]) for share in split["shares"]) == 1


def test_orders_carry_the_owner_of_their_day(demo: Clean) -> None:
    over = demo.truth["stories"]["hand_over"]
    owners = {
        (order["ordered_on"] >= over["from_on"], order["manager_id"])
        for order in demo.orders
        if order["account_id"] == over["account_id"]
    }

    assert owners == {(False, over["from_manager_id"]), (True, over["to_manager_id"])}


def test_troubled_account_falls_and_is_late_and_owes(demo: Clean) -> None:
    truth = demo.truth["accounts"]["A-0006"]
    delivery, owed = truth["otif"]["first_promised"]["quarter"], truth["receivables"]

    assert Decimal(truth["net_sales"]["month"]) < Decimal(truth["net_sales"]["month_year_ago"])
    assert delivery["otif"] < delivery["due"] / 2
    assert Decimal(owed["overdue"]) > Decimal(owed["amount"]) / 4


def orders_in(demo: Clean, account: str, months: tuple[str, ...]) -> float:
    placed = [row["ordered_on"][:7] for row in demo.orders if row["account_id"] == account]
    return sum(month in months for month in placed) / len(months)


def test_lunar_new_year_is_a_dip_and_the_drop_is_real(demo: Clean) -> None:
    for year in ("2024", "2026"):
        usual = orders_in(demo, "A-0004", (f"{year}-03", f"{year}-04"))
        assert orders_in(demo, "A-0004", (f"{year}-02",)) < usual * 0.75
    since = demo.truth["stories"]["real_drop"]["since"][:7]
    recent = ("2026-06", "2026-07", "2026-08", "2026-09")
    assert since == recent[0]
    assert (
        orders_in(demo, "A-0008", recent)
        < orders_in(demo, "A-0008", ("2026-03", "2026-04", "2026-05")) * 0.65
    )


def test_sparse_account_has_few_orders_and_no_cases(demo: Clean) -> None:
    sparse = demo.truth["stories"]["sparse_and_long_name"]

    assert 0 < len([row for row in demo.orders if row["account_id"] == sparse]) < 40
    assert not [row for row in demo.cases if row["account_id"] == sparse]
    assert len(demo.client[sparse]["name"]) == max(len(row["name"]) for row in demo.accounts)


def test_orders_show_every_way_of_going(demo: Clean) -> None:
    assert ids(demo.orders, "status") == {"delivered", "open", "partial", "cancelled", "returned"}
    assert ids(demo.orders, "delay_cause") >= {"物料短缺", "运输延误", "备货差错", "客户改期未确认", "其他"}
    assert any(
        row["requested_on"] < row["first_promised_on"] < row["last_promised_on"] for row in demo.orders
    )


def test_dates_of_an_order_follow_one_another(demo: Clean) -> None:
    for row in demo.orders:
        if row["status"] == "returned":
            assert (row["requested_on"], row["delivered_on"]) == ("", "")
            continue
        assert row["ordered_on"] <= row["requested_on"] <= row["first_promised_on"] <= row["last_promised_on"]
        assert not row["delivered_on"] or row["ordered_on"] < row["delivered_on"] <= "2026-10-07"


def test_a_line_costs_what_its_parts_say(demo: Clean) -> None:
    for row in demo.order_lines:
        gross = int(row["quantity"]) * Decimal(row["unit_amount"])
        assert Decimal(row["net_amount"]) == gross - Decimal(row["discount_amount"])


def test_a_partly_delivered_order_has_a_line_that_has_left_and_one_that_has_not(demo: Clean) -> None:
    partial = {row["order_id"] for row in demo.orders if row["status"] == "partial"}

    for order in partial:
        left = {bool(row["delivered_on"]) for row in demo.order_lines if row["order_id"] == order}
        assert left == {True, False}


def test_tax_is_thirteen_per_cent_of_goods_six_of_services_none_abroad(demo: Clean) -> None:
    services = {row["product_id"] for row in demo.__dict__["products"] if row["category"] == "软件与服务"}
    by_order: dict[str, Counter[int]] = {}
    for line in demo.order_lines:
        rate = 6 if line["product_id"] in services else 13
        rate = 0 if demo.order[line["order_id"]]["currency"] != "CNY" else rate
        delivered = int(line["delivered_quantity"])
        net = delivered * Decimal(line["unit_amount"]) - (
            Decimal(line["discount_amount"]) if delivered else 0
        )
        by_order.setdefault(line["order_id"], Counter())[rate] += net  # type: ignore[assignment]

    for row in demo.invoices:
        parts = by_order[row["order_id"]]
        tax = sum(
            (Decimal(net) * rate / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
            for rate, net in parts.items()
        )
        assert (Decimal(row["net_amount"]), Decimal(row["tax_amount"])) == (sum(parts.values()), tax)
        assert Decimal(row["gross_amount"]) == Decimal(row["net_amount"]) + Decimal(row["tax_amount"])


def test_credit_notes_are_negative_and_cleared_by_negative_payments(demo: Clean) -> None:
    notes = {row["invoice_id"] for row in demo.invoices if row["is_credit_note"] == "true"}

    assert notes
    for row in demo.invoices:
        assert (Decimal(row["gross_amount"]) < 0) == (row["invoice_id"] in notes)
    for row in demo.payments:
        assert (Decimal(row["amount"]) < 0) == (row["invoice_id"] in notes)


def test_some_invoices_are_paid_in_two_parts_and_none_twice(demo: Clean) -> None:
    paid: Counter[str] = Counter()
    for row in demo.payments:
        paid[row["invoice_id"]] += Decimal(row["amount"])  # type: ignore[assignment]
    billed = {row["invoice_id"]: Decimal(row["gross_amount"]) for row in demo.invoices}

    assert max(Counter(row["invoice_id"] for row in demo.payments).values()) == 2
    assert all(abs(Decimal(amount)) <= abs(billed[invoice]) for invoice, amount in paid.items())


def test_every_foreign_row_has_a_rate_on_or_before_its_day(demo: Clean) -> None:
    first = {row["currency"]: row["rate_on"] for row in reversed(demo.fx)}
    foreign = [row for row in demo.orders if row["currency"] != "CNY"]

    assert {row["currency"] for row in foreign} == {"EUR", "USD"}
    assert all(first[row["currency"]] <= row["ordered_on"] for row in foreign)


def test_business_goes_on_in_the_week_after_the_month(demo: Clean) -> None:
    assert max(row["ordered_on"] for row in demo.orders) > "2026-09-30"
    assert max(row["opened_at"] for row in demo.cases) > "2026-10-01"


# Stories of a whole company


def test_monthly_visits_were_kept_cancelled_moved_or_missed(demo: Clean) -> None:
    (account, told), *_ = demo.truth["stories"]["cadence"].items()
    visits = [row for row in demo.activities if row["account_id"] == account and row["kind"] == "visit"]

    for month, became in told["months"].items():
        statuses = {row["status"] for row in visits if row["held_on"][:7] == month}
        expected = {"kept": {"held"}, "kept, moved": {"held", "cancelled"}, "cancelled": {"cancelled"}}
        assert statuses == expected.get(became, set())
    assert Counter(told["months"].values()) == {"kept": 9, "kept, moved": 1, "cancelled": 1, "missed": 1}
    assert {row["status"] for row in visits if row["held_on"] > demo.truth["until"]} == {"planned"}


def test_the_newest_client_was_met_in_every_week_but_one(demo: Clean) -> None:
    signed = date.fromisoformat(demo.client["A-0010"]["signed_on"])
    since = sorted(
        (date.fromisoformat(row["held_on"]) - signed).days // 7 + 1
        for row in demo.activities
        if row["account_id"] == "A-0010" and row["kind"] == "sync" and row["activity_id"][6] == "B"
    )

    assert since == [1, 3, 4]


def test_a_contact_left_without_a_hand_over_and_another_within_a_day(demo: Clean) -> None:
    contact = {row["contact_id"]: row for row in demo.contacts}
    stories = demo.truth["stories"]
    left = contact[stories["contact_left_without_hand_over"]["contact_id"]]
    handed = contact[stories["contact_left_with_hand_over"]["contact_id"]]

    assert left["left_at"] == stories["contact_left_without_hand_over"]["left_at"]
    assert left["handed_over_at"] == ""
    took = datetime.fromisoformat(handed["handed_over_at"]) - datetime.fromisoformat(handed["left_at"])
    assert took == timedelta(hours=stories["contact_left_with_hand_over"]["hours"]) < timedelta(hours=24)
    assert sum(row["left_at"] != "" for row in demo.contacts) == 2


def test_accounts_changed_hands_at_once_late_and_without_a_hand_over(demo: Clean) -> None:
    took = {}
    for account, over in demo.truth["stories"]["hand_overs"].items():
        owners = [row for row in demo.assignments if row["account_id"] == account and row["role"] == "owner"]
        before, after = sorted(owners, key=lambda row: row["from_on"])
        assert before["to_on"] == after["from_on"] == over["from_on"]
        assert after["manager_id"] == over["to_manager_id"] != before["manager_id"]
        assert before["handed_over_at"][:10] == (over["done_on"] or "")
        took[account] = over["done_on"] and (
            date.fromisoformat(over["done_on"]) - date.fromisoformat(over["from_on"])
        )

    assert {None, timedelta(0), timedelta(days=5)} == set(took.values())


def test_an_account_has_left_its_group(demo: Clean) -> None:
    left = demo.truth["stories"]["left_group"]

    assert demo.client[left["account_id"]]["parent_id"] == ""
    assert [row for row in demo.parents if row["account_id"] == left["account_id"]] == [
        {
            "account_id": left["account_id"],
            "parent_id": left["parent_id"],
            "from_on": demo.client[left["account_id"]]["signed_on"],
            "to_on": left["to_on"],
        }
    ]


def test_a_competitor_has_made_an_offer(demo: Clean) -> None:
    offer = demo.truth["stories"]["competitor_offer"]
    (row,) = (row for row in demo.competitor_events if row["kind"] == "offer")

    assert (row["account_id"], row["price_gap_pct"]) == (offer["account_id"], offer["price_gap_pct"])
    assert within(row["seen_on"], demo.window("month"))


def days_late(demo: Clean, account: str, months: tuple[str, str]) -> float:
    """The mean number of days that an account's payments came late, by the month the invoice fell due."""
    due = {row["invoice_id"]: row["due_on"] for row in demo.invoices if row["account_id"] == account}
    late = [
        (date.fromisoformat(row["paid_on"]) - date.fromisoformat(due[row["invoice_id"]])).days
        for row in demo.payments
        if row["invoice_id"] in due and within(due[row["invoice_id"]], months)
    ]
    return sum(late) / len(late)


def test_payments_slip_and_slip_further(demo: Clean) -> None:
    slip = demo.truth["stories"]["payment_slip"]["account_id"]

    before = days_late(demo, slip, ("2025-01-01", "2026-04-01"))
    since = days_late(demo, slip, ("2026-06-01", "2026-08-01"))

    assert before < 6
    assert since > before + 8


def used(demo: Clean, account: str) -> dict[str, int]:
    """An account's use of the first product by month."""
    return {
        row["month_on"][:7]: int(row["quantity"])
        for row in demo.usage
        if row["account_id"] == account and row["product_id"] == "P31"
    }


def test_use_dips_with_the_season_and_drops_for_good(demo: Clean) -> None:
    stories = demo.truth["stories"]
    dips = used(demo, stories["usage_dip_of_season"]["account_id"])
    for year in ("2024", "2026"):  # Lunar New Year was in February
        assert dips[f"{year}-02"] < 0.7 * dips[f"{year}-03"]
        assert dips[f"{year}-04"] > 0.85 * dips[f"{year}-03"]
    for account in stories["usage_drop"]["account_ids"]:
        amounts = used(demo, account)
        for month in ("06", "07", "08", "09"):
            assert amounts[f"2026-{month}"] < 0.65 * amounts[f"2025-{month}"]
        assert amounts["2026-05"] > 0.8 * amounts["2025-05"]


def test_a_feed_that_ended_is_no_use_of_zero(demo: Clean) -> None:
    ended = demo.truth["stories"]["usage_feed_ended"]

    amounts = used(demo, ended["account_id"])
    assert max(amounts) == ended["last_month"][:7]
    assert min(amounts.values()) > 0


def test_a_return_was_entered_after_its_month_was_closed(demo: Clean) -> None:
    late = demo.truth["stories"]["late_return"]
    order = demo.order[late["order_id"]]
    lines = [row for row in demo.order_lines if row["order_id"] == late["order_id"]]

    assert order["ordered_on"][:7] == late["month"] < late["entered_on"][:7]
    assert [line["net_amount"] for line in lines] == [late["net_amount"]]
    assert Decimal(late["net_amount"]) < -100_000


def test_groups_currencies_and_teams_are_those_of_a_company_of_sixty(demo: Clean) -> None:
    currencies = Counter(row["currency"] for row in demo.accounts)

    assert (len(demo.accounts), len(demo.table("managers")), len(demo.table("teams"))) == (60, 9, 3)
    assert set(currencies) == {"CNY", "EUR", "USD"}
    assert sum(row["country"] != "CN" for row in demo.accounts) == 5
    assert len(ids(demo.accounts, "parent_id") - {""}) >= 4
    assert len(ids(demo.table("team_members"), "manager_id")) == 9 == len(demo.table("team_members")) - 1
    assert ids(demo.outcomes, "confidence") == {"measured", "confirmed", "modelled", "estimated"}


def rows_without(rows: list[Row], column: str) -> list[Row]:
    return [row for row in rows if not row[column]]


def test_every_column_of_every_table_is_filled_somewhere(demo: Clean) -> None:
    """What the demo leaves empty is known, so that a new column is not forgotten."""
    empty = {
        f"{table}.{column}"
        for table in TABLES
        for column in TABLES[table].column_names
        if len(rows_without(demo.table(table), column)) == len(demo.table(table))
    }

    assert empty == {
        "accounts.client_logo",
        "budgets.breakdown",
        "contacts.email",
        "contracts.service_hours",
        "forecasts.manager_id",
        "forecasts.product_id",
        "forecasts.quantity",
        "invoices.manager_id",
        "managers.email",
        "managers.left_on",
        "order_lines.first_promised_on",
        "order_lines.last_promised_on",
        "order_lines.requested_on",
        "teams.parent_team_id",
    }
