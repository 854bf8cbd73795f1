from __future__ import annotations

import csv
import json
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DataError, UsageError
from pipeline.gate.quarantine import columns_of
from pipeline.gate.repair import as_toml, corrections_of, requarantine
from pipeline.gate.spreadsheets import as_csv, read_csv
from pipeline.intake.corrections import Correction, load_corrections
from tests.commands import kambook

SETTINGS = """schema = 1
[company]
name = "Ours"
[quality]
quarantine_limit_pct = 1.0
"""
EXPORTS = {
    "accounts": "account_id,name\nA1,Acme\nA2,Bolt\n",
    "orders": (
        "order_id,account_id,ordered_on,delivered_on,status\n"
        "O1,A1,2026-09-28,2026-09-29,open\n"
        "O2,A404,2026-09-29,,open\n"
        "O3,A2,2026-09-32,,=1+1\n"
    ),
    "order_lines": "order_id,line_no,quantity,net_amount\nO1,1,1,10\nO2,1,1,20\nO3,1,1,30\n",
}


def row(line: int, **cells: str) -> dict[str, str]:
    return {**dict.fromkeys(columns_of("orders"), ""), "_source": "o.csv", "_line": str(line), **cells}


WERE = [row(2, order_id="O1", ordered_on="2026-09-32"), row(3, order_id="O2", account_id="A404")]


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose run has two rows in quarantine, made once."""
    folder = tmp_path_factory.mktemp("company")
    (folder / "exports").mkdir()
    (folder / "kambook.toml").write_text(SETTINGS, encoding="utf-8")
    for name, text in EXPORTS.items():
        (folder / "exports" / f"{name}.csv").write_text(text, encoding="utf-8")
    for stage in ("ingest", "validate"):
        assert kambook(stage, "-w", folder, "--quiet").code == 0
    return folder


@pytest.fixture
def workspace(validated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(validated, tmp_path / "company"))


def run_of(workspace: Path) -> Path:
    return workspace / "runs" / "2026-09"


def repaired(workspace: Path, **cells: dict[str, str]) -> Path:
    """The quarantine file of the orders with some cells of some orders changed, as a spreadsheet saves it."""
    rows = read_csv((run_of(workspace) / "quality/quarantine/orders.csv").read_text(encoding="utf-8"))
    path = workspace / "orders.csv"
    path.write_text(
        as_csv([{**each, **cells.get(each["order_id"], {})} for each in rows], columns_of("orders")),
        encoding="utf-8",
    )
    return path


def test_a_repaired_row_is_used_and_the_trail_says_who_and_why(workspace: Path) -> None:
    file = repaired(workspace, O2={"account_id": "A2"}, O3={"ordered_on": "2026-09-30"})

    made = kambook(
        "ingest",
        "-w",
        workspace,
        "--requarantine",
        file,
        "--who",
        "林初",
        "--reason",
        "抄错客户编号",
        "--quiet",
    )
    again = kambook("validate", "-w", workspace, "--quiet")

    assert (made.code, again.code) == (0, 0)
    assert not (run_of(workspace) / "quality" / "quarantine").exists()
    kept = load_corrections(workspace)
    assert [(each.expect, each.set, each.who, each.reason) for each in kept] == [
        ({"account_id": "A404"}, {"account_id": "A2"}, "林初", "抄错客户编号"),
        ({"ordered_on": "2026-09-32"}, {"ordered_on": "2026-09-30"}, "林初", "抄错客户编号"),
    ]
    told = json.loads((run_of(workspace) / "quality" / "corrections.json").read_text(encoding="utf-8"))
    assert [(each["who"], each["reason"], each["match"]) for each in told] == [
        ("林初", "抄错客户编号", {"order_id": "O2"}),
        ("林初", "抄错客户编号", {"order_id": "O3"}),
    ]


def test_a_row_that_could_not_be_read_stands_in_its_columns_and_is_defused(workspace: Path) -> None:
    path = run_of(workspace) / "quality" / "quarantine" / "orders.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = {each["order_id"]: each for each in csv.DictReader(stream)}

    assert rows["O3"]["ordered_on"] == "2026-09-32"
    assert rows["O3"]["status"] == "'=1+1"
    assert read_csv(path.read_text(encoding="utf-8"))[-1]["status"] == "=1+1"


def test_taking_the_same_file_in_twice_changes_nothing(workspace: Path) -> None:
    file = repaired(workspace, O2={"account_id": "A2"})

    assert requarantine(workspace, run_of(workspace), file, "林初", "why") == 1
    before = (workspace / "corrections.toml").read_bytes()
    assert requarantine(workspace, run_of(workspace), file, "林初", "why") == 0
    assert (workspace / "corrections.toml").read_bytes() == before


def test_corrections_that_were_there_stay(workspace: Path) -> None:
    own = '# ours\nschema = 1\n\n[[correction]]\ntable = "orders"\nmatch = { order_id = "O1" }\nexpect = { status = "open" }\n'
    own += 'set = { status = "done" }\nreason = "r"\nwho = "w"\n'
    (workspace / "corrections.toml").write_text(own, encoding="utf-8")

    requarantine(workspace, run_of(workspace), repaired(workspace, O2={"account_id": "A2"}), "林初", "why")

    assert (workspace / "corrections.toml").read_text(encoding="utf-8").startswith(own)
    assert len(load_corrections(workspace)) == 2


@pytest.mark.parametrize(("who", "reason"), [("", "why"), ("林初", " ")])
def test_nobody_or_no_reason_is_refused(workspace: Path, who: str, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        requarantine(workspace, run_of(workspace), repaired(workspace), who, reason)

    assert refused.value.code == "KB-0230"
    assert not (workspace / "corrections.toml").exists()


def test_a_column_that_nobody_reads_is_refused(workspace: Path) -> None:
    file = repaired(workspace)
    file.write_text(file.read_text(encoding="utf-8").replace("ordered_on", "ordered on"), encoding="utf-8")

    with pytest.raises(UsageError) as refused:
        requarantine(workspace, run_of(workspace), file, "林初", "why")

    assert refused.value.nearest == "ordered_on"


def test_a_file_of_no_table_is_refused(workspace: Path) -> None:
    (workspace / "order.csv").touch()

    with pytest.raises(UsageError) as refused:
        requarantine(workspace, run_of(workspace), workspace / "order.csv", "林初", "why")

    assert refused.value.code == "KB-0230"


def test_rows_left_as_they_were_are_no_corrections() -> None:
    assert list(corrections_of("orders", WERE, WERE, "w", "r")) == []


def test_a_row_may_say_for_itself_who_and_why() -> None:
    own = [{**WERE[1], "account_id": "A2", "_who": "周眠", "_why": "另一个原因"}]

    (made,) = corrections_of("orders", WERE, own, "w", "r")

    assert (made.who, made.reason, made.match) == ("周眠", "另一个原因", {"order_id": "O2"})


@pytest.mark.parametrize(
    ("were", "are", "says"),
    [
        (WERE, [{**WERE[0], "_line": "9"}], "is not in the run's quarantine"),
        ([row(2, status="x")], [row(2, status="y")], "has no key"),
        (
            [row(2, order_id="O1"), row(3, order_id="O1")],
            [row(2, order_id="O1", status="y")],
            "shares its key",
        ),
    ],
    ids=["unknown row", "no key", "same key"],
)
def test_a_row_that_a_correction_could_not_name_is_refused(
    were: list[dict[str, str]], are: list[dict[str, str]], says: str
) -> None:
    with pytest.raises(DataError) as refused:
        list(corrections_of("orders", were, are, "w", "r"))

    assert refused.value.code == "KB-1232"
    assert says in refused.value.what
    assert "o.csv:" in refused.value.where


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_cell_can_be_written_as_toml(text: str) -> None:
    entry = Correction(
        table="orders",
        match={"order_id": text},
        expect={"status": text},
        set={"status": "x"},
        reason=text,
        who="w",
    )

    (read,) = tomllib.loads(as_toml([entry]))["correction"]

    assert (read["match"]["order_id"], read["reason"]) == (text, text)
