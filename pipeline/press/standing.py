"""Where customers stand between the borders of value and potential, and where they stood when the window began. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.rules.customers import TierRule


@dataclass(frozen=True)
class Borders:
    """The borders of twelve months' sales: medium value is above the median, high value among the top share.

    `last_high` is the amount of the last customer of the top share, `first_below` that of the next one (the same where
    there is none): nobody is measured against himself.
    """

    medium: float
    last_high: float
    first_below: float

    def high_for(self, amount: float) -> float:
        """The border of high value as it holds for a customer of that amount."""
        return self.first_below if amount >= self.last_high else self.last_high


@dataclass(frozen=True)
class Standing:
    """A customer between the borders: twelve months' sales, the share of its potential still open, in per cent.

    `before` is the same when the window began; None where it was not known or nothing was sold. The potential is the
    one stated today.
    """

    sales: float
    headroom: float | None
    before: tuple[float, float] | None


def borders(amounts: Sequence[float], rule: TierRule) -> Borders | None:
    """The borders between customers with sales above zero; None where there are none."""
    buying = sorted((each for each in amounts if each > 0), reverse=True)
    if not buying:
        return None
    count = max(1, int(len(buying) * rule.value_high_share))
    return Borders(
        float(median(buying)), buying[count - 1], buying[count] if len(buying) > count else buying[count - 1]
    )


def headroom(sales: float, potential: float | None) -> float | None:
    """The share of a customer's potential that it does not buy from us yet, in per cent; below 0 counts as 0."""
    if potential is None or potential <= 0:
        return None
    return max(1 - sales / potential, 0.0) * 100


def standing(
    sales: float, potential: float | None, in_window: float | None, year_ago: float | None
) -> Standing:
    """The standing now, and before the window: without its sales, with those of the same span a year earlier."""
    was = None if in_window is None or year_ago is None else sales - in_window + year_ago
    share = headroom(was, potential) if was is not None and was > 0 else None
    return Standing(
        sales,
        headroom(sales, potential),
        None if was is None or share is None else (was, share),
    )
