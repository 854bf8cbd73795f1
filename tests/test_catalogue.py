from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

import pipeline.metrics
from pipeline.catalogue import Entry, as_json, as_markdown, catalogue, facts_used
from pipeline.engine.examples import formula, worked
from pipeline.engine.quantities import REASONS, Measure, Quantity, ratio
from pipeline.errors import SettingsError
from pipeline.facts import FACTS, RESERVED, Fact, flow
from pipeline.metrics import METRICS, Example, Metric, documented, metric
from pipeline.plugins import Registry
from pipeline.words import Words

ALL = METRICS.all()
EXAMPLES = [
    pytest.param(found, example, id=f"{name}-{number}")
    for name, found in ALL.items()
    for number, example in enumerate(found.examples)
]
PROSE = """What it means.

它的意思。

Source: usual practice
"""


@pytest.fixture(scope="module")
def text() -> str:
    """METRICS.md."""
    return as_markdown()


@pytest.mark.parametrize(("found", "example"), EXAMPLES)
def test_a_metric_says_of_its_example_what_the_example_says(found: Metric, example: Example) -> None:
    made = worked(found, example)

    if example.text is not None:
        assert tuple(made.text or ()) == example.text
        return
    assert REASONS[made.value.reasons[0]] == example.reason
    assert number(made.value) == approximately(example.value, example)
    for name in ("low", "high"):
        if (stated := getattr(example, name)) is not None:
            assert number(getattr(made, name)) == approximately(stated, example)


def number(quantity: Quantity) -> float | None:
    return float(quantity.floats[0]) if quantity.known[0] else None


def approximately(value: float | None, example: Example) -> Any:
    return None if value is None else pytest.approx(value, abs=example.tolerance, rel=0)


@pytest.mark.parametrize(("found", "example"), EXAMPLES)
def test_an_example_with_no_figure_says_why(found: Metric, example: Example) -> None:
    assert found.examples
    assert (example.value is None and example.text is None) == bool(example.reason)


VECTORS = [
    ("dso_simple", 55.35),
    ("dso_countback", 73.17),
    ("dso_countback", 73.71),
    ("customer_retention", 1.0),
    ("account_retention", 0.5),
    ("new_customer_rate", 0.2),
    ("gross_revenue_retention", 0.7),
    ("gross_revenue_retention", 0.95),
    ("net_revenue_retention", 0.95),
    ("net_revenue_retention", 1.1),
    ("currency_effect", -20),
]


@pytest.mark.parametrize(("name", "value"), VECTORS)
def test_the_published_vectors_are_worked_examples(name: str, value: float) -> None:
    assert value in [example.value for example in METRICS.get(name).examples]


@pytest.mark.parametrize("interval", [(0.621, 0.963), (0.510, 1.0), (0.776, 0.822)])
def test_the_published_intervals_of_satisfaction_are_worked_examples(interval: tuple[float, float]) -> None:
    assert interval in [(example.low, example.high) for example in METRICS.get("csat").examples]


@pytest.mark.parametrize("name", ALL)
def test_every_metric_has_words_in_both_languages(name: str) -> None:
    entry = catalogue()[name]

    for language in ("zh-Hans", "en"):
        assert entry.label(language)
        assert entry.meaning(language).endswith(("。", "."))
        assert entry.formula(language)
    assert entry.label("zh") != entry.label("en")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in entry.meaning("zh") + entry.formula("zh"))
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in entry.meaning("en") + entry.formula("en"))
    assert entry.edge("zh").endswith("。") == bool(entry.edge("en"))
    assert ALL[name].words["source"].en


@pytest.mark.parametrize("name", ALL)
def test_the_printed_catalogue_has_every_metric_in_both_languages(name: str, text: str) -> None:
    entry = catalogue()[name]

    assert f"### {entry.label('zh')} · {entry.label('en')}" in text
    for language in ("zh", "en"):
        assert entry.meaning(language) in text
        assert entry.formula(language) in text
        assert entry.edge(language) in text
    assert f"`{name}` v{entry.definition}" in text


