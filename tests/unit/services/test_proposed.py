"""A new request where the prompt has an open pull request: refused, updated, beside it, skipped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from codybatch.domain.errors import IdempotencyConflict, LineageBusy, PullRequestIsOpen
from codybatch.domain.jobs import Job
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.requests import SkippedRepository
from codybatch.domain.states import EndedBecause
from codybatch.ports import Created
from codybatch.services.proposed import NothingToSubmit
from codybatch.services.submission_form import SubmissionForm
from codybatch.standins.github.faults import unauthorized
from tests.unit.services.still import Still, still


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Still]:
    with still(tmp_path_factory.mktemp("still")) as opened:
        yield opened


def name_of(job: Job) -> str:
    return job.repository.full_name


def submit(s: Still, *jobs: Job, **options: Any) -> Created:
    """Submit the same prompt again in the repositories of jobs."""
    return s.world.submit(*map(name_of, jobs), **{"publish": "draft", **options})


def test_it_is_refused_with_the_pull_request_and_the_choices_and_nothing_is_stored(
    s: Still,
) -> None:
    first = s.published()
    before = s.records.list_requests().items[0]

    with pytest.raises(PullRequestIsOpen) as refused:
        submit(s, first, prompt="Another wording of the same prompt.")

    said = refused.value.message
    wanted = (
        "'utcnow'",
        first.publication.url,
        first.id,
        "--existing",
        "update",
        "another",
        "skip",
    )
    assert [word for word in wanted if str(word) not in said] == []
    assert said.startswith(refused.value.found)
    assert "--existing" not in refused.value.found
    assert refused.value.exit_status == 3
    assert s.records.list_requests().items[0] == before
    assert s.records.prompt("utcnow").number == first.prompt.version


@pytest.mark.parametrize("end", ["close_pull_request", "merge_pull_request"])
def test_one_that_a_person_ended_meanwhile_does_not_count_and_is_noted(s: Still, end: str) -> None:
    first = s.published()
    getattr(s.world.github, end)(name_of(first), 1)

    (job,) = submit(s, first).jobs

    assert job.lineage.root == job.id
    noted = s.records.job(first.id).publication.pull_request
    assert noted is not None
    assert noted.state in {"closed", "merged"}


@pytest.mark.parametrize(
    "otherwise",
    [{"publish": "none"}, {"publish": "branch"}, {"name": "another-prompt"}],
    ids=str,
)
def test_what_proposes_nothing_of_the_kind_is_not_asked(
    s: Still, otherwise: dict[str, Any]
) -> None:
    first = s.published()

    (job,) = submit(s, first, **otherwise).jobs

    assert job.lineage.root == job.id


def test_an_audit_proposes_nothing(s: Still) -> None:
    first = s.published()
    audit = PromptDraft(name="utcnow", kind=Kind.AUDIT, template="Look for it.")
    form = SubmissionForm(
        prompt=audit,
        repositories=(name_of(first),),
        options=s.world.app.default_options().with_(publish="draft"),
        requester=s.world.app.person,
    )

    assert len(s.world.app.requests.submit(form).jobs) == 1


def test_another_base_branch_is_another_matter(s: Still) -> None:
    first = s.published()
    bare = s.world.github.bare(name_of(first))
    bare.set_branch("next", bare.branches()["main"])

    (job,) = s.world.submit(f"{name_of(first)}@next", publish="draft").jobs

    assert job.base_branch == "next"


def test_update_joins_the_newest_lineage_and_begins_anew_in_it(s: Still) -> None:
    older = s.published()
    newer = s.published(name_of(older), existing_pull_request="another")
    s.world.github.commit(name_of(older), {"later.txt": "x\n"})

    (job,) = submit(s, older, existing_pull_request="update").jobs

    lineage = newer.lineage
    assert lineage.root == newer.id
    assert job.lineage == lineage.with_(parent=None, relation=None, instructions="")
    assert job.commit == s.world.github.bare(name_of(older)).branches()["main"] != newer.commit


def test_update_joins_a_lineage_through_its_follow_ups(s: Still) -> None:
    first = s.published()
    (follow_up,) = s.follow_up(first).created.jobs
    s.end(follow_up, publication=s.proposed(follow_up))

    (job,) = submit(s, first, existing_pull_request="update").jobs

    assert (job.lineage.root, job.lineage.instructions) == (first.id, "")


def test_what_update_cannot_show_in_an_edited_branch_is_told_once(s: Still) -> None:
    edited, untouched = s.published(), s.published()
    assert edited.publication.branch is not None
    s.world.github.commit(name_of(edited), {"x.txt": "x\n"}, branch=edited.publication.branch)
    requests = s.world.app.requests

    created = submit(s, edited, untouched, existing_pull_request="update", key="joins")
    (notice,) = requests.hindrances(created)
    again = submit(s, edited, untouched, existing_pull_request="update", key="joins")

    assert f"Somebody else pushed to the branch of {edited.publication.url}" in notice
    assert requests.hindrances(again) == ()


def test_a_code_host_that_fails_right_after_the_submission_spoils_nothing(s: Still) -> None:
    first = s.published()
    created = submit(s, first, existing_pull_request="update")
    s.world.github.faults.add(unauthorized("POST /graphql"))

    assert s.world.app.requests.hindrances(created) == ()


def test_update_waits_for_whoever_works_there(s: Still) -> None:
    first = s.published()
    (follow_up,) = s.follow_up(first).created.jobs
    versions = s.records.prompt("utcnow").number

    with pytest.raises(LineageBusy, match=f"jobs wait {follow_up.id}"):
        submit(s, first, existing_pull_request="update", prompt="Anew.")

    assert s.records.prompt("utcnow").number == versions, "nothing is stored"


def test_another_begins_a_lineage_of_its_own(s: Still) -> None:
    first = s.published()

    (job,) = submit(s, first, existing_pull_request="another").jobs

    assert job.lineage.root == job.id
    assert job.lineage.salt != first.lineage.salt


def test_skip_leaves_out_where_one_is_open_and_says_so(s: Still) -> None:
    first, failed = s.published(), s.ended(EndedBecause.TURN_LIMIT)

    made = submit(s, first, failed, existing_pull_request="skip")

    assert [name_of(job) for job in made.jobs] == [name_of(failed)]
    assert [str(each) for each in made.request.repositories] == [name_of(failed)]
    assert made.request.counts.total == 1
    assert first.publication.url is not None
    assert made.request.skipped == (
        SkippedRepository(repository=first.repository, job=first.id, url=first.publication.url),
    )


def test_where_all_are_skipped_nothing_is_stored(s: Still) -> None:
    first = s.published()
    before = s.records.list_requests().items[0]

    with pytest.raises(NothingToSubmit) as nothing:
        submit(s, first, existing_pull_request="skip")

    assert str(first.publication.url) in nothing.value.message
    assert [one.job for one in nothing.value.skipped] == [first.id]
    assert s.records.list_requests().items[0] == before


def test_a_request_that_comes_again_does_not_stand_in_its_own_way(s: Still) -> None:
    (job,) = s.submitted(publish="draft", key="nightly")
    s.end(job, publication=s.proposed(job))

    again = submit(s, job, key="nightly")

    assert (again.replayed, again.request.id) == (True, job.request)
    with pytest.raises(IdempotencyConflict):
        submit(s, job, key="nightly", publish="ready")


def test_a_request_that_skipped_some_is_the_same_when_it_comes_again(s: Still) -> None:
    first, other = s.published(), s.ended(EndedBecause.TURN_LIMIT)
    made = submit(s, first, other, existing_pull_request="skip", key="some")
    s.end(made.jobs[0], publication=s.proposed(made.jobs[0]))
    s.world.github.close_pull_request(name_of(first), 1)

    again = submit(s, first, other, existing_pull_request="skip", key="some")

    assert (again.replayed, again.request.skipped) == (True, made.request.skipped)


def test_a_renamed_repositorys_pull_request_is_found_under_the_old_name(s: Still) -> None:
    first = s.published()
    s.world.github.rename_repository(name_of(first), f"{name_of(first)}-new")

    with pytest.raises(PullRequestIsOpen):
        submit(s, first)


def test_of_many_repositories_each_open_one_is_named(s: Still) -> None:
    jobs = [s.published() for _ in range(3)]

    with pytest.raises(PullRequestIsOpen) as refused:
        submit(s, *jobs)

    assert "3 pull requests" in refused.value.message
    assert [job.id for job in jobs if job.id not in refused.value.message] == []
