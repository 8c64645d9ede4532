"""What goes on from a job that has ended: retries and follow-ups, with real processes and git."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.domain.publication import PublicationKind, WithheldReason
from codybatch.domain.states import EndedBecause, JobState
from codybatch.services.continuations import Continued
from codybatch.services.submission_form import SubmissionForm
from codybatch.standins.anthropic import Fault
from tests.cli_kit import Call, run
from tests.worker.world import CLOCKS, World, world

pytestmark = pytest.mark.timeout(400)

NOW_PY = "clocks/now.py"
RENAME = "Also replace `now` by `current` everywhere."
TOO_LITTLE = "0.0001"
"""US dollars for which no reply can be had."""
UNDISTURBED, EDITED, CLOSED, MOVED, CONFLICT = (
    f"acme/{name}" for name in ("undisturbed", "edited", "closed", "moved", "conflict")
)
FOLLOWED = (UNDISTURBED, EDITED, CLOSED, MOVED, CONFLICT)
KILLED, RETRIED, BLOCKED, TWICE, AUDITED, JOINED = (
    f"acme/{name}" for name in ("killed", "retried", "blocked", "twice", "audited", "joined")
)


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    names = (*FOLLOWED, KILLED, RETRIED, BLOCKED, TWICE, AUDITED, JOINED)
    with world(
        tmp_path_factory.mktemp("after"),
        dict.fromkeys(names, CLOCKS),
        max_repositories_per_request=len(FOLLOWED),
    ) as opened:
        yield opened


def follow_up(w: World, text: str, *jobs: Job, **options: Any) -> Continued:
    """Follow up on jobs."""
    return _continue(w, LineageRelation.FOLLOW_UP, jobs, text, options)


def retry(w: World, *jobs: Job, **options: Any) -> Continued:
    """Retry jobs."""
    return _continue(w, LineageRelation.RETRY, jobs, "", options)


def _continue(
    w: World, relation: LineageRelation, jobs: tuple[Job, ...], text: str, options: dict[str, Any]
) -> Continued:
    form = w.app.continuations.form(relation, [job.id for job in jobs], w.app.person)
    wanted = form.options.with_(**options)
    return w.app.continuations.submit(form.with_(instructions=text, options=wanted))


def ended(w: World, continued: Continued) -> Job:
    """The one job of a continuation, once it has ended."""
    (job,) = w.wait(continued.created)
    return job


def file_at(w: World, job: Job, commit: str | None, path: str = NOW_PY) -> str:
    """A file of a commit in the bare repository."""
    assert commit is not None
    return w.github.bare(job.repository.full_name).git("show", f"{commit}:{path}").decode()


def only_pull(w: World, job: Job) -> Any:
    """The repository's one pull request, whose branch is the only one beside the base."""
    name = job.repository.full_name
    (pull,) = w.github.pull_requests(name)
    assert set(w.github.bare(name).branches()) == {"main", pull.head_ref}
    return pull


def first_message(w: World, job: Job) -> str:
    """What the model was told first."""
    header = next(iter(w.app.jobs.thread(job.id)))
    return "\n".join(block["text"] for block in (header.message or {})["firstMessage"]["content"])


def applied(w: World, job: Job, folder: Path) -> Path:
    """A fresh checkout of the pinned commit with the job's patch applied by git itself."""
    bare, patch = w.github.bare(job.repository.full_name).path, w.app.jobs.patch(job.id)
    subprocess.run(["git", "clone", "--quiet", bare, folder], check=True)
    subprocess.run(["git", "checkout", "--quiet", job.commit], cwd=folder, check=True)
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch, check=True)
    return folder


def command(w: World, *arguments: str) -> Call:
    """A command in a process of its own."""
    return run(*arguments, environment=w.settings.as_environment())


@dataclass(frozen=True)
class Followed:
    """Jobs that were followed up, and those that did, by repository."""

    first: dict[str, Job]
    later: dict[str, Job]
    notices: tuple[str, ...]
    edited_to: str
    moved_to: dict[str, str]


@pytest.fixture(scope="module")
def followed(w: World) -> Followed:
    """One follow-up of five jobs, after four of their repositories were disturbed."""
    submitted = w.submit(*FOLLOWED, publish="draft")
    first = {job.repository.full_name: job for job in w.wait(submitted)}
    edited = first[EDITED].publication.branch
    assert edited is not None
    edited_to = w.github.commit(EDITED, {NOW_PY: "by hand\n"}, branch=edited)
    w.github.close_pull_request(CLOSED, 1)
    moved_to = {
        MOVED: w.github.commit(MOVED, {"CHANGES.md": "Something else.\n"}),
        CONFLICT: w.github.commit(CONFLICT, {NOW_PY: "def something_else():\n    pass\n"}),
    }
    continued = follow_up(w, RENAME, *first.values())
    later = {job.repository.full_name: job for job in w.wait(continued.created)}
    return Followed(first, later, continued.notices, edited_to, moved_to)


