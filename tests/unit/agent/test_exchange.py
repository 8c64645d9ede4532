from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from codybatch.agent.turn_log import MustWait
from codybatch.domain.errors import (
    ContextOverflow,
    ModelCredentialRefused,
    ModelInterrupted,
    ModelRejectedRequest,
    ModelThrottled,
    ModelWithoutPrice,
    ThreadRejected,
    UnknownModel,
)
from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Waiting
from codybatch.domain.money import Usage
from codybatch.domain.states import EndedBecause, WaitingReason
from codybatch.ports.model import ModelRequest, RetryNotice
from tests.agent_kit import (
    NOON,
    Answer,
    Bench,
    Script,
    ScriptedModel,
    does,
    edits,
    finish,
    in_order,
    is_handed_off,
    make_task,
    one_by_one,
    reads,
    replies_in,
)

POLITE = does(edits("'hello '", "'good morning, '"))


def failing_once(error: Exception, at: int = 1) -> Script:
    """Edit, then fail, and finish when asked again."""
    answers = in_order(POLITE, does(finish()))
    left = [error]

    def script(request: ModelRequest, asked: int) -> Answer | Exception:
        if replies_in(request) == at and not is_handed_off(request) and left:
            return left.pop()
        return does(finish()) if is_handed_off(request) else answers(request, asked)

    return script


def unavailable(error: Exception) -> Script:
    return in_order(POLITE, error)


# --- waiting ------------------------------------------------------------------------------------


def test_a_throttled_job_waits_until_the_time_that_the_service_names(tmp_path: Path) -> None:
    until = NOON + timedelta(minutes=7)
    job = Bench(tmp_path, failing_once(ModelThrottled("Slow down.", until=until)))
    end = job.run()

    assert end.ended_because is None
    assert end.waiting == Waiting(
        reason=WaitingReason.THROTTLED, since=NOON, until=until, detail="Slow down."
    )
    assert end.spending.uncertain_cost_usd == 0


def test_a_refused_credential_puts_the_job_to_wait_for_that_credential(tmp_path: Path) -> None:
    job = Bench(tmp_path, failing_once(ModelCredentialRefused("The key was revoked.")))
    waiting = job.run().waiting

    assert waiting
    assert waiting.reason is WaitingReason.CREDENTIAL
    assert waiting.credential == "test key 1a2b3c4d"
    assert waiting.detail == "The key was revoked."


def test_a_service_that_cannot_be_reached_makes_the_job_wait_ten_minutes(tmp_path: Path) -> None:
    job = Bench(tmp_path, failing_once(ModelInterrupted(may_have_been_paid=False)))
    waiting = job.run().waiting

    assert waiting
    assert waiting.reason is WaitingReason.THROTTLED
    assert waiting.until == NOON + timedelta(minutes=10)


@pytest.mark.parametrize(
    "error",
    [
        ModelThrottled(until=NOON),
        ModelCredentialRefused(),
        ModelInterrupted(may_have_been_paid=False),
    ],
    ids=lambda error: error.code,
)
def test_a_job_that_waited_goes_on_and_has_paid_nothing_for_it(
    tmp_path: Path, error: Exception
) -> None:
    job = Bench(tmp_path, failing_once(error))
    assert job.run().waiting
    end = job.go_on()

    assert end.ended_because is EndedBecause.FINISHED
    assert end.spending.uncertain_cost_usd == 0
    assert end.spending.turn == 2
    assert job.tree.changed() == ("src/app.py",)
    assert job.model.sent[1] == job.model.sent[2]


def test_a_reply_that_was_cut_off_for_good_is_charged(tmp_path: Path) -> None:
    job = Bench(tmp_path, failing_once(ModelInterrupted(may_have_been_paid=True)))
    first = job.run()
    reserved = job.log.reserved[1][0]
    second = job.go_on()

    assert first.spending.uncertain_cost_usd == reserved
    assert second.spending.uncertain_cost_usd == reserved
    assert second.spending.cost_usd > reserved
    assert second.ended_because is EndedBecause.FINISHED


