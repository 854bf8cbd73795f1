"""Languages: every text of the code is in every catalogue, with the same names to fill in, and nothing else is."""

from __future__ import annotations

import shutil
import string
import tomllib
from pathlib import Path

import pytest

from pipeline import fonts
from pipeline.errors import SettingsError
from pipeline.press import languages
from pipeline.press.languages import (
    LANGUAGES,
    Language,
    catalogue,
    compiled,
    language,
    matched,
)
from pipeline.press.printing import Printer
from pipeline.press.typeset import Face, Phrase, Run
from pipeline.resources import built_in
from pipeline.settings import checked
from tests.texts import TRANSLATED, entries, first, lacking, words_of_metrics

MAINLAND = (
    "質量 賬 合同 軟件 數據 信息 工單 單元格 默認 錄入 口徑 幣種 同比 環比 回款 份額 響應 收入 審批 佔 計劃 水平 覆蓋"
    " 反饋 渠道 採集 視頻 網絡 程序 打印 登錄 髮 支持 籤 賬期 置信 帕累托 基尼 情景 概率 老客戶 在途 “ ” ‘ ’"
).split()
"""Words that a mechanical conversion leaves, and marks, that a reader in Taiwan would not write."""
BOTH = {"支持": ("支持數",), "收入": ()}
"""Words of that list inside which they are right."""


WORDED = words_of_metrics()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_catalogue_holds_every_text_and_no_other(name: str) -> None:
    assert lacking(name) == {"missing": [], "unfinished": [], "left over": []}


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


@pytest.mark.parametrize("name", [each.name for each in LANGUAGES.values() if each.is_han])
def test_chinese_texts_use_full_width_marks_and_no_spaces_around_digits(name: str) -> None:
    for entry in entries(name):
        text = first(entry.string)
        if first(entry.id) in WORDED:
            continue  # formulas have operators of their own
        assert not set(text.replace("95%", "")) & set(",:;?!"), text
        assert ".." not in text


def test_traditional_texts_have_no_sign_that_is_simplified_only() -> None:
    """Big5 is the set of signs of Taiwan's own standard: what is written in Simplified Chinese alone is not in it."""
    for entry in entries("zh-Hant"):
        wrong = {sign for sign in first(entry.string) if is_han(sign) and not sign.encode("big5", "ignore")}
        assert not wrong, first(entry.string)


def test_the_set_of_signs_tells_the_two_apart() -> None:
    simplified = {sign for entry in entries("zh-Hans") for sign in first(entry.string) if is_han(sign)}

    foreign = {sign for sign in simplified if not sign.encode("big5", "ignore")}

    assert len(foreign) > 250
    assert set("应销额务订单满时间数据") - set("据") <= foreign | set("据")


@pytest.mark.parametrize("word", MAINLAND)
def test_traditional_texts_use_the_words_of_taiwan(word: str) -> None:
    for entry in entries("zh-Hant"):
        text = first(entry.string)
        for right in BOTH.get(word, ()):
            text = text.replace(right, "")
        assert word not in text, text


def is_han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"


def test_every_face_of_a_language_is_installed_and_holds_its_texts(installed_fonts: Path) -> None:
    for name in TRANSLATED:
        families = language(name).families
        face = Face(*(each.path for each in fonts.faces(installed_fonts) if each.family in families))
        signs = {sign for entry in entries(name) for sign in set(first(entry.string)) - set(first(entry.id))}
        assert {sign for sign in signs if sign.isprintable() and not face.has(sign)} == set(), name


def test_a_language_is_a_folder_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(built_in("templates", "locales", "en"), tmp_path / "en")
    told = (tmp_path / "en" / "language.toml").read_text("utf-8")
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "language.toml").write_text(
        told.replace('name = "en"', 'name = "de"').replace('hour = "h"', 'hour = "Std."'), "utf-8"
    )
    monkeypatch.setattr(languages, "built_in", lambda *parts: tmp_path.joinpath(*parts[2:]))

    found = languages._languages()

    assert list(found) == ["de", "en"]
    assert (found["de"].locale, found["de"].writing.hour, found["de"].is_han) == ("de", "Std.", False)


def test_a_key_that_a_language_does_not_know_is_named() -> None:
    told = tomllib.loads((built_in("templates", "locales", "en") / "language.toml").read_text("utf-8"))

    with pytest.raises(SettingsError) as caught:
        checked(Language, told | {"locale": "en", "famlies": []}, "en/language.toml")

    assert (caught.value.where, caught.value.nearest) == ("en/language.toml: famlies", "families")


def test_taiwan_writes_numbers_dates_and_quotations_its_own_way() -> None:
    printer = Printer("zh-Hant")

    assert printer.money(123_400_000, "TWD").text == "1.23億元"
    assert printer.money(507_000, "CNY").text == "50.7萬人民幣"
    assert printer.money(507_000, "THB").text == "50.7萬 THB"
    assert printer.period("2026Q3") == "2026年第三季"
    assert printer.period("2026-09") == "2026年9月"
    assert printer.duration(2.5).text == "2.5小時"
    assert printer.quoted("很好") == "「很好」"


def test_units_of_taiwan_are_kept_with_their_numbers() -> None:
    phrase = Phrase((Run("本季50.7萬人民幣，3筆逾期12天，高1.2個百分點"),), is_han=True)

    kept = {phrase.plain[start:end] for start, end in phrase.kept}

    assert kept == {"50.7萬人民幣", "3筆", "12天", "1.2個百分點"}


def test_the_source_language_needs_no_catalogue() -> None:
    assert catalogue("en").gettext("At a glance") == "At a glance"
    assert catalogue("zh-Hans").ugettext("At a glance") == "本期概览"
    assert catalogue("zh-Hant").ugettext("At a glance") == "本期概覽"


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
        ("zh-TW", "zh-Hans"),
        ("en-US", "en"),
        ("EN", "en"),
        ("de", None),
        ("", None),
    ],
)
def test_a_locale_finds_its_language(locale: str, expected: str | None) -> None:
    assert matched(locale, ("zh-Hans", "en")) == expected


@pytest.mark.parametrize("locale", ["zh-Hant", "zh_TW", "zh-HK", "zh-Hant-TW"])
def test_a_reader_of_traditional_chinese_gets_it_where_it_is_offered(locale: str) -> None:
    assert matched(locale, LANGUAGES) == "zh-Hant"


def test_a_language_that_is_not_offered_is_not_found() -> None:
    assert matched("en-GB", ("zh-Hans",)) is None


def test_an_unknown_language_names_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        language("zh-Hanss")

    assert (caught.value.code, caught.value.nearest) == ("KB-1050", "zh-Hans")
