from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from bisect import bisect_right
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.demo import write_demo
from pipeline.demo.calendar import date_of, day_number, last_whole_month, months_until, workdays_between
from pipeline.demo.cast import customers
from pipeline.demo.chance import Chance
from pipeline.demo.customers import level_at
from pipeline.errors import UsageError
from pipeline.resources import built_in
from pipeline.schema import TABLES

Row = dict[str, str]
COMMITTED = built_in("data", "demo")


def rows_of(folder: Path, table: str) -> list[Row]:
    with (folder / "exports" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def key_of(table: str, row: Row) -> str:
    return "/".join(row[name] for name in TABLES[table].key)


class Clean:
    """The committed demo without its wrong rows; an identical row once."""

    def __init__(self, folder: Path) -> None:
        self.truth: dict[str, Any] = json.loads((folder / "ground_truth.json").read_text(encoding="utf-8"))
        wrong = {
            (dirt["table"], dirt["id"])
            for dirt in self.truth["dirt"]
            if dirt["kind"] not in {"empty_account", "identical_duplicate"}
        }
        for path in sorted((folder / "exports").glob("*.csv")):
            kept = [
                row for row in rows_of(folder, path.stem) if (path.stem, key_of(path.stem, row)) not in wrong
            ]
            setattr(self, path.stem, list({tuple(row.items()): row for row in kept}.values()))
        self.order = {row["order_id"]: row for row in self.orders}
        self.client = {row["account_id"]: row for row in self.accounts}
        self.as_of = date.fromisoformat(self.truth["as_of"])

    orders: list[Row]
    order_lines: list[Row]
    invoices: list[Row]
    payments: list[Row]
    cases: list[Row]
    contracts: list[Row]
    surveys: list[Row]
    accounts: list[Row]
    assignments: list[Row]
    fx: list[Row]

    def window(self, name: str) -> tuple[str, str]:
        first, until = self.truth["windows"][name]
        return first, until

    def rate(self, currency: str, day: str) -> Decimal:
        if currency == "CNY":
            return Decimal(1)
        known = sorted((row["rate_on"], row["rate"]) for row in self.fx if row["currency"] == currency)
        return Decimal(known[bisect_right([on for on, _ in known], day) - 1][1])


@pytest.fixture(scope="module")
def demo() -> Clean:
    return Clean(COMMITTED)


def within(day: str, window: tuple[str, str]) -> bool:
    return bool(day) and window[0] <= day < window[1]


def ids(known: list[Row], column: str) -> set[str]:
    return {row[column] for row in known}


# The files


def test_committed_files_are_exactly_what_the_defaults_make(tmp_path: Path) -> None:
    write_demo(tmp_path)

    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    there = [path.relative_to(COMMITTED) for path in (COMMITTED / "exports").rglob("*")]
    assert made == sorted([*there, Path("ground_truth.json")])
    assert [
        str(path) for path in made if (tmp_path / path).read_bytes() != (COMMITTED / path).read_bytes()
    ] == []


def test_another_process_zone_and_hash_seed_make_the_same_bytes(tmp_path: Path) -> None:
    code = "import sys, pathlib; from pipeline.demo import write_demo; write_demo(pathlib.Path(sys.argv[1]))"
    changed = os.environ | {
        "TZ": "America/New_York",
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
        "PYTHONWARNINGS": "",
    }

    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=changed, check=True)

    assert all(
        path.read_bytes() == (COMMITTED / path.relative_to(tmp_path)).read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    )


def test_another_seed_makes_another_company(tmp_path: Path) -> None:
    write_demo(tmp_path, seed=1)

    assert (tmp_path / "exports/orders.csv").read_bytes() != (COMMITTED / "exports/orders.csv").read_bytes()


def test_sample_is_small_enough_to_be_committed() -> None:
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*")) < 3_000_000


