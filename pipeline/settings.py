"""A company's workspace: `kambook.toml` and `policy/*.toml`, checked when loaded; unknown keys are errors."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import SettingsError, nearest
from pipeline.resources import built_in

_M = TypeVar("_M", bound=BaseModel)
POLICY_SCHEMA = 1
SalesBasis = Literal["ordered", "invoiced", "contracted", "won"]


class Model(BaseModel):
    """A frozen part of the settings that knows no key but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        message = f"no such time zone (nearest: {nearest(name, available_timezones())})"
        raise ValueError(message)
    return name


ZoneName = Annotated[str, AfterValidator(_known_zone)]


class Company(Model):
    """Who sends the reports."""

    name: str
    name_en: str = ""
    country: str = "CN"
    currency: str = "CNY"
    time_zone: ZoneName = "Asia/Shanghai"
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    week_start: Literal["monday", "sunday"] = "monday"
    history_from: date | None = None
    """The exports are complete from this day on; where it is not said, each table from its first row on."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Sales(Model):
    """What counts as sales; printed on the method page."""

    basis: SalesBasis = "ordered"


class Sources(Model):
    """Which mappings read the exports, and the drop folder below the workspace."""

    mappings: tuple[str, ...] = ("generic",)
    exports: str = "exports"


class Freshness(Model):
    """How many days before the as-of date the newest sales row may lie."""

    days: Annotated[int, Field(ge=0)] = 10


class Quality(Model):
    """When too much is unusable: shares of rows above which a run stops, or what rests on them is withheld."""

    quarantine_limit_pct: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Of a table's rows in quarantine; above it nothing is made at all."""
    customer_limit_pct: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Of a customer's rows of a table in the last twelve months; above it what rests on them is withheld."""


class Documents(Model):
    """Languages and brand of the documents."""

    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("zh-Hans",)
    brand: str = "industrial"


class Settings(Model):
    """`kambook.toml`."""

    schema_: Literal[1] = Field(alias="schema")
    company: Company
    sales: Sales = Sales()
    sources: Sources = Sources()
    freshness: Freshness = Freshness()
    quality: Quality = Quality()
    documents: Documents = Documents()
    today: date | None = None


class TargetRule(Model):
    """What a metric should reach, from a day on; `near` is the distance that still counts as watch.

    An amount or a count is a target for one kind of window (`window`); a rate may be one for all.
    """

    metric: str
    breakdown: str = ""
    window: str = ""
    subject_kind: str = ""
    value: float
    near: float = 0.0
    valid_from: date


class ServiceRule(Model):
    """Promised service where a contract says nothing: hours by clock and the calendar they run in."""

    reply_hours: float
    resolve_hours: float
    green_reply_hours: float
    calendar: Literal["calendar", "business"] = "calendar"
    opens: str = "09:00"
    closes: str = "18:00"
    valid_from: date


class DeliveryRule(Model):
    """When a delivery counts as on time and in full."""

    late_days: int = 0
    early_days: int | None = None
    short_pct: float = 0.0
    valid_from: date


class ReceivablesRule(Model):
    """Terms where an invoice has no due date, and the days of a year for turnover days."""

    payment_days: int = 30
    year_days: Literal[360, 365] = 365
    valid_from: date


class CurrencyRule(Model):
    """How flows convert to the reporting currency."""

    flows: Literal["day", "month_average"] = "day"
    valid_from: date


class ActiveRule(Model):
    """A customer is active on a day that has sales in the months before it."""

    months: int = 12
    valid_from: date


class TierRule(Model):
    """Value × potential classes (A3): borders, and by how much one must be passed before the class changes."""

    value_high_share: float = 0.10
    stable_variation: float = 0.25
    growing_industry_pct: float = 0.10
    headroom_share: float = 0.5
    hysteresis: float = 0.10
    valid_from: date


class ConcentrationRule(Model):
    """The share of revenue from which a customer is named as a concentration."""

    customer_pct: float = 0.10
    valid_from: date


class ScoreWeight(Model):
    """One measure of a weighted score, with the value that earns 0 and the value that earns 1."""

    metric: str
    breakdown: str = ""
    weight: float
    zero_at: float
    full_at: float


class ScoreRule(Model):
    """A weighted score: its measures and the coverage below which there is no score."""

    name: str
    weights: tuple[ScoreWeight, ...]
    coverage_floor: float = 0.6
    valid_from: date


class ReportRule(Model):
    """Who gets what: a kind of document for accounts of some classes at the end of a window."""

    kind: str
    window: Literal["month", "quarter", "half", "year"] = "quarter"
    classes: tuple[str, ...] = ()
    edition: str = "full"
    language: str = ""
    valid_from: date


class AttainmentRule(Model):
    """Whether the sales target of a manager who leads managers contains theirs, or is for own sales alone."""

    lead_targets: Literal["include_reports", "own"] = "include_reports"
    valid_from: date


class ForecastRule(Model):
    """The forecast that counts: the last one made at least so many months before its month begins."""

    lag_months: Annotated[int, Field(ge=0)] = 1
    fewest_periods: Annotated[int, Field(ge=2)] = 6
    """Months from which on a tracking signal is told."""
    valid_from: date


