from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pandas as pd
import pytest

from pipeline.gate.findings import Finding, Judgement, Withheld
from pipeline.gate.fixes import Fix
from pipeline.gate.grouping import by_rule, grouped
from pipeline.gate.profiles import Kept
from pipeline.gate.quality_page import page
from pipeline.gate.quality_report import Report
from pipeline.intake.rejects import REJECT_COLUMNS

NO_REJECTS = pd.DataFrame(columns=list(REJECT_COLUMNS))


def finding(subject_id: str | None, line: int, rows: int = 1) -> Finding:
    return Finding(
        table="orders",
        expectation="account_is_known",
        severity="critical",
        scope="row",
        subject_id=subject_id,
        section=None,
        why="客户编号不在客户表中",
        rows=rows,
        examples=[{"source": "o.csv", "line": line}],
    )


def report(*findings: Finding, withheld: tuple[Withheld, ...] = (), stopped: str = "") -> Report:
    return Report(
        judgements=(Judgement("orders", findings, {3: ("x",)}, withheld),),
        findings=findings,
        withheld=withheld,
        rejects=NO_REJECTS,
        rows={"orders": 9},
        company="Ours",
        period="2026-09",
        as_of=date(2026, 9, 30),
        stopped=stopped,
    )


SECTIONS = ["findings", "withheld", "tables"]


class Outline(HTMLParser):
    """Which tags are open and which were seen."""

    VOID = ("meta", "br", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.ids += [str(value) for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "shown",
    [
        report(),
        report(
            finding("A1", 2),
            finding(None, 3),
            withheld=(Withheld("account", "A1", "service", "KB-1221", "x"),),
        ),
    ],
    ids=["clean", "dirty"],
)
def test_the_page_is_well_formed(shown: Report) -> None:
    outline = Outline()
    outline.feed(page(shown))

    assert outline.open == []
    assert [name for name in outline.ids if name in SECTIONS] == SECTIONS
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.seen.count("h1") == 1
    assert outline.seen.count("table") == outline.seen.count("thead")


def test_the_page_says_how_many_rows_were_read_and_kept_out() -> None:
    assert '<td class="count">9</td><td class="count">1</td>' in page(report(finding("A1", 2)))


def test_the_page_says_why_a_run_has_stopped() -> None:
    assert "KB-1214 &lt;orders&gt;" in page(report(stopped="KB-1214 <orders>"))
    assert "停止的原因" not in page(report())


def test_the_page_speaks_the_language_of_the_company() -> None:
    made = page(replace(report(finding("A1", 2)), language="en"))

    assert '<html lang="en">' in made
    assert "1 of 9 rows are kept out of the figures" in made
    assert "Rule broken: account is known" in made
    assert '<span class="why fix" lang="zh-Hans">客户编号不在客户表中</span>' in made


def test_what_to_fix_first_is_told_with_its_money_or_a_dash() -> None:
    fix: Fix = {
        "table": "orders", "expectation": "account_is_known", "severity": "critical", "why": "客户编号不在客户表中",
        "source": "o.csv", "owner_id": "M-1", "owner_name": "沈予安", "rows": 3, "accounts": 1, "amount": 123456.0, "withheld": 2,
    }  # fmt: skip
    other: Fix = {**fix, "owner_name": "", "rows": 1, "amount": 1000.0}
    unknown: Fix = {**fix, "expectation": "order_is_known", "amount": None, "withheld": 0}
    made = page(replace(report(finding("A1", 2)), fix_first=(fix, other, unknown), currency="CNY"))

    assert (
        '沈予安 <span class="id">12.3万元</span></span><span class="owner">M-1 <span class="id">1,000元</span>'
        in made
    )
    assert '<b>12.4万元</b></td><td class="count" data-label="行数">4</td>' in made
    assert "<b>–</b></td>" in made
    assert "先改什么" not in page(report(finding("A1", 2)))


def test_what_keeps_a_report_back_comes_first_then_the_money_of_all_its_owners() -> None:
    def fix(rule: str, amount: float | None, withheld: int, owner: str = "") -> Fix:
        return {
            "table": "orders", "expectation": rule, "severity": "critical", "why": "", "source": "o.csv",
            "owner_id": owner, "owner_name": "", "rows": 1, "accounts": 1, "amount": amount, "withheld": withheld,
        }  # fmt: skip

    listed = [fix("much", 50.0, 0), fix("split", 30.0, 0, "M1"), fix("split", 30.0, 0, "M2"), fix("kept", None, 1)]  # fmt: skip

    assert [members[0]["expectation"] for members in by_rule(listed)] == ["kept", "split", "much"]


def test_the_months_before_are_told_where_there_are_any() -> None:
    months: list[Kept] = [
        {"period": f"2026-0{month}", "as_of": "", "rows": {"orders": 1000, "cases": 200}, "offered": 1205, "findings": {"critical": month}, "quarantined": 7, "headers": {}}
        for month in (8, 9)
    ]  # fmt: skip

    assert "2026年8月" in page(replace(report(), trend=tuple(months)))
    told = page(replace(report(), trend=tuple(months)))
    assert '<td class="count">1,205</td><td class="count">7</td>' in told
    assert "较2026年8月+0" not in told
    assert "较2026年8月−7" not in told
    assert "较2026年8月−6" in told  # one row is kept out, seven were
    assert "逐月情况" not in page(replace(report(), trend=tuple(months[:1])))


def test_one_line_a_truth_whichever_accounts_break_it() -> None:
    found = [
        finding("A2", 9, 4),
        finding("A1", 3),
        finding(None, 5),
        finding("A3", 2),
        finding("A4", 7),
        finding("A5", 8),
    ]

    (group,) = grouped(found)

    assert (group["rows"], group["accounts"]) == (9, ["A1", "A2", "A3", "A4", "A5"])
    assert [example["line"] for example in group["examples"]] == [2, 3, 5, 7, 8]


def test_what_is_said_in_other_words_stays_apart() -> None:
    other = finding("A1", 2) | {"why": "另一个原因"}

    assert len(grouped([finding("A1", 2), other])) == 2


def test_a_share_that_is_there_is_never_0_per_cent() -> None:
    made = page(replace(report(finding("A1", 2)), rows={"orders": 2001}))

    assert '<td class="count">&lt;0.1%</td>' in made
    assert "0.0%" not in made


def test_a_file_may_be_named_without_a_line() -> None:
    nowhere = finding("A1", 2) | {"examples": [{"source": "o.csv", "line": None}]}

    assert "<td>o.csv</td>" in page(report(nowhere))


def test_rows_that_could_not_be_read_count_as_offered_and_as_unusable() -> None:
    unread = pd.DataFrame([{"table": "orders"}, {"table": "cases"}])
    shown = report(finding("A1", 2))
    with_rejects = Report(**{**vars(shown), "rejects": unread})

    assert with_rejects.unusable() == {"orders": 2, "cases": 1}
    assert with_rejects.offered() == {"cases": 1, "orders": 10}
