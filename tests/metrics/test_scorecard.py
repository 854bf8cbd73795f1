"""The weighted score: what holds whatever the plan and the figures, and how it is told of managers and teams."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.quantities import REASONS
from pipeline.rules.scorecard import ScorecardRule
from pipeline.rules.targets import TargetRule
from tests.engines import Engine, engine, policy_with
from tests.scorecards import METRIC_OF, measure, plan, told, value_of

Figures = dict[str, float | None]
_SHARES = st.integers(0, 200).map(lambda each: each / 100)


@st.composite
def cases(draw: st.DrawFn) -> tuple[ScorecardRule, Figures, Figures]:
    """A plan of some measures, with figures of which some are not known, and a target for each."""
    names = draw(st.lists(st.sampled_from(METRIC_OF), min_size=2, max_size=5, unique=True))
    cuts = sorted(
        draw(st.lists(st.integers(1, 99), min_size=len(names) - 1, max_size=len(names) - 1, unique=True))
    )
    weights = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    measures = [
        measure(
            name, weight, floor=draw(st.sampled_from((0.0, 0.5, 0.8))), cap=draw(st.sampled_from((1.0, 1.2)))
        )
        for name, weight in zip(names, weights, strict=True)
    ]
    rule = plan(*measures, coverage_floor=draw(st.sampled_from((0.01, 0.6))))
    values = {name: draw(st.none() | _SHARES) for name in names}
    return rule, values, {name: draw(st.integers(10, 100).map(lambda each: each / 100)) for name in names}


@given(cases())
def test_a_score_lies_between_0_and_100_and_within_its_interval(
    case: tuple[ScorecardRule, Figures, Figures],
) -> None:
    found = told("weighted_score", *case)
    score = value_of(found)
    assert found.low is not None
    assert found.high is not None

    if score is not None:
        assert 0 <= score <= 100
        assert float(found.low.floats[0]) <= score + 1e-9
        assert score <= float(found.high.floats[0]) + 1e-9


@given(cases(), st.integers(0, 4), st.integers(1, 50).map(lambda each: each / 100))
def test_a_better_figure_never_lowers_the_score(
    case: tuple[ScorecardRule, Figures, Figures], place: int, more: float
) -> None:
    rule, values, targets = case
    name = rule.measures[place % len(rule.measures)].metric
    now = values[name]
    if now is None:
        return
    better = max(now - more, 0.0) if name == "turnover_days" else now + more
    before = value_of(told("weighted_score", rule, values, targets))
    after = value_of(told("weighted_score", rule, {**values, name: better}, targets))

    assert (before is None) == (after is None)
    assert before is None or after is None or after >= before - 1e-9


@given(cases())
def test_what_is_missing_is_left_out_and_no_zero(case: tuple[ScorecardRule, Figures, Figures]) -> None:
    """The score is that of a plan without the missing measures, whose weights keep their proportions."""
    rule, values, targets = case
    known = [each for each in rule.measures if values[each.metric] is not None]
    score = value_of(told("weighted_score", rule, values, targets))
    if score is None or not known:
        return
    total = sum(each.weight for each in known)
    shares = [each.weight / total * 100 for each in known]
    shares[-1] = Decimal(100) - sum(shares[:-1], Decimal(0))
    smaller = plan(
        *(each.model_dump() | {"weight": share} for each, share in zip(known, shares, strict=True)),
        coverage_floor=rule.coverage_floor,
    )

    assert score == pytest.approx(value_of(told("weighted_score", smaller, values, targets)))


@given(cases(), st.randoms())
def test_the_order_of_measures_changes_nothing(
    case: tuple[ScorecardRule, Figures, Figures], chance: Any
) -> None:
    rule, values, targets = case
    shuffled = list(rule.measures)
    chance.shuffle(shuffled)
    other = rule.model_copy(update={"measures": tuple(shuffled)})
    one, two = (value_of(told("weighted_score", each, values, targets)) for each in (rule, other))

    assert (one is None and two is None) or one == pytest.approx(two)


@given(cases(), st.integers(0, 4))
def test_what_if_says_what_comes_true_when_the_target_is_reached(
    case: tuple[ScorecardRule, Figures, Figures], place: int
) -> None:
    rule, values, targets = case
    name = rule.measures[place % len(rule.measures)].metric
    now, aim = values[name], targets[name]
    assert aim is not None
    gain = value_of(told("target_gain", rule, values, targets, name))
    score = value_of(told("weighted_score", rule, values, targets))
    if score is None:
        assert gain is None
        return
    is_short = now is None or (now > aim if name == "turnover_days" else now < aim)
    then = value_of(told("weighted_score", rule, {**values, name: aim}, targets)) if is_short else score

    assert then is not None
    assert gain == pytest.approx(max(then - score, 0), abs=1e-9)


@given(cases(), st.integers(0, 4))
def test_what_if_says_what_comes_true_one_step_on(
    case: tuple[ScorecardRule, Figures, Figures], place: int
) -> None:
    rule, values, targets = case
    name = rule.measures[place % len(rule.measures)].metric
    found = told("step_gain", rule, values, targets, name)
    score, gain, now = value_of(told("weighted_score", rule, values, targets)), value_of(found), values[name]
    if gain is None or now is None or score is None:
        assert now is None or score is None
        return
    assert found.numerator is not None
    step = float(found.numerator.floats[0])
    better = {**values, name: now - step if name == "turnover_days" else now + step}

    assert gain == pytest.approx(
        max((value_of(told("weighted_score", rule, better, targets)) or 0) - score, 0), abs=1e-9
    )


@given(cases())
def test_points_over_coverage_are_the_score(case: tuple[ScorecardRule, Figures, Figures]) -> None:
    rule, values, targets = case
    found = told("weighted_score", rule, values, targets)
    score = value_of(found)
    if score is None:
        return
    assert found.coverage is not None
    points = [value_of(told("measure_points", rule, values, targets, each.metric)) for each in rule.measures]

    assert score == pytest.approx(
        min(sum(each or 0 for each in points) / float(found.coverage.floats[0]), 100)
    )


def test_a_measure_without_a_target_is_left_out_and_has_nothing_to_gain() -> None:
    rule = plan(measure("gross_margin", 60), measure("csat", 40))
    figures: Figures = {"gross_margin": 0.3, "csat": 0.8}

    assert value_of(told("weighted_score", rule, figures, {"gross_margin": 0.6})) == pytest.approx(50)
    assert value_of(told("target_gain", rule, figures, {"gross_margin": 0.6}, "csat")) is None


def test_floor_cap_and_the_end_of_the_scale() -> None:
    rule = plan(measure("gross_margin", 60, floor=0.5, cap=1.5), measure("csat", 40))

    def score(margin: float, answers: float) -> float | None:
        targets: Figures = {"gross_margin": 0.4, "csat": 0.8}
        return value_of(told("weighted_score", rule, {"gross_margin": margin, "csat": answers}, targets))

    assert score(0.2, 0.8) == pytest.approx(40)
    assert score(0.3, 0.8) == pytest.approx(70)
    assert score(0.8, 0.4) == pytest.approx(100)  # 60 × 1.5 + 20, but no score is above 100
    assert score(0.8, 0.0) == pytest.approx(90)


# Of managers and teams

TARGETS = [
    TargetRule(metric="gross_margin", subject_kind="manager", value=0.4, valid_from=date(2000, 1, 1)),
    TargetRule(metric="gross_margin", subject_kind="team", value=0.8, valid_from=date(2026, 1, 1)),
    TargetRule(metric="otif_orders", breakdown="basis=requested", value=1.0, valid_from=date(2000, 1, 1)),
]


def sold(rule: ScorecardRule, aims: list[TargetRule], **tables: Any) -> Engine:
    rows = {
        "accounts": [{"account_id": "A", "name": "a", "owner_id": "M1"}],
        "managers": [{"manager_id": "M1", "name": "m", "team_id": "T"}],
        "teams": [{"team_id": "T", "name": "t"}],
        "orders": [
            {"order_id": f"O{month}", "account_id": "A", "ordered_on": f"2026-{month:02}-05"}
            for month in range(1, 10)
        ],
        "order_lines": [
            {"order_id": f"O{month}", "line_no": 1, "net_amount": 100, "cost_amount": 70, "quantity": 1}
            for month in range(1, 10)
        ],
        **tables,
    }
    return engine(rows, policy=policy_with(scorecard=[rule], target=aims))


def test_a_team_without_targets_of_its_own_is_held_against_those_of_every_manager() -> None:
    rule = plan(measure("gross_margin", 100))

    assert sold(rule, TARGETS[:1]).value("weighted_score", "manager:M1", "ytd") == pytest.approx(75)
    assert sold(rule, TARGETS[:1]).value("weighted_score", "team:T", "ytd") == pytest.approx(75)
    assert sold(rule, TARGETS[:2]).value("weighted_score", "team:T", "ytd") == pytest.approx(37.5)


def test_an_amount_asked_of_every_manager_is_not_asked_of_a_team() -> None:
    amount = [TargetRule(metric="net_sales", subject_kind="manager", value=1000, valid_from=date(2000, 1, 1))]
    found = sold(plan(measure("net_sales", 100)), amount)

    assert found.value("weighted_score", "manager:M1", "ytd") == pytest.approx(90)
    assert found.value("weighted_score", "team:T", "ytd") is None


def test_a_managers_own_target_comes_before_that_of_all_and_the_plans() -> None:
    rule = plan(measure("net_sales", 100, target=9000))
    own = [
        {"subject_kind": "manager", "subject_id": "M1", "metric": "net_sales", "from_on": "2026-01-01",
         "to_on": "2026-10-01", "value": 1800}
    ]  # fmt: skip

    assert sold(rule, []).value("weighted_score", "manager:M1", "ytd") == pytest.approx(10)
    assert sold(rule, [], targets=own).value("weighted_score", "manager:M1", "ytd") == pytest.approx(50)


def test_before_the_first_plan_there_is_no_score_and_no_fault() -> None:
    found = sold(plan(measure("gross_margin", 100), valid_from=date(2027, 1, 1)), TARGETS)
    score = found.measure("weighted_score", "manager", "ytd")

    assert REASONS[score.value.reasons[0]] == "no_data"


def test_each_window_is_judged_by_the_plan_of_its_last_day() -> None:
    both = [
        plan(measure("gross_margin", 100, target=0.6), valid_from=date(2026, 1, 1)),
        plan(measure("gross_margin", 100, target=0.3), valid_from=date(2026, 10, 1)),
    ]
    found = engine(dict(sold(both[0], []).tables), policy=policy_with(scorecard=both, target=[]))

    assert found.value("weighted_score", "manager:M1", "ytd") == pytest.approx(50)


def test_a_measure_is_read_over_its_own_window() -> None:
    rows = [{"order_id": "O0", "account_id": "A", "ordered_on": "2025-10-05"}]
    lines = [{"order_id": "O0", "line_no": 1, "net_amount": 900, "cost_amount": 900, "quantity": 1}]
    base = sold(plan(measure("gross_margin", 100, target=0.6)), []).tables

    def score(window: str) -> float | None:
        tables = {
            "accounts": [{"account_id": "A", "name": "a", "owner_id": "M1"}],
            "orders": [*rows, *({"order_id": f"O{month}", "account_id": "A", "ordered_on": f"2026-{month:02}-05"} for month in range(1, 10))],
            "order_lines": [*lines, *({"order_id": f"O{month}", "line_no": 1, "net_amount": 100, "cost_amount": 70, "quantity": 1} for month in range(1, 10))],
        }  # fmt: skip
        return sold(plan(measure("gross_margin", 100, target=0.6, window=window)), [], **tables).value(
            "weighted_score", "manager:M1", "ytd"
        )

    assert len(base["orders"]) == 9
    assert score("ytd") == pytest.approx(50)
    assert score("t12m") == pytest.approx(25)
