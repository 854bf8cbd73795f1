"""Sections of documents: a function from a view to what its template places, or to None where there is nothing.

A section declares its audience, the metrics and tables it reads, and which of these metrics make it worth printing.
The template of the same name in `templates/sections/` places what the function returns and computes nothing.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import SettingsError, nearest
from pipeline.plugins import Registry
from pipeline.press.tables import AUDIENCES, TABLES

if TYPE_CHECKING:
    from pipeline.press.view import View

Content = dict[str, Any]
Build = Callable[["View"], "Content | None"]


@dataclass(frozen=True)
class Section:
    """One section: what it may read, and the function that says what it prints.

    `evidence` names the metrics of which one must be known for the section to be made, in the document's window or in
    the one after an `@`: `net_sales@ytd`. A section without any is made wherever another one is.
    """

    name: str
    title: str
    audience: str
    metrics: tuple[str, ...]
    tables: tuple[str, ...]
    evidence: tuple[str, ...]
    build: Build
    evidence_tables: tuple[str, ...] = ()
    """Tables of which one row is evidence as well."""

    @property
    def evidence_metrics(self) -> tuple[str, ...]:
        """The metrics of its evidence, without their windows."""
        return tuple(name.partition("@")[0] for name in self.evidence)


SECTIONS: Registry[Section] = Registry("section", "pipeline.sections")


def N_(text: str) -> str:  # noqa: N802  # gettext's usual name for a text that is translated later
    """Mark a text for translation where there is no language yet."""
    return text


def section(
    *,
    title: str,
    audience: str,
    metrics: tuple[str, ...] = (),
    tables: tuple[str, ...] = (),
    evidence: tuple[str, ...] = (),
    evidence_tables: tuple[str, ...] = (),
) -> Callable[[Build], Build]:
    """Declare a section; the function's name is the section's."""

    def register(build: Build) -> Build:
        name = str(getattr(build, "__name__", ""))
        SECTIONS.add(name, Section(name, title, audience, metrics, tables, evidence, build, evidence_tables))
        return build

    return register


def check(section: Section, audience: str, metrics: Mapping[str, Any]) -> None:
    """Stop where a section could print what the document's audience may not see, or reads what it does not declare.

    `metrics` is the catalogue. SettingsError KB-1045 (unknown metric or table), KB-1046 (beyond the audience),
    KB-1047 (named in the section's code but not declared).
    """
    _require_allowed(section, "section", section.name, section.audience, audience)
    for name in (*section.metrics, *section.evidence_metrics):
        _require_known(section, "metric", name, metrics)
        _require_allowed(section, "metric", name, metrics[name].audience, section.audience)
    for name in section.tables:
        _require_known(section, "table", name, TABLES)
        _require_allowed(section, "table", name, TABLES[name].audience, section.audience)
    declared = {*section.metrics, *section.tables}
    for name in sorted({*section.evidence_metrics, *_named(section, {*metrics, *TABLES})} - declared):
        raise SettingsError(
            where=f"section {section.name}",
            what=f"reads {name!r}, which it does not declare",
            fix=f"declare {name!r} in its metrics or tables, or remove it",
            code="KB-1047",
        )


def _require_known(section: Section, kind: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        raise SettingsError(
            where=f"section {section.name}",
            what=f"declares the {kind} {name!r}, which there is not",
            nearest=nearest(name, known),
            fix="correct the name",
            code="KB-1045",
        )


def _require_allowed(section: Section, kind: str, name: str, meant_for: str, audience: str) -> None:
    if AUDIENCES.index(meant_for) > AUDIENCES.index(audience):
        raise SettingsError(
            where=f"section {section.name}",
            what=f"the {kind} {name!r} is {meant_for}, and must not reach a {audience} document",
            fix="leave it out, or give the section its true audience",
            code="KB-1046",
        )


def _named(section: Section, known: Collection[str]) -> set[str]:
    """The metrics and tables that stand as text in the code of the section's module, other than as a template's names."""
    module = inspect.getmodule(section.build)
    if module is None or not module.__name__.startswith(__name__):
        return set()
    nodes = list(ast.walk(ast.parse(inspect.getsource(module))))
    keys = {id(key) for node in nodes if isinstance(node, ast.Dict) for key in node.keys}
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in keys}
    return {text for text in texts if isinstance(text, str) and text in known}
