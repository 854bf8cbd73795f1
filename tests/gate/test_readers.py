from __future__ import annotations

import pytest

from pipeline.catalogue import facts_used
from pipeline.derived import DERIVED
from pipeline.facts import FACTS
from pipeline.gate.readers import fact_tables, metrics_on, sections_on
from pipeline.metrics import METRICS
from pipeline.press.reports import REPORTS, every_section
from pipeline.schema import TABLES
from pipeline.sections import SECTIONS


def test_a_tables_sections_are_those_whose_metrics_or_rows_rest_on_it() -> None:
    assert "service" in sections_on("cases", "ordered")
    assert "orders" in sections_on("order_lines", "ordered")
    assert "orders" not in sections_on("cases", "ordered")


def test_only_what_stands_in_a_customers_document_can_be_withheld_from_it() -> None:
    """Invoices are read by scorecards and the portfolio report, which are about others and are made all the same."""
    ours = [each for each in REPORTS.values() if each.subject_kind == "customer"]
    stands = {section.name for each in ours for section in every_section(each)}

    assert "net_sales" in SECTIONS.get("performance").metrics
    for table in TABLES:
        assert set(sections_on(table, "ordered")) <= stands


def test_a_table_that_a_derived_one_reads_only_where_it_is_there_counts_too() -> None:
    assert "contracts" not in DERIVED.get("service_clocks").needs
    assert "service_clocks" in fact_tables(["contracts"], "ordered")
    assert "sla_attainment" in metrics_on(["contracts"], "ordered")


@pytest.mark.parametrize(("basis", "table"), [("ordered", "orders"), ("invoiced", "invoices")])
def test_sales_rest_on_the_table_that_they_are_counted_by(basis: str, table: str) -> None:
    for other in ("orders", "invoices", "contracts", "opportunities"):
        assert ("net_sales" in metrics_on([other], basis)) is (other == table)  # type: ignore[arg-type]


def test_what_rests_on_a_derived_table_rests_on_what_that_is_made_of() -> None:
    assert {"sales", "frozen_forecasts", "relationships", "touchpoints"} <= fact_tables(["orders"], "ordered")
    assert "dso_simple" in metrics_on(["payments"], "ordered")


def test_a_section_that_stands_in_every_document_is_not_left_out() -> None:
    made_for_none = {name for name, each in SECTIONS.all().items() if not each.evidence}

    for table in TABLES:
        assert not made_for_none & set(sections_on(table, "ordered"))


@pytest.mark.parametrize("metric", METRICS.all())
def test_every_metric_rests_on_some_exported_table(metric: str) -> None:
    if not {FACTS.get(name).table for name in facts_used(METRICS.get(metric))} - {""}:
        pytest.skip("made of no fact")
    assert any(metric in metrics_on([table], "ordered") for table in TABLES)


@pytest.mark.parametrize("table", ["usage", "payments", "orders", "contacts", "competitor_events"])
def test_a_table_that_only_a_borrowed_module_names_counts_too(table: str) -> None:
    """Early warning is made by modules of its own, `pipeline/watch`."""
    assert {"warnings", "at_risk"} <= fact_tables([table], "ordered")


def test_what_a_table_of_the_last_wave_gathers_counts_too() -> None:
    last = [each for each in DERIVED.all().values() if each.last]

    assert last
    for made in last:
        for name in (*made.needs, *made.reads, *made.gathers):
            assert made.name in fact_tables([name], "ordered")
