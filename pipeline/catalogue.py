"""The catalogue: what each metric means, what it is made of, and METRICS.md, which is generated from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pipeline.engine.examples import ExampleFacts, ExampleMetrics, formula, worked
from pipeline.engine.quantities import REASONS
from pipeline.facts import FACTS
from pipeline.metrics import METRICS, Example, Metric


@dataclass(frozen=True)
class _Noting(ExampleFacts):
    """An example's facts that note which of them were asked for."""

    noted: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:
        found = ExampleFacts.__getattr__(self, name)
        if isinstance(found, ExampleFacts):
            return _Noting(found.given, found.path, self.noted)
        if name != "days":
            self.noted.add(name)
        return found

    def back(self, months: int) -> ExampleFacts:
        return _Noting(self.given, ExampleFacts.back(self, months).path, self.noted)

    def trailing(self, months: int) -> ExampleFacts:
        return _Noting(self.given, ExampleFacts.trailing(self, months).path, self.noted)

    def text(self, metric: str) -> list[str | None]:
        self.noted.update(facts_used(METRICS.get(metric)))
        return ExampleFacts.text(self, metric)


@dataclass(frozen=True)
class _NotingMetrics(ExampleMetrics):
    noted: set[str] = field(default_factory=set)

    def measure(self, metric: str, breakdown: str = "") -> Any:
        self.noted.update(facts_used(METRICS.get(metric)))
        return ExampleMetrics.measure(self, metric, breakdown)


@cache
def _facts_used(name: str) -> tuple[str, ...]:
    metric = METRICS.get(name)
    noted: set[str] = set()
    for example in metric.examples:
        if metric.kind == "composite":
            metric.measure(_NotingMetrics(example.given, noted))
        elif metric.kind == "replayed":
            metric.measure(_Noting(example.given, "", noted), None)
        else:
            metric.measure(_Noting(example.given, "", noted))
    return tuple(sorted(noted | {base for name in noted for base in _bases(name)}))


def facts_used(metric: Metric) -> tuple[str, ...]:
    """The facts a metric is made of, noted while its examples are worked; account facts with what they use."""
    return _facts_used(metric.name)


def _bases(name: str) -> set[str]:
    fact = FACTS.get(name)
    if fact.kind != "account":
        return set()
    noted: set[str] = set()
    fact.measure(_Noting({}, "", noted))
    return noted | {base for each in noted for base in _bases(each)}


@cache
def facts_of_words(fact: str) -> frozenset[str]:
    """The facts of the metrics whose words an account fact looks up to tell customers apart, as their class."""
    known, noted = FACTS.get(fact), set[str]()
    for name, values in known.values.items() if known.kind == "account" else ():
        known.measure(_Noting({f"chosen({name})": next(iter(values), "")}, "", noted))
    return frozenset(noted | {base for name in noted for base in _bases(name)})


@dataclass(frozen=True)
class Entry:
    """A metric as documents and people see it."""

    metric: Metric

    @property
    def unit(self) -> str:
        return self.metric.unit

    @property
    def audience(self) -> str:
        return self.metric.audience

    @property
    def better(self) -> str:
        return self.metric.better

    @property
    def definition(self) -> int:
        return self.metric.definition

    def label(self, language: str) -> str:
        return self.metric.label.in_language(language)

    def meaning(self, language: str) -> str:
        return self.metric.words["meaning"].in_language(language)

    def formula(self, language: str) -> str:
        return formula(self.metric, language)

    def edge(self, language: str) -> str:
        """What happens at the edges; empty where nothing is said."""
        return self.metric.words["edge"].in_language(language) if "edge" in self.metric.words else ""


def catalogue() -> dict[str, Entry]:
    """Every metric by name."""
    return {name: Entry(metric) for name, metric in METRICS.all().items()}


def as_json() -> list[dict[str, Any]]:
    """The catalogue for machines: `kambook metrics --json`."""
    return [_described(entry) for entry in catalogue().values()]


