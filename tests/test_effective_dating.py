"""A past period is told by the rules, owners, groups and rates of its time, and repeated from what its run kept."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.intake.groups import with_groups
from pipeline.kept_rules import kept_reading, kept_rules
from pipeline.policy import load_policy, policy_of
from pipeline.resources import built_in
from tests.commands import HERE, company, kambook
from tests.runs import computed, reading, readings
from tests.tables import frame
from tests.test_diff import Rows
from tests.test_diff import company as small_company
from tests.test_every_metric import company as company_of_everything

DAY = date(2026, 5, 1)
"""From this day on something is otherwise."""

POLICY = {
    "receivables": (
        "finance.toml",
        "[[currency]]\nvalid_from = 1990-01-01\n[[receivables]]\nvalid_from = 1990-01-01\npayment_days = 30\n",
        "[[receivables]]\nvalid_from = 2026-05-01\npayment_days = 5\n",
        "overdue_amount",
    ),
    "target": (
        "targets.toml",
        '[[target]]\nmetric = "gross_margin"\nvalue = 0.2\nvalid_from = 1990-01-01\n',
        '[[target]]\nmetric = "gross_margin"\nvalue = 0.9\nvalid_from = 2026-05-01\n',
        "gross_margin",
    ),
    "band": (
        "bands.toml",
        '[[band]]\nvalid_from = 1990-01-01\nbands = [{ name = "key", from_amount = 10000 }]\n',
        '[[band]]\nvalid_from = 2026-05-01\nbands = [{ name = "key", from_amount = 1 }]\n',
        "revenue_band",
    ),
    "currency": (
        "finance.toml",
        "[[receivables]]\nvalid_from = 1990-01-01\n[[currency]]\nvalid_from = 1990-01-01\n",
        '[[currency]]\nvalid_from = 2026-05-01\nflows = "month_average"\n',
        "net_sales",
    ),
}  # fmt: skip
"""By rule: its file, what stands in it, what is added from the day on, and a metric that then says something else."""


def later_rates(rows: Rows) -> None:
    kept = [row for row in rows["fx"] if date.fromisoformat(str(row["rate_on"])) < DAY]
    rows["fx"] = [*kept, {"rate_on": DAY, "currency": "EUR", "to_currency": "CNY", "rate": "9.5"}]


def later_owner(rows: Rows) -> None:
    rows["assignments"] = [
        {"account_id": "A1", "manager_id": "M1", "role": "owner", "from_on": "2020-01-01", "to_on": DAY},
        {"account_id": "A1", "manager_id": "M2", "role": "owner", "from_on": DAY},
    ]


def later_team(rows: Rows) -> None:
    rows["team_members"] = [
        {"manager_id": "M1", "team_id": "T1", "from_on": "2020-01-01", "to_on": DAY},
        {"manager_id": "M1", "team_id": "T2", "from_on": DAY},
    ]


def base_owner(rows: Rows) -> None:
    rows["assignments"] = [{"account_id": "A1", "manager_id": "M1", "role": "owner", "from_on": "2020-01-01"}]


def base_team(rows: Rows) -> None:
    rows["team_members"] = [{"manager_id": "M1", "team_id": "T1", "from_on": "2020-01-01"}]


def nothing(rows: Rows) -> None:
    del rows


def rates_within_months(rows: Rows) -> None:
    """Another rate from the 20th of each month of the year on, so that a month's mean is no day's rate."""
    rows["fx"] += [
        {"rate_on": date(2026, month, 20), "currency": "EUR", "to_currency": "CNY", "rate": f"8.{month}"}
        for month in range(1, 10)
    ]


ROWS = {
    "rates": (nothing, later_rates, "net_sales", "portfolio"),
    "owner": (base_owner, later_owner, "net_sales", "manager"),
    "team": (base_team, later_team, "net_sales", "team"),
}
"""By what changes: the exports as they are, the same from the day on otherwise, and a figure that then differs."""


def told(folder: Path, rows: Rows, change: Callable[[Rows], None], **context: Any) -> pd.DataFrame:
    changed = deepcopy(rows)
    change(changed)
    return computed(folder / "2026-09", changed, **context)


KEY = ["metric", "subject_kind", "subject_id", "breakdown", "currency", "window", "period"]


def check_that_only_what_came_later_differs(
    was: pd.DataFrame, now: pd.DataFrame, metric: str, kind: str
) -> None:
    """Every reading up to the day is the same in every column; a later one of the metric is not."""
    before, after = (
        each[pd.to_datetime(each["until_on"]) <= pd.Timestamp(DAY)].reset_index(drop=True)
        for each in (was, now)
    )
    assert len(before) > 100
    pd.testing.assert_frame_equal(before, after)
    both = was.merge(now, on=KEY, suffixes=("_was", "_now"))
    late = both[
        (pd.to_datetime(both["until_on_now"]) > pd.Timestamp(DAY)) & (both["metric"] == metric)
        & (both["subject_kind"] == kind)
    ]  # fmt: skip
    columns = ("value", "text", "target", "verdict")
    assert any((late[f"{name}_was"].astype(str) != late[f"{name}_now"].astype(str)).any() for name in columns)


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[SLOW] if each != "owner" else []) for each in ROWS]
)
def test_what_changes_on_a_day_changes_no_figure_before_it(tmp_path: Path, name: str) -> None:
    base, later, metric, kind = ROWS[name]
    was = told(tmp_path / "was", small_company(), base)
    now = told(tmp_path / "now", small_company(), later)

    check_that_only_what_came_later_differs(was, now, metric, kind)


def workspace(folder: Path, name: str, later: str) -> Path:
    file, text, _, _ = POLICY[name]
    (folder / "policy").mkdir(parents=True)
    (folder / "policy" / file).write_text(f"schema = 1\n{text}{later}")
    return folder


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[SLOW] if each != "target" else []) for each in POLICY]
)
def test_a_rule_from_a_day_on_changes_no_figure_before_it(tmp_path: Path, name: str) -> None:
    later, metric = POLICY[name][2:]
    was, now = (
        told(
            tmp_path / place,
            small_company(),
            rates_within_months,
            workspace=workspace(tmp_path / f"{place}-ws", name, text),
        )
        for place, text in (("was", ""), ("now", later))
    )

    check_that_only_what_came_later_differs(was, now, metric, "portfolio" if name == "target" else "customer")


@pytest.mark.slow
@pytest.mark.parametrize("name", [*ROWS, *POLICY])
def test_of_no_metric_is_the_past_changed_by_what_came_later(tmp_path: Path, name: str) -> None:
    rows = company_of_everything()
    if name in ROWS:
        base, later, metric, kind = ROWS[name]
        was, now = (told(tmp_path / change.__name__, rows, change) for change in (base, later))
    else:
        metric, kind = POLICY[name][3], "portfolio" if name == "target" else "customer"
        was, now = (
            told(
                tmp_path / place,
                rows,
                rates_within_months,
                workspace=workspace(tmp_path / f"{place}-ws", name, text),
            )
            for place, text in (("was", ""), ("now", POLICY[name][2]))
        )

    check_that_only_what_came_later_differs(was, now, metric, kind)


##### Groups ###########################################################################################################

PARENTS = [
    {"account_id": "B", "parent_id": "A", "from_on": "2023-01-01", "to_on": "2026-05-01"},
    {"account_id": "C", "parent_id": "A", "from_on": "2026-05-01"},
    {"account_id": "D", "parent_id": "A"},
]


@pytest.mark.parametrize(
    ("day", "groups"),
    [
        ("2022-12-31", {"A": None, "B": None, "C": None, "D": "A", "E": "A"}),
        ("2026-04-30", {"A": None, "B": "A", "C": None, "D": "A", "E": "A"}),
        ("2026-05-01", {"A": None, "B": "X", "C": "A", "D": "A", "E": "A"}),
    ],
)
def test_an_account_is_of_the_group_of_the_day(day: str, groups: Mapping[str, str | None]) -> None:
    present = {"B": "X", "C": "X", "D": None, "E": "A", "A": None}
    accounts = frame(
        "accounts", [{"account_id": each, "name": "n", "parent_id": top} for each, top in present.items()]
    )
    kept = accounts.copy(deep=True)

    made = with_groups({"accounts": accounts, "parents": frame("parents", PARENTS)}, date.fromisoformat(day))

    found = made["accounts"].set_index("account_id")["parent_id"]
    assert {name: None if pd.isna(top) else top for name, top in found.items()} == groups
    pd.testing.assert_frame_equal(accounts, kept)


@given(st.dates(date(2022, 1, 1), date(2027, 1, 1)), st.dates(date(2022, 1, 1), date(2027, 1, 1)))
def test_what_happens_to_a_group_later_changes_no_day_before_it(day: date, ends: date) -> None:
    accounts = frame("accounts", [{"account_id": each, "name": "n"} for each in "AB"])
    open_ended = [{"account_id": "B", "parent_id": "A", "from_on": "2022-06-01"}]
    ended = [{**open_ended[0], "to_on": max(ends, date(2022, 6, 2))}]
    tops = [
        with_groups({"accounts": accounts, "parents": frame("parents", rows)}, day)["accounts"][
            "parent_id"
        ].iloc[1]
        for rows in (open_ended, ended)
    ]

    if day < max(ends, date(2022, 6, 2)):
        assert tops[0] == tops[1] or (pd.isna(tops[0]) and pd.isna(tops[1]))
    else:
        assert tops[0] == "A"
        assert pd.isna(tops[1])


def stages(*options: object) -> None:
    for name in ("ingest", "validate", "compute"):
        ended = kambook(name, *options, *HERE)
        assert ended.code == 0, ended.err


def with_parents(place: Path) -> Path:
    """A workspace in which one client has left its group on the first of July."""
    path = place / "exports" / "accounts.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "parent_id": ""} for row in rows)
    (place / "exports" / "parents.csv").write_text(
        "account_id,parent_id,from_on,to_on\nA-0002,A-0001,2020-09-01,2026-07-01\n"
    )
    return place


@SLOW
def test_a_past_period_has_the_groups_of_its_last_day(tmp_path: Path) -> None:
    place = with_parents(company(tmp_path / "company"))
    customers = {}
    for period in ("2026-05", "2026-09"):
        stages("-w", place, "-p", period)
        table = readings(place / "runs" / period)
        customers[period] = set(table.loc[table["subject_kind"] == "customer", "subject_id"])
        accounts = reading(table, "net_sales", "account:A-0002", "t12m")["value"]
        if period == "2026-05":
            both = reading(table, "net_sales", "customer:A-0001", "t12m")["value"]
            own = reading(table, "net_sales", "account:A-0001", "t12m")["value"]
            assert both == pytest.approx(accounts + own)

    assert customers["2026-09"] - customers["2026-05"] == {"A-0002"}


##### A run repeated ###################################################################################################

PERIOD = "2026-08"
CORRECTION = """schema = 1
[[correction]]
table = "accounts"
match = { account_id = "A-0006" }
expect = { country = "CN" }
set = { region = "{region}" }
reason = "known"
who = "controller"
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run of August, read by a correction and aliases."""
    place = company(tmp_path_factory.mktemp("dated") / "company")
    (place / "corrections.toml").write_text(CORRECTION.replace("{region}", "north"))
    (place / "aliases.toml").write_text('schema = 1\n[accounts]\n"Six" = "A-0006"\n')
    stages("-w", place, "-p", PERIOD)
    return place


@pytest.fixture
def later(finished: Path, tmp_path: Path) -> Path:
    """The workspace some months on: other exports, corrections, aliases and rules."""
    place = tmp_path / "company"
    shutil.copytree(finished, place)
    lines = (place / "exports" / "order_lines.csv").read_text().splitlines()
    (place / "exports" / "order_lines.csv").write_text("\n".join(lines[:-40]) + "\n")
    (place / "corrections.toml").write_text(
        CORRECTION.replace("{region}", "south").replace('"CN" }', '"DE" }')
    )
    (place / "aliases.toml").unlink()
    (place / "policy").mkdir()
    (place / "policy" / "customers.toml").write_text(
        (built_in("data", "policy") / "customers.toml").read_text().replace("months = 12", "months = 2")
    )
    return place


def test_a_run_repeated_from_what_it_kept_gives_the_same_bytes(
    finished: Path, later: Path, tmp_path: Path
) -> None:
    once = (finished / "runs" / PERIOD / "readings.parquet").read_bytes()

    stages("-w", later, "--raw", PERIOD)
    stages("-w", later, "--raw", later / "runs" / PERIOD, "-o", tmp_path / "elsewhere")

    assert (later / "runs" / PERIOD / "readings.parquet").read_bytes() == once
    assert (tmp_path / "elsewhere" / "runs" / PERIOD / "readings.parquet").read_bytes() == once


def test_by_the_rules_and_corrections_of_today_it_is_a_restatement(later: Path) -> None:
    """The same exports, read and judged as the workspace says now: a correction that no longer holds stops."""
    ended = kambook("ingest", "-w", later, "-p", PERIOD, "--exports", later / "runs" / PERIOD / "raw", *HERE)

    assert (ended.code, ended.err.split()[0]) == (12, "KB-1231")


def test_a_run_keeps_what_it_was_read_and_judged_by(finished: Path) -> None:
    run = finished / "runs" / PERIOD
    rules = kept_rules(run)

    assert rules.period.name == PERIOD
    assert rules.policy.as_json() == load_policy(finished).as_json()
    assert sorted(path.relative_to(kept_reading(run)).as_posix() for path in kept_reading(run).rglob("*.toml")) == [
        "aliases.toml", "corrections.toml", "sources/generic.toml",
    ]  # fmt: skip


def test_every_rule_is_the_same_when_it_is_read_back() -> None:
    policy = load_policy(built_in("data", "demo"))

    assert policy_of(policy.as_json(), "kept").as_json() == policy.as_json()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--raw", "2026-03"), "KB-0225"),
        (("--raw", PERIOD, "--exports", "exports"), "KB-0202"),
    ],
)
def test_what_cannot_be_repeated_is_said(finished: Path, options: tuple[str, ...], code: str) -> None:
    ended = kambook("ingest", "-w", finished, *options, *HERE)

    assert (ended.code, ended.err.split()[0]) == (2, code)


def test_a_run_that_kept_no_mappings_cannot_be_repeated(tmp_path: Path) -> None:
    (tmp_path / "2026-08" / "raw").mkdir(parents=True)

    with pytest.raises(UsageError) as refused:
        kept_reading(tmp_path / "2026-08")

    assert refused.value.code == "KB-0227"
