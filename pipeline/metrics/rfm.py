"""RFM: how recently, how often and for how much customers buy, scored from 1 to 5 and named together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import Example, metric
from pipeline.rules.rfm import BEST
from pipeline.words import Words

_CUSTOMER: dict[str, Any] = {"audience": "internal", "subjects": ("customer",), "windows": ("t12m",)}
_SCORE: dict[str, Any] = {**_CUSTOMER, "unit": "count", "better": "higher"}
_SIX = {
    "days_since_order": [5, 30, 60, 120, 400, 10],
    "ever_bought": [1, 1, 1, 1, 1, 1],
    "purchases": [30, 12, 24, 3, 0, 1],
    "net_sales": [6_000_000, 2_000_000, 6_000_000, 600_000, 0, 20_000],
}
_FIXED = {
    "rfm": {
        "scores": "fixed",
        "quintiles_from": 25,
        "recency_days": [180, 90, 45, 20],
        "frequency": [2, 6, 12, 24],
        "monetary_amount": [100_000, 500_000, 1_000_000, 5_000_000],
    }
}
_FIFTHS = {"rfm": {**_FIXED["rfm"], "scores": "quintiles", "quintiles_from": 5}}
Scores = npt.NDArray[np.int64]


@metric(
    **_CUSTOMER,
    unit="days",
    better="lower",
    label=Words("距最近采购天数", "days since the last order"),
    example=(
        Example({"days_since_order": 12, "ever_bought": 1}, 12),
        Example({"days_since_order": 0, "ever_bought": 0}, reason="no_data"),
    ),
)
def rfm_recency(f: Any) -> Quantity:
    """How many days before the window's last day a customer last bought something.

    客户最近一次采购距期末的天数。

    Formula: last day of the window − day of the last sale above zero | 期末日 − 最近一次正销售日

    Edge: all accounts of a group count; the last sale may lie before the window; who never bought has none. | 集团各账户合并；最近采购可早于窗口；从未采购的没有数值。

    Source: A. M. Hughes, Strategic Database Marketing (1994)
    """
    return _recency(f)


@metric(
    **_CUSTOMER,
    unit="count",
    better="higher",
    label=Words("十二个月采购次数", "orders in twelve months"),
    example=Example({"purchases": 30, "ever_bought": 1}, 30),
)
def rfm_frequency(f: Any) -> Quantity:
    """On how many days a customer bought something in the window.

    客户在窗口期内有采购的天数。

    Formula: purchases in the window | 窗口内采购次数

    Edge: several orders of an account on one day are one; returns do not count; who never bought has none. | 同一账户同一天的多笔订单计一次；退货不计；从未采购的没有数值。

    Source: A. M. Hughes, Strategic Database Marketing (1994)
    """
    return f.purchases.where(f.ever_bought > 0, "no_data")


@metric(
    **_CUSTOMER,
    unit="money",
    better="higher",
    label=Words("十二个月采购金额", "sales in twelve months"),
    example=Example({"net_sales": 600_000, "ever_bought": 1}, 600_000),
)
def rfm_monetary(f: Any) -> Quantity:
    """What a customer bought in the window, net of returns.

    客户在窗口期内扣除退货后的采购金额。

    Formula: net sales in the window | 窗口内净销售额

    Edge: who never bought has none. | 从未采购的没有数值。

    Source: A. M. Hughes, Strategic Database Marketing (1994)
    """
    return f.net_sales.where(f.ever_bought > 0, "no_data")


@metric(
    **_SCORE,
    label=Words("近度得分", "recency score"),
    example=(Example({**_SIX, "rule": _FIXED}, 5), Example({**_SIX, "rule": _FIFTHS}, 5)),
)
def rfm_recency_score(f: Any) -> Measure:
    """How recently a customer bought, from 1 (long ago) to 5 (lately).

    客户采购近度的得分，1 为久未采购，5 为近期采购。

    Formula: by fixed breaks 1 + breaks reached; by fifths 1 + whole fifths of the customers that are farther back | 固定分档：1 + 达到的分档数；五分位：1 + 落后于该客户的客户所占的整五分位数

    Edge: policy says which, and fifths only from so many customers on; equal customers have equal scores; n is how many were compared. | 采用哪种由政策规定，客户数达到下限才用五分位；数值相同则得分相同；n 为参与比较的客户数。

    Source: A. M. Hughes, Strategic Database Marketing (1994)
    """
    return _scored(f, _recency_scores(f))


@metric(
    **_SCORE,
    label=Words("频度得分", "frequency score"),
    example=(Example({**_SIX, "rule": _FIXED}, 5), Example({**_SIX, "rule": _FIFTHS}, 5)),
)
def rfm_frequency_score(f: Any) -> Measure:
    """How often a customer buys, from 1 (seldom) to 5 (often).

    客户采购频度的得分，1 为很少，5 为频繁。

    Formula: by fixed breaks 1 + breaks reached; by fifths 1 + whole fifths of the customers that buy less often | 固定分档：1 + 达到的分档数；五分位：1 + 频次更低的客户所占的整五分位数

    Edge: as for the recency score. | 与近度得分相同。

    Source: A. M. Hughes, Strategic Database Marketing (1994)
    """
    return _scored(f, _frequency_scores(f))


@metric(
    **_SCORE,
    label=Words("额度得分", "monetary score"),
    example=(Example({**_SIX, "rule": _FIXED}, 5), Example({**_SIX, "rule": _FIFTHS}, 4)),
)
def rfm_monetary_score(f: Any) -> Measure:
    """For how much a customer buys, from 1 (little) to 5 (much).

    客户采购金额的得分，1 为较少，5 为较多。

    Formula: by fixed breaks 1 + breaks reached; by fifths 1 + whole fifths of the customers that buy for less | 固定分档：1 + 达到的分档数；五分位：1 + 金额更低的客户所占的整五分位数

    Edge: as for the recency score. | 与近度得分相同。

    Source: A. M. Hughes, Strategic Database Marketing (1994)
    """
    return _scored(f, _monetary_scores(f))


@metric(
    **_CUSTOMER,
    unit="text",
    better="none",
    label=Words("RFM 分组", "RFM segment"),
    example=Example(_SIX, text=("champions", "champions", "loyal", "at_risk", "lost", "new")),
)
def rfm_segment(f: Any) -> Measure:
    """What the three scores of a customer together are called, by the table of policy.

    三项得分合起来的客户分组名称，按政策的分组表确定。

    Formula: the first line of policy that fits the recency score and the mean of the other two, half up | 政策中首个同时符合近度得分与其余两项平均分（四舍五入）的分组

    Edge: who never bought has none; numerator is the recency score, denominator the mean of the other two. | 从未采购的没有分组；分子为近度得分，分母为其余两项的平均分。

    Source: A. M. Hughes, Strategic Database Marketing (1994); names of the segments: house definition (policy/rfm.toml)
    """
    recency = _recency_scores(f)
    value = (_frequency_scores(f) + _monetary_scores(f) + 1) // 2
    rule, known = f.rule("rfm"), _known(f)
    texts = [
        rule.segment(one, other).name if is_known else None
        for one, other, is_known in zip(recency.tolist(), value.tolist(), known.tolist(), strict=True)
    ]
    scored = _scored(f, recency)
    return Measure(
        scored.value, numerator=scored.value, denominator=Quantity.of(value), n=scored.n, text=texts
    )


@metric(
    **_CUSTOMER,
    unit="text",
    better="none",
    label=Words("RFM 计分方式", "how RFM was scored"),
    example=(
        Example({**_SIX, "rule": _FIXED}, text=("fixed",) * 6),
        Example({**_SIX, "rule": _FIFTHS}, text=("quintiles",) * 6),
        Example(_SIX, text=("fixed",) * 6),
    ),
)
def rfm_method(f: Any) -> Measure:
    """Whether the scores of this portfolio are by fifths or by fixed breaks.

    本次计分采用五分位还是固定分档。

    Formula: fifths where policy wants them and so many customers ever bought, else fixed breaks | 政策选用五分位且曾采购的客户数达到下限时用五分位，否则用固定分档

    Edge: n is how many customers were compared. | n 为参与比较的客户数。

    Source: house definition (policy/rfm.toml)
    """
    scored = _scored(f, np.zeros(len(f.ever_bought), dtype=np.int64))
    name = "quintiles" if _by_fifths(f) else "fixed"
    return Measure(scored.value, n=scored.n, text=[name if each else None for each in _known(f)])


def _recency(f: Any) -> Quantity:
    recency: Quantity = f.days_since_order.where(f.ever_bought > 0, "no_data")
    return recency


def _known(f: Any) -> npt.NDArray[np.bool_]:
    """The customers that are compared: those that ever bought, and of which all three are known."""
    return np.asarray(_recency(f).known & f.purchases.known & f.net_sales.known)


def _by_fifths(f: Any) -> bool:
    rule = f.rule("rfm")
    return bool(rule.scores == "quintiles" and _known(f).sum() >= rule.quintiles_from)


def _scored(f: Any, scores: Scores) -> Measure:
    known = _known(f)
    recency, orders, sales = _recency(f), f.purchases, f.net_sales
    reasons = np.maximum.reduce([each.reasons for each in (recency, orders, sales)])
    value = Quantity(scores, 1, np.where(known, 0, reasons).astype(np.int8))
    return Measure(value, n=Quantity.of(np.full(known.size, known.sum(), dtype=np.int64)))


def _recency_scores(f: Any) -> Scores:
    return _scores(f, -_recency(f).floats, [-each for each in f.rule("rfm").recency_days])


def _frequency_scores(f: Any) -> Scores:
    return _scores(f, f.purchases.floats, f.rule("rfm").frequency)


def _monetary_scores(f: Any) -> Scores:
    return _scores(f, f.net_sales.floats, f.rule("rfm").monetary_amount)


def _scores(f: Any, numbers: npt.NDArray[np.float64], breaks: Any) -> Scores:
    """A score for each customer; who is not compared has none, whatever stands there."""
    return fifths(numbers, _known(f)) if _by_fifths(f) else by_breaks(numbers, breaks)


def by_breaks(numbers: npt.NDArray[np.float64], breaks: Any) -> Scores:
    """1 and one more for each break that is reached; the breaks rise."""
    return np.searchsorted(np.asarray(breaks, dtype=np.float64), numbers, side="right").astype(np.int64) + 1


def fifths(numbers: npt.NDArray[np.float64], compared: npt.NDArray[np.bool_]) -> Scores:
    """1 and one more for each whole fifth of those compared that has a smaller number."""
    among = np.sort(numbers[compared])
    smaller = np.searchsorted(among, numbers, side="left").astype(np.int64)
    return 1 + np.minimum(BEST * smaller // max(among.size, 1), BEST - 1)
