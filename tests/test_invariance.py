"""What must not change a figure: the order of rows, the folder, the time zone, the hash seed, workers, other accounts."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline import store
from pipeline.context import Context
from pipeline.derived import DERIVED, Inputs
from pipeline.engine.evaluate import Breakdown
from pipeline.engine.parts import combined, part_sums
from pipeline.engine.prepare import prepared
from pipeline.engine.quantities import Measure
from pipeline.engine.readings import breakdowns_of
from pipeline.facts import FACTS
from pipeline.metrics import METRICS
from pipeline.periods import Window
from tests.demos import DEMO, computed_demo
from tests.engines import Engine, engine, engine_in
from tests.runs import computed, readings, write_accepted
from tests.strategies import Company, companies
from tests.tables import tables
from tests.test_every_metric import company as company_of_everything

FEW = settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MANY = settings(FEW, max_examples=60)
HISTORY = {"company": {"history_from": "2024-01-01"}}


def company(seed: int = 7, accounts: int = 6, orders: int = 40) -> Company:
    """A company of some size, the same for the same seed."""
    chance = random.Random(seed)

    def on() -> str:
        return f"{chance.choice((2024, 2025, 2026))}-{chance.randint(1, 9):02}-{chance.randint(1, 28):02}"

    names = [f"A{at}" for at in range(accounts)]
    made: Company = {
        "accounts": [
            {"account_id": name, "name": name, "parent_id": names[0] if at == 1 else None, "industry": f"I{at % 2}",
             "currency": "EUR" if at == 2 else None, "owner_id": f"M{at % 2}", "region": "east"}
            for at, name in enumerate(names)
        ],
        "managers": [{"manager_id": f"M{at}", "name": "m", "team_id": "T"} for at in range(2)],
        "assignments": [
            {"account_id": "A3", "manager_id": f"M{at}", "role": "owner", "share_pct": share, "from_on": "2024-01-01"}
            for at, share in enumerate(("0.3333", "0.6667"))
        ],
        "products": [{"product_id": f"P{at}", "name": "p", "unit": "kg"} for at in range(3)],
        "fx": [{"rate_on": "2024-01-01", "currency": "EUR", "to_currency": "CNY", "rate": "7.8123"}],
        "orders": [], "order_lines": [], "invoices": [], "payments": [], "cases": [], "surveys": [],
    }  # fmt: skip
    for at in range(orders):
        account, day = chance.choice([*names, "~"]), on()
        made["orders"].append(
            {
                "order_id": f"O{at:03}",
                "account_id": account,
                "ordered_on": day,
                "requested_on": day,
                "delivered_on": day,
            }
        )
        made["order_lines"] += [
            {"order_id": f"O{at:03}", "line_no": line, "product_id": f"P{chance.randrange(3)}", "quantity": line,
             "delivered_quantity": chance.choice((1, line)), "net_amount": chance.randint(1, 99_999) / 100,
             "cost_amount": chance.randint(1, 999)}
            for line in (1, 2)
        ]  # fmt: skip
        made["invoices"].append(
            {
                "invoice_id": f"V{at:03}",
                "account_id": account,
                "issued_on": day,
                "gross_amount": chance.randint(1, 999),
            }
        )
        made["payments"].append(
            {"payment_id": f"R{at:03}", "invoice_id": f"V{at:03}", "paid_on": on(), "amount": 10}
        )
        made["cases"].append(
            {"case_id": f"C{at:03}", "account_id": account, "opened_at": f"{day}T23:30+08:00",
             "first_reply_at": f"{day}T23:{chance.randint(31, 59)}+08:00"}
        )  # fmt: skip
        made["surveys"].append(
            {"survey_id": f"S{at:03}", "account_id": account, "kind": "csat", "answered_on": day,
             "score": chance.randint(1, 5)}
        )  # fmt: skip
    return made


def shuffled(rows: Mapping[str, list[dict[str, object]]], seed: int) -> Company:
    chance = random.Random(seed)
    return {name: chance.sample(each, len(each)) for name, each in rows.items()}


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("baseline") / "2026-09"
    computed(run, company())
    return run


ELSEWHERE = """
import sys
from dataclasses import replace
from pathlib import Path
from pipeline import compute as stage
from tests.runs import context_for
stage._WORTH_WORKERS = 0
if __name__ == "__main__":
    stage.compute(replace(context_for(Path(sys.argv[1])), jobs=int(sys.argv[2])))