@pytest.mark.parametrize("path", sorted((COMMITTED / "exports").iterdir()), ids=lambda path: path.name)
def test_headers_are_canonical_and_lines_end_in_lf(path: Path) -> None:
    content = path.read_bytes()

    assert content.split(b"\n")[0].decode() == ",".join(TABLES[path.stem].column_names)
    assert content.endswith(b"\n")
    assert b"\r" not in content


def test_nobody_can_be_reached_through_it() -> None:
    for table in ("contacts", "managers"):
        assert ids(rows_of(COMMITTED, table), "email") == {""}


# Scaling


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scaled")
    write_demo(folder, accounts=60, months=24, lines=20_000)
    return folder


def test_accounts_and_months_are_as_asked_and_lines_nearly(scaled: Path) -> None:
    orders = rows_of(scaled, "orders")

    assert len(rows_of(scaled, "accounts")) == 60
    assert len(rows_of(scaled, "managers")) == 9
    assert len(rows_of(scaled, "teams")) == 3
    assert min(row["ordered_on"] for row in orders) >= "2024-10-01"
    assert len({row["ordered_on"][:7] for row in orders if row["ordered_on"] < "2026-10-01"}) == 24
    assert len(rows_of(scaled, "order_lines")) == pytest.approx(20_000, rel=0.05)


def test_ids_stay_unique_when_scaled(scaled: Path) -> None:
    for table in ("orders", "invoices", "payments", "cases", "surveys", "contracts", "contacts"):
        keys = [key_of(table, row) for row in rows_of(scaled, table)]
        assert len(keys) == len(set(keys)), table


def test_scaled_truth_covers_every_account(scaled: Path) -> None:
    truth = Clean(scaled).truth

    assert list(truth["accounts"]) == sorted(ids(rows_of(scaled, "accounts"), "account_id"))


def test_more_clients_leave_the_orders_of_the_first_ten_as_they_are(tmp_path: Path) -> None:
    write_demo(tmp_path, accounts=14)
    without_numbers = [name for name in TABLES["orders"].column_names if name != "order_id"]

    def content(folder: Path) -> Counter[tuple[str, ...]]:
        first = (
            row for row in rows_of(folder, "orders") if row["account_id"] and row["account_id"] <= "A-0010"
        )
        return Counter(tuple(row[name] for name in without_numbers) for row in first)

    assert content(tmp_path) == content(COMMITTED)


@pytest.mark.parametrize("size", [{"accounts": 9}, {"months": 12}])
def test_too_small_a_company_is_refused(tmp_path: Path, size: dict[str, int]) -> None:
    with pytest.raises(UsageError) as error:
        write_demo(tmp_path, **size)

    assert error.value.code == "KB-0210"


def test_no_two_of_ten_thousand_clients_have_one_name() -> None:
    names = [client.name for client in customers(Chance(1), 10_000, date(2026, 10, 7))]

    assert len(set(names)) == 10_000


def test_an_export_that_ends_with_its_month_has_no_unfinished_one(tmp_path: Path) -> None:
    write_demo(tmp_path, months=13, until=date(2026, 8, 31))

    assert max(row["ordered_on"] for row in rows_of(tmp_path, "orders")) <= "2026-08-31"
    assert Clean(tmp_path).truth["as_of"] == "2026-08-31"


# References


@pytest.mark.parametrize("table", sorted(path.stem for path in (COMMITTED / "exports").glob("*.csv")))
def test_references_hold_but_for_the_planted_rows(demo: Clean, table: str) -> None:
    for column, parent in TABLES[table].parents.items():
        if not (COMMITTED / "exports" / f"{parent}.csv").exists():
            continue
        known = ids(getattr(demo, parent), TABLES[parent].key[0]) | {""}
        assert ids(getattr(demo, table), column) <= known, column


@pytest.mark.parametrize("table", sorted(path.stem for path in (COMMITTED / "exports").glob("*.csv")))
def test_keys_are_unique_but_for_the_planted_rows(demo: Clean, table: str) -> None:
    keys = [key_of(table, row) for row in getattr(demo, table)]

    assert len(keys) == len(set(keys))