def test_a_follow_up_goes_on_in_the_same_branch_and_pull_request(
    w: World, followed: Followed, tmp_path: Path
) -> None:
    first, later = followed.first[UNDISTURBED], followed.later[UNDISTURBED]

    pull = only_pull(w, later)
    assert (later.state, later.ended_detail) == (JobState.SUCCEEDED, "")
    assert later.commit == first.commit
    assert later.publication.kind is PublicationKind.PULL_REQUEST
    assert later.publication.url == first.publication.url
    assert pull.head_oid == later.publication.pushed_commit != first.publication.pushed_commit
    assert file_at(w, later, f"{pull.head_oid}~") == CLOCKS[NOW_PY], "one commit on the base"
    assert "Also replace" in pull.body
    done = applied(w, later, tmp_path / "applied") / NOW_PY
    assert done.read_text() == file_at(w, later, pull.head_oid)
    assert "def current():" in done.read_text()
    assert "utcnow" not in done.read_text()


def test_a_follow_up_is_told_what_went_before(w: World, followed: Followed) -> None:
    first, later = followed.first[UNDISTURBED], followed.later[UNDISTURBED]

    told = first_message(w, later)

    assert f"<task>\n{RENAME}\n</task>" in told
    assert f"Its summary: {first.summary}" in told
    assert f"What it changed: 1 file(s), +2 -2: {NOW_PY}" in told
    assert later.lineage.salt == first.lineage.salt
    kinds = {event.kind: event.text for event in w.app.jobs.events(first.id)}
    assert later.id in kinds[EventKind.CONTINUED]


def test_a_branch_that_a_person_edited_is_told_before_and_never_overwritten(
    w: World, followed: Followed
) -> None:
    later = followed.later[EDITED]

    assert later.publication.reasons == (WithheldReason.BRANCH_NOT_OURS,)
    assert only_pull(w, later).head_oid == followed.edited_to
    assert "+def current():" in w.app.jobs.patch(later.id).decode()
    (notice,) = [one for one in followed.notices if "never overwritten" in one]
    assert str(followed.first[EDITED].publication.url) in notice


def test_a_pull_request_that_a_person_closed_is_told_before_and_stays_closed(
    w: World, followed: Followed
) -> None:
    first, later = followed.first[CLOSED], followed.later[CLOSED]

    pull = only_pull(w, later)
    assert later.publication.reasons == (WithheldReason.PULL_REQUEST_CLOSED,)
    assert (pull.state, pull.head_oid) == ("closed", first.publication.pushed_commit)
    assert later.patch
    (notice,) = [one for one in followed.notices if "is closed" in one]
    assert str(first.publication.url) in notice


def test_a_base_that_moved_is_under_the_follow_ups_change(w: World, followed: Followed) -> None:
    later = followed.later[MOVED]

    pull = only_pull(w, later)
    assert later.publication.kind is PublicationKind.PULL_REQUEST
    assert file_at(w, later, pull.head_oid, "CHANGES.md") == "Something else.\n"
    assert "def current():" in file_at(w, later, pull.head_oid)
    bare = w.github.bare(MOVED)
    assert bare.git("rev-parse", f"{pull.head_oid}~").decode().strip() == followed.moved_to[MOVED]


def test_a_base_that_moved_against_it_leaves_the_pull_request_as_it_was(
    w: World, followed: Followed
) -> None:
    first, later = followed.first[CONFLICT], followed.later[CONFLICT]

    assert later.publication.reasons == (WithheldReason.BASE_CONFLICT,)
    assert only_pull(w, later).head_oid == first.publication.pushed_commit
    assert "+def current():" in w.app.jobs.patch(later.id).decode()


def test_a_conflict_is_gone_after_a_retry_from_the_head_of_now(
    w: World, followed: Followed
) -> None:
    first = followed.first[CONFLICT]

    again = ended(w, retry(w, first))

    assert again.commit == followed.moved_to[CONFLICT]
    assert again.state is JobState.SUCCEEDED
    assert again.were_changes_necessary is False
    assert "No change is left to propose" in again.publication.detail
    assert str(first.publication.url) in again.publication.detail


