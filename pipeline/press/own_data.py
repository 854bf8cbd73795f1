"""The client's own data beside its report, as CSV: orders, deadlines of cases, invoices, and every printed figure.

Pure: the same slice gives the same bytes. A cell of text that a spreadsheet would take for a formula is made text by an
apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from pipeline.periods import Window
from pipeline.press.figures import Figure
from pipeline.press.slices import Slice, inside, readable
from pipeline.schema import SCALE

Gettext = Callable[[str], str]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets fold them
_PROMISED = "first_promised"


@dataclass(frozen=True)
class Sheet:
    """One file: its name in the file name, what its columns are called, and its rows of finished cells."""

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def content(self) -> bytes:
        """UTF-8 with a byte order mark, so that a spreadsheet reads Chinese; lines end as RFC 4180 has them."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(self.heads)
        writer.writerows(self.rows)
        return stream.getvalue().encode("utf-8-sig")


def safe(text: object) -> str:
    """A cell of text on one line, that no spreadsheet takes for a formula; nothing where nothing is known."""
    if not isinstance(text, str):
        return ""
    plain = "".join(each for each in text if each in "\t\r\n" or unicodedata.category(each) != "Cc")
    is_formula = plain.lstrip(" \u00a0\u3000\ufeff").startswith(_FORMULA)
    return ("'" if is_formula else "") + " ".join(plain.split())


def sheets(subject: Slice, window: Window, figures: Sequence[Figure], _: Gettext) -> tuple[Sheet, ...]:
    """The files of a report, those without rows left out."""
    made = (
        orders(subject, window, _),
        cases(subject, window, _),
        invoices(subject, window, _),
        printed(figures, _),
    )
    return tuple(each for each in made if each.rows)


def orders(subject: Slice, window: Window, _: Gettext) -> Sheet:
    """The orders placed in the window or due in it by the first promised date."""
    rows = readable(subject, "deliveries")
    rows = rows[rows["basis"] == _PROMISED] if len(rows) else rows
    wanted = inside(rows, "ordered_on", window).index.union(inside(rows, "due_on", window).index)
    rows = rows.loc[wanted].sort_values(["ordered_on", "order_id"], kind="stable")
    heads = (
        _("Order"), _("Product"), _("Ordered on"), _("First promise"), _("Delivered on"), _("Days late"), _("Is on time"),
        _("Is in full"), _("Is cancelled"), _("Cause"),
    )  # fmt: skip
    return Sheet(
        "orders",
        heads,
        tuple(
            (
                safe(row["order_id"]), safe(row["product_name"]), day(row["ordered_on"]), day(row["due_on"]),
                day(row["delivered_on"]), whole(row["days_late"]), flag(row["is_on_time"], _),
                flag(row["is_in_full"], _), flag(row["is_cancelled"], _), safe(row["delay_cause"]),
            )
            for row in rows.to_dict("records")
        ),
    )  # fmt: skip


def cases(subject: Slice, window: Window, _: Gettext) -> Sheet:
    """The deadlines of the cases opened in the window."""
    rows = inside(readable(subject, "service_clocks"), "opened_on", window)
    rows = rows.sort_values(["opened_on", "case_id", "clock"], kind="stable")
    clocks = {
        "first_reply": _("first reply"),
        "resolution": _("resolution"),
        "green_channel": _("green channel"),
    }
    heads = (
        _("Case"), _("Topic"), _("Opened"), _("Deadline"), _("Limit, hours"), _("Taken, hours"), _("Is within the limit"),
    )  # fmt: skip
    return Sheet(
        "cases",
        heads,
        tuple(
            (
                safe(row["case_id"]), safe(row["category"]), day(row["opened_on"]),
                clocks.get(str(row["clock"]), safe(row["clock"])), number(row["limit_hours"]),
                number(row["elapsed_hours"]), flag(row["is_met"] if row["is_due"] else None, _),
            )
            for row in rows.to_dict("records")
        ),
    )  # fmt: skip


def invoices(subject: Slice, window: Window, _: Gettext) -> Sheet:
    """The invoices issued in the window, and those still open on its last day with what is open of them."""
    rows, open_ = readable(subject, "invoices"), balances(subject, window)
    is_known = "ledger" in subject.tables
    if len(rows):
        issued = inside(rows, "issued_on", window)["invoice_id"]
        rows = rows[rows["invoice_id"].isin({*issued, *open_})].sort_values(
            ["issued_on", "invoice_id"], kind="stable"
        )
    heads = (
        _("Invoice"), _("Order"), _("Issued"), _("Due"), _("Currency"), _("Net"), _("Tax"), _("With tax"),
        _("Still open"),
    )  # fmt: skip
    return Sheet(
        "invoices",
        heads,
        tuple(
            (
                safe(row["invoice_id"]), safe(row["order_id"]), day(row["issued_on"]), day(row["due_on"]),
                safe(row["currency"]), number(row["net_amount"]), number(row["tax_amount"]),
                number(row["gross_amount"]), number(open_.get(row["invoice_id"], 0)) if is_known else "",
            )
            for row in rows.to_dict("records")
        ),
    )  # fmt: skip


def balances(subject: Slice, window: Window) -> dict[str, Any]:
    """What is open of each invoice on the window's last day, in ten-thousandths; NA where that is not known."""
    rows = readable(subject, "ledger")
    if rows.empty:
        return {}
    until = pd.Timestamp(window.until_on)
    held = rows[(rows["from_on"] < until) & (rows["until_on"].isna() | (rows["until_on"] >= until))]
    return dict(zip(held["invoice_id"], held["balance_amount"], strict=True))


def printed(figures: Iterable[Figure], _: Gettext) -> Sheet:
    """Every figure of the report by its id, as in its index, with the value before it was rounded."""
    heads = (
        _("Id"), _("Figure"), _("Printed"), _("Value, unrounded"), _("Currency"), _("Period"), _("Metric"), _("Ver."),
    )  # fmt: skip
    return Sheet("figures", heads, tuple(_figure(each) for each in figures))


def _figure(figure: Figure) -> tuple[str, ...]:
    reading = figure.reading
    shown = figure.printed.text
    return (
        figure.id, safe(figure.label), shown if _is_number(shown) else safe(shown), exact(figure.value),
        reading.currency if reading else "", reading.period if reading else "", reading.metric if reading else "",
        str(reading.definition) if reading else "",
    )  # fmt: skip


def _is_number(text: str) -> bool:
    """Whether a text that begins with a sign is nothing but a number."""
    return text[:1] in "+-−" and all(each.isdigit() or each in ".,+-−%" for each in text)


def day(value: Any) -> str:
    """A day as ISO 8601 has it; nothing where it is not known."""
    return "" if pd.isna(value) else pd.Timestamp(value).date().isoformat()


def whole(value: Any) -> str:
    """A whole number; nothing where it is not known."""
    return "" if pd.isna(value) else str(int(value))


def number(value: Any) -> str:
    """Ten-thousandths as a decimal number without needless zeros; nothing where they are not known."""
    if pd.isna(value):
        return ""
    return exact(Decimal(int(value)) / SCALE)


def exact(value: float | Decimal | None) -> str:
    """A number in full, with a point, never with an exponent; nothing where it is not known."""
    if value is None:
        return ""
    digits = format(value if isinstance(value, Decimal) else Decimal(repr(value)), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def flag(value: Any, _: Gettext) -> str:
    """Yes, no, or nothing where it is not known."""
    if value is None or pd.isna(value):
        return ""
    return _("yes") if bool(value) else _("no")