def _described(entry: Entry) -> dict[str, Any]:
    metric = entry.metric
    return {
        "name": metric.name,
        "theme": metric.theme,
        "label": {
            "zh-Hans": metric.label.zh,
            "zh-Hant": metric.label.in_language("zh-Hant"),
            "en": metric.label.en,
        },
        "meaning": {"zh-Hans": entry.meaning("zh-Hans"), "en": entry.meaning("en")},
        "formula": {"zh-Hans": entry.formula("zh-Hans"), "en": entry.formula("en")},
        "edge": {"zh-Hans": entry.edge("zh-Hans"), "en": entry.edge("en")},
        "source": metric.words["source"].en,
        "unit": metric.unit,
        "better": metric.better,
        "audience": metric.audience,
        "subjects": list(metric.subjects),
        "windows": list(metric.windows),
        "breakdowns": list(metric.breakdowns),
        "trend": metric.trend,
        "definition": metric.definition,
        "facts": list(facts_used(metric)),
    }


_HEAD = """<!-- Generated by `make docs` from the code; do not edit. -->
# 指标目录 · Metric catalogue

每个指标的名称、含义、公式、算例、边界情形与出处。说明与计算出自同一处代码。
Name, meaning, formula, worked example, edge cases and source of every metric. The words and the figures come from
the same code. Facts add up over accounts; a division comes last.

每项名称之下依次为：代码与定义版本、繁体名称、单位、方向、可见范围。
Below each name: its code and the version of its definition, its name in Traditional Chinese, unit, direction, audience.

- 单位 · Units: money 金额, share 比例, ratio 比值, index 指数, count 个数, quantity 数量（按计量单位）, hours 小时, days 天, score 得分, text 文字
- 可见范围 · Audience: client 客户可见, internal 仅限内部, restricted 受限
- 对象 · Subjects: account 账户, customer 客户（集团合并）, manager 客户经理, team 团队, region 地区, industry 行业, product 产品, portfolio 全部客户
- 窗口 · Windows: month 月, qtd 季初至今, quarter 季度, half 半年, ytd 年初至今, year 年, t12m 最近十二个月
- 「–」表示无法计量，并注明原因 · “–” means that it cannot be measured, and why: no_data 无数据, short_history 历史不足, not_positive 分母不为正, no_rate 缺汇率, input_missing 缺少输入, too_few 数量太少, low_coverage 覆盖率过低, not_sold 未售出
"""
_THEMES = {
    "sales": "销售 · Sales",
    "kinds": "按类销售 · Sales by kind",
    "bridge": "销售额变动 · Sales bridge",
    "targets": "销售目标 · Targets",
    "forecasts": "预测 · Forecasts",
    "profit": "利润 · Profit",
    "contribution": "客户贡献 · Contribution",
    "whale_curve": "鲸鱼曲线 · Whale curve",
    "resources": "资源与价值 · Resources against value",
    "lifetime_value": "客户终身价值 · Lifetime value",
    "receivables": "应收 · Receivables",
    "contracts": "合同 · Contracts",
    "collection": "回款 · Collection",
    "delivery": "交付 · Delivery",
    "fulfilment": "履约 · Fulfilment",
    "service": "服务 · Service",
    "voice": "客户声音 · Voice of the customer",
    "feedback": "推荐与回收 · Feedback",
    "comments": "意见与处理 · Comments and actions",
    "value": "目标与价值 · Goals and value",
    "benefits": "增值服务 · Benefits",
    "usage": "使用情况 · Use of products",
    "projects": "联合项目 · Joint projects",
    "changes": "需求变更 · Requirement changes",
    "commitments": "承诺 · Commitments",
    "customers": "客户 · Customers",
    "identification": "大客户识别 · Identification",
    "rfm": "RFM · Recency, frequency, monetary value",
    "classes": "分类 · Classes",
    "bands": "收入等级 · Revenue bands",
    "movements": "变动 · Movements",
    "distribution": "分布 · Distribution",
    "lifecycle": "关系阶段 · Lifecycle",
    "cadence": "服务节奏 · Cadence",
    "enablement": "增值服务兑现 · Enablement",
    "roles": "角色 · Roles",
    "needs": "需求 · Needs",
    "first_deliveries": "首单 · First deliveries",
    "people": "对接人 · People",
    "market": "市场与钱包份额 · Market and wallet",
    "whitespace": "产品空白与交叉销售 · Whitespace and cross-selling",
    "deals": "商机 · Deals",
    "prospects": "在途商机 · Prospects",
    "scores": "评分 · Scores",
    "scorecard": "加权绩效 · Weighted scorecard",
    "plans": "客户计划 · Account plans",
    "budgets": "预算 · Budgets",
    "competences": "能力 · Competence",
    "competitors": "竞争对手 · Competitors",
    "interventions": "挽留 · Rescues",
    "pay": "薪酬草案 · Pay drafts",
    "health": "健康度 · Health",
    "warnings": "预警 · Early warnings",
}


