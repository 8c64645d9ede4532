"""Publishing that dies or meets another: one branch, one pull request, one record of it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

import pytest

from codybatch.clock import SystemClock
from codybatch.domain.errors import PublicationUnderWay
from codybatch.domain.events import EventKind
from codybatch.domain.identifiers import JobId, Person
from codybatch.domain.publication import PublicationKind, PublishMode, WithheldReason
from codybatch.ports import GitAccess
from codybatch.services.holding import HELD_FOR, LONGEST_WAIT, holding
from codybatch.services.publication import AUTHOR_EMAIL, AUTHOR_NAME
from codybatch.services.publishing import Outcome
from codybatch.services.pull_request_text import commit_message
from codybatch.stores.embedded import EmbeddedStore
from codybatch.workspace.push import Author, commit_patch, push
from tests.contracts.fixtures import in_processes
from tests.unit.services.publishing import Acts, Died, Given, SteadyClock, withheld
from tests.unit.services.republishing import DANA, Ended, Ending, Place, service_at

NONE = {"publish": PublishMode.NONE}
ERIN = Person("erin")
FIRST = [
    *("note", "tell", "note", "push", "tell", "note"),
    *("create", "tell", "note", "note"),
]
"""Every act: hold, say so, note what will be pushed, push, say so, note it; open the pull request,
say so, note it; let go."""
ABOUT_TO_PUSH = (FIRST.index("push"), "before")
DEATHS = [(number, when) for number in range(len(FIRST)) for when in ("before", "after")]


def die(e: Ended, death: tuple[int, str]) -> None:
    with pytest.raises(Died):
        e.publish(acts=Acts(death))


def come_back_later(e: Ended) -> None:
    """Nobody waits for the dead: their hold has passed."""
    e.stage.clock.ahead += HELD_FOR + timedelta(seconds=1)


def holds_together(e: Ended) -> None:
    """One branch, which is ours, one open pull request at its head, and the record says so."""
    stored = e.publication
    (pull,) = e.stage.pulls
    assert e.stage.heads == {e.stage.branch}
    assert stored.kind is PublicationKind.PULL_REQUEST, stored
    assert stored.pull_request is not None
    assert stored.pull_request.number == pull.number
    assert stored.pushed_commit == stored.intended_commit == e.stage.head == pull.head_oid
    assert (stored.reasons, pull.state) == ((), "open")
    assert stored.hold is None or stored.hold.until < e.stage.clock.now()
    creations = e.stage.github.requests(f"POST /repos/{e.stage.name}/pulls")
    assert len([one for one in creations if one.status == 201]) == 1


def test_these_are_all_the_acts(ended: Ending) -> None:
    acts = Acts()

    ended(NONE).publish(acts=acts)

    assert acts.done == FIRST


@pytest.mark.parametrize("death", DEATHS)
def test_the_next_call_ends_what_a_dead_one_began(ended: Ending, death: tuple[int, str]) -> None:
    e = ended(NONE)
    die(e, death)
    come_back_later(e)

    e.publish()

    holds_together(e)


@pytest.mark.parametrize("death", DEATHS[::2])
def test_the_base_may_move_between_the_calls(ended: Ending, death: tuple[int, str]) -> None:
    e = ended(NONE)
    die(e, death)
    moved = e.stage.github.commit(e.stage.name, {"b.txt": "moved\n"})
    come_back_later(e)

    e.publish()

    holds_together(e)
    is_done = death[0] >= FIRST.index("create") + 3  # published as far as the record knows
    parent = e.stage.github.bare(e.stage.name).git("rev-parse", f"{e.stage.head}^")
    assert (parent.decode().strip() == moved) is not is_done


def push_by_hand(e: Ended, commit: str | None) -> None:
    """What one who was taken for dead does when it wakes up: push the commit it had noted."""
    s = e.stage
    author = Author(AUTHOR_NAME, AUTHOR_EMAIL, s.job.created_at)
    parent, message = s.job.commit, commit_message(s.job)
    made = commit_patch(s.workspace, s.made.tree, parent, message, author)
    assert made == commit
    token = s.github.tokens["service"]
    access = GitAccess(f"{s.github.url}/{s.name}.git", token=token, allow_http=True)
    push(s.workspace, access, made, s.branch, None)


def test_a_commit_of_one_who_was_taken_for_dead_is_still_ours(ended: Ending) -> None:
    e = ended(NONE)
    die(e, ABOUT_TO_PUSH)
    first = e.publication.intended_commit
    e.stage.github.commit(e.stage.name, {"b.txt": "moved\n"})
    come_back_later(e)
    die(e, (ABOUT_TO_PUSH[0] + 1, "before"))  # it also says that the base moved
    assert e.publication.earlier_commits == (first,)
    push_by_hand(e, first)
    come_back_later(e)

    e.publish()

    holds_together(e)


class Overtaken(Acts):
    """Acts during which somebody else does something, once."""

    def __init__(self, name: str, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._pending = {name: meanwhile}

    def act(self, name: str, act: Callable[[], Given]) -> Given:
        self._pending.pop(name, lambda: None)()
        return super().act(name, act)


def test_a_branch_that_one_of_us_moved_between_look_and_push_is_looked_at_again(
    ended: Ending,
) -> None:
    e = ended(NONE)
    die(e, ABOUT_TO_PUSH)
    first = e.publication.intended_commit
    e.stage.github.commit(e.stage.name, {"b.txt": "moved\n"})
    come_back_later(e)

    e.publish(acts=Overtaken("push", lambda: push_by_hand(e, first)))

    holds_together(e)


def test_a_branch_that_a_person_moved_between_look_and_push_is_left_alone(ended: Ending) -> None:
    e = ended(NONE)
    theirs: list[str] = []

    def edit() -> None:
        s = e.stage
        s.github.bare(s.name).set_branch(s.branch, s.job.commit)
        theirs.append(s.github.commit(s.name, {"a.txt": "by hand\n"}, branch=s.branch))

    done = e.publish(acts=Overtaken("push", edit))

    assert done.outcome is Outcome.WITHHELD
    assert withheld(e.publication) == (WithheldReason.BRANCH_NOT_OURS,)
    assert [e.stage.head] == theirs


# two at once


@dataclass
class Meanwhile(SteadyClock):
    """A clock that lets somebody act while another sleeps."""

    act: Callable[[], object] = lambda: None

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        self.act()
        super().sleep(seconds, until)


def test_who_comes_second_waits_and_finds_it_done(ended: Ending) -> None:
    e = ended(NONE)
    with holding(e.stage.records, e.stage.clock, e.job.id, ERIN, e.watched.append) as held:

        def finish() -> None:
            held.let_go()
            e.service().publish(e.job.id, ERIN)

        e.stage.clock, first = Meanwhile(act=finish), e.stage.clock
        done = e.publish()

    assert len(first.slept) + 1 == len(e.stage.clock.slept)
    assert done.outcome is Outcome.ALREADY_PUBLISHED
    assert e.watched == [f"erin publishes {e.job.id} right now, so this waits."]
    holds_together(e)


def test_who_waits_for_long_gives_up_and_says_whom_it_waited_for(ended: Ending) -> None:
    e = ended(NONE)
    with holding(e.stage.records, e.stage.clock, e.job.id, ERIN, e.watched.append) as held:

        def go_on() -> None:
            e.stage.clock.ahead += timedelta(seconds=30)
            held.note(held.job.publication)

        e.stage.clock = Meanwhile(act=go_on)
        held._clock = e.stage.clock
        with pytest.raises(PublicationUnderWay, match="erin publishes"):
            e.publish()

    assert e.stage.clock.ahead >= LONGEST_WAIT
    assert (e.stage.heads, e.publication.hold) == (set(), None)


def test_who_was_taken_for_dead_writes_nothing_more(ended: Ending) -> None:
    e = ended(NONE)
    with holding(e.stage.records, e.stage.clock, e.job.id, ERIN, lambda _: None) as held:
        come_back_later(e)
        e.publish()
        before = e.job

        with pytest.raises(PublicationUnderWay, match="taken over"):
            held.note(held.job.publication.with_(branch="other"))

    assert e.job == before


def test_a_refresh_meanwhile_disturbs_nobody(ended: Ending) -> None:
    e = ended(NONE)
    with holding(e.stage.records, e.stage.clock, e.job.id, ERIN, lambda _: None) as held:
        e.stage.records.update_job(e.job)  # another version, with our hold

        held.note(held.job.publication.with_(branch="mine"))

    assert (e.publication.branch, e.publication.hold) == ("mine", None)


class Asleep(Acts):
    """Acts of a process that sleeps before one of them for so long that it is taken for dead."""

    def __init__(self, number: int, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._number = number
        self._meanwhile = meanwhile

    def act(self, name: str, act: Callable[[], Given]) -> Given:
        if len(self.done) == self._number:
            self._number = -1
            self._meanwhile()
        return super().act(name, act)


@pytest.mark.parametrize("base_moves", [False, True])
@pytest.mark.parametrize("number", range(1, len(FIRST) - 1))
def test_who_wakes_up_after_another_took_over_breaks_nothing(
    ended: Ending, number: int, base_moves: bool
) -> None:
    e = ended(NONE)

    def another() -> None:
        come_back_later(e)
        if base_moves:
            e.stage.github.commit(e.stage.name, {"b.txt": "moved\n"})
        e.publish(by=ERIN)

    with pytest.raises(PublicationUnderWay):
        e.publish(acts=Asleep(number, another))

    holds_together(e)


def test_who_wakes_up_when_all_but_letting_go_is_done_ends_as_ever(ended: Ending) -> None:
    e = ended(NONE)
    others: list[Outcome] = []

    def another() -> None:
        come_back_later(e)
        others.append(e.publish(by=ERIN).outcome)

    done = e.publish(acts=Asleep(len(FIRST) - 1, another))

    assert (done.outcome, others) == (Outcome.PUBLISHED, [Outcome.ALREADY_PUBLISHED])
    holds_together(e)


class Killed(Acts):
    """Acts of a process that is killed as by the system: nothing at all is done after."""

    def die(self) -> NoReturn:
        os.kill(os.getpid(), signal.SIGKILL)
        raise Died


def publish_in_process(
    ready: Callable[[], object], place: Place, job: JobId, dies_at: tuple[int, str] | None
) -> str:
    """Publish in a process of its own; what came of it."""
    store = EmbeddedStore(place.home)
    service = service_at(place, store.records, store.blobs, SystemClock(), Killed(dies_at))
    ready()
    return service.publish(job, DANA).outcome.value


def test_two_processes_at_once_make_one_branch_and_one_pull_request(ended: Ending) -> None:
    e = ended(NONE)
    task = (publish_in_process, (e.place, e.job.id, None))

    outcomes = in_processes([task, task])

    assert sorted(outcomes) == ["already_published", "published"]
    holds_together(e)
    assert [event.kind for event in e.events].count(EventKind.PULL_REQUEST) == 1


@pytest.mark.parametrize("number", range(len(FIRST)))
def test_a_process_killed_between_any_two_acts_is_followed_by_one_that_ends_it(
    ended: Ending, number: int
) -> None:
    e = ended(NONE)
    with pytest.raises(EOFError):  # it never answered
        in_processes([(publish_in_process, (e.place, e.job.id, (number, "before")))])
    assert len(list(e.folder.iterdir())) == 2  # its check-out and the lock's file
    come_back_later(e)

    e.publish()

    holds_together(e)
    assert list(e.folder.iterdir()) == []
