"""Amounts that DynamoDB adds up are exact, whatever digits they have."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import UsageError
from codybatch.domain.money import EXACT
from codybatch.standins.aws import AwsStandin
from codybatch.stores.aws import amounts
from codybatch.stores.aws.items import Item, Key
from codybatch.stores.aws.transaction import Transaction
from tests.unit.stores.aws.tables import a_table

KEY = Key("a", "b")


@given(amount=st.decimals(min_value=-(10**9), max_value=10**9, places=30))
def test_the_parts_of_an_amount_are_the_amount(amount: Decimal) -> None:
    parts = amounts.parts("spent", amount)

    assert amounts.total(Item(KEY, parts), "spent") == amount


def test_an_amount_of_few_decimals_is_one_number() -> None:
    assert amounts.parts("spent", Decimal("0.25")) == {"spent": Decimal("0.25")}


def test_an_amount_that_cannot_be_added_exactly_is_refused() -> None:
    with pytest.raises(UsageError, match="36 decimals"):
        amounts.parts("spent", Decimal(1).scaleb(-37))


def test_thirds_are_added_up_by_the_table_without_loss(tmp_path: Path, aws: AwsStandin) -> None:
    del aws
    table, third = a_table(tmp_path), Decimal("0.33333333333333333333333333333")

    for amount in (third, third, third, Decimal(1000000), third.copy_negate()):
        transaction = Transaction()
        transaction.add_amount(KEY, "spent", amount)
        table.transact(transaction)

    expected = EXACT.add(Decimal(1_000_000), EXACT.multiply(third, Decimal(2)))
    assert amounts.total(table.get(KEY), "spent") == expected


def test_a_condition_sees_whether_an_amount_is_still_the_same(
    tmp_path: Path, aws: AwsStandin
) -> None:
    del aws
    table = a_table(tmp_path)
    read = [table.get(KEY)]
    for amount in (Decimal("0.5"), Decimal("1e-30")):
        change = Transaction()
        change.add_amount(KEY, "spent", amount)
        table.transact(change)
        read.append(table.get(KEY))

    def still(item: Item | None) -> bool:
        check = Transaction()
        check.check(KEY, amounts.same(item, "spent"), "same")
        return table.attempt(check, "look")

    assert [still(item) for item in read] == [False, False, True]
