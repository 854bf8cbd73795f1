"""Totals that must close before anything is printed: computed figures against each other and against the rows behind them.

Sums are exact integers inside, so what is left is float division when they are read back: less than half a cent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import DataError
from pipeline.schema import NO_ACCOUNT, SCALE
from pipeline.settings import SalesBasis

_CENT = 0.005
_COLUMNS = (
    "subject_kind", "subject_id", "metric", "breakdown", "window", "period", "value", "before", "currency", "reason",
)  # fmt: skip
_WHERE = ["window", "period", "currency"]
_SUMMED = ("net_sales", "receivables", "volume")
"""Figures that add up over accounts as they stand, in the reporting currency."""
_CANCELLED = ("cancelled", "canceled")
_MOVED = {"move=new": 1, "move=left": -1}


Accepted = Callable[[str, Collection[str]], "pd.DataFrame | None"]


@dataclass(frozen=True)
class Difference:
    """Two sides of a total that should be the same."""

    total: str
    where: str
    one: float
    other: float


def reconcile(computed: Path, basis: SalesBasis, reporting: str, accepted: Accepted) -> None:
    """Raise DataError KB-1240 where a total does not close; `computed` holds `facts/` and `readings.parquet`.

    `accepted` reads the rows of a canonical table that are not in quarantine.
    """
    first = next(differences(computed, basis, reporting, accepted), None)
    if first is not None:
        raise DataError(
            where=f"{first.total} ({first.where})",
            what=f"does not close: {first.one:.2f} on one side, {first.other:.2f} on the other",
            fix="nothing may be printed from these figures; report it with the run's log",
            code="KB-1240",
        )


def differences(
    computed: Path, basis: SalesBasis, reporting: str, accepted: Accepted
) -> Iterator[Difference]:
    """Every total that does not close."""
    wanted = ["ageing", "customers_by_class", "class_movements", *_SUMMED]
    readings = _readings(computed / "readings.parquet", wanted)
    yield from ageing(readings)
    yield from members(readings, reporting)
    yield from movements(readings)
    yield from ledger(computed / "facts", basis, accepted)


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


def ledger(facts: Path, basis: SalesBasis, accepted: Accepted) -> Iterator[Difference]:
    """The sales that figures are made of = the accepted rows, added without regard to currency as a checksum."""
    sold = facts / "sales.parquet"
    expected = _expected(basis, accepted)
    if expected is None or not sold.exists():
        return
    files = sorted(sold.glob("*.parquet")) if sold.is_dir() else [sold]
    made = sum(_absolute(pq.read_table(file, columns=["net_amount"]).column(0).to_pandas()) for file in files)
    if made != expected:
        yield Difference("sales = accepted rows", basis, made / SCALE, expected / SCALE)


def _expected(basis: SalesBasis, accepted: Accepted) -> int | None:
    """What the accepted rows say, read in the simplest way: no currencies, no dates, signs left aside."""
    if basis == "ordered":
        orders = accepted("orders", ("order_id", "status"))
        lines = accepted("order_lines", ("order_id", "net_amount"))
        if orders is None or lines is None:
            return None
        cancelled = orders["status"].str.lower().isin(_CANCELLED).fillna(value=False)
        return _absolute(lines.loc[lines["order_id"].isin(orders.loc[~cancelled, "order_id"]), "net_amount"])
    if basis == "invoiced":
        invoices = accepted("invoices", ("net_amount", "gross_amount"))
        return (
            None if invoices is None else _absolute(invoices["net_amount"].fillna(invoices["gross_amount"]))
        )
    return None


def _absolute(amounts: pd.Series) -> int:
    return int(np.abs(amounts.dropna().to_numpy(dtype=np.int64)).sum())


def _whole_sums(parts: pd.DataFrame, keys: list[str]) -> pd.Series:
    """Sums of groups of which every part is known; what is not known adds up to nothing that could be compared."""
    groups = parts.groupby(keys)["value"]
    return groups.sum().where(groups.count() == groups.size())


def _known(readings: pd.DataFrame, metric: str) -> pd.DataFrame:
    return readings[(readings["metric"] == metric) & readings["value"].notna()]


def _apart(total: str, both: pd.DataFrame) -> Iterator[Difference]:
    apart = both[(both["one"] - both["other"]).abs() > _CENT + 1e-12 * both["other"].abs()]
    for key, row in apart.iterrows():
        where = ", ".join(str(part) for part in (key if isinstance(key, tuple) else (key,)) if part)
        yield Difference(total, where, float(row["one"]), float(row["other"]))


def _readings(path: Path, metrics: Collection[str]) -> pd.DataFrame:
    wanted = pc.field("metric").isin(sorted(metrics))
    rows: pd.DataFrame = pq.read_table(path, columns=list(_COLUMNS), filters=wanted).to_pandas()
    texts = [name for name in _COLUMNS if name not in ("value", "before")]
    for_texts = {name: rows[name].astype("str").fillna("") for name in texts}
    return pd.DataFrame({**rows, **for_texts})
