"""The success story: only of clients who agreed, with what was not reached, and with words that may be quoted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.catalogue import catalogue
from pipeline.errors import RenderError
from pipeline.policy import Policy
from pipeline.press import document
from pipeline.press.consent import agreeing
from pipeline.press.reports import REPORTS
from pipeline.press.schedule import schedule
from pipeline.press.slices import Slice, Subject
from pipeline.press.svg import Ink
from pipeline.rules.reports import ReportRule
from pipeline.settings import Documents
from tests import portraits
from tests.claimants import outcomes, slice_of
from tests.section_pages import inks

CUSTOMERS = {"A-1": "A-1", "A-2": "A-1", "A-3": "A-3"}


@pytest.mark.parametrize(
    ("said", "agreed"),
    [
        ({"A-1": True}, {"A-1"}),
        ({"A-1": True, "A-2": None}, {"A-1"}),
        ({"A-1": True, "A-2": False}, set()),
        ({"A-2": True}, set()),
        ({"A-1": False}, set()),
        ({"A-1": None, "A-3": None}, set()),
    ],
)
def test_a_client_agrees_by_its_own_account_and_no_other_refuses(
    said: dict[str, bool | None], agreed: set[str]
) -> None:
    assert agreeing(said.items(), CUSTOMERS) == agreed


def subject(consent: str) -> Slice:
    made = slice_of(outcomes({}))
    return replace(made, subject=replace(made.subject, consent=consent))


def drafted(consent: str, ink: Ink) -> document.Draft:
    return document.draft(
        REPORTS["success_story"],
        subject(consent),
        replace(portraits.edition(), kind="success_story"),
        document.press("zh-Hans", ink),
        document.environment(Path("/nowhere"), "zh-Hans"),
        catalogue(),
        lambda metric, *_: [{"name": metric, "rows": 1}],
    )


def test_no_page_is_made_without_the_clients_consent(installed_fonts: Path) -> None:
    ink = inks(installed_fonts)["warm"]
    with pytest.raises(RenderError) as caught:
        drafted("", ink)

    assert caught.value.code == "KB-1343"
    assert "远澜零售集团" in drafted("story", ink).html


def test_only_clients_who_agreed_are_scheduled_for_one() -> None:
    policy = Policy({"report": (ReportRule(kind="success_story", valid_from=date(2020, 1, 1)),)})
    both = {"customer": [Subject("A-1", "甲", consent="story"), Subject("A-2", "乙")]}
    tasks = schedule(policy, portraits.PERIOD, both, Documents(), {})

    assert [task.subject_id for task in tasks] == ["A-1"]
