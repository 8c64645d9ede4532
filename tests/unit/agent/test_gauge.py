from __future__ import annotations

from decimal import Decimal

import pytest

from codybatch.agent.gauge import LEAST_RESULT_CHARACTERS, MOST_RESULT_CHARACTERS, Gauge
from codybatch.agent.journal import Journal
from codybatch.agent.task import Limits
from codybatch.domain.money import Usage
from codybatch.domain.threads import ConversationHeader
from codybatch.ports.model import ModelCapabilities
from tests.agent_kit import MODEL, MemoryTurnLog, SteppingClock

HEADER = ConversationHeader(
    model=MODEL,
    system=[],
    tools=[],
    first_message={"role": "user", "content": [{"type": "text", "text": "Do it."}]},
    parameters={},
    max_tokens=32_000,
    prompt_version="change-1",
    base_tree="0" * 64,
)
CUT = {"content": [{"type": "text", "text": "half"}], "stop_reason": "max_tokens"}
SAID = {"content": [{"type": "text", "text": "Done."}], "stop_reason": "end_turn"}


def measured(
    window: int = 1_000_000, longest: int = 128_000
) -> tuple[Gauge, Journal, SteppingClock]:
    clock = SteppingClock()
    clock.seconds = 1000.0
    journal = Journal(MemoryTurnLog(), clock)
    journal.begin(HEADER)
    capabilities = ModelCapabilities(MODEL, window, longest, True)
    return Gauge(Limits(), journal, clock, capabilities, 150_000), journal, clock


def test_time_counts_from_the_beginning_of_this_attempt() -> None:
    gauge, _, clock = measured()
    clock.seconds += 25.0

    assert gauge.situation().elapsed == 25.0


def test_what_will_be_added_counts_as_context() -> None:
    gauge, _, _ = measured()
    added = [{"type": "text", "text": "x" * 3000}]

    more = gauge.situation(added).context_tokens - gauge.situation().context_tokens
    assert 600 <= more < 620


def test_after_one_reply_was_cut_off_twice_the_tokens_are_wanted_and_only_once() -> None:
    gauge, journal, _ = measured()
    wanted = []
    for reply in (CUT, CUT, SAID, CUT):
        wanted.append(gauge.situation().wanted_tokens)
        journal.add_request(32_000, Decimal(1))
        journal.add_reply(reply, Usage(input_tokens=10, output_tokens=10), Decimal(1))

    assert wanted == [32_000, 64_000, 32_000, 32_000]
    assert gauge.situation().wanted_tokens == 64_000


def test_no_more_tokens_are_wanted_than_the_model_gives() -> None:
    gauge, journal, _ = measured(longest=32_000)
    journal.add_request(32_000, Decimal(1))
    journal.add_reply(CUT, Usage(), Decimal(1))

    assert gauge.situation().wanted_tokens == 32_000


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (1_000_000, MOST_RESULT_CHARACTERS),
        (100_000, (100_000 - 32_000) // 2 * 3),
        (40_000, LEAST_RESULT_CHARACTERS),
    ],
)
def test_results_get_half_of_what_is_left_of_the_window(window: int, expected: int) -> None:
    gauge, _, _ = measured(window)

    assert gauge.room_for_results() == pytest.approx(expected, rel=0.01)


def test_results_get_no_more_than_what_is_left_until_the_handoff() -> None:
    gauge, journal, _ = measured()
    journal.add_request(32_000, Decimal(1))
    journal.add_reply(SAID, Usage(input_tokens=120_000), Decimal(1))

    assert gauge.room_for_results() == 30_000 * 3


def test_each_conversation_uses_up_one_handoff() -> None:
    gauge, journal, _ = measured()
    assert gauge.handoffs_left == 2
    journal.begin(HEADER)
    assert gauge.handoffs_left == 1
