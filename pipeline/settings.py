"""A company's workspace: `kambook.toml`, checked when loaded; unknown keys are errors."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import SettingsError, nearest

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
    deleted_limit_pct: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Of a table's records that a complete export no longer holds; above it that is a warning."""


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


def load_settings(workspace: Path) -> Settings:
    """The workspace's `kambook.toml`. SettingsError KB-1010 (missing) or KB-1011 (wrong)."""
    path = workspace / "kambook.toml"
    if not path.is_file():
        raise _no_settings(workspace)
    return checked(Settings, read_toml(path), path.name)


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


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file. SettingsError KB-1011 names file and line where it is not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            where=path.name, what=f"is not TOML: {error}", fix="correct the line it names", code="KB-1011"
        ) from error


def unknown_key(where: str, key: str, known: dict[str, Any]) -> SettingsError:
    """The error KB-1011 of a key that means nothing, with the nearest that does."""
    return SettingsError(
        where=where,
        what=f"unknown key {key!r}",
        nearest=nearest(key, known),
        fix="correct or remove the key",
        code="KB-1011",
    )


def checked(model: type[_M], values: dict[str, Any], where: str) -> _M:
    """The values as a model. SettingsError KB-1011 names place and key of the first fault."""
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
