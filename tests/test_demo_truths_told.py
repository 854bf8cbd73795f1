"""The stories that the demo tells of itself are what the pipeline sees in its exports."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from statistics import mean, median
from typing import Any

import pandas as pd
import pytest

from pipeline.engine.matching import Activity, Due, matched
from pipeline.periods import add_months
from tests.demo_months import Month, asserts, month_named


@pytest.fixture(scope="module", params=["small", pytest.param("company", marks=pytest.mark.slow)])
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """Ten accounts from canonical files, and the whole company."""
    return month_named(request.param, tmp_path_factory)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The whole company, for the stories of which only it tells."""
    return month_named("company", tmp_path_factory)


def since_and_before(trend: dict[str, float], since: str) -> tuple[list[float], list[float]]:
    """The months of a trend from a day on, and as many before it."""
    now = [value for period, value in trend.items() if period >= since[:7]]
    return now, [value for period, value in trend.items() if period < since[:7]][-len(now) :]


# Who is who


@asserts("stories.group.parent", "stories.group.children")
def test_a_group_is_one_customer(month: Month) -> None:
    group = month.stories["group"]

    assert month.customers[group["parent"]] == sorted([group["parent"], *group["children"]])


@asserts("stories.foreign.*")
def test_foreign_clients_are_told_in_their_own_currency(month: Month) -> None:
    for account, currency in month.stories["foreign"].items():
        assert month.has("net_sales", f"account:{account}", "month", currency=currency)
        assert month.has("net_sales", f"account:{account}", "month", currency="CNY")


@asserts("stories.class.*")
def test_a_customer_of_each_class(month: Month) -> None:
    for name, customer in month.stories["class"].items():
        found = month.reading("customer_class", f"customer:{customer}", "t12m", currency="CNY")
        assert found["text"] == name


@asserts("stories.stage.*")
def test_a_customer_of_each_stage(month: Month) -> None:
    for name, customer in month.stories["stage"].items():
        assert month.reading("lifecycle_stage", f"customer:{customer}", "month")["text"] == name


@asserts("stories.lapsed")
def test_who_lapsed_is_a_customer_that_left(month: Month) -> None:
    lapsed = f"customer:{month.stories['lapsed']}"

    assert month.reading("lifecycle_stage", lapsed, "month")["text"] == "lapsed"
    assert month.value("net_sales", lapsed, "t12m", currency="CNY") == 0


@asserts("stories.new.account_id", "stories.new.signed_on")
def test_who_is_new_began_on_the_day_of_signing(month: Month) -> None:
    new = month.stories["new"]
    rows = month.facts("relationships").set_index("customer_id").loc[[new["account_id"]]]

    assert set(rows["started_on"].dt.strftime("%Y-%m-%d")) == {new["signed_on"]}
    assert (
        month.reading("revenue_band", f"customer:{new['account_id']}", "month", currency="CNY")["text"]
        is not None
    )
    assert (
        month.reading("band_move", f"customer:{new['account_id']}", "quarter", currency="CNY")["text"]
        == "new"
    )


@asserts("stories.rich")
def test_of_the_rich_client_there_is_something_to_say_of_everything(month: Month) -> None:
    rich = f"account:{month.stories['rich']}"

    for metric in ("net_sales", "cases", "won_count", "activities", "value_claims", "commitments_kept"):
        asked = "confidence=measured" if metric == "value_claims" else ""
        currency = "CNY" if metric == "net_sales" else ""
        window = "t12m" if metric == "won_count" else "quarter"
        assert month.value(metric, rich, window, asked, currency) > 0, metric
    assert month.parts("otif_orders", rich, "quarter", "basis=first_promised")[1] > 0
    assert month.reading("nps", rich, "quarter")["n"] > 0


@asserts("stories.sparse_and_long_name")
def test_of_the_sparse_client_there_is_little_to_say(month: Month) -> None:
    sparse = month.stories["sparse_and_long_name"]
    names = month.table("accounts").set_index("account_id")["name"]

    assert month.value("cases", f"account:{sparse}", "quarter") == 0
    assert month.value("net_sales", f"account:{sparse}", "t12m", currency="CNY") > 0
    assert len(names[sparse]) == names.str.len().max()