def test_every_planted_row_is_in_its_table() -> None:
    truth = json.loads((COMMITTED / "ground_truth.json").read_text(encoding="utf-8"))
    kinds = Counter(dirt["kind"] for dirt in truth["dirt"])

    for dirt in truth["dirt"]:
        found = [row for row in rows_of(COMMITTED, dirt["table"]) if key_of(dirt["table"], row) == dirt["id"]]
        assert len(found) == (2 if dirt["kind"] == "identical_duplicate" else 1), dirt
        assert len({tuple(row.values()) for row in found}) == 1
    assert {
        "identical_duplicate",
        "unknown_account",
        "impossible_date",
        "text_in_number",
        "empty_account",
        "delivered_before_ordered",
        "replied_before_opened",
        "score_beyond_scale",
    } <= kinds.keys()


def test_planted_rows_are_wrong_in_the_column_that_is_named() -> None:
    truth = json.loads((COMMITTED / "ground_truth.json").read_text(encoding="utf-8"))
    cells = {
        dirt["kind"]: row[dirt["column"]]
        for dirt in truth["dirt"]
        if "column" in dirt
        for row in rows_of(COMMITTED, dirt["table"])
        if key_of(dirt["table"], row) == dirt["id"]
    }

    assert cells["impossible_date"] == "2026-02-30"
    assert not cells["text_in_number"].isdigit()
    assert cells["empty_account"] == ""
    assert int(cells["score_beyond_scale"]) > 5


# Truths, counted again from the files


@pytest.mark.parametrize("window", ["month", "quarter", "ytd", "t12m", "month_year_ago"])
def test_net_sales_are_what_the_lines_add_up_to(demo: Clean, window: str) -> None:
    own: Counter[str] = Counter()
    yuan: Counter[str] = Counter()
    for line in demo.order_lines:
        order = demo.order[line["order_id"]]
        if order["status"] != "cancelled" and within(order["ordered_on"], demo.window(window)):
            amount = Decimal(line["net_amount"])
            own[order["account_id"]] += amount  # type: ignore[assignment]
            yuan[order["account_id"]] += amount * demo.rate(line["currency"], order["ordered_on"])  # type: ignore[assignment]

    for account, truth in demo.truth["accounts"].items():
        assert Decimal(truth["net_sales"][window]) == own[account]
        assert Decimal(truth["net_sales_cny"][window]) == yuan[account]
    assert Decimal(demo.truth["portfolio"]["net_sales_cny"][window]) == sum(yuan.values())


def test_sales_without_an_account_are_counted_apart(demo: Clean) -> None:
    unowned = {order["order_id"] for order in demo.orders if not order["account_id"]}
    amount = sum(Decimal(line["net_amount"]) for line in demo.order_lines if line["order_id"] in unowned)

    assert Decimal(demo.truth["without_account"]["net_sales"]["month"]) == amount > 0


@pytest.mark.parametrize("basis", ["requested", "first_promised", "last_promised"])
@pytest.mark.parametrize("window", ["month", "quarter"])
def test_otif_is_what_orders_and_lines_say(demo: Clean, basis: str, window: str) -> None:
    short = {
        line["order_id"]
        for line in demo.order_lines
        if int(line["delivered_quantity"]) < int(line["quantity"])
    }
    due: Counter[str] = Counter()
    on_time: Counter[str] = Counter()
    otif: Counter[str] = Counter()
    for order in demo.orders:
        if order["status"] == "cancelled" or not within(order[f"{basis}_on"], demo.window(window)):
            continue
        account, delivered = order["account_id"], order["delivered_on"]
        kept = bool(delivered) and delivered <= order[f"{basis}_on"]
        due[account] += 1
        on_time[account] += kept
        otif[account] += kept and order["order_id"] not in short

    for account, truth in demo.truth["accounts"].items():
        assert truth["otif"][basis][window] == {
            "due": due[account],
            "on_time": on_time[account],
            "otif": otif[account],
        }