def test_the_catalogue_for_machines_is_json_and_names_only_facts_that_exist() -> None:
    said = json.loads(json.dumps(as_json()))

    assert [each["name"] for each in said] == sorted(ALL)
    for each in said:
        assert set(each["label"]) == {"zh-Hans", "zh-Hant", "en"}
        assert set(each["facts"]) <= set(FACTS.all())
        assert each["facts"]


def test_the_facts_of_a_metric_are_those_its_code_asks_for() -> None:
    assert facts_used(METRICS.get("gross_margin")) == ("cost_of_sales", "net_sales", "sales_with_cost")
    assert facts_used(METRICS.get("receivables_turnover")) == ("billed", "receivables")


def test_the_facts_of_an_account_fact_are_counted_in() -> None:
    assert "net_sales" in facts_used(METRICS.get("gross_revenue_retention"))
    assert "sales_rows" in facts_used(METRICS.get("customer_retention"))


def test_a_composite_is_made_of_the_facts_of_what_it_weighs() -> None:
    assert {"orders_met", "clocks_due", "csat_answers"} <= set(facts_used(METRICS.get("service_score")))


def test_a_ratios_formula_is_read_off_its_code() -> None:
    assert formula(METRICS.get("on_time_orders"), "en") == "orders on time ÷ orders due"
    assert formula(METRICS.get("on_time_orders"), "zh") == "准时订单数 ÷ 到期订单数"
    assert formula(METRICS.get("sales_growth"), "en") == (
        "(net sales − net sales of the year before) ÷ net sales of the year before"
    )
    assert formula(METRICS.get("receivables_turnover"), "en") == "invoiced, gross of tax ÷ mean receivables"


@pytest.mark.parametrize("name", ALL)
def test_a_metric_is_declared_with_things_that_exist(name: str) -> None:
    found = ALL[name]

    assert found.subjects
    assert set(found.windows) <= set(pipeline.metrics.ALL_WINDOWS)
    assert found.trend is None or found.trend in found.windows
    assert found.definition >= 1
    known = {column for fact in FACTS.all().values() for column in fact.breakdowns}
    assert set(found.breakdowns) - {""} <= known or found.parts is not None  # policy names those


@pytest.mark.parametrize("name", FACTS.all())
def test_a_fact_is_documented_and_labelled_in_both_languages(name: str) -> None:
    fact = FACTS.get(name)

    assert fact.measure.__doc__
    assert fact.label.zh
    assert fact.label.en
    assert not (set(fact.by) & set(fact.only_by))


@pytest.fixture
def registered() -> Iterator[None]:
    """What a test registers is gone after it."""
    before = {id(each): dict(each._things) for each in (METRICS, FACTS)}
    yield
    for each in (METRICS, FACTS):
        each._things.clear()
        each._things.update(before[id(each)])


def declare(measure: Any, **more: Any) -> Any:
    return metric(
        label=Words("名", "name"),
        unit="share",
        better="higher",
        audience="client",
        example=Example({}),
        **more,
    )(measure)


def named(name: str, docstring: str = PROSE) -> Any:
    def measure(f: Any) -> Measure:
        return f.net_sales  # type: ignore[no-any-return]

    measure.__name__, measure.__doc__ = name, docstring
    return measure


@pytest.mark.usefixtures("registered")
def test_two_metrics_of_one_name_are_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        declare(named("csat"))

    assert refused.value.code == "KB-1020"
    assert "csat" in str(refused.value)


@pytest.mark.usefixtures("registered")
def test_two_facts_of_one_name_are_refused() -> None:
    with pytest.raises(SettingsError) as refused:
        flow(table="sales", on="sold_on", unit="count", label=Words("名", "name"))(named("net_sales"))

    assert refused.value.code == "KB-1020"


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_fact_may_not_have_the_name_of_a_view(name: str) -> None:
    with pytest.raises(SettingsError) as refused:
        flow(table="sales", on="sold_on", unit="count", label=Words("名", "name"))(named(name))

    assert refused.value.code == "KB-1022"
    assert name in str(refused.value)


