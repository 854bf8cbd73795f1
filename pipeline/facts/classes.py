"""Facts about classes and bands: which customers are in one, and which moved."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from pipeline.engine.quantities import Quantity
from pipeline.facts import account_fact
from pipeline.rules.customers import BandName, ClassName
from pipeline.words import Words

MOVES = ("up", "down", "new", "left", "same")
_COUNT: dict[str, Any] = {"member": "customer", "unit": "count"}


def _active(f: Any) -> Quantity:
    return f.trailing(f.rule("active").months).sales_rows


def _counted(f: Any, metric: str, wanted: str) -> Quantity:
    """One for each active customer of which the metric says what is wanted, or anything at all."""
    active = _active(f)
    said = [each is not None and (not wanted or each == wanted) for each in f.text(metric)]
    return Quantity(((active.values > 0) & np.array(said, dtype=bool)).astype(np.int64), 1, active.reasons)


@account_fact(**_COUNT, label=Words("各类客户数", "customers of a class"), by={"class": get_args(ClassName)})
def customers_in_class(f: Any) -> Quantity:
    """One for an active customer of the class asked for."""
    return _counted(f, "customer_class", f.chosen("class"))


@account_fact(
    **_COUNT, label=Words("各等级客户数", "customers in a band"), by={"band": (*get_args(BandName), "below")}
)
def customers_in_band(f: Any) -> Quantity:
    """One for an active customer in the band asked for."""
    return _counted(f, "revenue_band", f.chosen("band"))


def _moved(f: Any, metric: str) -> Quantity:
    """One for a customer that moved as asked; of the whole, in any way but staying the same."""
    move = f.chosen("move")
    said = f.text(metric)
    counted = [each is not None and (each == move if move else each != "same") for each in said]
    unknown = [each is None for each in said]
    reasons = np.where(np.all(unknown), _active(f.at_start).reasons, 0).astype(np.int8)
    return Quantity(
        np.array(counted, dtype=np.int64), 1, np.broadcast_to(reasons, (len(said),)).astype(np.int8)
    )


@account_fact(**_COUNT, label=Words("换类客户数", "customers that changed class"), by={"move": MOVES})
def customers_moving_class(f: Any) -> Quantity:
    """One for a customer whose class moved as asked between the window's first and last day."""
    return _moved(f, "class_move")


@account_fact(**_COUNT, label=Words("换级客户数", "customers that changed band"), by={"move": MOVES})
def customers_moving_band(f: Any) -> Quantity:
    """One for a customer whose band moved as asked between the window's first and last day."""
    return _moved(f, "band_move")