@asserts("stories.left_group.*")
@pytest.mark.slow
def test_who_left_the_group_is_a_customer_of_its_own(company: Month) -> None:
    left = company.stories["left_group"]
    spans = company.table("parents").set_index("account_id")
    row = spans.loc[left["account_id"]]

    assert company.customers[left["account_id"]] == [left["account_id"]]
    assert left["account_id"] not in company.customers[left["parent_id"]]
    assert (row["parent_id"], row["to_on"]) == (left["parent_id"], pd.Timestamp(left["to_on"]))


# Sales and delivery


@asserts("stories.in_trouble.account_id", "stories.in_trouble.signs")
def test_the_troubled_client_is_worse_than_the_portfolio_in_every_sign(month: Month) -> None:
    account = f"account:{month.stories['in_trouble']['account_id']}"
    signs: dict[str, tuple[str, str, str]] = {
        "falling sales": ("sales_growth", "", "CNY"),
        "late deliveries": ("on_time_orders", "basis=first_promised", ""),
        "overdue invoices": ("overdue_share", "", "CNY"),
        "slow service": ("sla_attainment", "", ""),
    }

    assert set(signs) == set(month.stories["in_trouble"]["signs"])
    for metric, breakdown, currency in signs.values():
        mine, whole = (
            month.value(metric, subject, "quarter", breakdown, currency)
            for subject in (account, "portfolio:all")
        )
        assert (mine > 1.5 * whole) if metric == "overdue_share" else (mine < whole - 0.1), metric
    assert month.value("sales_growth", account, "quarter", currency="CNY") < -0.2


@asserts("stories.real_drop.account_id", "stories.real_drop.since")
def test_a_real_drop_lasts(month: Month) -> None:
    drop = month.stories["real_drop"]
    now, before = since_and_before(
        month.trend("net_sales", f"account:{drop['account_id']}", "CNY"), drop["since"]
    )

    assert len(now) == 4
    assert mean(now) < 0.65 * mean(before)
    assert max(now[1:]) < median(before)


@asserts("stories.seasonal_dip_only.account_id", "stories.seasonal_dip_only.months")
def test_a_dip_of_the_season_comes_back(month: Month) -> None:
    dip = month.stories["seasonal_dip_only"]
    trend = month.trend("net_sales", f"account:{dip['account_id']}", "CNY")
    new_year = {"2025": "2025-01", "2026": "2026-02"}

    assert dip["months"] == "Lunar New Year's"
    for year, at in new_year.items():
        others = [value for period, value in trend.items() if period.startswith(year) and period != at]
        assert trend[at] < 0.6 * median(others)
    assert min(list(trend.values())[-6:]) > trend[new_year["2026"]]


@asserts("stories.late_return.*")
@pytest.mark.slow
def test_a_late_return_counts_in_its_own_month(company: Month) -> None:
    told = company.stories["late_return"]
    rows = company.facts("sales").set_index("order_id")
    row = rows.loc[told["order_id"]]
    entered = company.table("orders").set_index("order_id").loc[told["order_id"], "_source"]
    others = company.table("orders").set_index("order_id")["_source"]

    assert (row["account_id"], row["net_amount"] / 10_000) == (told["account_id"], float(told["net_amount"]))
    assert row["sold_on"].strftime("%Y-%m") == told["month"] < told["entered_on"][:7] == "2026-09"
    assert (others == entered).sum() < 10  # it came in a file of later entries
    assert company.value(
        "net_sales", f"account:{told['account_id']}", "quarter", currency="CNY"
    ) == pytest.approx(float(company.accounts[told["account_id"]]["net_sales_cny"]["quarter"]), abs=0.006)


@asserts("stories.payment_slip.*")
@pytest.mark.slow
def test_a_slip_of_payments_grows_in_steps(company: Month) -> None:
    slip = company.stories["payment_slip"]
    trend = company.trend("weighted_days_late", f"account:{slip['account_id']}", "CNY")
    now, before = since_and_before(trend, slip["since"])
    usual, later, last = slip["days_late"]

    assert abs(mean(before) - usual) < 3
    assert usual < mean(now[:3]) < later
    assert later * 0.5 < mean(now[3:]) < last
    assert now[-1] == max(trend.values())


# People


def handover(month: Month, side: str, account: str) -> Any:
    rows = month.facts("handovers")
    rows = rows[(rows["side"] == side) & (rows["account_id"] == account)]
    return rows.iloc[-1]