def test_receivables_are_invoices_less_payments(demo: Clean) -> None:
    as_of = demo.truth["as_of"]
    rest = {
        row["invoice_id"]: Decimal(row["gross_amount"]) for row in demo.invoices if row["issued_on"] <= as_of
    }
    for payment in demo.payments:
        if payment["paid_on"] <= as_of:
            rest[payment["invoice_id"]] -= Decimal(payment["amount"])

    for account, truth in demo.truth["accounts"].items():
        own = [row for row in demo.invoices if row["account_id"] == account and row["invoice_id"] in rest]
        total = sum((rest[row["invoice_id"]] for row in own), Decimal(0))
        assert Decimal(truth["receivables"]["amount"]) == total
        assert Decimal(truth["receivables"]["overdue"]) == sum(
            rest[row["invoice_id"]] for row in own if row["due_on"] < as_of
        )
        assert Decimal(truth["receivables"]["cny"]) == total * demo.rate(truth["currency"], as_of)


@pytest.mark.parametrize("clock", ["first_reply", "green_channel", "resolution"])
@pytest.mark.parametrize("window", ["month", "quarter"])
def test_service_clocks_are_what_the_cases_say(demo: Clean, clock: str, window: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    judged = datetime.combine(demo.as_of + timedelta(days=1), datetime.min.time(), zone)
    promised = {"first_reply": ("reply_hours", 24), "green_channel": ("green_reply_hours", 1)}
    column, otherwise = promised.get(clock, ("resolve_hours", 48))
    terms = {
        row["account_id"]: row[column] for row in demo.contracts if row["starts_on"] <= demo.truth["as_of"]
    }
    due: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for case in demo.cases:
        opened = datetime.fromisoformat(case["opened_at"]).astimezone(zone)
        if not within(opened.date().isoformat(), demo.window(window)):
            continue
        if clock == "green_channel" and case["is_green_channel"] != "true":
            continue
        stop = case["resolved_at" if clock == "resolution" else "first_reply_at"]
        paused = case["paused_hours" if clock == "resolution" else "first_reply_paused_hours"]
        hours = Decimal(terms.get(case["account_id"]) or otherwise) + Decimal(paused)
        deadline = opened + timedelta(minutes=float(hours * 60))
        stopped = datetime.fromisoformat(stop) if stop else judged
        is_stopped = stopped < judged
        due[case["account_id"]] += is_stopped or deadline < judged
        met[case["account_id"]] += is_stopped and stopped <= deadline

    for account, truth in demo.truth["accounts"].items():
        assert truth["sla"][clock][window] == {"due": due[account], "met": met[account]}


@pytest.mark.parametrize("window", ["month", "quarter"])
def test_satisfaction_is_what_the_answers_say(demo: Clean, window: str) -> None:
    for account, truth in demo.truth["accounts"].items():
        scores = [
            int(row["score"])
            for row in demo.surveys
            if row["account_id"] == account
            and row["kind"] == "csat"
            and within(row["answered_on"], demo.window(window))
        ]
        assert truth["csat"][window] == {
            "answers": len(scores),
            "satisfied": sum(score >= 4 for score in scores),
        }


def active_on(demo: Clean, day: date) -> set[str]:
    """Accounts that ordered in the twelve months before a day."""
    first, until = day.replace(year=day.year - 1).isoformat(), day.isoformat()
    return {
        order["account_id"]
        for order in demo.orders
        if order["account_id"]
        and order["status"] not in {"cancelled", "returned"}
        and within(order["ordered_on"], (first, until))
    }


@pytest.mark.parametrize("window", ["month", "quarter", "t12m"])
def test_retention_is_what_the_sets_of_active_accounts_say(demo: Clean, window: str) -> None:
    before, now = (active_on(demo, date.fromisoformat(day)) for day in demo.window(window))
    top = {account: row["parent_id"] or account for account, row in demo.client.items()}

    truth = demo.truth["retention"][window]

    assert truth["accounts"] == {
        "active_at_start": len(before),
        "kept": len(before & now),
        "new": len(now - before),
    }
    starting, ending = ({top[account] for account in found} for found in (before, now))
    assert truth["customers"] == {
        "active_at_start": len(starting),
        "kept": len(starting & ending),
        "new": len(ending - starting),
    }
    assert truth["lost"] == sorted(before - now)


# Stories


def test_lapsed_account_is_lost_over_twelve_months_and_the_new_one_is_new(demo: Clean) -> None:
    stories, lost = demo.truth["stories"], demo.truth["retention"]["t12m"]

    assert lost["lost"] == [stories["lapsed"]]
    assert lost["new"] == [stories["new"]["account_id"]]
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


# Chance and calendar


@given(
    st.integers(0, 2**32), st.integers(1, 2**31 - 1), st.lists(st.integers(0, 10**9), min_size=1, max_size=50)
)
def test_draws_lie_below_their_limit(seed: int, limit: int, numbers: list[int]) -> None:
    chance = Chance(seed)

    drawn = chance.below("test", chance.keys("row", np.array(numbers)), limit)

    assert ((drawn >= 0) & (drawn < limit)).all()


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=30, unique=True), st.randoms())
def test_a_rows_draw_does_not_depend_on_its_neighbours(numbers: list[int], random: Any) -> None:
    chance = Chance(1)
    shuffled = random.sample(numbers, len(numbers) - 1)

    every = dict(
        zip(numbers, chance.below("x", chance.keys("row", np.array(numbers)), 10**6).tolist(), strict=True)
    )
    some = chance.below("x", chance.keys("row", np.array(shuffled)), 10**6).tolist()

    assert some == [every[number] for number in shuffled]


