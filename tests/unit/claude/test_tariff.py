"""Tariffs: arithmetic, and the jumps of long prompts."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from codybatch.claude.tariff import Rates, Step, Tariff
from codybatch.domain.money import Usage

ONE = Rates(*(Decimal(price) for price in ("1", "10", "1.25", "2", "0.1")))
FIVE = Rates(*(5 * getattr(ONE, name) for name in Rates.__dataclass_fields__))
JUMPING = Tariff((Step(0, ONE), Step(100, FIVE)))


def test_every_kind_of_token_has_its_own_price() -> None:
    usage = Usage(
        input_tokens=1,
        output_tokens=2,
        cache_write_5m_tokens=4,
        cache_write_1h_tokens=8,
        cache_read_tokens=16,
    )
    assert ONE.cost(usage) * 1_000_000 == Decimal(1) + 20 + 5 + 16 + Decimal("1.6")


def test_nothing_costs_nothing() -> None:
    assert JUMPING.cost(Usage()) == 0


def test_a_step_is_passed_by_more_tokens_not_by_as_many() -> None:
    at = Usage(input_tokens=100, output_tokens=7)
    above = Usage(input_tokens=101, output_tokens=7)
    assert JUMPING.cost(at) == ONE.cost(at)
    assert JUMPING.cost(above) == FIVE.cost(above)


def test_the_whole_prompt_counts_for_a_step_however_it_was_read() -> None:
    usage = Usage(cache_read_tokens=60, cache_write_5m_tokens=30, input_tokens=11)
    assert JUMPING.cost(usage) == FIVE.cost(usage)


def test_the_output_does_not_count_for_a_step() -> None:
    usage = Usage(input_tokens=100, output_tokens=1_000)
    assert JUMPING.cost(usage) == ONE.cost(usage)


def test_the_worst_case_writes_all_of_the_prompt_and_uses_all_of_the_output() -> None:
    assert JUMPING.worst_case(80, 3) * 1_000_000 == Decimal("1.25") * 80 + 30
    assert JUMPING.worst_case(101, 3) * 1_000_000 == 5 * (Decimal("1.25") * 101 + 30)


def test_the_worst_case_takes_the_dearest_step_even_where_a_later_one_is_cheaper() -> None:
    falling = Tariff((Step(0, FIVE), Step(100, ONE)))
    assert falling.worst_case(1_000, 0) == FIVE.most(1_000, 0)


def test_a_model_whose_cache_costs_less_than_its_input_is_counted_at_its_input() -> None:
    odd = Rates(Decimal(8), Decimal(24), Decimal(1), Decimal(1), Decimal(1))
    assert odd.most(1_000_000, 0) == 8


@given(*(st.integers(0, 300) for _ in range(4)))
def test_no_reply_within_its_limits_costs_more_than_the_worst_case(
    fresh: int, written: int, read: int, output: int
) -> None:
    usage = Usage(
        input_tokens=fresh,
        cache_write_5m_tokens=written,
        cache_read_tokens=read,
        output_tokens=output,
    )
    assert JUMPING.cost(usage) <= JUMPING.worst_case(usage.prompt_tokens, output)
