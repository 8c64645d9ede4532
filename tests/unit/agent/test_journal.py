from __future__ import annotations

from decimal import Decimal

import pytest

from codybatch.agent.journal import DamagedThread, Journal
from codybatch.agent.notices import finish_now, hand_off, near_limit
from codybatch.agent.outcome import Outcome, error_reply
from codybatch.agent.turn_log import StepEntry
from codybatch.domain.events import EventKind
from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause
from codybatch.domain.threads import ConversationHeader, StepKind
from tests.agent_kit import MemoryTurnLog, SteppingClock

HEADER = ConversationHeader(
    model="claude-x",
    system=[],
    tools=[],
    first_message={"role": "user", "content": [{"type": "text", "text": "Do it."}]},
    parameters={},
    max_tokens=32_000,
    prompt_version="change-1",
    base_tree="0" * 64,
)
USAGE = Usage(input_tokens=100, output_tokens=10)
DOLLAR = Decimal(1)


def begun() -> Journal:
    journal = Journal(MemoryTurnLog(), SteppingClock())
    journal.begin(HEADER)
    return journal


def said(words: str = "Done.") -> JsonObject:
    return {"content": [{"type": "text", "text": words}], "stop_reason": "end_turn"}


def called() -> JsonObject:
    call = {"type": "tool_use", "id": "toolu_1", "name": "grep", "input": {}}
    return {"content": [call], "stop_reason": "tool_use"}


def test_steps_are_counted_without_gaps_and_committed_together() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.commit()
    journal.add_reply(said(), USAGE, DOLLAR)
    journal.commit()
    journal.commit()

    log = journal.log
    assert isinstance(log, MemoryTurnLog)
    assert log.commits == [("header", "request"), ("reply",)]
    assert [recorded.step.sequence for recorded in log.recorded()] == [0, 1, 2]


def test_a_reply_is_spent_and_waits_to_be_acted_on() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.add_reply(said(), USAGE, Decimal("0.25"))

    assert journal.reply
    assert (journal.reply.outcome, journal.reply.text) == (Outcome.SILENT, "Done.")
    assert journal.spending.turn == 1
    assert journal.spending.cost_usd == Decimal("0.25")
    assert journal.spending.context_tokens == 110
    assert journal.outstanding is None


def test_a_request_after_a_request_charges_the_one_that_was_lost() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.add_request(32_000, DOLLAR)

    assert journal.spending.uncertain_cost_usd == DOLLAR
    assert journal.spending.cost_usd == DOLLAR
    journal.lose_request()
    journal.lose_request()
    assert journal.spending.uncertain_cost_usd == 2 * DOLLAR


def test_a_fresh_conversation_charges_a_request_that_was_lost_as_well() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.begin(HEADER)

    assert journal.spending.uncertain_cost_usd == DOLLAR
    assert journal.conversation.number == 2


def test_a_refusal_of_the_service_takes_the_place_of_the_reply_and_costs_nothing() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.add_reply(error_reply("throttled", "Later."), Usage(), Decimal(0))

    assert journal.reply is None
    assert journal.outstanding is None
    assert journal.lost_thread is None
    assert journal.spending.turn == 0
    assert journal.spending.cost_usd == 0


def test_notes_are_what_the_model_wrote_when_it_was_asked_for_them() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.add_reply(said("Not notes."), USAGE, DOLLAR)
    assert journal.notes == ""

    journal.add_results([hand_off().as_block()], "tree")
    journal.add_request(32_000, DOLLAR)
    journal.add_reply(said("Notes."), USAGE, DOLLAR)
    assert journal.notes == "Notes."


def test_what_the_model_was_told_is_known_from_the_messages() -> None:
    journal = begun()
    blocks = [near_limit("turns", "9 of 10").as_block()]
    journal.add_results([*blocks, finish_now(EndedBecause.TURN_LIMIT).as_block()], "tree")

    assert journal.standing.told == {"turns"}
    assert journal.standing.final is EndedBecause.TURN_LIMIT
    assert not journal.standing.final_answered
    journal.add_request(32_000, DOLLAR)
    journal.add_reply(said(), USAGE, DOLLAR)
    assert journal.standing.final_answered


def test_results_are_counted_once() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.add_reply(called(), USAGE, DOLLAR)
    blocks = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "bad", "is_error": True}]
    journal.count_results(blocks, "tree")
    journal.add_results(blocks, "tree")

    assert journal.standing.failing == 1


def test_the_same_steps_read_back_add_up_to_the_same() -> None:
    journal = begun()
    journal.add_request(32_000, DOLLAR)
    journal.add_request(32_000, DOLLAR)
    journal.add_reply(called(), USAGE, DOLLAR)
    journal.add_results([{"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}], "tree")
    journal.add_request(32_000, DOLLAR)
    journal.commit()

    log = journal.log
    assert isinstance(log, MemoryTurnLog)
    again = Journal(log, SteppingClock())
    for recorded in log.recorded():
        fields = {
            name: getattr(recorded.step, name)
            for name in StepEntry.model_fields
            if name != "content"
        }
        again.take(StepEntry(content=recorded.content, **fields))

    assert again.spending == journal.spending
    assert again.conversation.messages == journal.conversation.messages
    assert again.conversation.request_sha256(1) == journal.conversation.request_sha256(1)
    assert again.outstanding == journal.outstanding


@pytest.mark.parametrize(
    ("conversation", "sequence", "kind"),
    [
        (1, 5, StepKind.REQUEST),
        (2, 1, StepKind.REQUEST),
        (3, 0, StepKind.HEADER),
        (1, 0, StepKind.HEADER),
    ],
)
def test_a_step_that_does_not_follow_is_refused(
    conversation: int, sequence: int, kind: StepKind
) -> None:
    journal = begun()
    entry = StepEntry(conversation=conversation, sequence=sequence, kind=kind, content=b"{}")

    with pytest.raises(DamagedThread):
        journal.take(entry)


def test_nothing_comes_before_a_header() -> None:
    journal = Journal(MemoryTurnLog(), SteppingClock())

    with pytest.raises(DamagedThread):
        journal.take(StepEntry(conversation=0, sequence=0, kind=StepKind.REQUEST))


def test_what_people_are_told_is_one_short_line() -> None:
    journal = begun()
    journal.tell(EventKind.TOOL, "grep\n" + "x " * 1000)

    log = journal.log
    assert isinstance(log, MemoryTurnLog)
    (line,) = log.told(EventKind.TOOL)
    assert "\n" not in line
    assert len(line) == 300