@pytest.mark.parametrize("at", [0, 1])
def test_a_budget_without_room_makes_the_job_wait_and_keeps_what_is_done(
    tmp_path: Path, at: int
) -> None:
    job = Bench(tmp_path, in_order(POLITE, does(finish())))
    waiting = Waiting(reason=WaitingReason.DAILY_BUDGET, since=NOON)
    reserve = job.log.reserve

    def refusing(amount: Decimal, spent: Decimal) -> None:
        if len(job.log.reserved) == at:
            raise MustWait(waiting)
        reserve(amount, spent)

    job.log.reserve = refusing  # type: ignore[method-assign]
    end = job.run()

    assert end.waiting == waiting
    assert job.durable.kinds()[-1] == ("results" if at else "header")
    assert job.go_on().ended_because is EndedBecause.FINISHED
    assert len(job.model.requests) == 2


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelThrottled(until=NOON), WaitingReason.THROTTLED),
        (ModelInterrupted(), WaitingReason.THROTTLED),
        (ModelCredentialRefused(), WaitingReason.CREDENTIAL),
    ],
)
def test_a_service_that_does_not_tell_its_capabilities_makes_the_job_wait(
    tmp_path: Path, error: Exception, reason: WaitingReason
) -> None:
    job = Bench(tmp_path, in_order(does(finish(False))))
    job.model.refused_capabilities = error
    end = job.run()

    assert end.waiting
    assert end.waiting.reason is reason
    assert not job.durable.steps


# --- the end ------------------------------------------------------------------------------------


def test_a_rejected_request_ends_the_job_with_the_services_words(tmp_path: Path) -> None:
    job = Bench(tmp_path, unavailable(ModelRejectedRequest("tools.3: too many.")))
    end = job.run()

    assert end.ended_because is EndedBecause.MODEL_REJECTED_REQUEST
    assert end.detail == "tools.3: too many."
    assert job.tree.changed() == ("src/app.py",)


def test_an_unknown_model_ends_the_job(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(does(finish(False))))
    job.model.refused_capabilities = UnknownModel("There is no claude-0.")
    end = job.run()

    assert end.ended_because is EndedBecause.MODEL_REJECTED_REQUEST
    assert end.detail == "There is no claude-0."


class UnpricedModel(ScriptedModel):
    def worst_case(self, *_args: Any) -> Decimal:
        raise ModelWithoutPrice


@pytest.mark.parametrize(
    ("cap", "because"),
    [(Decimal(1), EndedBecause.NOT_PERMITTED), (None, EndedBecause.FINISHED)],
)
def test_a_model_without_a_price_runs_only_where_there_is_no_cap(
    tmp_path: Path, cap: Decimal | None, because: EndedBecause
) -> None:
    job = Bench(tmp_path, in_order(), make_task(cost_cap_usd=cap))
    job.model = UnpricedModel(in_order(does(finish(False))))

    assert job.run().ended_because is because


# --- retries ------------------------------------------------------------------------------------


def retried(paid: bool) -> Answer:
    notice = RetryNotice(2, 4.0, "overloaded_error", may_have_been_paid=paid)
    return Answer((finish(),), retries=(notice,))


def test_a_retry_is_told_to_people(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(POLITE, retried(paid=False)))
    end = job.run()

    assert job.log.told(EventKind.RETRIED) == ["Asking again in 4 s (try 2): overloaded_error"]
    assert job.log.told(EventKind.PAID_TWICE) == []
    assert end.spending.uncertain_cost_usd == 0


def test_a_reply_that_may_be_paid_twice_is_charged_told_and_recorded(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(POLITE, retried(paid=True)))
    end = job.run()

    reserved = job.log.reserved[1][0]
    assert end.spending.uncertain_cost_usd == reserved
    assert len(job.log.told(EventKind.PAID_TWICE)) == 1
    assert job.log.reserved[2] == (reserved, job.durable.spendings[3].cost_usd)
    assert job.durable.kinds() == [
        *("header", "request", "reply", "results", "request", "request", "reply"),
    ]
    digests = [s.step.request_sha256 for s in job.durable.steps if s.step.kind == "request"]
    assert digests[1] == digests[2]


def test_what_was_charged_for_lost_replies_is_known_after_a_crash(tmp_path: Path) -> None:
    job = Bench(tmp_path, in_order(POLITE, retried(paid=True)))
    first = job.run()
    second = job.go_on()

    assert second.spending == first.spending.model_copy(
        update={"last_tool": second.spending.last_tool}
    )


