"""The tables that the demo's offices keep in workbooks: a title above the header, days as 年月日, money in 万元. Data.

The mapping beside the exports (`sources/office_sheets.toml`) says the same from the other side; a test holds the two
together. Targets have sheets of their own (`target_sheets`).
"""

from __future__ import annotations

from pipeline.demo.shapes import Cell, Sheet
from pipeline.demo.shown import YES_NO, han_day, han_month, in_ten_thousands, worded

_SURVEYS = Sheet(
    "office/满意度调查.xlsx",
    "答卷",
    "客户满意度与推荐意愿调查答卷",
    (
        Cell("survey_id", "问卷编号"),
        Cell("account_id", "客户编号"),
        Cell("contact_id", "联系人编号"),
        Cell("kind", "问卷类型", worded({"csat": "满意度", "nps": "推荐意愿"})),
        Cell("asked_on", "发出日期", han_day),
        Cell("answered_on", "回答日期", han_day),
        Cell("score", "得分", kind="number"),
        Cell("scale_max", "满分", kind="number"),
        Cell("comment", "意见"),
        Cell("may_quote", "可引用", YES_NO),
        Cell("action_taken", "改进措施"),
    ),
)
_USAGE = Sheet(
    "office/软件使用情况.xlsx",
    "月度使用",
    "客户软件月度使用情况",
    (
        Cell("account_id", "客户编号"),
        Cell("product_id", "产品编号"),
        Cell("month_on", "月份", han_month),
        Cell("measure", "使用指标"),
        Cell("quantity", "用量", kind="number"),
        Cell("seats", "开通席位", kind="number"),
        Cell("active_seats", "活跃席位", kind="number"),
    ),
)
_FORECASTS = Sheet(
    "office/销售预测.xlsx",
    "滚动预测",
    "客户销售滚动预测（单位：万元）",
    (
        Cell("account_id", "客户编号"),
        Cell("period_on", "预测月份", kind="day"),
        Cell("made_on", "提交日期", kind="day"),
        Cell("amount", "预测金额", in_ten_thousands, "number"),
    ),
)
_PLANS = Sheet(
    "office/客户计划.xlsx",
    "年度目标",
    "大客户年度计划目标",
    (
        Cell("plan_id", "计划编号"),
        Cell("account_id", "客户编号"),
        Cell("objective", "目标"),
        Cell("metric", "衡量指标"),
        Cell("baseline", "基线", kind="number"),
        Cell("target", "目标值", kind="number"),
        Cell("due_on", "截止日期", kind="day"),
        Cell("owner_id", "负责人"),
        Cell("status", "状态", worded({"on_track": "进行中", "at_risk": "有风险", "done": "已完成"})),
    ),
)

OFFICE = {
    "surveys": (_SURVEYS,),
    "usage": (_USAGE,),
    "forecasts": (_FORECASTS,),
    "plans": (_PLANS,),
}
