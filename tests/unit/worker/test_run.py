"""An attempt from claim to departure, without a model: how it ends what others began."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from codybatch.domain.errors import RepositoryUnavailable, StoreError, StoreFull
from codybatch.domain.publication import PublicationKind, PublishMode
from codybatch.domain.states import EndedBecause, JobState, WaitingReason
from codybatch.domain.threads import Step, StepKind
from codybatch.worker.departure import WorkerExit
from codybatch.worker.failures import MAX_TRIES_TO_REACH
from codybatch.worker.run import MAX_FRUITLESS_ATTEMPTS, Work
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.patch import MadePatch
from tests.attempt_kit import REFUSED, Site
from tests.contracts.examples import ALICE, NO_COMMIT, NOON, TODAY, usd

CUT_OFF = RepositoryUnavailable("The host could not be reached.")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.store.close()


def test_a_job_may_wait_for_a_credential_as_often_as_it_takes(site: Site) -> None:
    for _ in range(MAX_FRUITLESS_ATTEMPTS + 2):
        found = site.work(REFUSED)

        assert found.state is JobState.WAITING
        assert found.waiting
        assert found.waiting.reason is WaitingReason.CREDENTIAL


def test_a_job_that_has_waited_often_still_survives_a_host_that_is_gone_for_a_moment(
    site: Site,
) -> None:
    for _ in range(MAX_TRIES_TO_REACH + 1):
        site.work(REFUSED)

    assert site.work(CUT_OFF).state is JobState.WAITING


def test_a_host_that_stays_away_ends_the_job_after_a_few_tries(site: Site) -> None:
    states = [site.work(CUT_OFF).state for _ in range(MAX_TRIES_TO_REACH)]

    assert states[:-1] == [JobState.WAITING] * (MAX_TRIES_TO_REACH - 1)
    assert site.found().ended_because is EndedBecause.REPOSITORY_UNAVAILABLE


def test_a_worker_that_dies_again_and_again_ends_the_job(site: Site) -> None:
    for _ in range(MAX_FRUITLESS_ATTEMPTS):
        work = site.begin()
        work._look_before_working()

    found = site.work()

    assert found.ended_because is EndedBecause.INTERNAL_ERROR
    assert f"{MAX_FRUITLESS_ATTEMPTS} attempts in a row" in found.ended_detail


@pytest.mark.parametrize("error", [StoreFull(), OSError(28, "No space left on device")])
def test_a_full_disk_ends_no_job_however_long_it_lasts(site: Site, error: Exception) -> None:
    for _ in range(MAX_FRUITLESS_ATTEMPTS + 2):
        assert site.work(error).state is JobState.WAITING


def test_a_store_that_was_locked_for_a_moment_ends_no_job(site: Site) -> None:
    assert site.work(StoreError("It stayed locked.")).state is JobState.WAITING


def test_an_attempt_that_lost_its_lease_leaves_its_successors_folder_alone(site: Site) -> None:
    late, successor = site.begin(), site.begin()
    with late._folder() as old:
        entered = successor._folder()
        mine = entered.__enter__()
        (mine / "file").write_text("at work")

    assert not old.exists()
    assert (mine / "file").read_text() == "at work"
    entered.__exit__(None, None, None)
    assert not mine.parent.exists()


def test_a_folder_that_cannot_be_made_ends_the_job_with_the_reason(site: Site) -> None:
    (site.home / "work").write_text("a file stands where the folder should")

    found = site.work()

    assert found.ended_because is EndedBecause.INTERNAL_ERROR
    assert str(site.home / "work") in found.ended_detail


def test_a_job_cancelled_while_its_worker_was_dead_ends_before_anything_is_fetched(
    site: Site,
) -> None:
    site.begin()
    site.store.records.request_cancel(site.job, NOON, ALICE)

    work = site.begin()
    with work.attempt:
        left = work.do()

    assert left is WorkerExit.DONE
    assert site.found().state is JobState.CANCELLED


def send_a_request(work: Work) -> None:
    """What a conversation commits before it sends, with the most that the reply can cost."""
    step = Step(
        job=work.attempt.job.id,
        conversation=1,
        sequence=0,
        kind=StepKind.REQUEST,
        at=NOON,
        fence=work.attempt.lease.fence,
        reserved_usd=usd("0.9"),
    )
    work.attempt.commit([step])


def test_a_reply_that_a_cancellation_cut_off_is_charged(site: Site) -> None:
    work = site.begin()
    send_a_request(work)

    work.departure.settle(EndedBecause.CANCELLED)

    assert site.found().cost_usd == usd("0.9")
    assert site.found().uncertain_cost_usd == usd("0.9")
    assert site.store.records.day_budget(TODAY).spent_usd == usd("0.9")


def test_a_reply_on_its_way_is_charged_to_a_queued_job_that_is_cancelled_before_it_goes_on(
    site: Site,
) -> None:
    work = site.begin()
    send_a_request(work)
    work.departure.hand_on()

    site.store.records.request_cancel(site.job, NOON, ALICE)

    assert site.found().state is JobState.CANCELLED
    assert site.store.records.day_budget(TODAY).spent_usd == usd("0.9")


def test_a_finished_change_is_kept_where_the_code_host_stays_away_from_its_publication(
    site: Site,
) -> None:
    work = site.begin(CUT_OFF)
    request = site.store.records.request(work.attempt.job.request)
    asked = request.with_(options=request.options.with_(publish=PublishMode.DRAFT))
    made = MadePatch(b"patch", 1, 1, 0, ("a",), removed_secret=False, tree=NO_COMMIT)
    workspace = cast("Workspace", None)  # it is never reached

    work.attempt.note(fruitless_attempts=MAX_TRIES_TO_REACH - 1)
    with pytest.raises(RepositoryUnavailable):
        work._publish(asked, workspace, made, EndedBecause.FINISHED)
    work.attempt.note(fruitless_attempts=MAX_TRIES_TO_REACH)
    work._publish(asked, workspace, made, EndedBecause.FINISHED)
    work.departure.settle(EndedBecause.FINISHED)

    assert site.found().state is JobState.SUCCEEDED
    assert site.found().publication.kind is PublicationKind.WITHHELD
    assert str(CUT_OFF) in site.found().publication.detail
