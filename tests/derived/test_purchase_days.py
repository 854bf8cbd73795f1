"""Purchase days: a row for each account and day, made of all that was bought on it."""

from __future__ import annotations

from tests.engines import derived_table, engine


def rows() -> dict[str, list[dict[str, object]]]:
    bought = (("A1", "2026-09-01", 10), ("A1", "2026-09-01", 20), ("A1", "2026-09-01", -5), ("A1", "2026-09-02", -7),
              ("A1", "2026-09-03", 4), ("A2", "2026-09-01", 1))  # fmt: skip
    return {
        "accounts": [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b", "parent_id": "A1"}],
        "orders": [
            {"order_id": str(at), "account_id": account, "ordered_on": day}
            for at, (account, day, _) in enumerate(bought)
        ],
        "order_lines": [
            {"order_id": str(at), "line_no": 1, "net_amount": amount}
            for at, (_, _, amount) in enumerate(bought)
        ],
    }


def test_a_day_is_one_row_made_of_all_that_was_bought_on_it() -> None:
    found = derived_table("purchase_days", rows())

    days = found["sold_on"].dt.strftime("%m-%d")
    assert list(zip(found["account_id"], days, strict=True)) == [
        ("A1", "09-01"),
        ("A1", "09-03"),
        ("A2", "09-01"),
    ]
    assert [len(text.split()) for text in found["_from"]] == [2, 1, 1]
    assert found["customer_id"].tolist() == ["A1", "A1", "A1"]


def test_purchases_are_explained_by_their_days() -> None:
    company = engine(rows())
    evidence = company.evidence("purchases", "customer:A1", company.window("month"))

    assert company.amount("purchases", "customer:A1", company.window("month")) == 3 * 10_000
    assert evidence["amount"].tolist() == [10_000] * 3
