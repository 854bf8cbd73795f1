"""A small company with every table: each metric has a figure, and each figure is explained by the rows it came from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from pipeline.context import Context
from pipeline.engine.evaluate import WHOLE
from pipeline.engine.quantities import REASONS, Quantity
from pipeline.engine.references import parsed
from pipeline.evidence.basis import Access, Basis, basis
from pipeline.evidence.rows import evidence
from pipeline.explain import explanation
from pipeline.facts import FACTS
from pipeline.metrics import METRICS
from pipeline.periods import add_months
from tests.plan_company import plan_rows
from tests.runs import computed, context_for, readings

Row = dict[str, object]
MONTHS = [add_months(date(2022, 1, 1), number) for number in range(57)]  # to September 2026
ACCOUNTS = ("A1", "A2", "A3", "A4", "A5", "A6")


PAID: dict[str, object] = {"pay_mode": "equity", "base_amount": 120_000}


def accounts() -> list[Row]:
    more: dict[str, Row] = {
        "A1": {
            "signed_on": "2020-05-05",
            "potential_amount": 900_000,
            "industry": "logistics",
            "region": "east",
        },
        "A2": {"parent_id": "A1", "industry": "logistics", "region": "east"},
        "A3": {
            "currency": "EUR",
            "signed_on": "2024-01-01",
            "industry": "retail",
            "potential_amount": 90_000,
        },
        "A4": {"pain_point": "late", "industry": "logistics", "region": "west"},
        "A5": {"industry": "retail", "region": "west"},
        "A6": {"signed_on": "2026-08-10", "industry": "retail", "region": "west"},
    }
    owners = {"A1": "M1", "A2": "M2", "A3": "M2", "A4": "M3", "A5": "M3", "A6": "M3"}
    return [{"account_id": each, "name": each, "owner_id": owners[each], **more[each]} for each in ACCOUNTS]


def trade() -> dict[str, list[Row]]:
    """Orders each month, their lines in two units, invoices and payments; all of it a little different by account."""
    orders: list[Row] = []
    lines: list[Row] = []
    invoices: list[Row] = []
    payments: list[Row] = []
    for month, first in enumerate(MONTHS):
        for place, account in enumerate(ACCOUNTS):
            if account == "A6" and first < date(2026, 8, 1):
                continue
            if account == "A5" and first > date(2026, 2, 1):
                continue
            key = f"{account}-{first:%Y%m}"
            day = first + timedelta(days=3 + place)
            late = (month + place) % 4 == 0
            delivered = None if late and first >= date(2026, 9, 1) else day + timedelta(days=9 + 4 * late)
            orders.append(
                {
                    "order_id": key, "account_id": account, "ordered_on": day, "kind": ("new", "renewal")[month % 2],
                    "requested_on": day + timedelta(days=8), "first_promised_on": day + timedelta(days=10),
                    "last_promised_on": day + timedelta(days=12), "delivered_on": delivered,
                    "currency": "EUR" if account == "A3" else "CNY",
                    "status": "cancelled" if (account, month) == ("A1", 50) else None,
                    "is_document_correct": None if delivered is None else month % 5 != 0,
                    "is_undamaged": None if delivered is None else True,
                }
            )  # fmt: skip
            for number in (1, 2):
                quantity = 5 + month % 3 + place
                price = 1000 * (6 - place) + 10 * month + number
                lines.append(
                    {
                        "order_id": key, "line_no": number, "product_id": f"P{(month + number) % 3}",
                        "unit": ("pc", "kg")[number - 1], "quantity": quantity, "delivered_quantity": quantity - late,
                        "net_amount": quantity * price, "cost_amount": quantity * price // 2, "is_correct": month % 7 != 0,
                    }
                )  # fmt: skip
            issued = day + timedelta(days=5)
            amount = 10_000 * (6 - place)
            invoices.append(
                {
                    "invoice_id": key, "account_id": account, "order_id": key, "issued_on": issued,
                    "due_on": issued + timedelta(days=10), "gross_amount": amount, "net_amount": amount,
                    "is_disputed": place == 3 and month % 6 == 0,
                }
            )  # fmt: skip
            if first < date(2026, 8, 1) or place > 1:
                paid = issued + timedelta(days=8 + (month * (place + 2)) % 25)
                payments.append({"payment_id": key, "invoice_id": key, "paid_on": paid, "amount": amount})
    return {"orders": orders, "order_lines": lines, "invoices": invoices, "payments": payments}


def service() -> dict[str, list[Row]]:
    cases: list[Row] = []
    surveys: list[Row] = []
    activities: list[Row] = []
    for month, first in enumerate(MONTHS):
        for place, account in enumerate(ACCOUNTS[:4]):
            opened = pd.Timestamp(first + timedelta(days=6), tz="Asia/Shanghai") + pd.Timedelta(hours=9)
            cases.append(
                {
                    "case_id": f"{account}-{month}", "account_id": account, "opened_at": opened.isoformat(),
                    "first_reply_at": (opened + pd.Timedelta(hours=1 + month % 30)).isoformat(),
                    "resolved_at": (opened + pd.Timedelta(hours=10 + month % 50)).isoformat(),
                    "is_green_channel": place == 0,
                }
            )  # fmt: skip
            for kind, scale, score in (
                ("csat", 5, 3 + month % 3),
                ("nps", 10, 5 + (month + place) % 6),
                ("csat", 10, 9),
            ):
                answered = None if (month + place) % 3 == 0 else first + timedelta(days=9)
                surveys.append(
                    {
                        "survey_id": f"{account}-{month}-{kind}{scale}", "account_id": account, "kind": kind,
                        "asked_on": first + timedelta(days=4), "answered_on": answered,
                        "score": None if answered is None else score, "scale_max": scale,
                        "comment": None if answered is None else "c", "action_taken": "a" if month % 2 else None,
                    }
                )  # fmt: skip
            if (month + place) % 3:
                activities.append(
                    {
                        "activity_id": f"{account}-{month}", "account_id": account, "status": "held",
                        "kind": ("visit", "review", "executive_meeting", "event")[month % 4],
                        "held_on": first + timedelta(days=12), "is_face_to_face": True,
                    }
                )  # fmt: skip
    late = {
        "activity_id": "late",
        "account_id": "A1",
        "kind": "visit",
        "held_on": "2026-09-03",
        "is_face_to_face": True,
    }
    return {"cases": cases, "surveys": surveys, "activities": [*activities, {**late, "status": "held"}]}


def plans() -> dict[str, list[Row]]:
    forecasts: list[Row] = [
        {
            "account_id": account, "product_id": None, "period_on": first, "made_on": add_months(first, -2),
            "amount": 50_000 + 1000 * (month % 5),
        }
        for month, first in enumerate(MONTHS[24:]) for account in ("A1", "A3") if month % 6 != 5
    ]  # fmt: skip
    targets: list[Row] = [
        {
            "subject_kind": "manager", "subject_id": manager, "metric": "net_sales", "from_on": first,
            "to_on": add_months(first, 1), "value": value,
        }
        for first in MONTHS[36:] for manager, value in (("M1", 300_000), ("M2", 80_000), ("M3", 50_000))
    ]  # fmt: skip
    deals: list[Row] = [
        {
            "opportunity_id": f"D{number}", "account_id": ACCOUNTS[number % 6], "kind": ("new", "up_sell")[number % 2],
            "stage": ("offer", "lead")[number % 2], "amount": 1000 * number, "opened_on": first,
            "closed_on": first + timedelta(days=40) if number < 52 else None, "is_won": number % 3 > 0 if number < 52 else None,
        }
        for number, first in enumerate(MONTHS)
    ]  # fmt: skip
    effort: list[Row] = [
        {"account_id": account, "month_on": first, "activity": "visit", "hours": "3.5", "rate_amount": 200}
        for first in MONTHS[30:] for account in ACCOUNTS[:4]
    ]  # fmt: skip
    return {"forecasts": forecasts, "targets": targets, "opportunities": deals, "cost_to_serve": effort}


def promises() -> dict[str, list[Row]]:
    goal: Row = {
        "account_id": "A1", "goal": "g", "unit": "h", "better": "lower", "baseline_value": 40,
        "baseline_on": "2025-01-01", "target_value": 20, "current_value": 25, "current_on": "2026-09-02",
        "attribution_pct": "0.8", "money_amount": 120_000,
    }  # fmt: skip
    return {
        "outcomes": [
            {**goal, "outcome_id": f"C{number}", "confidence": confidence, "account_id": account}
            for number, (confidence, account) in enumerate(
                [("measured", "A1"), ("confirmed", "A2"), ("modelled", "A3"), ("estimated", "A4")]
            )
        ],
        "outcome_values": [{"outcome_id": "C0", "measured_on": "2026-03-03", "value": 30}],
        "actions": [
            {
                "action_id": f"X{number}", "account_id": ACCOUNTS[number % 4], "side": ("ours", "client")[number % 2],
                "due_on": first + timedelta(days=14), "done_on": first + timedelta(days=10 + number % 7) if number % 5 else None,
                "status": "dropped" if number % 10 == 5 else "open", "is_client_visible": True,
                "plan_id": f"G{number % 4}",
            }
            for number, first in enumerate([*MONTHS, date(2026, 11, 1)])
        ],
        "change_requests": [
            {
                "change_id": f"R{number}", "account_id": ACCOUNTS[number % 4], "asked_on": first + timedelta(days=3),
                "confirmed_by_us_on": first + timedelta(days=5), "cost_amount": 1000 + number, "delay_days": number % 6,
                "confirmed_by_client_on": first + timedelta(days=8) if number % 3 else None,
                "delivered_on": first + timedelta(days=20) if number % 2 else None, "status": "open",
            }
            for number, first in enumerate(MONTHS)
        ],
        "contacts": [
            {"contact_id": "K1", "account_id": "A1", "role": "procurement", "is_backup": True},
            {"contact_id": "K2", "account_id": "A1", "role": "technical", "active_from_on": "2024-01-01",
             "left_at": "2026-09-08T10:00+08:00", "handed_over_at": "2026-09-08T20:00+08:00"},
            {"contact_id": "K3", "account_id": "A1", "role": "technical", "active_from_on": "2026-08-05",
             "visited_on": "2026-08-20"},
            {"contact_id": "K4", "account_id": "A1", "role": "business", "active_from_on": "2026-09-05",
             "visited_on": "2026-09-06"},
            {"contact_id": "K5", "account_id": "A3", "role": "executive"},
        ],
        "assignments": [
            {"account_id": "A1", "manager_id": "M1", "role": "owner", "from_on": "2020-01-01", "share_pct": "0.7"},
            {"account_id": "A1", "manager_id": "M2", "role": "owner", "from_on": "2020-01-01", "share_pct": "0.3"},
            {"account_id": "A1", "manager_id": "M3", "role": "technical", "from_on": "2020-01-01"},
            {"account_id": "A1", "manager_id": "M3", "role": "backup", "from_on": "2020-01-01"},
            {"account_id": "A4", "manager_id": "M2", "role": "owner", "from_on": "2020-01-01", "to_on": "2026-09-03",
             "handed_over_at": "2026-09-03T09:00+08:00"},
            {"account_id": "A4", "manager_id": "M3", "role": "owner", "from_on": "2026-09-03"},
        ],
    }  # fmt: skip


def aims() -> dict[str, list[Row]]:
    """Plans of accounts, budgets, and what managers can do."""
    stated = {"metric": "sites", "baseline": 1, "target": 9, "due_on": "2026-12-31"}
    measured = {"metric": "net_sales", "baseline": 1000, "target": 100_000, "due_on": "2026-12-31"}
    passed = {"metric": "csat", "baseline": 0, "target": 1, "due_on": "2026-06-30"}
    plans: list[Row] = [
        {"plan_id": f"G{number}", "account_id": account, "objective": "o", "status": status, **kind}
        for number, (account, status, kind) in enumerate(
            (account, status, kind)
            for account in ACCOUNTS
            for status, kind in (
                ("open", measured),
                ("at risk", stated),
                ("", stated),
                ("done", stated),
                ("", passed),
            )
        )
    ]
    budgets: list[Row] = [
        {
            "subject_kind": kind,
            "subject_id": subject,
            "month_on": first,
            "kind": spent,
            "amount": 90_000,
            "currency": "CNY",
        }
        for first in MONTHS[45:]
        for kind, subject in (
            ("manager", "M1"),
            ("manager", "M2"),
            ("manager", "M3"),
            ("region", "east"),
            ("region", "west"),
        )
        for spent in ("sales", "cost", "pay")
    ]
    competences: list[Row] = [
        {"manager_id": manager, "skill": skill, "area": area, "level": 3 + at, "target_level": 4, "assessed_on": "2025-06-06"}
        for manager in ("M1", "M2", "M3") for at, (skill, area) in enumerate((("s", "engineer"), ("t", "leader")))
    ]  # fmt: skip
    return {"plans": plans, "budgets": budgets, "competences": competences}


def threats() -> dict[str, list[Row]]:
    """Competitors that were seen, and what was done to keep customers."""
    return {
        "competitor_events": [
            {
                "event_id": f"E{number}", "account_id": ACCOUNTS[number % 5], "competitor": f"X{number % 2}",
                "seen_on": first + timedelta(days=number % 25), "kind": ("visit", "quote", "offer", "win")[number % 4],
                "price_gap_pct": -0.01 * (number % 9),
            }
            for number, first in enumerate([*MONTHS, *MONTHS[-3:], *MONTHS[-3:]])
        ],
        "interventions": [
            {
                "intervention_id": f"V{number}", "account_id": ACCOUNTS[number % 5], "opened_on": first + timedelta(days=2),
                "closed_on": first + timedelta(days=40), "risk": ("usage", "competitor")[number % 2],
                "outcome": ("kept", "lost")[number % 3 == 0], "cost_amount": 700 + number,
                "revenue_at_stake_amount": 9000 + number,
            }
            for number, first in enumerate([*MONTHS, *MONTHS[-3:], *MONTHS[-3:]])
        ],
    }  # fmt: skip


def company() -> dict[str, list[Row]]:
    return {
        **threats(),
        "accounts": accounts(),
        "managers": [
            {"manager_id": "M1", "name": "one", "team_id": "T1", **PAID},
            {"manager_id": "M2", "name": "two", "team_id": "T1", "reports_to_id": "M1", **PAID},
            {"manager_id": "M3", "name": "three", "team_id": "T2", **PAID},
        ],
        "grants": [
            {"manager_id": "M1", "granted_on": "2026-01-05", "units": 480, "vest_from_on": "2026-01-05", "vest_months": 48,
             "cliff_months": 0, "unit_amount": 18.5},
        ],
        "teams": [{"team_id": "T1", "name": "t"}, {"team_id": "T2", "name": "u"}],
        "products": [{"product_id": f"P{number}", "name": f"p{number}"} for number in range(3)],
        "market": [
            {"industry": industry, "region": "all", "year": year, "market_amount": 10_000_000 + year, "our_rank": 2,
             "rivals_count": 3, "source": "s"}
            for industry in ("logistics", "retail") for year in (2023, 2024, 2025)
        ],
        "fx": [
            {"rate_on": first, "currency": "EUR", "to_currency": "CNY", "rate": f"7.{70 + number % 20}"}
            for number, first in enumerate(MONTHS)
        ],
        **trade(), **service(), **plans(), **promises(), **plan_rows(), **aims(),
    }  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("run")
    computed(folder, company())
    return context_for(folder)


@pytest.fixture(scope="module")
def table(run: Context) -> pd.DataFrame:
    return readings(run.run)


@pytest.fixture(scope="module")
def facts(run: Context) -> Basis:
    return basis(run, frozenset(FACTS.all()))


def figure(run: Context, row: Any) -> Any:
    broken = f"[{row.breakdown}]" if row.breakdown else ""
    currency = f"@{row.currency}" if row.currency else ""
    return parsed(
        run, f"{row.metric}{broken}/{row.subject_kind}:{row.subject_id}/{row.window}/{row.period}{currency}"
    )


@pytest.mark.parametrize("name", METRICS.all())
def test_each_metric_has_a_figure_for_each_kind_of_subject(name: str, table: pd.DataFrame) -> None:
    mine = table[table["metric"] == name]
    known = mine[mine["value"].notna() | mine["text"].isin(set(mine["text"]) - {"nan", "None"})]

    assert set(known["subject_kind"]) == set(METRICS.get(name).subjects)


def test_what_is_not_known_has_a_reason_and_what_is_known_has_none(table: pd.DataFrame) -> None:
    words = table["unit"] == "text"
    unknown = table["value"].isna() & ~words

    assert (table.loc[unknown, "reason"] != "").all()
    assert (table.loc[table["value"].notna(), "reason"] == "").all()
    assert set(table["reason"]) <= set(REASONS)


@pytest.mark.parametrize("name", METRICS.all())
def test_each_figure_is_explained_by_its_rows(
    name: str, run: Context, table: pd.DataFrame, facts: Basis
) -> None:
    mine = table[(table["metric"] == name) & table["value"].notna()]
    if mine.empty:  # words
        mine = table[table["metric"] == name]
    newest = mine[mine["until_on"] == mine["until_on"].max()]
    for row in newest.drop_duplicates("subject_kind").itertuples():
        said = explanation(facts, figure(run, row))

        assert said["facts"]
        if row.unit != "text":
            assert said["value"] == pytest.approx(row.value, abs=1e-12)


PLAIN = sorted(name for name, fact in FACTS.all().items() if fact.kind in ("flow", "stock"))


@pytest.mark.parametrize("name", PLAIN)
def test_the_evidence_adds_up_to_the_fact(name: str, facts: Basis) -> None:
    fact = FACTS.get(name)
    evaluator = facts.evaluators["reporting"]
    window = next(each for each in facts.context.period.windows() if each.name == "quarter")
    breakdowns = [each for fact_name, each in evaluator.sums.cubes if fact_name == name] or [WHOLE]
    for kind in ("customer", "manager", "industry", "portfolio"):
        for breakdown in breakdowns:
            found = evaluator.value(fact, kind, window, breakdown)
            assert isinstance(found, Quantity)
            for at, subject in enumerate(evaluator.subjects[kind].ids):
                if found.known[at]:
                    access = Access(name, None if fact.until else window.from_on, window.until_on, breakdown)
                    rows = evidence(facts, fact, access, kind, subject)
                    assert rows["amount"].sum() == found.values[at]


STATED = sorted(name for name, fact in FACTS.all().items() if fact.kind == "stated")


@pytest.mark.parametrize("name", STATED)
def test_what_is_stated_of_a_subject_adds_up_too(name: str, facts: Basis) -> None:
    fact = FACTS.get(name)
    evaluator = facts.evaluators["reporting"]
    window = next(each for each in facts.context.period.windows() if each.name == "quarter")
    for kind in ("manager", "team", "industry", "portfolio"):
        found = evaluator.value(fact, kind, window, WHOLE)
        assert isinstance(found, Quantity)
        for at, subject in enumerate(evaluator.subjects[kind].ids):
            access = Access(name, None if fact.until else window.from_on, window.until_on)
            rows = evidence(facts, fact, access, kind, subject)
            assert rows.empty != found.known[at]
            assert rows["amount"].sum() == (found.values[at] if found.known[at] else 0)


def test_the_bridge_adds_up_for_every_subject_and_currency(table: pd.DataFrame) -> None:
    mine = table[(table["metric"] == "sales_bridge") & table["value"].notna()]
    keys = ["subject_kind", "subject_id", "window", "currency"]
    whole = mine[mine["breakdown"] == ""].set_index(keys)["value"]
    parts = mine[mine["breakdown"] != ""].groupby(keys)["value"].sum()

    assert len(whole) > 20
    assert (whole - parts.reindex(whole.index)).abs().max() < 0.00005


def test_the_bridge_is_the_difference_of_sales_where_nobody_changed_hands(table: pd.DataFrame) -> None:
    keys = ["subject_kind", "subject_id", "window", "currency"]
    bridge = table[(table["metric"] == "sales_bridge") & (table["breakdown"] == "")].set_index(keys)["value"]
    sales = table[
        (table["metric"] == "net_sales") & (table["until_on"] == table["until_on"].max())
    ].set_index(keys)
    change = (sales["value"] - sales["year_ago"]).reindex(bridge.index)
    wanted = bridge.index.get_level_values("subject_kind").isin(
        ["account", "customer", "industry", "portfolio"]
    )

    assert (bridge - change)[wanted].abs().max() < 0.00005


def test_customers_of_all_stages_bands_and_classes_add_up(table: pd.DataFrame) -> None:
    for name in ("customers_by_stage", "customers_by_band", "customers_by_class"):
        mine = table[
            (table["metric"] == name) & (table["subject_kind"] == "portfolio") & (table["window"] == "month")
        ]
        parts = mine[~mine["breakdown"].isin(["", "stage=lapsed"])]

        assert parts["value"].sum() == mine.loc[mine["breakdown"] == "", "value"].sum()


def test_no_client_figure_needs_an_internal_one(table: pd.DataFrame) -> None:
    client = {"perfect_order", "line_fill", "volume_fill", "order_accuracy", "overdue_amount", "overdue_share", "nps",
              "response_rate", "goal_progress", "value_realised", "commitments_kept_share"}  # fmt: skip

    assert set(table.loc[table["metric"].isin(client), "audience"]) == {"client"}
    internal = {"weighted_days_late", "sales_bridge", "sales_attainment", "contribution", "wape", "market_share",
                "revenue_band", "class_move", "lifecycle_stage", "cadence_compliance", "decision_chain_coverage"}  # fmt: skip
    assert set(table.loc[table["metric"].isin(internal), "audience"]) == {"internal"}
