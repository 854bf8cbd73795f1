"""The READMEs tell the truth: their pictures are there, their walk can be walked, their exit codes are the program's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipeline import errors
from tests.commands import kambook
from tests.gallery import LARGEST

NAMES = ("README.md", "README.zh-Hans.md")
CUSTOMERS = "单位代码,单位全称,行业大类,省份,跟进业务员,备注\nK001,海棠机电有限公司,机械,江苏,王工,\nK002,北岸泵业有限公司,机械,浙江,李工,\n"
SHIPMENTS = (
    "单号;单位代码;开单日;约定到货;实际签收;货品;件数;未税金额(元)\n"
    "FH00001;K001;2026/9/3;2026/9/10;2026/9/11;轴套;31;22,312.11\n"
    "FH00002;K002;2026/9/25;2026/10/9;;密封圈;15;70,201.68\n"
)


@pytest.fixture(params=NAMES)
def readme(request: pytest.FixtureRequest, checkout: Path) -> str:
    return (checkout / str(request.param)).read_text(encoding="utf-8")


def mapping(text: str) -> str:
    """The mapping of the walk; it stands indented in a list."""
    (block,) = re.findall(r"^ +```toml\n(.*?)^ +```", text, re.MULTILINE | re.DOTALL)
    return str(re.sub(r"^   ", "", block, flags=re.MULTILINE))


def test_what_it_shows_and_links_is_there_and_quick_to_open(readme: str, checkout: Path) -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme)
    links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)]+)\)", readme)

    assert pictures
    assert [name for name in pictures if (checkout / name).stat().st_size > LARGEST] == []
    assert [name for name in links if not (checkout / name).is_file()] == []


def test_both_tell_the_same_walk(checkout: Path) -> None:
    first, second = (mapping((checkout / name).read_text(encoding="utf-8")) for name in NAMES)

    assert tomllib.loads(first) == tomllib.loads(second)


def test_its_walk_can_be_walked(readme: str, tmp_path: Path) -> None:
    assert kambook("init", tmp_path / "kam").code == 0
    for name, text in (("客户台账.csv", CUSTOMERS), ("发货流水2024-2026.csv", SHIPMENTS)):
        (tmp_path / "kam" / "exports" / name).write_bytes(text.encode("gb18030"))
    settings = tmp_path / "kam" / "kambook.toml"
    asked = 'mappings = ["mine"]'
    told = settings.read_text(encoding="utf-8")
    settings.write_text(told.replace('mappings = ["generic"]', asked), encoding="utf-8")
    (tmp_path / "kam" / "sources" / "mine.toml").write_text(mapping(readme), encoding="utf-8")

    exports = sorted((tmp_path / "kam" / "exports").iterdir())
    looked = kambook("sources", "check", "-w", tmp_path / "kam", *exports)
    read = kambook("ingest", "-w", tmp_path / "kam", "-p", "2026-09")

    assert asked in readme
    assert looked.code == 0, looked.out + looked.err
    assert "orders: 2 rows" in looked.out
    assert read.code == 0, read.err
    tables = {path.stem for path in (tmp_path / "kam" / "runs" / "2026-09" / "tables").glob("*.parquet")}
    assert tables >= {"accounts", "orders", "order_lines", "products"}


def test_its_exit_codes_are_those_of_the_program(readme: str) -> None:
    told = {
        int(code)
        for cell in re.findall(r"^\| ([\d ·、]+) \|", readme, re.MULTILINE)
        for code in re.findall(r"\d+", cell)
    }
    kinds = errors.KambookError.__subclasses__()

    assert told == {errors.EXIT_OK, errors.EXIT_PARTLY, errors.EXIT_INTERRUPTED, 1} | {
        kind.exit_code for kind in kinds
    }
