"""The scorecard plan of a workspace as `kambook doctor` sees it: without exports, by its policy alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipeline.catalogue import catalogue
from pipeline.doctor import Check
from pipeline.engine import scorecard_plan
from pipeline.engine.readings import targets
from pipeline.errors import SettingsError
from pipeline.policy import load_policy
from pipeline.press.plan_remarks import sentence
from pipeline.settings import load_settings

_NAME = "scorecard plan"
_FIX = "policy/scorecard.toml and policy/targets.toml; targets that stand in the exports only a run sees"


def checks(workspace: Path, today: date) -> list[Check]:
    """Whether the plan can be scored, and what there is to put right; nothing where there is no workspace."""
    if not (workspace / "kambook.toml").is_file():
        return []
    try:
        return [_checked(workspace, today)]
    except SettingsError as error:
        found = f"{error.where}: {error.what} ({error.code})"
        return [Check(_NAME, ok=False, fatal=True, found=found, fix=error.fix or _FIX)]


def _checked(workspace: Path, today: date) -> Check:
    settings, policy = load_settings(workspace), load_policy(workspace)
    scorecard_plan.require_sound(policy)
    day = settings.today or today
    rule = policy.find("scorecard", day)
    if rule is None:
        return Check(_NAME, ok=True, fatal=False, found=f"none in force on {day}")
    found = scorecard_plan.remarks(rule, targets(None, policy), day, settings.company.fiscal_year_start)
    said = "; ".join(sentence(str, each, _named, ", ".join) for each in found)
    sound = f"{rule.name_en or rule.name}: {len(rule.measures)} measures"
    return Check(_NAME, ok=not found, fatal=False, found=said or sound, fix=_FIX)


def _named(metric: str) -> str:
    return catalogue()[metric].label("en")
