"""Languages: every text of the code is in every catalogue, with the same names to fill in, and nothing else is."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from pipeline.errors import SettingsError
from pipeline.press.languages import (
    LANGUAGES,
    SOURCE,
    catalogue,
    catalogue_files,
    compiled,
    language,
    matched,
)
from pipeline.resources import built_in

_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
TRANSLATED = sorted(LANGUAGES.keys() - {SOURCE})


def texts_of_the_code() -> set[str]:
    """Every text that code or templates of documents ask a catalogue for."""
    root = built_in("templates").parent
    found: set[str] = set()
    for path in sorted((root / "pipeline").rglob("*.py")):
        found |= _texts("python", path)
    for folder in ("sections", "documents", "pages"):
        for path in sorted(built_in("templates", folder).glob("*.html")):
            found |= _texts("jinja2.ext.babel_extract", path)
    return found | reasons_of_expectations()


def reasons_of_expectations() -> set[str]:
    """What every built-in suite says a row means that breaks one of its claims."""
    suites = [json.loads(path.read_text("utf-8")) for path in built_in("expectations").glob("*.json")]
    return {entry["meta"]["why"] for suite in suites for entry in suite["expectations"]}


def _texts(method: str, path: Path) -> set[str]:
    options = {"silent": "false"}
    texts = (text for _, text, _, _ in extract_from_file(method, path, keywords=_KEYWORDS, options=options))
    return {text if isinstance(text, str) else text[0] for text in texts}


def entries(name: str) -> list[Message]:
    found: list[Message] = []
    for path in catalogue_files(name):
        with path.open("rb") as stream:
            found += [entry for entry in read_po(stream, abort_invalid=True) if entry.id]
    return found


def first(texts: object) -> str:
    return texts if isinstance(texts, str) else texts[0]  # type: ignore[index]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_catalogue_holds_every_text_and_no_other(name: str) -> None:
    said = {first(entry.id) for entry in entries(name) if entry.id}

    assert texts_of_the_code() - said == set()
    assert said - texts_of_the_code() == set()


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_text_is_translated_with_names_that_the_code_fills_in(name: str) -> None:
    for entry in entries(name):
        if entry.id:
            assert not entry.fuzzy, entry.id
            assert first(entry.string), entry.id
            wanted = (
                fields(entry.id) if isinstance(entry.id, str) else fields(entry.id[0]) | fields(entry.id[1])
            )
            assert fields(first(entry.string)) <= wanted, entry.id


def test_chinese_texts_use_full_width_marks_and_no_spaces_around_digits() -> None:
    for entry in entries("zh-Hans"):
        text = first(entry.string)
        assert not set(text.replace("95%", "")) & set(",:;?!") or entry.id == "", text
        assert ".." not in text


def test_the_source_language_needs_no_catalogue() -> None:
    assert catalogue("en").gettext("At a glance") == "At a glance"
    assert catalogue("zh-Hans").ugettext("At a glance") == "本期概览"


def test_an_unfinished_entry_falls_back_to_the_text_of_the_code(tmp_path: Path) -> None:
    path = tmp_path / "kambook.po"
    path.write_text(
        'msgid ""\nmsgstr "Language: zh_Hans\\n"\n\n#, fuzzy\nmsgid "Met"\nmsgstr "?"\n', encoding="utf-8"
    )

    assert compiled([path], "zh_Hans").ugettext("Met") == "Met"


def test_a_text_in_two_files_stops(tmp_path: Path) -> None:
    for name in ("a.po", "b.po"):
        (tmp_path / name).write_text(
            'msgid ""\nmsgstr "Language: zh_Hans\\n"\n\nmsgid "Met"\nmsgstr "达标"\n', encoding="utf-8"
        )

    with pytest.raises(SettingsError) as caught:
        compiled(sorted(tmp_path.glob("*.po")), "zh_Hans")

    assert (caught.value.code, caught.value.where) == ("KB-1051", "b.po")


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("zh-Hans", "zh-Hans"),
        ("zh_CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("en-US", "en"),
        ("EN", "en"),
        ("de", None),
        ("", None),
    ],
)
def test_a_locale_finds_its_language(locale: str, expected: str | None) -> None:
    assert matched(locale, ("zh-Hans", "en")) == expected


def test_a_language_that_is_not_offered_is_not_found() -> None:
    assert matched("en-GB", ("zh-Hans",)) is None


def test_an_unknown_language_names_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        language("zh-Hant")

    assert (caught.value.code, caught.value.nearest) == ("KB-1050", "zh-Hans")
