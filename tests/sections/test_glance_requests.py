"""The request panel: at most one, only for what is needed from the client, and absent where nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.press.slices import Slice
from pipeline.press.svg import Ink
from tests import portraits
from tests.promisers import AGREED, AHEAD, DONE_LATE, KEPT, Row, customer
from tests.section_pages import Page, inks, page


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


THEIRS: Row = {"side": "client", "owner": "客户设备部"}


def told(ink: Ink, actions: list[Row], changes: list[Row], language: str = "zh-Hans") -> Page:
    return page(customer(actions, changes), ink, language, ("glance", "commitments"))


@pytest.mark.parametrize(
    ("actions", "changes"),
    [
        ([KEPT, AHEAD, {}], [AGREED]),
        ([{**THEIRS, **KEPT}], [{"status": "dropped"}]),
        ([{**THEIRS, "due_on": "2027-02-01"}], [{"confirmed_by_client_on": "2026-08-09"}]),
    ],
)
def test_nothing_is_asked_for_where_nothing_is_needed(
    ink: Ink, actions: list[Row], changes: list[Row]
) -> None:
    assert "requests" not in told(ink, actions, changes).html


def test_an_overdue_commitment_of_the_client_is_asked_for_first(ink: Ink) -> None:
    made = told(
        ink, [{**THEIRS, **AHEAD, "description": "提供预测"}, {**THEIRS, "description": "付款计划"}], []
    )

    assert "需要贵方配合的两件事" in made.text
    assert "付款计划\n原定9月10日，已逾期20天。\n请贵方尽快完成，或另定日期" in made.text
    assert "提供预测\n负责人：客户设备部\n请贵方于10月20日前完成" in made.text
    assert made.text.index("付款计划") < made.text.index("提供预测")
    assert made.printed("逾期天数") == ["20"]


def test_only_the_commitments_due_next_are_asked_for(ink: Ink) -> None:
    later: Row = {**THEIRS, "due_on": "2026-11-20", "description": "以后的事"}
    panel = told(ink, [{**THEIRS, **AHEAD}, later], []).text.partition("需要贵方")[2].partition("承诺")[0]

    assert "请贵方于10月20日前完成" in panel
    assert "以后的事" not in panel


def test_a_change_without_the_clients_confirmation_is_asked_for_with_its_effect(ink: Ink) -> None:
    made = told(ink, [], [{"confirmed_by_us_on": "2026-08-05"}])

    assert "追溯标签改为双面\n8月3日提出，费用2.10万元，工期影响4天。\n请贵方书面确认或撤回" in made.text
    assert made.printed("未完成变更的费用") == ["2.10万元"]


def test_at_most_four_are_asked_for_and_the_rest_counted(ink: Ink) -> None:
    made = told(ink, [{**THEIRS, **AHEAD}], [{}, {}, {}, {}, {}])

    assert made.html.count('class="request"') == 4
    assert "另有2项，见" in made.text
    assert made.html.count("requests") == 1


def test_the_columns_of_sales_give_way_to_the_panel(ink: Ink) -> None:
    sold = portraits.sold([50_000.0] * 12, 0.1)
    asked, quiet = (customer([{**AHEAD, **side}], others=sold) for side in (THEIRS, {}))

    assert "block ruled sales" not in page(asked, ink, "zh-Hans", ("glance", "commitments")).html
    assert "block ruled sales" in page(quiet, ink, "zh-Hans", ("glance", "commitments")).html


def test_our_own_broken_commitments_stand_under_what_we_did_not(ink: Ink) -> None:
    broken = told(ink, [KEPT, DONE_LATE, {**THEIRS, **DONE_LATE}], []).text
    kept = told(ink, [KEPT, KEPT, {**THEIRS, **DONE_LATE}], []).text

    assert "我方一项承诺未按时兑现\n到期2项，按时兑现1项。延期或逾期1项。" in broken
    assert "我方承诺按时兑现\n到期2项，均按时兑现。" in kept


def test_every_figure_is_anchored_once(ink: Ink) -> None:
    made = told(ink, [{**THEIRS}, {**THEIRS}, {**THEIRS, **AHEAD}, DONE_LATE], [{}, {}])

    for figure in made.figures:
        assert made.html.count(f'id="{figure.anchor}"') == 1, figure.label


def test_a_report_without_commitments_asks_for_nothing(ink: Ink) -> None:
    plain = portraits.plain()

    assert (
        "requests" not in page(Slice(plain.subject, plain.readings, {}), ink, "en", ("glance", "orders")).html
    )
