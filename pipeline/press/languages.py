"""The languages of documents: a folder of `templates/locales` each, with `language.toml` and its gettext catalogues.

`language.toml` says how the language is written and set; the catalogues hold its texts and are compiled in memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from pydantic import Field

from pipeline.errors import SettingsError, nearest
from pipeline.resources import built_in
from pipeline.settings import Model, checked, read_toml

SOURCE = "en"
"""The language in which texts stand in the code; it needs no catalogue."""
DOMAIN = "kambook"


_Twelve = Annotated[tuple[str, ...], Field(min_length=13, max_length=13)]


class Scale(Model):
    """A scale of money, used from `starts_at` of it on; `decimals` by how long the whole part is, longest first."""

    unit: Decimal
    name: str
    starts_at: int = 1
    decimals: tuple[int, int, int, int] = (0, 1, 1, 2)


class Writing(Model):
    """What one language writes where another writes something else. Currencies: code → name or sign."""

    scales: Annotated[tuple[Scale, ...], Field(min_length=1)]
    """Largest first; the last is the bare amount."""
    currencies: Mapping[str, str]
    sign_first: bool
    hour: str
    minute: str
    day: str
    point: str
    gap: str
    """Between a number and its unit."""
    quotes: tuple[str, str]
    long_day: str
    short_day: str
    month: str
    month_name: str
    span: tuple[str, str]
    span_over_years: tuple[str, str]
    year: str
    fiscal_year: str
    quarters: tuple[str, str, str, str]
    halves: tuple[str, str]
    counts: _Twelve
    """None to twelve in words."""


class Setting(Model):
    """What no line may cut: a number and one of these units; and after what a long name is best broken."""

    units: tuple[str, ...]
    names_break_after: tuple[str, ...]


class Language(Model):
    """A language of documents. `families`: the typefaces it may be set in, the first its own."""

    name: str
    called: str
    """Its name in itself."""
    also: tuple[str, ...]
    """Other names under which a locale asks for it."""
    script: Literal["Han", "Latin"]
    families: Annotated[tuple[str, ...], Field(min_length=1)]
    lists: str
    """The locale whose way of joining names it has."""
    setting: Setting
    writing: Writing
    locale: str
    """The name of its folder."""

    @property
    def is_han(self) -> bool:
        return self.script == "Han"


def _languages() -> dict[str, Language]:
    """Every language that has a folder, in the order of the folders' names. SettingsError KB-1011 where one is wrong."""
    files = sorted(built_in("templates", "locales").glob("*/language.toml"))
    found = [
        checked(Language, {**read_toml(path), "locale": path.parent.name}, f"{path.parent.name}/{path.name}")
        for path in files
    ]
    return {each.name: each for each in found}


LANGUAGES: Mapping[str, Language] = MappingProxyType(_languages())
_ALSO = {also.lower(): each.name for each in LANGUAGES.values() for also in each.also}


def language(name: str) -> Language:
    """The language of that name. SettingsError KB-1050 names the nearest."""
    if name not in LANGUAGES:
        raise SettingsError(
            where="language",
            what=f"there are no documents in {name!r}",
            nearest=matched(name, LANGUAGES) or nearest(name, LANGUAGES),
            fix=f"use one of {', '.join(LANGUAGES)}",
            code="KB-1050",
        )
    return LANGUAGES[name]


def matched(locale: str, offered: Iterable[str]) -> str | None:
    """The offered language that a locale such as `en-US`, `zh_CN` or `zh-Hant-TW` asks for."""
    names = {each.lower(): each for each in offered}
    wanted = locale.replace("_", "-").lower()
    while wanted:
        if found := names.get(_ALSO.get(wanted, wanted).lower()):
            return found
        wanted = wanted.rpartition("-")[0]
    return None


@cache
def catalogue(name: str) -> NullTranslations:
    """The texts of a language; SettingsError KB-1002 where its catalogue is missing from the installation."""
    if name == SOURCE:
        return NullTranslations()
    return compiled(catalogue_files(name), language(name).locale)


def catalogue_files(name: str) -> tuple[Path, ...]:
    """The `.po` files of a language, one for each kind of document, in the order of their names."""
    return tuple(sorted(built_in("templates", "locales", language(name).locale, "LC_MESSAGES").glob("*.po")))


def compiled(paths: Iterable[Path], locale: str) -> Translations:
    """`.po` files as translations; unfinished (fuzzy) entries are left out.

    SettingsError KB-1051 where two files hold the same text: one of them would never be read.
    """
    merged = Catalog(locale=locale, domain=DOMAIN)
    for path in paths:
        for entry in _entries(path):
            if entry.id in merged:
                raise SettingsError(
                    where=str(path.name),
                    what=f"translates {entry.id!r} once more",
                    fix="keep it in one file",
                    code="KB-1051",
                )
            merged[entry.id] = entry
    binary = io.BytesIO()
    write_mo(binary, merged)
    binary.seek(0)
    return Translations(fp=binary, domain=DOMAIN)


def _entries(path: Path) -> list[Message]:
    with path.open("rb") as stream:
        return [entry for entry in read_po(stream, domain=DOMAIN, abort_invalid=True) if entry.id]
