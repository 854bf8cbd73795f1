"""Opportunities that were opened in one month, as the export of the last day shows them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.calendar import NEVER, Month, day_number
from pipeline.demo.chance import Flags, Integers, Keys
from pipeline.demo.columns import Columns, chosen, days, decimals, flags, labels
from pipeline.demo.market import PRODUCTS, list_prices
from pipeline.demo.rivals import RIVALS
from pipeline.demo.tables import Names
from pipeline.demo.world import World, drawn_rows

KINDS = ("new", "cross_sell", "up_sell", "renewal")
STAGES = ("线索确认", "方案报价", "商务谈判", "赢单", "输单")
_WON, _LOST = 3, 4
REASONS = ("价格", "交期", "功能不满足", "预算取消", "客户内部自建")
_LARGEST = np.array([product.largest for product in PRODUCTS], dtype=np.int64)


@dataclass(frozen=True)
class Deals:
    """Aligned columns, one entry an opportunity; `closed_on` is NEVER while it is open."""

    year: int
    account: Integers
    number: Integers
    key: Keys
    product: Integers
    kind: Integers
    stage: Integers
    cents: Integers
    opened_on: Integers
    expected_on: Integers
    closed_on: Integers
    is_won: Flags


def deals_of(world: World, month: Month, first_number: int) -> Deals:
    """The month's new opportunities in the order of their days, numbered from `first_number` on."""
    account, key = drawn_rows(world, month, "deal", lambda client: client.monthly_deals)
    opened = _opened_on(world, month, account, key)
    sequence = np.lexsort((key, account, opened))
    account, key, opened = account[sequence], key[sequence], opened[sequence]
    chance = world.chance
    needed = chance.between("length", key, 18, 130)
    closed = world.workdays.on_or_after(opened + needed)
    is_closed = closed <= world.until
    is_won = chance.happens("won", key, 54)
    product = chance.one_of("deal product", key, (9, 14, 9, 8, 4, 3, 3, 3, 5, 3, 12, 11, 9, 7))
    return Deals(
        year=month.year,
        account=account,
        number=first_number + np.arange(account.size, dtype=np.int64),
        key=key,
        product=product,
        kind=chance.one_of("deal kind", key, (14, 34, 32, 20)),
        stage=np.where(is_closed, np.where(is_won, _WON, _LOST), _stage(world, opened, needed)),
        cents=_cents(world, month, account, key, product),
        opened_on=opened,
        expected_on=world.workdays.on_or_after(opened + needed - chance.between("hoped", key, -20, 25) % 18),
        closed_on=np.where(is_closed, closed, NEVER),
        is_won=is_won & is_closed,
    )


def _opened_on(world: World, month: Month, account: Integers, key: Keys) -> Integers:
    working = world.ordering_days(month)
    drawn = working[world.chance.below("deal day", key, working.size)]
    signed = world.column(lambda client: day_number(client.signed_on))[account]
    return np.minimum(np.maximum(drawn, signed), world.until)


def _stage(world: World, opened: Integers, needed: Integers) -> Integers:
    """How far an open one has come: by the share of its time that is over."""
    stage: Integers = np.clip((world.until - opened) * 3 // needed, 0, 2)
    return stage


def _cents(world: World, month: Month, account: Integers, key: Keys, product: Integers) -> Integers:
    """Whole units of the client's currency: some of the product at its list price."""
    price = list_prices(month.year)[world.currency()[account], product]
    quantity = world.chance.between(
        "deal size", key, np.maximum(_LARGEST[product] // 2, 1), _LARGEST[product] * 2
    )
    cents: Integers = price * quantity * 100
    return cents


def deal_columns(names: Names, world: World, deals: Deals, owners: Integers) -> Columns:
    """The `opportunities` table."""
    is_lost = deals.stage == _LOST
    has_rival = is_lost & world.chance.happens("rival", deals.key, 55)
    return {
        "opportunity_id": labels("OP", deals.year, deals.number, 4),
        "account_id": names.of_accounts(deals.account),
        "manager_id": chosen(names.managers, owners - 1),
        "product_id": chosen([product.product_id for product in PRODUCTS], deals.product),
        "kind": chosen(KINDS, deals.kind),
        "stage": chosen(STAGES, deals.stage),
        "amount": decimals(deals.cents),
        "currency": names.of_currencies(deals.account),
        "opened_on": days(deals.opened_on),
        "expected_on": days(np.maximum(deals.expected_on, deals.opened_on)),
        "closed_on": days(deals.closed_on),
        "is_won": flags(deals.is_won, deals.closed_on != NEVER),
        "lost_reason": chosen(REASONS, world.chance.below("reason", deals.key, len(REASONS)), is_lost),
        "competitor": chosen(RIVALS, world.chance.below("which rival", deals.key, len(RIVALS)), has_rival),
    }
