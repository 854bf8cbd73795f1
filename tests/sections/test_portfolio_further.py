"""The further sections of the portfolio and team reports: risk, profitability, whitespace, pipeline, decisions, ledger, pay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from pipeline.press.reports import REPORTS
from pipeline.press.run_ledger import Ledger, lines_of
from pipeline.press.slices import Slice, Subject
from pipeline.press.svg import Ink
from pipeline.rules.decisions import DecisionRule
from pipeline.sections.pay_accrual import FEWEST, told_apart
from tests import portfolio_troubles as own
from tests import portfolios
from tests.goldens import TextGolden
from tests.portfolios import MONTH, PEOPLE, TWELVE, YEAR, page, portfolio, sales, told
from tests.section_pages import Page, inks

SECTIONS = ("value_at_risk", "profitability", "whitespace_map", "open_business")


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


def lines(made: Page) -> list[str]:
    return [line.replace("； ", "；").replace("， ", "，") for line in made.text.split("\n")]


def starting(made: Page, name: str) -> str:
    """The line that begins with a name."""
    return next(line for line in lines(made) if line.startswith(name))


def with_tables(subject: Slice, **tables: Any) -> Slice:
    """The portfolio with these tables in the place of its own, for its customers too."""
    members = tuple(
        replace(
            each,
            tables={
                **each.tables,
                **{
                    name: rows[rows["customer_id"] == each.subject.subject_id]
                    for name, rows in tables.items()
                },
            },
        )
        if each.subject.kind == "customer"
        else each
        for each in subject.members
    )
    return replace(subject, tables={**subject.tables, **tables}, members=members)


def without(subject: Slice, metric: str) -> Slice:
    return replace(subject, readings=tuple(each for each in subject.readings if each.metric != metric))


# The whole


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_words_of_the_further_sections_are_as_a_person_agreed(
    language: str, ink: Ink, snapshot: SnapshotAssertion
) -> None:
    made = page(own.troubled(), ink, (*SECTIONS, "decisions"), language, decisions=own.RULES)

    assert made.text == snapshot(extension_class=TextGolden)


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_figures_are_anchored_once_and_nothing_raw_is_printed(language: str, ink: Ink) -> None:
    made = page(own.troubled(), ink, (*SECTIONS, "decisions"), language, decisions=own.RULES)

    for anchor in {figure.anchor for figure in made.figures}:
        assert made.html.count(f'id="{anchor}"') == 1, anchor
    for raw in ("nan", "None", "NaT", "<NA>", "{", "}"):
        assert raw not in made.text, raw
    assert not re.search(r"\d\.\d{4,}", made.text)


@pytest.mark.parametrize("section", [*SECTIONS, "decisions", "run_ledger"])
def test_a_portfolio_of_sales_alone_has_none_of_them(section: str, ink: Ink) -> None:
    made = page(portfolios.sparse(), ink, ("portfolio_headline", section))

    assert "客户组合报告" in made.text
    assert section not in made.html.replace("-", "_")


# Value at risk


def test_the_headline_sets_what_is_at_risk_beside_a_years_sales(ink: Ink) -> None:
    assert "三家客户共800.0万元业务有风险，相当于近12个月销售额的90.9%" in lines(
        page(own.troubled(), ink, ("value_at_risk",))
    )


def test_a_customer_is_told_with_the_first_day_and_the_warnings_that_put_business_at_risk(ink: Ink) -> None:
    made = page(own.troubled(), ink, ("value_at_risk",))

    assert starting(made, "汐川零售连锁股份有限公司 200").endswith("5月20日 销售下滑、订单中断 顾明澈")
    assert starting(made, "朔辰电子科技有限公司 100").endswith("6月30日 用量下滑 –")


def test_what_is_over_or_no_risk_is_not_told(ink: Ink) -> None:
    made = page(own.troubled(), ink, ("value_at_risk",))

    assert not any(line.startswith("霁蓝家居有限公司 50") for line in lines(made))
    assert "缺备份经理" not in starting(made, "汐川零售连锁股份有限公司 200")


def test_rescues_are_told_the_open_ones_first_with_how_the_others_ended(ink: Ink) -> None:
    said = lines(page(own.troubled(), ink, ("value_at_risk",)))

    assert "已结束的一次挽留保住一家客户、150.0万元业务" in said
    first = next(at for at, line in enumerate(said) if line.startswith("岚渡供应链集团有限公司 延保两年"))
    second = next(at for at, line in enumerate(said) if line.startswith("霁蓝家居有限公司 延保两年"))
    assert first < second
    assert said[first].endswith("进行中")
    assert said[second].endswith("已保住，5月24日")


def test_without_warnings_and_rescues_there_is_no_section(ink: Ink) -> None:
    subject = without(own.troubled(), "open_warnings")
    subject = with_tables(subject, interventions=own.interventions())

    assert "风险业务与挽留" not in page(subject, ink, ("portfolio_headline", "value_at_risk")).text


# Profitability


def test_who_costs_more_than_it_brings_is_counted_and_comes_first(ink: Ink) -> None:
    made = page(own.troubled(), ink, ("profitability",))
    said = lines(made)

    assert "一家客户入不敷出" in said
    table = said[said.index("一家客户入不敷出") :]
    names = [line.split(" ")[0] for line in table if "有限公司" in line]
    assert names[0] == "稔丰食品有限公司"
    assert starting(made, "稔丰食品有限公司").endswith("−60.0")


def test_the_group_that_costs_most_above_what_it_brings_is_the_title(ink: Ink) -> None:
    said = lines(page(own.troubled(), ink, ("profitability",)))

    assert "核心价值占服务成本的50.0%，只占贡献的30.0%" in said


def test_groups_that_cost_what_they_bring_are_not_spoken_of(ink: Ink) -> None:
    subject = without(own.troubled(), "cost_above_contribution")
    even = [
        told("cost_above_contribution", 0.04, TWELVE, "class=core_value", numerator=0.34, denominator=0.3),
        told("cost_above_contribution", -0.04, TWELVE, "class=maintain", numerator=0.3, denominator=0.34),
    ]

    said = lines(page(replace(subject, readings=(*subject.readings, *even)), ink, ("profitability",)))

    assert "投入与价值" in said


def test_without_a_cost_to_serve_there_is_no_section(ink: Ink) -> None:
    made = page(without(own.troubled(), "cost_to_serve"), ink, ("portfolio_headline", "profitability"))

    assert "盈利能力" not in made.text


# Whitespace


def test_the_map_prints_each_gap_and_the_total_of_each_customer(ink: Ink) -> None:
    made = page(own.troubled(), ink, ("whitespace_map",))

    fields = sorted(made.printed("按客户与产品的空白"))
    assert fields == sorted(["130.00万元", "5.00万元", "40.00万元", "9.00万元", "3.00万元"])
    assert len(made.printed("按客户的产品空白")) == 3


def test_products_are_told_by_whitespace_with_names_and_penetration(ink: Ink) -> None:
    made = page(own.troubled(), ink, ("whitespace_map",))

    assert starting(made, "P11").split() == ["P11", "摆轮分拣单元", "70.0", "170.0", "1"]
    assert [line[:3] for line in lines(made) if re.match(r"P\d\d ", line)] == ["P11", "P31", "P21"]


def test_one_suggestion_a_customer_is_told_with_its_evidence(ink: Ink) -> None:
    made = page(own.troubled(), ink, ("whitespace_map",))

    assert "两家客户的下一个推介产品" in "\n".join(lines(made)).replace("2家", "两家")
    assert starting(made, "岚渡供应链集团有限公司").split()[1:] == [
        "摆轮分拣单元",
        "伺服驱动电机",
        "5家中4家",
    ]


# Pipeline


def test_deals_past_their_day_are_told_before_those_to_come_and_later_ones_not_at_all(ink: Ink) -> None:
    made = page(own.troubled(), ink, ("open_business",))
    said = lines(made)

    assert "三个商机在途，共160.0万元；一个已过预计成交日" in said
    assert "一个商机已过预计成交日，30天内还有一个" in said
    table = said[said.index("一个商机已过预计成交日，30天内还有一个") :]
    assert [line.split(" ")[0] for line in table if "有限公司" in line] == [
        "岚渡供应链集团有限公司", "汐川零售连锁股份有限公司",
    ]  # fmt: skip


def test_the_stage_with_half_of_the_value_is_named(ink: Ink) -> None:
    assert "一半以上处于同一阶段：方案报价" in lines(page(own.troubled(), ink, ("open_business",)))


# Decisions


def decided(ink: Ink, subject: Slice, *rules: str, **terms: Any) -> list[str]:
    """The rows of the table by these rules alone."""
    chosen = [
        DecisionRule.model_validate({**rule.model_dump(), **terms})
        for rule in own.RULES
        if rule.rule in rules
    ]
    said = lines(page(subject, ink, ("portfolio_headline", "decisions"), decisions=tuple(chosen)))
    return [line for line in said if "10月14日" in line]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("warning_unowned", "确定预警的责任人 朔辰电子科技 100.0万元业务有风险，自6月30日起 沈予安"),
        ("overdue_long", "商定付款计划，或暂停赊销 朔辰电子科技 6月7日到期 沈予安"),
        ("plan_missing", "补齐应有的客户计划 汐川零售连锁 没有有效的客户计划 顾明澈"),
        ("change_unconfirmed", "取得双方确认，否则停止变更 朔辰电子科技 自7月15日起 沈予安"),
        ("role_missing", "指定技术支持 汐川零售连锁 自2024年10月1日起 顾明澈"),
        ("promise_overdue", "兑现逾期承诺，或约定新日期 岚渡供应链集团 9月15日到期 沈予安"),
        ("deal_overdue", "结单，或更新预计成交日 岚渡供应链集团 9月18日到期 沈予安"),
    ],
)
def test_each_rule_puts_its_cases_forward_with_owner_and_day(rule: str, expected: str, ink: Ink) -> None:
    assert decided(ink, own.troubled(), rule) == [f"{expected} 10月14日"]


def test_business_at_risk_without_a_rescue_asks_for_one(ink: Ink) -> None:
    rows = decided(ink, own.troubled(), "risk_without_rescue")

    assert [row.split(" ")[1] for row in rows] == ["汐川零售连锁", "朔辰电子科技"]


def test_a_case_that_has_not_lasted_long_enough_is_not_put_forward(ink: Ink) -> None:
    assert len(decided(ink, own.troubled(), "warning_unowned", after_days=92)) == 1
    assert decided(ink, own.troubled(), "warning_unowned", after_days=93) == []


def test_a_rule_that_is_not_used_asks_for_nothing(ink: Ink) -> None:
    assert decided(ink, own.troubled(), "deal_overdue", is_used=False) == []


def test_a_customer_that_moved_and_has_no_plan_is_told_by_the_rule_for_movers(ink: Ink) -> None:
    subject = own.troubled()
    members = tuple(
        replace(each, readings=tuple(
            replace(one, text="up") if one.metric == "class_move" else one for one in each.readings
        ))
        if each.subject.subject_id == "A-002"
        else each
        for each in subject.members
    )  # fmt: skip
    moved = replace(subject, members=members)

    assert decided(ink, moved, "plan_missing") == []
    assert decided(ink, moved, "moved_without_plan") == [
        "按新分类制定客户计划 汐川零售连锁 没有有效的客户计划 顾明澈 10月14日"
    ]


# The ledger


def entry(task: str, section: str | None = None) -> Mapping[str, Any]:
    return {
        "id": task, "subject_kind": "customer", "subject_id": "A-1", "kind": "value_report", "section": section,
        "code": "KB-1310", "reason": "nothing to report",
    }  # fmt: skip


def test_the_ledger_counts_what_is_due_whole_in_part_and_withheld() -> None:
    due = [("value_report", str(at)) for at in range(5)] + [
        ("portfolio_report", "all"),
        ("value_report", "0"),
    ]

    found = lines_of(due, [entry("0"), entry("1", "orders"), entry("1", "service")], tuple(REPORTS))

    assert [(each.kind, each.due, each.whole, each.partial, each.withheld) for each in found] == [
        ("value_report", 5, 3, 1, 1),
        ("portfolio_report", 1, 1, 0, 0),
    ]


def test_the_ledger_says_who_gets_no_document_and_why(ink: Ink) -> None:
    ledger = Ledger(
        lines_of([("value_report", "0")], [entry("0")], tuple(REPORTS)),
        (entry("0"), {**entry("1", "orders"), "code": "KB-1221", "reason": "deliveries.delivered_late"}),
        {("customer", "A-1"): "岚渡供应链集团有限公司"},
        {"deliveries.delivered_late": "交付早于下单。"},
    )

    said = lines(page(own.troubled(), ink, ("portfolio_headline", "run_ledger"), ledger=ledger))

    assert "本期应出1份文件，其中1份扣发" in said
    assert "岚渡供应链集团有限公司 客户价值报告 没有可报告的内容。" in said
    assert "岚渡供应链集团有限公司 客户价值报告：订单与交付 交付早于下单。" in said


# The team


def team() -> Slice:
    """The portfolio in trouble as a team of its own."""
    subject = own.troubled()
    rows = own.frame(
        ("manager_id", "account_id", "customer_id", "share", "from_on", "to_on"),
        [(f"M-{1 + at % 2:02}", f"A-{at:03}", f"A-{at:03}", 10_000, None, None) for at in (1, 2, 3)],
    )
    return replace(
        with_tables(subject, holdings=rows),
        subject=Subject("T1", "华东大客户部", currency="CNY", lead_name="沈予安", kind="team"),
    )


def test_a_teams_customers_stand_by_risk_with_server_health_and_next_step(ink: Ink) -> None:
    made = page(team(), ink, ("portfolio_headline", "team_customers"), kind="team_report")
    names = [line[:4] for line in lines(made) if "维持型" in line]

    assert names == ["岚渡供应", "汐川零售", "朔辰电子"]
    assert "三家客户中三家业务有风险" in lines(made)
    first = starting(made, "岚渡").split(" ")
    assert first[1:7] == ["顾明澈", "维持型", "350.0", "–", "0", "90"]
    assert first[7:9] == ["500.0", "逾期"]
    assert first[9].startswith("9月15日前")


def test_the_pages_of_a_team_carry_its_reports_name(ink: Ink) -> None:
    made = page(team(), ink, ("portfolio_headline", "team_customers"), kind="team_report")

    assert "客户组合报告" not in made.text
    assert "团队报告" in made.text


def test_the_whole_of_a_team_is_called_so(ink: Ink) -> None:
    made = page(team(), ink, ("managers",), kind="team_report")

    assert any(line.startswith("全团队") for line in lines(made))
    assert "全部客户组合" not in made.text


def test_nobody_who_reached_the_target_is_said_in_words(ink: Ink) -> None:
    people = tuple(replace(each, sales=1.0, target=2.0) for each in PEOPLE)
    subject = portfolio([*sales([700_000.0] * 12)], own.FIRMS, people)

    assert "四位有目标的客户经理均未达成销售目标" in page(subject, ink, ("managers",)).text


# Pay


@given(st.dictionaries(st.text(alphabet="abc", max_size=2), st.integers(1, 9), max_size=6))
def test_no_sum_of_few_people_can_be_worked_out(size: dict[str, int]) -> None:
    told_ = told_apart(size)

    rest = sum(size.values()) - sum(size[name] for name in told_)
    assert all(name and size[name] >= FEWEST for name in told_)
    assert not told_ or rest == 0 or rest >= FEWEST


def paid(count: int = 4) -> Slice:
    readings = [
        told("pay_draft", 900_000.0, YEAR),
        told("pay_budget", 1_000_000.0, YEAR),
        told("pay_budget_used", 0.9, YEAR),
        told("base_salary", 600_000.0, YEAR),
        told("bonus", 100_000.0, YEAR),
        told("commission", 220_000.0, YEAR),
        told("commission_clawback", -20_000.0, YEAR),
        told("pay_draft", 100_000.0, MONTH),
    ]
    made = portfolio(readings, (), PEOPLE[:count])
    people = [replace(each, subject=replace(each.subject, team_id="T1")) for each in made.members]
    about = {"subject_kind": "team", "subject_id": "T1"}
    whole = [
        told(metric, value, YEAR, **about)
        for metric, value in (("pay_draft", 9e5), ("pay_budget", 1e6), ("pay_budget_used", 0.9))
    ]
    return replace(
        made,
        members=(
            *people,
            Slice(Subject("T1", "华东大客户部", currency="CNY", kind="team"), tuple(whole), {}),
        ),
    )


def test_pay_is_told_against_its_budget_in_sums(ink: Ink) -> None:
    made = page(paid(), ink, ("pay_accrual",))

    assert "今年累计计提薪酬90.0万元，占预算的90.0%" in lines(made)
    assert "33.3%的薪酬取决于业绩" in lines(made)
    assert starting(made, "华东大客户部").split() == ["华东大客户部", "4", "90.0", "100.0", "90.0"]
    assert not any(each.name in made.text for each in PEOPLE)


def test_the_pay_of_two_people_is_not_told(ink: Ink) -> None:
    made = page(
        replace(paid(2), readings=(*paid(2).readings, *sales([1e5] * 12))), ink, ("portfolio_headline",)
    )

    assert "薪酬" not in made.text


def test_pay_stands_in_the_restricted_edition_alone() -> None:
    report = REPORTS["portfolio_report"]

    assert "pay_accrual" not in report.sections
    assert report.editions["restricted"] == ("pay_accrual",)
    assert report.audience_of("restricted") == "restricted"