"""


def computed_elsewhere(run: Path, rows: Company, *, jobs: int, **environment: str) -> None:
    """Compute in a process of its own, in another environment."""
    write_accepted(run, rows)
    script = run.parent / "elsewhere.py"
    script.write_text(ELSEWHERE)
    checkout = Path(__file__).resolve().parent.parent
    subprocess.run(
        [sys.executable, str(script), str(run), str(jobs)], cwd=run.parent, check=True,
        env={**os.environ, "PYTHONPATH": str(checkout), **environment},
    )  # fmt: skip


def test_another_process_folder_time_zone_hash_seed_order_and_two_workers_give_the_same_bytes(
    baseline: Path, tmp_path: Path
) -> None:
    run = tmp_path / "another folder" / "文件夹" / "2026-09"

    computed_elsewhere(
        run, shuffled(company(), 3), jobs=2, TZ="America/St_Johns", PYTHONHASHSEED="12345", LC_ALL="C"
    )

    assert store.sha256_of_file(run / "readings.parquet") == store.sha256_of_file(
        baseline / "readings.parquet"
    )
    assert facts_of(run) == facts_of(baseline)


def facts_of(run: Path) -> dict[str, str]:
    """The hashes of the derived tables; the others keep the line on which a row stood."""
    folder = run / "facts"
    files = [each for name in DERIVED.all() for each in (folder / f"{name}.parquet").glob("*.parquet")]
    assert files
    return store.hashes(files, folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("jobs", "environment", "seed"),
    [
        (1, {"TZ": "Pacific/Kiritimati"}, 7),
        (1, {"PYTHONHASHSEED": "1"}, 7),
        (1, {"PYTHONHASHSEED": "2", "LANG": "tr_TR.UTF-8"}, 11),
        (2, {}, 13),
        (3, {"TZ": "America/New_York"}, 17),
    ],
)
def test_each_of_them_alone_gives_the_same_bytes(
    baseline: Path, tmp_path: Path, jobs: int, environment: dict[str, str], seed: int
) -> None:
    run = tmp_path / "2026-09"

    computed_elsewhere(run, shuffled(company(), seed), jobs=jobs, **environment)

    assert store.sha256_of_file(run / "readings.parquet") == store.sha256_of_file(
        baseline / "readings.parquet"
    )


DEMO_ELSEWHERE = """
import sys
from dataclasses import replace
from pathlib import Path
from pipeline import compute as stage
from pipeline.run import stage as named
from tests.demos import STAGES, demo_context
stage._WORTH_WORKERS = 0
if __name__ == "__main__":
    context = replace(demo_context(Path(sys.argv[1])), exports=Path(sys.argv[2]), jobs=2)
    for name in STAGES:
        named(name)(context)
"""


@pytest.mark.slow
def test_the_demo_from_shuffled_exports_in_another_zone_gives_the_same_bytes(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    demo: Context = computed_demo(tmp_path_factory)
    exports = tmp_path / "exports"
    shutil.copytree(DEMO / "exports", exports)
    for path in exports.glob("*.csv"):
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        random.Random(5).shuffle(rows)
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    script = tmp_path / "elsewhere.py"
    script.write_text(DEMO_ELSEWHERE)

    subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out"), str(exports)], check=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), "TZ": "America/St_Johns",
             "PYTHONHASHSEED": "99"},
    )  # fmt: skip

    again = tmp_path / "out" / "runs" / "2026-09" / "readings.parquet"
    assert store.sha256_of_file(again) == store.sha256_of_file(demo.run / "readings.parquet")


def test_an_account_without_any_row_changes_nothing_of_the_others(baseline: Path, tmp_path: Path) -> None:
    more = company()
    more["accounts"] = [
        {"account_id": "A00", "name": "empty", "industry": "I9", "owner_id": "M0"},
        *more["accounts"],
    ]

    told = computed(tmp_path / "2026-09", more)

    others = told[~told["subject_id"].isin(["A00", "I9"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, readings(baseline))
    mine = told[(told["subject_id"] == "A00") & (told["metric"] == "net_sales")]
    assert set(mine["value"].dropna()) == {0.0}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of a company that has every table and a figure of every metric."""
    run = tmp_path_factory.mktemp("everything") / "2026-09"
    computed(run, company_of_everything())
    return run


