"""Totals that must close before anything is printed: computed figures against each other and against the rows behind them.

Sums are exact integers inside, so what is left is float division when they are read back: less than half a cent.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import DataError
from pipeline.gate import currency_totals
from pipeline.gate.currency_totals import Accepted, Converted, Total
from pipeline.rules.finance import CurrencyRule
from pipeline.schema import NO_ACCOUNT, SCALE
from pipeline.settings import SalesBasis

_CENT = 0.005
_RELATIVE = 1e-12
_COLUMNS = (
    "subject_kind", "subject_id", "metric", "breakdown", "window", "period", "from_on", "until_on", "value", "before",
    "numerator", "currency", "reason",
)  # fmt: skip
_WHERE = ["window", "period", "currency"]
_SUMMED = ("net_sales", "receivables", "volume")
"""Figures that add up over accounts as they stand, in the reporting currency."""
_MOVED = {"move=new": 1, "move=left": -1}
_BILLED = "receivables_turnover"
"""The figure whose numerator is what was invoiced."""
_NO_TEXTS = ("from_on", "until_on", "value", "before", "numerator")


@dataclass(frozen=True)
class Difference:
    """Two sides of a total that should be the same; None where one of them cannot be known."""

    total: str
    where: str
    one: float
    other: float | None


@dataclass(frozen=True)
class Rules:
    """What decides how money adds up: what counts as sold, the reporting currency, and at which rates flows convert."""

    basis: SalesBasis
    reporting: str
    flows: Sequence[CurrencyRule] = ()
    """Oldest first; none: the rate of the day."""


def reconcile(computed: Path, rules: Rules, accepted: Accepted) -> None:
    """Raise DataError KB-1240 where a total does not close; `computed` holds `facts/` and `readings.parquet`."""
    first = next(differences(computed, rules, accepted), None)
    if first is not None:
        raise DataError(
            where=f"{first.total} ({first.where})",
            what=f"does not close: {_said(first.one)} on one side, {_said(first.other)} on the other",
            fix="nothing may be printed from these figures; report it with the run's log",
            code="KB-1240",
        )


def _said(amount: float | None) -> str:
    return "nothing known" if amount is None else f"{amount:.2f}"


def differences(computed: Path, rules: Rules, accepted: Accepted) -> Iterator[Difference]:
    """Every total that does not close."""
    wanted = ["ageing", "customers_by_class", "class_movements", _BILLED, *_SUMMED]
    readings = _readings(computed / "readings.parquet", wanted)
    yield from ageing(readings)
    yield from members(readings, rules.reporting)
    yield from movements(readings)
    yield from money(computed / "facts", readings, rules, accepted)


def ageing(readings: pd.DataFrame) -> Iterator[Difference]:
    """Σ ageing = receivables, for every subject."""
    keys = ["subject_kind", "subject_id", *_WHERE]
    buckets = _known(readings, "ageing").groupby(keys)["value"].sum()
    whole = _known(readings, "receivables").set_index(keys)["value"]
    both = pd.concat({"one": buckets, "other": whole}, axis=1).dropna()
    yield from _apart("ageing = receivables", both)


def members(readings: pd.DataFrame, reporting: str) -> Iterator[Difference]:
    """Σ accounts, and Σ customers with the rows of nobody, = the portfolio."""
    for metric in _SUMMED:
        found = readings[(readings["metric"] == metric) & readings["currency"].isin([reporting, ""])]
        keys = ["breakdown", "window", "period"]
        accounts = found[found["subject_kind"] == "account"]
        customers = found[found["subject_kind"] == "customer"]
        nobody = accounts[accounts["subject_id"] == NO_ACCOUNT]
        whole = found[found["subject_kind"] == "portfolio"].set_index(keys)["value"]
        for name, parts in (("accounts", accounts), ("customers", pd.concat([customers, nobody]))):
            both = pd.concat({"one": _whole_sums(parts, keys), "other": whole}, axis=1).dropna()
            yield from _apart(f"{metric} of {name} = {metric} of the portfolio", both)


def movements(readings: pd.DataFrame) -> Iterator[Difference]:
    """Customers at the start + new − lost = customers at the end."""
    known = readings[readings["subject_kind"] == "portfolio"]
    keys = ["window", "period"]
    moved = known[(known["metric"] == "class_movements") & known["breakdown"].isin(list(_MOVED))]
    if moved.empty:
        return
    signed = moved.assign(value=moved["value"] * moved["breakdown"].map(_MOVED))
    ends = known[(known["metric"] == "customers_by_class") & (known["breakdown"] == "")].set_index(keys)
    both = pd.concat(
        {"moved": _whole_sums(signed, keys), "other": ends["value"], "start": ends["before"]}, axis=1
    )
    complete = both.dropna()
    yield from _apart(
        "customers before + new - lost = customers now",
        complete.assign(one=complete["start"] + complete["moved"])[["one", "other"]],
    )


def money(facts: Path, readings: pd.DataFrame, rules: Rules, accepted: Accepted) -> Iterator[Difference]:
    """Sales, invoices and receivables: by currency as they came, and all together in the reporting currency."""
    whole = readings[(readings["subject_kind"] == "portfolio") & (readings["breakdown"] == "")]
    whole = whole[whole["currency"].isin([rules.reporting, ""])]
    fx = accepted("fx", ("rate_on", "currency", "to_currency", "rate"))
    flows = (
        ("sales", currency_totals.sold(rules.basis, rules.reporting, accepted), ("net_sales", "value")),
        ("invoices", currency_totals.billed(rules.reporting, accepted), (_BILLED, "numerator")),
    )
    for name, rows, figure in flows:
        if rows is not None:
            yield from before_conversion(name, _amounts(facts, name), currency_totals.by_currency(rows))
            days = currency_totals.converted(rows, fx, rules.flows, rules.reporting)
            yield from after_conversion(name, whole, figure, days)
    owed = currency_totals.owed(rules.reporting, accepted)
    if owed is not None:
        yield from receivables(facts, whole[whole["metric"] == "receivables"], owed, fx, rules.reporting)


def before_conversion(total: str, made: pd.Series, expected: pd.Series) -> Iterator[Difference]:
    """What figures are made of = the accepted rows, currency by currency; amounts are exact, in ten-thousandths."""
    for currency in sorted({*made.index, *expected.index}):
        one, other = int(made.get(currency, 0)), int(expected.get(currency, 0))
        if one != other:
            yield Difference(f"{total} = accepted rows", str(currency), one / SCALE, other / SCALE)


def after_conversion(
    total: str, readings: pd.DataFrame, figure: tuple[str, str], days: Converted
) -> Iterator[Difference]:
    """A flow of every window = its currencies, converted once more; `figure` is a metric and the column of it."""
    metric, column = figure
    found = readings[(readings["metric"] == metric) & readings[column].notna()]
    for row in found.to_dict("records"):
        expected = days.between(row["from_on"], row["until_on"])
        yield from _converted_apart(total, row, row[column], expected)


def receivables(
    facts: Path, readings: pd.DataFrame, owed: pd.DataFrame, fx: pd.DataFrame | None, reporting: str
) -> Iterator[Difference]:
    """What is open, by currency on the last day, and at the rates of every day that it is read on."""
    if len(readings):
        until = readings["until_on"].max()
        before = owed[owed["day"] < until]
        expected = before["amount"].groupby(before["currency"]).sum().astype("int64")
        yield from before_conversion("receivables", _open(facts, until), expected)
    for row in readings[readings["value"].notna()].to_dict("records"):
        level = currency_totals.level(owed, fx, reporting, row["until_on"])
        yield from _converted_apart("receivables", row, row["value"], level)


def _converted_apart(
    total: str, row: Mapping[Hashable, Any], stated: float, expected: Total
) -> Iterator[Difference]:
    margin = _CENT + expected.slack + _RELATIVE * abs(stated)
    if expected.amount is None or abs(stated - expected.amount) > margin:
        where = f"{row['window']}, {row['period']}"
        yield Difference(f"{total} after conversion = {total} by currency", where, stated, expected.amount)


_STATED: dict[str, tuple[str, ...]] = {
    "sales": ("net_amount",),
    "invoices": ("gross_amount", "net_amount", "tax_amount"),
}
"""The columns of a fact table that hold its money: the first, or where that is missing the others together."""


def _amounts(facts: Path, name: str) -> pd.Series:
    """The sizes of all amounts that the figures are made of, by currency."""
    first, *others = _STATED[name]
    rows = _fact_rows(facts, name, ("currency", *_STATED[name]))
    amounts = rows[first]
    if others:
        amounts = amounts.fillna(rows[others[0]] + rows[others[1]].fillna(0))
    return currency_totals.by_currency(rows.assign(amount=amounts))


def _open(facts: Path, until: Any) -> pd.Series:
    """The balances that hold on the last day, by currency."""
    rows = _fact_rows(facts, "ledger", ("currency", "from_on", "until_on", "balance_amount"))
    held = rows[(rows["from_on"] < until) & (rows["until_on"].isna() | (rows["until_on"] >= until))]
    sums: pd.Series = held["balance_amount"].groupby(held["currency"]).sum().astype("int64")
    return sums


def _fact_rows(facts: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """A fact table as compute wrote it, in one file or one a part; without rows where there is none."""
    path = facts / f"{name}.parquet"
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    tables = [pq.read_table(file, columns=list(columns)).to_pandas() for file in files if file.exists()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(columns))


def _whole_sums(parts: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Sums of groups of which every part is known; what is not known adds up to nothing that could be compared."""
    groups = parts.groupby(keys)["value"]
    return groups.sum().where(groups.count() == groups.size())


def _known(readings: pd.DataFrame, metric: str) -> pd.DataFrame:
    return readings[(readings["metric"] == metric) & readings["value"].notna()]


def _apart(total: str, both: pd.DataFrame) -> Iterator[Difference]:
    apart = both[(both["one"] - both["other"]).abs() > _CENT + _RELATIVE * both["other"].abs()]
    for key, row in apart.iterrows():
        where = ", ".join(str(part) for part in (key if isinstance(key, tuple) else (key,)) if part)
        yield Difference(total, where, float(row["one"]), float(row["other"]))


def _readings(path: Path, metrics: Collection[str]) -> pd.DataFrame:
    wanted = pc.field("metric").isin(sorted(metrics))
    rows: pd.DataFrame = pq.read_table(path, columns=list(_COLUMNS), filters=wanted).to_pandas()
    texts = [name for name in _COLUMNS if name not in _NO_TEXTS]
    for_texts = {name: rows[name].astype("str").fillna("") for name in texts}
    days = {name: rows[name].astype("datetime64[s]") for name in ("from_on", "until_on")}
    return pd.DataFrame({**rows, **for_texts, **days})