class SurveyRule(Model):
    """The number of answers below which a score is not told."""

    fewest_answers: Annotated[int, Field(ge=1)] = 5
    valid_from: date


BandName = Literal["strategic", "key", "base"]
StageName = Literal["initial", "stable", "deep", "symbiosis"]
ClassName = Literal["core_value", "high_potential", "maintain", "to_optimise", "not_classed"]


class Band(Model):
    """A band of yearly revenue, in the reporting currency, from an amount on."""

    name: BandName
    from_amount: float


class BandRule(Model):
    """Revenue bands (A4), highest first; below the last one a customer is in none."""

    bands: tuple[Band, ...]
    valid_from: date


class Stage(Model):
    """A stage of a relationship: it begins when the relationship is so many months old."""

    name: StageName
    after_months: Annotated[int, Field(ge=0)]


class LifecycleRule(Model):
    """Stages by the age of the relationship (B3), youngest first."""

    stages: tuple[Stage, ...]
    valid_from: date


ActivityKind = Literal[
    "kickoff", "sync", "visit", "review", "executive_meeting", "training", "demo", "case_study", "event",
    "introduction", "trial", "call",
]  # fmt: skip


class PlanRule(Model):
    """One line of the service plan (B): which touchpoints, for whom, how often; the latest of a name is in force.

    Empty `kinds`, `classes`, `bands` and `stages` mean any. `age_from_months` and `age_until_months` narrow a line to a
    span of the relationship: `once` is due within it, `week` and `two_weeks` count from its first day.
    """

    name: str
    label: str = ""
    label_en: str = ""
    kinds: tuple[ActivityKind, ...] = ()
    per: Literal["once", "week", "two_weeks", "month", "quarter", "half", "year"]
    count: Annotated[int, Field(ge=0)] = 1
    classes: tuple[ClassName, ...] = ()
    bands: tuple[BandName, ...] = ()
    stages: tuple[StageName, ...] = ()
    age_from_months: Annotated[int, Field(ge=0)] = 0
    age_until_months: Annotated[int, Field(ge=1)] | None = None
    face_to_face: bool = False
    grace_days: Annotated[int, Field(ge=0)] = 14
    """A touchpoint held so many days after its window is late, afterwards it is missed."""
    valid_from: date


class ValueRule(Model):
    """For how many months evidence of value counts after it was last measured."""

    evidence_months: Annotated[int, Field(ge=1)] = 12
    valid_from: date


class ContactRule(Model):
    """People on both sides: the time for a hand-over, for a visit to a new contact, and the roles that must be known."""

    handover_hours: float = 24
    visit_days: Annotated[int, Field(ge=0)] = 30
    roles: tuple[str, ...] = ("economic_buyer", "procurement", "business", "technical", "executive")
    valid_from: date


_RULES: dict[str, type[Model]] = {
    "target": TargetRule,
    "service": ServiceRule,
    "delivery": DeliveryRule,
    "receivables": ReceivablesRule,
    "currency": CurrencyRule,
    "active": ActiveRule,
    "tier": TierRule,
    "concentration": ConcentrationRule,
    "score": ScoreRule,
    "report": ReportRule,
    "attainment": AttainmentRule,
    "forecast": ForecastRule,
    "survey": SurveyRule,
    "band": BandRule,
    "lifecycle": LifecycleRule,
    "plan": PlanRule,
    "value": ValueRule,
    "contact": ContactRule,
    "identification": ScoreRule,
}
_SEVERAL_A_DAY = frozenset({"target", "score", "report", "plan"})
"""Rules of which many hold at once; of the others one is in force on a day."""


class Policy:
    """The rules of every `policy/*.toml`: dated, so that a row or window is judged by the rule of its day."""

    def __init__(self, rules: dict[str, tuple[Any, ...]]) -> None:
        self._rules = rules

    def at(self, name: str, day: date) -> Any:  # each caller names the rule's class
        """The rule in force on `day`. SettingsError KB-1012 where none is."""
        in_force = [rule for rule in self._rules.get(name, ()) if rule.valid_from <= day]
        if not in_force:
            raise SettingsError(
                where=f"policy [[{name}]]",
                what=f"no rule is in force on {day}",
                fix=f"add a [[{name}]] with valid_from on or before that day",
                code="KB-1012",
            )
        return max(in_force, key=lambda rule: rule.valid_from)

    def all(self, name: str) -> tuple[Any, ...]:
        """Every rule of a name, oldest first."""
        return tuple(sorted(self._rules.get(name, ()), key=lambda rule: rule.valid_from))

    def changes(self, name: str) -> tuple[date, ...]:
        """The days on which another rule comes into force, oldest first."""
        return tuple(sorted({rule.valid_from for rule in self._rules.get(name, ())}))

    def as_json(self) -> dict[str, Any]:
        """All rules in a form that can be hashed."""
        return {name: [rule.model_dump(mode="json") for rule in rules] for name, rules in self._rules.items()}


