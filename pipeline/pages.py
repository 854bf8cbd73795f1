"""Pages for the people who run the month: HTML that opens from disk, whole in itself, in the company's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.press.languages import SOURCE, catalogue, catalogue_files, language
from pipeline.press.printing import Printer
from pipeline.resources import built_in
from pipeline.settings import Documents
from pipeline.store import files_below, sha256_of, sha256_of_file


def language_of(documents: Documents) -> str:
    """The language of a company's own pages: the first that it makes documents in."""
    return language(documents.languages[0]).name


def page(name: str, language_name: str, content: Mapping[str, Any]) -> str:
    """The page `templates/pages/<name>` as HTML; it needs no other file and asks no host for anything."""
    environment = Environment(
        loader=FileSystemLoader(built_in("templates", "pages")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(language_name), newstyle=False)  # type: ignore[attr-defined]
    return environment.get_template(name).render(
        language=language_name,
        period_text=Printer(language_name).period,
        **content,
    )


def day(said: date | str, language_name: str) -> str:
    """A day, or its ISO text, as the page writes it."""
    return Printer(language_name).day(date.fromisoformat(str(said)))


def period(label: str, language_name: str) -> str:
    """The label of a period, `2026Q3`, in words."""
    return Printer(language_name).period(label)


def ingredients(language_name: str) -> str:
    """The hash of what pages are made with: their templates and the texts of a language."""
    catalogues = () if language_name == SOURCE else catalogue_files(language_name)
    files = [*files_below(built_in("templates", "pages")), *catalogues]
    return sha256_of([[path.name, sha256_of_file(path)] for path in files])


def in_words(name: str) -> str:
    """The name of an expectation or a table as words: `account_is_known` is "account is known"."""
    return name.replace("_", " ").strip()
