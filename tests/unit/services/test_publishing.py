"""Publishing after the job: what goes out, what a person may let pass, and what never passes."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import (
    BranchNotFound,
    CodeHostThrottled,
    JobNotEnded,
    NotFound,
    PatchDoesNotApply,
    PublicationRefused,
    RepositoryNotAllowed,
    RepositoryRefused,
    UsageError,
)
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.prompts import Kind
from codybatch.domain.publication import (
    GateFinding,
    GateRule,
    Publication,
    PublicationKind,
    PublishMode,
    WithheldReason,
)
from codybatch.domain.repositories import AllowList
from codybatch.domain.states import EndedBecause, JobState
from codybatch.services.publishing import Outcome
from codybatch.standins.github import faults
from tests.contracts.examples import UNKNOWN_JOB, an_owner
from tests.unit.services.publishing import CHANGE, SECRET, Staging, withheld
from tests.unit.services.republishing import DANA, Ended, Ending, end

NONE = {"publish": PublishMode.NONE}
FOUND = GateFinding(rule=GateRule.SENSITIVE_PATH, path="Dockerfile", message="It is a recipe.")
HELD = Publication(kind=PublicationKind.WITHHELD, reasons=(WithheldReason.GATE,))
PARTIAL = EndedBecause.TURN_LIMIT


def told(e: Ended) -> list[EventKind]:
    return [event.kind for event in e.events]


# what goes out


def test_a_patch_that_was_not_asked_for_is_published_as_a_draft(ended: Ending) -> None:
    e = ended(NONE)

    done = e.publish()

    (pull,) = e.stage.pulls
    assert done.outcome is Outcome.PUBLISHED
    assert done.job == e.job
    assert (pull.draft, pull.head_ref, pull.base_ref) == (True, e.stage.branch, "main")
    assert e.publication.kind is PublicationKind.PULL_REQUEST
    assert e.publication.pushed_commit == pull.head_oid == e.stage.head
    bare = e.stage.github.bare(e.stage.name)
    assert bare.git("show", f"{pull.head_oid}:a.txt") == CHANGE["a.txt"]
    assert bare.git("show", f"{pull.head_oid}:new.txt") == CHANGE["new.txt"]
    assert bare.git("rev-parse", f"{pull.head_oid}^").decode().strip() == e.job.commit


def test_nothing_else_of_the_job_changes(ended: Ending) -> None:
    e = ended(NONE)
    before = e.job

    e.publish()

    after = e.job.with_(publication=before.publication, version=before.version)
    assert after == before


def test_the_jobs_life_and_whoever_watches_are_told(ended: Ending) -> None:
    e = ended(NONE)

    e.publish()

    assert told(e) == [EventKind.PUBLISHING, EventKind.PUSHED, EventKind.PULL_REQUEST]
    assert e.events[0].text == "dana publishes the patch as a draft pull request."
    assert [event.text for event in e.events] == e.watched


@pytest.mark.parametrize("asked", [PublishMode.DRAFT, PublishMode.READY, PublishMode.BRANCH])
def test_it_goes_as_far_as_the_request_asked_for(ended: Ending, asked: PublishMode) -> None:
    e = ended({"publish": asked})

    e.publish()

    drafts = {PublishMode.DRAFT: [True], PublishMode.READY: [False], PublishMode.BRANCH: []}
    assert [pull.draft for pull in e.stage.pulls] == drafts[asked]
    assert e.stage.heads == {e.stage.branch}


def test_a_person_says_how_far(ended: Ending) -> None:
    e = ended({"publish": PublishMode.DRAFT})

    e.publish(PublishMode.BRANCH)
    assert (e.publication.kind, e.stage.pulls) == (PublicationKind.BRANCH_PUSHED, [])
    pushed = e.stage.head

    e.publish(PublishMode.READY)
    assert [(pull.draft, pull.head_oid) for pull in e.stage.pulls] == [(False, pushed)]


def test_a_stored_patch_is_published_although_the_work_tree_is_long_gone(
    ended: Ending,
) -> None:
    e = ended(NONE)
    for path in e.stage.workspace.tree_path.iterdir():
        path.unlink()

    assert e.publish().outcome is Outcome.PUBLISHED


def test_nothing_is_left_where_it_was_checked_out(ended: Ending) -> None:
    e = ended(NONE)

    e.publish()

    assert list(e.folder.iterdir()) == []


# what there is to publish


@pytest.mark.parametrize("mode", [PublishMode.DRAFT, PublishMode.BRANCH])
def test_what_is_published_already_is_said_and_nothing_done(
    ended: Ending, mode: PublishMode
) -> None:
    e = ended({"publish": mode})
    e.publish()
    before, asked = e.job, len(e.stage.github.requests())

    again = e.publish()

    assert again.outcome is Outcome.ALREADY_PUBLISHED
    assert (e.job, len(e.stage.github.requests())) == (before, asked)


@pytest.mark.parametrize("kind", Kind)
def test_without_a_patch_there_is_nothing_to_publish(ended: Ending, kind: Kind) -> None:
    e = ended({**NONE, "kind": kind}, patch=None)

    assert e.publish(override=True).outcome is Outcome.NOTHING
    assert e.events == ()


def test_a_change_that_the_base_has_already_is_nothing_to_publish(ended: Ending) -> None:
    e = ended(NONE)
    e.stage.github.commit(e.stage.name, {path: text.decode() for path, text in CHANGE.items()})

    assert e.publish().outcome is Outcome.NOTHING
    assert "has this change already" in e.publication.detail
    assert e.stage.heads == set()


def test_a_job_that_has_not_ended_is_refused(staged: Staging, ended: Ending) -> None:
    e = ended(NONE)
    running = staged().job

    with pytest.raises(JobNotEnded, match="wait"):
        e.service().publish(running.id, DANA)


def test_an_unknown_job_is_not_found(ended: Ending) -> None:
    with pytest.raises(NotFound):
        ended(NONE).service().publish(UNKNOWN_JOB, DANA)


def test_publishing_as_nothing_makes_no_sense(ended: Ending) -> None:
    with pytest.raises(UsageError, match="not none"):
        ended(NONE).publish(PublishMode.NONE)


# what a person may let pass


def test_what_the_gate_found_is_refused_by_name_and_changes_nothing(ended: Ending) -> None:
    e = ended(gate=(FOUND,), publication=HELD)
    before = e.job

    with pytest.raises(PublicationRefused, match=r"sensitive_path in Dockerfile.*--override"):
        e.publish()

    assert (e.job, e.events, e.stage.heads) == (before, (), set())


def test_what_the_gate_finds_now_is_refused_too(ended: Ending) -> None:
    facts = {**NONE, "change": {"Dockerfile": b"FROM scratch\n"}}
    e = ended(facts, gate=())

    with pytest.raises(PublicationRefused, match="sensitive_path in Dockerfile"):
        e.publish()

    assert (e.publication, e.stage.heads) == (Publication(), set())
    assert list(e.folder.iterdir()) == []


def test_a_person_lets_pass_what_the_gate_found_and_it_is_on_record(ended: Ending) -> None:
    e = ended(gate=(FOUND,), publication=HELD)

    done = e.publish(override=True)

    (pull,) = e.stage.pulls
    assert done.outcome is Outcome.PUBLISHED
    assert (e.publication.overridden_by, e.publication.reasons) == ("dana", ())
    assert "named 1 thing(s) to look at; `dana` looked at it" in pull.body
    first = e.events[0]
    assert (first.kind, first.level) == (EventKind.PUBLISHING, EventLevel.WARNING)
    assert "although the gate found 1 thing(s)" in first.text


def test_what_the_gate_finds_only_now_is_counted_in_the_pull_request(ended: Ending) -> None:
    e = ended({**NONE, "change": {"Dockerfile": b"FROM scratch\n"}}, gate=(FOUND,))

    e.publish(override=True)

    assert "named 2 thing(s)" in e.stage.pulls[0].body
    assert e.watched[0].startswith("The gate finds now: sensitive_path: Dockerfile: ")


def test_a_job_that_did_not_finish_is_refused_until_a_person_lets_it_pass(ended: Ending) -> None:
    e = ended(because=PARTIAL)

    with pytest.raises(PublicationRefused, match=r"did not finish.*--override"):
        e.publish()
    e.publish(override=True)

    assert e.publication.overridden_by == "dana"
    body = e.stage.pulls[0].body
    assert "The limit of turns was reached. `dana` published it all the same." in body


def test_an_override_that_nothing_needs_is_not_recorded(ended: Ending) -> None:
    e = ended(NONE)

    e.publish(override=True)

    assert e.publication.overridden_by is None
    assert e.events[0].level is EventLevel.INFO


# what never passes


def test_a_repository_that_is_not_ours_is_withheld_whoever_asks(ended: Ending) -> None:
    e = ended({"rights": "pull"}, gate=(FOUND,))

    done = e.publish(override=True)

    assert done.outcome is Outcome.WITHHELD
    assert withheld(e.publication) == (WithheldReason.NOT_OWNED,)
    assert e.stage.heads == set()


def test_a_right_that_was_given_meanwhile_counts(ended: Ending) -> None:
    e = ended({"rights": "pull"})
    e.publish()

    e.stage.github.change_repository(e.stage.name, permissions={"service": "push"})
    e.publish()

    assert e.publication.kind is PublicationKind.PULL_REQUEST
    assert e.publication.reasons == ()


def test_a_patch_that_was_shown_not_to_apply_is_refused(ended: Ending) -> None:
    e = ended(applies=False)

    with pytest.raises(PublicationRefused, match="jobs patch"):
        e.publish(override=True)
    assert e.stage.heads == set()


def test_a_patch_that_does_not_apply_now_is_refused(ended: Ending) -> None:
    broken = b"diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-no\n+yes\n"
    e = ended(content=broken)

    with pytest.raises(PatchDoesNotApply):
        e.publish(override=True)
    assert e.stage.heads == set()


def test_the_allow_list_of_today_counts(ended: Ending) -> None:
    e = ended()
    asked = len(e.stage.github.requests())

    with pytest.raises(RepositoryNotAllowed):
        e.publish(override=True, allowed=AllowList.parse("other/*"))
    assert len(e.stage.github.requests()) == asked


def test_the_allow_list_holds_for_the_name_of_today(ended: Ending) -> None:
    e = ended()
    e.stage.github.rename_repository(e.stage.name, "acme/renamed-since")

    with pytest.raises(RepositoryNotAllowed, match="renamed-since"):
        e.publish(allowed=AllowList.parse(f"{e.stage.name}"))


def test_another_repository_of_the_same_name_is_refused(ended: Ending) -> None:
    e = ended({"repository_id": "1234567"})

    with pytest.raises(RepositoryRefused, match="another repository"):
        e.publish(override=True)
    assert e.stage.heads == set()


def test_a_branch_that_a_person_edited_is_never_overwritten(ended: Ending) -> None:
    e = ended()
    e.publish(PublishMode.BRANCH)
    theirs = e.stage.github.commit(e.stage.name, {"a.txt": "by hand\n"}, branch=e.stage.branch)

    done = e.publish(PublishMode.DRAFT, override=True)

    assert done.outcome is Outcome.WITHHELD
    assert withheld(e.publication) == (WithheldReason.BRANCH_NOT_OURS,)
    assert (e.stage.head, e.stage.pulls) == (theirs, [])


@pytest.mark.parametrize("by_record", [True, False])
def test_a_closed_pull_request_stays_closed(ended: Ending, by_record: bool) -> None:
    e = ended()
    e.publish()
    e.stage.github.close_pull_request(e.stage.name, 1)
    pull = e.publication.pull_request
    assert pull is not None
    if by_record:
        closed = e.publication.with_(pull_request=pull.with_(state="closed"))
        e.stage.records.update_job(e.job.with_(publication=closed))
        with pytest.raises(PublicationRefused, match="closed is final"):
            e.publish(override=True)
    else:
        later = end(e.stage.follow_up({"a.txt": b"again\n"}), e.blobs)
        assert later.publish(override=True).outcome is Outcome.WITHHELD
        assert withheld(later.publication) == (WithheldReason.PULL_REQUEST_CLOSED,)

    assert [pull.state for pull in e.stage.pulls] == ["closed"]


def test_a_commit_that_is_gone_is_told(ended: Ending) -> None:
    e = ended({"commit": "1" * 40})

    with pytest.raises(BranchNotFound):
        e.publish()


# the base branch moved


def test_a_moved_base_is_merged_into_and_told(ended: Ending) -> None:
    e = ended(NONE)
    moved = e.stage.github.commit(e.stage.name, {"b.txt": "moved\n"})

    e.publish()

    bare = e.stage.github.bare(e.stage.name)
    assert bare.git("rev-parse", f"{e.stage.head}^").decode().strip() == moved
    assert EventKind.REBASED in told(e)
    assert f"to {moved[:12]}; the patch was merged" in e.publication.detail


def test_a_base_that_conflicts_is_told_and_the_patch_kept(ended: Ending) -> None:
    e = ended(NONE)
    e.stage.github.commit(e.stage.name, {"a.txt": "one\nother\nthree\n"})
    before = e.job.patch

    done = e.publish()

    assert done.outcome is Outcome.WITHHELD
    assert withheld(e.publication) == (WithheldReason.BASE_CONFLICT,)
    assert "a.txt" in e.publication.detail
    assert told(e)[-1] is EventKind.WITHHELD
    assert (e.job.patch, e.stage.heads) == (before, set())


# the lineage


def test_a_follow_up_that_is_published_later_moves_the_same_pull_request(ended: Ending) -> None:
    e = ended(NONE)
    e.publish()
    later = end(e.stage.follow_up({"a.txt": b"again\n"}, title="Again"), e.blobs)

    later.publish()

    (pull,) = e.stage.pulls
    assert (pull.title, pull.head_oid) == ("Again", later.publication.pushed_commit)


def test_an_older_change_never_undoes_a_newer_one(ended: Ending) -> None:
    e = ended(NONE)
    later = end(e.stage.follow_up({"a.txt": b"again\n"}), e.blobs)
    later.publish(PublishMode.DRAFT)
    head = e.stage.head

    with pytest.raises(PublicationRefused, match=later.job.id):
        e.publish(override=True)

    assert e.stage.head == head


def test_it_waits_for_its_lineage_to_end(ended: Ending) -> None:
    e = ended(NONE)
    running = e.stage.follow_up({"a.txt": b"again\n"}).job
    assert running.state is JobState.QUEUED

    with pytest.raises(PublicationRefused, match=f"jobs wait {running.id}"):
        e.publish()


# the code host


def test_a_long_pause_is_raised_and_going_on_later_ends_it(ended: Ending) -> None:
    e = ended(NONE)
    route = f"POST /repos/{e.stage.name}/pulls"
    e.stage.github.faults.add(faults.secondary_rate_limit(route, retry_after=900))

    with pytest.raises(CodeHostThrottled):
        e.publish()
    assert e.publication.hold is None
    assert "It could not be published now" in e.events[-1].text
    e.publish()

    assert (len(e.stage.heads), len(e.stage.pulls)) == (1, 1)


def test_a_secret_of_ours_never_reaches_the_pull_request(ended: Ending) -> None:
    e = ended({**NONE, "summary": f"I found {SECRET}."})

    e.publish()

    assert SECRET not in e.stage.pulls[0].body


def test_another_attempt_of_a_worker_finds_nothing_to_claim(ended: Ending) -> None:
    """An ended job is never worked on again, whatever is published of it."""
    e = ended(NONE)
    e.publish()

    with pytest.raises(UsageError):
        e.stage.records.claim(
            e.job.id, an_owner(attempt=9), e.stage.clock.now(), e.stage.clock.now()
        )
