"""The stage: every document from its own customer's slice, only what changed, and one bad account costs only its own."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from pipeline import render as stage
from pipeline import sections, store
from pipeline.compute import compute
from pipeline.context import Context
from pipeline.errors import SettingsError, UsageError
from pipeline.render import render
from tests.engines import policy_with
from tests.runs import Rows, context_for, write_accepted

NAMES = {"A-1": "远澜零售集团", "A-2": "朔辰电子科技", "A-3": "栖禾食品"}
TOKENS = {"A-1": "甲字密印", "A-2": "乙字密印", "A-3": "丙字密印"}
_FIRST = date(2025, 10, 1)


def rows(**names: str) -> dict[str, list[dict[str, object]]]:
    """Three customers; A-2 has a second account, A-3 nothing since long ago. Each row carries its customer's token."""
    accounts: list[dict[str, object]] = [
        {"account_id": name, "name": names.get(name.replace("-", ""), said) + TOKENS[name], "currency": "CNY"}
        for name, said in NAMES.items()
    ]
    accounts.append({"account_id": "A-2b", "parent_id": "A-2", "name": "分公司", "currency": "CNY"})
    orders: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for account in ("A-1", "A-2", "A-2b"):
        for number in range(50):
            due = _FIRST + timedelta(days=7 * number)
            order = f"{account}-{number:03}"
            orders.append(
                {
                    "order_id": order, "account_id": account, "currency": "CNY", "ordered_on": due - timedelta(days=20),
                    "requested_on": due, "first_promised_on": due, "last_promised_on": due,
                    "delivered_on": due + timedelta(days=3 * (number % 5 == 0)), "status": "delivered",
                    "delay_cause": TOKENS[account[:3]] if number % 5 == 0 else None,
                }
            )  # fmt: skip
            lines.append(
                {"order_id": order, "line_no": 1, "quantity": 1, "delivered_quantity": 1, "net_amount": 1000,
                 "product_id": None}
            )  # fmt: skip
    return {"accounts": accounts, "orders": orders, "order_lines": lines}


Made = Callable[..., Context]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, installed_fonts: Path) -> Context:
    """A run with readings, before any document."""
    context = _computed(tmp_path_factory.mktemp("run") / "runs" / "2026-09", rows())
    return replace(context, fonts=installed_fonts)


def _computed(run: Path, given: Rows) -> Context:
    write_accepted(run, given)
    context = context_for(run, documents={"languages": ["zh-Hans"]})
    compute(context)
    plain = ("value_report", "full", "quarter")
    rules = context.policy.all("report")
    reports = [rule for rule in rules if (rule.kind, rule.edition, rule.window) == plain]
    return replace(context, policy=policy_with(report=reports))


@pytest.fixture(scope="module")
def rendered(base: Context, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """The same run with its documents."""
    context = copied(base, tmp_path_factory.mktemp("rendered") / "2026-09")
    render(context)
    return context


def copied(context: Context, run: Path) -> Context:
    shutil.copytree(context.run, run)
    return replace(context, run=run, log=replace(context.log, path=run / "log.jsonl"))


def manifest(context: Context) -> dict[str, Any]:
    said: dict[str, Any] = store.read_json(context.run / "manifest.json")
    return said


def states(context: Context) -> dict[str, str]:
    return {each["subject_id"]: each["state"] for each in manifest(context)["documents"]}


def text_of(path: Path) -> str:
    pdf = pypdfium2.PdfDocument(path)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pdf)


def test_the_manifest_accounts_for_the_whole_schedule(rendered: Context) -> None:
    said = manifest(rendered)

    assert [each["subject_id"] for each in said["documents"]] == ["A-1", "A-2"]
    assert [(each["subject_id"], each["code"], each["section"]) for each in said["withheld"]] == [
        ("A-3", "KB-1310", None)
    ]
    assert said["failed"] == []
    assert said["exit"] == 3
    assert said["schema"] == 1
    assert said["period"] == "2026-09"
    assert {"critical", "warning", "info"} == set(said["findings"])
    assert {"weasyprint", "pango", "harfbuzz", "python"} <= set(said["versions"])


def test_each_document_stands_where_the_manifest_says_and_is_what_it_says(rendered: Context) -> None:
    for each in manifest(rendered)["documents"]:
        path = rendered.run / each["path"]
        assert store.sha256_of_file(path) == each["sha256"]
        assert each["path"] == f"documents/client/{each['subject_id']}/zh-Hans/value_report.pdf"
        assert each["pages"] == len(pypdfium2.PdfDocument(path))
        assert path.stat().st_size < 400_000
        assert each["state"] == "made"