def as_markdown() -> str:
    """METRICS.md."""
    parts = [_HEAD]
    entries = list(catalogue().values())
    themes = [theme for theme in _THEMES if any(entry.metric.theme == theme for entry in entries)]
    themes += sorted({entry.metric.theme for entry in entries} - set(themes))
    for theme in themes:
        parts.append(f"## {_THEMES.get(theme, theme.capitalize())}\n")
        parts += [_section(entry) for entry in entries if entry.metric.theme == theme]
    return "\n".join(parts)


def _section(entry: Entry) -> str:
    metric = entry.metric
    lines = [
        f"### {metric.label.zh} · {metric.label.en}",
        "",
        f"`{metric.name}` v{metric.definition} · {metric.label.in_language('zh-Hant')} · {metric.unit} · {_better(metric)} · {metric.audience}",
        "",
        entry.meaning("zh"),
        entry.meaning("en"),
        "",
        f"- 公式 · Formula: {entry.formula('zh')} · {entry.formula('en')}",
    ]
    lines += [f"- 算例 · Example: {_example(metric, example)}" for example in metric.examples]
    if entry.edge("en"):
        lines.append(f"- 边界 · Edge: {entry.edge('zh')} {entry.edge('en')}")
    lines += [
        f"- 对象 · Subjects: {', '.join(metric.subjects)}; 窗口 · windows: {', '.join(metric.windows)}",
        f"- 事实 · Facts: {', '.join(f'`{name}`' for name in facts_used(metric))}",
        f"- 出处 · Source: {metric.words['source'].en}",
        "",
    ]
    return "\n".join(lines)


def _better(metric: Metric) -> str:
    return {"higher": "越高越好 higher is better", "lower": "越低越好 lower is better", "none": "–"}[
        metric.better
    ]


def _example(metric: Metric, example: Example) -> str:
    given = "; ".join(f"{key} = {_short(value)}" for key, value in example.given.items() if key != "rule")
    made = worked(metric, example)
    if made.text is not None:
        return f"{given} → {', '.join(str(text) for text in made.text)}"
    if not made.value.known[0]:
        least = (
            f"; ≥ {_number(float(made.low.floats[0]))}" if made.low is not None and made.low.known[0] else ""
        )
        return f"{given} → – ({REASONS[made.value.reasons[0]]}{least})"
    said = f"{given} → {_number(float(made.value.floats[0]))}"
    if made.low is not None and made.high is not None and made.high.known[0]:
        said += f" ({_number(float(made.low.floats[0]))} – {_number(float(made.high.floats[0]))})"
    return said


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _short(value: Any) -> str:
    return "[" + ", ".join(_short(each) for each in value) + "]" if isinstance(value, list) else f"{value}"