@asserts("stories.hand_over.*")
def test_an_account_that_changed_hands_is_credited_to_each_owner_in_his_time(month: Month) -> None:
    over = month.stories["hand_over"]
    found = handover(month, "ours", over["account_id"])
    sold = month.facts("sales")
    own = sold[sold["account_id"] == over["account_id"]]

    assert found["person_id"] == over["from_manager_id"]
    assert found["left_on"] == pd.Timestamp(over["from_on"])
    after = own["sold_on"] >= over["from_on"]
    assert set(own.loc[after, "manager_id"]) == {over["to_manager_id"]}
    assert set(own.loc[~after, "manager_id"]) == {over["from_manager_id"]}


@asserts("stories.hand_overs.*")
@pytest.mark.slow
def test_every_change_of_owner_is_in_time_or_not(company: Month) -> None:
    overs = company.stories["hand_overs"]
    ours = company.facts("handovers")

    assert set(ours.loc[ours["side"] == "ours", "account_id"]) == set(overs)
    for account, over in overs.items():
        found = handover(company, "ours", account)
        handed = found["handed_over_at"]
        done = None if pd.isna(handed) else handed.tz_convert("Asia/Shanghai").date().isoformat()
        owners = company.table("assignments")
        owners = owners[(owners["account_id"] == account) & (owners["role"] == "owner")]
        assert (done, found["left_on"].date().isoformat()) == (over["done_on"], over["from_on"])
        assert found["is_met"] == (over["done_on"] == over["from_on"])
        assert owners.sort_values("from_on")["manager_id"].iloc[-1] == over["to_manager_id"]


@asserts("stories.contact_left_without_hand_over.*", "stories.contact_left_with_hand_over.*")
@pytest.mark.slow
def test_contacts_left_with_and_without_a_hand_over(company: Month) -> None:
    rows = company.facts("handovers").set_index("person_id")
    contacts = company.table("contacts").set_index("contact_id")
    without, within = (company.stories[f"contact_left_{how}_hand_over"] for how in ("without", "with"))

    assert not rows.loc[without["contact_id"], "is_met"]
    assert contacts.loc[without["contact_id"], "left_at"] == pd.Timestamp(without["left_at"])
    assert rows.loc[within["contact_id"], "is_met"]
    assert rows.loc[within["contact_id"], "hours"] == within["hours"] * 10_000
    assert company.parts("handover_in_time", "portfolio:all", "quarter", "side=client") == (1, 2)


# The service plan


@asserts("stories.cadence.*")
@pytest.mark.slow
def test_visits_promised_each_month_were_held_or_not(company: Month) -> None:
    """The plan of the demo asks for any face-to-face meeting; what became of the visits alone is matched here."""
    account, told = next(iter(company.stories["cadence"].items()))
    rows = company.table("activities")
    rows = rows[
        (rows["account_id"] == account) & (rows["held_on"] < "2026-10-01") & (rows["kind"] == told["kind"])
    ]
    visits = [
        Activity(
            row.held_on.date(),
            row.kind,
            bool(row.is_face_to_face),
            row.status == "cancelled",
            row.activity_id,
        )
        for row in rows.sort_values("held_on").itertuples()
    ]
    firsts = [date.fromisoformat(f"{each}-01") for each in told["months"]]
    dues = [Due("visits", (told["kind"],), True, first, until) for first, until in pairwise([*firsts, add_months(firsts[-1], 1)])]  # fmt: skip

    assert told["every"] == "month"
    found = [each["state"] for each in matched(dues, visits, date(2026, 10, 1))]
    assert found == [became.partition(",")[0] for became in told["months"].values()]
    called_off = {visit.day.strftime("%Y-%m") for visit in visits if visit.is_cancelled}
    assert called_off.issuperset(name for name, became in told["months"].items() if became == "kept, moved")


@asserts("stories.slow_week.account_id", "stories.slow_week.missed")
def test_the_second_weeks_sync_was_missed(month: Month) -> None:
    slow = month.stories["slow_week"]
    rows = month.facts("touchpoints")
    rows = rows[(rows["customer_id"] == slow["account_id"]) & (rows["line"] == "weekly_sync")]
    weeks = rows.sort_values("from_on")["state"].tolist()

    assert slow["missed"] == "the second week's sync"
    assert weeks == ["kept", "missed", "kept", "kept"]
    customer = f"customer:{slow['account_id']}"
    assert month.value("touchpoints_missed", customer, "quarter", "line=weekly_sync") == 1


# Forecasts, value


