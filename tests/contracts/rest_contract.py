"""The contracts of events, submissions, publications, verdicts, credentials and care."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from codybatch.domain.errors import NotFound, StaleWrite
from codybatch.domain.events import Event, EventKind, EventLevel
from codybatch.domain.findings import Decision
from codybatch.domain.identifiers import JobId, Person, SubmissionId
from codybatch.domain.jobs import Job
from codybatch.domain.publication import Publication, PublicationKind, WithheldReason
from codybatch.domain.requests import JobCounts
from codybatch.domain.states import JobState
from codybatch.domain.submissions import Submission
from codybatch.ports import CredentialTrouble, Records
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    SOON,
    TODAY,
    UNKNOWN_JOB,
    a_step,
    a_verdict,
    an_event,
    claimed,
    created,
    lease_of,
    minutes,
    queued,
    reserve,
    running,
    settled,
    usd,
    waiting,
)
from tests.contracts.fixtures import StoreFixtures


def texts(records: Records, job: Job, after: int = 0, limit: int = 500) -> list[str]:
    return [event.text for event in records.events(job.id, after, limit)]


class EventContract(StoreFixtures):
    def test_events_are_read_in_the_order_they_were_added(self, records: Records) -> None:
        job = queued(records)
        first = Event(at=SOON, kind=EventKind.GATE, text="é\n", level=EventLevel.WARNING, turn=3)

        records.add_events(job.id, [first, an_event("two", NOON)])
        records.add_events(job.id, [an_event("three")])

        found = records.events(job.id)
        assert [event.sequence for event in found] == [1, 2, 3]
        assert [event.text for event in found] == ["é\n", "two", "three"]
        assert Event(**{k: v for k, v in found[0] if k != "sequence"}) == first

    def test_events_are_a_jobs_own(self, records: Records) -> None:
        jobs = created(records, repositories="acme/api acme/web").jobs
        for job in jobs:
            records.add_events(job.id, [an_event(job.repository.name)])

        assert [texts(records, job) for job in jobs] == [["api"], ["web"]]
        assert [records.events(job.id)[0].sequence for job in jobs] == [1, 1]
        assert records.events(UNKNOWN_JOB) == ()

    def test_events_are_read_on_from_a_sequence_number(self, records: Records) -> None:
        job = queued(records)
        records.add_events(job.id, [an_event(str(number)) for number in range(1, 8)])

        assert texts(records, job, limit=3) == ["1", "2", "3"]
        assert texts(records, job, after=3, limit=3) == ["4", "5", "6"]
        assert texts(records, job, after=6) == ["7"]
        assert texts(records, job, after=7) == []
        assert texts(records, job, after=10**12) == []

    def test_no_events_are_read_where_none_are_asked_for(self, records: Records) -> None:
        job = queued(records)
        records.add_events(job.id, [an_event("one")])

        assert texts(records, job, limit=0) == []
        assert texts(records, job, limit=-1) == []

    def test_nothing_added_changes_nothing(self, records: Records) -> None:
        job = queued(records)

        records.add_events(job.id, [])
        records.add_events(job.id, [an_event("one")])

        assert [event.sequence for event in records.events(job.id)] == [1]
        assert records.job(job.id) == job

    def test_events_of_an_unknown_job_are_refused(self, records: Records) -> None:
        with pytest.raises(NotFound):
            records.add_events(UNKNOWN_JOB, [an_event("no")])

    def test_threads_that_add_at_once_get_numbers_of_their_own(self, records: Records) -> None:
        job = queued(records)

        def add(number: int) -> None:
            records.add_events(job.id, [an_event(f"{number} a"), an_event(f"{number} b")])

        with ThreadPoolExecutor(8) as writers:
            list(writers.map(add, range(16)))

        found = texts(records, job)
        assert [event.sequence for event in records.events(job.id)] == list(range(1, 33))
        assert [one[-1] + two[-1] for one, two in zip(found[::2], found[1::2], strict=True)] == (
            ["ab"] * 16
        )

    def test_old_events_are_forgotten(self, records: Records) -> None:
        jobs = created(records, repositories="acme/api acme/web").jobs
        for job in jobs:
            moments = [NOON, NOON + minutes(1), NOON + minutes(2)]
            records.add_events(job.id, [an_event(str(moment), moment) for moment in moments])

        forgotten = records.forget_events(NOON + minutes(1))

        assert forgotten == 2
        assert records.forget_events(NOON + minutes(1)) == 0
        for job in jobs:
            assert [event.sequence for event in records.events(job.id)] == [2, 3]

    def test_any_number_of_old_events_is_forgotten(self, records: Records) -> None:
        job = queued(records)
        records.add_events(job.id, [an_event("x")] * 11_000)

        assert records.forget_events(SOON) == 11_000
        assert records.events(job.id) == ()

    def test_numbers_are_never_used_again(self, records: Records) -> None:
        job = queued(records)
        records.add_events(job.id, [an_event("one"), an_event("two")])
        records.forget_events(SOON + minutes(1))

        records.add_events(job.id, [an_event("three")])

        assert [event.sequence for event in records.events(job.id)] == [3]


class SubmissionContract(StoreFixtures):
    def a_submission(self, *jobs: Job, name: str = "s1") -> Submission:
        return Submission(
            id=SubmissionId(name),
            engine="local",
            jobs=tuple(job.id for job in jobs),
            created_at=NOON,
        )

    def test_a_submission_is_read_as_it_was_stored(self, records: Records) -> None:
        jobs = created(records, repositories="acme/web acme/api").jobs
        submission = self.a_submission(*reversed(jobs))

        records.add_submission(submission)

        assert records.submission(submission.id) == submission
        with pytest.raises(NotFound):
            records.submission(SubmissionId("other"))

    def test_it_is_noted_on_its_queued_jobs_alone(self, records: Records) -> None:
        mine, other = queued(records), queued(records, NOON + minutes(1))
        at_work = running(records, at=NOON + minutes(2))
        left = running(records, at=NOON + minutes(3))
        records.release(lease_of(left), waiting(left))
        ended = settled(records, running(records, at=NOON + minutes(4)))
        left = records.job(left.id)

        records.add_submission(self.a_submission(mine, at_work, left, ended))

        noted = mine.with_(submission=SubmissionId("s1"), version=mine.version + 1)
        assert records.job(mine.id) == noted
        assert [records.job(job.id) for job in (other, at_work, left, ended)] == [
            other,
            at_work,
            left,
            ended,
        ]

    def test_a_later_submission_takes_the_place_of_an_earlier_one(self, records: Records) -> None:
        job = queued(records)
        for name in ("s1", "s2"):
            records.add_submission(self.a_submission(job, name=name))

        assert records.job(job.id).submission == "s2"

    def test_the_engines_id_is_added_by_storing_it_again(self, records: Records) -> None:
        job = queued(records)
        submission = self.a_submission(job)
        records.add_submission(submission)
        before = records.job(job.id)

        records.add_submission(submission.with_(engine_id="batch-7"))

        assert records.submission(submission.id).engine_id == "batch-7"
        assert records.job(job.id) == before

    def test_of_a_submission_that_was_noted_before_the_jobs_are_left_alone(
        self, records: Records
    ) -> None:
        first, second = queued(records), queued(records, NOON + minutes(1))
        submission = self.a_submission(first, second)
        records.add_submission(submission)
        another = self.a_submission(second, name="s2")
        records.add_submission(another)

        records.add_submission(submission.with_(engine_id="batch-7"), is_noted=True)

        assert records.submission(submission.id).engine_id == "batch-7"
        assert [records.job(job.id).submission for job in (first, second)] == ["s1", "s2"]

    def test_a_worker_keeps_the_submission(self, records: Records) -> None:
        job = queued(records)
        records.add_submission(self.a_submission(job))

        settled(records, claimed(records, job.id))

        assert records.job(job.id).submission == "s1"


class PublicationContract(StoreFixtures):
    WITHHELD = Publication(kind=PublicationKind.WITHHELD, reasons=(WithheldReason.GATE,))

    def test_the_publication_of_an_ended_job_changes(self, records: Records) -> None:
        job = settled(records, running(records))

        after = records.update_job(job.with_(publication=self.WITHHELD), [an_event("Withheld.")])

        assert after == job.with_(publication=self.WITHHELD, version=job.version + 1)
        assert records.job(job.id) == after
        assert texts(records, job) == ["Withheld."]

    def test_nothing_else_changes(self, records: Records) -> None:
        job = settled(records, running(records))
        change = {"state": JobState.FAILED, "title": "Other", "cost_usd": usd("9")}

        after = records.update_job(job.with_(**change))

        assert after == job.with_(version=job.version + 1)
        assert records.job_counts() == JobCounts(succeeded=1)

    def test_a_stale_writer_is_refused(self, records: Records) -> None:
        job = settled(records, running(records))
        first = records.update_job(job.with_(publication=self.WITHHELD))

        with pytest.raises(StaleWrite):
            records.update_job(job, [an_event("no")])

        assert records.job(job.id) == first
        assert texts(records, job) == []

    def test_a_job_that_has_not_ended_is_refused(self, records: Records) -> None:
        left = running(records, at=NOON + minutes(2))
        records.release(lease_of(left), waiting(left))
        jobs = [
            queued(records),
            running(records, at=NOON + minutes(1)),
            records.job(left.id),
        ]

        for job in jobs:
            with pytest.raises(StaleWrite):
                records.update_job(job.with_(publication=self.WITHHELD))
        assert [records.job(job.id) for job in jobs] == jobs

    def test_an_unknown_job_is_not_found(self, records: Records) -> None:
        with pytest.raises(NotFound):
            records.update_job(queued(records).with_(id=UNKNOWN_JOB))


class VerdictContract(StoreFixtures):
    def test_verdicts_are_read_by_rater(self, records: Records) -> None:
        jobs = created(records, repositories="acme/api acme/web").jobs
        bobs = a_verdict(
            jobs[0], BOB, decision=Decision.REJECT, rating=2, reasons=("style",), comment="ö"
        )
        alices = a_verdict(jobs[0], ALICE)
        for verdict in (bobs, alices, a_verdict(jobs[1])):
            records.put_verdict(verdict)

        assert records.verdicts(jobs[0].id) == (alices, bobs)
        assert len(records.verdicts(jobs[1].id)) == 1
        assert records.verdicts(UNKNOWN_JOB) == ()

    def test_verdicts_of_many_jobs_are_those_of_each(self, records: Records) -> None:
        names = " ".join(f"acme/r{number}" for number in range(5))
        jobs = created(records, repositories=names).jobs
        for verdict in (a_verdict(jobs[0], BOB), a_verdict(jobs[0], ALICE), a_verdict(jobs[2])):
            records.put_verdict(verdict)

        found = records.verdicts_of([jobs[2].id, jobs[0].id, jobs[0].id, jobs[1].id, UNKNOWN_JOB])

        assert found == {one.id: records.verdicts(one.id) for one in (jobs[0], jobs[2])}
        assert [one.rater for one in found[jobs[0].id]] == [ALICE, BOB]
        assert records.verdicts_of([]) == {}

    def test_verdicts_of_more_jobs_than_one_question_names(self, records: Records) -> None:
        job = queued(records)
        records.put_verdict(a_verdict(job))
        unknown = [JobId(f"{job.request}-{number}") for number in range(1_000, 1_600)]

        assert list(records.verdicts_of([*unknown, job.id])) == [job.id]

    def test_a_persons_later_verdict_replaces_the_earlier_one(self, records: Records) -> None:
        job = queued(records)
        later = a_verdict(job, decision=Decision.REJECT, at=SOON)

        records.put_verdict(a_verdict(job))
        records.put_verdict(later)

        assert records.verdicts(job.id) == (later,)

    def test_two_raters_do_not_replace_each_other(self, records: Records) -> None:
        job = queued(records)
        raters = (ALICE, BOB)
        for rater in raters:
            records.put_verdict(a_verdict(job, rater))
        later = a_verdict(job, BOB, decision=Decision.REJECT, at=SOON)

        records.put_verdict(later)

        assert records.verdicts(job.id) == (a_verdict(job, ALICE), later)

    @pytest.mark.parametrize(
        "text",
        ["", "z\u00fcrich \u2713 \U0001f600", "'; DROP TABLE verdicts; --", "\x00", "x" * 10_000],
    )
    def test_any_text_is_read_as_it_was_stored(self, records: Records, text: str) -> None:
        rater = Person(text[:200] or "nobody")
        verdict = a_verdict(queued(records), rater, reasons=(text[:100],), comment=text)

        records.put_verdict(verdict)

        assert records.verdicts(verdict.job) == (verdict,)

    def test_a_comment_that_is_too_long_is_no_verdict(self, records: Records) -> None:
        with pytest.raises(ValidationError, match="10000"):
            a_verdict(queued(records), comment="x" * 10_001)

    @pytest.mark.parametrize("rating", [0, 6, -1])
    def test_a_rating_outside_of_1_to_5_is_no_verdict(self, records: Records, rating: int) -> None:
        with pytest.raises(ValidationError):
            a_verdict(queued(records), rating=rating)

    def test_a_verdict_is_withdrawn_by_its_rater_alone(self, records: Records) -> None:
        jobs = created(records, repositories="acme/api acme/web").jobs
        for job in jobs:
            for rater in (ALICE, BOB):
                records.put_verdict(a_verdict(job, rater))

        taken = [records.withdraw_verdict(jobs[0].id, ALICE) for _ in range(2)]

        assert taken == [True, False]
        assert records.verdicts(jobs[0].id) == (a_verdict(jobs[0], BOB),)
        assert len(records.verdicts(jobs[1].id)) == 2
        assert not records.withdraw_verdict(UNKNOWN_JOB, ALICE)

    def test_a_withdrawn_verdict_may_be_given_again(self, records: Records) -> None:
        verdict = a_verdict(queued(records))
        records.put_verdict(verdict)
        records.withdraw_verdict(verdict.job, verdict.rater)

        records.put_verdict(verdict)

        assert records.verdicts(verdict.job) == (verdict,)

    def test_people_who_judge_at_once_are_all_heard(self, records: Records) -> None:
        job = queued(records)
        raters = [Person(f"rater-{number:02}") for number in range(16)]

        with ThreadPoolExecutor(8) as judges:
            verdicts = [a_verdict(job, rater) for rater in raters]
            list(judges.map(records.put_verdict, verdicts))

        assert [verdict.rater for verdict in records.verdicts(job.id)] == raters

    def test_a_verdict_changes_nothing_else(self, records: Records) -> None:
        job = settled(records, running(records))

        records.put_verdict(a_verdict(job))

        assert records.job(job.id) == job

    def test_a_verdict_of_an_unknown_job_is_refused(self, records: Records) -> None:
        job = queued(records).with_(id=UNKNOWN_JOB)

        with pytest.raises(NotFound):
            records.put_verdict(a_verdict(job))


class CredentialContract(StoreFixtures):
    TROUBLE = CredentialTrouble(
        credential="anthropic 3f9a", reason="No quota left.", since=NOON, until=SOON
    )

    def test_trouble_is_noted_and_forgotten(self, records: Records) -> None:
        name = self.TROUBLE.credential
        seen = [records.credential_trouble(name)]
        records.note_credential_trouble(self.TROUBLE)
        seen.append(records.credential_trouble(name))
        records.forget_credential_trouble(name)
        seen.append(records.credential_trouble(name))

        assert seen == [None, self.TROUBLE, None]

    def test_later_trouble_takes_the_place_of_earlier(self, records: Records) -> None:
        later = CredentialTrouble(self.TROUBLE.credential, "Key revoked.", SOON, SOON + minutes(5))
        records.note_credential_trouble(self.TROUBLE)
        records.note_credential_trouble(later)

        assert records.credential_trouble(later.credential) == later

    def test_trouble_is_of_one_credential(self, records: Records) -> None:
        records.note_credential_trouble(self.TROUBLE)

        assert records.credential_trouble("anthropic ffff") is None
        records.forget_credential_trouble("anthropic ffff")
        assert records.credential_trouble(self.TROUBLE.credential) == self.TROUBLE


class CareContract(StoreFixtures):
    def test_a_store_is_whole_before_and_after_work(self, records: Records) -> None:
        records.check()
        job = running(records)
        reserve(records, job, "1")
        settled(records, job, cost_usd=usd("0.5"), summary="Done.")

        records.check()

        assert records.job_counts() == JobCounts(succeeded=1)

    def test_everything_is_there_after_close_and_open(self, records: Records, place: Path) -> None:
        job = running(records)
        reserve(records, job, "1")
        records.commit(lease_of(job), job, [a_step(job, 0)], [an_event("one")])
        before = records.job(job.id)
        request = records.request(job.request)
        records.close()

        again = self.make_records(place)

        assert again.job(job.id) == before
        assert again.request(job.request) == request
        assert again.list_jobs().items == (before,)
        assert again.search_jobs("dependencies").items == (before,)
        assert [step.sequence for step in again.steps(job.id)] == [0]
        assert texts(again, job) == ["one"]
        assert again.day_budget(TODAY).reserved_usd == usd("1")
        assert settled(again, job, cost_usd=usd("0.5")).state is JobState.SUCCEEDED
        again.close()

    def test_two_stores_of_one_place_see_each_others_changes(
        self, records: Records, place: Path
    ) -> None:
        other = self.make_records(place)

        job = running(records)
        other.request_cancel(job.id, NOON, BOB)

        assert records.job(job.id).cancel_requested
        assert records.job(job.id) == other.job(job.id)
        other.close()
