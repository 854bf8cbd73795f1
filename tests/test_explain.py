from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import store
from pipeline.context import Context
from pipeline.engine.evaluate import WHOLE, Breakdown, Evaluator
from pipeline.engine.parts import OWN, REPORTING, combined, part_sums
from pipeline.engine.quantities import REASONS, Quantity, Samples
from pipeline.engine.recent_sums import RecentSums
from pipeline.engine.references import Figure, parsed
from pipeline.errors import UsageError
from pipeline.evidence.basis import Access, Basis, Noting, basis, needed
from pipeline.evidence.counts import facts_of
from pipeline.evidence.rows import evidence
from pipeline.explain import explained, explanation, printed
from pipeline.facts import FACTS, Fact
from pipeline.metrics import METRICS
from pipeline.periods import Window, months_between, shifted
from tests.demos import computed_demo, demo_readings
from tests.engines import Engine, engine, engine_in, sources_of, without
from tests.runs import computed, context_for
from tests.strategies import Company, companies

ADDED = [fact for fact in FACTS.all().values() if fact.kind in ("flow", "stock")]
SAMPLED = [fact for fact in FACTS.all().values() if fact.kind == "sample"]
WINDOWS = ("month", "quarter", "t12m")
KINDS = ("account", "customer", "manager", "team", "region", "industry", "portfolio")
HISTORY = {"company": {"history_from": "2024-01-01"}}
"""Leaving out a row must not move the start of history."""
SLOW = pytest.mark.slow
FEW = settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MANY = settings(FEW, max_examples=60)


def breakdowns(found: Engine, fact: Fact) -> list[Breakdown]:
    """The breakdowns of a fact that occur; the whole where the fact adds up to one."""
    made = [key for name, key in found.evaluator.sums.cubes if name == fact.name]
    return sorted(made) or ([] if fact.only_by else [WHOLE])


def subjects(found: Engine) -> list[str]:
    return [f"{kind}:{name}" for kind in KINDS for name in found.evaluator.subjects[kind].ids]


def added_up(found: Engine, fact: Fact, subject: str, window: Window, breakdown: Breakdown) -> int:
    """The exact sum that was kept, whether or not all of it is known."""
    kind, _, _ = subject.partition(":")
    quantity = found.fact(fact.name, kind, window, breakdown)
    assert isinstance(quantity, Quantity)
    return int(quantity.values[found.position(subject)])


def check_that_evidence_adds_up(company: Company, data: Any, *, some: int) -> None:
    """Of every fact and every breakdown, for some subjects."""
    found = engine(company, **HISTORY)
    span = found.window(data.draw(st.sampled_from(WINDOWS)))
    everyone = subjects(found)
    first = data.draw(st.integers(0, len(everyone) - 1))
    keys = [(fact, each) for fact in ADDED if fact.table in found.facts for each in breakdowns(found, fact)]
    for at, (fact, breakdown) in enumerate(keys):
        for subject in {everyone[(first + at + n) % len(everyone)] for n in range(some)}:
            rows = found.evidence(fact.name, subject, span, breakdown)
            total = added_up(found, fact, subject, span, breakdown)
            assert rows["amount"].sum() == total, (fact.name, subject, breakdown)
            assert not rows["row"].duplicated().any()


@FEW
@given(companies(), st.data())
def test_the_evidence_of_every_fact_adds_up_to_it_exactly(company: Company, data: Any) -> None:
    check_that_evidence_adds_up(company, data, some=2)


@SLOW
@MANY
@given(companies(), st.data())
def test_the_evidence_of_every_fact_adds_up_to_it_exactly_in_many_companies(
    company: Company, data: Any
) -> None:
    check_that_evidence_adds_up(company, data, some=8)