@asserts("stories.forecast_missing.account_id", "stories.forecast_missing.month")
@pytest.mark.slow
def test_a_forecast_that_was_never_made_is_an_error_of_all_that_was_sold(company: Month) -> None:
    missing = company.stories["forecast_missing"]
    cells = company.facts("frozen_forecasts").set_index(["account_id", "period_on"])
    cell = cells.loc[(missing["account_id"], pd.Timestamp(missing["month"]))]

    assert not cell["has_forecast"]
    assert cell["forecast"] == 0 < cell["actual"]
    found = company.reading("wape", f"account:{missing['account_id']}", "quarter", currency="CNY")
    assert found["coverage"] == pytest.approx(2 / 3)


@asserts("stories.forecast_too_high.manager_id")
@pytest.mark.slow
def test_who_forecasts_too_high_does_so_more_than_anybody(company: Month) -> None:
    bias = {
        manager: company.value("forecast_bias", f"manager:{manager}", "quarter", currency="CNY")
        for manager in company.truth["managers"]
    }

    assert max(bias, key=lambda manager: bias[manager]) == company.stories["forecast_too_high"]["manager_id"]
    assert max(bias.values()) > 2 * sorted(bias.values())[-2]
    assert company.value("tracking_signal", "manager:M-07", "quarter", currency="CNY") > 4


def claims(month: Month, key: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The claims of a benefit as they came, and those that count on the as-of date."""
    account = key.partition("/")[0]
    came = month.table("outcomes")
    came = came[(came["account_id"] == account) & (came["benefit_key"] == key)]
    rows = month.facts("value_claims")
    now = rows[(rows["from_on"] <= "2026-09-30") & (rows["until_on"] > "2026-09-30")]
    return came, now[now["outcome_id"].isin(came["outcome_id"])]


@asserts("stories.benefit_counted_once")
@pytest.mark.slow
def test_a_benefit_claimed_twice_counts_once(company: Month) -> None:
    came, counted = claims(company, company.stories["benefit_counted_once"])

    assert (len(came), len(counted)) == (2, 1)


@asserts("stories.evidence_expired")
@pytest.mark.slow
def test_evidence_that_is_too_old_does_not_count(company: Month) -> None:
    came, counted = claims(company, company.stories["evidence_expired"])

    assert (len(came), len(counted)) == (1, 0)


# What no metric reads yet, as the pipeline has it in its tables


@asserts("stories.competitor_offer.account_id", "stories.competitor_offer.price_gap_pct")
@pytest.mark.slow
def test_a_competitors_offer_is_on_record(company: Month) -> None:
    told = company.stories["competitor_offer"]
    events = company.table("competitor_events")
    offers = events[(events["account_id"] == told["account_id"]) & (events["kind"] == "offer")]

    assert (offers["price_gap_pct"] / 10_000).tolist() == [float(told["price_gap_pct"])]


def used(month: Month, account: str) -> dict[str, int]:
    """What an account used in each month."""
    rows = month.table("usage")
    rows = rows[(rows["account_id"] == account) & (rows["month_on"] < "2026-10-01")]
    totals = rows.groupby(rows["month_on"].dt.strftime("%Y-%m"))["quantity"].sum()
    return {str(name): int(total) for name, total in totals.items()}


@asserts("stories.usage_drop.account_ids", "stories.usage_drop.since")
@pytest.mark.slow
def test_use_that_drops_stays_down(company: Month) -> None:
    for account in company.stories["usage_drop"]["account_ids"]:
        now, before = since_and_before(used(company, account), company.stories["usage_drop"]["since"])  # type: ignore[arg-type]

        assert len(now) == 4
        assert max(now) < 0.7 * min(value for value in before if value > 0.6 * median(before))


@asserts("stories.usage_dip_of_season.account_id", "stories.usage_dip_of_season.months")
@pytest.mark.slow
def test_use_that_dips_with_the_season_comes_back(company: Month) -> None:
    dip = company.stories["usage_dip_of_season"]
    months = used(company, dip["account_id"])

    assert dip["months"] == "Lunar New Year's"
    assert months["2026-02"] < 0.6 * months["2026-03"]
    assert months["2026-09"] > months["2026-03"]


@asserts("stories.usage_feed_ended.account_id", "stories.usage_feed_ended.last_month")
@pytest.mark.slow
def test_a_feed_that_ended_leaves_no_zeros(company: Month) -> None:
    ended = company.stories["usage_feed_ended"]
    months = used(company, ended["account_id"])

    assert max(months) == ended["last_month"][:7] < "2026-09"
    assert min(months.values()) > 0
