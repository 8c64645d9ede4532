"""Retries and follow-ups: what they begin with, what they keep, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from codybatch.domain.errors import (
    BranchNotFound,
    CodyBatchError,
    IdempotencyConflict,
    JobNotEnded,
    LineageBusy,
    ModelWithoutPrice,
    NoAllowList,
    NotContinuable,
    RepositoryNotAllowed,
    RepositoryNotFound,
    RepositoryRefused,
    TooManyRepositories,
    UnknownModel,
)
from codybatch.domain.events import EventKind
from codybatch.domain.identifiers import Person, RequestId
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.publication import PublishMode
from codybatch.domain.repositories import AllowList
from codybatch.domain.requests import OriginKind
from codybatch.domain.states import EndedBecause, JobState
from codybatch.services.continuations import MAX_INSTRUCTIONS, Continuations, Continued
from tests.unit.services.still import Still, still

RETRY, FOLLOW_UP = LineageRelation.RETRY, LineageRelation.FOLLOW_UP
FAILED = EndedBecause.INTERNAL_ERROR


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened:
        yield opened


def only(continued: Continued) -> Job:
    """The one job that a continuation made."""
    (job,) = continued.created.jobs
    return job


def move_on(s: Still, job: Job) -> str:
    """Commit something to the base branch."""
    return s.world.github.commit(job.repository.full_name, {"later.txt": "later\n"})


# what a retry keeps, and where it works


def test_a_retry_asks_the_same_again_on_the_head_of_now(s: Still) -> None:
    first = s.ended(FAILED, patch=None, prompt="Look at {{what}}", variables={"what": "clocks"})
    head = move_on(s, first)

    made = s.retry(first).created

    (again,), before = made.jobs, s.records.request(first.request)
    assert not made.replayed
    assert again.state is JobState.QUEUED
    assert (again.commit, again.base_branch) == (head, "main")
    assert again.lineage == first.lineage.with_(parent=first.id, relation=RETRY)
    kept = ("title", "prompt", "kind", "prompt_text", "variables", "options", "repositories")
    assert all(getattr(made.request, name) == getattr(before, name) for name in kept)
    assert made.request.origin.kind is OriginKind.RETRY
    assert (made.request.origin.job, made.request.origin.request) == (first.id, first.request)


def test_a_retry_may_stay_on_the_same_commit(s: Still) -> None:
    first = s.ended(FAILED)
    move_on(s, first)

    again = only(s.retry(first, same_commit=True))

    assert (again.commit, again.base_branch) == (first.commit, first.base_branch)


def test_a_retry_of_a_branch_goes_to_that_branchs_head(s: Still) -> None:
    name = s.repository()
    s.world.github.bare(name).set_branch("next", s.world.github.bare(name).branches()["main"])
    first = s.ended(FAILED, repository=f"{name}@next")
    head = s.world.github.commit(name, {"n.txt": "n\n"}, branch="next")

    again = only(s.retry(first))

    assert (again.commit, again.base_branch) == (head, "next")
    assert str(again.repository) == f"{name}@next"


def test_what_is_said_otherwise_is_otherwise_and_the_rest_stays(s: Still) -> None:
    first = s.ended(FAILED, max_turns=7, publish="draft", request_cost_cap_usd="3")

    made = s.retry(first, max_turns=9, publish="none", request_cost_cap_usd=None).created

    assert made.request.options.max_turns == 9
    assert made.request.options.publish is PublishMode.NONE
    assert made.request.options.model == s.records.request(first.request).options.model
    assert made.request.budget.cap_usd is None


def test_a_cap_that_was_raised_is_kept_as_it_is_now(s: Still) -> None:
    first = s.ended(FAILED, request_cost_cap_usd="3")
    s.world.app.requests.raise_budget(first.request, None)

    assert s.form(RETRY, first).request_cost_cap_usd is None


def test_several_jobs_of_a_request_are_one_new_request(s: Still) -> None:
    jobs = s.submitted(s.repository(), s.repository(), s.repository(), rehearse=True)
    s.world.app.requests.release(jobs[0].request, s.world.app.person)
    failed = [s.end(job, FAILED, patch=None) for job in jobs[1:]]

    made = s.retry(*failed).created

    assert [job.lineage.parent for job in made.jobs] == [job.id for job in failed]
    assert [job.index for job in made.jobs] == [1, 2]
    assert [job.state for job in made.jobs] == [JobState.QUEUED] * 2, "nothing is rehearsed twice"
    assert made.request.origin.job is None


# what a follow-up begins with


def test_a_follow_up_stays_on_the_pinned_commit_with_its_text(s: Still) -> None:
    first = s.ended()
    move_on(s, first)

    made = s.follow_up(first, text="  Also update the tests.\nAll of them.\n").created

    (later,) = made.jobs
    assert later.commit == first.commit
    assert later.lineage.root == first.id
    assert later.lineage.salt == first.lineage.salt
    assert later.lineage.relation is FOLLOW_UP
    assert later.lineage.instructions == "Also update the tests.\nAll of them."
    assert made.request.title == "Also update the tests."
    assert made.request.prompt_text == s.records.request(first.request).prompt_text
    assert made.request.origin.kind is OriginKind.FOLLOW_UP


def test_a_retry_of_a_follow_up_keeps_its_text_and_its_commit(s: Still) -> None:
    first = s.ended()
    failed = s.end(only(s.follow_up(first)), FAILED, patch=None)
    move_on(s, first)

    again = only(s.retry(failed))

    assert again.commit == first.commit
    assert again.lineage.instructions == failed.lineage.instructions
    assert again.lineage.parent == failed.id


def test_a_follow_up_of_a_follow_up_keeps_the_root(s: Still) -> None:
    first = s.ended()
    second = s.end(only(s.follow_up(first)))

    third = only(s.follow_up(second, text="And the docs."))

    assert (third.lineage.root, third.lineage.parent) == (first.id, second.id)
    assert third.lineage.root_title == first.lineage.root_title


def test_a_job_without_a_patch_can_be_followed_up(s: Still) -> None:
    nothing = s.ended(EndedBecause.FINISHED, patch=None)
    failed = s.ended(FAILED, patch=None)

    assert only(s.follow_up(nothing)).lineage.parent == nothing.id
    assert only(s.follow_up(failed)).lineage.parent == failed.id


def test_nothing_begins_with_a_patch_that_does_not_apply(s: Still) -> None:
    (job,) = s.submitted()
    broken = s.end(job, EndedBecause.PATCH_DOES_NOT_APPLY, applies=False)

    with pytest.raises(NotContinuable, match=f"jobs retry {broken.id}"):
        s.follow_up(broken)
    assert only(s.retry(broken)).lineage.parent == broken.id


@pytest.mark.parametrize(("text", "word"), [(" \n", "empty"), ("x" * 20_001, "20,001")])
def test_a_follow_up_says_something_and_not_too_much(s: Still, text: str, word: str) -> None:
    assert len(text) < MAX_INSTRUCTIONS + 2

    with pytest.raises(NotContinuable, match=word):
        s.follow_up(s.ended(), text=text)


# once, whoever asks


def test_only_jobs_that_have_ended_are_continued(s: Still) -> None:
    (queued,) = s.submitted()

    with pytest.raises(JobNotEnded, match=f"jobs wait {queued.id}"):
        s.retry(queued)
    with pytest.raises(JobNotEnded):
        s.follow_up(queued)


def test_the_same_call_while_the_first_is_at_work_gives_back_the_first(s: Still) -> None:
    first = s.ended(FAILED)

    made, again = s.retry(first).created, s.retry(first).created

    assert (made.replayed, again.replayed) == (False, True)
    assert made.request.id == again.request.id
    assert len(s.records.lineage(first.id)) == 2


def test_another_call_while_the_first_is_at_work_is_refused(s: Still) -> None:
    first = s.ended(FAILED)
    retry = only(s.retry(first))
    before = s.records.list_requests().items[0].id

    with pytest.raises(LineageBusy, match=retry.id):
        s.retry(first, max_turns=3)
    with pytest.raises(LineageBusy, match=retry.id):
        s.follow_up(first)

    assert s.records.list_requests().items[0].id == before


def test_the_same_call_after_the_first_has_ended_is_a_new_one(s: Still) -> None:
    first = s.ended(FAILED)
    once = s.end(only(s.retry(first)), FAILED)

    made = s.retry(first)

    assert not made.created.replayed
    assert only(made).lineage.parent == first.id
    assert len(s.records.lineage(first.id)) == 3
    (notice,) = made.notices
    assert once.id in notice


def test_a_key_of_ones_own_submits_once_for_good(s: Still) -> None:
    first = s.ended(FAILED)
    once = s.retry(first, idempotency_key="mine").created
    s.end(once.jobs[0], FAILED)

    again = s.retry(first, idempotency_key="mine").created

    assert (again.replayed, again.request.id) == (True, once.request.id)
    with pytest.raises(IdempotencyConflict):
        s.retry(first, idempotency_key="mine", max_turns=3)


def test_of_two_people_at_once_one_goes_through(s: Still) -> None:
    first = s.ended(FAILED)
    forms = [s.form(RETRY, first, requester=Person(name)) for name in ("alice", "bob")]

    def submit(number: int) -> str:
        try:
            s.world.app.continuations.submit(forms[number])
        except LineageBusy as error:
            return error.code
        return "made"

    with ThreadPoolExecutor(2) as people:
        went = sorted(people.map(submit, range(2)))

    assert went == ["lineage_busy", "made"]
    assert len(s.records.lineage(first.id)) == 2


def test_the_parent_tells_once_who_continued_it(s: Still) -> None:
    first = s.ended(FAILED)
    retry = only(s.retry(first))
    s.retry(first)

    told = [one for one in s.records.events(first.id) if one.kind is EventKind.CONTINUED]

    assert [one.text for one in told] == [f"Retried by dana: continued by {retry.id}."]


def test_jobs_of_several_requests_are_not_one(s: Still) -> None:
    first, second = s.ended(FAILED), s.ended(FAILED)

    with pytest.raises(NotContinuable, match=f"2 requests.*{first.request}"):
        s.retry(first, second)
    with pytest.raises(NotContinuable, match="at least one"):
        s.retry()


def test_a_job_that_is_named_twice_is_continued_once(s: Still) -> None:
    first = s.ended(FAILED)

    assert len(s.retry(first, first).created.jobs) == 1


# what forbids it


def with_policy(s: Still, **policy: Any) -> Continuations:
    """The use cases under another policy."""
    mine = s.world.app.continuations
    intake = replace(mine.intake, policy=replace(mine.intake.policy, **policy))
    return replace(mine, intake=intake)


@pytest.mark.parametrize(
    ("allowed", "error"),
    [
        ("", NoAllowList),
        ("other/*", RepositoryNotAllowed),
        ("acme/*,!acme/*", RepositoryNotAllowed),
    ],
)
def test_a_repository_that_is_not_allowed_any_more_is_refused(
    s: Still, allowed: str, error: type[CodyBatchError]
) -> None:
    first = s.ended(FAILED)

    with pytest.raises(error):
        with_policy(s, allowed=AllowList.parse(allowed)).submit(s.form(RETRY, first))

    assert s.records.lineage(first.id) == (first,)


def test_a_setting_that_was_lowered_holds_for_retries(s: Still) -> None:
    jobs = [s.end(job, FAILED) for job in s.submitted(s.repository(), s.repository())]

    with pytest.raises(TooManyRepositories, match=r"at most 1 .* have 2"):
        with_policy(s, max_repositories=1).submit(s.form(RETRY, *jobs))


def test_a_renamed_repository_is_worked_on_under_its_name_of_today(s: Still) -> None:
    first = s.ended(FAILED)
    new = f"{first.repository.full_name}-renamed"
    s.world.github.rename_repository(first.repository.full_name, new)

    again = only(s.retry(first))

    assert again.repository.full_name == new
    assert again.repository_id == first.repository_id


def test_a_repository_renamed_to_where_nothing_is_allowed_is_refused(s: Still) -> None:
    first = s.ended(FAILED)
    s.world.github.rename_repository(first.repository.full_name, f"other/{first.repository.name}")

    with pytest.raises(RepositoryNotAllowed, match="other/"):
        s.retry(first)


def test_another_repository_under_the_old_name_is_refused(s: Still) -> None:
    first = s.ended(FAILED)
    name = first.repository.full_name
    s.world.github.rename_repository(name, f"{name}-away")
    s.world.github.rename_repository(s.repository(), name)

    with pytest.raises(RepositoryRefused, match="another repository"):
        s.retry(first)


def test_a_repository_that_is_archived_or_gone_is_refused(s: Still) -> None:
    first, second = s.ended(FAILED), s.ended(FAILED)
    s.world.github.change_repository(first.repository.full_name, archived=True)
    s.world.github.change_repository(second.repository.full_name, private=True, permissions={})

    with pytest.raises(RepositoryRefused, match="archived"):
        s.retry(first)
    with pytest.raises(RepositoryNotFound):
        s.retry(second)


def forget_commit(s: Still, job: Job) -> None:
    """Replace the history, as a forced push and time do."""
    bare = s.world.github.bare(job.repository.full_name)
    bare.set_branch("main", bare.commit({"README.md": "# Anew\n"}, branch="anew"))
    bare.git("reflog", "expire", "--expire=now", "--all")
    bare.git("gc", "--quiet", "--prune=now")


def test_a_commit_that_is_gone_leaves_the_retry_on_the_head_of_now(s: Still) -> None:
    first = s.ended(FAILED)
    forget_commit(s, first)

    with pytest.raises(BranchNotFound, match="Retry the job instead"):
        s.follow_up(first)
    with pytest.raises(BranchNotFound, match="--same-commit"):
        s.retry(first, same_commit=True)
    assert only(s.retry(first)).commit != first.commit


def test_a_branch_that_is_gone_is_told(s: Still) -> None:
    name = s.repository()
    bare = s.world.github.bare(name)
    bare.set_branch("next", bare.branches()["main"])
    first = s.ended(FAILED, repository=f"{name}@next")
    bare.delete_branch("next")

    with pytest.raises(BranchNotFound, match="'next'"):
        s.retry(first)
    assert only(s.follow_up(first)).commit == first.commit


def test_the_model_is_checked_like_for_a_new_request(s: Still) -> None:
    first = s.ended(FAILED)

    with pytest.raises((UnknownModel, ModelWithoutPrice)):
        s.retry(first, model="claude-imaginary")
    assert s.records.lineage(first.id) == (first,)


# what people are told beforehand


def test_a_pull_request_that_was_closed_is_told_and_noted(s: Still) -> None:
    first = s.published()
    s.world.github.close_pull_request(first.repository.full_name, 1)

    made = s.follow_up(first)

    (notice,) = made.notices
    assert f"{first.publication.url} is closed" in notice
    noted = s.records.job(first.id).publication.pull_request
    assert noted is not None
    assert noted.state == "closed"


def test_a_branch_that_a_person_edited_is_told(s: Still) -> None:
    first = s.published()
    assert first.publication.branch is not None
    name = first.repository.full_name
    s.world.github.commit(name, {"by-hand.txt": "x\n"}, branch=first.publication.branch)

    (notice,) = s.follow_up(first).notices

    assert "never overwritten" in notice


def test_nothing_is_told_where_nothing_hinders(s: Still) -> None:
    assert s.follow_up(s.published()).notices == ()


def test_a_pull_request_that_will_not_show_the_change_is_told(s: Still) -> None:
    first, closed = s.published(), s.published()
    s.world.github.close_pull_request(closed.repository.full_name, 1)
    s.world.app.continuations.proposed.pull_requests.refresh([closed])

    (notice,) = s.follow_up(first, publish="none").notices

    assert f"{first.publication.url} will not show" in notice
    assert s.follow_up(s.records.job(closed.id), publish="none").notices == ()


# whole requests


def of_request(s: Still, relation: LineageRelation, request: RequestId) -> Continued:
    app = s.world.app
    form = app.continuations.form_of_request(relation, request, app.person)
    return app.continuations.submit(form.with_(instructions="And the docs."))


def test_a_request_is_retried_where_it_did_not_succeed(s: Still) -> None:
    jobs = s.submitted(*(s.repository() for _ in range(4)))
    fine, failed, partial = (
        s.end(jobs[0]),
        s.end(jobs[1], FAILED, patch=None),
        s.end(jobs[2], EndedBecause.TURN_LIMIT),
    )

    made = of_request(s, RETRY, jobs[0].request)

    assert [job.lineage.parent for job in made.created.jobs] == [failed.id, partial.id]
    assert made.notices == (f"{fine.id} succeeded.", f"{jobs[3].id} has not ended (queued).")


def test_a_request_is_followed_up_where_it_has_ended(s: Still) -> None:
    jobs = s.submitted(*(s.repository() for _ in range(3)))
    done = [s.end(jobs[0]), s.end(jobs[1], FAILED, patch=None)]

    made = of_request(s, FOLLOW_UP, jobs[0].request)

    assert [job.lineage.parent for job in made.created.jobs] == [job.id for job in done]
    assert {job.lineage.instructions for job in made.created.jobs} == {"And the docs."}


def test_a_request_is_retried_only_where_nobody_went_on_already(s: Still) -> None:
    jobs = [s.end(job, FAILED, patch=None) for job in s.submitted(s.repository(), s.repository())]
    retried = s.end(only(s.retry(jobs[0])))

    made = of_request(s, RETRY, jobs[0].request)

    assert [job.lineage.parent for job in made.created.jobs] == [jobs[1].id]
    assert made.notices == (
        f"{jobs[0].id} was continued by {retried.id}, which ended as succeeded.",
    )


def test_the_same_retry_of_a_request_is_made_once(s: Still) -> None:
    jobs = [s.end(job, FAILED, patch=None) for job in s.submitted(s.repository(), s.repository())]

    made = [of_request(s, RETRY, jobs[0].request).created for _ in range(2)]

    assert [one.replayed for one in made] == [False, True]
    assert made[0].request.id == made[1].request.id


def test_a_request_with_nothing_to_retry_says_why(s: Still) -> None:
    done = s.ended()

    with pytest.raises(NotContinuable, match=f"{done.id} succeeded"):
        of_request(s, RETRY, done.request)
