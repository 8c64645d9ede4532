"""The head of a job's page, and what can be done there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.publication import GateRule, Publication, PublicationKind, PullRequest
from codybatch.domain.states import EndedBecause, JobState
from codybatch.ui.jobs.acts import CONSEQUENCES, Act, acts_of, before_publishing
from codybatch.ui.jobs.heading import JobHeading, job_heading
from tests.ui_kit import DIFF, Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    made = Gallery(tmp_path)
    yield made
    made.close()


def head(job: Job, *lineage: Job, **more: Any) -> JobHeading:
    return job_heading(job, lineage or (job,), str, datetime.now(UTC), **more)


def with_pull_request(job: Job, **changes: Any) -> Job:
    fields = {"number": 7, "url": "https://x.example/7", "node_id": "PR_7", "state": "open"}
    pull = PullRequest(**{**fields, "refreshed_at": datetime.now(UTC), **changes})
    made = Publication(kind=PublicationKind.PULL_REQUEST, pull_request=pull)
    return job.with_(publication=made)


# words


@pytest.mark.parametrize(
    ("changes", "badges"),
    [
        ({}, ["Draft"]),
        (
            {"draft": False, "checks": "success", "mergeable": True},
            ["Open", "Checks passed", "Can be merged"],
        ),
        (
            {"checks": "failure", "mergeable": False},
            ["Draft", "Checks failed", "Conflicts with its base"],
        ),
        ({"state": "merged", "checks": "success"}, ["Merged"]),
        ({"state": "closed"}, ["Closed"]),
        ({"state": "**queer** \u202e"}, ["Unknown state"]),
    ],
)
def test_a_pull_request_is_told_by_its_state_checks_and_whether_it_can_be_merged(
    gallery: Gallery, changes: dict[str, Any], badges: list[str]
) -> None:
    line = head(with_pull_request(gallery.ended(patch=DIFF), **changes)).pull_request

    assert line is not None
    assert [badge.label for badge in line.badges] == badges


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "", "file:///etc/passwd"]
)
def test_an_address_that_is_no_web_address_leads_nowhere(gallery: Gallery, url: str) -> None:
    line = head(with_pull_request(gallery.ended(patch=DIFF), url=url)).pull_request

    assert line is not None
    assert line.url is None


def test_the_demonstrations_pull_request_leads_nowhere(gallery: Gallery) -> None:
    line = head(gallery.published(), standins_have_ended=True).pull_request

    assert line is not None
    assert line.url is None


def test_a_lineage_is_told_from_its_first_job_on(gallery: Gallery) -> None:
    first, second = gallery.cancelled(), gallery.published()
    second = second.with_(
        lineage=second.lineage.with_(
            root=first.id, parent=first.id, relation=LineageRelation.FOLLOW_UP, instructions="More."
        )
    )

    family = head(second, first, second).family

    assert [(one.label, one.badge.label, one.is_this) for one in family] == [
        ("First job", "Cancelled", False),
        ("Follow-up", "Succeeded", True),
    ]
    assert head(second, first, second).asked == "More."
    assert head(first).family == ()


# acts


def test_nothing_is_offered_while_a_cancellation_is_under_way(gallery: Gallery) -> None:
    job = gallery.running().with_(cancel_requested=True)

    assert acts_of(job, (job,)).others == ()


def test_nothing_goes_on_from_a_job_while_its_lineage_is_at_work(gallery: Gallery) -> None:
    ended, running = gallery.published(), gallery.running()

    acts = acts_of(ended, (ended, running))

    assert (acts.primary, acts.others) == (None, ())


def test_a_patch_that_does_not_apply_is_never_offered_for_publishing(gallery: Gallery) -> None:
    job = gallery.ended(patch=DIFF)
    assert job.patch is not None
    job = job.with_(patch=job.patch.with_(applies=False))

    assert Act.PUBLISH not in (acts_of(job, (job,)).primary, *acts_of(job, (job,)).others)


def test_what_was_not_finished_is_retried_before_it_is_published(gallery: Gallery) -> None:
    partial = gallery.ended("acme/api", EndedBecause.TURN_LIMIT, JobState.PARTIAL, patch=DIFF)

    acts = acts_of(partial, (partial,))

    assert (acts.primary, acts.others) == (Act.RETRY, (Act.FOLLOW_UP, Act.PUBLISH))


def test_every_rule_of_the_gate_has_a_consequence_in_words() -> None:
    assert set(CONSEQUENCES) == set(GateRule)


def test_what_was_not_finished_needs_an_override_too(gallery: Gallery) -> None:
    partial = gallery.ended("acme/api", EndedBecause.TURN_LIMIT, JobState.PARTIAL, patch=DIFF)

    assert before_publishing(partial, ()).needs_override
    assert not before_publishing(gallery.ended(patch=DIFF), ()).needs_override
