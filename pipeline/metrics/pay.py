"""Pay drafts: what a manager's salary, bonus, commission and equity come to by the plan in force. For finance to check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {"audience": "restricted", "subjects": ("manager", "team", "portfolio")}
_MONEY: dict[str, Any] = {**_SHARED, "unit": "money", "better": "none"}
_PAID = {"paid_months": 1}


def _drafted(f: Any, value: Quantity) -> Quantity:
    """The value of those for whom there is a draft at all."""
    drafted: Quantity = value.where(f.paid_months.values > 0, "no_data")
    return drafted


def _measured(f: Any, value: Quantity) -> Quantity:
    """The value where no bonus waits for a measure at the end of the window."""
    measured: Quantity = value.where(f.bonuses_waiting.values == 0, "low_coverage")
    return measured


@metric(
    **_MONEY,
    label=Words("基本年薪（期内）", "base salary of the window"),
    example=(
        Example({"base_salary_amount": 22_000, **_PAID}, 22_000),
        Example({"base_salary_amount": 0, "paid_months": 0}, reason="no_data"),
    ),
)
def base_salary(f: Any) -> Quantity:
    """The base salary that falls into the window: a twelfth of the yearly base for each month.

    期内的基本年薪：每月为年薪的十二分之一。

    Formula: Σ base ÷ 12, a month cut by hiring, leaving or the as-of date by its days | Σ 年薪 ÷ 12；入职、离职或截止日所在的月份按天计

    Edge: the cents of the twelve months make the year's base; the export holds the present base only, so earlier months are told at it too; a manager without a mode of pay has no draft. | 十二个月的金额之和等于全年年薪；导出数据只有当前年薪，此前各月亦按此计算；未设薪酬模式的经理没有草案。

    Source: pay plan in policy/pay.toml
    """
    return _drafted(f, f.base_salary_amount)


@metric(
    **_MONEY,
    label=Words("奖金", "bonus"),
    example=(
        Example({"bonus_amount": 5_400, "bonuses_waiting": 0, **_PAID}, 5_400),
        Example({"bonus_amount": 0, "bonuses_waiting": 1, **_PAID}, reason="low_coverage"),
    ),
)
def bonus(f: Any) -> Quantity:
    """The bonus on top of a salary: what is earned year to date less what was given before.

    年薪之外的奖金：年初至今应得额减去此前已计额。

    Formula: base earned × bonus share × Σ(weight × capped attainment), year to date, − the same a month before | 年初至今基本年薪 × 奖金比例 × Σ（权重 × 封顶后的达成率） − 截至上月的同一算式

    Edge: attainment counts to a hundredth of a per cent; below a measure's floor it counts nothing; a month in which a measure cannot be told has no figure and is caught up when it can. | 达成率精确到万分之一；低于下限不计；某月有指标无法计量时当月不出数，待可计量时一并补计。

    Source: pay plan in policy/pay.toml; usual practice of annual salary schemes
    """
    return _measured(f, _drafted(f, f.bonus_amount))


@metric(
    **_MONEY,
    label=Words("提成", "commission"),
    example=Example({"commission_amount": 7.4, **_PAID}, 7.4),
)
def commission(f: Any) -> Quantity:
    """Commission on what was sold: what the sales of the period have earned to date less what was paid before.

    销售提成：考核期内的销售至今应得的提成减去此前已付额。

    Formula: Σ over tiers of sales in the tier × its rate (marginal), or sales × the rate of the tier reached (retroactive), to the cap | 超额累进：Σ 各档销售额 × 该档比例；全额累进：销售额 × 所达档位的比例；以封顶额为限

    Edge: target 100, actual 130, 5 % up to 100 %, 8 % above: marginal 7.4, retroactive 10.4; nothing below the threshold; sales are split by the assignments of their day; without a target for the whole period there is no figure where rates depend on it; clawbacks stand apart. | 目标100、实际130，100%以内5%、以上8%：超额累进7.4，全额累进10.4；未达门槛不计；销售额按当日的客户分配比例拆分；比例取决于目标而考核期目标不全时不出数；追回另列。

    Source: pay plan in policy/pay.toml; usual practice of sales compensation
    """
    return _drafted(f, f.commission_amount)


@metric(
    **_MONEY,
    label=Words("提成追回", "clawback"),
    example=Example({"clawback_amount": -300, **_PAID}, -300),
)
def commission_clawback(f: Any) -> Quantity:
    """Commission taken back in the month in which a return, a credit note or a default is known; negative.

    因退货、红字发票或逾期未付而在获知当月追回的提成，为负数。

    Formula: −(paid for the sale × share of its deal that came back) − what was taken back before | −（该笔销售已付提成 × 其订单退回的比例） − 此前已追回额

    Edge: only what is known within the plan's months after the sale; never more than was paid for it; given back where a late payer pays after all. | 仅限销售后计划规定月数内获知者；不超过该笔已付额；逾期款后来付清的予以返还。

    Source: pay plan in policy/pay.toml; usual practice of sales compensation
    """
    return _drafted(f, f.clawback_amount)


@metric(
    **_SHARED,
    unit="count",
    better="none",
    label=Words("归属股权份数", "equity units vested"),
    example=Example({"vested_units": 300, **_PAID}, 300),
)
def equity_vested(f: Any) -> Quantity:
    """Units of equity that vested in the window.

    期内归属的股权份数。

    Formula: ⌊units × full months ÷ months of vesting⌋, nothing before the cliff, − what had vested before | ⌊授予份数 × 满月数 ÷ 归属月数⌋（锁定期内为零） − 此前已归属份数

    Edge: 1200 units, 48 months, a cliff of 12: month 11 none, month 12 300, month 13 325 in all; vesting ends with service. | 1200份、48个月、锁定期12个月：第11个月0，第12个月300，第13个月累计325；离职后停止归属。

    Source: terms of each grant (grants table)
    """
    return _drafted(f, f.vested_units)


@metric(
    **_MONEY,
    label=Words("归属股权价值", "worth of equity vested"),
    example=Example({"vested_amount": 5_550, **_PAID}, 5_550),
)
def equity_vested_worth(f: Any) -> Quantity:
    """What the units that vested were worth by the grant's own price of a unit.

    期内归属股权按授予时单价计算的价值。

    Formula: Σ units vested × worth of a unit at the grant | Σ 归属份数 × 授予单价

    Edge: not cash and not in the pay draft; a later price of a unit is not looked at. | 非现金，不计入薪酬草案合计；不考虑单价后来的变动。

    Source: terms of each grant (grants table)
    """
    return _drafted(f, f.vested_amount)


def _draft(f: Any) -> Quantity:
    total = f.base_salary_amount + f.bonus_amount + f.commission_amount + f.clawback_amount
    return _measured(f, _drafted(f, total))


@metric(
    **_MONEY,
    trend="month",
    label=Words("薪酬草案合计", "pay draft"),
    example=(
        Example(
            {
                "base_salary_amount": 22_000, "bonus_amount": 0, "commission_amount": 11_850, "clawback_amount": -300,
                "bonuses_waiting": 0, **_PAID,
            },
            33_550,
        ),
        Example(
            {
                "base_salary_amount": 25_000, "bonus_amount": 0, "commission_amount": 0, "clawback_amount": 0,
                "bonuses_waiting": 1, **_PAID,
            },
            reason="low_coverage",
        ),
    ),
)  # fmt: skip
def pay_draft(f: Any) -> Quantity:
    """All that is to be paid in cash for the window: a draft for finance, not an order to pay.

    期内应付现金薪酬合计：供财务核对的草案，并非付款指令。

    Formula: base salary + bonus + commission − clawback | 基本年薪 + 奖金 + 提成 − 追回

    Edge: before tax and social insurance; equity stands apart; unknown while one of its parts is. | 税前、社保前；股权另列；任一组成部分未知时不出数。

    Source: pay plan in policy/pay.toml
    """
    return _draft(f)


@metric(
    **_SHARED,
    unit="share",
    better="lower",
    windows=("month", "qtd", "quarter", "half", "ytd", "year"),
    label=Words("薪酬预算使用率", "pay budget used"),
    example=(
        Example(
            {
                "base_salary_amount": 22_000, "bonus_amount": 0, "commission_amount": 11_000, "clawback_amount": 0,
                "bonuses_waiting": 0, **_PAID, "pay_budget_amount": 30_000, "pay_budget_days": 30, "days": 30,
            },
            1.1,
        ),
        Example(
            {
                "base_salary_amount": 22_000, "bonus_amount": 0, "commission_amount": 11_000, "clawback_amount": 0,
                "bonuses_waiting": 0, **_PAID, "pay_budget_amount": 30_000, "pay_budget_days": 29, "days": 30,
            },
            reason="low_coverage",
        ),
    ),
)  # fmt: skip
def pay_budget_used(f: Any) -> Measure:
    """Pay accrued in the window against what was budgeted for it.

    期内计提的薪酬与薪酬预算之比。

    Formula: pay draft ÷ pay budget | 薪酬草案合计 ÷ 薪酬预算

    Edge: a window without a budget for every day has no figure; equity is in neither. | 未被预算逐日覆盖的窗口不计算；分子、分母均不含股权。

    Source: usual practice of budget control
    """
    days = f.pay_budget_days
    budget = f.pay_budget_amount.where(days.values == f.days, "low_coverage")
    return replace(ratio(_draft(f), budget), coverage=Quantity.of(days.or_zero().floats / f.days))
