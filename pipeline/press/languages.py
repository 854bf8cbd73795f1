"""The languages of documents: their typefaces, and their gettext catalogues, compiled in memory."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from pipeline.errors import SettingsError, nearest
from pipeline.resources import built_in

SOURCE = "en"
"""The language in which texts stand in the code; it needs no catalogue."""
DOMAIN = "kambook"


@dataclass(frozen=True)
class Language:
    """A language of documents. `families`: the typefaces it may be set in, the first its own."""

    name: str
    locale: str
    families: tuple[str, ...]
    is_han: bool


LANGUAGES: dict[str, Language] = {
    "zh-Hans": Language("zh-Hans", "zh_Hans", ("Noto Sans SC",), is_han=True),
    "en": Language("en", "en", ("Noto Sans SC",), is_han=False),
}
_ALSO = {"zh": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans"}


def language(name: str) -> Language:
    """The language of that name. SettingsError KB-1050 names the nearest."""
    if name not in LANGUAGES:
        raise SettingsError(
            where="language",
            what=f"there are no documents in {name!r}",
            nearest=nearest(name, LANGUAGES),
            fix=f"use one of {', '.join(LANGUAGES)}",
            code="KB-1050",
        )
    return LANGUAGES[name]


def matched(locale: str, offered: tuple[str, ...]) -> str | None:
    """The offered language that a locale such as `en-US`, `zh_CN` or `zh-Hans-CN` asks for."""
    wanted = locale.replace("_", "-").lower()
    while wanted:
        name = _ALSO.get(wanted, wanted)
        for each in offered:
            if each.lower() == name.lower():
                return each
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