def test_a_sidecar_finds_every_figure_on_its_page(rendered: Context) -> None:
    for each in manifest(rendered)["documents"]:
        path = rendered.run / each["path"]
        beside = store.read_json(path.with_suffix(".json"))
        pdf = pypdfium2.PdfDocument(path)
        pages = [page.get_textpage().get_text_bounded() for page in pdf]
        assert beside["document"]["sha256"] == each["sha256"]
        for figure in beside["figures"]:
            assert figure["printed"].rstrip("%万元小时") in pages[figure["page"] - 1], figure
            assert figure["metric"] or figure["part"] == "rows"
            assert all(set(fact) == {"name", "rows"} for fact in figure["facts"])


def test_no_document_holds_anything_of_another_customer(rendered: Context) -> None:
    for each in manifest(rendered)["documents"]:
        path = rendered.run / each["path"]
        everything = text_of(path) + path.with_suffix(".json").read_text(encoding="utf-8")
        own = each["subject_id"]
        assert TOKENS[own] in everything
        for other, token in TOKENS.items():
            assert other == own or token not in everything


def test_a_worker_is_handed_its_customers_slice_alone(
    base: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = copied(base, tmp_path / "2026-09")
    seen: dict[str, str] = {}

    def looked_at(order: Any) -> Any:
        content = order.slice_file.read_bytes().decode("utf-8", "replace")
        seen[order.task.subject_id] = content
        return fulfil(order)

    fulfil = stage.fulfil
    monkeypatch.setattr(stage, "fulfil", looked_at)
    render(context)

    assert set(seen) == {"A-1", "A-2"}
    for own, content in seen.items():
        assert TOKENS[own] in content
        assert not any(token in content for other, token in TOKENS.items() if other != own)


def test_no_internal_reading_leaves_the_stage(rendered: Context) -> None:
    for each in manifest(rendered)["documents"]:
        said = (rendered.run / each["path"]).with_suffix(".json").read_text(encoding="utf-8")
        assert "gross_margin" not in said
        assert "customer_class" not in said


def test_a_second_time_there_is_nothing_to_do(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    before = (context.run / "documents" / "record.json").stat().st_mtime_ns

    render(context)

    assert states(context) == {"A-1": "unchanged", "A-2": "unchanged"}
    assert (context.run / "documents" / "record.json").stat().st_mtime_ns == before


def test_only_the_customer_whose_data_changed_is_made_anew(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    before = {each["subject_id"]: each["sha256"] for each in manifest(context)["documents"]}
    changed = rows()
    changed["orders"][-1]["delivered_on"] = None
    changed["orders"][-1]["status"] = "open"
    write_accepted(context.run, changed)
    compute(context)

    render(context)

    assert states(context) == {"A-1": "unchanged", "A-2": "made"}
    after = {each["subject_id"]: each["sha256"] for each in manifest(context)["documents"]}
    assert after["A-1"] == before["A-1"]
    assert after["A-2"] != before["A-2"]
    assert store.sha256_of_file(context.run / "documents/client/A-1/zh-Hans/value_report.pdf") == after["A-1"]


def test_a_document_that_was_touched_is_made_anew(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    path = context.run / "documents/client/A-1/zh-Hans/value_report.pdf"
    path.write_bytes(path.read_bytes() + b"%")
    said = store.read_json(context.run / "documents" / "done.json")
    store.write_json(context.run / "documents" / "done.json", {**said, "key": "another"})

    render(context)

    assert states(context) == {"A-1": "made", "A-2": "unchanged"}


def test_a_bad_account_fails_alone_and_is_tried_again(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    given = rows(A1="岚渡")
    given["accounts"][0]["brand"] = "industral"  # there is none of that name
    write_accepted(context.run, given)
    compute(context)
    render(context)
    said = manifest(context)

    assert states(context) == {"A-2": "unchanged"}
    assert [(each["subject_id"], each["code"]) for each in said["failed"]] == [("A-1", "KB-1042")]
    assert "岚渡" not in json.dumps(said["failed"], ensure_ascii=False)
    assert said["exit"] == 3
    assert not (context.run / "documents/client/A-1").exists()
    render(context)
    assert [each["subject_id"] for each in manifest(context)["failed"]] == ["A-1"]
    assert (context.run / "log.jsonl").read_text(encoding="utf-8").count('"KB-1042"') == 2


def test_a_fault_of_ours_names_the_line_and_no_value(
    base: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = copied(base, tmp_path / "2026-09")

    def broken(order: Any) -> Any:
        if order.task.subject_id == "A-1":
            raise KeyError(TOKENS["A-1"])
        return fulfil(order)

    fulfil = stage.fulfil
    monkeypatch.setattr(stage, "fulfil", broken)
    render(context)

    (failed,) = manifest(context)["failed"]
    assert failed["code"] == "KB-1390"
    assert failed["error"].startswith("KeyError")
    assert TOKENS["A-1"] not in json.dumps(failed, ensure_ascii=False)
    assert states(context) == {"A-2": "made"}


def test_a_withheld_account_costs_its_groups_document(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    entry = {
        "subject_kind": "account",
        "subject_id": "A-2b",
        "section": None,
        "code": "KB-1220",
        "reason": "why",
    }
    _validated_anew(context, [entry])

    render(context)

    assert states(context) == {"A-1": "unchanged"}
    assert ("A-2", "KB-1220") in [
        (each["subject_id"], each["code"]) for each in manifest(context)["withheld"]
    ]


def test_a_withheld_section_that_is_all_there_is_leaves_nothing(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    entry = {
        "subject_kind": "account",
        "subject_id": "A-1",
        "section": "orders",
        "code": "KB-1221",
        "reason": "why",
    }
    _validated_anew(context, [entry, {**entry, "section": "receivables", "subject_id": "A-2"}])

    render(context)

    codes = {(each["subject_id"], each["code"], each["section"]) for each in manifest(context)["withheld"]}
    assert ("A-1", "KB-1310", None) in codes
    assert states(context) == {"A-2": "unchanged"}  # its report has no such section


def _validated_anew(context: Context, withheld: list[dict[str, object]]) -> None:
    """Give the validate stage another list of what is withheld, and compute anew on it."""
    write_accepted(context.run, rows())
    folder = context.run / "quality"
    store.write_json(folder / "withheld.json", withheld)
    said = store.read_json(folder / "done.json")
    wrote = {**said["wrote"], "quality/withheld.json": store.sha256_of_file(folder / "withheld.json")}
    store.write_json(folder / "done.json", {**said, "wrote": wrote})
    compute(context)


def test_only_some_customers_leave_the_others_as_they_are(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    changed = rows(A1="远澜零售", A2="朔辰")
    write_accepted(context.run, changed)
    compute(context)

    render(replace(context, only=("A-2b",)))

    assert states(context) == {"A-1": "unchanged", "A-2": "made"}
    assert (context.run / "documents/client/A-1/zh-Hans/value_report.json").is_file()
    with pytest.raises(UsageError):
        render(replace(context, only=("A-9",)))


def test_a_section_beyond_its_audience_stops_before_any_document(
    base: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = copied(base, tmp_path / "2026-09")
    glance = sections.SECTIONS.get("glance")
    monkeypatch.setitem(
        sections.SECTIONS._things, "glance", replace(glance, metrics=(*glance.metrics, "gross_margin"))
    )

    with pytest.raises(SettingsError) as caught:
        render(context)

    assert caught.value.code == "KB-1046"
    assert not (context.run / "documents").exists()
    assert not (context.run / "manifest.json").exists()


def test_the_log_says_what_became_of_each(rendered: Context) -> None:
    lines = [
        json.loads(line) for line in (rendered.run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    made = [line for line in lines if line["stage"] == "render" and line["event"] == "made"]

    assert {line["subject_id"] for line in made} == {"A-1", "A-2"}
    assert all(line["seconds"] > 0 for line in made)


def test_manifest_and_index_come_back_where_a_kill_took_them(rendered: Context, tmp_path: Path) -> None:
    context = copied(rendered, tmp_path / "2026-09")
    (context.run / "manifest.json").unlink()
    (context.run / "index.html").unlink()

    render(context)

    assert len(manifest(context)["documents"]) == 2
    assert (context.run / "index.html").is_file()


@pytest.mark.slow
def test_two_workers_make_the_same_bytes_as_one(rendered: Context, base: Context, tmp_path: Path) -> None:
    context = replace(copied(base, tmp_path / "2026-09"), jobs=2)

    render(context)

    one, two = manifest(rendered), manifest(context)
    assert [each["sha256"] for each in one["documents"]] == [each["sha256"] for each in two["documents"]]
    assert store.sha256_of_file(rendered.run / "documents/record.json") == store.sha256_of_file(
        context.run / "documents/record.json"
    )


def test_the_text_can_be_read_and_searched(rendered: Context) -> None:
    said = text_of(rendered.run / "documents/client/A-1/zh-Hans/value_report.pdf")

    for word in ("客户价值报告", "本期概览", "准时足量率", "订单与交付", "方法与数据", "2026年第三季度"):
        assert word in said
    assert io.StringIO(said).readline()
