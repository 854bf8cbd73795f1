"""The tables that the demo's CRM exports, as Salesforce writes its reports: labels, picklist words, all in quotes. Data.

The mapping beside the exports (`sources/salesforce_crm.toml`) says the same from the other side; a test holds the two
together.
"""

from __future__ import annotations

from pipeline.demo.shapes import Cell, Delimited
from pipeline.demo.shown import slashed_day, universal_moment, worded


def _report(path: str, *cells: Cell) -> Delimited:
    return Delimited(f"crm/{path}", cells)


_INDUSTRIES = worded(
    {
        "物流": "Logistics",
        "零售": "Retail",
        "医药": "Healthcare",
        "电子": "Electronics",
        "食品": "Food & Beverage",
        "服装": "Apparel",
        "家居": "Furniture",
    }
)
_COUNTRIES = worded(
    {"CN": "China", "DE": "Germany", "US": "United States", "NL": "Netherlands", "SG": "Singapore"}
)
_CONTACT_ROLES = worded(
    {
        "economic_buyer": "Economic Buyer",
        "procurement": "Procurement",
        "business": "Business User",
        "technical": "Technical",
        "executive": "Executive Sponsor",
        "coach": "Coach",
    }
)
_DEAL_KINDS = worded(
    {"new": "New Business", "cross_sell": "Cross-sell", "up_sell": "Upsell", "renewal": "Renewal"}
)
_DEAL_STAGES = worded(
    {
        "线索确认": "Qualification",
        "方案报价": "Proposal/Price Quote",
        "商务谈判": "Negotiation/Review",
        "赢单": "Closed Won",
        "输单": "Closed Lost",
    }
)
_LOSS_REASONS = worded(
    {
        "价格": "Price",
        "交期": "Lead Time",
        "功能不满足": "Functionality",
        "预算取消": "Budget Cancelled",
        "客户内部自建": "Built In-house",
    }
)
_CASE_TYPES = worded(
    {
        "设备故障": "Equipment Failure",
        "备件咨询": "Spare Parts",
        "软件问题": "Software",
        "交付咨询": "Delivery",
        "操作培训": "Training",
    }
)
_CASE_REASONS = worded(
    {
        "零件磨损": "Worn Part",
        "操作失误": "User Error",
        "软件缺陷": "Software Defect",
        "安装调试": "Installation",
        "通信异常": "Communication Fault",
        "资料不全": "Missing Documentation",
    }
)
_TOUCH_TYPES = worded(
    {
        "visit": "Site Visit",
        "review": "Business Review",
        "executive_meeting": "Executive Meeting",
        "training": "Training",
        "call": "Call",
        "sync": "Sync Meeting",
        "demo": "Product Demo",
        "introduction": "Introduction",
        "case_study": "Case Study",
        "kickoff": "Kick-off",
    }
)
_LANGUAGES = worded({"zh-Hans": "zh_CN", "zh-Hant": "zh_TW", "en": "en_US"})

_ACCOUNTS = _report(
    "Account.csv",
    Cell("account_id", "Account ID"),
    Cell("name", "Account Name"),
    Cell("name_en", "Account Name (English)"),
    Cell("parent_id", "Parent Account ID"),
    Cell("industry", "Industry", _INDUSTRIES),
    Cell("region", "Region"),
    Cell("country", "Billing Country", _COUNTRIES),
    Cell("currency", "Account Currency"),
    Cell("locale", "Language", _LANGUAGES),
    Cell("signed_on", "Customer Since", slashed_day),
    Cell("owner_id", "Account Owner"),
    Cell("status", "Account Status", worded({"active": "Customer", "lapsed": "Former Customer"})),
)
_KEPT_BESIDE = Delimited(
    "accounts_kam.csv",
    tuple(
        Cell(name, name)
        for name in "account_id name brand report_unit potential_amount pain_point agreed_story".split()
    ),
    "utf-8",
    is_quoted=False,
)
"""What the key account office keeps of an account besides the CRM."""

_CONTACTS = _report(
    "Contact.csv",
    Cell("contact_id", "Contact ID"),
    Cell("account_id", "Account ID"),
    Cell("name", "Full Name"),
    Cell("title", "Title"),
    Cell("role", "Buying Role", _CONTACT_ROLES),
    Cell("language", "Language", _LANGUAGES),
    Cell("is_primary", "Primary"),
    Cell("is_backup", "Backup"),
    Cell("active_from_on", "Created Date", slashed_day),
    Cell("left_at", "Left Company", universal_moment),
    Cell("handed_over_at", "Handed Over", universal_moment),
    Cell("visited_on", "Last Visit", slashed_day),
    Cell("report_edition", "Report Edition"),
)
_OPPORTUNITIES = _report(
    "Opportunity.csv",
    Cell("opportunity_id", "Opportunity ID"),
    Cell("account_id", "Account ID"),
    Cell("manager_id", "Opportunity Owner"),
    Cell("product_id", "Product Code"),
    Cell("kind", "Type", _DEAL_KINDS),
    Cell("stage", "Stage", _DEAL_STAGES),
    Cell("amount", "Amount"),
    Cell("currency", "Opportunity Currency"),
    Cell("opened_on", "Created Date", slashed_day),
    Cell("expected_on", "Expected Close Date", slashed_day),
    Cell("closed_on", "Close Date", slashed_day),
    Cell("lost_reason", "Loss Reason", _LOSS_REASONS),
    Cell("competitor", "Main Competitor(s)"),
)
_CASES = _report(
    "Case.csv",
    Cell("case_id", "Case Number"),
    Cell("account_id", "Account ID"),
    Cell("contact_id", "Contact ID"),
    Cell("opened_at", "Date/Time Opened", universal_moment),
    Cell("first_reply_at", "First Response Date/Time", universal_moment),
    Cell("resolved_at", "Date/Time Closed", universal_moment),
    Cell("first_reply_paused_hours", "First Response Paused (Hours)"),
    Cell("paused_hours", "Paused (Hours)"),
    Cell("priority", "Priority", worded({"高": "High", "中": "Medium", "低": "Low"})),
    Cell("category", "Type", _CASE_TYPES),
    Cell("cause", "Case Reason", _CASE_REASONS),
    Cell("is_green_channel", "Green Channel"),
    Cell("status", "Status", worded({"open": "Working", "resolved": "Closed"})),
)
_ACTIVITIES = _report(
    "Activity.csv",
    Cell("activity_id", "Activity ID"),
    Cell("account_id", "Account ID"),
    Cell("contact_id", "Contact ID"),
    Cell("manager_id", "Assigned To"),
    Cell("kind", "Type", _TOUCH_TYPES),
    Cell("held_on", "Date", slashed_day),
    Cell(
        "status", "Status", worded({"held": "Completed", "cancelled": "Canceled", "planned": "Not Started"})
    ),
    Cell("is_face_to_face", "In Person"),
    Cell("outcome", "Comments"),
)

CRM = {
    "accounts": (_ACCOUNTS, _KEPT_BESIDE),
    "contacts": (_CONTACTS,),
    "opportunities": (_OPPORTUNITIES,),
    "cases": (_CASES,),
    "activities": (_ACTIVITIES,),
}
