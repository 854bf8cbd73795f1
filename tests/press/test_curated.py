"""Curated texts: Markdown as a reader expects it, and nothing in it that runs, loads or leads elsewhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RenderError
from pipeline.press.curated import curated


def test_the_title_is_taken_out_and_headings_leave_no_level_out() -> None:
    made = curated("# 标题 `x`\n\n段落**粗**。\n\n# 一\n\n#### 二\n\n- 甲\n", "insight/x")

    assert made.title == "标题 x"
    assert re.findall(r"<h(\d)>", made.body) == ["2", "3"]
    assert "<strong>粗</strong>" in made.body
    assert "标题" not in made.body


def test_a_text_without_a_title_keeps_all_of_itself() -> None:
    assert curated("## 一\n\n二", "insight/x").title == ""


def test_html_stands_as_text() -> None:
    body = curated("<script>alert(1)</script>\n\na <b onclick=x>b</b> {{ 7*7 }}", "insight/x").body

    assert "<script" not in body
    assert "<b" not in body
    assert "{{ 7*7 }}" in body


@pytest.mark.parametrize(
    "address", ["https://example.com/a?b=1", "http://example.com", "mailto:a@example.com"]
)
def test_links_lead_to_pages_and_mailboxes(address: str) -> None:
    assert f'href="{address}"' in curated(f"[x]({address})", "insight/x").body


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](file:///etc/passwd)",
        "[x](data:text/html,x)",
        "[x](../other/2026-09.md)",
        "[x](//example.com)",
        "<javascript:alert(1)>",
        "[x][1]\n\n[1]: vbscript:x",
        "![x](https://example.com/x.png)",
        "- a\n  - ![x](x.png)",
    ],
)
def test_anything_else_is_refused_and_named_without_its_text(text: str) -> None:
    with pytest.raises(RenderError) as caught:
        curated(text, "insight/物流")

    assert (caught.value.code, caught.value.where) == ("KB-1341", "insight/物流")
    assert "example.com" not in str(caught.value)


@given(st.text(alphabet=st.sampled_from("<>[]()!#`*\n :/javscriptdhe\"'&x"), max_size=60))
def test_no_text_makes_an_element_that_is_not_asked_for(text: str) -> None:
    try:
        body = curated(text, "insight/x").body
    except RenderError:
        return

    assert not re.search(
        r"<(?!/?(?:h[23]|p|ul|ol|li|em|strong|code|pre|blockquote|a|hr|br|table|t[rdh]|thead|tbody)\b)\w",
        body,
    )
    assert all(re.match(r"https?:|mailto:", each) for each in re.findall(r'href="([^"]*)"', body))
