"""Joint projects: what we do together with customers, and how its revenue is shared."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_NOW: dict[str, Any] = {
    "audience": "client",
    "subjects": EVERYONE,
    "windows": ("month", "quarter", "half", "year"),
    "better": "higher",
}


@metric(
    **_NOW,
    unit="count",
    breakdowns=("", "kind", "state"),
    label=Words("联合项目数", "joint projects"),
    example=Example({"projects_known": 3}, 3),
)
def joint_projects(f: Any) -> Quantity:
    """How many projects we have had together with the customer to date, by kind and by state.

    截至截止日与客户共同开展的项目数，按类型与状态划分。

    Formula: joint projects | 联合项目数

    Edge: planned, running and done ones count, dropped ones do not; it is not known when a state changed, so there is no figure for earlier windows. | 计划中、进行中与已完成的计入，已撤销的不计；无法得知状态何时变化，因此没有更早窗口的数值。

    Source: house definition
    """
    return f.projects_known


@metric(
    **{**_NOW, "windows": ("month", "quarter", "half", "ytd", "year", "t12m")},
    unit="count",
    breakdowns=("", "kind"),
    label=Words("完成的联合项目数", "joint projects finished"),
    example=Example({"projects_ended": 1}, 1),
)
def projects_finished(f: Any) -> Quantity:
    """How many projects together with the customer ended in the window.

    期内完成的联合项目数。

    Formula: joint projects finished | 完成的联合项目数

    Edge: only those that the export says are done; a project with no status is done when its last day has passed. | 以来源标注的完成为准；未注明状态的，最后一日已过即视为完成。

    Source: house definition
    """
    return f.projects_ended


@metric(
    **_NOW,
    unit="money",
    breakdowns=("", "kind"),
    label=Words("联合项目收入", "revenue of joint projects"),
    example=Example({"projects_revenue": 1_260_000}, 1_260_000),
)
def project_revenue(f: Any) -> Quantity:
    """What the projects together with the customer have brought to date.

    截至截止日联合项目带来的收入合计。

    Formula: revenue of joint projects | 联合项目收入

    Edge: projects that are not meant to bring money add nothing; dropped ones are left out. | 不以收入为目的的项目不计；已撤销的除外。

    Source: house definition
    """
    return f.projects_revenue


@metric(
    **_NOW,
    unit="money",
    breakdowns=("", "kind"),
    label=Words("我方分成", "our share of project revenue"),
    example=Example({"projects_ours": 126_000}, 126_000),
)
def project_share(f: Any) -> Quantity:
    """What of the revenue of joint projects is ours by agreement.

    按约定归我方的联合项目收入。

    Formula: Σ revenue × our share | Σ 收入 × 我方分成比例

    Edge: the share is that of the contract in force when the project began, else the project's own; a project without an agreed share is left out. | 分成比例以项目开始时有效的合同为准，合同未约定的以项目约定为准；未约定分成的项目不计。

    Source: house definition
    """
    return f.projects_ours


@metric(
    **{**_NOW, "better": "none"},
    unit="share",
    label=Words("平均分成比例", "mean share of project revenue"),
    example=(
        Example({"projects_ours": 126_000, "projects_shared": 1_260_000}, 0.1),
        Example({"projects_ours": 0, "projects_shared": 0}, reason="not_positive"),
    ),
)
def project_share_rate(f: Any) -> Measure:
    """Our share of the revenue of joint projects of which a share is agreed.

    已约定分成的联合项目收入中归我方的比例。

    Edge: without revenue to share there is no figure. | 没有可分成的收入则不计算。

    Source: house definition
    """
    return ratio(f.projects_ours, f.projects_shared)
