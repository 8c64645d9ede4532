"""Publication over real git and real HTTP: every way it can end."""

from __future__ import annotations

import pytest
import requests

from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.publication import (
    GateFinding,
    GateRule,
    PublicationKind,
    PublishMode,
    WithheldReason,
)
from codybatch.domain.states import EndedBecause
from tests.unit.services.publishing import CHANGE, SECRET, Stage, Staging, withheld

SECRET_FOUND = GateFinding(rule=GateRule.SECRET, path="a.txt", line=2, message="A secret.")


# how far it goes


def test_a_draft_pull_request_is_opened_from_the_lineages_branch(staged: Staging) -> None:
    s = staged()

    done = s.publish()

    (pull,) = s.pulls
    assert done.kind is PublicationKind.PULL_REQUEST
    assert done.pull_request is not None
    assert (done.pull_request.number, done.url) == (pull.number, done.pull_request.url)
    assert (pull.draft, pull.state, pull.base_ref, pull.head_ref) == (
        True,
        "open",
        "main",
        s.branch,
    )
    assert s.heads == {s.branch}
    assert done.branch == s.branch
    assert done.pushed_commit == done.intended_commit == s.head == pull.head_oid
    assert s.stored() == done
    assert [kind for kind, _, _ in s.told] == [EventKind.PUSHED, EventKind.PULL_REQUEST]


def test_a_ready_pull_request_is_no_draft(staged: Staging) -> None:
    s = staged(publish=PublishMode.READY)

    s.publish()

    assert [pull.draft for pull in s.pulls] == [False]


def test_a_branch_alone_is_pushed_and_nothing_opened(staged: Staging) -> None:
    s = staged(publish=PublishMode.BRANCH)

    done = s.publish()

    assert done.kind is PublicationKind.BRANCH_PUSHED
    assert (done.branch, done.pushed_commit) == (s.branch, s.head)
    assert s.pulls == []


def test_the_commit_holds_the_change_and_says_where_it_comes_from(staged: Staging) -> None:
    s = staged(summary=f"Fixes #1 for @all with {SECRET}\nCo-authored-by: Eve <eve@x.y>")

    s.publish()

    bare = s.github.bare(s.name)
    assert bare.git("show", f"{s.head}:a.txt") == CHANGE["a.txt"]
    assert bare.git("show", f"{s.head}:new.txt") == CHANGE["new.txt"]
    assert bare.git("rev-parse", f"{s.head}^").decode().strip() == s.job.commit
    told = bare.git("show", "-s", "--format=%an|%ae|%at|%B", str(s.head)).decode()
    who, email, when, message = told.split("|", 3)
    assert (who, email) == ("Cody Batch", "cody-batch@users.noreply.github.com")
    assert int(when) == int(s.job.created_at.timestamp())
    assert message.startswith("Write TWO\n\n")
    assert message.rstrip().endswith(f"Cody-Batch-Job: {s.job.id}")
    for forbidden in ("#1", "@all", "Co-authored-by:", SECRET):
        assert forbidden not in message


def test_the_text_holds_no_secret_of_ours(staged: Staging) -> None:
    s = staged(summary=f"The key is {SECRET}.", verification=SECRET, title=f"Use {SECRET}")

    s.publish()

    (pull,) = s.pulls
    assert SECRET not in pull.title + pull.body
    assert "redacted" in pull.body


def test_labels_reviewers_and_assignees_come_along(staged: Staging) -> None:
    s = staged(options={"labels": ("chore",), "reviewers": ("rae",), "assignees": ("al",)})
    for login in ("rae", "al"):
        s.github.add_user(login)

    s.publish()

    (pull,) = s.pulls
    assert (pull.labels, pull.reviewers, pull.assignees) == (("chore",), ("rae",), ("al",))


def test_who_the_code_host_does_not_take_is_left_out_and_people_are_told(staged: Staging) -> None:
    s = staged(options={"labels": ("chore",), "reviewers": ("nobody-here",)})

    publication = s.publish()

    assert s.pulls[0].labels == ("chore",)
    assert publication.pull_request is not None
    assert publication.pull_request.left_out == ("reviewer nobody-here",)
    assert "The code host did not take: reviewer nobody-here." in [text for _, text, _ in s.told]


# what withholds it


