"""Small random companies: groups of accounts, hand-overs and splits, currencies, orders, money, cases, answers, deals.

A company is rows by table, as `tests.tables` takes them. Account `A0` has a row in every table on the first days of
2024, so that leaving out another row never moves the start of history; dates run on to some weeks after the as-of
date, 2026-09-30.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

Row = dict[str, object]
Company = dict[str, list[Row]]
ACCOUNTS = ("A0", "A1", "A2", "A3", "A4")
MANAGERS = ("M1", "M2", "M3", "M4")
PRODUCTS = ("P1", "P2")
FIRST = date(2024, 1, 5)
AS_OF = date(2026, 9, 30)
_LAST = (AS_OF - FIRST).days
DAYS = st.integers(0, _LAST + 20)
RECENT = st.integers(_LAST - 200, _LAST + 10)
SOMEWHEN = st.one_of(DAYS, RECENT)
CENTS = st.integers(1, 3_000_000)
SOMEONE = st.sampled_from((*ACCOUNTS, *ACCOUNTS, None))
CURRENCIES = st.sampled_from(("CNY", "EUR", "USD", None))
KINDS = st.sampled_from(("new", "cross_sell", "up_sell", "renewal", None))


def day(after: int) -> str:
    """The day so many days after the first."""
    return (FIRST + timedelta(days=after)).isoformat()


def later(after: int, wait: int | None) -> str | None:
    """A day after another, or none."""
    return None if wait is None else day(after + wait)


def amount(cents: int | None) -> str | None:
    """An amount of money as an export writes it."""
    return None if cents is None else f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def moment(after: int, hours: float) -> str:
    """Hours after midnight of a day, in China."""
    whole = timedelta(days=after, hours=hours)
    start = date.fromordinal(FIRST.toordinal() + whole.days)
    return f"{start.isoformat()}T{whole.seconds // 3600:02}:{whole.seconds // 60 % 60:02}:00+08:00"


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """A company with every table that the present metrics are made of."""
    return {
        "accounts": draw(_accounts()),
        "managers": [
            {"manager_id": "M1", "name": "m1", "team_id": "T1"},
            {"manager_id": "M2", "name": "m2", "team_id": "T1"},
            {"manager_id": "M3", "name": "m3", "team_id": "T2"},
            {"manager_id": "M4", "name": "m4"},
        ],
        "assignments": draw(_assignments()),
        "products": [
            {"product_id": "P1", "name": "pump", "unit": "pcs"},
            {"product_id": "P2", "name": "salt", "unit": "kg"},
        ],
        "fx": draw(_rates()),
        "market": [
            {"industry": industry, "region": "all", "year": year, "market_amount": size * year}
            for industry, size in (("machines", 3), ("food", 5))
            for year in (2023, 2024, 2025)
        ],
        **draw(_orders()),
        **draw(_money()),
        "cases": draw(_cases()),
        "surveys": draw(_surveys()),
        "opportunities": draw(_deals()),
        "contracts": draw(_contracts()),
    }


@st.composite
def _accounts(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = [
        {"account_id": "A0", "name": "a0", "industry": "machines", "region": "east", "owner_id": "M1"}
    ]
    for at, name in enumerate(ACCOUNTS[1:], 1):
        rows.append(
            {
                "account_id": name,
                "name": name.lower(),
                "parent_id": draw(st.sampled_from((None, None, *ACCOUNTS[:at]))),
                "currency": draw(CURRENCIES),
                "industry": draw(st.sampled_from(("machines", "food", None))),
                "region": draw(st.sampled_from(("east", "west", None))),
                "owner_id": draw(st.sampled_from((*MANAGERS, None))),
                "potential_amount": amount(draw(maybe(CENTS))),
                "pain_point": draw(st.sampled_from((None, "slow"))),
            }
        )
    return rows


@st.composite
def _assignments(draw: st.DrawFn) -> list[Row]:
    spans = draw(
        st.lists(
            st.tuples(
                st.sampled_from(ACCOUNTS),
                st.sampled_from(MANAGERS),
                st.sampled_from(("1", "0.5", "0.6", "0.3333", None)),
                DAYS,
                maybe(st.integers(1, 600)),
            ),
            max_size=5,
            unique_by=lambda span: (span[0], span[1], span[3]),
        )
    )
    return [
        {"account_id": account, "manager_id": manager, "role": "owner", "share_pct": share,
         "from_on": day(first), "to_on": later(first, length)}
        for account, manager, share, first, length in spans
    ]  # fmt: skip


@st.composite
def _rates(draw: st.DrawFn) -> list[Row]:
    """Euros into yuan, yuan into dollars; before its first rate a dollar's worth is not known."""
    euros = {0: 780, **dict(draw(st.lists(st.tuples(DAYS, st.integers(700, 850)), max_size=3)))}
    first = draw(st.sampled_from((0, 0, 400)))
    rows: list[Row] = [
        {"rate_on": day(after), "currency": "EUR", "to_currency": "CNY", "rate": amount(rate)}
        for after, rate in euros.items()
    ]
    return [*rows, {"rate_on": day(first), "currency": "CNY", "to_currency": "USD", "rate": "0.137"}]


