"""Cases and survey answers of one month. Pure.

Moments are whole minutes since 1970-01-01T00:00+08:00, the zone of the company's service desk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.calendar import NEVER, Month, day_number
from pipeline.demo.chance import Flags, Integers, Keys
from pipeline.demo.contacts import contact_count
from pipeline.demo.customers import level_at
from pipeline.demo.world import World, drawn_rows

NOT_YET = NEVER * 1_440
"""The minute of what has not happened by the end of the export."""

REPLY_HOURS, RESOLVE_HOURS, GREEN_REPLY_HOURS = 24, 48, 1
"""What is promised where the contract says nothing (policy/service.toml)."""

CATEGORIES = ("设备故障", "备件咨询", "软件问题", "交付咨询", "操作培训")
CASE_CAUSES = ("零件磨损", "操作失误", "软件缺陷", "安装调试", "通信异常", "资料不全")
PRIORITIES = ("高", "中", "低")

# Nothing opens in the last days of a month, so that no clock is still running when a month is judged.
_QUIET_DAYS = 4


@dataclass(frozen=True)
class Cases:
    """Aligned columns, one entry a case."""

    year: int
    account: Integers
    number: Integers
    contact: Integers
    opened_at: Integers
    first_reply_at: Integers
    resolved_at: Integers
    reply_paused_minutes: Integers
    paused_minutes: Integers
    priority: Integers
    category: Integers
    cause: Integers
    is_green: Flags


@dataclass(frozen=True)
class Answers:
    """Aligned columns, one entry a survey sent out; `answered_on` is NEVER where nobody answered."""

    year: int
    account: Integers
    number: Integers
    key: Keys
    contact: Integers
    is_nps: Flags
    asked_on: Integers
    answered_on: Integers
    score: Integers


def cases_of(world: World, month: Month, first_number: int) -> Cases:
    """The month's cases in the order of their opening, numbered from `first_number` on."""
    account, key = drawn_rows(world, month, "case", lambda client: client.monthly_cases)
    opened = _opened_at(world, month, account, key)
    sequence = np.lexsort((key, account, opened))
    account, key, opened = account[sequence], key[sequence], opened[sequence]
    chance = world.chance
    has_green = world.column(lambda client: client.green_reply_hours) > 0
    is_green = has_green[account] & chance.happens("green", key, 18)
    slow = world.column(lambda client: level_at(client.slow_levels, month.ago, 6))[account]
    reply_paused = (
        15 * chance.happens("reply waits", key, 4) * chance.between("reply pause", key, 2, 12) * ~is_green
    )
    paused = reply_paused + 15 * chance.happens("waits", key, 18) * chance.between("pause", key, 4, 60)
    replied = opened + reply_paused + _reply_minutes(world, account, key, is_green, slow)
    resolved = np.maximum(opened + paused + _resolve_minutes(world, account, key, slow), replied + 5)
    return Cases(
        year=month.year,
        account=account,
        number=first_number + np.arange(account.size, dtype=np.int64),
        contact=chance.below("who", key, world.column(contact_count)[account]),
        opened_at=opened,
        first_reply_at=_known(world, replied),
        resolved_at=_known(world, resolved),
        reply_paused_minutes=reply_paused,
        paused_minutes=paused,
        priority=chance.one_of("priority", key, (2, 5, 3)),
        category=chance.one_of("category", key, (38, 22, 18, 12, 10)),
        cause=chance.one_of("case cause", key, (28, 20, 16, 14, 13, 9)),
        is_green=is_green,
    )


def _known(world: World, moments: Integers) -> Integers:
    return np.where(moments < (world.until + 1) * 1_440, moments, NOT_YET)


def _opened_at(world: World, month: Month, account: Integers, key: Keys) -> Integers:
    """Any day but the first and the last of the month; abroad in the afternoon of the service desk."""
    signed = world.column(lambda client: day_number(client.signed_on))[account]
    first = np.maximum(month.first_on + 1, signed)
    last = np.maximum(month.last_on - _QUIET_DAYS, first)
    hours = world.chance.one_of("hour", key, (1, 2, 5, 9, 12, 12, 8, 9, 11, 11, 9, 6, 3, 2))
    abroad = world.column(lambda client: int(client.is_foreign))[account]
    hour = np.where(abroad > 0, 15 + hours % 8, 7 + hours)
    day = world.chance.between("day", key, first, last)
    opened: Integers = day * 1_440 + hour * 60 + world.chance.below("minute", key, 60)
    return opened


def _reply_minutes(world: World, account: Integers, key: Keys, is_green: Flags, slow: Integers) -> Integers:
    """Well within what was promised, or well beyond it."""
    promised = 60 * np.where(
        is_green,
        world.column(lambda client: client.green_reply_hours, GREEN_REPLY_HOURS)[account],
        world.column(lambda client: client.reply_hours, REPLY_HOURS)[account],
    )
    missed = world.chance.happens("slow reply", key, slow)
    share = np.where(
        missed, world.chance.between("over", key, 108, 240), world.chance.between("under", key, 6, 74)
    )
    minutes: Integers = np.maximum(promised * share // 100, 2)
    return minutes


def _resolve_minutes(world: World, account: Integers, key: Keys, slow: Integers) -> Integers:
    promised = 60 * world.column(lambda client: client.resolve_hours, RESOLVE_HOURS)[account]
    missed = world.chance.happens("slow solution", key, slow + 3)
    share = np.where(
        missed,
        world.chance.between("solved over", key, 106, 260),
        world.chance.between("solved under", key, 9, 88),
    )
    return promised * share // 100


def answers_of(world: World, month: Month, first_number: int) -> Answers:
    """The month's surveys in the order they were sent, numbered from `first_number` on."""
    account, key = drawn_rows(world, month, "survey", lambda client: client.monthly_answers)
    chance = world.chance
    asked = _asked_on(world, month, account, key)
    sequence = np.lexsort((key, account, asked))
    account, key, asked = account[sequence], key[sequence], asked[sequence]
    answered = asked + chance.between("answering", key, 0, 6)
    known = chance.happens("answers", key, 64) & (answered <= world.until)
    is_nps = chance.happens("nps", key, 28)
    return Answers(
        year=month.year,
        account=account,
        number=first_number + np.arange(account.size, dtype=np.int64),
        key=key,
        contact=chance.below("who", key, world.column(contact_count)[account]),
        is_nps=is_nps,
        asked_on=asked,
        answered_on=np.where(known, answered, NEVER),
        score=_score(world, month, account, key, is_nps),
    )


def _asked_on(world: World, month: Month, account: Integers, key: Keys) -> Integers:
    signed = world.column(lambda client: day_number(client.signed_on))[account]
    first = np.maximum(month.first_on, signed)
    return world.chance.between("asked", key, first, np.maximum(month.last_on - 6, first))


def _score(world: World, month: Month, account: Integers, key: Keys, is_nps: Flags) -> Integers:
    """The pleased answer 4 to 5 on 5 or 8 to 10 on 10, the others below."""
    chance = world.chance
    percent = world.column(lambda client: level_at(client.pleased_levels, month.ago, 80))
    pleased = chance.happens("pleased", key, percent[account])
    stars = np.where(
        pleased, 4 + chance.one_of("stars", key, (55, 45)), 1 + chance.one_of("few", key, (12, 28, 60))
    )
    points = np.where(
        pleased, 8 + chance.one_of("points", key, (25, 45, 30)), 3 + chance.below("low", key, 5)
    )
    return np.where(is_nps, points, stars)