def test_a_retry_that_the_cap_does_not_hold_is_not_made(tmp_path: Path) -> None:
    cap = Decimal("0.50")
    job = Bench(tmp_path, in_order(POLITE, retried(paid=True)), make_task(cost_cap_usd=cap))
    end = job.run()

    assert end.spending.cost_usd <= cap
    assert all(spent + amount <= cap for amount, spent in job.log.reserved)
    assert len(job.log.told(EventKind.PAID_TWICE)) >= 1


# --- threads that cannot go on ------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [ContextOverflow("prompt is too long"), ThreadRejected("Invalid signature")],
    ids=["overflow", "thread"],
)
def test_a_thread_that_cannot_go_on_is_handed_off_with_an_event(
    tmp_path: Path, error: Exception
) -> None:
    job = Bench(tmp_path, failing_once(error))
    end = job.run()

    assert end.ended_because is EndedBecause.FINISHED
    assert end.spending.conversations == 2
    assert job.durable.kinds(1)[-1] == "reply"
    assert str(error) in job.log.told(EventKind.HANDED_OFF)[0]
    assert job.tree.changed() == ("src/app.py",)


@pytest.mark.parametrize(
    ("error", "because"),
    [
        (ContextOverflow("prompt is too long"), EndedBecause.CONTEXT_LIMIT),
        (ThreadRejected("Invalid signature"), EndedBecause.MODEL_REJECTED_REQUEST),
    ],
)
def test_a_conversation_that_cannot_even_begin_is_not_begun_again(
    tmp_path: Path, error: Exception, because: EndedBecause
) -> None:
    job = Bench(tmp_path, in_order(error))
    end = job.run()

    assert end.ended_because is because
    assert len(job.model.requests) == 1
    assert end.detail == str(error)


# --- the cache ----------------------------------------------------------------------------------


def with_cache(*shares: float) -> Script:
    """Reply after reply, of whose prompt this share came from the cache."""

    def script(request: ModelRequest, asked: int) -> Answer:
        del asked
        turn = replies_in(request)
        if turn >= len(shares):
            return does(finish(False))
        read = int(10_000 * shares[turn])
        usage = Usage(cache_write_5m_tokens=10_000 - read, cache_read_tokens=read, output_tokens=9)
        given = {"path": "src/app.py", "start_line": turn + 1}
        return Answer((("read_file", given),), usage=usage)

    return script


def test_a_cache_that_falls_for_two_turns_is_told_once(tmp_path: Path) -> None:
    job = Bench(tmp_path, with_cache(0, 0.1, 0.9, 0.2, 0.2, 0.2, 0.9))
    job.run()

    assert job.log.told(EventKind.CACHE_MISSED) == [
        "Only 20% of the prompt came from the cache, two turns in a row."
    ]


def test_the_first_turns_and_a_single_miss_are_as_expected(tmp_path: Path) -> None:
    job = Bench(tmp_path, with_cache(0, 0.1, 0.2, 0.9, 0.1, 0.9))
    job.run()

    assert job.log.told(EventKind.CACHE_MISSED) == []


# --- interruption -------------------------------------------------------------------------------


@pytest.mark.parametrize("commit", range(1, 6))
def test_a_job_that_is_asked_to_stop_stops_at_once_and_goes_on_later(
    tmp_path: Path, commit: int
) -> None:
    job = Bench(tmp_path, in_order(does(reads()), POLITE, does(finish())))
    job.log.interrupts_at = commit
    end = job.run()

    assert end.interrupted
    assert end.ended_because is None
    assert end.waiting is None
    assert len(job.log.commits) == commit
    later = job.go_on()
    assert later.ended_because is EndedBecause.FINISHED
    assert job.tree.changed() == ("src/app.py",)


def test_a_stream_in_flight_is_aborted_when_the_worker_asks_to_stop(tmp_path: Path) -> None:
    job = Bench(tmp_path, one_by_one(ModelInterrupted(), does(finish(False))))
    answers = job.model.script

    def script(request: ModelRequest, asked: int) -> Answer | Exception:
        job.log.interrupted.set()
        return answers(request, asked)

    job.model.script = script
    end = job.run()

    assert end.interrupted
    assert job.durable.kinds() == ["header", "request"]