_LINE = st.tuples(
    st.sampled_from((*PRODUCTS, None)),
    st.integers(-2, 6),
    maybe(st.integers(0, 6)),
    st.one_of(CENTS, st.integers(-50_000, 0)),
    maybe(CENTS),
    maybe(st.integers(0, 60)),
)
_ORDER = st.tuples(
    SOMEONE,
    SOMEWHEN,
    KINDS,
    st.sampled_from(("delivered", "open", "cancelled", None)),
    st.tuples(*[maybe(st.integers(0, 60))] * 4),
    CURRENCIES,
    st.sampled_from((*MANAGERS, None)),
    st.lists(_LINE, min_size=1, max_size=2),
)


@st.composite
def _orders(draw: st.DrawFn) -> Company:
    orders: list[Row] = [
        {"order_id": "O0", "account_id": "A0", "ordered_on": day(0), "requested_on": day(1),
         "first_promised_on": day(1), "last_promised_on": day(1), "delivered_on": day(1)}
    ]  # fmt: skip
    lines: list[Row] = [
        {"order_id": "O0", "line_no": 1, "net_amount": "100", "cost_amount": "60", "quantity": 1,
         "delivered_quantity": 1, "product_id": "P1"}
    ]  # fmt: skip
    for at, (account, on, kind, status, waits, currency, manager, own) in enumerate(
        draw(st.lists(_ORDER, max_size=6)), 1
    ):
        asked, first, last, done = waits
        orders.append(
            {"order_id": f"O{at}", "account_id": account or "~", "ordered_on": day(on), "kind": kind, "status": status,
             "requested_on": later(on, asked), "first_promised_on": later(on, first),
             "last_promised_on": later(on, last), "delivered_on": later(on, done), "currency": currency,
             "manager_id": manager}
        )  # fmt: skip
        lines += [
            {"order_id": f"O{at}", "line_no": number, "product_id": product, "quantity": quantity,
             "delivered_quantity": delivered, "net_amount": amount(net), "cost_amount": amount(cost),
             "requested_on": later(on, wait)}
            for number, (product, quantity, delivered, net, cost, wait) in enumerate(own, 1)
        ]  # fmt: skip
    return {"orders": orders, "order_lines": lines}


_INVOICE = st.tuples(
    SOMEONE,
    SOMEWHEN,
    maybe(st.integers(0, 90)),
    CENTS,
    st.booleans(),
    CURRENCIES,
    st.lists(st.tuples(st.integers(-5, 200), st.sampled_from((20, 50, 100, 120))), max_size=3),
)


