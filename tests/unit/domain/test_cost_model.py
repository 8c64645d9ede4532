from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.cost_model import (
    OUTPUT_TOKENS,
    PREFIX_TOKENS,
    RESULT_TOKENS,
    Sample,
    conversation_cost,
    growth,
    learned,
    prior,
    scaled,
)
from codybatch.domain.estimates import Basis, Estimate, summed
from codybatch.domain.money import Usage
from codybatch.domain.prompts import Kind
from codybatch.domain.requests import Effort

INPUT, WRITE, READ, OUTPUT = (Decimal(n) / 1_000_000 for n in ("3", "3.75", "0.3", "15"))


def price(usage: Usage) -> Decimal:
    return (
        INPUT * usage.input_tokens
        + WRITE * usage.cache_write_5m_tokens
        + READ * usage.cache_read_tokens
        + OUTPUT * usage.output_tokens
    )


def prior_of(**changes: object) -> Estimate:
    asked: dict[str, object] = {
        "kind": Kind.CHANGE,
        "effort": None,
        "size_kb": 2000,
        "max_turns": 60,
        "price": price,
    }
    return prior(**{**asked, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("turns", [1, 2, 10, 40])
def test_a_conversation_costs_what_the_closed_formula_says(turns: int) -> None:
    p, n, added = PREFIX_TOKENS, turns, OUTPUT_TOKENS + RESULT_TOKENS
    written = p + (n - 1) * added
    read = (n - 1) * p + added * (n - 1) * (n - 2) // 2

    expected = WRITE * written + READ * read + OUTPUT * n * OUTPUT_TOKENS
    assert conversation_cost(turns, OUTPUT_TOKENS, price) == expected


def test_a_price_that_jumps_with_the_prompt_is_paid_turn_by_turn() -> None:
    def jumping(usage: Usage) -> Decimal:
        return Decimal(2 if usage.prompt_tokens > 10_000 else 1)

    assert conversation_cost(5, OUTPUT_TOKENS, jumping) == 1 + 1 + 1 + 2 + 2


def test_harder_thinking_and_larger_repositories_cost_more_and_limits_bound_them() -> None:
    efforts = [prior_of(effort=effort).likely_usd for effort in Effort]
    sizes = [prior_of(size_kb=size).turns for size in (0, 200, 2000, 200_000, 10**9)]

    assert efforts == sorted(set(efforts))
    assert sizes == sorted(sizes)
    assert growth(0) == 0.6
    assert growth(10**9) == 2.0
    assert prior_of(max_turns=3).turns == 3


def test_a_range_holds_the_likely_value_and_is_three_times_wide_each_way() -> None:
    found = prior_of()

    assert found.basis is Basis.PRIOR
    assert float(found.high_usd / found.likely_usd) == pytest.approx(3, rel=1e-3)
    assert float(found.likely_usd / found.low_usd) == pytest.approx(3, rel=1e-2)


def samples(*costs: float) -> list[Sample]:
    return [Sample(cost_usd=Decimal(str(cost)), turns=8) for cost in costs]


def test_one_sample_moves_an_estimate_a_little_and_many_take_it_over() -> None:
    before = prior_of()
    cost = float(before.likely_usd) / 10

    one = learned(before, Basis.PROMPT, samples(cost))
    many = learned(before, Basis.PROMPT, samples(*[cost] * 60))

    assert cost < one.likely_usd < before.likely_usd
    assert float(many.likely_usd) == pytest.approx(cost, rel=0.15)
    assert many.high_usd - many.low_usd < one.high_usd - one.low_usd
    assert (many.samples, many.basis, many.turns) == (60, Basis.PROMPT, 8)
    assert learned(before, Basis.PROMPT, []) == before


def test_one_job_that_went_wild_does_not_move_it_far() -> None:
    before = prior_of()
    calm = learned(before, Basis.PROMPT, samples(*[0.2] * 9, 0.2))
    wild = learned(before, Basis.PROMPT, samples(*[0.2] * 9, 2000))

    assert wild.likely_usd < calm.likely_usd * Decimal("1.3")


@given(st.lists(st.floats(1e-6, 1e6), max_size=40))
def test_an_estimate_is_always_a_range_of_amounts(costs: list[float]) -> None:
    found = learned(prior_of(), Basis.KIND, samples(*costs))

    assert 0 < found.low_usd <= found.likely_usd <= found.high_usd
    assert found.turns >= 1


def test_a_sample_of_a_small_repository_grows_to_a_large_one() -> None:
    small = Sample(cost_usd=Decimal("0.10"), turns=10, size_kb=2000)

    assert scaled(small, 2000) == small
    assert scaled(small, 20_000).cost_usd > small.cost_usd
    assert scaled(small, 20_000).turns == 14
    unknown = Sample(cost_usd=Decimal("0.10"), turns=10)
    assert scaled(unknown, 20_000) == unknown


def test_a_cap_bounds_every_value_and_none_bounds_nothing() -> None:
    found = prior_of()
    cap = found.likely_usd

    assert found.within(cap).high_usd == found.within(cap).likely_usd == cap
    assert found.within(cap).low_usd == found.low_usd
    assert found.within(None) == found


def test_several_estimates_sum_up_and_rest_on_the_weakest_basis() -> None:
    first, second = prior_of(), learned(prior_of(), Basis.PROMPT, samples(0.1, 0.2))

    both = summed([first, second])

    assert both.likely_usd == first.likely_usd + second.likely_usd
    assert both.turns == first.turns + second.turns
    assert (both.basis, both.samples) == (Basis.PRIOR, 0)
