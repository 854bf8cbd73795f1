"""Service: were promised hours kept, and how long did things take."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, median, percentile, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_TIMES: dict[str, Any] = {"unit": "hours", "better": "lower", "audience": "client", "trend": "month"}
_NINE_IN_TEN = 0.9


@metric(
    label=Words("服务达成率", "service level attainment"),
    unit="share",
    better="higher",
    audience="client",
    breakdowns=("", "clock"),
    trend="month",
    example=Example({"clocks_met": 24, "clocks_due": 26}, 24 / 26),
)
def sla_attainment(f: Any) -> Measure:
    """The share of promised deadlines that were kept: first reply, resolution, green channel.

    承诺时限中达成的比例：首次响应、解决、绿色通道。

    Edge: open past its limit is a miss; not due by the cut-off is left out; pauses stop the clock; contract terms come first. | 超时未结计为未达成；截止日未到期的不计；暂停不计时；合同条款优先。

    Source: ITIL 4, "Service level management"
    """
    return ratio(f.clocks_met, f.clocks_due, n=f.clocks_due)


@metric(
    **_TIMES,
    label=Words("首次响应中位数", "first reply, median"),
    example=Example({"first_reply_hours": [1, 2, 6]}, 2),
)
def first_reply_median(f: Any) -> Measure:
    """The time within which half of the cases had their first reply.

    一半工单在此时间内得到首次响应。

    Formula: median of the hours to first reply | 首次响应小时数的中位数

    Edge: cases without a reply yet are not in the median; the attainment rate counts them. | 尚未响应的工单不计入中位数，但计入达成率。

    Source: usual practice
    """
    return median(f.first_reply_hours)


@metric(
    **_TIMES,
    label=Words("首次响应P90", "first reply, nine in ten"),
    example=Example({"first_reply_hours": [0, 10]}, 9),
)
def first_reply_p90(f: Any) -> Measure:
    """The time within which nine of ten cases had their first reply.

    九成工单在此时间内得到首次响应。

    Formula: 90th percentile of the hours to first reply, by linear interpolation | 首次响应小时数的第90百分位（线性插值）

    Edge: with few cases this is close to the longest. | 工单很少时接近最大值。

    Source: Hyndman & Fan (1996), definition 7
    """
    return percentile(f.first_reply_hours, _NINE_IN_TEN)


@metric(
    **_TIMES,
    label=Words("绿色通道响应中位数", "green channel reply, median"),
    example=Example({"green_reply_hours": [0.2, 0.5, 0.9]}, 0.5),
)
def green_reply_median(f: Any) -> Measure:
    """The time within which half of the cases in the green channel had their first reply.

    绿色通道工单中一半在此时间内得到首次响应。

    Formula: median of the hours to first reply in the green channel | 绿色通道首次响应小时数的中位数

    Edge: cases without a reply yet are not in the median; the attainment rate counts them. | 尚未响应的工单不计入中位数，但计入达成率。

    Source: usual practice
    """
    return median(f.green_reply_hours)


@metric(
    **_TIMES,
    label=Words("绿色通道响应P90", "green channel reply, nine in ten"),
    example=Example({"green_reply_hours": [0, 1]}, 0.9),
)
def green_reply_p90(f: Any) -> Measure:
    """The time within which nine of ten cases in the green channel had their first reply.

    绿色通道工单中九成在此时间内得到首次响应。

    Formula: 90th percentile of the hours to first reply in the green channel, by linear interpolation | 绿色通道首次响应小时数的第90百分位（线性插值）

    Edge: with few cases this is close to the longest. | 工单很少时接近最大值。

    Source: Hyndman & Fan (1996), definition 7
    """
    return percentile(f.green_reply_hours, _NINE_IN_TEN)


@metric(
    **_TIMES,
    label=Words("解决时长中位数", "resolution, median"),
    example=Example({"resolution_hours": [10, 20, 30, 40]}, 25),
)
def resolution_median(f: Any) -> Measure:
    """The time within which half of the cases were resolved.

    一半工单在此时间内解决。

    Formula: median of the hours to resolution | 解决小时数的中位数

    Edge: cases not resolved yet are not in the median; the attainment rate counts them. | 未解决的工单不计入中位数，但计入达成率。

    Source: usual practice
    """
    return median(f.resolution_hours)


@metric(
    **_TIMES,
    label=Words("解决时长P90", "resolution, nine in ten"),
    example=Example({"resolution_hours": [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]}, 90),
)
def resolution_p90(f: Any) -> Measure:
    """The time within which nine of ten cases were resolved.

    九成工单在此时间内解决。

    Formula: 90th percentile of the hours to resolution, by linear interpolation | 解决小时数的第90百分位（线性插值）

    Edge: with few cases this is close to the longest. | 工单很少时接近最大值。

    Source: Hyndman & Fan (1996), definition 7
    """
    return percentile(f.resolution_hours, _NINE_IN_TEN)


@metric(
    label=Words("工单数", "cases"),
    unit="count",
    better="none",
    audience="client",
    trend="month",
    example=Example({"cases_opened": 12}, 12),
)
def cases(f: Any) -> Any:
    """How many cases were opened; one case is one case however many clocks it has.

    新开工单数；一张工单无论有几个时限都只算一张。

    Formula: cases | 工单数

    Edge: a case falls on the day it was opened, in the company's time zone. | 工单计入其开单日（公司所在时区）。

    Source: usual practice
    """
    return f.cases_opened
