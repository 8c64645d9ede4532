"""What a job's cost is made of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from codybatch.domain.errors import ModelWithoutPrice
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING, Usage
from codybatch.domain.states import JobState
from codybatch.domain.threads import Step, StepKind, charges_of
from codybatch.services.explained_cost import Fate, explained
from tests.contracts.examples import NOON, a_request, jobs_of


def a_job(state: JobState = JobState.SUCCEEDED) -> Job:
    return jobs_of(a_request(), state=state, price_table="prices 1")[0]


def thread(*kinds_and_turns: tuple[StepKind, int, dict[str, Any]]) -> tuple[Step, ...]:
    job = a_job().id
    return tuple(
        Step(
            job=job, conversation=1, sequence=place, kind=kind, turn=turn, at=NOON, fence=1, **more
        )
        for place, (kind, turn, more) in enumerate(kinds_and_turns)
    )


def price(model: str, usage: Usage, _at: datetime) -> Decimal:
    """A cent for each token that is read fresh or written."""
    if model == "unpriced":
        raise ModelWithoutPrice("unpriced")
    return Decimal(usage.input_tokens + usage.output_tokens) / 100


def asked(turn: int, reserved: str = "0.5") -> tuple[StepKind, int, dict[str, Any]]:
    return StepKind.REQUEST, turn, {"reserved_usd": Decimal(reserved)}


def answered(
    turn: int, cost: str, *, appended: bool = True
) -> tuple[StepKind, int, dict[str, Any]]:
    usage = Usage(input_tokens=10, output_tokens=turn)
    return (
        StepKind.REPLY,
        turn,
        {"cost_usd": Decimal(cost), "usage": usage, "appended": appended},
    )


HEADER: tuple[StepKind, int, dict[str, Any]] = (StepKind.HEADER, 0, {})
RESULTS: tuple[StepKind, int, dict[str, Any]] = (StepKind.RESULTS, 1, {})


def test_each_reply_is_a_charge_and_the_running_total_ends_with_the_cost() -> None:
    steps = thread(HEADER, asked(1), answered(1, "0.02"), RESULTS, asked(2), answered(2, "0.03"))

    found = explained(a_job(), steps, price)

    assert [(one.turn, one.cost_usd, one.total_usd) for one in found.charges] == [
        (1, Decimal("0.02"), Decimal("0.02")),
        (2, Decimal("0.03"), Decimal("0.05")),
    ]
    assert (found.cost_usd, found.uncertain_usd) == charges_of(steps)
    assert found.usage == Usage(input_tokens=20, output_tokens=3)
    assert found.price_table == "prices 1"


def test_what_was_paid_for_and_left_out_or_lost_is_marked() -> None:
    steps = thread(
        *(HEADER, asked(1, "0.4"), asked(1), answered(1, "0.02", appended=False)),
        *(asked(1), answered(1, "0.01"), RESULTS, asked(2, "0.3")),
    )

    found = explained(a_job(), steps, price)

    assert [one.fate for one in found.charges] == [
        *(Fate.LOST, Fate.NOT_APPENDED, Fate.APPENDED, Fate.LOST)
    ]
    assert (found.cost_usd, found.uncertain_usd) == charges_of(steps)
    assert found.uncertain_usd == Decimal("0.7")


def test_the_last_request_of_a_job_at_work_is_under_way_and_not_lost() -> None:
    found = explained(a_job(JobState.RUNNING), thread(HEADER, asked(1, "0.4")), price)

    assert [(one.fate, one.usage) for one in found.charges] == [(Fate.UNDER_WAY, Usage())]
    assert (found.cost_usd, found.uncertain_usd) == (Decimal("0.4"), NOTHING)


def test_a_job_that_asked_nothing_costs_nothing() -> None:
    found = explained(a_job(), (), price)

    assert not found.charges
    assert found.cost_usd == 0


def test_what_the_cache_saved_is_what_all_prompts_would_have_cost_fresh() -> None:
    usage = Usage(input_tokens=10, cache_write_5m_tokens=20, cache_read_tokens=70, output_tokens=5)
    reply = (StepKind.REPLY, 1, {"cost_usd": Decimal("0.30"), "usage": usage})

    found = explained(a_job(), thread(HEADER, asked(1), reply, RESULTS, asked(2)), price)

    assert (found.cached, found.charges[0].cached, found.charges[1].cached) == (0.7, 0.7, None)
    assert [one.without_cache_usd for one in found.charges] == [Decimal("1.05"), None]
    assert found.without_cache_usd == Decimal("1.05")
    assert found.saved_usd == Decimal("0.75")


def test_without_a_price_nothing_is_said_of_what_was_saved() -> None:
    job = a_job().with_(model="unpriced")

    found = explained(job, thread(HEADER, asked(1), answered(1, "0")), price)

    assert (found.without_cache_usd, found.saved_usd) == (None, None)
