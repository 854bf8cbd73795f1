from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pandas as pd
import pytest

from pipeline.gate.fixes import Fix
from pipeline.gate.profiles import Kept
from pipeline.gate.quality import Finding, Judgement, Withheld
from pipeline.gate.quality_page import grouped, page
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
    unknown: Fix = {**fix, "amount": None, "owner_name": "", "withheld": 0}
    made = page(replace(report(finding("A1", 2)), fix_first=(fix, unknown), currency="CNY"))

    assert (
        '<td>沈予安</td><td>o.csv</td><td class="count">3</td><td class="count">12.3万元</td><td class="count">2</td>'
        in made
    )
    assert (
        '<td>M-1</td><td>o.csv</td><td class="count">3</td><td class="count">–</td><td class="count">–</td>'
        in made
    )
    assert "先改什么" not in page(report(finding("A1", 2)))


def test_the_months_before_are_told_where_there_are_any() -> None:
    months: list[Kept] = [
        {"period": f"2026-0{month}", "as_of": "", "rows": {"orders": 1000, "cases": 200}, "findings": {"critical": month}, "quarantined": 7}
        for month in (8, 9)
    ]  # fmt: skip

    assert "2026年8月" in page(replace(report(), trend=tuple(months)))
    assert '<td class="count">1,200</td><td class="count">7</td><td class="count">8</td>' in page(
        replace(report(), trend=tuple(months))
    )
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


def test_a_file_may_be_named_without_a_line() -> None:
    nowhere = finding("A1", 2) | {"examples": [{"source": "o.csv", "line": None}]}

    assert "<td>o.csv</td>" in page(report(nowhere))


def test_rows_that_could_not_be_read_count_as_offered_and_as_unusable() -> None:
    unread = pd.DataFrame([{"table": "orders"}, {"table": "cases"}])
    shown = report(finding("A1", 2))
    with_rejects = Report(**{**vars(shown), "rejects": unread})

    assert with_rejects.unusable() == {"orders": 2, "cases": 1}
    assert with_rejects.offered() == {"cases": 1, "orders": 10}