def test_a_retry_brings_what_failed_to_its_end(w: World, tmp_path: Path) -> None:
    submitted = w.submit(RETRIED, BLOCKED, publish="draft", job_cost_cap_usd=TOO_LITTLE)
    failed = w.wait(submitted)
    assert {job.ended_because for job in failed} == {EndedBecause.JOB_COST_LIMIT}

    made = command(
        w, "requests", "retry", submitted.request.id, "--job-cost", "none", "--wait", "--json"
    )

    assert made.status == 0, made.err
    for job in failed:
        (_, again) = w.app.jobs.lineage(job)
        assert again.state is JobState.SUCCEEDED
        assert only_pull(w, again).head_oid == again.publication.pushed_commit
        assert again.lineage.root == job.id
    assert w.app.requests.find(submitted.request.id).counts.partial == 2

    (_, first) = w.app.jobs.lineage(failed[0])
    stopped = ended(w, follow_up(w, RENAME, first, job_cost_cap_usd=TOO_LITTLE))
    assert stopped.publication.reasons == (WithheldReason.NOT_FINISHED,)
    assert w.app.jobs.patch(stopped.id) == w.app.jobs.patch(first.id), "what it began with is kept"
    w.github.commit(RETRIED, {"later.txt": "later\n"})

    last = ended(w, retry(w, stopped, job_cost_cap_usd=None))

    assert last.commit == first.commit
    assert RENAME in first_message(w, last)
    done = file_at(w, last, only_pull(w, last).head_oid)
    assert "def current():" in done
    assert "utcnow" not in done
    assert (applied(w, last, tmp_path / "applied") / NOW_PY).read_text() == done


def test_a_follow_up_that_is_killed_in_the_middle_ends_like_any_other(
    w: World, followed: Followed
) -> None:
    (first,) = w.wait(w.submit(KILLED, publish="draft"))
    w.model.faults.add(Fault(kind="hold", turn=2, after_events=2, gate="killed"))
    made = follow_up(w, RENAME, first).created
    assert w.model.gates.wait_until_held("killed", seconds=100)
    lease = w.app.jobs.find(made.jobs[0].id).lease
    assert lease is not None
    worker = psutil.Process(lease.owner.pid)
    worker.kill()
    psutil.wait_procs([worker], timeout=20)
    w.model.gates.open("killed")
    w.app.engine.reconcile()

    (later,) = w.wait(made)

    assert (later.state, later.attempts) == (JobState.SUCCEEDED, 2)
    undisturbed = followed.later[UNDISTURBED]
    assert w.app.jobs.patch(later.id) == w.app.jobs.patch(undisturbed.id)
    assert only_pull(w, later).head_oid == later.publication.pushed_commit


def test_of_two_processes_that_continue_a_job_at_once_one_makes_the_job(w: World) -> None:
    (first,) = w.wait(w.submit(TWICE))

    def continued(*arguments: str) -> Call:
        return command(w, "jobs", *arguments, "--json")

    with ThreadPoolExecutor(3) as people:
        same = [people.submit(continued, "retry", first.id) for _ in range(2)]
        other = people.submit(continued, "follow-up", first.id, RENAME)
        calls = [call.result() for call in (*same, other)]

    (made,) = {call.json["jobs"][0]["id"] for call in calls if call.status == 0}
    refused = [call for call in calls if call.status]
    assert refused, "a retry and a follow-up cannot both go on from one job"
    assert [(call.status, made in call.sentence) for call in refused] == [(2, True)] * len(refused)
    assert [job.id for job in w.app.jobs.lineage(first)] == [first.id, made]
    assert w.wait_for(w.app.jobs.lineage(first)[1].id).state is JobState.SUCCEEDED


def test_a_follow_up_of_an_audit_is_a_new_result_that_knows_the_earlier_one(w: World) -> None:
    template = "Find calls of datetime.utcnow()."
    form = SubmissionForm(
        prompt=PromptDraft(name="find-utcnow", kind=Kind.AUDIT, template=template),
        repositories=(AUDITED,),
        options=w.app.default_options(),
        requester=w.app.person,
    )
    (first,) = w.wait(w.app.requests.submit(form))
    assert first.findings

    later = ended(w, follow_up(w, "Find calls of datetime.utcnow() once more.", first))

    assert (later.kind, later.state) == (Kind.AUDIT, JobState.SUCCEEDED)
    assert later.findings == first.findings
    assert later.patch is None
    told = first_message(w, later)
    assert first.findings[0].message in told
    assert "Nothing was changed by it." in told


def test_an_open_pull_request_is_updated_by_a_new_request_that_says_so(w: World) -> None:
    (first,) = w.wait(w.submit(JOINED, publish="draft"))
    w.github.commit(JOINED, {"later.txt": "later\n"})

    (joined,) = w.wait(w.submit(JOINED, publish="draft", existing_pull_request="update"))

    pull = only_pull(w, joined)
    assert joined.lineage.root == first.id
    assert joined.publication.url == first.publication.url
    assert pull.head_oid == joined.publication.pushed_commit != first.publication.pushed_commit
    assert file_at(w, joined, pull.head_oid, "later.txt") == "later\n"
    assert "utcnow" not in file_at(w, joined, pull.head_oid)
