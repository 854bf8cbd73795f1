"""What only a manager, the lead and finance may see reaches no other document, and lies where nobody else looks."""

from __future__ import annotations

import shutil
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline import render as stage
from pipeline import store
from pipeline.catalogue import catalogue
from pipeline.compute import compute
from pipeline.context import Context
from pipeline.errors import SettingsError
from pipeline.press.internal import internal_slices
from pipeline.press.reports import REPORTS, sections_of
from pipeline.press.slices import Slice
from pipeline.press.tables import TABLES
from pipeline.render import render
from pipeline.rules.reports import ReportRule
from pipeline.sections import Section, check
from tests import payrolls
from tests.engines import policy_with
from tests.runs import context_for, write_accepted

_SALARY = 271_828
_KINDS = ("manager_scorecard", "pay_draft")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, installed_fonts: Path) -> Context:
    """A manager with a salary and a skill that lacks, and one who has sold as much."""
    rows = payrolls.company(
        payrolls.order(1, "2026-09-03", 30_000),
        payrolls.order(2, "2026-09-04", 20_000, account="A2"),
        managers=[
            payrolls.manager(mode="salary", base_amount=_SALARY, currency="CNY"),
            payrolls.manager("M2", mode=None),
        ],
        competences=[
            {
                "manager_id": "M1",
                "skill": "潜水",
                "area": "leader",
                "level": 2,
                "target_level": 4,
                "assessed_on": "2026-06-19",
            }
        ],
    )
    run = tmp_path_factory.mktemp("restricted") / "runs" / "2026-09"
    write_accepted(run, rows)
    reports = [
        ReportRule(kind=kind, edition=edition, window="month", valid_from=payrolls.LONG_AGO)
        for kind, edition in (
            ("manager_scorecard", "full"),
            ("manager_scorecard", "restricted"),
            ("pay_draft", "full"),
        )
    ]
    pay = payrolls.plan("salary", base_salary=True)
    made = replace(
        context_for(
            run,
            documents={"languages": ["zh-Hans"]},
            company={"currency": "CNY", "history_from": date(2024, 1, 1)},
        ),
        fonts=installed_fonts,
        policy=policy_with(report=reports, pay_plan=[pay]),
    )
    compute(made)
    return made