@pytest.mark.slow
def test_of_every_metric_the_order_of_rows_and_two_workers_change_nothing(
    everything: Path, tmp_path: Path
) -> None:
    run = tmp_path / "2026-09"

    computed_elsewhere(
        run, shuffled(company_of_everything(), 5), jobs=2, TZ="America/St_Johns", PYTHONHASHSEED="3"
    )

    assert (run / "readings.parquet").read_bytes() == (everything / "readings.parquet").read_bytes()


@pytest.mark.slow
def test_of_every_metric_an_account_without_any_row_changes_nothing_of_the_others(
    everything: Path, tmp_path: Path
) -> None:
    more = company_of_everything()
    more["accounts"].append({"account_id": "A7", "name": "empty"})

    told = computed(tmp_path / "2026-09", more)

    others = told[told["subject_id"] != "A7"].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, readings(everything))


@settings(FEW, max_examples=2)
@given(companies())
def test_no_metric_changes_what_was_added_up(rows: Company) -> None:
    found = engine(rows, **HISTORY)
    before = all_sums(found)

    for metric in METRICS.all().values():
        for kind in metric.subjects:
            window = found.window(metric.windows[0] if metric.windows[0] in ("month", "quarter") else "t12m")
            if len(found.evaluator.subjects[kind]):
                for breakdown in breakdowns_of(metric, found.evaluator):
                    found.evaluator.measure(metric, kind, window, breakdown)
        found.evaluator.forget()

    assert all_sums(found) == before


@pytest.mark.slow
def test_another_accounts_rows_change_nothing_of_an_account(baseline: Path, tmp_path: Path) -> None:
    more = company()
    more["orders"].append({"order_id": "X", "account_id": "A5", "ordered_on": "2026-09-09"})
    more["order_lines"].append({"order_id": "X", "line_no": 1, "net_amount": 1_000_000})

    told = computed(tmp_path / "2026-09", more)

    def of_another(table: pd.DataFrame) -> pd.DataFrame:
        mine = table["subject_kind"].eq("account") & table["subject_id"].eq("A2")
        return table[mine].reset_index(drop=True)

    pd.testing.assert_frame_equal(of_another(told), of_another(readings(baseline)))


def all_sums(found: Engine) -> dict[Any, Any]:
    return {
        key: (cube.account.tolist(), cube.post.tolist(), cube.values.tolist())
        for key, cube in found.evaluator.sums.cubes.items()
    }


