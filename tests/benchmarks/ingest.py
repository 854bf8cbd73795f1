"""A million invoices: ingest and the gate beside pandas by hand, for a person to read; no test asks for a time.

    python -m tests.benchmarks.ingest [FOLDER]     FOLDER keeps the exports; without it they are made and thrown away

Each part runs in a process of its own, three times, and counts what it computes beyond its imports: the median of the
processor's seconds, and the most memory. By hand there are two variants, whose rows at fault are those of the gate:

* exact: every cell a text, then cast as the mapping's columns are: days, ten-thousandths, yes or no.
* quick: what pandas makes of the cells by itself; money passes through floats, and a wrong cell would be an error.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
import pandas as pd

from pipeline.__main__ import settle_arrow

ROWS, ACCOUNTS, MANAGERS, REPEATS = 1_000_000, 20_000, 50, 3
SETTINGS = """\
schema = 1
[company]
name = "Company"
currency = "CNY"
time_zone = "Asia/Shanghai"
[sales]
basis = "invoiced"
[sources]
mappings = ["generic"]
"""
FIRST, LAST = "1990-01-01", "2031-09-30"
"""Between which days of the gate lie, for September 2026."""


##### The exports ######################################################################################################


def make_workspace(folder: Path) -> None:
    """A workspace whose exports hold a million invoices, 700 of them at fault, and what they refer to."""
    chance = np.random.default_rng(7)
    exports = folder / "exports"
    exports.mkdir(parents=True)
    (folder / "kambook.toml").write_text(SETTINGS, encoding="utf-8")
    of = chance.integers(0, ACCOUNTS, ROWS)
    tables = {
        "accounts": {
            "account_id": [f"A-{at:05d}" for at in range(ACCOUNTS)],
            "name": [f"Client {at}" for at in range(ACCOUNTS)],
            "owner_id": [f"M{at % MANAGERS:02d}" for at in range(ACCOUNTS)],
        },
        "managers": {
            "manager_id": [f"M{at:02d}" for at in range(MANAGERS)],
            "name": [f"Manager {at}" for at in range(MANAGERS)],
        },
        "fx": {"rate_on": "2023-01-01", "currency": ["USD", "EUR"], "to_currency": "CNY", "rate": [7.1, 7.8]},
        "invoices": _invoices(chance, of),
    }
    for name, columns in tables.items():
        pd.DataFrame(columns).to_csv(exports / f"{name}.csv", index=False)


def _invoices(chance: np.random.Generator, of: Any) -> pd.DataFrame:
    issued = np.datetime64("2023-10-01") + chance.integers(0, 1095, ROWS).astype("timedelta64[D]")
    net = chance.integers(100, 100_000_000, ROWS)
    tax = np.rint(net * 0.13).astype(np.int64)
    rows = pd.DataFrame(
        {
            "invoice_id": [f"INV-{at:07d}" for at in chance.permutation(ROWS)],
            "account_id": [f"A-{at:05d}" for at in of],
            "manager_id": [f"M{at % MANAGERS:02d}" for at in of],
            "currency": chance.choice(["CNY", "USD", "EUR"], ROWS, p=[0.9, 0.06, 0.04]),
            "issued_on": issued.astype(str),
            "due_on": (issued + chance.choice([30, 45, 60, 90], ROWS).astype("timedelta64[D]")).astype(str),
            "net_amount": _written(net),
            "tax_amount": _written(tax),
            "gross_amount": _written(net + tax),
            "is_credit_note": "false",
            "is_disputed": chance.choice(["true", "false"], ROWS, p=[0.02, 0.98]),
        }
    )
    wrong = chance.choice(ROWS, 700, replace=False)
    rows.loc[wrong[:200], "gross_amount"] = "1.00"
    rows.loc[wrong[200:300], "account_id"] = "A-99999"
    rows.loc[wrong[300:], "due_on"] = None
    return rows


def _written(cents: Any) -> list[str]:
    return [f"{each // 100}.{each % 100:02d}" for each in cents.tolist()]


##### Ours #############################################################################################################


def ours(folder: Path) -> Callable[[], int]:
    """Ingest and validate as `kambook` runs them; how many rows are at fault."""
    for module in ("babel.numbers", "duckdb", "great_expectations", "pandas", "pyarrow.csv"):
        __import__(module)
    from pipeline import ingest, validate
    from pipeline.gate import quality
    from pipeline.run import context_of

    output = folder / "out"
    shutil.rmtree(output, ignore_errors=True)
    context = context_of(
        workspace=folder,
        output=output,
        exports=None,
        period="2026-09",
        as_of=None,
        today=date(2026, 10, 1),
        fonts=folder,
        jobs=1,
        quiet=True,
    )

    def act() -> int:
        ingest.ingest(context)
        validate.validate(context)
        found = quality.findings(context.run)
        return sum(each["rows"] for each in found if each["severity"] != "info")

    return act


##### By hand ##########################################################################################################


def exact(folder: Path) -> Callable[[], int]:
    """Texts cast to what the mapping's columns are."""

    def act() -> int:
        def table(name: str) -> pd.DataFrame:
            path = folder / "exports" / f"{name}.csv"
            return pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])

        rows = table("invoices")
        for name in ("issued_on", "due_on"):
            rows[name] = pd.to_datetime(rows[name], format="%Y-%m-%d")
        for name in ("net_amount", "tax_amount", "gross_amount"):
            rows[name] = (pd.to_numeric(rows[name]) * 10_000).round().astype("Int64")
        for name in ("is_credit_note", "is_disputed"):
            rows[name] = rows[name].map({"true": True, "false": False}).astype("boolean")
        return _at_fault(rows, table("accounts"), table("managers"), table("fx"))

    return _warm(act)


