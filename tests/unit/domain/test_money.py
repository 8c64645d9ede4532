"""Money: rounding never in our favour, budgets, sums of tokens."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from codybatch.domain.money import NOTHING, Budget, Usage, rounded_up

amounts = st.decimals(min_value=0, max_value=100_000, places=12)
tokens = st.integers(min_value=0, max_value=10**9)
usages = st.builds(
    Usage,
    input_tokens=tokens,
    cache_write_5m_tokens=tokens,
    cache_write_1h_tokens=tokens,
    cache_read_tokens=tokens,
    output_tokens=tokens,
)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0", "0"),
        ("0.000001", "0.000001"),
        ("0.0000010000001", "0.000002"),
        ("0.0000000000001", "0.000001"),
        ("1.2345671", "1.234568"),
        ("2", "2"),
    ],
)
def test_amounts_are_rounded_up_to_a_millionth(exact: str, rounded: str) -> None:
    assert rounded_up(Decimal(exact)) == Decimal(rounded)


@given(amounts)
def test_rounding_never_loses_money_and_never_adds_a_millionth(amount: Decimal) -> None:
    assert amount <= rounded_up(amount) < amount + Decimal("0.000001")


def test_a_budget_without_a_cap_holds_anything() -> None:
    budget = Budget(spent_usd=Decimal(1_000_000), reserved_usd=Decimal(5))
    assert budget.left_usd is None
    assert budget.holds(Decimal(10**9))
    assert budget.could_hold(Decimal(10**9))


def test_what_is_left_is_the_cap_less_spent_and_reserved() -> None:
    budget = Budget(cap_usd=Decimal(2), spent_usd=Decimal("0.5"), reserved_usd=Decimal("0.7"))
    assert budget.left_usd == Decimal("0.8")


def test_a_budget_holds_exactly_what_is_left_and_not_a_millionth_more() -> None:
    budget = Budget(cap_usd=Decimal(2), spent_usd=Decimal("0.5"), reserved_usd=Decimal("0.7"))
    assert budget.holds(Decimal("0.8"))
    assert not budget.holds(Decimal("0.800001"))


def test_what_others_reserved_is_told_apart_from_what_is_spent() -> None:
    budget = Budget(cap_usd=Decimal(2), spent_usd=Decimal("0.5"), reserved_usd=Decimal("1.5"))
    assert not budget.holds(Decimal("0.1"))
    assert budget.could_hold(Decimal("1.5"))
    assert not budget.could_hold(Decimal("1.500001"))


def test_an_overspent_budget_holds_nothing() -> None:
    budget = Budget(cap_usd=Decimal(1), spent_usd=Decimal("1.2"))
    assert budget.left_usd == Decimal("-0.2")
    assert not budget.holds(NOTHING)


@given(amounts, amounts, amounts, amounts)
def test_what_holds_now_could_always_hold(
    cap: Decimal, spent: Decimal, reserved: Decimal, amount: Decimal
) -> None:
    budget = Budget(cap_usd=cap, spent_usd=spent, reserved_usd=reserved)
    if budget.holds(amount):
        assert budget.could_hold(amount)


@pytest.mark.parametrize(
    ("amount", "written"),
    [("1E+2", "100"), ("0.10", "0.1"), ("0", "0"), ("0.000001", "0.000001"), ("-0.5", "-0.5")],
)
def test_dollars_are_plain_decimal_text_on_the_wire(amount: str, written: str) -> None:
    assert json.loads(Budget(cap_usd=Decimal(amount)).to_json())["capUsd"] == written


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_dollars_are_finite(amount: str) -> None:
    with pytest.raises(ValidationError):
        Budget(cap_usd=Decimal(amount))


@given(usages, usages)
def test_usage_adds_up_part_by_part(one: Usage, other: Usage) -> None:
    total = one + other
    assert total.prompt_tokens == one.prompt_tokens + other.prompt_tokens
    for part in Usage.model_fields:
        assert getattr(total, part) == getattr(one, part) + getattr(other, part)


def test_the_prompt_is_everything_read_and_not_the_output() -> None:
    usage = Usage(
        input_tokens=1,
        cache_write_5m_tokens=20,
        cache_write_1h_tokens=300,
        cache_read_tokens=4_000,
        output_tokens=50_000,
    )
    assert usage.prompt_tokens == 4_321


def test_tokens_are_never_negative() -> None:
    with pytest.raises(ValidationError):
        Usage(input_tokens=-1)
