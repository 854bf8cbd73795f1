"""Each built-in mapping says which of its headers are verified and from what; what can be looked up, is."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from pipeline.intake.mapping import Mapping
from pipeline.intake.mapping_files import load_mapping
from pipeline.resources import built_in

CHECKOUT = Path(__file__).resolve().parents[2]
SEEDS = (
    Path(os.environ.get("KAMBOOK_SHARED_DATA") or CHECKOUT.parent / "shared" / "data") / "crm_schema_seeds"
)
MAPPINGS = sorted((CHECKOUT / "pipeline" / "sources").glob("*.toml"))
UNVERIFIED = {
    "salesforce": {"Case.csv": None, "OrderItem.csv": None, "Account.csv": "LastModifiedDate"},
    "quickbooks": dict[str, str | None](),
}
"""Objects of a mapping, or a header of one, that its comment says are not verified."""

PROPERTIES = {
    "company": ["property_name", "property_industry"],
    "contact": ["property_jobtitle", "property_email"],
    "deal": ["property_dealname", "property_amount", "property_closedate", "property_createdate"],
    "ticket": [
        "property_createdate",
        "property_closed_date",
        "property_first_agent_reply_date",
        "property_hs_ticket_priority",
        "property_hs_ticket_category",
    ],
}
need_seeds = pytest.mark.skipif(
    not SEEDS.is_dir(),
    reason="the connectors' copies crm_schema_seeds are not here (../shared/data, or KAMBOOK_SHARED_DATA)",
)


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)
def test_a_mapping_begins_with_what_is_verified_and_from_what(path: Path) -> None:
    head = path.read_text(encoding="utf-8").partition("\nschema = ")[0]
    said = " ".join(line.removeprefix("#").strip() for line in head.splitlines())

    assert all(line.startswith("#") for line in head.splitlines())
    assert re.search(r"Verified (against|by) \S+.+?: .+|verified against the .+; .+", said), said


def test_every_built_in_mapping_is_looked_at() -> None:
    assert {path.stem for path in MAPPINGS} == {path.stem for path in built_in("sources").glob("*.toml")}
    assert len(MAPPINGS) >= 8


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream))


def _exports(mapping: Mapping) -> list[tuple[str, Path]]:
    """The entries of a mapping with the exports of its test."""
    folder = CHECKOUT / "tests" / "sources" / mapping.name / "exports"
    return [
        (entry, path)
        for entry, rule in mapping.files.items()
        for glob in rule.path
        for path in folder.glob(glob)
    ]


def _in_snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "_", name).lower()


@need_seeds
@pytest.mark.parametrize("name", UNVERIFIED)
def test_headers_said_to_be_those_of_a_connectors_copies_are(name: str, tmp_path: Path) -> None:
    mapping = load_mapping(name, tmp_path)
    looked_up = [each for each in _exports(mapping) if UNVERIFIED[name].get(each[1].name, "") is not None]
    unknown = {
        path.name: [
            header
            for header in _header(path)
            if mapping.uses(entry, header)
            and header != UNVERIFIED[name].get(path.name)
            and _in_snake_case(header) not in _copied(name, path)
        ]
        for entry, path in looked_up
    }

    assert len(looked_up) >= 5
    assert {file: headers for file, headers in unknown.items() if headers} == {}


def _copied(name: str, export: Path) -> set[str]:
    """The columns of a connector's copy of what an export holds."""
    thing = _in_snake_case(export.stem.removesuffix("_data"))
    (found,) = (
        (SEEDS / name).glob(f"*{thing}_data.csv")
        if name == "salesforce"
        else [SEEDS / name / f"{thing}_data.csv"]
    )
    return set(_header(found))


@need_seeds
@pytest.mark.parametrize("thing", PROPERTIES)
def test_properties_said_to_be_in_a_connectors_copies_are(thing: str) -> None:
    assert set(PROPERTIES[thing]) <= set(_header(SEEDS / "hubspot" / f"{thing}_data.csv"))