def load_settings(workspace: Path) -> Settings:
    """The workspace's `kambook.toml`. SettingsError KB-1010 (missing) or KB-1011 (wrong)."""
    path = workspace / "kambook.toml"
    if not path.is_file():
        raise _no_settings(workspace)
    return _checked(Settings, read_toml(path), path.name)


def _no_settings(workspace: Path) -> SettingsError:
    """The error KB-1010; the nearest is a workspace in that folder, else one beside it of a similar name."""
    inside = sorted(path.parent.name for path in workspace.glob("*/kambook.toml"))
    beside = nearest(workspace.name, [path.parent.name for path in workspace.parent.glob("*/kambook.toml")])
    close = inside[0] if inside else beside
    what = f"there is none in {workspace.name or workspace}"
    return SettingsError(
        where="kambook.toml",
        what=what if workspace.is_dir() else f"there is no folder {workspace.name}",
        nearest=str((workspace if inside else workspace.parent) / close) if close else None,
        fix="kambook init DIR makes a workspace; -w DIR names one",
        code="KB-1010",
    )


def load_policy(workspace: Path) -> Policy:
    """The built-in policy, with each file that the workspace has instead of the built-in one."""
    files = {path.name: path for path in sorted(built_in("data", "policy").glob("*.toml"))}
    files |= {path.name: path for path in sorted((workspace / "policy").glob("*.toml"))}
    rules: dict[str, list[Any]] = {name: [] for name in _RULES}
    for file_name, path in sorted(files.items()):
        for key, entries in _tables_of(f"policy/{file_name}", read_toml(path)).items():
            rules[key] += [
                _checked(_RULES[key], entry, f"policy/{file_name} [[{key}]] {number}")
                for number, entry in enumerate(entries, start=1)
            ]
    for name in sorted(rules.keys() - _SEVERAL_A_DAY):
        _require_one_a_day(name, [rule.valid_from for rule in rules[name]])
    return Policy({name: tuple(found) for name, found in rules.items()})


def _require_one_a_day(name: str, days: list[date]) -> None:
    twice = sorted({day for day in days if days.count(day) > 1})
    if twice:
        raise SettingsError(
            where=f"policy [[{name}]]",
            what=f"two rules are valid from {twice[0]}",
            fix="keep one; a file of the same name stands for the built-in one",
            code="KB-1011",
        )


def _tables_of(where: str, content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The `[[name]]` tables of a policy file. SettingsError KB-1011 where it holds anything else."""
    if content.get("schema") != POLICY_SCHEMA:
        fix = f"begin the file with schema = {POLICY_SCHEMA}"
        raise SettingsError(where=where, what="is in no schema that is known", fix=fix, code="KB-1011")
    tables = {key: entries for key, entries in content.items() if key != "schema"}
    for key, entries in tables.items():
        if key not in _RULES:
            raise _unknown(where, key, _RULES)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            fix = f"write [[{key}]] above its lines"
            raise SettingsError(where=f"{where}: {key}", what="is no list of tables", fix=fix, code="KB-1011")
    return tables


def policy_files(workspace: Path) -> dict[str, Path]:
    """Every file of settings and policy that a run depends on, by its printed name."""
    files = {f"policy/{path.name}": path for path in built_in("data", "policy").glob("*.toml")}
    files |= {f"policy/{path.name}": path for path in (workspace / "policy").glob("*.toml")}
    for name in ("kambook.toml", "aliases.toml", "corrections.toml"):
        if (workspace / name).is_file():
            files[name] = workspace / name
    return dict(sorted(files.items()))


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file. SettingsError KB-1011 names file and line where it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            where=path.name, what=f"is not TOML: {error}", fix="correct the line it names", code="KB-1011"
        ) from error


def _unknown(where: str, key: str, known: dict[str, Any]) -> SettingsError:
    return SettingsError(
        where=where,
        what=f"unknown key {key!r}",
        nearest=nearest(key, known),
        fix="correct or remove the key",
        code="KB-1011",
    )


def _checked(model: type[_M], values: dict[str, Any], where: str) -> _M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _explained(model, error, where) from error


def _explained(model: type[BaseModel], error: ValidationError, where: str) -> SettingsError:
    """The first fault of a settings file, with the key's path and the nearest key that exists."""
    first = error.errors()[0]
    path = ".".join(str(part) for part in first["loc"])
    known = _keys_at(model, first["loc"][:-1])
    unknown = first["type"] == "extra_forbidden"
    return SettingsError(
        where=f"{where}: {path}",
        what="unknown key" if unknown else first["msg"].removeprefix("Value error, "),
        nearest=nearest(str(first["loc"][-1]), known) if unknown else None,
        fix="correct or remove the key" if unknown else "correct the value",
        code="KB-1011",
    )


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, be it one or several."""
    parts = (annotation, *get_args(annotation))
    return next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    for part in path:
        if isinstance(part, int):  # a place in a list of what the part before it holds
            continue
        field = model.model_fields.get(part)
        inner = _model_in(field.annotation) if field else None
        if inner is None:
            return []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]
