"""Publication where the code host refuses, pauses, forgets its name or stays away."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from codybatch.domain.errors import (
    CalledOff,
    CodeHostCredentialRefused,
    CodeHostThrottled,
    RepositoryUnavailable,
    StoreFull,
)
from codybatch.domain.events import EventKind
from codybatch.domain.publication import (
    PublicationKind,
    PublishMode,
    WithheldReason,
)
from codybatch.standins.github import faults
from codybatch.workspace.git import Git
from tests.unit.services.publishing import Stage, Staging, withheld


@pytest.mark.parametrize("mode", [PublishMode.DRAFT, PublishMode.READY])
def test_where_drafts_are_not_to_be_had_it_is_ready(staged: Staging, mode: PublishMode) -> None:
    s = staged(publish=mode)
    s.github.change_repository(s.name, drafts_supported=False)

    s.publish()

    assert [pull.draft for pull in s.pulls] == [False]


def test_a_refused_pull_request_is_told_in_the_hosts_words(staged: Staging) -> None:
    s = staged()
    s.github.faults.add(faults.branch_vanishes(f"POST /repos/{s.name}/pulls", s.name, s.branch))

    done = s.publish()

    assert withheld(done) == (WithheldReason.CODE_HOST_REFUSED,)
    assert "head" in done.detail
    assert done.pushed_commit is not None


def test_a_right_withdrawn_between_push_and_pull_request_is_told(staged: Staging) -> None:
    s = staged()
    create = f"POST /repos/{s.name}/pulls"
    s.github.faults.add(faults.permission_withdrawn(create, s.name, "service"))

    done = s.publish()

    assert withheld(done) == (WithheldReason.CODE_HOST_REFUSED,)
    assert s.head == done.pushed_commit


def test_a_push_that_the_host_refuses_is_told(staged: Staging) -> None:
    s = staged()
    push = f"GET /{s.name}.git/info/refs?service=git-receive-pack"
    s.github.faults.add(faults.permission_withdrawn(push, s.name, "service"))

    done = s.publish()

    assert withheld(done) == (WithheldReason.CODE_HOST_REFUSED,)
    assert (s.head, s.pulls) == (None, [])


def test_a_repository_that_is_gone_is_told(staged: Staging) -> None:
    s = staged()
    s.github.change_repository(s.name, private=True, permissions={})

    done = s.publish()

    assert withheld(done) == (WithheldReason.CODE_HOST_REFUSED,)
    assert s.name in done.detail


def test_a_renamed_repository_is_published_to_under_its_new_name(staged: Staging) -> None:
    s = staged()
    old, new = s.name, f"{s.name}-renamed"
    s.github.rename_repository(old, new)
    s.name = new

    done = s.publish()

    assert done.kind is PublicationKind.PULL_REQUEST
    assert [pull.head_oid for pull in s.pulls] == [s.head]
    again = s.publish()
    assert (again.url, len(s.pulls)) == (done.url, 1)


def test_a_repository_that_moved_to_another_owner_is_not_touched(staged: Staging) -> None:
    s = staged()
    s.github.rename_repository(s.name, f"elsewhere/{s.name.partition('/')[2]}")

    done = s.publish()

    assert withheld(done) == (WithheldReason.CODE_HOST_REFUSED,)
    assert "has moved to elsewhere/" in done.detail


@pytest.mark.parametrize("route", ["GET /repos/{}", "GET /repos/{}/pulls", "POST /repos/{}/pulls"])
def test_a_long_pause_is_raised_and_going_on_later_makes_one_of_all(
    staged: Staging, route: str
) -> None:
    s = staged()
    s.github.faults.add(faults.secondary_rate_limit(route.format(s.name), retry_after=900))

    with pytest.raises(CodeHostThrottled):
        s.publish()
    done = s.publish()

    assert done.kind is PublicationKind.PULL_REQUEST
    assert (len(s.heads), len(s.pulls)) == (1, 1)


@pytest.mark.parametrize("route", ["GET /repos/{}", "GET /repos/{}/pulls", "POST /repos/{}/pulls"])
def test_a_short_pause_is_waited_out_and_people_see_it(staged: Staging, route: str) -> None:
    s = staged()
    s.github.faults.add(faults.secondary_rate_limit(route.format(s.name), retry_after=20))

    done = s.publish()

    assert done.kind is PublicationKind.PULL_REQUEST
    assert [round(seconds) for seconds in s.clock.slept] == [20]
    (event,) = (event for event in s.told if event[0] is EventKind.THROTTLED)
    assert "20 s" in event[1]


def test_a_pause_ends_when_the_publication_is_called_off(staged: Staging) -> None:
    s = staged()
    s.github.faults.add(faults.secondary_rate_limit(f"GET /repos/{s.name}/pulls", retry_after=20))
    s.abort.set()

    with pytest.raises(CalledOff):
        s.publish()

    s.abort.clear()
    assert s.publish().kind is PublicationKind.PULL_REQUEST


def test_a_refused_credential_is_raised(staged: Staging) -> None:
    s = staged()
    s.github.faults.add(faults.unauthorized(f"GET /repos/{s.name}"))

    with pytest.raises(CodeHostCredentialRefused, match="GITHUB_TOKEN"):
        s.publish()


def test_a_host_that_stays_away_is_raised_and_nothing_is_lost(staged: Staging) -> None:
    s = staged()
    s.github.faults.add(faults.bad_gateway(f"POST /repos/{s.name}/pulls"))

    with pytest.raises(RepositoryUnavailable):
        s.publish()
    assert s.stored().pushed_commit == s.head

    assert s.publish().kind is PublicationKind.PULL_REQUEST
    assert len(s.pulls) == 1


# git


def break_objects(s: Stage) -> None:
    """Take from git what it needs to make a commit."""
    objects = s.workspace.root / "git" / "objects"
    shutil.rmtree(objects)
    objects.mkdir()


def test_where_git_fails_the_patch_is_withheld_and_the_job_does_not_fail(staged: Staging) -> None:
    s = staged()
    break_objects(s)

    done = s.publish()

    assert withheld(done) == (WithheldReason.GIT_FAILED,)
    assert done.detail
    assert s.told[-1][0] is EventKind.WITHHELD
    assert (s.heads, s.pulls) == (set(), [])


def test_a_git_that_failed_is_tried_again_by_the_next_attempt(staged: Staging) -> None:
    s = staged()
    objects = s.workspace.root / "git" / "objects"
    aside = objects.rename(objects.with_name("aside"))
    objects.mkdir()
    assert withheld(s.publish()) == (WithheldReason.GIT_FAILED,)
    objects.rmdir()
    aside.rename(objects)

    done = s.publish()

    assert (done.kind, done.reasons) == (PublicationKind.PULL_REQUEST, ())


class GitOnAFullDisk(Git):
    """git as it ends where there is no room for another object."""

    def run(self, *arguments: str, **options: Any) -> bytes:
        if arguments[0] == "commit-tree":
            raise StoreFull
        return super().run(*arguments, **options)


def test_a_full_disk_passes_and_so_is_no_reason_to_withhold(staged: Staging) -> None:
    s = staged()
    git = s.workspace.git
    s.workspace.git = GitOnAFullDisk(git.git_dir, git.work_tree, git.home)
    with pytest.raises(StoreFull):
        s.publish()
    s.workspace.git = git

    assert s.publish().kind is PublicationKind.PULL_REQUEST
