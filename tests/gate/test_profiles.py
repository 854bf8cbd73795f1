from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.gate.profiles import MONTHS, profile_of
from pipeline.intake.canonical import write_table
from tests.tables import frame

AS_OF = date(2026, 9, 30)
ROWS = st.fixed_dictionaries(
    {
        "invoice_id": st.sampled_from(["I1", "I2", None]),
        "account_id": st.sampled_from(["A1", "A2"]),
        "issued_on": st.sampled_from(["2025-08-31", "2025-09-01", "2026-01-15", "2026-09-30", "2026-10-01"]),
        "due_on": st.sampled_from(["2026-10-01", None]),
        "currency": st.sampled_from(["CNY", "USD", None]),
        "net_amount": st.sampled_from([1, -3, 8, None]),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=9))
def test_a_profile_counts_what_is_missing_and_how_large_it_is_month_by_month(
    tmp_path: Path, rows: list[dict[str, object]]
) -> None:
    """Whether the file is read for it, or itself says that nothing is missing."""
    write_table(
        tmp_path / "invoices.parquet", frame("invoices", rows).assign(_part=pd.array([0] * len(rows), "int8"))
    )
    profile = profile_of(tmp_path / "invoices.parquet", "invoices", AS_OF)
    if not profile.months:
        assert all(row["issued_on"] == "2026-10-01" for row in rows)
        return
    months = [str(month) for month in pd.period_range("2025-09", "2026-09", freq="M")]
    in_month = [[row for row in rows if str(row["issued_on"]).startswith(month)] for month in months]
    found = {column.name: column for column in profile.columns}

    assert len(months) == MONTHS
    assert profile.months == tuple(map(len, in_month))
    for name in ("invoice_id", "account_id", "due_on", "currency", "net_amount"):
        assert found[name].missing == tuple(sum(row[name] is None for row in own) for own in in_month)
    sizes = [[abs(row["net_amount"]) for row in own if row["net_amount"] is not None] for own in in_month]  # type: ignore[arg-type]  # numbers
    assert found["net_amount"].sizes == tuple(
        float(pd.Series(each).median()) * 10_000 if each else None for each in sizes
    )
    before = {row["currency"] for own in in_month[:-1] for row in own}
    assert found["currency"].unseen == sum(
        row["currency"] is not None and row["currency"] not in before for row in in_month[-1]
    )
