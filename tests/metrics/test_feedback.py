from __future__ import annotations

import pytest

from tests.engines import Engine, engine

ACCOUNTS = [{"account_id": "A1", "name": "a"}]
Row = dict[str, object]
EARLY: Row = {"kind": "csat", "asked_on": "2026-01-01", "answered_on": "2026-01-01", "score": 5}


def made(*surveys: Row) -> Engine:
    rows = [
        {"survey_id": f"S{number}", "account_id": "A1", **survey}
        for number, survey in enumerate([EARLY, *surveys])
    ]
    return engine({"accounts": ACCOUNTS, "surveys": rows})


def answers(*scores: int, **more: object) -> list[Row]:
    return [{"kind": "nps", "answered_on": "2026-09-09", "score": score, **more} for score in scores]


def nps(engine: Engine) -> tuple[float | None, float, float]:
    measure = engine.measure("nps", "account", "month")
    assert measure.low is not None
    assert measure.high is not None
    value = float(measure.value.floats[0]) if measure.value.known[0] else None
    return value, float(measure.low.floats[0]), float(measure.high.floats[0])


def test_recommendation_is_promoters_less_detractors_with_its_interval() -> None:
    value, low, high = nps(made(*answers(*[9] * 10, *[10] * 5, *[7] * 5, *[8] * 5, *[6] * 3, *[0] * 2)))

    assert value == pytest.approx(100 / 3)
    assert (value or 0) - low == pytest.approx(26.7, abs=0.05)
    assert high - (value or 0) == pytest.approx(26.7, abs=0.05)


def test_with_fewer_than_five_answers_there_is_no_score() -> None:
    assert nps(made(*answers(10, 10, 10, 10)))[0] is None
    assert nps(made(*answers(10, 10, 10, 10, 10))) == (100, 100, 100)


def test_the_interval_does_not_leave_the_scale() -> None:
    _, low, high = nps(made(*answers(*[10] * 5, 7)))

    assert high == 100
    assert low < 100


@pytest.mark.parametrize(
    "other", [{"scale_max": 5}, {"kind": "ces"}, {"score": None}, {"answered_on": "2026-10-02"}]
)
def test_other_questions_scales_and_days_do_not_enter(other: Row) -> None:
    found = made(
        *answers(*[10] * 5), *answers(0, **other) if "score" not in other else [{**answers(0)[0], **other}]
    )

    assert nps(found)[0] == 100


def test_satisfaction_on_other_scales_has_a_breakdown_of_its_own() -> None:
    rows = [
        {"kind": "csat", "answered_on": "2026-09-09", "score": score, "scale_max": scale}
        for score, scale in ((8, 10), (7, 10), (80, 100), (5, 5), (1, None))
    ]
    found = made(*rows)

    def share(scale: str) -> float | None:
        measure = found.measure("csat_other_scales", "account", "month", ("scale", scale))
        return float(measure.value.floats[0]) if measure.value.known[0] else None

    assert (share("10"), share("100"), share("5")) == (0.5, 1, None)
    assert found.value("csat", "account:A1") == 0.5


def test_the_response_rate_goes_by_the_day_of_asking() -> None:
    rows: list[Row] = [
        {"kind": "csat", "asked_on": "2026-09-01", "answered_on": "2026-09-03", "score": 4},
        {"kind": "csat", "asked_on": "2026-09-20"},
        {"kind": "nps", "asked_on": "2026-09-20"},
        {"kind": "csat", "asked_on": "2026-08-30", "answered_on": "2026-09-02", "score": 4},
        {"kind": "csat", "answered_on": "2026-09-02", "score": 4},
    ]
    found = made(*rows)

    assert found.value("response_rate", "account:A1") == pytest.approx(1 / 3)
    assert found.measure("response_rate", "account", "month", ("kind", "csat")).value.floats[0] == 0.5


def test_an_answer_after_the_cut_off_is_not_known_yet() -> None:
    asked: Row = {"kind": "csat", "asked_on": "2026-09-20", "score": 5}
    found = made({**asked, "answered_on": "2026-09-30"}, {**asked, "answered_on": "2026-10-01"}, asked)

    assert found.value("response_rate", "account:A1") == pytest.approx(1 / 3)


def test_a_part_of_an_answer_is_a_part_of_a_score() -> None:
    served = [
        {"account_id": "A1", "manager_id": f"M{at}", "role": "owner", "share_pct": share, "from_on": "2020-01-01"}
        for at, share in ((1, "0.6"), (2, "0.4"))
    ]  # fmt: skip
    rows = [{"survey_id": f"S{at}", "account_id": "A1", **each} for at, each in enumerate([EARLY, {**EARLY, "answered_on": "2026-09-09"}])]  # fmt: skip
    measure = engine({"accounts": ACCOUNTS, "surveys": rows, "assignments": served}).measure(
        "csat", "manager", "month"
    )

    assert measure.value.floats.tolist() == [1, 1]
    assert measure.n is not None
    assert measure.n.floats.tolist() == [0.6, 0.4]
    assert measure.high is not None
    assert measure.high.floats.tolist() == pytest.approx([1, 1])
