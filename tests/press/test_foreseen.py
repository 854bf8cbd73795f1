"""What settings and policy ask for of documents is looked at before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.periods import parse_period
from pipeline.policy import load_policy
from pipeline.press.foreseen import require_possible
from pipeline.settings import Documents
from tests.commands import company, kambook

PERIOD = parse_period("2026-09")
RULE = 'schema = 1\n[[report]]\nkind = "value_reprot"\nvalid_from = 2020-01-01\n'


def test_what_the_defaults_ask_for_is_possible(tmp_path: Path) -> None:
    require_possible(tmp_path, Documents(), load_policy(tmp_path), PERIOD)


@pytest.mark.parametrize(
    ("documents", "code", "near"),
    [
        (Documents(brand="industral"), "KB-1042", "industrial"),
        (Documents(languages=("zh-Hans", "zh-CN")), "KB-1050", "zh-Hans"),
    ],
)
def test_a_brand_or_language_that_there_is_not_stops(
    documents: Documents, code: str, near: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as raised:
        require_possible(tmp_path, documents, load_policy(tmp_path), PERIOD)

    assert (raised.value.code, raised.value.nearest) == (code, near)


def test_a_run_stops_before_its_first_stage(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    (place / "policy").mkdir(exist_ok=True)
    (place / "policy" / "reports.toml").write_text(RULE, encoding="utf-8")

    ended = kambook("run", "-w", place)

    assert ended.code == 10
    assert ended.err.startswith("KB-1048  policy/reports.toml: there is no document of kind 'value_reprot'")
    assert "  nearest: value_report" in ended.err
    assert not (place / "runs").exists()
