"""How jobs read, on the command line and on pages alike."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from codybatch.domain.jobs import Job, Progress, Waiting
from codybatch.domain.publication import (
    Publication,
    PublicationKind,
    PullRequest,
    WithheldReason,
)
from codybatch.domain.states import EndedBecause, JobState, Phase, WaitingReason
from codybatch.services.wording import (
    PHASES,
    detail,
    exact_money,
    money,
    next_step,
    place,
    publication,
    publication_in_short,
    sentence,
    withheld_next_step,
)
from tests.contracts.examples import NOON, a_request, jobs_of


def a_job(**changes: Any) -> Job:
    return jobs_of(a_request(), **changes)[0]


def waiting(reason: WaitingReason, **changes: Any) -> Job:
    why = Waiting(reason=reason, since=NOON, **changes)
    return a_job(state=JobState.WAITING, waiting=why)


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0", "$0"), ("0.0004", "< $0.01"), ("0.844", "$0.84"), ("1234.5", "$1,234.50")],
)
def test_money_is_dollars_and_cents(amount: str, written: str) -> None:
    assert money(Decimal(amount)) == written


def test_money_that_is_explained_is_exact_to_a_hundredth_of_a_cent() -> None:
    assert exact_money(Decimal("0.00041")) == "$0.0004"


def test_every_phase_has_words() -> None:
    assert set(PHASES) == set(Phase)


def test_a_running_job_is_told_by_phase_turn_and_tool() -> None:
    progress = Progress(turn=3, last_tool="read_file a.py")
    job = a_job(state=JobState.RUNNING, phase=Phase.CONVERSING, progress=progress)

    assert sentence(job, NOON) == "Claude is at work · turn 3 · read_file a.py"
    assert sentence(a_job(state=JobState.RUNNING), NOON) == "Starting"
    assert sentence(a_job(), NOON) == "Waits for its turn."


def test_a_waiting_job_says_why_and_until_when() -> None:
    until = NOON + timedelta(hours=2, minutes=5)
    job = waiting(WaitingReason.THROTTLED, until=until, detail="Error 429.")

    assert sentence(job, NOON) == "Pauses before it tries again. It waits until 14:05 UTC."
    assert detail(job) == "Error 429."
    assert next_step(job).startswith("Nothing to do")


def test_a_day_other_than_today_is_named() -> None:
    job = waiting(WaitingReason.DAILY_BUDGET, until=NOON + timedelta(hours=12))

    assert sentence(job, NOON).endswith("It waits until 02 Mar 2026 00:00 UTC.")
    assert sentence(job, NOON + timedelta(hours=12)).endswith("It waits until 00:00 UTC.")


def test_a_job_that_waits_for_a_person_names_no_time() -> None:
    assert "until 1" not in sentence(waiting(WaitingReason.HELD), NOON)


def test_a_cancelled_job_says_once_who_cancelled_it() -> None:
    cancelled = {"state": JobState.CANCELLED, "ended_because": EndedBecause.CANCELLED}
    by_alice = a_job(**cancelled, ended_detail="Cancelled by alice.")

    assert (sentence(by_alice, NOON), detail(by_alice)) == ("Cancelled by alice.", "")
    assert sentence(a_job(**cancelled), NOON) == "Cancelled by a person."


def test_a_failed_job_keeps_what_exactly_was_wrong_apart() -> None:
    why = EndedBecause.REPOSITORY_UNAVAILABLE
    job = a_job(state=JobState.FAILED, ended_because=why, ended_detail="not found")

    assert sentence(job, NOON) == "The repository could not be cloned."
    assert detail(job) == "not found"


def test_a_patch_that_was_held_back_says_why_in_full_and_in_short() -> None:
    held = Publication(
        kind=PublicationKind.WITHHELD, reasons=(WithheldReason.NOT_OWNED,), detail="Ask for it."
    )
    job = a_job(publication=held)

    assert publication(job).endswith("here to download. Ask for it.")
    assert publication_in_short(job) == "withheld: not ours to push; patch here"


@pytest.mark.parametrize("reason", WithheldReason)
def test_every_reason_to_hold_a_patch_back_has_a_few_words(reason: WithheldReason) -> None:
    held = Publication(kind=PublicationKind.WITHHELD, reasons=(reason,))

    short = publication_in_short(a_job(publication=held))

    assert short.startswith("withheld: ")
    assert len(short) < 50


def test_a_branch_without_pull_request_is_named() -> None:
    pushed = Publication(kind=PublicationKind.BRANCH_PUSHED, branch="cody-batch-x-1")

    assert publication_in_short(a_job(publication=pushed)) == "branch cody-batch-x-1"


def with_pull_request(**facts: Any) -> Job:
    seen = {"number": 7, "url": "https://github.test/7", "node_id": "n", "refreshed_at": NOON}
    pull = PullRequest(**{**seen, "state": "open", "draft": False, **facts})
    return a_job(publication=Publication(kind=PublicationKind.PULL_REQUEST, pull_request=pull))


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"draft": True}, "Draft pull request #7 is open."),
        ({"checks": "failure"}, "Pull request #7 is open. Its checks failed."),
        ({"checks": "pending"}, "Pull request #7 is open. Its checks run."),
        (
            {"checks": "success", "mergeable": False},
            "Pull request #7 is open. Its checks passed. It conflicts with its base.",
        ),
        ({"state": "merged", "checks": "failure"}, "Pull request #7 is merged."),
    ],
)
def test_a_pull_request_is_told_as_it_was_last_seen(facts: dict[str, Any], said: str) -> None:
    assert publication(with_pull_request(**facts)) == said


def test_who_let_a_patch_pass_is_named() -> None:
    job = with_pull_request()

    passed = job.with_(publication=job.publication.with_(overridden_by="dana"))

    assert publication(passed) == "Pull request #7 is open. dana let it pass."


@pytest.mark.parametrize("reason", WithheldReason)
def test_every_reason_to_withhold_has_a_next_step_with_the_jobs_name(
    reason: WithheldReason,
) -> None:
    held = a_job(publication=Publication(kind=PublicationKind.WITHHELD, reasons=(reason,)))

    said = withheld_next_step(held)

    assert said.endswith(".")
    assert "{" not in said
    assert held.id in said or "Submit" in said
    assert withheld_next_step(a_job()) == ""


def test_a_job_at_work_says_nothing_of_its_publication() -> None:
    job = a_job(state=JobState.RUNNING)

    assert (publication(job), publication_in_short(job)) == ("", "")


def test_places_name_the_lines_where_there_are_any() -> None:
    assert [place("a.py"), place("a.py", 3), place("a.py", 3, 3), place("a.py", 3, 7)] == [
        "a.py",
        "a.py:3",
        "a.py:3",
        "a.py:3-7",
    ]
