"""The portfolio report: its sentences follow rules, its figures are those of the readings, what is not known is left out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from pipeline.rules.customers import TierRule
from pipeline.sections import SECTIONS
from tests import portfolios as own
from tests import portraits
from tests.goldens import TextGolden
from tests.portfolios import FIRMS, MONTH, PEOPLE, TWELVE, YEAR, Firm, Person, page, portfolio, told
from tests.section_pages import Page, inks

PORTRAITS = {"rich": own.rich, "sparse": own.sparse}


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def without(subject: Slice, *metrics: str) -> Slice:
    """The portfolio without the readings of these metrics."""
    return replace(subject, readings=tuple(each for each in subject.readings if each.metric not in metrics))


def with_(subject: Slice, *readings: object) -> Slice:
    """The portfolio with these readings in the place of those of the same metric, breakdown and window."""
    keys = {(each.metric, each.breakdown, each.window) for each in readings}  # type: ignore[attr-defined]
    kept = [each for each in subject.readings if (each.metric, each.breakdown, each.window) not in keys]
    return replace(subject, readings=(*kept, *readings))


def lines(made: Page) -> list[str]:
    return [line.replace("； ", "；").replace("， ", "，") for line in made.text.split("\n")]


# The whole


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("name", sorted(PORTRAITS))
def test_the_words_of_the_report_are_as_a_person_agreed(
    name: str, language: str, ink: Ink, snapshot: SnapshotAssertion
) -> None:
    subject = PORTRAITS[name]()

    assert page(subject, ink, own.present(subject), language).text == snapshot(extension_class=TextGolden)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("name", ["crowd", *PORTRAITS])
def test_nothing_that_a_machine_would_write_is_printed(name: str, language: str, ink: Ink) -> None:
    subject = getattr(own, name)()
    said = page(subject, ink, own.present(subject), language).text

    for raw in ("nan", "None", "NaT", "inf", "<NA>", "{", "}", "-0"):
        assert raw not in said, raw
    assert not re.search(r"\d\.\d{4,}", said)


@pytest.mark.parametrize("name", ["rich", "sparse", "crowd"])
def test_every_figure_is_anchored_once(name: str, ink: Ink) -> None:
    subject = getattr(own, name)()
    made = page(subject, ink, own.present(subject))

    for anchor in {figure.anchor for figure in made.figures}:
        assert made.html.count(f'id="{anchor}"') == 1, anchor


def test_a_section_without_data_is_left_out() -> None:
    assert own.present(own.rich()) == own.SECTIONS
    assert own.present(own.sparse()) == (
        "portfolio_headline", "decisions", "concentration", "value_matrix", "managers", "run_ledger",
    )  # fmt: skip
    assert "portfolio_receivables" not in own.present(without(own.rich(), "receivables"))


def test_a_report_about_sales_alone_is_made(ink: Ink) -> None:
    made = page(portfolio(own.sales([100_000.0] * 12)), ink)

    assert "本年销售额90.0万元" in made.text
    assert "客户组合报告集中度" not in made.text


# The first page


def headline(ink: Ink, subject: Slice, section: str = "portfolio_headline", at: int = 2) -> str:
    return lines(page(subject, ink, (section,)))[at]


@pytest.mark.parametrize(
    ("growth", "reached", "margin", "expected"),
    [
        (0.131, 0.935, 0.35, "本年销售额同比增长13.1%，达成目标的93.5%"),
        (-0.042, 1.012, 0.35, "本年销售额同比下降4.2%，达成目标的101.2%"),
        (0.0001, None, 0.35, "本年销售额与上年同期持平"),
        (None, None, 0.35, "本年销售额1,730万元"),
        (0.131, 0.935, 0.25, "本年销售额同比增长13.1%，达成目标的93.5%；毛利率未达标"),
    ],
)
def test_the_headline_follows_rules(
    growth: float | None, reached: float | None, margin: float, expected: str, ink: Ink
) -> None:
    subject = with_(
        without(own.rich(), "net_revenue_retention", "turnover_days", "otif_orders", "csat"),
        told("sales_growth", growth, YEAR),
        told("sales_attainment", reached, YEAR),
        told("gross_margin", margin, YEAR, target=0.32),
    )

    assert headline(ink, subject) == expected


def test_the_strip_holds_five_figures_and_the_next_ones_where_some_are_not_known(ink: Ink) -> None:
    full = page(own.rich(), ink, ("portfolio_headline",))
    short = page(without(own.rich(), "gross_margin", "turnover_days"), ink, ("portfolio_headline",))

    assert full.html.count('class="kpi') == 5
    assert short.html.count('class="kpi') == 5
    assert "应收周转天数" not in short.text
    assert "准时足量率" in short.text


def test_deals_won_that_are_the_sales_are_not_told_twice(ink: Ink) -> None:
    won = told("won_value", 17_300_000.0, YEAR)
    other = told("won_value", 9_000_000.0, YEAR)
    subject = without(own.rich(), "gross_margin", "turnover_days", "net_revenue_retention")

    assert "赢单金额" not in page(with_(subject, won), ink, ("portfolio_headline",)).text
    assert "赢单金额" in page(with_(subject, other), ink, ("portfolio_headline",)).text


def test_net_sales_stand_against_their_target(ink: Ink) -> None:
    missed = page(own.rich(), ink, ("portfolio_headline",)).text
    met = page(with_(own.rich(), told("sales_target", 17_000_000.0, YEAR)), ink, ("portfolio_headline",)).text

    assert "目标1,850万元\n未达标" in missed
    assert "目标1,700万元\n达标" in met


# The bridge


def bridged(ink: Ink, change: float | None = None, **parts: float) -> Page:
    whole = sum(parts.values())
    year = 17_300_000.0
    subject = without(own.rich(), "sales_bridge", "sales_growth")
    readings = [
        *own.bridge(**parts),
        told("sales_growth", 0.1, YEAR, numerator=whole if change is None else change, denominator=year),
    ]
    return page(replace(subject, readings=(*subject.readings, *readings)), ink, ("portfolio_headline",))


def test_the_parts_of_the_bridge_add_up_to_the_change_exactly(ink: Ink) -> None:
    made = bridged(ink, volume=900_000.4, price=250_000.3, mix=-90_000.2, new=1_700_000.1, lost=-760_000.6)
    values = [each.value or 0.0 for each in made.figures if each.label == "销售额变动拆解（量价结构）"]

    *steps, total = values
    assert sum(steps) == pytest.approx(total, abs=1e-6)
    assert total == pytest.approx(2_000_000.0)


def test_what_no_account_brought_closes_the_bridge(ink: Ink) -> None:
    made = bridged(ink, volume=900_000.0, price=100_000.0, change=1_050_000.0)
    figures = {
        each.part: each.printed.text for each in made.figures if each.label == "销售额变动拆解（量价结构）"
    }

    assert figures["rest"] == "+5.0万元"
    assert figures["numerator"] == "+105.0万元"
    assert "未归属客户 +5.0" in made.text


def test_a_rest_too_small_to_draw_is_told_in_words(ink: Ink) -> None:
    made = bridged(ink, volume=900_000.0, price=100_000.0, change=1_000_120.0)

    assert "未归属客户" not in made.text
    assert "另有120元没有对应客户，图中未画。" in made.text


@pytest.mark.parametrize(
    ("parts", "title"),
    [
        ({"volume": 900.0, "price": 100.0}, "增量大部分来自销售量"),
        ({"volume": 500.0, "price": 490.0, "new": 300.0}, "增量大部分来自销售量和价格"),
        ({"new": 1000.0, "volume": 100.0, "lost": -400.0}, "增量大部分来自新增购买，部分被停止购买抵消"),
        ({"new": 1000.0, "volume": 100.0, "lost": -100.0}, "增量大部分来自新增购买"),
        ({"lost": -900.0, "volume": -300.0, "new": 500.0}, "减量大部分来自停止购买，部分被新增购买抵消"),
        (
            {"volume": 100.0, "price": 100.0, "mix": 100.0, "new": 100.0, "currency": 100.0},
            "销售额变动的构成",
        ),
    ],
)
def test_the_title_of_the_bridge_names_what_made_most_of_it(
    parts: dict[str, float], title: str, ink: Ink
) -> None:
    assert title.replace("销售量", "数量") in bridged(ink, **parts).text.replace("销售量", "数量").split("\n")


def test_sales_that_cannot_be_taken_apart_have_no_bridge(ink: Ink) -> None:
    assert "销售额变动" not in bridged(ink, other=1_000_000.0).text
    assert "销售额变动" not in page(without(own.rich(), "sales_bridge"), ink, ("portfolio_headline",)).text


@pytest.mark.parametrize(
    ("amounts", "title"),
    [
        ([10.0, 12, 10, 12, 10, 12, 10, 12, 10, 9, 10, 11], "净销售额，按月"),
        ([10.0, 12, 10, 12, 10, 12, 10, 12, 7, 8, 9, 10], "销售额连升三个月"),
        ([10.0, 12, 10, 12, 10, 12, 10, 12, 12, 11, 10, 9], "销售额连降三个月"),
        ([10.0, 12, 10, 12, 10, 12, 10, 12, 10, 9, 8.5, 20], "2026年9月为十二个月中最高"),
        ([10.0, 12, 10, 12, 11, 12, 13], "净销售额，按月"),
    ],
)
def test_months_say_something_only_where_there_are_eight_of_them(
    amounts: list[float], title: str, ink: Ink
) -> None:
    months = own.sales([each * 10_000 for each in amounts])
    if len(amounts) < 8:
        earlier = {each.period for each in months if each.window == "month"}
        months = [each for each in months if each.window != "month" or each.period in earlier]

    assert title in page(portfolio(months), ink, ("portfolio_headline",)).text.split("\n")


def test_a_month_that_is_not_known_is_a_dash_and_never_nothing(ink: Ink) -> None:
    said = page(portfolio(own.sales([150_000.0, 200_000.0, 250_000.0])), ink, ("portfolio_headline",)).text

    assert "5月 –, 6月 –, 7月 15.0, 8月 20.0, 9月 25.0" in said


# Concentration


def test_the_pair_is_this_portfolios_own_and_the_largest_is_named(ink: Ink) -> None:
    made = page(own.rich(), ink, ("concentration",))

    assert "30.0%的客户带来73.5%的销售额，岚渡供应链集团一家占52.9%" in lines(made)
    assert made.printed("集中度曲线") == ["30.0%", "73.5%", "0.580"]
    assert "基尼系数 0.580 0.600" in made.text
    gini = [each for each in made.figures if each.reading and each.reading.metric == "customer_gini"]
    assert [each.part for each in gini] == ["value", "year_ago"]  # told twice, one figure


def test_shares_of_the_largest_are_their_sales_over_those_of_all_above_zero(ink: Ink) -> None:
    made = page(own.rich(), ink, ("concentration",))
    figures = [each for each in made.figures if each.part == "share"]
    total = sum(each.sales for each in FIRMS if each.sales > 0)

    assert [each.value for each in figures] == pytest.approx(
        [each.sales / total for each in FIRMS if each.sales > 0]
    )
    assert figures[0].printed.text == "52.9%"


def test_the_others_and_the_total_close_the_table(ink: Ink) -> None:
    firms = [Firm(f"第{place}", 1_000_000.0 - place * 10_000) for place in range(14)]
    subject = portfolio([*own.sales([1e6] * 12), *own.concentrated(firms)], firms)
    made = page(subject, ink, ("concentration",))

    assert "其余4家客户" in made.text
    listed = [each.value or 0.0 for each in made.figures if each.label == "最大客户的销售额"]
    rest = next(each.value or 0.0 for each in made.figures if each.part == "rest")
    total = next(each.value or 0.0 for each in made.figures if each.part == "total")
    assert sum(listed) + rest == pytest.approx(total) == sum(each.sales for each in firms)


def test_of_few_customers_the_table_alone_is_told(ink: Ink) -> None:
    four = [Firm(f"第{place}", 100_000.0 * place) for place in range(1, 5)]
    subject = portfolio(own.concentrated(four), four)

    assert "直线为人人相等" not in page(subject, ink, ("concentration",)).text
    two = portfolio(own.concentrated(four[:2]), four[:2])
    assert "集中度" not in page(two, ink, ("concentration",)).text


def test_a_share_of_five_or_ten_is_told_only_where_there_are_more(ink: Ink) -> None:
    said = page(own.rich(), ink, ("concentration",)).text

    assert "前五大客户 " in said
    assert "前十大客户 " not in said


@pytest.mark.parametrize(
    ("now", "before", "title"),
    [
        (0.50, 0.53, "前五大客户占比低于上年"),
        (0.53, 0.50, "前五大客户占比高于上年"),
        (0.505, 0.50, "前五大客户占比与上年持平"),
        (0.50, None, "最大客户的占比"),
    ],
)
def test_whether_the_few_weigh_more_is_told_by_a_point_at_least(
    now: float, before: float | None, title: str, ink: Ink
) -> None:
    subject = with_(own.rich(), told("top_5_share", now, TWELVE, year_ago=before))

    assert title in page(subject, ink, ("concentration",)).text.split("\n")


@pytest.mark.parametrize(
    ("crowd", "money", "title"),
    [(0.18, 0.84, "比“二八”更集中"), (0.3, 0.71, "没有“二八”那么集中"), (0.667, 0.83, "没有“二八”那么集中")],
)
def test_the_pair_is_held_against_80_to_20_by_its_customers(
    crowd: float, money: float, title: str, ink: Ink
) -> None:
    subject = with_(own.rich(), told("pareto_customers", crowd, TWELVE), told("pareto_sales", money, TWELVE))

    assert title in page(subject, ink, ("concentration",)).text.split("\n")


# Value and potential


def test_classes_stand_around_the_field_with_their_count_and_share(ink: Ink) -> None:
    made = page(own.rich(), ink, ("value_matrix",))
    total = sum(each.sales for each in FIRMS)
    own_share = sum(each.sales for each in FIRMS if each.kind == "maintain") / total

    assert f"维持型 4家，占销售额{own_share * 100:.1f}%" in made.text
    assert "核心价值 1家，占销售额52.9%" in made.text


def test_who_moved_is_told_with_the_border_and_the_distance_from_it(ink: Ink) -> None:
    said = page(own.rich(), ink, ("value_matrix",)).text

    assert "本月两家客户升类，一家降类；" in said.replace("； ", "；")
    assert "朔辰电子科技 维持型 高潜力 150.0 62.5 +12.5点 潜力达到标准" in said
    assert "朗墨商业 未分类 维持型 100.0 20.0 +11.1% 销售额升过界线" in said  # the median is 90
    assert "栖盛商贸 高潜力 未分类 60.0 75.0 −33.3% 销售额跌破界线" in said


def test_a_mover_whose_industry_grows_has_no_distance_in_potential(ink: Ink) -> None:
    growing = replace(
        own.rich(), tables={**own.rich().tables, "account_levels": own.levels((3, 0.12, "2026-01-01", None))}
    )
    shrinking = own.levels((3, 0.05, "2026-01-01", None))

    assert (
        "朔辰电子科技 维持型 高潜力 150.0 62.5 – 潜力达到标准" in page(growing, ink, ("value_matrix",)).text
    )
    slower = replace(growing, tables={**growing.tables, "account_levels": shrinking})
    assert "+12.5点" in page(slower, ink, ("value_matrix",)).text


def test_the_borders_are_those_of_the_policy(ink: Ink) -> None:
    wide = TierRule(
        valid_from=date(2000, 1, 1), value_high_share=0.3, headroom_share=0.6, growing_industry_pct=0.2
    )
    said = page(own.rich(), ink, ("value_matrix",), tier=wide).text

    assert "高价值为销售额前30%" in said
    assert "未开发空间达60%，或行业年增长达20%" in said
    assert page(own.rich(), ink, ("value_matrix",), tier=wide).printed("价值界线") == [
        "90.0万元",
        "150.0万元",
    ]
    assert page(own.rich(), ink, ("value_matrix",)).printed("价值界线") == ["90.0万元", "900.0万元"]


@pytest.mark.parametrize(
    ("firms", "expected"),
    [
        ([Firm(f"第{at}", 1e5 * at, 1e6) for at in range(1, 7)], "本月没有客户变动分类"),
        (
            [Firm("甲", 9e5, 2e6, "maintain", "not_classed", "value"), *FIRMS[5:]],
            "本月一家客户升类，一家降类",
        ),
        ([Firm("甲", 9e5, 2e6, "not_classed", "maintain", "value"), *FIRMS[7:]], "本月一家客户降类"),
    ],
)
def test_the_headline_of_the_matrix_counts_who_rose_and_fell(
    firms: list[Firm], expected: str, ink: Ink
) -> None:
    said = headline(ink, portfolio(own.classed(firms), firms), "value_matrix")

    assert said.partition("；")[0] == expected


def test_who_came_or_left_has_not_moved(ink: Ink) -> None:
    firms = [Firm(f"第{at}", 1e5 * at, 1e6) for at in range(1, 7)]
    subject = portfolio(own.classed(firms), firms)
    came = replace(
        subject,
        members=tuple(
            replace(
                each,
                readings=tuple(
                    replace(row, text="new") if row.metric == "class_move" else row for row in each.readings
                ),
            )
            for each in subject.members
        ),
    )

    assert "没有客户变动分类" in page(came, ink, ("value_matrix",)).text


def test_without_potentials_the_classes_are_a_table(ink: Ink) -> None:
    firms = [replace(each, potential=None) for each in FIRMS]
    said = page(portfolio(own.classed(firms), firms), ink, ("value_matrix",)).text

    assert "填报潜力的客户太少，未画矩阵" in said
    assert "未开发空间" not in said.partition("各类客户")[2].partition("变动分类")[0]
    assert "维持型 4 500.0 29.4" in said


def test_five_known_potentials_are_enough_for_a_field(ink: Ink) -> None:
    four = [Firm(f"第{at}", 1e5 * at, 1e6 if at < 5 else None) for at in range(1, 8)]
    five = [Firm(f"第{at}", 1e5 * at, 1e6 if at < 6 else None) for at in range(1, 8)]

    assert "未画矩阵" in page(portfolio(own.classed(four), four), ink, ("value_matrix",)).text
    assert "未画矩阵" not in page(portfolio(own.classed(five), five), ink, ("value_matrix",)).text


def test_who_buys_and_is_in_no_class_is_listed_the_largest_first(ink: Ink) -> None:
    said = page(own.rich(), ink, ("value_matrix",)).text

    assert "3家客户未分类" in said
    assert "栖盛商贸、鲸屿商务、织川服饰\n" in said
    assert "沉睡" not in said


# Relationships


def test_stages_are_told_by_size_and_share_of_sales(ink: Ink) -> None:
    said = page(own.rich(), ink, ("relationships",)).text
    total = sum(each.sales for each in FIRMS)
    deep = sum(each.sales for each in FIRMS if each.stage == "deep") / total

    assert f"深化期 2 [2]\n{deep * 100:.1f} – 1 1 –" in said
    assert "共生期 4 [4]\n79.4 1 3 – –" in said


def test_customers_all_in_one_stage_make_no_table(ink: Ink) -> None:
    firms = [Firm(f"第{at}", 1e5) for at in range(4)]

    assert (
        "阶段"
        not in page(portfolio([told("customers_by_stage", 4.0, MONTH)], firms), ink, ("relationships",)).text
    )


def test_lines_of_the_plan_are_told_the_poorest_first_with_late_and_missed(ink: Ink) -> None:
    made = page(own.rich(), ink, ("relationships",))

    assert "服务计划两个条目中一个达成不到一半" in made.text
    assert "高潜力客户每季度需求评审 10 10.0 [10.0%]\n1 8 10月15日" in made.text
    assert "维持型客户每半年拜访 10 90.0 [90.0%]\n0 1 12月31日" in made.text
    assert made.text.index("需求评审 10 10.0") < made.text.index("半年拜访 10 90.0")


def test_missed_and_late_ones_of_the_window_are_named_and_what_comes_next(ink: Ink) -> None:
    said = page(own.rich(), ink, ("relationships",)).text

    assert "本月2次触达未完成或延迟" in said  # the visit missed in June is not of this month
    assert "高潜力客户每季度需求评审 2 9月30日 汐川零售连锁、朔辰电子科技" in said
    assert said.index("高潜力客户每季度需求评审 1 10月15日 稔丰食品") < said.index(
        "维持型客户每半年拜访 1 12月31日 朗墨商业"
    )


@pytest.mark.parametrize(
    ("lines_", "expected"),
    [
        (
            {"visit": (9, 1, 10), "needs_review": (1, 9, 10)},
            "本年承诺的触达完成50.0%；未完成的多为：高潜力客户每季度需求评审",
        ),
        ({"visit": (10, 0, 10), "needs_review": (10, 0, 10)}, "本年承诺的触达完成100.0%"),
        ({"visit": (5, 5, 10), "needs_review": (5, 5, 10)}, "本年承诺的触达完成50.0%"),
    ],
)
def test_the_headline_names_the_lines_where_most_was_missed(
    lines_: dict[str, tuple[int, int, int]], expected: str, ink: Ink
) -> None:
    subject = replace(without(own.rich(), "cadence_compliance", "touchpoints_missed"))
    subject = replace(subject, readings=(*subject.readings, *own.cadence(**lines_)))

    assert headline(ink, subject, "relationships") == expected


# Receivables


@pytest.mark.parametrize(
    ("share", "before", "expected"),
    [
        (0.15, 0.10, "逾期15.0万元，占应收账款15.0%，比上月高5.0个点"),
        (0.15, 0.20, "逾期15.0万元，占应收账款15.0%，比上月低5.0个点"),
        (0.15, 0.151, "逾期15.0万元，占应收账款15.0%，与上月持平"),
        (0.15, None, "逾期15.0万元，占应收账款15.0%"),
    ],
)
def test_overdue_is_told_beside_the_month_before(
    share: float, before: float | None, expected: str, ink: Ink
) -> None:
    subject = with_(own.rich(), told("overdue_share", share, MONTH, before=before))

    assert headline(ink, subject, "portfolio_receivables") == expected


def test_the_ages_add_up_to_the_receivables(ink: Ink) -> None:
    made = page(own.rich(), ink, ("portfolio_receivables",))
    ages = [each.value or 0.0 for each in made.figures if each.label == "应收账款账龄"]
    whole = next(each.value for each in made.figures if each.label == "应收账款")

    assert sum(ages) == whole == 1_050_000


@pytest.mark.parametrize(
    ("buckets", "title"),
    [
        ({"not_due": 900.0, "d1_30": 100.0, "d31_60": 40.0}, "逾期款大部分在30天以内"),
        ({"not_due": 900.0, "d1_30": 60.0, "d31_60": 20.0, "d61_90": 40.0}, "逾期款中三分之一以上超过60天"),
        ({"not_due": 900.0, "d1_30": 30.0, "d31_60": 40.0}, "应收账款账龄"),
        ({"not_due": 900.0, "d1_30": 0.0}, "没有逾期款项，均未到期"),
    ],
)
def test_whether_what_is_overdue_is_old_is_told(buckets: dict[str, float], title: str, ink: Ink) -> None:
    subject = portfolio([each for each in own.ageing(**buckets) if each.metric != "overdue_share"])

    assert title in page(subject, ink, ("portfolio_receivables",)).text.split("\n")


def test_small_ages_are_not_printed_as_nothing(ink: Ink) -> None:
    said = page(
        portfolio(own.ageing(not_due=12_000_000.0, d1_30=300.0)), ink, ("portfolio_receivables",)
    ).text

    assert "未到期 1,200万元, 1–30天 300元" in said


def test_debtors_are_told_with_invoices_and_days_of_the_last_day(ink: Ink) -> None:
    said = page(own.rich(), ink, ("portfolio_receivables",)).text

    assert "2家欠款客户中一家占逾期款的一半" in said
    assert "岚渡供应链集团有限公司 80.0 9.0 11.3 2 40 12.5" in said  # the third invoice was paid since August
    assert "汐川零售连锁股份有限公司 40.0 6.0 15.0 1 7 12.5" in said


def test_nothing_open_is_no_section() -> None:
    assert "portfolio_receivables" in own.present(own.rich())
    assert "portfolio_receivables" not in own.present(with_(own.rich(), told("receivables", 0.0, MONTH)))


# Managers


def test_managers_stand_by_team_and_never_by_result(ink: Ink) -> None:
    people = [
        replace(PEOPLE[0], team="乙队"),
        replace(PEOPLE[1], team="甲队"),
        replace(PEOPLE[2], team="乙队"),
    ]
    table = page(portfolio(own.rich().readings, (), people), ink, ("managers",)).text.partition("同比 %")[2]
    names = [each.name for each in people]

    assert sorted(names, key=table.index) == [names[0], names[2], names[1]]


def test_attainment_is_sales_over_target(ink: Ink) -> None:
    made = page(own.rich(), ink, ("managers",))

    assert made.printed("各经理达成率") == ["83.3%", "107.7%", "100.0%", "93.5%"]
    assert "三位客户经理中两位达成销售目标；陆知行的准时足量率明显低于整体" in lines(made)


def test_intervals_are_told_against_the_target(ink: Ink) -> None:
    said = page(own.rich(), ink, ("managers",)).text

    assert "准时足量率：区间均低于目标" in said
    assert "满意度：没有区间整体低于目标" in said
    assert "韩若溪 100.0 3 " in said


@pytest.mark.parametrize(
    ("kept", "title"),
    [
        ([(60, 100), (99, 100)], "准时足量率：两位中一位的区间低于目标"),
        ([(94, 100), (96, 100)], "准时足量率：没有区间整体低于目标"),
    ],
)
def test_the_title_counts_the_intervals_below_the_target(
    kept: list[tuple[int, int]], title: str, ink: Ink
) -> None:
    people = [Person(f"经理{at}", 1e6, kept=each) for at, each in enumerate(kept)]
    subject = portfolio([*own.rich().readings], (), people)

    assert title in page(subject, ink, ("managers",)).text.split("\n")


@pytest.mark.parametrize(
    ("kept", "title"),
    [
        ([(60, 100), (90, 100)], "准时足量率：差异超出偶然"),
        ([(79, 100), (82, 100)], "准时足量率：差异可能出于偶然"),
    ],
)
def test_without_a_target_it_is_told_whether_anybody_differs(
    kept: list[tuple[int, int]], title: str, ink: Ink
) -> None:
    people = [Person(f"经理{at}", 1e6, kept=each, otif_target=None) for at, each in enumerate(kept)]
    whole = replace(
        portraits.rate("otif_orders", (800, 1000), YEAR, "basis=first_promised"),
        subject_kind="portfolio",
        subject_id="all",
    )
    subject = portfolio([*own.sales([1e6] * 12), whole], (), people)

    assert title in page(subject, ink, ("managers",)).text.split("\n")


def test_columns_that_nobody_fills_are_left_out(ink: Ink) -> None:
    people = [Person(f"经理{at}", 1e6 * (at + 1), growth=None, team="") for at in range(3)]
    said = page(portfolio(own.sales([1e6] * 12), (), people), ink, ("managers",)).text

    assert "没有销售目标" in said
    for head in ("目标 万元", "达成率", "同比 %", "客户经理 团队"):
        assert head not in said
    assert "客户经理并列对照" in said


def test_one_manager_alone_is_not_compared(ink: Ink) -> None:
    assert "客户经理" not in page(portfolio(own.rich().readings, (), PEOPLE[:1]), ink, ("managers",)).text


# The frame


def test_every_section_of_the_report_is_internal() -> None:
    assert set(own.SECTIONS) <= set(own.PORTFOLIO.sections)
    assert {SECTIONS.get(name).audience for name in own.SECTIONS} == {"internal"}


def test_figures_say_of_whom_they_are(ink: Ink) -> None:
    made = page(own.rich(), ink)

    assert {each.reading.subject_kind for each in made.figures if each.reading} == {
        "portfolio", "customer", "manager",
    }  # fmt: skip


def test_columns_beside_another_chart_have_fewer_decimals_where_they_would_touch(ink: Ink) -> None:
    months = portraits.months()
    wide = [told("overdue_amount", 1_076_000.0 + at * 10_000, each) for at, each in enumerate(months)]
    small = [told("overdue_amount", 10_760.0 + at * 100, each) for at, each in enumerate(months)]
    plain = without(own.rich(), "overdue_amount")

    for readings, last in ((wide, "9 119]"), (small, "9 1.19]")):
        subject = replace(plain, readings=(*plain.readings, *readings))
        assert last in page(subject, ink, ("portfolio_receivables",)).text
