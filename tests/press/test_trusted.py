from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from pipeline.engine.quantities import REASONS
from pipeline.press import trusted as trusted_module
from pipeline.press.languages import catalogue
from pipeline.press.slices import Reading, Slice, Subject
from pipeline.press.trusted import trusted
from pipeline.press.view import View


def reading(metric: str) -> Reading:
    return Reading(
        subject_kind="customer", subject_id="A1", metric=metric, breakdown="", window="month", period="2026-09",
        from_on=date(2026, 9, 1), until_on=date(2026, 10, 1), value=1.0, text=None, reason="", unit="share",
        currency="", numerator=1.0, denominator=1.0, n=1.0, low=0.5, high=1.0, before=1.0, year_ago=1.0, target=0.9,
        coverage=1.0, verdict="good", definition=1, audience="client",
    )  # fmt: skip


WHOLE = Slice(
    Subject("A1", "Acme"),
    (reading("csat"), reading("sla_attainment"), reading("otif_orders")),
    {name: pd.DataFrame() for name in ("survey_answers", "service_clocks", "deliveries")},
)


def test_what_rests_on_a_table_that_cannot_be_trusted_is_as_though_it_had_not_been_exported() -> None:
    csat, sla, otif = trusted(WHOLE, {"surveys"}, "ordered").readings

    assert (csat.value, csat.reason, csat.verdict, csat.year_ago) == (None, "withheld", "none", None)
    assert (sla.value, otif.value) == (1.0, 1.0)
    assert set(trusted(WHOLE, {"surveys"}, "ordered").tables) == {"service_clocks", "deliveries"}


def test_an_orders_lines_and_what_is_derived_of_them_go_with_it() -> None:
    left = trusted(WHOLE, {"orders"}, "ordered")

    assert [each.is_known for each in left.readings] == [True, True, False]
    assert "deliveries" not in left.tables


def test_where_everything_is_trusted_nothing_changes() -> None:
    assert trusted(WHOLE, (), "ordered") is WHOLE


@pytest.mark.parametrize("tongue", ["en", "zh-Hans"])
def test_every_reason_that_a_figure_is_missing_has_words_of_its_own(tongue: str) -> None:
    view = SimpleNamespace(gettext=catalogue(tongue).ugettext)
    reasons = [name for name in (*REASONS, trusted_module.REASON) if name]

    said = [View.reason(view, replace(reading("csat"), value=None, reason=name)) for name in reasons]  # type: ignore[arg-type]
    assert len(set(said)) == len(reasons)
    assert said[-1] == {"en": "data under review", "zh-Hans": "数据核对中"}[tongue]