@pytest.mark.parametrize(
    "docstring",
    [
        "",
        "What it means.",
        "What it means.\n\n它的意思。",
        "What it means.\n\nSource: usual practice",
        "Formula: a ÷ b\n\nSource: usual practice",
    ],
)
def test_a_metric_without_its_meaning_in_both_languages_and_a_source_is_refused(docstring: str) -> None:
    with pytest.raises(SettingsError) as refused:
        declare(named("half_documented", docstring))

    assert refused.value.code == "KB-1023"
    assert "half_documented" in str(refused.value)
    assert "half_documented" not in METRICS.all()


def test_the_parts_of_a_docstring_are_told_apart() -> None:
    words = documented(
        "m",
        "What it\nmeans.\n\n它的意思。\n\nFormula: a ÷ b | 甲 ÷ 乙\n\nEdge: none.\n\nSource: usual practice",
    )

    assert words == {
        "meaning": Words("它的意思。", "What it means."),
        "formula": Words("甲 ÷ 乙", "a ÷ b"),
        "edge": Words("none.", "none."),
        "source": Words("usual practice", "usual practice"),
    }


def test_a_fact_that_does_not_exist_is_answered_with_the_nearest() -> None:
    found = Metric(
        "m", Words("名", "name"), "share", "higher", "client", ("account",), ("month",), (Example({}),),
        lambda f: ratio(f.net_saels, f.quantity_sold),
    )  # fmt: skip

    with pytest.raises(SettingsError) as refused:
        worked(found, found.examples[0])

    assert refused.value.code == "KB-1024"
    assert refused.value.nearest == "net_sales"


def test_a_metric_that_does_not_exist_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as refused:
        METRICS.get("net_sale")

    assert (refused.value.code, refused.value.nearest) == ("KB-1021", "net_sales")


def test_a_fact_is_held_in_the_scale_of_its_unit() -> None:
    nothing = named("nothing")
    units = {
        unit: Fact("x", "flow", unit, Words("", ""), nothing).scale
        for unit in ("money", "hours", "quantity", "share", "count", "days")
    }

    assert units == {
        "money": 10_000,
        "hours": 10_000,
        "quantity": 10_000,
        "share": 10_000,
        "count": 10_000,
        "days": 1,
    }
    assert Fact("x", "account", "count", Words("", ""), nothing).scale == 1


def test_things_are_listed_by_name_whatever_the_order_they_came_in() -> None:
    registry: Registry[int] = Registry("thing", "pipeline.channels_that_are_not_there")
    registry._loaded = True
    registry.add("b", 2)
    registry.add("a", 1)

    assert list(registry.all().items()) == [("a", 1), ("b", 2)]


def test_an_entry_speaks_the_language_it_is_asked_in() -> None:
    entry = Entry(METRICS.get("net_sales"))

    assert entry.label("zh-Hans") == entry.label("zh_CN") == "净销售额"
    assert entry.label("zh-Hant") == entry.label("zh_TW") == "淨銷售額"
    assert entry.label("en") == "net sales"


def test_the_head_of_the_printed_catalogue_explains_every_word_that_entries_use(text: str) -> None:
    head = text.partition("\n## ")[0]
    used = {
        word
        for found in ALL.values()
        for word in (found.unit, found.audience, *found.subjects, *found.windows)
    }

    assert {word for word in used if f" {word} " not in head} == set()
    assert {reason for reason in REASONS[1:] if f" {reason} " not in head} == set()


def test_every_theme_has_a_heading_in_both_languages(text: str) -> None:
    headings = [line for line in text.splitlines() if line.startswith("## ")]

    assert len(headings) == len({found.theme for found in ALL.values()})
    assert [each for each in headings if " · " not in each] == []


def test_a_bracket_in_a_chinese_formula_has_no_space_beside_it() -> None:
    assert formula(METRICS.get("sales_growth"), "zh") == "（净销售额 − 上年同期净销售额）÷ 上年同期净销售额"
    assert formula(METRICS.get("win_rate"), "zh") == "赢单数 ÷（赢单数 + 输单数）"


def test_an_example_of_which_only_a_bound_is_known_says_the_bound(text: str) -> None:
    """Of days counted back through a history that is too short."""
    section = text.partition("`dso_countback`")[2].partition("###")[0]

    assert "→ – (short_history; ≥ 61)" in section
