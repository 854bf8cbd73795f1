from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.demo import write_canonical
from pipeline.periods import add_months
from pipeline.schema import TABLES
from tests.demo_rows import Clean, ids, key_of, rows_of, within


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole company of the defaults in canonical files."""
    folder = tmp_path_factory.mktemp("company")
    write_canonical(folder)
    return folder


@pytest.fixture(scope="module")
def demo(company: Path) -> Clean:
    return Clean(company)


# References


@pytest.mark.parametrize("table", sorted(TABLES))
def test_references_hold_but_for_the_planted_rows(demo: Clean, table: str) -> None:
    for column, parent in TABLES[table].parents.items():
        known = ids(demo.table(parent), TABLES[parent].key[0]) | {""}
        assert ids(demo.table(table), column) <= known, column


@pytest.mark.parametrize("table", sorted(TABLES))
def test_keys_are_unique_but_for_the_planted_rows(demo: Clean, table: str) -> None:
    keys = [key_of(table, row) for row in demo.table(table)]

    assert len(keys) == len(set(keys))


def test_every_planted_row_is_in_its_table(company: Path, demo: Clean) -> None:
    kinds = Counter(dirt["kind"] for dirt in demo.truth["dirt"])

    for dirt in demo.truth["dirt"]:
        found = [row for row in rows_of(company, dirt["table"]) if key_of(dirt["table"], row) == dirt["id"]]
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
        "closed_before_opened",
    } <= kinds.keys()


def test_planted_rows_are_wrong_in_the_column_that_is_named(company: Path, demo: Clean) -> None:
    cells: dict[str, set[str]] = {}
    for dirt in (dirt for dirt in demo.truth["dirt"] if "column" in dirt):
        for row in rows_of(company, dirt["table"]):
            if key_of(dirt["table"], row) == dirt["id"]:
                cells.setdefault(dirt["kind"], set()).add(row[dirt["column"]])

    assert cells["impossible_date"] == {"2026-02-30"}
    assert len(cells["text_in_number"]) == 4
    assert not any(cell.replace(".", "").isdigit() for cell in cells["text_in_number"])
    assert cells["empty_account"] == {""}
    assert cells["score_beyond_scale"] == {"9"}


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
        in_yuan = total * demo.rate(truth["currency"], as_of)
        assert Decimal(truth["receivables"]["cny"]) == in_yuan.quantize(Decimal("0.0001"), ROUND_HALF_UP)


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


# Truths of a whole company, counted again from the files


@pytest.mark.parametrize("basis", ["requested", "first_promised", "last_promised"])
@pytest.mark.parametrize("window", ["month", "quarter"])
def test_perfect_orders_are_all_four_at_once(demo: Clean, basis: str, window: str) -> None:
    short = {
        line["order_id"]
        for line in demo.order_lines
        if int(line["delivered_quantity"]) < int(line["quantity"])
    }
    perfect = Counter(
        order["account_id"]
        for order in demo.orders
        if within(order[f"{basis}_on"], demo.window(window))
        and order["status"] == "delivered"
        and order["delivered_on"] <= order[f"{basis}_on"]
        and order["order_id"] not in short
        and order["is_document_correct"] == order["is_undamaged"] == "true"
    )

    assert sum(perfect.values()) > 50
    for account, truth in demo.truth["accounts"].items():
        assert truth["perfect"][basis][window] == perfect[account]


def test_recommendation_is_what_the_answers_say(demo: Clean) -> None:
    found: dict[str, Counter[str]] = {}
    for row in demo.surveys:
        if row["kind"] == "nps" and within(row["answered_on"], demo.window("quarter")):
            score = int(row["score"])
            rank = "promoters" if score >= 9 else "passives" if score >= 7 else "detractors"
            found.setdefault(row["account_id"], Counter())[rank] += 1

    assert sum(sum(counts.values()) for counts in found.values()) >= 10
    for account, truth in demo.truth["accounts"].items():
        own = found.get(account, Counter())
        assert truth["nps"]["quarter"] == {
            name: own[name] for name in ("promoters", "passives", "detractors")
        }


@pytest.mark.parametrize("window", ["month", "quarter", "ytd", "t12m", "month_year_ago"])
def test_deals_are_won_and_lost_as_the_opportunities_say(demo: Clean, window: str) -> None:
    closed = [row for row in demo.opportunities if within(row["closed_on"], demo.window(window))]
    for account, truth in demo.truth["accounts"].items():
        own = [row for row in closed if row["account_id"] == account]
        won = [row for row in own if row["is_won"] == "true"]

        assert truth["deals"][window] == {
            "won": len(won),
            "lost": len(own) - len(won),
            "won_amount": f"{sum((Decimal(row['amount']) for row in won), Decimal(0)):.2f}",
        }


def test_opportunities_are_open_until_they_are_closed(demo: Clean) -> None:
    for row in demo.opportunities:
        assert row["opened_on"] <= row["expected_on"]
        assert (row["is_won"] == "") == (row["closed_on"] == "") == (row["stage"] not in {"赢单", "输单"})
        assert (row["lost_reason"] != "") == (row["is_won"] == "false")
    assert ids(demo.opportunities, "kind") == {"new", "cross_sell", "up_sell", "renewal"}
    assert len(ids(demo.opportunities, "stage")) == 5


def frozen(demo: Clean) -> dict[tuple[str, str], Decimal]:
    """Forecasts by account and month, those left out that were made once the month had begun."""
    return {
        (row["account_id"], row["period_on"][:7]): Decimal(row["amount"])
        for row in demo.forecasts
        if row["made_on"] < row["period_on"]
    }


def sold(demo: Clean, month: str) -> Counter[str]:
    """Net sales of a month by account in CNY."""
    amounts: Counter[str] = Counter()
    for line in demo.order_lines:
        order = demo.order[line["order_id"]]
        if order["status"] != "cancelled" and order["ordered_on"][:7] == month:
            amount = Decimal(line["net_amount"]) * demo.rate(line["currency"], order["ordered_on"])
            amounts[order["account_id"]] += amount  # type: ignore[assignment]
    return amounts


def test_forecasts_are_held_against_what_was_sold(demo: Clean) -> None:
    forecasts = frozen(demo)
    actual = {month: sold(demo, month) for month in ("2026-07", "2026-08", "2026-09")}

    for account, truth in demo.truth["accounts"].items():
        for month, cell in truth["forecast"].items():
            made = forecasts.get((account, month))
            assert Decimal(cell["actual"]) == actual[month][account]
            assert (None if cell["forecast"] is None else Decimal(cell["forecast"])) == made


def test_one_manager_always_hopes_for_too_much(demo: Clean) -> None:
    quarters = {name: found["forecast"]["quarter"] for name, found in demo.truth["managers"].items()}
    bias = {name: Decimal(each["error"]) / Decimal(each["actual"]) for name, each in quarters.items()}
    hopes = demo.truth["stories"]["forecast_too_high"]["manager_id"]

    assert max(bias, key=lambda name: bias[name]) == hopes
    assert bias[hopes] > Decimal("0.25") > max(value for name, value in bias.items() if name != hopes)
    assert quarters[hopes]["error"] == quarters[hopes]["absolute_error"]
    for name, found in demo.truth["managers"].items():
        cells = [
            (Decimal(cell["actual"]), Decimal(cell["forecast"] or 0))
            for account in found["accounts"]
            for cell in demo.truth["accounts"][account]["forecast"].values()
        ]
        assert Decimal(quarters[name]["absolute_error"]) == sum(abs(a - f) for a, f in cells)


def test_a_forecast_that_was_never_made_is_none(demo: Clean) -> None:
    missing = demo.truth["stories"]["forecast_missing"]

    assert demo.truth["accounts"][missing["account_id"]]["forecast"][missing["month"][:7]]["forecast"] is None


def test_bands_and_stages_follow_from_sales_and_age(demo: Clean) -> None:
    top = {account: row["parent_id"] or account for account, row in demo.client.items()}
    total: Counter[str] = Counter()
    for account, truth in demo.truth["accounts"].items():
        total[top[account]] += Decimal(truth["net_sales_cny"]["t12m"])  # type: ignore[assignment]
    for customer, truth in demo.truth["customers"].items():
        amount = Decimal(total[customer])
        expected = "strategic" if amount >= 5_000_000 else "key" if amount >= 1_000_000 else "base"
        assert Decimal(truth["net_sales_cny"]) == amount
        assert truth["band"] == (expected if amount >= 500_000 else None)

    assert {truth["band"] for truth in demo.truth["customers"].values()} == {"strategic", "key", "base", None}
    for stage, account in demo.truth["stories"]["stage"].items():
        months = {"initial": (0, 3), "stable": (3, 12), "deep": (12, 36), "symbiosis": (36, 600)}[stage]
        signed = date.fromisoformat(demo.client[account]["signed_on"])
        assert demo.truth["accounts"][account]["lifecycle"] == stage
        assert add_months(signed, months[0]) < demo.as_of <= add_months(signed, months[1])


def test_commitments_are_kept_late_or_dropped_as_their_days_say(demo: Clean) -> None:
    found: dict[str, Counter[str]] = {}
    for row in demo.actions:
        if within(row["due_on"], demo.window("quarter")):
            if row["status"] == "dropped":
                became = "dropped"
            else:
                became = "kept" if row["done_on"] and row["done_on"] <= row["due_on"] else "late"
            found.setdefault(row["account_id"], Counter())[became] += 1

    assert all(sum(counts[became] for counts in found.values()) for became in ("kept", "late", "dropped"))
    for account, truth in demo.truth["accounts"].items():
        own = found.get(account, Counter())
        assert truth["commitments"] == {name: own[name] for name in ("kept", "late", "dropped", "open")}


def test_value_is_counted_by_confidence_and_each_benefit_once(demo: Clean) -> None:
    found: dict[str, dict[str, Decimal]] = {}
    seen = set()
    for row in demo.outcomes:
        if row["money_amount"] and row["current_on"] > "2024-09-30" and row["benefit_key"] not in seen:
            seen.add(row["benefit_key"])
            own = found.setdefault(row["account_id"], {})
            worth = Decimal(row["money_amount"]) * Decimal(row["attribution_pct"])
            own[row["confidence"]] = own.get(row["confidence"], Decimal(0)) + worth

    assert set(found["A-0011"]) == {"measured", "confirmed", "modelled", "estimated"}
    assert len([row for row in demo.outcomes if row["benefit_key"] == "A-0011/labour"]) == 2
    assert demo.truth["stories"]["evidence_expired"] in ids(demo.outcomes, "benefit_key") - seen
    for account, truth in demo.truth["accounts"].items():
        worth_of = {name: Decimal(amount) for name, amount in truth["value_realised"].items()}
        assert worth_of == found.get(account, {})