def quick(folder: Path) -> Callable[[], int]:
    """The types that pandas finds by itself."""

    def act() -> int:
        def table(name: str, **given: Any) -> pd.DataFrame:
            return pd.read_csv(folder / "exports" / f"{name}.csv", **given)

        rows = table("invoices", parse_dates=["issued_on", "due_on"], date_format="%Y-%m-%d")
        for name in ("net_amount", "tax_amount", "gross_amount"):
            rows[name] = (rows[name] * 10_000).round().astype("int64")
        return _at_fault(rows, table("accounts"), table("managers"), table("fx"))

    return _warm(act)


def _warm(act: Callable[[], int]) -> Callable[[], int]:
    """With everything imported that it needs."""
    from babel.numbers import list_currencies

    list_currencies()
    pd.Series(["a"], dtype="str").str.len()
    return act


def _at_fault(rows: pd.DataFrame, accounts: pd.DataFrame, managers: pd.DataFrame, fx: pd.DataFrame) -> int:
    """The checks of expectations/invoices.json that a row can fail by itself, and of its references."""
    from babel.numbers import list_currencies

    gross, net, tax = rows["gross_amount"], rows["net_amount"], rows["tax_amount"]
    issued, due, currency = rows["issued_on"], rows["due_on"], rows["currency"]
    wrong = [
        rows["invoice_id"].duplicated(keep=False),
        rows["invoice_id"].isna(),
        ~rows["account_id"].isin(accounts["account_id"]),
        ~(rows["manager_id"].isna() | rows["manager_id"].isin(managers["manager_id"])),
        issued.isna(),
        ~(issued.isna() | issued.between(FIRST, LAST)),
        ~(due.isna() | due.between(FIRST, LAST)),
        due.isna(),
        (due - issued).dt.days < 0,
        gross.isna() & net.isna(),
        ~(gross - net - tax).fillna(0).between(-100, 100),
        ~currency.isin(list_currencies()),
        ~currency.isin(["CNY", *fx.loc[fx["to_currency"] == "CNY", "currency"]]),
    ]
    return int(sum(int(each.sum()) for each in wrong))


##### Measuring ########################################################################################################

PARTS: dict[str, Callable[[Path], Callable[[], int]]] = {"exact": exact, "quick": quick, "ours": ours}


def measure(part: str, folder: Path) -> None:
    """Print the seconds of the processor, the most memory in MB, and the rows at fault."""
    act = PARTS[part](folder)
    before = _seconds()
    at_fault = act()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"{_seconds() - before} {memory} {at_fault}")


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _measured(part: str, folder: Path) -> float:
    """The median of a part's seconds; printed with that of its memory."""
    runs = [[float(each) for each in _apart(part, folder).split()[-3:]] for _ in range(REPEATS)]
    seconds, memory, at_fault = zip(*runs, strict=True)
    said = f"{part:6} {median(seconds):6.2f} s {median(memory):6.0f} MB   {at_fault[0]:.0f} cells at fault"
    click.echo(said)
    return median(seconds)


def _apart(part: str, folder: Path) -> str:
    """What a process of its own prints; a child counts its parent's memory as its own, so this one stays small."""
    command = [sys.executable, "-m", "tests.benchmarks.ingest", str(folder), part]
    environment = dict(os.environ)
    if part == "ours":
        settle_arrow(environment)
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def compare(folder: Path) -> None:
    """Make the exports where they are not there, measure all parts and print the ratios."""
    if not (folder / "exports" / "invoices.csv").exists():
        _apart("exports", folder)
    seconds = {part: _measured(part, folder) for part in PARTS}
    for by_hand in ("exact", "quick"):
        click.echo(f"ours / {by_hand}: {seconds['ours'] / seconds[by_hand]:.2f}")


if __name__ == "__main__":
    if sys.argv[2:] == ["exports"]:
        make_workspace(Path(sys.argv[1]))
    elif len(sys.argv) > 2:
        measure(sys.argv[2], Path(sys.argv[1]))
    elif len(sys.argv) > 1:
        compare(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as made:
            compare(Path(made))
