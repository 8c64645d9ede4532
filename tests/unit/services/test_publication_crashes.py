"""Publication that dies: whatever was done before, one branch and one pull request come of it."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import RepositoryUnavailable
from codybatch.domain.publication import PublicationKind, PublishMode
from codybatch.standins.git.faults import Fault
from codybatch.standins.github import faults
from tests.unit.services.publishing import Acts, Died, Stage, Staging

# Every act of a publication from nothing, and of a follow-up's. The last note is the caller's.
FIRST = ["note", "push", "tell pushed", "note", "create", "tell pull_request", "note", "note"]
SECOND = ["note", "push", "tell pushed", "note", "update", "tell pull_request", "note", "note"]
DEATHS = [(number, when) for number in range(len(FIRST)) for when in ("before", "after")]
BEFORE = DEATHS[::2]
AGAIN = {"a.txt": b"again\n"}


def publish_and_die(s: Stage, death: tuple[int, str]) -> None:
    with pytest.raises(Died):
        s.publish(acts=Acts(death))


def holds_together(s: Stage) -> None:
    """One branch, which is ours, one open pull request at its head, and the record says so."""
    stored = s.stored()
    (pull,) = s.pulls
    assert s.heads == {s.branch}
    assert stored.kind is PublicationKind.PULL_REQUEST, stored
    assert stored.pull_request is not None
    assert stored.pull_request.number == pull.number
    assert pull.state == "open"
    assert stored.pushed_commit == stored.intended_commit == s.head == pull.head_oid


def test_these_are_all_the_acts(staged: Staging) -> None:
    s = staged()
    first, second = Acts(), Acts()

    s.publish(acts=first)
    s.follow_up(AGAIN).publish(acts=second)

    assert (first.done, second.done) == (FIRST, SECOND)


@pytest.mark.parametrize("death", DEATHS)
def test_the_next_attempt_ends_what_a_dead_one_began(
    staged: Staging, death: tuple[int, str]
) -> None:
    s = staged(options={"labels": ("chore",)})
    publish_and_die(s, death)

    s.publish()

    holds_together(s)
    assert s.pulls[0].labels == ("chore",)
    assert len(s.github.requests(f"POST /repos/{s.name}/pulls")) == 1


@pytest.mark.parametrize("death", BEFORE)
def test_a_follow_up_that_died_moves_the_same_branch_and_pull_request(
    staged: Staging, death: tuple[int, str]
) -> None:
    s = staged()
    s.publish()
    later = s.follow_up(AGAIN, title="Again")
    publish_and_die(later, death)

    later.publish()

    holds_together(later)
    assert later.pulls[0].title == "Again"
    assert s.github.bare(s.name).git("show", f"{later.head}:a.txt") == AGAIN["a.txt"]


@pytest.mark.parametrize("death", BEFORE)
def test_the_base_may_move_between_the_attempts(staged: Staging, death: tuple[int, str]) -> None:
    s = staged()
    publish_and_die(s, death)
    moved = s.github.commit(s.name, {"b.txt": "moved\n"})

    s.publish()

    holds_together(s)
    assert s.github.bare(s.name).git("rev-parse", f"{s.head}^").decode().strip() == moved


def test_an_attempt_may_die_many_times_in_a_row(staged: Staging) -> None:
    s = staged()
    for number in range(4):
        publish_and_die(s, (number, "after"))
        s.github.commit(s.name, {"b.txt": f"moved {number}\n"})

    s.publish()

    holds_together(s)


def test_a_person_who_edits_the_branch_between_the_attempts_is_not_overwritten(
    staged: Staging,
) -> None:
    s = staged()
    publish_and_die(s, (4, "before"))
    theirs = s.github.commit(s.name, {"a.txt": "by hand\n"}, branch=s.branch)

    done = s.publish()

    assert done.kind is PublicationKind.WITHHELD
    assert s.head == theirs
    assert s.pulls == []


def test_a_pull_request_closed_between_the_attempts_stays_closed(staged: Staging) -> None:
    s = staged(publish=PublishMode.READY)
    publish_and_die(s, (4, "after"))
    s.github.close_pull_request(s.name, 1)

    done = s.publish()

    (pull,) = s.pulls
    assert pull.state == "closed"
    assert done.kind is PublicationKind.PULL_REQUEST
    assert done.pull_request is not None
    assert done.pull_request.state == "closed"


@pytest.mark.parametrize("lost", ["cut", "answer"])
def test_an_answer_lost_after_the_pull_request_was_made_makes_no_second(
    staged: Staging, lost: str
) -> None:
    s = staged()
    route = f"POST /repos/{s.name}/pulls"
    make = faults.cut if lost == "cut" else faults.bad_gateway
    s.github.faults.add(make(route, after_acting=True))

    s.publish()

    holds_together(s)
    assert len(s.github.requests(route)) == 1


@pytest.mark.parametrize("after_bytes", [0, 10])
def test_an_answer_lost_after_the_push_was_done_is_found_out(
    staged: Staging, after_bytes: int
) -> None:
    s = staged()
    route = f"POST /{s.name}.git/git-receive-pack"
    fault = faults.cut(route, after_acting=True, after_bytes=after_bytes, times=2)
    s.github.faults.add(fault)

    s.publish()

    holds_together(s)


def test_a_push_that_never_arrived_is_raised_and_done_later(staged: Staging) -> None:
    s = staged()
    s.github.faults.add(faults.bad_gateway(f"POST /{s.name}.git/git-receive-pack", times=3))

    with pytest.raises(RepositoryUnavailable):
        s.publish()
    assert (s.head, s.stored().pushed_commit) == (None, None)
    s.github.faults.clear()

    s.publish()
    holds_together(s)


def test_a_label_that_failed_with_the_network_is_added_by_the_next_attempt(
    staged: Staging,
) -> None:
    s = staged(options={"labels": ("chore",)})
    s.github.faults.add(faults.bad_gateway(f"POST /repos/{s.name}/issues/1/labels"))

    with pytest.raises(RepositoryUnavailable):
        s.publish()
    s.publish()

    holds_together(s)
    assert s.pulls[0].labels == ("chore",)


def test_another_worker_that_was_faster_is_joined(staged: Staging) -> None:
    s = staged()
    publish_and_die(s, (4, "after"))
    # What the second one finds when it looks: nothing yet. Then its request comes too late.
    route = f"GET /repos/{s.name}/pulls"
    s.github.faults.add(Fault(route=route, kind="answer", status=200, body="[]", times=2))

    s.publish()

    holds_together(s)
    assert len(s.github.requests(f"POST /repos/{s.name}/pulls")) == 2
