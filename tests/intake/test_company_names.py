"""What two people write differently of the same company, and what makes two companies of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.company_names import bare, core


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海衡川智能裝備有限公司", "上海衡川智能装备股份有限公司"),
        ("ＡＣＭＥ　有限公司", "Acme"),
        ("Acme Co., Ltd.", "ACME CO LTD"),
        ("Bolt Werke GmbH & Co. KG", "bolt werke gmbh"),
        ("Société Générale S.A.", "SOCIETE GENERALE"),
        ("L'Oréal", "LOreal S.A."),
        ("A.B.C. Limited", "ABC Ltd"),
        ("The Cord Company", "Cord Inc."),
    ],
)
def test_writing_and_legal_form_do_not_count(one: str, other: str) -> None:
    assert core(one) == core(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("某某（上海）有限公司", "某某（北京）有限公司"),
        ("Acme Foods Ltd", "Acme Steel Ltd"),
        ("Acme Group", "Acme Ltd"),
    ],
)
def test_what_makes_another_company_counts(one: str, other: str) -> None:
    assert core(one) != core(other)


def test_words_such_as_group_count_in_the_core_and_not_in_the_bare_name() -> None:
    assert bare("Acme Group Holdings") == bare("Acme Ltd") == "acme"
    assert bare("衡川集团有限公司") == bare("衡川有限公司") == "衡川"


@pytest.mark.parametrize("name", ["Group", "有限公司", "Co. Ltd.", "集团", "!?"])
def test_a_name_of_such_words_alone_keeps_something_or_is_nothing(name: str) -> None:
    assert core(name) == core(name.upper())
    assert isinstance(bare(name), str)


@given(st.text(max_size=40))
def test_the_core_of_a_core_is_itself(name: str) -> None:
    assert core(core(name)) == core(name)
