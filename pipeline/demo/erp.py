"""The tables that the demo's ERP exports: GB18030, Chinese headers, compact days, commas between thousands. Data.

The mapping beside the exports (`sources/erp_gb18030.toml`) says the same from the other side; a test holds the two
together.
"""

from __future__ import annotations

from pipeline.demo.shapes import Cell, Delimited
from pipeline.demo.shown import YES_NO, compact_day, grouped, worded


def _document(path: str, *cells: Cell, late: str = "") -> Delimited:
    return Delimited(f"erp/{path}", cells, "gb18030", "\r\n", is_quoted=False, late=late)


_ORDER_KINDS = worded({"new": "新购", "cross_sell": "交叉销售", "up_sell": "增购", "renewal": "续购"})
_ORDER_STATES = worded(
    {
        "delivered": "已交货",
        "open": "未交货",
        "partial": "部分交货",
        "cancelled": "已取消",
        "returned": "已退货",
    }
)
_CURRENCY = Cell("currency", "币种", worded({"CNY": "RMB"}))

_ORDERS = _document(
    "销售订单.csv",
    Cell("order_id", "订单号"),
    Cell("account_id", "客户编号"),
    Cell("manager_id", "业务员"),
    Cell("kind", "订单类型", _ORDER_KINDS),
    _CURRENCY,
    Cell("ordered_on", "单据日期", compact_day),
    Cell("requested_on", "要求交期", compact_day),
    Cell("first_promised_on", "首次承诺交期", compact_day),
    Cell("last_promised_on", "最新承诺交期", compact_day),
    Cell("delivered_on", "实际交期", compact_day),
    Cell("status", "单据状态", _ORDER_STATES),
    Cell("is_document_correct", "单证无误", YES_NO),
    Cell("is_undamaged", "货物完好", YES_NO),
    Cell("delay_cause", "延误原因"),
    late="erp/销售订单_补录.csv",
)
_LINES = _document(
    "订单明细.csv",
    Cell("order_id", "订单号"),
    Cell("line_no", "行号"),
    Cell("product_id", "物料编码"),
    Cell("unit", "单位"),
    Cell("quantity", "订货数量"),
    Cell("delivered_quantity", "已交数量"),
    _CURRENCY,
    Cell("unit_amount", "单价"),
    Cell("list_amount", "标准价"),
    Cell("discount_amount", "折扣额"),
    Cell("net_amount", "未税金额"),
    Cell("cost_amount", "成本金额"),
    Cell("is_correct", "行正确", YES_NO),
    Cell("delivered_on", "行交期", compact_day),
    late="erp/订单明细_补录.csv",
)
_INVOICES = _document(
    "销售发票.csv",
    Cell("invoice_id", "发票号"),
    Cell("account_id", "客户编号"),
    Cell("order_id", "订单号"),
    Cell("kind", "发票类型", worded({"invoice": "销售发票", "credit_note": "红字发票"})),
    _CURRENCY,
    Cell("issued_on", "单据日期", compact_day),
    Cell("due_on", "到期日", compact_day),
    Cell("net_amount", "未税金额", grouped),
    Cell("tax_amount", "税额", grouped),
    Cell("gross_amount", "含税金额", grouped),
    Cell("is_disputed", "是否争议", YES_NO),
)
_PAYMENTS = _document(
    "收款单.csv",
    Cell("payment_id", "收款单号"),
    Cell("invoice_id", "发票号"),
    Cell("account_id", "客户编号"),
    Cell("paid_on", "收款日期", compact_day),
    _CURRENCY,
    Cell("amount", "收款金额", grouped),
)

ERP = {
    "orders": (_ORDERS,),
    "order_lines": (_LINES,),
    "invoices": (_INVOICES,),
    "payments": (_PAYMENTS,),
}
