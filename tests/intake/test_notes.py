"""Notes of ingest: said in the language of the company, the same in every run."""

from __future__ import annotations

import ast

import pytest

from pipeline.gate.new_headers import judged_notes
from pipeline.intake.notes import in_order, listed, note
from pipeline.press.languages import catalogue
from pipeline.resources import built_in

WHY = "Sheets that the mapping does not use: {sheets}."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Sheets that the mapping does not use: 2026 {old} · Notes."),
        ("zh-Hans", "映射没有用到的工作表：2026 {old} · Notes。"),
    ],
)
def test_a_note_is_translated_before_it_is_filled_in(language: str, said: str) -> None:
    one = note("orders", "sheets_are_mapped", WHY, 2, values={"sheets": listed(["2026 {old}", "Notes"])})

    (finding,) = judged_notes([one], [], catalogue(language).ugettext)
    assert finding["why"] == said
    assert "values" not in finding


def test_a_long_list_of_names_is_cut_short() -> None:
    assert listed(f"f{number}.csv" for number in range(21)).split(" · ")[-2:] == ["f19.csv", "…"]
    assert listed(["a.csv", "b.csv"]) == "a.csv · b.csv"


def test_notes_that_say_the_same_of_different_things_stand_in_one_order() -> None:
    notes = [note("orders", "sheets_are_mapped", WHY, 1, values={"sheets": name}) for name in "ba"]

    assert [each["values"]["sheets"] for each in in_order(notes)] == ["a", "b"]
    assert in_order(notes) == in_order(notes[::-1])


def test_what_is_said_stands_in_the_catalogues_and_not_in_the_code() -> None:
    root = built_in("templates").parent / "pipeline"
    paths = [
        root / "ingest.py",
        *sorted((root / "intake").glob("*.py")),
        *sorted((root / "gate").glob("*.py")),
    ]
    sentences = [
        f"{path.name}:{each.lineno}"
        for path in paths
        for each in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value.rstrip("。") and "。" in each.value
    ]  # fmt: skip

    assert sentences == []
