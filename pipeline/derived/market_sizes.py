"""Markets: how large an industry's market is, how old that figure is, and what our rank in it says of a wallet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.engine.subjects import PORTFOLIO
from pipeline.schema import SCALE


@derived("market", once=True)
def market_sizes(inputs: Inputs) -> pd.DataFrame:
    """One row per industry (and for the portfolio) and calendar year: the market of the latest year known by then.

    Regions of an industry are added up. The portfolio's market is the sum of those industries in which there is an
    account. `age_years` is how many years older than the calendar year the figure is.
    """
    years = _known_by_year(inputs)
    ours = set(inputs.tables["accounts"]["industry"].dropna())
    mine = years[years["industry"].isin(ours)]
    everything = mine.assign(subject_kind="portfolio", subject_id=PORTFOLIO)
    rows = pd.concat([mine.assign(subject_kind="industry", subject_id=mine["industry"]), everything])
    return pd.DataFrame(
        {
            "subject_kind": rows["subject_kind"].astype("str"),
            "subject_id": rows["subject_id"].astype("str"),
            "industry": rows["industry"],
            "from_on": _new_year(rows["calendar_year"]),
            "until_on": _new_year(rows["calendar_year"] + 1),
            "age_years": (rows["calendar_year"] - rows["year"]).astype("Int64"),
            "market_amount": rows["market_amount"],
            "currency": rows["currency"],
            "_from": "market:" + rows["_row"],
        }
    ).reset_index(drop=True)


@derived("market")
def market_positions(inputs: Inputs) -> pd.DataFrame:
    """One row per account and calendar year in which its industry's market is known: the share that our rank suggests.

    With n firms and rank r that is (1 − r ÷ (n + 1)) · 2 ÷ n, in ten-thousandths; unknown where no rank is stated. The
    account's own region comes first, else the first region of the industry that states a rank.
    """
    years = _known_by_year(inputs)
    years["rank_share"] = _by_rank(years["our_rank"], years["rivals_count"] + 1)
    accounts = inputs.tables["accounts"][["account_id", "customer_id", "industry", "region"]]
    rows = accounts.merge(years, on="industry", suffixes=("", "_of_market"))
    rows["is_own"] = (rows["region"] == rows["region_of_market"]).fillna(False).astype(bool)
    rows["has_rank"] = rows["rank_share"].notna()
    rows = rows.sort_values(
        ["account_id", "calendar_year", "has_rank", "is_own", "region_of_market"],
        ascending=[True, True, False, False, True],
        kind="stable",
    )
    best = rows[~rows.duplicated(["account_id", "calendar_year"])].reset_index(drop=True)
    return pd.DataFrame(
        {
            "account_id": best["account_id"],
            "customer_id": best["customer_id"],
            "from_on": _new_year(best["calendar_year"]),
            "until_on": _new_year(best["calendar_year"] + 1),
            "rank_share": best["rank_share"],
            "age_years": (best["calendar_year"] - best["year"]).astype("Int64"),
            "_from": "market:" + best["_row"],
        }
    )


def _known_by_year(inputs: Inputs) -> pd.DataFrame:
    """Each industry and region in each calendar year up to the cut-off, with the latest year known by then."""
    rows = inputs.tables["market"]
    rows = rows[rows["market_amount"].notna() & rows["year"].notna()]
    currency = rows["currency"].fillna(inputs.settings.company.currency)
    rows = rows.assign(currency=currency, region=rows["region"].fillna(""))
    last = inputs.until_on.year
    rows = rows[rows["year"] <= last].sort_values(
        ["industry", "region", "year"], kind="stable", ignore_index=True
    )
    following = rows.groupby(["industry", "region"])["year"].shift(-1).fillna(last + 1)
    spans = (following - rows["year"]).astype("int64").to_numpy()
    made = rows.iloc[np.repeat(np.arange(len(rows)), spans)].reset_index(drop=True)
    step = np.arange(len(made)) - np.repeat(np.cumsum(spans) - spans, spans)
    return made.assign(calendar_year=made["year"].astype("int64") + step)


def _by_rank(rank: pd.Series, firms: pd.Series) -> pd.Series:
    """(1 − rank ÷ (n + 1)) · 2 ÷ n in ten-thousandths, half-up; unknown without rank or rivals."""
    known = rank.notna() & firms.notna() & (firms > 0) & (rank <= firms)
    n = firms.where(known, 1).astype("int64")
    numerator = 2 * SCALE * (n + 1 - rank.where(known, 1).astype("int64"))
    denominator = (n + 1) * n
    return ((2 * numerator + denominator) // (2 * denominator)).astype("Int64").where(known)


def _new_year(years: pd.Series) -> pd.Series:
    return pd.to_datetime(years.astype("str"), format="%Y").astype("datetime64[s]")
