"""Commercial statement: contracts, what was bought under them, and the open invoices as the client's books see them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.press import comparisons, value_charts
from pipeline.press.charts import FULL, HALF
from pipeline.press.statements import OpenInvoice, column, contracts, exact, open_invoices, overdue
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.schema import SCALE
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.slices import Reading
    from pipeline.press.view import View

_BUCKETS = ("not_due", "1-30", "31-60", "61-90", "91-120", "121+")
_MOST_CONTRACTS, _FEW_CONTRACTS, _MOST_INVOICES = 6, 2, 10
_ENDS_SOON = 90
"""Days before the end of a contract from which it is flagged."""


@section(
    title=N_("Commercial statement"),
    audience="client",
    metrics=(
        "contracts_in_force",
        "contract_days_left",
        "contract_amount",
        "contract_fulfilment",
        "open_invoices",
        "receivables",
        "ageing",
    ),
    tables=("contract_states", "ledger", "invoices"),
)
def commercial(view: View) -> Content | None:
    """Contracts, spend against them, open invoices by age and one by one; None where there is neither."""
    signed, unpaid = contracts(view), open_invoices(view)
    if signed.empty and not unpaid:
        return None
    spend = spent(view)
    ages = aged(view, is_alone=spend is None) if unpaid else None
    return {
        "headline": view.headline(*headlines(view, unpaid)),
        "lead": view.lead(lead(view, signed, unpaid)),
        "contracts": contract_table(view, signed) if len(signed) else None,
        "spend": spend,
        "ages": ages,
        "invoices": invoice_table(view, unpaid, beside=len(signed)) if unpaid else None,
    }


def headlines(view: View, unpaid: Sequence[OpenInvoice] | None) -> list[Phrase]:
    """What was bought of what was agreed, and whether anything is overdue, the fullest first."""
    _ = view.gettext
    kept = view.reading("contract_fulfilment")
    owed = _owed_words(view, unpaid)
    if not kept.is_known:
        return [view.title(owed or _("Contracts and invoices {this}").format(this=view.this()))]
    text = _("{share} of the agreed volume bought {this}")
    bought = view.say(text, share=view.quote(kept), this=view.this())
    return [view.say(_("{bought}; {owed}"), bought=bought, owed=owed), bought] if owed else [bought]


def _owed_words(view: View, unpaid: Sequence[OpenInvoice] | None) -> str:
    _ = view.gettext
    if unpaid is None:
        return ""
    late = len(overdue(unpaid))
    if not late:
        return _("no invoice overdue")
    return view.ngettext("{n} invoice overdue", "{n} invoices overdue", late).format(n=view.printer.few(late))


def lead(view: View, signed: pd.DataFrame, unpaid: Sequence[OpenInvoice] | None) -> Phrase:
    """How many contracts are in force and for how long, and how many invoices are open."""
    _ = view.gettext
    said: list[Phrase | None] = [_cover(view, signed)]
    count, amount = view.reading("open_invoices"), view.reading("receivables")
    if unpaid is None:
        said.append(view.phrase(_("No payments are recorded, so it is not known which invoices are open.")))
    elif count.value and amount.is_known:
        text = view.ngettext(
            "{n} invoice or credit note is open, {amount} with tax.",
            "{n} invoices and credit notes are open, {amount} with tax.",
            int(count.value),
        )
        said.append(view.say(text, n=view.figure(count), amount=view.figure(amount)))
    elif not unpaid:
        said.append(view.phrase(_("No invoice is open.")))
    return view.joined(*said)


def _cover(view: View, signed: pd.DataFrame) -> Phrase | None:
    _ = view.gettext
    count, left = view.reading("contracts_in_force"), view.reading("contract_days_left")
    if not count.value:
        return view.phrase(_("No contract is in force.")) if len(signed) else None
    text = view.ngettext(
        "{n} contract is in force{cover}.", "{n} contracts are in force{cover}.", int(count.value)
    )
    cover = (
        view.say(_(", with {days} to run"), days=view.figure(left))
        if left.is_known and left.value
        else view.phrase("")
    )
    return view.say(text, n=view.figure(count), cover=cover)


# Contracts


def contract_table(view: View, signed: pd.DataFrame) -> Content:
    """The contracts in force, to come, or ended in the window."""
    _ = view.gettext
    shown = signed.head(_MOST_CONTRACTS)
    amounts = [None if pd.isna(each) else Decimal(int(each)) / SCALE for each in shown["annual_amount"]]
    codes = [str(each) for each in shown["currency"]]
    unit = view.printer.currency(codes[0]) if len(set(codes)) == 1 else ""
    printed = [exact(each) if unit else exact(each, code) for each, code in zip(amounts, codes, strict=True)]
    anchor, _figures = column(view, "contract_states", amounts, printed, _("Amount agreed a year"))
    left = len(signed) - len(shown)
    more = view.ngettext("{n} more is not listed", "{n} more are not listed", left).format(n=left)
    plain = _("In force, to come, or ended in the window; amounts a year, without tax")
    return {
        "title": contracts_title(view, signed),
        "measure": view.phrase(f"{plain}{_('; ')}{more}" if left else plain),
        "head": " ".join(each for each in (_("Amount a year"), unit) if each),
        "anchor": anchor,
        "rows": [
            _contract(view, row, each.text)
            for row, each in zip(shown.to_dict("records"), printed, strict=True)
        ],
    }


def contracts_title(view: View, signed: pd.DataFrame) -> Phrase:
    """Whether a contract ends soon, else how long the longest lasts."""
    _ = view.gettext
    held = signed[signed["state"] == "in_force"]
    left = (held["until_on"] - pd.Timestamp(view.window.until_on)).dt.days
    soon = int((held["ends_on"].notna() & (left < _ENDS_SOON)).sum())
    if held.empty:
        return view.phrase(_("No contract in force"))
    if soon:
        text = view.ngettext(
            "{n} contract ends within {days} days", "{n} contracts end within {days} days", soon
        )
        return view.title(text.format(n=view.printer.few(soon), days=_ENDS_SOON))
    text = view.ngettext("{n} contract in force", "{n} contracts in force", len(held))
    return view.title(text.format(n=view.printer.few(len(held))))


def _contract(view: View, row: Mapping[Hashable, Any], amount: str) -> Content:
    _ = view.gettext
    chip, state = _contract_state(view, row)
    ends = row["ends_on"]
    return {
        "id": view.fitted(str(row["contract_id"]), 34 * MM),
        "starts": view.printer.day(pd.Timestamp(row["starts_on"]).date()),
        "ends": "–" if pd.isna(ends) else view.printer.day(pd.Timestamp(ends).date()),
        "amount": amount,
        "chip": chip,
        "state": state,
    }


def _contract_state(view: View, row: Mapping[Hashable, Any]) -> tuple[str, str]:
    _ = view.gettext
    if row["state"] == "to_come":
        return "", _("To come")
    if row["state"] == "ended":
        return "", _("Ended")
    left = (pd.Timestamp(row["until_on"]) - pd.Timestamp(view.window.until_on)).days
    if not pd.isna(row["ends_on"]) and left < _ENDS_SOON:
        return "near", _("Ends in {days} days").format(days=left) if left else _("Ends today")
    return "", _("In force")


# Spend against contract


def spent(view: View) -> Content | None:
    """What was agreed for the days of the window and what was bought; the same over twelve months."""
    _ = view.gettext
    year = view.over("t12m")
    spans = [(view, view.title(view.this()).plain), (year, _("Twelve months"))]
    known = [(each, name) for each, name in spans if each.reading("contract_fulfilment").is_known]
    if not known:
        return None
    return {
        "title": _spend_title(view, known[0][0].reading("contract_fulfilment"), known[0][1]),
        "measure": view.phrase(
            _("Amount agreed for the days in force, and bought under contract, without tax")
        ),
        "bars": [_bars(each, name) for each, name in known],
    }


def _spend_title(view: View, kept: Reading, name: str) -> Phrase:
    _ = view.gettext
    if kept.value is not None and kept.value >= 1:
        return view.phrase(_("{window}: the agreed amount was reached").format(window=name))
    gap = view.printer.printed(1 - (kept.value or 0.0), "share").text
    return view.phrase(_("{window}: {gap} of the agreed amount not called").format(window=name, gap=gap))


def _bars(view: View, name: str) -> Content:
    _ = view.gettext
    kept = view.reading("contract_fulfilment")
    amounts = (kept.denominator or 0.0, kept.numerator or 0.0)
    printed = [view.printer.money(each, view.slice.currency) for each in amounts]
    anchor = view.register.next_id
    label = _("{window}, agreed and bought").format(window=name)
    for part, value, shown in zip(
        ("denominator", "numerator"), (kept.denominator, kept.numerator), printed, strict=True
    ):
        view.register.of_reading(kept, part, value, shown, label, anchor)
    pair = value_charts.BaseNow(
        (_("Agreed"), _("Bought")),
        (max(amounts[0], 0.0), max(amounts[1], 0.0)),
        (printed[0].text, printed[1].text),
    )
    said = f"{label}: {printed[0].text}, {printed[1].text}"
    drawing = value_charts.base_now(pair, view.ink, said, width=HALF)
    return {
        "name": name,
        "share": view.figure(kept),
        "chart": view.chart(anchor, drawing),
    }


# Open invoices


def aged(view: View, *, is_alone: bool) -> Content | None:
    """The open invoices by days past the due date; the bars add up to what is open."""
    _ = view.gettext
    readings = [
        each for each in (view.reading("ageing", f"bucket={name}") for name in _BUCKETS) if each.is_known
    ]
    if not any(each.value for each in readings):
        return None
    printed, unit = view.in_one_unit([each.value for each in readings])
    anchor, _figures = view.series(readings, _("Open invoices by age"), printed)
    bars = [
        comparisons.Bar(
            _bucket(view, each.breakdown.partition("=")[2]),
            max(each.value or 0.0, 0.0),
            shown.number,
            is_named=each.breakdown != "bucket=not_due",
        )
        for each, shown in zip(readings, printed, strict=True)
    ]
    title = ages_title(view, readings)
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in bars)
    drawing = comparisons.ranked_bars(
        bars, view.ink, f"{title.plain}. {said}", row=6.25 * MM, width=FULL if is_alone else HALF
    )
    return {
        "title": title,
        "measure": view.phrase(_("By days past the due date, {unit}, with tax").format(unit=unit)),
        "chart": view.chart(anchor, drawing),
    }


def _bucket(view: View, name: str) -> str:
    _ = view.gettext
    if name == "not_due":
        return _("Not due")
    if name.endswith("+"):
        return _("Over {n} days").format(n=int(name[:-1]) - 1)
    return _("{span} days").format(span=name.replace("-", "–"))


def ages_title(view: View, readings: Sequence[Reading]) -> Phrase:
    """What share of what is open is past its due date."""
    _ = view.gettext
    total = sum(each.value or 0.0 for each in readings)
    late = sum(each.value or 0.0 for each in readings if each.breakdown != "bucket=not_due")
    if late <= 0 or total <= 0:
        return view.phrase(_("Nothing open is past its due date"))
    share = view.printer.printed(min(late / total, 1.0), "share", decimals=0).text
    return view.phrase(_("{share} of what is open is past its due date").format(share=share))


def invoice_table(view: View, unpaid: Sequence[OpenInvoice], beside: int) -> Content:
    """The open invoices, those longest overdue first, with the rest in one row and their sum.

    `beside` contracts stand on the same page: with many of them fewer invoices are listed.
    """
    _ = view.gettext
    most = _MOST_INVOICES - max(min(beside, _MOST_CONTRACTS) - _FEW_CONTRACTS, 0)
    shown, rest = list(unpaid[:most]), list(unpaid[most:])
    codes = {each.currency for each in unpaid}
    unit = view.printer.currency(next(iter(codes))) if len(codes) == 1 else ""
    balances = [each.balance for each in shown]
    printed = [exact(each.balance, "" if unit else each.currency) for each in shown]
    anchor, _figures = column(view, "ledger", list(balances), printed, _("Open invoices, balance"))
    return {
        "title": invoices_title(view, unpaid),
        "measure": view.phrase(
            _("As on the last day of the window, with tax; please tell us where your books differ")
        ),
        "heads": [f"{name} {unit}".strip() for name in (_("Billed"), _("Still open"))],
        "anchor": anchor,
        "rows": [_invoice(view, each, unit) for each in shown],
        "rest": _rest(view, rest) if rest and unit else None,
        "total": _total(view, unpaid) if unit and len(unpaid) > 1 else None,
    }


def invoices_title(view: View, unpaid: Sequence[OpenInvoice]) -> Phrase:
    """How many of the open invoices are overdue, and by how long the oldest of them."""
    _ = view.gettext
    late = overdue(unpaid)
    if not late:
        return view.phrase(_("Open invoices, none overdue"))
    days = max(each.days_late for each in late)
    text = view.ngettext(
        "{n} open invoice is overdue, the oldest by {days}",
        "{n} open invoices are overdue, the oldest by {days}",
        len(late),
    )
    return view.title(
        text.format(n=view.printer.few(len(late)), days=view.printer.printed(float(days), "days").text)
    )


def _invoice(view: View, each: OpenInvoice, unit: str) -> Content:
    chip, state = _invoice_state(view, each)
    code = "" if unit else each.currency
    return {
        "id": view.fitted(each.invoice_id, 34 * MM),
        "issued": view.day(each.issued_on),
        "due": view.day(each.due_on) if each.due_on else "–",
        "amount": exact(each.amount, code).text,
        "balance": exact(each.balance, code).text,
        "late": str(each.days_late) if each.days_late > 0 and each.balance > 0 else "–",
        "chip": chip,
        "state": state,
    }


def _invoice_state(view: View, each: OpenInvoice) -> tuple[str, str]:
    _ = view.gettext
    if each.is_disputed:
        return "near", _("Disputed")
    if each.balance < 0:
        return "", _("Credit")
    if each.days_late > 0:
        return "near", _("Past due")
    return "", _("Not due")


def _rest(view: View, rest: Sequence[OpenInvoice]) -> Content:
    _ = view.gettext
    amount = sum((each.balance for each in rest), Decimal(0))
    label = _("Other open invoices")
    figure = view.register.of_rows("ledger", len(rest), float(amount), exact(amount), label)
    return {"text": view.phrase(_("{n} more").format(n=len(rest))), "balance": figure}


def _total(view: View, unpaid: Sequence[OpenInvoice]) -> object:
    _ = view.gettext
    amount = sum((each.balance for each in unpaid), Decimal(0))
    return view.register.of_rows(
        "ledger", len(unpaid), float(amount), exact(amount), _("Open invoices, total")
    )
