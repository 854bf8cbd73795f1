"""Names in Traditional Chinese: every metric and fact has one, as a reader in Taiwan writes it."""

from __future__ import annotations

import pytest
from babel.messages.pofile import read_po

from pipeline.catalogue import as_json, catalogue
from pipeline.facts import FACTS
from pipeline.metrics import METRICS
from pipeline.resources import built_in
from pipeline.words import Words


def _names() -> dict[str, str]:
    path = built_in("templates", "locales", "zh_Hant", "LC_MESSAGES", "metrics.po")
    with path.open("rb") as stream:
        return {str(each.id): str(each.string) for each in read_po(stream, abort_invalid=True) if each.id}


NAMES = _names()
LABELS = {each.label.zh for each in (*METRICS.all().values(), *FACTS.all().values())}
MAINLAND = (
    "賬 合同 質量 信息 軟件 數據 工單 賬戶 用戶 計劃 記錄 項目 支持 聯繫人 對接 回款 同比 環比 帕累托 基尼 份額 響應 水平 佔 觸達 信號 跟蹤 盈利 髮票"
).split()
"""Words and signs that a mechanical conversion leaves, but a reader in Taiwan would not write."""


def pairs() -> list[tuple[str, str]]:
    """Signs beside each other where a name keeps its length."""
    same = [(zh, hant) for zh, hant in NAMES.items() if len(zh) == len(hant)]
    return [pair for zh, hant in same for pair in zip(zh, hant, strict=True)]


SIMPLIFIED = {plain for plain, full in pairs() if plain != full} - {full for _, full in pairs()}
"""Signs that the catalogue never keeps: they are Simplified only."""


def test_every_metric_and_fact_has_a_name_and_no_name_is_left_over() -> None:
    assert LABELS - set(NAMES) == set()
    assert set(NAMES) - LABELS == set()


@pytest.mark.parametrize("name", sorted(NAMES.values()))
def test_a_name_has_no_simplified_sign_and_no_mainland_word(name: str) -> None:
    assert not set(name) & SIMPLIFIED
    assert not [word for word in MAINLAND if word in name]


def test_signs_that_are_simplified_only_are_many_and_known() -> None:
    assert len(SIMPLIFIED) > 150
    assert set("应销额务订单满") <= SIMPLIFIED


def test_names_of_taiwan_stand_for_those_of_the_mainland() -> None:
    said = {
        name: catalogue()[name].label("zh-Hant") for name in ("receivables", "otif_orders", "csat", "cases")
    }

    assert said == {
        "receivables": "應收帳款", "otif_orders": "準時足量率（訂單）", "csat": "滿意度", "cases": "案件數",
    }  # fmt: skip


@pytest.mark.parametrize("locale", ["zh-Hant", "zh_Hant_TW", "zh-TW", "zh-HK", "ZH-hant"])
def test_a_locale_of_traditional_chinese_is_answered_in_it(locale: str) -> None:
    assert FACTS.get("net_sales").label.in_language(locale) == "淨銷售額"


@pytest.mark.parametrize("locale", ["zh", "zh-Hans", "zh_CN", "zh-SG"])
def test_any_other_chinese_is_simplified(locale: str) -> None:
    assert FACTS.get("net_sales").label.in_language(locale) == "净销售额"


def test_what_has_no_name_of_its_own_stays_simplified() -> None:
    assert Words("没有这个名称", "no such name").in_language("zh-Hant") == "没有这个名称"


def test_two_names_that_differ_in_simplified_chinese_differ_in_traditional() -> None:
    assert len(set(NAMES.values())) == len(NAMES)


def test_the_catalogue_for_machines_says_three_names() -> None:
    assert all(set(each["label"]) == {"zh-Hans", "zh-Hant", "en"} for each in as_json())
    assert {each["label"]["zh-Hant"] for each in as_json()} <= set(NAMES.values())