@settings(FEW, max_examples=3)
@given(companies(), st.sampled_from(WINDOWS))
def test_the_evidence_of_a_sample_has_the_same_values(company: Company, window: str) -> None:
    found = engine(company, **HISTORY)
    span = found.window(window)

    for fact in [each for each in SAMPLED if each.table in found.facts]:
        for subject in subjects(found):
            rows = found.evidence(fact.name, subject, span)
            assert sorted(rows["amount"]) == found.sample(fact.name, subject, span), (fact.name, subject)


def check_that_only_evidence_counts(company: Company, data: Any) -> None:
    """Leave out a row of the fact's own table: the fact changes by what the row contributed, else not at all."""
    found = engine(company, **HISTORY)
    fact = data.draw(st.sampled_from([each for each in ADDED if len(found.facts.get(each.table, ()))]))
    breakdown = data.draw(st.sampled_from(breakdowns(found, fact) or [WHOLE]))
    span = found.window(data.draw(st.sampled_from(WINDOWS)))
    row = data.draw(st.integers(0, len(found.facts[fact.table]) - 1))
    if fact.only_by and breakdown == WHOLE:
        return

    poorer = found.without_fact_rows(fact, [row])

    for subject in subjects(found):
        evidence = found.evidence(fact.name, subject, span, breakdown)
        contributed = int(evidence.loc[evidence["row"] == row, "amount"].sum())
        before = added_up(found, fact, subject, span, breakdown)
        assert added_up(poorer, fact, subject, span, breakdown) == before - contributed, (fact.name, subject)


@settings(FEW, max_examples=7)
@given(companies(), st.data())
def test_leaving_out_a_row_changes_a_fact_by_its_contribution_and_any_other_not_at_all(
    company: Company, data: Any
) -> None:
    check_that_only_evidence_counts(company, data)


@SLOW
@settings(MANY, max_examples=100)
@given(companies(), st.data())
def test_leaving_out_a_row_changes_a_fact_by_its_contribution_in_many_companies(
    company: Company, data: Any
) -> None:
    check_that_only_evidence_counts(company, data)


REPLACED = ("account_levels", "relationships", "watched_months")
"""Tables in which another row takes the place of one that is left out: of a year of the market the one before holds
longer, and when a first purchase is gone the relationship, and the watch over it, begin with the second."""


def check_that_only_sources_count(company: Company, data: Any) -> None:
    """Leave out the export's rows that a row of the fact was made of, and compute everything anew."""
    found = engine(company, **HISTORY)
    fact = data.draw(
        st.sampled_from(
            [each for each in ADDED if each.table not in REPLACED and len(found.facts.get(each.table, ()))]
        )
    )
    breakdown = data.draw(st.sampled_from(breakdowns(found, fact) or [WHOLE]))
    span = found.window(data.draw(st.sampled_from(WINDOWS)))
    subject = data.draw(st.sampled_from(subjects(found)))
    row = data.draw(st.integers(0, len(found.facts[fact.table]) - 1))
    if fact.only_by and breakdown == WHOLE:
        return
    gone = sources_of(found, fact, row)
    evidence = found.evidence(fact.name, subject, span, breakdown)
    made_of = [sources_of(found, fact, at) for at in evidence["row"]]
    contributed = sum(amount for amount, own in zip(evidence["amount"], made_of, strict=True) if own <= gone)
    if any(own & gone and not own <= gone for own in made_of):
        return  # a later state of the same item: it was made of more than this row was

    poorer = engine_in(found.context, without(found.tables, gone))

    before = added_up(found, fact, subject, span, breakdown)
    assert added_up(poorer, fact, subject, span, breakdown) == before - contributed, (
        fact.name,
        subject,
        gone,
    )


@settings(FEW, max_examples=7)
@given(companies(), st.data())
def test_leaving_out_the_source_rows_of_evidence_changes_the_fact_by_its_contribution(
    company: Company, data: Any
) -> None:
    check_that_only_sources_count(company, data)


