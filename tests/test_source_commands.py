"""`kambook sources`: the commands around mappings, with their exit codes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from pipeline.resources import built_in
from tests.commands import kambook

DEMO = built_in("data", "demo")
ACCOUNTS = "account_id,name,industri\nA1,Acme,Food\nA2,Bolt,Steel\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "kambook.toml").write_text('schema = 1\n[company]\nname = "Ours"\n', encoding="utf-8")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    return tmp_path


def test_the_schema_is_printed_as_json() -> None:
    ended = kambook("sources", "schema")

    assert ended.code == 0
    assert set(json.loads(ended.out)["properties"]) == {"schema", "time_zone", "files", "tables"}


def test_an_export_that_fits_ends_with_0_and_names_what_is_left_over(workspace: Path) -> None:
    ended = kambook("sources", "check", workspace / "exports" / "accounts.csv", "-w", workspace)

    assert (ended.code, "unmapped: industri" in ended.out) == (0, True)


def test_rows_that_would_be_set_aside_end_with_3(workspace: Path) -> None:
    (workspace / "exports" / "orders.csv").write_text("order_id,account_id,ordered_on\nO1,A1,soon\n")
    ended = kambook("sources", "check", workspace / "exports", "-w", workspace)

    assert (ended.code, "DOES NOT CAST ordered_on" in ended.out, "soon" in ended.out) == (3, True, False)


def test_what_would_stop_a_run_ends_with_11(workspace: Path) -> None:
    (workspace / "exports" / "accounts.csv").write_text(ACCOUNTS.replace("name", "nome"))
    ended = kambook("sources", "check", workspace / "exports", "-w", workspace)

    assert (ended.code, "KB-1103" in ended.out) == (11, True)


def test_files_that_no_mapping_means_are_named_once_and_end_with_11(workspace: Path) -> None:
    (workspace / "other.csv").write_text("a,b\n1,2\n")
    ended = kambook("sources", "check", workspace / "other.csv", "-w", workspace, "-m", "generic")

    assert (ended.code, ended.out.count("other.csv: no entry of the mapping means it")) == (11, 1)


def test_a_check_for_machines_is_json(workspace: Path) -> None:
    ended = kambook("sources", "check", workspace / "exports", "-w", workspace, "--json")

    (found,) = json.loads(ended.out)
    assert (found["mapping"], found["files"][0]["tables"][0]["rows"]) == ("generic", 2)


def test_the_demo_is_checked_by_its_own_mappings() -> None:
    ended = kambook("sources", "check", DEMO / "exports" / "crm" / "Account.csv")

    assert ended.out.startswith("mapping salesforce_crm")


def test_a_draft_goes_to_the_screen_or_into_a_file(workspace: Path) -> None:
    export, target = workspace / "deals.csv", workspace / "draft.toml"
    export.write_text("Deal ID,Customer,Stage,Amount\nD1,Acme,Won,5\nD2,Bolt,Lost,6\n")
    on_screen = kambook("sources", "draft", export)
    into_file = kambook("sources", "draft", export, "-o", target)

    assert (on_screen.code, into_file.code, into_file.out) == (0, 0, "")
    assert target.read_text(encoding="utf-8") == on_screen.out
    assert "opportunities" in tomllib.loads(on_screen.out)["tables"]


def test_a_draft_of_nothing_known_stops_and_says_so(workspace: Path) -> None:
    (workspace / "x.csv").write_text("foo,bar\n1,2\n")
    ended = kambook("sources", "draft", workspace / "x.csv")

    assert (ended.code, "KB-1121" in ended.err) == (11, True)


def test_suggestions_come_from_the_exports_of_a_workspace(workspace: Path) -> None:
    (workspace / "exports" / "accounts.csv").write_text("account_id,name\n1,Acme Ltd\n2,ACME\n3,Bolt\n")
    before = sorted(path.name for path in workspace.iterdir())
    ended = kambook("sources", "aliases", "-w", workspace)

    assert (ended.code, '# "2" = "1"' in ended.out) == (0, True)
    assert sorted(path.name for path in workspace.iterdir()) == before


def test_suggestions_come_from_a_file_of_which_the_headers_are_told(workspace: Path) -> None:
    (workspace / "open.csv").write_text("no,client\n0042,Winc co\n0042,Winc corp\n42,WINC\n")
    ended = kambook(
        "sources", "aliases", workspace / "open.csv", "--id", "no", "--name", "client", "-w", workspace
    )
    wrong = kambook("sources", "aliases", workspace / "open.csv", "--id", "num", "-w", workspace)

    assert '# "42" = "0042"' in ended.out
    assert (wrong.code, "KB-0224" in wrong.err) == (2, True)


@pytest.mark.parametrize("command", ["check", "draft"])
def test_a_command_without_files_says_what_it_wants(command: str) -> None:
    ended = kambook("sources", command)

    assert (ended.code, "KB-0223" in ended.err) == (2, True)