def test_draws_are_even_and_purposes_independent() -> None:
    chance = Chance(1)
    keys = chance.keys("row", np.arange(100_000))

    first, second = chance.below("one", keys, 10), chance.below("other", keys, 10)

    assert np.bincount(first).tolist() == pytest.approx([10_000] * 10, rel=0.05)
    assert (first == second).mean() == pytest.approx(0.1, rel=0.05)
    assert np.bincount(chance.one_of("w", keys, (1, 0, 3))).tolist() == pytest.approx(
        [25_000, 0, 75_000], rel=0.05
    )


@given(st.integers(-5, 40))
def test_a_step_holds_until_the_next_one_begins(ago: int) -> None:
    steps = ((20, 1), (5, 2), (0, 3))

    assert level_at(steps, ago, 9) == (9 if ago > 20 else 1 if ago > 5 else 2 if ago > 0 else 3)


def test_days_and_dates_are_each_others_inverse() -> None:
    assert date_of(day_number(date(2026, 9, 30))) == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("day", "works_on"),
    [
        (date(2026, 9, 19), date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 9, 25), date(2026, 9, 28)),  # Mid-Autumn
        (date(2026, 10, 1), date(2026, 10, 8)),
        (date(2026, 2, 14), date(2026, 2, 14)),  # a Saturday that is worked
        (date(2025, 1, 28), date(2025, 2, 5)),
    ],
)
def test_working_days_know_holidays_and_make_up_days(day: date, works_on: date) -> None:
    calendar = workdays_between(date(2023, 1, 1), date(2026, 12, 31))

    assert date_of(int(calendar.on_or_after(np.array([day_number(day)]))[0])) == works_on


def test_months_end_with_the_unfinished_one() -> None:
    months = months_until(date(2026, 10, 7), 3)

    assert [(month.year, month.of_year, month.ago) for month in months] == [
        (2026, 7, 2),
        (2026, 8, 1),
        (2026, 9, 0),
        (2026, 10, -1),
    ]
    assert date_of(months[-1].last_on) == date(2026, 10, 7)
    assert last_whole_month(date(2026, 8, 31)) == date(2026, 8, 1)