@SLOW
@settings(MANY, max_examples=100)
@given(companies(), st.data())
def test_leaving_out_the_source_rows_of_evidence_changes_the_fact_in_many_companies(
    company: Company, data: Any
) -> None:
    check_that_only_sources_count(company, data)


@settings(FEW, max_examples=2)
@given(companies())
def test_who_serves_an_account_changes_nothing_of_its_figures(company: Company) -> None:
    served, unserved = engine(company, **HISTORY), engine({**company, "assignments": []}, **HISTORY)
    span = served.window("t12m")

    for fact in ADDED:
        for breakdown in breakdowns(served, fact):
            for kind in ("account", "customer", "portfolio"):
                one, other = (each.fact(fact.name, kind, span, breakdown) for each in (served, unserved))
                assert isinstance(one, Quantity)
                assert isinstance(other, Quantity)
                assert one.values.tolist() == other.values.tolist(), (fact.name, kind)


ROWS: dict[str, list[dict[str, object]]] = {
    "accounts": [
        {"account_id": "A1", "name": "a", "industry": "Food/Drink", "currency": "EUR"},
        {"account_id": "A2", "name": "b", "parent_id": "A1"},
        {"account_id": "B@1/x#2", "name": "c"},
    ],
    "managers": [{"manager_id": "M1", "name": "m"}],
    "fx": [{"rate_on": "2020-01-01", "currency": "EUR", "to_currency": "CNY", "rate": "8"}],
    "orders": [
        {"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-03", "requested_on": "2026-09-05",
         "delivered_on": "2026-09-05"},
        {"order_id": "O2", "account_id": "A2", "ordered_on": "2024-09-03"},
        {"order_id": "O3", "account_id": "B@1/x#2", "ordered_on": "2026-09-03"},
    ],
    "order_lines": [
        {"order_id": "O1", "line_no": 1, "net_amount": 10, "cost_amount": 4, "quantity": 2, "delivered_quantity": 2,
         "unit": "kg"},
        {"order_id": "O1", "line_no": 2, "net_amount": 5, "quantity": 1, "delivered_quantity": 1, "unit": "pcs"},
        {"order_id": "O2", "line_no": 1, "net_amount": 7},
        {"order_id": "O3", "line_no": 1, "net_amount": 3},
    ],
    "invoices": [
        {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-09-04", "gross_amount": 20},
        {"invoice_id": "I2", "account_id": "A2", "issued_on": "2024-09-04", "gross_amount": 9, "currency": "CNY"},
    ],
    "payments": [{"payment_id": "R1", "invoice_id": "I1", "paid_on": "2026-09-20", "amount": 5}],
    "cases": [
        {"case_id": "C1", "account_id": "A1", "opened_at": "2026-09-01T08:00+08:00",
         "first_reply_at": "2026-09-01T10:00+08:00"},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A finished run of two groups."""
    run = tmp_path_factory.mktemp("explain") / "2026-09"
    computed(run, ROWS)
    return context_for(run)


def test_an_explanation_says_what_the_figure_is_and_what_it_was_made_of(small: Context) -> None:
    said = explained(small, "gross_margin/customer:A1/month", with_rows=True)

    assert said["value"] == pytest.approx(0.6)
    assert said["formula"]["en"].startswith("(sales with known cost − cost of sales)")
    assert {fact["name"]: fact["total"] for fact in said["facts"]} == {
        "sales_with_cost": 80.0, "cost_of_sales": 32.0, "net_sales": 120.0,
    }  # fmt: skip
    assert [row["from"] for fact in said["facts"] for row in fact["evidence"]] == [
        ["order_lines.csv:2"], ["order_lines.csv:2"], ["order_lines.csv:2"], ["order_lines.csv:3"]
    ]  # fmt: skip


def test_an_explanation_is_json(small: Context) -> None:
    said = explained(small, "receivables_turnover/portfolio:all/quarter", with_rows=True)

    assert json.loads(json.dumps(said)) == said


def test_a_position_is_made_of_its_invoice_and_payments(small: Context) -> None:
    said = explained(small, "receivables/account:A1/month", with_rows=True)

    assert said["value"] == 120.0
    assert said["facts"][0]["evidence"] == [{"amount": 120.0, "from": ["invoices.csv:2", "payments.csv:2"]}]


def test_a_figure_is_explained_in_the_customers_own_currency(small: Context) -> None:
    said = explained(small, "receivables/account:A1/month@EUR", with_rows=True)

    assert (said["value"], said["currency"]) == (15.0, "EUR")
    assert said["facts"][0]["total"] == 15.0


def test_a_figure_in_a_breakdown_is_made_of_its_rows_only(small: Context) -> None:
    said = explained(small, "volume[unit=kg]/account:A1/month", with_rows=True)

    assert (said["value"], said["breakdown"], said["facts"][0]["rows"]) == (2.0, "unit=kg", 1)


def test_an_account_fact_is_explained_by_its_members(small: Context) -> None:
    said = explained(small, "account_retention/portfolio:all/t12m")
    kept = {fact["name"]: fact for fact in said["facts"]}

    assert kept["accounts_at_start"]["rows"] == 0
    said = explained(small, "account_retention/portfolio:all/t12m/t12m-2025-12")
    assert {fact["name"]: fact.get("evidence") for fact in said["facts"]}["accounts_at_start"] == []


def test_what_is_not_known_is_explained_with_its_reason(small: Context) -> None:
    said = explained(small, "csat/portfolio:all/month")

    assert (said["value"], said["reason"]) == (None, "short_history")
    assert "– (short_history)" in printed(said)


def test_an_explanation_is_told_in_lines(small: Context) -> None:
    text = printed(explained(small, "net_sales/portfolio:all/month", with_rows=True))

    assert "net_sales v1  净销售额  net sales" in text
    assert "= 123.0 CNY" in text
    assert text.count("order_lines.csv:") == 3


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("net_sales/industry:Food/Drink/month", 120.0),
        ("net_sales/account:B@1/x#2/month", 3.0),
        ("net_sales/account:B@1/x#2/month/2026-09@CNY", 3.0),
    ],
)
def test_an_id_may_hold_any_character(small: Context, reference: str, value: float) -> None:
    assert explained(small, reference)["value"] == value


def test_an_earlier_period_is_named_after_the_window(small: Context) -> None:
    assert explained(small, "net_sales/account:A2/month/2024-10")["value"] == 0.0
    assert explained(small, "net_sales/portfolio:all/t12m/t12m-2025-09")["value"] == 0.0


@pytest.mark.parametrize(
    ("reference", "code", "nearest"),
    [
        ("nonsense", "KB-0210", None),
        ("net_sales/all/month", "KB-0210", None),
        ("net_saels/portfolio:all/month", "KB-0216", "net_sales"),
        ("net_sales/portfolio:all/mnth", "KB-0213", "month"),
        ("account_retention/portfolio:all/month", "KB-0213", None),
        ("net_sales/portfolio:all/month/2026-90", "KB-0214", "2026-09"),
        ("net_sales/portfolio:all/month/1999-01", "KB-0214", None),
        ("net_sales/portfolio:all/half", "KB-0214", None),
        ("net_sales/acount:A1/month", "KB-0217", "account"),
        ("account_retention/account:A1/t12m", "KB-0217", None),
        ("net_sales/account:A11/month", "KB-0215", "A1"),
        ("volume[unit=kgs]/account:A1/month", "KB-0218", "unit=kg"),
        ("volume/account:A1/month", "KB-0218", None),
        ("net_sales[unit=kg]/account:A1/month", "KB-0218", None),
        ("net_sales/account:A1/month@USD", "KB-0219", "EUR"),
        ("net_sales/portfolio:all/month@EUR", "KB-0219", "CNY"),
        ("documents/none.json#f1", "KB-0211", None),
    ],
)
def test_a_reference_to_nothing_is_answered_with_the_nearest(
    small: Context, reference: str, code: str, nearest: str | None
) -> None:
    with pytest.raises(UsageError) as refused:
        explained(small, reference)

    assert (refused.value.code, refused.value.exit_code) == (code, 2)
    assert refused.value.fix
    if nearest is not None:
        assert refused.value.nearest == nearest


def test_a_run_that_is_not_computed_cannot_be_explained(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        explained(context_for(tmp_path / "2026-09"), "net_sales/portfolio:all/month")

    assert refused.value.code == "KB-0203"


def sidecar(run: Path, **figure: object) -> str:
    entry = {
        "id": "f1", "metric": "volume", "subject_kind": "account", "subject_id": "A1", "window": "month",
        "period": "2026-09", "breakdown": "unit=kg", **figure,
    }  # fmt: skip
    path = run / "documents" / "client" / "A1" / "value_report.json"
    store.write_json(path, {"figures": [entry, {**entry, "id": "f2"}]})
    return f"{path.relative_to(run)}"


def test_a_figure_of_a_document_is_found_by_its_sidecar(small: Context) -> None:
    path = sidecar(small.run)

    for name in (path, str(small.run / path)):
        said = explained(small, f"{name}#f1")
        assert (said["metric"], said["value"], said["breakdown"]) == ("volume", 2.0, "unit=kg")


def test_a_figure_of_a_document_keeps_its_currency(small: Context) -> None:
    path = sidecar(small.run, metric="receivables", breakdown="", currency="EUR")

    assert explained(small, f"{path}#f1")["value"] == 15.0


def test_a_figure_that_the_sidecar_does_not_have_is_answered_with_the_nearest(small: Context) -> None:
    with pytest.raises(UsageError) as refused:
        explained(small, f"{sidecar(small.run)}#f11")

    assert (refused.value.code, refused.value.nearest) == ("KB-0212", "f1")


def test_a_policy_may_weigh_what_its_built_in_score_does_not(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.mkdir()
    (policy / "scores.toml").write_text(
        'schema = 1\n[[score]]\nname = "service"\nvalid_from = 2000-01-01\n'
        'weights = [{ metric = "gross_margin", weight = 1.0, zero_at = 0.0, full_at = 1.0 }]\n'
    )
    run = tmp_path / "2026-09"
    readings = computed(run, ROWS, workspace=tmp_path)
    rows = readings[(readings["metric"] == "service_score") & (readings["subject_id"] == "A1")]

    said = explained(context_for(run, workspace=tmp_path), "service_score/account:A1/month")

    assert said["value"] == pytest.approx(0.6)
    assert (
        said["value"]
        == rows[(rows["window"] == "month") & (rows["subject_kind"] == "account")]["value"].item()
    )
    assert "cost_of_sales" in [fact["name"] for fact in said["facts"]]


@dataclass(frozen=True, repr=False)
class Demo:
    """The demo's month: what was read, and all of its facts loaded to explain it."""

    context: Context
    readings: pd.DataFrame
    basis: Basis

    def explained(self, reading: Any) -> dict[str, Any]:
        return explanation(self.basis, self.figure(reading))

    def figure(self, reading: Any) -> Figure:
        broken = f"[{reading.breakdown}]" if reading.breakdown else ""
        currency = f"@{reading.currency}" if reading.currency not in ("", "CNY") else ""
        subject = f"{reading.subject_kind}:{reading.subject_id}"
        return parsed(
            self.context, f"{reading.metric}{broken}/{subject}/{reading.window}/{reading.period}{currency}"
        )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    context = computed_demo(tmp_path_factory)
    return Demo(context, demo_readings(context), basis(context, frozenset(FACTS.all())))


def sampled(table: pd.DataFrame, each: int) -> pd.DataFrame:
    """Some readings of each window, kind of subject, breakdown and currency."""
    columns = ("window", "subject_kind", "breakdown", "currency")
    picked = [table.groupby(name).sample(n=each, replace=True, random_state=7) for name in columns]
    return pd.concat(picked).drop_duplicates()


def check_that_figures_are_explained(demo: Demo, metric: str, readings: pd.DataFrame) -> None:
    for reading in readings.itertuples():
        said = demo.explained(reading)
        value = None if np.isnan(reading.value) else reading.value
        text = reading.text if isinstance(reading.text, str) else None
        assert (said["value"], said.get("text"), said["reason"]) == (value, text, reading.reason), reading
        assert {fact["name"] for fact in said["facts"]} <= needed(METRICS.get(metric))
        if value is not None and metric in ("net_sales", "receivables", "volume", "cases", "ageing"):
            assert [fact["total"] for fact in said["facts"]] == [pytest.approx(value, abs=1e-9)], reading


@pytest.mark.parametrize("metric", METRICS.all())
def test_what_is_explained_is_what_was_read(demo: Demo, metric: str) -> None:
    mine = demo.readings[demo.readings["metric"] == metric]

    check_that_figures_are_explained(demo, metric, mine.sample(min(5, len(mine)), random_state=7))


@SLOW
@pytest.mark.parametrize("metric", METRICS.all())
def test_what_is_explained_is_what_was_read_of_many_figures(demo: Demo, metric: str) -> None:
    mine = demo.readings[demo.readings["metric"] == metric]

    check_that_figures_are_explained(demo, metric, sampled(mine, 15) if len(mine) else mine)


##### Every fact of the catalogue, of any subject of the demo #######################################################


def windows_of_the_past(demo: Demo) -> list[Window]:
    """The windows of the month, those before them and a year earlier: what metrics look facts up in."""
    period = demo.context.period
    made = [
        shifted(window, -months, period.fiscal_start)
        for window in period.windows()
        for months in (0, 1, months_between(window), 12)
    ]
    return [*dict.fromkeys(made)]


def drawn(demo: Demo, fact: Fact, seed: int) -> tuple[str, str, Window, Breakdown, str]:
    """A kind and id of a subject, a window, a breakdown, and the sums of the reporting or the customers' currency."""
    chance = random.Random(seed)
    kinds = ["manager", "team", "region", "industry", "portfolio", "customer", "account"]
    kind = chance.choice([*kinds, "product"] if fact.has_product else kinds)
    own = fact.unit == "money" and kind in ("account", "customer") and chance.random() < 0.5
    evaluator = demo.basis.evaluators[OWN if own else REPORTING]
    subject = chance.choice(evaluator.subjects[kind].ids)
    window = chance.choice(windows_of_the_past(demo))
    found = [key for name, key in evaluator.sums.cubes if name == fact.name]
    whole = [] if fact.only_by else [WHOLE]
    breakdown = chance.choice(sorted({*found, *whole}) or [WHOLE])
    return kind, subject, window, breakdown, own_currency(demo, kind, subject) if own else ""


def own_currency(demo: Demo, kind: str, subject: str) -> str:
    people = demo.basis.people
    at = people.subjects[kind].ids.index(subject)
    return str(people.directory.currencies[people.top_account[at] if kind == "customer" else at])


def evaluator_for(basis: Basis, currency: str) -> Noting:
    return basis.evaluators[OWN if currency and currency != basis.setting.currency else REPORTING]


def said_of(
    basis: Basis, fact: Fact, kind: str, subject: str, window: Window, breakdown: Breakdown, currency: str
) -> list[int] | int | None:
    """The exact figure of one subject, known or not; of a sample its values, of a cell all of its cells."""
    evaluator = evaluator_for(basis, currency)
    at = evaluator.subjects[kind].ids.index(subject)
    if fact.kind == "cell":
        cells = Evaluator.cells(evaluator, fact, window)
        mine = basis.people.subjects[kind].of_account
        assert mine is not None
        return int(cells.quantity.values[mine[cells.owners] == at].sum())
    found = Evaluator.value(evaluator, fact, kind, window, breakdown)
    if isinstance(found, Samples):
        return sorted(found.values[found.owners == at].tolist())
    if fact.kind == "stated" and not found.known[at]:
        return None
    return int(found.values[at])


def of_rows(rows: pd.DataFrame, fact: Fact) -> list[int] | int | None:
    if fact.kind == "sample":
        return sorted(rows["amount"].tolist())
    return None if fact.kind == "stated" and rows.empty else int(rows["amount"].sum())


def nothing_of(fact: Fact) -> list[int] | int | None:
    return {"sample": [], "stated": None}.get(fact.kind, 0)


def only_rows(basis: Basis, fact: Fact, keep: Any) -> Basis:
    """The basis with some rows of the fact's table only; edges and the start of history stay as they were."""
    tables = {**basis.tables, fact.table: basis.tables[fact.table][keep].reset_index(drop=True)}
    starts = basis.evaluators[REPORTING].sums.starts
    sums = combined([part_sums(tables, basis.setting, frozenset({fact.name}))], starts)
    evaluators = {
        name: replace(each, sums=sums[name], asked=[], _summed=RecentSums(), _measured={}, _played={})
        for name, each in basis.evaluators.items()
    }
    return replace(basis, tables=tables, evaluators=evaluators)


ROW_FACTS = [name for name, fact in FACTS.all().items() if fact.kind != "account"]
MEMBER_FACTS = [name for name, fact in FACTS.all().items() if fact.kind == "account"]


def is_short(demo: Demo, fact: Fact, window: Window, kind: str) -> bool:
    """Whether the window begins before the fact's history, so that nothing is known of it; a cell is one account's."""
    evaluator = demo.basis.evaluators[REPORTING]
    begins = window.until_on if fact.kind == "stock" else window.from_on
    no_edge = evaluator.edges.at(begins) is None or evaluator.edges.at(window.until_on) is None
    cell_of_many = fact.kind == "cell" and kind in ("manager", "team", "product")
    before = begins <= evaluator.start(fact) if fact.kind == "stock" else begins < evaluator.start(fact)
    return (
        fact.table not in demo.basis.tables or cell_of_many or (fact.kind != "stated" and (no_edge or before))
    )


def check_evidence(demo: Demo, name: str, seed: int) -> None:
    """Contributions add up to the fact; by these rows alone it is the same; without them there is nothing."""
    fact = FACTS.get(name)
    kind, subject, window, breakdown, currency = drawn(demo, fact, seed)
    if is_short(demo, fact, window, kind):
        return
    chosen = (kind, subject, window, breakdown, currency)
    access = Access(name, None if fact.kind == "stock" else window.from_on, window.until_on, breakdown)
    rows = evidence(demo.basis, fact, access, kind, subject, currency)
    figure = said_of(demo.basis, fact, *chosen)
    mine = np.isin(np.arange(len(demo.basis.tables[fact.table])), rows["row"])

    assert of_rows(rows, fact) == figure, chosen
    assert not rows["row"].duplicated().any()
    assert said_of(only_rows(demo.basis, fact, mine), fact, *chosen) == figure, chosen
    assert said_of(only_rows(demo.basis, fact, ~mine), fact, *chosen) == nothing_of(fact), chosen


@pytest.mark.parametrize("name", ROW_FACTS)
@settings(FEW, max_examples=2)
@given(st.integers(0, 2**32))
def test_a_fact_is_its_evidence_and_nothing_else(demo: Demo, name: str, seed: int) -> None:
    check_evidence(demo, name, seed)


@SLOW
@pytest.mark.parametrize("name", ROW_FACTS)
@settings(MANY, max_examples=40)
@given(st.integers(0, 2**32))
def test_a_fact_is_its_evidence_and_nothing_else_in_many_windows(demo: Demo, name: str, seed: int) -> None:
    check_evidence(demo, name, seed)


@pytest.mark.parametrize("name", MEMBER_FACTS)
@settings(FEW, max_examples=3)
@given(st.integers(0, 2**32))
def test_an_account_fact_is_what_its_members_bring(demo: Demo, name: str, seed: int) -> None:
    fact, chance = FACTS.get(name), random.Random(seed)
    kind = chance.choice(("manager", "team", "region", "industry", "portfolio", fact.member))
    window = chance.choice(windows_of_the_past(demo))
    asked = [(label, each) for label, values in fact.values.items() for each in values]
    whole = [WHOLE] if fact.is_sum_of_values or not fact.values else []
    breakdown = chance.choice([*whole, *asked])
    evaluator = demo.basis.evaluators[REPORTING]
    found = Evaluator.value(evaluator, fact, kind, window, breakdown)
    assert isinstance(found, Quantity)
    at = chance.randrange(len(found))
    held = evaluator.member_shares(fact, kind, window, breakdown)
    mine = (held.owner == at) & held.quantity.known

    if found.known[at]:
        assert held.quantity.values[mine].sum() * found.scale == found.values[at] * held.quantity.scale
    evaluator.forget()


def test_of_no_subject_of_the_demo_is_a_figure_missing_without_a_reason(demo: Demo) -> None:
    table = demo.readings
    unknown = table["value"].isna() & (table["unit"] != "text")

    assert unknown.any()
    assert set(table.loc[unknown, "reason"]) <= set(REASONS) - {""}
    assert set(table.loc[table["value"].notna(), "reason"]) == {""}


PLAIN = [name for name, each in METRICS.all().items() if each.audience == "client" and each.kind == "ratio"]


@pytest.mark.parametrize("metric", PLAIN)
def test_a_sidecar_counts_the_same_rows(demo: Demo, metric: str) -> None:
    table = demo.readings
    mine = table[(table["metric"] == metric) & (table["subject_kind"] == "customer")]
    mine = mine[(mine["window"] == "quarter") & mine["subject_id"].isin(["A-0001", "A-0006"])]

    for reading in mine.drop_duplicates(["subject_id", "breakdown"]).head(4).itertuples():
        said = demo.explained(reading)
        own = {name: rows[rows["customer_id"] == reading.subject_id] for name, rows in demo.basis.tables.items()
               if "customer_id" in rows.columns}  # fmt: skip
        counted = facts_of(metric, demo.figure(reading).window, reading.breakdown, own)
        rows: Counter[str] = Counter()
        for fact in said["facts"]:
            rows[fact["name"]] += fact["rows"]
        assert {each["name"]: each["rows"] for each in counted} == rows


def test_an_explanation_looks_up_what_the_metric_looked_up(small: Context) -> None:
    said = explained(small, "dso_simple/portfolio:all/month")

    assert [(fact["name"], fact["from_on"], fact["until_on"]) for fact in said["facts"]] == [
        ("receivables", None, "2026-10-01"), ("billed", "2026-07-01", "2026-10-01"),
    ]  # fmt: skip


def test_a_cross_section_is_explained_by_the_rows_of_its_members(small: Context) -> None:
    said = explained(small, "customer_concentration/portfolio:all/quarter")

    assert [(fact["name"], fact["members"], fact["rows"]) for fact in said["facts"]] == [
        ("net_sales", "customer", 3)
    ]


def test_a_sample_keeps_its_values_apart(small: Context) -> None:
    found = engine(ROWS)
    values = found.fact("first_reply_hours", "account", found.window("month"))

    assert isinstance(values, Samples)
    said = explained(small, "first_reply_median/account:A1/month", with_rows=True)
    assert (said["value"], said["facts"][0]["total"]) == (2.0, None)
    assert said["facts"][0]["evidence"] == [{"amount": 2.0, "from": ["cases.csv:2"]}]
