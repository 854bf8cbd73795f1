"""Settings and policy: what is not known is an error that names file, key and the nearest one that exists."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SettingsError
from pipeline.policy import Policy, load_policy, policy_files
from pipeline.resources import built_in
from pipeline.rules import RULES
from pipeline.rules.service import ServiceRule
from pipeline.settings import load_settings, read_toml

LEAST = 'schema = 1\n[company]\nname = "甲公司"\n'
REPLY = "reply_hours = 4\nresolve_hours = 8\ngreen_reply_hours = 1\n"


def workspace(folder: Path, **files: str) -> Path:
    """A workspace: `kambook` is the text of kambook.toml, any other name a file of policy."""
    (folder / "policy").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / "kambook.toml" if name == "kambook" else folder / "policy" / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
    return folder


def said(work: Callable[[], object]) -> str:
    with pytest.raises(SettingsError) as caught:
        work()
    assert caught.value.exit_code == 10
    return str(caught.value)


##### kambook.toml #####################################################################################################


def test_a_name_is_enough(tmp_path: Path) -> None:
    found = load_settings(workspace(tmp_path, kambook=LEAST))

    assert found.company.name == "甲公司"
    assert (found.sources.mappings, found.sources.exports) == (("generic",), "exports")
    assert found.sales.basis == "ordered"
    assert str(found.company.zone) == "Asia/Shanghai"
    assert found.today is None


def test_every_built_in_workspace_is_right(checkout: Path) -> None:
    places = [checkout / "data" / "demo", *sorted((checkout / "data" / "examples").iterdir())]

    for place in places:
        assert load_settings(place).company.name
        assert load_policy(place).all("service")


def test_a_folder_without_settings_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()

    assert said(lambda: load_settings(tmp_path / "acme")) == (
        "KB-1010  kambook.toml: there is none in acme\n"
        "  fix: kambook init DIR makes a workspace; -w DIR names one"
    )


@pytest.mark.parametrize(
    ("text", "where", "near"),
    [
        ('[company]\nname = "x"\ncurency = "CNY"', "company.curency", "currency"),
        ('[company]\nname = "x"\n[sale]\nbasis = "won"', "sale", "sales"),
        ('[company]\nname = "x"\n[freshness]\nday = 3', "freshness.day", "days"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_nearest_key(
    text: str, where: str, near: str, tmp_path: Path
) -> None:
    place = workspace(tmp_path, kambook=f"schema = 1\n{text}\n")

    assert said(lambda: load_settings(place)) == (
        f"KB-1011  kambook.toml: {where}: unknown key\n  nearest: {near}\n  fix: correct or remove the key"
    )


@pytest.mark.parametrize(
    ("text", "where", "word"),
    [
        ("[company]\nname = 7", "company.name", "valid string"),
        ('[company]\ncountry = "CN"', "company.name", "required"),
        ('[company]\nname = "x"\nfiscal_year_start = 13', "company.fiscal_year_start", "less than or equal to 12"),
        ('[company]\nname = "x"\nhistory_from = "spring"', "company.history_from", "date"),
        ('[company]\nname = "x"\n[sales]\nbasis = "sold"', "sales.basis", "'ordered', 'invoiced', 'contracted' or 'won'"),
        ('[company]\nname = "x"\n[freshness]\ndays = -1', "freshness.days", "greater than or equal to 0"),
        ('[company]\nname = "x"\n[quality]\nquarantine_limit_pct = 20', "quality.quarantine_limit_pct", "less than"),
        ('[company]\nname = "x"\ntime_zone = "Asia/Shangai"', "company.time_zone", "nearest: Asia/Shanghai"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_an_error_that_says_what_is_right(
    text: str, where: str, word: str, tmp_path: Path
) -> None:
    message = said(lambda: load_settings(workspace(tmp_path, kambook=f"schema = 1\n{text}\n")))

    assert message.startswith(f"KB-1011  kambook.toml: {where}: ")
    assert word in message
    assert message.endswith("fix: correct the value")


@pytest.mark.parametrize("schema", ["", "schema = 2\n", 'schema = "1.0"\n'])
def test_settings_say_the_schema_they_are_in(schema: str, tmp_path: Path) -> None:
    place = workspace(tmp_path, kambook=f'{schema}[company]\nname = "x"\n')

    assert said(lambda: load_settings(place)).startswith("KB-1011  kambook.toml: schema: ")


def test_a_line_that_is_no_toml_is_named(tmp_path: Path) -> None:
    place = workspace(tmp_path, kambook='schema = 1\n[company]\nname = "x\n')

    message = said(lambda: load_settings(place))

    assert message.startswith("KB-1011  kambook.toml: is not TOML: ")
    assert "line 3" in message
    assert message.endswith("fix: correct the line it names")


def test_a_file_that_is_no_utf_8_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "kambook.toml").write_bytes(LEAST.encode("gb18030"))

    assert said(lambda: load_settings(tmp_path)).startswith("KB-1011  kambook.toml: is not TOML: ")


@given(st.text(max_size=60))
def test_no_text_makes_settings_fail_in_another_way(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    place = workspace(tmp_path_factory.mktemp("workspace"), kambook=LEAST)
    (place / "kambook.toml").write_bytes((LEAST + text).encode("utf-8", errors="replace"))

    with contextlib.suppress(SettingsError):
        load_settings(place)


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    found = load_settings(workspace(tmp_path, kambook=LEAST))

    with pytest.raises(ValueError, match="frozen"):
        found.company.name = "another"  # type: ignore[misc]


##### policy/*.toml ####################################################################################################


def test_the_built_in_policy_has_a_rule_of_each_kind_for_today() -> None:
    policy = load_policy(built_in("data", "demo"))

    for name in ("service", "delivery", "receivables", "currency", "active", "tier", "concentration"):
        assert policy.at(name, date(2020, 1, 1)).valid_from <= date(2020, 1, 1)


def test_a_file_of_the_workspace_stands_for_the_built_in_one_of_its_name(tmp_path: Path) -> None:
    place = workspace(tmp_path, service=f"schema = 1\n[[service]]\nvalid_from = 2026-01-01\n{REPLY}")
    policy = load_policy(place)

    assert [rule.valid_from for rule in policy.all("service")] == [date(2026, 1, 1)]
    assert policy.all("tier") == load_policy(tmp_path / "nowhere").all("tier")


def test_a_file_of_another_name_adds_its_rules(tmp_path: Path) -> None:
    place = workspace(tmp_path, ours=f"schema = 1\n[[service]]\nvalid_from = 2026-01-01\n{REPLY}")

    assert load_policy(place).changes("service") == (date(1990, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "schema = 1\n[[servise]]\nreply_hours = 1",
            "KB-1011  policy/ours.toml: unknown key 'servise'\n  nearest: service\n  fix: correct or remove the key",
        ),
        (
            f"schema = 1\n[[service]]\nvalid_from = 2026-01-01\n{REPLY}reply_hour = 4",
            ("KB-1011  policy/ours.toml [[service]] 1: reply_hour: unknown key\n  nearest: reply_hours\n"
            "  fix: correct or remove the key"),
        ),
        (
            '[[target]]\nmetric = "csat"\nvalue = 1\nvalid_from = 2026-01-01',
            "KB-1011  policy/ours.toml: is in no schema that is known\n  fix: begin the file with schema = 1",
        ),
        (
            "schema = 2",
            "KB-1011  policy/ours.toml: is in no schema that is known\n  fix: begin the file with schema = 1",
        ),
        (
            f"schema = 1\n[service]\nvalid_from = 2026-01-01\n{REPLY}",
            "KB-1011  policy/ours.toml: service: is no list of tables\n  fix: write [[service]] above its lines",
        ),
        (
            "schema = 1\nservice = 24",
            "KB-1011  policy/ours.toml: service: is no list of tables\n  fix: write [[service]] above its lines",
        ),
        (
            "schema = 1\nservice = [24]",
            "KB-1011  policy/ours.toml: service: is no list of tables\n  fix: write [[service]] above its lines",
        ),
        (
            f"schema = 1\n[[service]]\n{REPLY}valid_from = 2026-01-01\n[[service]]\n{REPLY}",
            "KB-1011  policy/ours.toml [[service]] 2: valid_from: Field required\n  fix: correct the value",
        ),
        (
            ('schema = 1\n[[score]]\nname = "s"\nvalid_from = 2026-01-01\n'
            'weights = [{ metric = "csat", wait = 1, weight = 1, zero_at = 0, full_at = 1 }]'),
            ("KB-1011  policy/ours.toml [[score]] 1: weights.0.wait: unknown key\n  nearest: weight\n"
            "  fix: correct or remove the key"),
        ),
    ],
)  # fmt: skip
def test_a_wrong_policy_is_an_error_that_says_where(text: str, message: str, tmp_path: Path) -> None:
    place = workspace(tmp_path, ours=text)

    assert said(lambda: load_policy(place)) == message


def test_a_day_before_every_rule_has_none(tmp_path: Path) -> None:
    place = workspace(tmp_path, service=f"schema = 1\n[[service]]\nvalid_from = 2026-01-01\n{REPLY}")
    policy = load_policy(place)

    assert policy.at("service", date(2026, 1, 1)).reply_hours == 4
    assert said(lambda: policy.at("service", date(2025, 12, 31))) == (
        "KB-1012  policy [[service]]: no rule is in force on 2025-12-31\n"
        "  fix: add a [[service]] with valid_from on or before that day"
    )


DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))


def rule(day: date) -> ServiceRule:
    return ServiceRule(reply_hours=day.toordinal(), resolve_hours=1, green_reply_hours=1, valid_from=day)


@given(st.lists(DAYS, min_size=1, unique=True), DAYS)
def test_a_day_is_judged_by_the_newest_rule_that_is_not_later(days: list[date], day: date) -> None:
    policy = Policy({"service": tuple(map(rule, days))})
    before = [each for each in days if each <= day]

    if before:
        assert policy.at("service", day).valid_from == max(before)
    else:
        with pytest.raises(SettingsError, match="no rule is in force"):
            policy.at("service", day)


@given(st.lists(DAYS, unique=True))
def test_rules_change_on_the_first_day_of_each_and_on_no_other(days: list[date]) -> None:
    policy = Policy({"service": tuple(map(rule, days))})

    assert policy.changes("service") == tuple(sorted(days))
    assert [each.valid_from for each in policy.all("service")] == sorted(days)
    for before, day in zip(sorted(days), sorted(days)[1:], strict=False):
        assert policy.at("service", day - timedelta(days=1)) == policy.at("service", before)


def test_two_rules_of_one_day_are_an_error(tmp_path: Path) -> None:
    place = workspace(tmp_path, ours=f"schema = 1\n[[service]]\nvalid_from = 1990-01-01\n{REPLY}")

    assert said(lambda: load_policy(place)) == (
        "KB-1011  policy [[service]]: two rules are valid from 1990-01-01\n"
        "  fix: keep one; a file of the same name stands for the built-in one"
    )


def test_many_targets_may_begin_on_one_day() -> None:
    days = [each.valid_from for each in load_policy(built_in("data", "demo")).all("target")]

    assert len(set(days)) < len(days)


def test_without_rules_nothing_changes() -> None:
    assert Policy({}).changes("service") == ()
    assert Policy({}).all("service") == ()


def test_a_policy_is_hashed_by_what_it_says(tmp_path: Path) -> None:
    place = workspace(tmp_path, service=f"schema = 1\n[[service]]\nvalid_from = 2026-01-01\n{REPLY}")
    commented = workspace(
        tmp_path / "b", service=f"# why\nschema = 1\n[[service]]\n{REPLY}valid_from = 2026-01-01\n"
    )

    assert load_policy(place).as_json() == load_policy(commented).as_json()
    assert load_policy(place).as_json() != load_policy(tmp_path / "nowhere").as_json()


def test_the_files_a_run_depends_on_are_those_that_are_read(tmp_path: Path) -> None:
    place = workspace(tmp_path, kambook=LEAST, service="schema = 1\n", ours="schema = 1\n")
    (place / "aliases.toml").write_text("")

    files = policy_files(place)

    assert files["kambook.toml"] == place / "kambook.toml"
    assert files["aliases.toml"] == place / "aliases.toml"
    assert files["policy/service.toml"] == place / "policy" / "service.toml"
    assert files["policy/ours.toml"] == place / "policy" / "ours.toml"
    assert files["policy/targets.toml"] == built_in("data", "policy", "targets.toml")
    assert "corrections.toml" not in files
    assert list(files) == sorted(files)


def test_a_built_in_file_of_policy_says_what_its_rules_know(checkout: Path) -> None:
    for path in sorted((checkout / "data" / "policy").glob("*.toml")):
        tables = {name for name in tomllib.loads(path.read_text(encoding="utf-8")) if name != "schema"}
        assert tables <= set(RULES.all())


def test_toml_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('a = "岚"\n[b]\nc = 2026-09-30\n', encoding="utf-8")

    assert read_toml(path) == {"a": "岚", "b": {"c": date(2026, 9, 30)}}