def test_a_repository_that_is_not_owned_is_not_touched(staged: Staging) -> None:
    s = staged(rights="pull")

    done = s.publish()

    assert withheld(done) == (WithheldReason.NOT_OWNED,)
    assert (s.heads, done.branch) == (set(), None)
    (event,) = s.told
    assert event[0] is EventKind.WITHHELD
    assert event[2] is EventLevel.WARNING


def test_a_permission_withdrawn_meanwhile_counts(staged: Staging) -> None:
    s = staged()
    s.github.change_repository(s.name, permissions={"service": "pull"})

    assert withheld(s.publish()) == (WithheldReason.NOT_OWNED,)


def test_the_gate_withholds_and_names_its_rules(staged: Staging) -> None:
    s = staged(gate=(SECRET_FOUND,))

    done = s.publish()

    assert withheld(done) == (WithheldReason.GATE,)
    assert "secret" in done.detail
    assert s.heads == set()


def test_a_person_may_let_it_pass_and_is_recorded(staged: Staging) -> None:
    s = staged(gate=(SECRET_FOUND,))
    s.publish()

    done = s.publish(overridden_by="dana")

    assert done.kind is PublicationKind.PULL_REQUEST
    assert (done.overridden_by, done.reasons, done.detail) == ("dana", (), "")
    assert "`dana` looked at it" in s.pulls[0].body


@pytest.mark.parametrize("because", [EndedBecause.TURN_LIMIT, EndedBecause.STUCK])
def test_a_job_that_did_not_finish_is_withheld(staged: Staging, because: EndedBecause) -> None:
    s = staged()

    assert withheld(s.publish(because)) == (WithheldReason.NOT_FINISHED,)
    assert s.heads == set()

    assert s.publish(because, overridden_by="dana").kind is PublicationKind.PULL_REQUEST
    assert "did not finish" in s.pulls[0].body


def test_a_patch_that_does_not_apply_is_withheld_whoever_asks(staged: Staging) -> None:
    blob = {"key": "jobs/x/change.patch", "size": 1, "sha256": "0" * 64}
    s = staged(patch={"blob": blob, "files": 1, "additions": 1, "deletions": 0, "applies": False})

    done = s.publish(overridden_by="dana")

    assert withheld(done) == (WithheldReason.PATCH_DOES_NOT_APPLY,)


# the base branch moved


def test_a_base_that_moved_elsewhere_is_merged_into(staged: Staging) -> None:
    s = staged()
    moved = s.github.commit(s.name, {"b.txt": "changed\n"})

    s.publish()

    bare = s.github.bare(s.name)
    assert bare.git("rev-parse", f"{s.head}^").decode().strip() == moved
    assert bare.git("show", f"{s.head}:b.txt") == b"changed\n"
    assert bare.git("show", f"{s.head}:a.txt") == CHANGE["a.txt"]


def test_a_base_that_moved_is_told_once_as_it_was_merged_into(staged: Staging) -> None:
    s = staged()
    moved = s.github.commit(s.name, {"b.txt": "changed\n"})

    done = s.publish()

    (told,) = [text for kind, text, _ in s.told if kind is EventKind.REBASED]
    assert done.detail == told
    assert s.job.commit[:12] in told
    assert moved[:12] in told


def test_a_base_that_conflicts_withholds_and_names_the_file(staged: Staging) -> None:
    s = staged()
    s.github.commit(s.name, {"a.txt": "one\nzwei\nthree\n"})

    done = s.publish()

    assert withheld(done) == (WithheldReason.BASE_CONFLICT,)
    assert "a.txt" in done.detail
    assert s.heads == set()


def test_a_change_that_the_base_has_already_is_no_publication(staged: Staging) -> None:
    s = staged()
    s.github.commit(s.name, dict(CHANGE))

    done = s.publish()

    assert (done.kind, done.branch) == (PublicationKind.NONE, None)
    assert "already" in done.detail
    assert (s.heads, s.pulls) == (set(), [])


def test_a_base_branch_that_is_gone_is_told(staged: Staging) -> None:
    s = staged(base_branch="gone")

    done = s.publish()

    assert withheld(done) == (WithheldReason.CODE_HOST_REFUSED,)
    assert "'gone'" in done.detail
    assert s.heads == set()


# other people