@pytest.fixture(scope="module")
def rendered(context: Context, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("rendered") / "runs" / "2026-09"
    shutil.copytree(context.run, run)
    render(replace(context, run=run, log=type(context.log)(run / "log.jsonl", quiet=True)))
    return run


# The firewall


def restricted_metrics() -> list[str]:
    return sorted(name for name, each in catalogue().items() if each.audience == "restricted")


def restricted_tables() -> list[str]:
    return sorted(name for name, each in TABLES.items() if each.audience == "restricted")


def reaching(audience: str, **reads: tuple[str, ...]) -> Section:
    return Section(
        "reaching", "", audience, reads.get("metrics", ()), reads.get("tables", ()), (), lambda view: {}
    )


def test_pay_and_competence_are_restricted() -> None:
    assert {"pay_draft", "commission", "base_salary", "competence_gap"} <= set(restricted_metrics())
    assert set(restricted_tables()) >= {"pay_lines", "competence_levels"}


@pytest.mark.parametrize("audience", ["client", "internal"])
@pytest.mark.parametrize("metric", restricted_metrics())
def test_no_restricted_metric_reaches_another_audience(metric: str, audience: str) -> None:
    with pytest.raises(SettingsError, match="KB-1046"):
        check(reaching(audience, metrics=(metric,)), audience, catalogue())


@pytest.mark.parametrize("audience", ["client", "internal"])
@pytest.mark.parametrize("table", restricted_tables())
def test_no_restricted_table_reaches_another_audience(table: str, audience: str) -> None:
    with pytest.raises(SettingsError, match="KB-1046"):
        check(reaching(audience, tables=(table,)), audience, catalogue())


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_restricted_section_stops_every_edition_that_is_not(name: str) -> None:
    report = REPORTS[name]
    for edition in ("full", *report.editions):
        audience = report.audience_of(edition)
        for section in sections_of(report, edition):
            if section.audience == "restricted":
                assert audience == "restricted", (edition, section.name)
                with pytest.raises(SettingsError, match="KB-1046"):
                    check(section, "internal", catalogue())


def test_only_the_restricted_edition_of_the_scorecard_holds_competence() -> None:
    card = REPORTS["manager_scorecard"]

    assert [card.audience_of(each) for each in ("full", "restricted")] == ["internal", "restricted"]
    assert "competence" not in {each.name for each in sections_of(card)}
    assert "competence" in {each.name for each in sections_of(card, "restricted")}


# Slices


def slices(context: Context, kind: str, edition: str = "full") -> dict[str, Slice]:
    subjects = stage.subjects(context)
    found = internal_slices(context, {(kind, edition): subjects["manager"]}, subjects, ())
    return {each.subject.subject_id: each for each in found}


def test_the_slice_of_the_plain_scorecard_holds_nothing_restricted(context: Context) -> None:
    for found in slices(context, "manager_scorecard").values():
        assert {each.audience for each in found.readings} <= {"client", "internal"}
        assert not set(restricted_tables()) & set(found.tables)


def test_a_pay_draft_holds_the_managers_own_lines_alone(context: Context) -> None:
    found = slices(context, "pay_draft")

    assert set(found["M1"].tables["pay_lines"]["manager_id"]) == {"M1"}
    assert found["M2"].tables["pay_lines"].empty
    assert {each.subject_id for each in found["M1"].readings} == {"M1"}


def test_a_slice_serves_only_the_document_that_it_was_made_for(context: Context) -> None:
    card = slices(context, "manager_scorecard", "restricted")["M1"]

    assert card.serves("manager_scorecard", "restricted", "internal")
    assert not card.serves("manager_scorecard", "full", "internal")
    assert not card.serves("pay_draft", "full", "restricted")
    assert not card.serves("value_report", "full", "client")


# Documents


def documents(run: Path) -> dict[tuple[str, str], dict[str, str]]:
    said = store.read_json(run / "manifest.json")
    return {(each["kind"] + "." + each["edition"], each["subject_id"]): each for each in said["documents"]}


def test_restricted_documents_lie_apart_where_only_their_owner_looks(rendered: Path) -> None:
    found = documents(rendered)
    paths = [found[key]["path"] for key in (("pay_draft.full", "M1"), ("manager_scorecard.restricted", "M1"))]

    assert all(each.startswith("documents/restricted/M1/") for each in paths)
    assert stat.S_IMODE((rendered / "documents" / "restricted").stat().st_mode) == 0o700
    for path in (
        file for each in paths for file in ((rendered / each), (rendered / each).with_suffix(".json"))
    ):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_they_stay_so_where_nothing_has_changed(context: Context, rendered: Path, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "2026-09"
    shutil.copytree(rendered, run)
    reports = context.policy.all("report")
    changed = [
        each.model_copy(update={"language": "zh-Hans"}) for each in reports
    ]  # asks again, for the same
    render(
        replace(context, run=run, policy=policy_with(report=changed, pay_plan=context.policy.all("pay_plan")))
    )

    draft = documents(run)["pay_draft.full", "M1"]
    assert draft["state"] == "unchanged"
    assert stat.S_IMODE((run / draft["path"]).stat().st_mode) == 0o600
    assert stat.S_IMODE((run / "documents" / "restricted").stat().st_mode) == 0o700


def test_a_manager_without_a_mode_of_pay_gets_no_draft(rendered: Path) -> None:
    assert ("pay_draft.full", "M2") not in documents(rendered)


def test_no_amount_of_pay_stands_in_index_manifest_record_or_log(rendered: Path) -> None:
    twelfth = f"{_SALARY / 12:,.2f}"[:-1]  # the cents of the months differ
    beside = (rendered / documents(rendered)["pay_draft.full", "M1"]["path"]).with_suffix(".json")
    assert twelfth in beside.read_text("utf-8"), "the sidecar says what the draft prints"

    for name in ("index.html", "manifest.json", "documents/record.json", "log.jsonl"):
        said = (rendered / name).read_text("utf-8")
        for secret in (twelfth, twelfth.replace(",", ""), f"{_SALARY}", f"{_SALARY:,}", "潜水"):
            assert secret not in said, (name, secret)


def test_the_index_offers_no_preview_of_what_is_restricted(rendered: Path) -> None:
    page = (rendered / "index.html").read_text("utf-8")

    assert "manager_scorecard.pdf" in page.partition('data-preview="')[2]
    assert not [each for each in page.split('data-preview="')[1:] if each.startswith("documents/restricted")]


def test_the_plain_scorecard_says_nothing_of_skills(rendered: Path) -> None:
    import pypdfium2

    found = documents(rendered)
    texts = {
        key: "".join(
            page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(rendered / each["path"])
        )
        for key, each in found.items()
    }

    assert "潜水" in texts["manager_scorecard.restricted", "M1"]
    assert "限阅资料" in texts["manager_scorecard.restricted", "M1"]
    assert "潜水" not in texts["manager_scorecard.full", "M1"]
    assert "内部资料" in texts["manager_scorecard.full", "M1"]