@st.composite
def _money(draw: st.DrawFn) -> Company:
    invoices: list[Row] = [
        {
            "invoice_id": "I0",
            "account_id": "A0",
            "issued_on": day(0),
            "due_on": day(30),
            "gross_amount": "113",
        }
    ]
    payments: list[Row] = [{"payment_id": "R0", "invoice_id": "I0", "paid_on": day(2), "amount": "13"}]
    for at, (account, on, due, gross, is_credit, currency, paid) in enumerate(
        draw(st.lists(_INVOICE, max_size=6)), 1
    ):
        invoices.append(
            {"invoice_id": f"I{at}", "account_id": account or "~", "issued_on": day(on), "due_on": later(on, due),
             "gross_amount": amount(gross), "is_credit_note": is_credit and not paid, "currency": currency}
        )  # fmt: skip
        payments += [
            {"payment_id": f"R{at}-{number}", "invoice_id": f"I{at}", "paid_on": day(max(on + wait, 2)),
             "amount": amount(gross * share // 100)}
            for number, (wait, share) in enumerate(paid)
        ]  # fmt: skip
    return {"invoices": invoices, "payments": payments}


_HOURS = maybe(st.integers(0, 100))


@st.composite
def _cases(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = [
        {"case_id": "C0", "account_id": "A0", "opened_at": moment(0, 9), "first_reply_at": moment(0, 10),
         "resolved_at": moment(1, 10), "is_green_channel": True}
    ]  # fmt: skip
    drawn = st.tuples(
        SOMEONE, SOMEWHEN, st.integers(0, 23), _HOURS, _HOURS, st.integers(0, 20), st.booleans()
    )
    for at, (account, on, hour, reply, resolve, paused, green) in enumerate(
        draw(st.lists(drawn, max_size=5)), 1
    ):
        rows.append(
            {"case_id": f"C{at}", "account_id": account or "~", "opened_at": moment(on, hour),
             "first_reply_at": None if reply is None else moment(on, hour + reply),
             "resolved_at": None if resolve is None else moment(on, hour + resolve + (reply or 0)),
             "first_reply_paused_hours": min(paused, reply or 0), "paused_hours": paused, "is_green_channel": green}
        )  # fmt: skip
    return rows


@st.composite
def _surveys(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = [
        {
            "survey_id": "S0",
            "account_id": "A0",
            "kind": "csat",
            "answered_on": day(0),
            "score": 5,
            "scale_max": 5,
        }
    ]
    drawn = st.tuples(
        SOMEONE, maybe(SOMEWHEN), maybe(st.integers(1, 5)), st.sampled_from(("csat", "csat", "nps")),
        st.sampled_from((5, None, 10)),
    )  # fmt: skip
    for at, (account, on, score, kind, scale) in enumerate(draw(st.lists(drawn, max_size=5)), 1):
        rows.append(
            {"survey_id": f"S{at}", "account_id": account or "~", "kind": kind, "score": score, "scale_max": scale,
             "answered_on": None if on is None else day(on)}
        )  # fmt: skip
    return rows


@st.composite
def _deals(draw: st.DrawFn) -> list[Row]:
    rows: list[Row] = [
        {"opportunity_id": "D0", "account_id": "A0", "opened_on": day(0), "closed_on": day(0), "is_won": True,
         "amount": "50", "kind": "new", "product_id": "P1"}
    ]  # fmt: skip
    drawn = st.tuples(
        SOMEONE, SOMEWHEN, maybe(st.integers(0, 90)), st.sampled_from((True, False, None)), CENTS, KINDS,
        st.sampled_from((*PRODUCTS, None)), CURRENCIES, st.sampled_from((*MANAGERS, None)),
    )  # fmt: skip
    for at, (account, on, wait, won, cents, kind, product, currency, manager) in enumerate(
        draw(st.lists(drawn, max_size=4)), 1
    ):
        rows.append(
            {"opportunity_id": f"D{at}", "account_id": account or "~", "opened_on": day(on), "kind": kind,
             "closed_on": later(on, wait), "is_won": won, "amount": amount(cents), "product_id": product,
             "currency": currency, "manager_id": manager}
        )  # fmt: skip
    return rows


@st.composite
def _contracts(draw: st.DrawFn) -> list[Row]:
    drawn = st.tuples(st.sampled_from(ACCOUNTS), DAYS, st.integers(200, 2000), maybe(st.integers(1, 30)))
    return [
        {"contract_id": f"K{at}", "account_id": account, "starts_on": day(on), "ends_on": day(on + length),
         "reply_hours": reply}
        for at, (account, on, length, reply) in enumerate(draw(st.lists(drawn, max_size=2)))
    ]  # fmt: skip
