from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.agent.limits import (
    LEAST_TOKENS,
    Bounds,
    HandOff,
    Send,
    Situation,
    Stop,
    context_cap,
    longest_reply,
)
from codybatch.agent.notices import NoticeKind
from codybatch.agent.task import Limits
from codybatch.domain.states import EndedBecause
from codybatch.ports.model import ModelCapabilities

CALM = Situation(
    turn=5,
    context_tokens=20_000,
    context_cap=150_000,
    window=1_000_000,
    spent=Decimal("0.10"),
    elapsed=60.0,
    handoffs_left=2,
    wanted_tokens=32_000,
)


def price(prompt_tokens: int, max_tokens: int) -> Decimal:
    """$2.50 a million tokens in, $10 a million out."""
    return (Decimal(prompt_tokens) * Decimal("2.5") + Decimal(max_tokens) * 10) / 1_000_000


def bounds(**limits: object) -> Bounds:
    fields: dict[str, object] = {"cost_cap_usd": Decimal(2)}
    return Bounds(Limits.model_validate(fields | limits), price)


def step(now: Situation, **limits: object) -> Send | HandOff | Stop:
    return bounds(**limits).next_step(now)


def kinds(decided: Send | HandOff | Stop) -> list[tuple[NoticeKind, str]]:
    assert isinstance(decided, Send), decided
    return [(notice.kind, notice.about) for notice in decided.notices]


def test_a_calm_conversation_goes_on_with_all_the_tokens_it_wants() -> None:
    assert step(CALM) == Send(32_000, price(20_000, 32_000))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"turn": 49}, "turns"),
        ({"elapsed": 0.8 * 2700}, "time"),
        ({"spent": Decimal("1.60"), "wanted_tokens": 8_000}, "budget"),
        ({"context_tokens": 120_000, "handoffs_left": 0}, "context"),
    ],
)
def test_at_80_percent_of_a_limit_the_model_is_told_once(
    changes: dict[str, object], name: str
) -> None:
    now = replace(CALM, **changes)  # type: ignore[arg-type]

    assert kinds(step(now)) == [(NoticeKind.NEAR_LIMIT, name)]
    assert kinds(step(replace(now, told=frozenset({name})))) == []


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"turn": 60}, EndedBecause.TURN_LIMIT),
        ({"elapsed": 2700.0}, EndedBecause.TIME_LIMIT),
        ({"stuck": True}, EndedBecause.STUCK),
        ({"without_progress": 5}, EndedBecause.STUCK),
        ({"context_tokens": 150_000, "handoffs_left": 0}, EndedBecause.CONTEXT_LIMIT),
        ({"spent": Decimal("1.85")}, EndedBecause.JOB_COST_LIMIT),
    ],
)
def test_at_the_limit_there_is_one_last_request_and_then_the_end(
    changes: dict[str, object], because: EndedBecause
) -> None:
    now = replace(CALM, **changes)  # type: ignore[arg-type]

    assert kinds(step(now)) == [(NoticeKind.FINISH_NOW, because.value)]
    told = replace(now, final=because, turn=now.turn + 1)
    assert step(replace(told, final_answered=True)) == Stop(because)


def test_a_last_request_that_was_lost_is_sent_again_without_saying_it_twice() -> None:
    now = replace(CALM, final=EndedBecause.TIME_LIMIT, elapsed=2800.0)

    assert step(now) == Send(32_000, price(20_000, 32_000))


def test_no_reply_is_asked_for_beyond_the_turn_limit() -> None:
    assert step(replace(CALM, turn=61)) == Stop(EndedBecause.TURN_LIMIT)


def test_a_job_of_one_turn_may_use_it() -> None:
    assert step(replace(CALM, turn=1), max_turns=1) == Send(32_000, price(20_000, 32_000))


def test_a_reply_is_made_shorter_so_that_its_worst_case_fits_the_cap() -> None:
    decided = step(replace(CALM, spent=Decimal("1.70"), told=frozenset({"budget"})))

    assert isinstance(decided, Send)
    assert LEAST_TOKENS <= decided.max_tokens < 32_000
    left_for_the_last = price(20_000, LEAST_TOKENS)
    assert decided.reserved + left_for_the_last <= Decimal("0.30")
    assert decided.notices == ()


def test_a_conversation_stops_where_not_even_a_short_reply_fits_the_cap() -> None:
    assert step(replace(CALM, spent=Decimal("1.92"))) == Stop(EndedBecause.JOB_COST_LIMIT)


def test_a_job_whose_cap_holds_no_request_at_all_never_begins() -> None:
    first = replace(CALM, turn=1, spent=Decimal(0), first=True)

    assert step(first, cost_cap_usd=Decimal("0.01")) == Stop(EndedBecause.JOB_COST_LIMIT)


def test_without_a_cap_the_worst_case_is_still_reserved() -> None:
    assert step(CALM, cost_cap_usd=None) == Send(32_000, price(20_000, 32_000))


def test_a_long_conversation_is_asked_for_notes_and_only_once() -> None:
    long = replace(CALM, context_tokens=150_000)

    assert kinds(step(long)) == [(NoticeKind.HAND_OFF, "")]
    assert kinds(step(replace(long, notes_asked=True))) == []


@pytest.mark.parametrize("changes", [{"turn": 58}, {"window": 152_000}])
def test_a_long_conversation_is_handed_off_at_once_where_notes_have_no_room(
    changes: dict[str, object],
) -> None:
    long = replace(CALM, context_tokens=150_000, **changes)  # type: ignore[arg-type]

    assert step(long) == HandOff()


def test_a_conversation_is_not_handed_off_before_its_first_reply() -> None:
    assert isinstance(step(replace(CALM, context_tokens=200_000, first=True)), Send)


def test_a_reply_never_asks_for_more_than_the_window_holds() -> None:
    decided = step(replace(CALM, context_tokens=90_000, window=100_000))

    assert isinstance(decided, Send)
    assert decided.max_tokens == 10_000


@given(
    prompt=st.integers(0, 1_000_000),
    wanted=st.integers(1, 64_000),
    room=st.decimals(min_value=Decimal(-1), max_value=Decimal(10), places=6),
)
def test_the_longest_reply_fits_and_is_nearly_the_longest_that_does(
    prompt: int, wanted: int, room: Decimal
) -> None:
    tokens = longest_reply(price, prompt, wanted, room)

    assert 0 <= tokens <= wanted
    assert tokens == 0 or price(prompt, tokens) <= room
    if 0 < tokens < wanted:
        assert price(prompt, int(tokens * 1.02) + 2) > room


MODEL = ModelCapabilities("claude-x", 1_000_000, 128_000, True)


def test_the_context_is_capped_by_the_task_where_it_says_so() -> None:
    assert context_cap(1234, MODEL, price) == 1234


def test_the_context_is_capped_at_a_share_of_the_window_and_never_beyond_what_helps() -> None:
    assert context_cap(None, MODEL, price) == 150_000
    assert context_cap(None, replace(MODEL, max_input_tokens=100_000), price) == 80_000


def test_the_context_is_capped_before_the_price_of_every_token_rises() -> None:
    def tiered(prompt_tokens: int, max_tokens: int) -> Decimal:
        return price(prompt_tokens, max_tokens) * (5 if prompt_tokens > 100_000 else 1)

    assert context_cap(None, MODEL, tiered) == 95_000


def test_a_model_without_a_price_has_no_price_step() -> None:
    assert context_cap(None, MODEL, lambda prompt, reply: Decimal(0 * prompt * reply)) == 150_000
