"""Short names: without the legal form, unless too little would be left or two would be alike."""

from __future__ import annotations

import pytest

from pipeline.press.names import short_names, without_legal_form


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("岚渡供应链集团有限公司", "岚渡供应链集团"),
        ("汐川零售连锁股份有限公司", "汐川零售连锁"),
        ("砺芯电子（苏州）有限公司", "砺芯电子（苏州）"),
        ("朔风有限责任公司", "朔风"),
        ("甲有限公司", "甲有限公司"),
        ("Nordhavel Parcel Systems GmbH", "Nordhavel Parcel Systems"),
        ("Bluemesa Fulfillment, Inc.", "Bluemesa Fulfillment"),
        ("Veldhoeve Co. Ltd.", "Veldhoeve"),
        ("Acme", "Acme"),
        ("A GmbH", "A GmbH"),
        ("Limited Edition", "Limited Edition"),
    ],
)
def test_the_legal_form_is_left_out(name: str, short: str) -> None:
    assert without_legal_form(name) == short


def test_names_that_would_be_alike_stay_whole() -> None:
    names = {"1": "朔风有限公司", "2": "朔风股份有限公司", "3": "霁蓝有限公司"}

    assert short_names(names) == {"1": "朔风有限公司", "2": "朔风股份有限公司", "3": "霁蓝"}