@FEW
@given(companies(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_of_a_table_changes_no_sum(rows: Company, chance: Any) -> None:
    found = engine(rows, **HISTORY)
    mixed = {
        name: each.iloc[chance.sample(range(len(each)), len(each))].reset_index(drop=True)
        for name, each in found.tables.items()
    }

    assert all_sums(engine_in(found.context, mixed)) == all_sums(found)


@FEW
@given(companies(), st.randoms(use_true_random=False))
def test_the_order_of_the_parts_changes_no_sum(rows: Company, chance: Any) -> None:
    found = engine(rows, **HISTORY)
    of_customer = {
        name: dict(list(table.groupby("customer_id"))) if "customer_id" in table.columns else {}
        for name, table in found.facts.items()
    }
    everyone = sorted({each for own in of_customer.values() for each in own})
    parts = [
        part_sums(
            {
                name: own.get(each, found.facts[name].iloc[:0]).reset_index(drop=True)
                for name, own in of_customer.items()
            },
            found.basis.setting,
        )
        for each in chance.sample(everyone, len(everyone))
    ]
    together = combined(parts, found.evaluator.sums.starts)["reporting"]

    for key, cube in found.evaluator.sums.cubes.items():
        other = together.cubes[key]
        assert (cube.account.tolist(), cube.post.tolist(), cube.values.tolist()) == (
            other.account.tolist(), other.post.tolist(), other.values.tolist()
        ), key  # fmt: skip
    for key, rows_ in found.evaluator.sums.samples.items():
        assert sorted(rows_.value.tolist()) == sorted(together.samples[key].value.tolist())


@settings(FEW, max_examples=2)
@given(companies())
def test_no_derived_table_and_no_fact_changes_what_it_is_given(rows: Company) -> None:
    found = engine(rows, **HISTORY)
    mine = prepared(tables(rows), "CNY")
    before = {name: each.copy(deep=True) for name, each in mine.items()}
    inputs = Inputs(mine, found.context.policy, found.context.settings, found.context.period.until_on)

    for derived in DERIVED.all().values():
        if inputs.has(*derived.needs) and not getattr(derived, "after", ()):
            derived.make(inputs)
    for fact in FACTS.all().values():
        if fact.table in found.facts:
            kept = found.facts[fact.table].copy(deep=True)
            fact.measure(found.facts[fact.table])
            pd.testing.assert_frame_equal(found.facts[fact.table], kept)

    for name, each in before.items():
        pd.testing.assert_frame_equal(mine[name], each)


def between_its_parts(measure: Measure, parts: Measure, owners: Any) -> bool | None:
    """Whether the whole's ratio lies between those of its parts; None where a part weighs nothing or less."""
    assert parts.numerator is not None
    assert parts.denominator is not None
    mine = owners >= 0
    top, bottom = parts.numerator.floats[mine], parts.denominator.floats[mine]
    known = (parts.numerator.known & parts.denominator.known)[mine]
    if not measure.value.known[0] or not known.all() or (bottom < 0).any() or (top[bottom == 0] != 0).any():
        return None
    ratios = top[bottom > 0] / bottom[bottom > 0]
    return bool(ratios.min() - 1e-12 <= measure.value.floats[0] <= ratios.max() + 1e-12)


def ratios_of_sums(found: Engine, window: Window) -> Iterator[tuple[str, Breakdown, Measure, Measure]]:
    """Every metric that divides sums: of the portfolio, and of the accounts or customers that add up to it."""
    for name, metric in METRICS.all().items():
        part = next((kind for kind in ("account", "customer") if kind in metric.subjects), None)
        if (
            part is None
            or metric.kind != "ratio"
            or metric.unit == "text"
            or "portfolio" not in metric.subjects
        ):
            continue
        for breakdown in breakdowns_of(metric, found.evaluator):
            whole, parts = (
                found.evaluator.measure(metric, kind, window, breakdown) for kind in ("portfolio", part)
            )
            if is_quotient(whole) and is_quotient(parts) and adds_up(whole, parts):
                yield name, breakdown, whole, parts
        found.evaluator.forget()


def is_quotient(measure: Measure) -> bool:
    """Whether the figure is its numerator by its denominator, wherever all are known."""
    top, bottom = measure.numerator, measure.denominator
    if top is None or bottom is None:
        return False
    known = measure.value.known & top.known & bottom.known & (bottom.values != 0)
    quotient = top.floats[known] / bottom.floats[known]
    return bool(np.allclose(measure.value.floats[known], quotient, rtol=1e-12, atol=0))


def adds_up(whole: Measure, parts: Measure) -> bool:
    """Whether what is divided is the sum over the parts, which of medians and of cross-sections it is not."""
    for one, other in ((whole.numerator, parts.numerator), (whole.denominator, parts.denominator)):
        assert one is not None
        assert other is not None
        if not other.known.all() or not np.isclose(one.floats[0], other.floats.sum(), rtol=1e-12, atol=1e-9):
            return False
    return True


def check_that_ratios_lie_between_their_parts(rows: Company) -> set[str]:
    """The metrics of which it was seen."""
    found = engine(rows, **HISTORY)
    seen = set()
    for name, breakdown, whole, parts in ratios_of_sums(found, found.window("t12m")):
        owners = np.zeros(len(parts.value), dtype=np.int64)
        told = between_its_parts(whole, parts, owners)
        assert told in (True, None), (name, breakdown)
        seen |= {name} if told else set()
    return seen


def test_many_metrics_of_the_catalogue_are_ratios_of_sums() -> None:
    assert len(check_that_ratios_lie_between_their_parts(company_of_everything())) >= 15


@FEW
@given(companies())
def test_a_ratio_of_sums_lies_between_the_ratios_of_its_parts(rows: Company) -> None:
    check_that_ratios_lie_between_their_parts(rows)


@pytest.mark.slow
@MANY
@given(companies())
def test_a_ratio_of_sums_lies_between_the_ratios_of_its_parts_in_many_companies(rows: Company) -> None:
    check_that_ratios_lie_between_their_parts(rows)