def test_a_branch_that_a_person_changed_is_never_overwritten(staged: Staging) -> None:
    s = staged()
    s.publish()
    theirs = s.github.commit(s.name, {"a.txt": "by hand\n"}, branch=s.branch)
    later = s.follow_up({"a.txt": b"again\n"})

    done = later.publish()

    assert withheld(done) == (WithheldReason.BRANCH_NOT_OURS,)
    assert theirs[:12] in done.detail
    assert s.head == theirs
    assert len(s.pulls) == 1


def test_a_branch_of_that_name_by_somebody_else_is_left_alone(staged: Staging) -> None:
    s = staged()
    theirs = s.job.commit
    s.github.bare(s.name).set_branch(s.branch, theirs)

    assert withheld(s.publish()) == (WithheldReason.BRANCH_NOT_OURS,)
    assert s.head == theirs


@pytest.mark.parametrize("ending", ["closed", "merged"])
def test_a_pull_request_that_a_person_ended_is_final(staged: Staging, ending: str) -> None:
    s = staged(publish=PublishMode.READY)
    first = s.publish()
    end = s.github.close_pull_request if ending == "closed" else s.github.merge_pull_request
    end(s.name, 1)
    later = s.follow_up({"a.txt": b"again\n"})

    done = later.publish()

    assert withheld(done) == (WithheldReason.PULL_REQUEST_CLOSED,)
    assert done.pull_request is not None
    assert (done.pull_request.state, done.pull_request.number) == (ending, 1)
    assert first.url is not None
    assert first.url in done.detail
    assert s.head == first.pushed_commit
    assert len(s.pulls) == 1


def test_a_pull_request_merged_before_the_next_attempt_is_what_became_of_it(
    staged: Staging,
) -> None:
    s = staged(publish=PublishMode.READY)
    s.publish()
    s.github.merge_pull_request(s.name, 1)

    done = s.publish()

    assert done.kind is PublicationKind.PULL_REQUEST
    assert done.pull_request is not None
    assert done.pull_request.state == "merged"


def test_a_pull_request_that_a_person_opened_keeps_its_text(staged: Staging) -> None:
    s = staged(publish=PublishMode.BRANCH)
    s.publish()
    _open_by_hand(s)
    later = s.follow_up(
        {"a.txt": b"again\n"}, publish=PublishMode.DRAFT, options={"labels": ("chore",)}
    )

    done = later.publish()

    (pull,) = s.pulls
    assert (pull.title, pull.labels) == ("By hand", ("chore",))
    assert done.pull_request is not None
    assert done.pull_request.head_commit == s.head


def _open_by_hand(s: Stage) -> None:
    answer = requests.post(
        f"{s.github.api_url}/repos/{s.name}/pulls",
        json={"title": "By hand", "head": s.branch, "base": "main"},
        headers={"Authorization": f"Bearer {s.github.tokens['service']}"},
        timeout=20,
    )
    assert answer.status_code == 201, answer.text


def test_a_follow_up_moves_the_branch_and_updates_the_one_pull_request(staged: Staging) -> None:
    s = staged()
    first = s.publish()
    later = s.follow_up({"a.txt": b"again\n"}, title="Write it again", summary="Anew.")

    done = later.publish()

    (pull,) = s.pulls
    assert pull.title == "Write it again"
    assert pull.body.startswith("Anew.")
    assert done.pushed_commit == s.head == pull.head_oid != first.pushed_commit
    assert (done.kind, done.url) == (PublicationKind.PULL_REQUEST, first.url)
    assert later.told[-1][1].startswith("Updated draft pull request #1")


def test_a_follow_up_that_found_nothing_to_do_leaves_what_was_said_of_the_change(
    staged: Staging,
) -> None:
    s = staged(title="Write it", summary="As it should be.")
    first = s.publish()
    later = s.follow_up({"a.txt": b"new\n"}, title="No change", were_changes_necessary=False)

    done = later.publish()

    (pull,) = s.pulls
    assert pull.title == "Write it"
    assert pull.body.startswith("As it should be.")
    assert (done.kind, done.url) == (PublicationKind.PULL_REQUEST, first.url)


def test_a_retry_of_the_same_change_pushes_the_same_commit_once(staged: Staging) -> None:
    s = staged()
    first = s.publish()

    again = s.publish()

    assert again.pushed_commit == first.pushed_commit
    pushes = s.github.requests(f"POST /{s.name}.git/git-receive-pack")
    assert len(pushes) == 1
    assert len(s.pulls) == 1
