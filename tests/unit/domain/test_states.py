"""The state machine, and the words for every ending and every wait."""

from __future__ import annotations

from itertools import product

import pytest

from codybatch.domain.errors import IllegalTransition
from codybatch.domain.states import (
    ENDINGS,
    TERMINAL,
    TRANSITIONS,
    WAITING_TEXTS,
    EndedBecause,
    JobState,
    WaitingReason,
    check_transition,
)

# Written out by hand from the specification, so that a slip in the code's table shows here.
LEGAL = {
    ("queued", "running"),
    ("queued", "waiting"),
    ("queued", "cancelled"),
    ("running", "queued"),
    ("running", "waiting"),
    ("running", "succeeded"),
    ("running", "partial"),
    ("running", "failed"),
    ("running", "cancelled"),
    ("waiting", "queued"),
    ("waiting", "running"),
    ("waiting", "cancelled"),
}
EVERY_PAIR = list(product(JobState, JobState))
ILLEGAL = [pair for pair in EVERY_PAIR if pair not in LEGAL]

STATE_OF_ENDING = {
    "finished": "succeeded",
    "finished_implicitly": "succeeded",
    "turn_limit": "partial",
    "job_cost_limit": "partial",
    "time_limit": "partial",
    "context_limit": "partial",
    "stuck": "partial",
    "refused": "failed",
    "repository_unavailable": "failed",
    "repository_too_large": "failed",
    "repository_unsupported": "failed",
    "not_permitted": "failed",
    "patch_does_not_apply": "failed",
    "answer_invalid": "failed",
    "model_rejected_request": "failed",
    "internal_error": "failed",
    "cancelled": "cancelled",
}


def test_the_pairs_cover_the_whole_square_of_states() -> None:
    assert len(EVERY_PAIR) == 49
    assert len(LEGAL) + len(ILLEGAL) == 49


@pytest.mark.parametrize(("before", "after"), sorted(LEGAL))
def test_a_legal_step_is_allowed(before: str, after: str) -> None:
    check_transition(JobState(before), JobState(after))


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
def test_an_illegal_step_is_refused_and_named(before: JobState, after: JobState) -> None:
    with pytest.raises(IllegalTransition) as refused:
        check_transition(before, after)
    assert str(refused.value) == f"A job cannot go from {before.value} to {after.value}."


def test_every_state_has_its_row_of_transitions() -> None:
    assert set(TRANSITIONS) == set(JobState)


@pytest.mark.parametrize("state", JobState)
def test_exactly_the_four_endings_are_terminal(state: JobState) -> None:
    ends = state.value in {"succeeded", "partial", "failed", "cancelled"}
    assert state.is_terminal is ends
    assert (state in TERMINAL) is ends


def test_the_list_of_endings_is_closed_and_each_leads_to_its_state() -> None:
    assert {
        because.value: ending.state.value for because, ending in ENDINGS.items()
    } == STATE_OF_ENDING
    assert {because.value for because in EndedBecause} == set(STATE_OF_ENDING)


@pytest.mark.parametrize("because", EndedBecause)
def test_every_ending_has_a_sentence_and_a_next_step(because: EndedBecause) -> None:
    ending = ENDINGS[because]
    assert ending.state.is_terminal
    for text in (ending.sentence, ending.next_step):
        assert is_a_sentence(text)


def test_waiting_reasons_are_the_five_of_the_specification() -> None:
    assert {reason.value for reason in WaitingReason} == {
        "held",
        "request_budget",
        "daily_budget",
        "throttled",
        "credential",
    }


@pytest.mark.parametrize("reason", WaitingReason)
def test_every_waiting_reason_has_a_sentence_and_a_next_step(reason: WaitingReason) -> None:
    text = WAITING_TEXTS[reason]
    assert is_a_sentence(text.sentence)
    assert is_a_sentence(text.next_step)


def is_a_sentence(text: str) -> bool:
    return text[:1].isupper() and text.endswith(".") and len(text) > 10 and "\n" not in text
