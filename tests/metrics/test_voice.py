from __future__ import annotations

import pytest

from pipeline.engine.quantities import REASONS, Measure
from tests.engines import Engine, engine


def asked(*scores: object, **cells: object) -> Engine:
    rows = {
        "accounts": [{"account_id": "A", "name": "a"}],
        "surveys": [
            {"survey_id": f"S{at}", "account_id": "A", "kind": "csat", "answered_on": "2026-09-05", "score": score,
             "scale_max": 5, **cells}
            for at, score in enumerate(scores)
        ],
    }  # fmt: skip
    return engine(rows)


def csat(found: Engine) -> Measure:
    return found.measure("csat", "account", "month")


@pytest.mark.parametrize(
    ("satisfied", "answers", "low", "high"),
    [(13, 15, 0.621, 0.963), (4, 4, 0.510, 1.0), (960, 1200, 0.776, 0.822)],
    ids=["13 of 15", "4 of 4", "960 of 1200"],
)
def test_satisfaction_comes_with_its_wilson_interval(
    satisfied: int, answers: int, low: float, high: float
) -> None:
    scores = [4 + at % 2 for at in range(satisfied)] + [1 + at % 3 for at in range(answers - satisfied)]
    made = csat(asked(*scores))

    assert made.value.floats[0] == satisfied / answers
    assert made.low is not None
    assert made.high is not None
    assert made.n is not None
    assert made.low.floats[0] == pytest.approx(low, abs=0.0005)
    assert made.high.floats[0] == pytest.approx(high, abs=0.0005)
    assert made.n.floats[0] == answers


def test_answers_on_another_scale_are_never_mixed_in() -> None:
    assert csat(asked(9, scale_max=10)).n.floats[0] == 0  # type: ignore[union-attr]
    assert csat(asked(5, kind="nps")).n.floats[0] == 0  # type: ignore[union-attr]
    assert csat(asked(5, scale_max=None)).n.floats[0] == 1  # type: ignore[union-attr]


def test_who_was_asked_and_did_not_answer_does_not_count() -> None:
    made = csat(asked(5, None))

    assert (made.value.floats[0], made.n.floats[0]) == (1.0, 1)  # type: ignore[union-attr]


def test_without_an_answer_there_is_no_figure_and_no_interval() -> None:
    made = csat(asked(None))

    assert REASONS[made.value.reasons[0]] == "not_positive"
    assert not made.low.known[0]  # type: ignore[union-attr]
    assert not made.high.known[0]  # type: ignore[union-attr]
