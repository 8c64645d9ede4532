"""The contract of engines: jobs that are handed over run, once, whatever dies in between.

An engine inherits from ``EngineFixtures`` and gives a ``Yard``; everything else is asked of the
records, which say what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.ports import Engine, EngineState
from codybatch.services.identities import new_idempotency_key, new_request_id
from codybatch.services.intake import new_job
from codybatch.standins.anthropic import Fault
from tests.worker.world import World

REPOSITORIES = ("acme/one", "acme/two")


@dataclass(frozen=True)
class Yard:
    """An engine at work in a world of stand-ins."""

    world: World
    engine: Engine
    kill_everything: Callable[[], None]
    """Kills what the engine started, the engine's own processes too, without a word."""

    def hold(self, gate: str = "held") -> None:
        """Let the model answer nobody until ``release``."""
        self.world.model.faults.add(Fault(kind="hold", turn=0, after_events=1, gate=gate))

    def wait_until_held(self, gate: str = "held") -> None:
        assert self.world.model.gates.wait_until_held(gate, seconds=60)

    def release(self, gate: str = "held") -> None:
        self.world.model.gates.open(gate)

    def stored(self, repository: str = REPOSITORIES[0]) -> Job:
        """A queued job that is in the records, of which the engine knows nothing: whoever
        submitted it died in between.
        """
        requests, records = self.world.app.requests, self.world.app.store.records
        like = self.world.submit(repository)
        self.world.wait(like)
        request = like.request.with_(id=new_request_id(like.request.created_at))
        (fact,) = requests.intake.look_up(request.repositories)
        job = new_job(request, 1, fact)
        key = new_idempotency_key(request.created_at)
        return records.create_request(request, [job], key).jobs[0]

    def find(self, job: Job) -> Job:
        return self.world.app.jobs.find(job.id)

    def ended(self, job: Job) -> Job:
        """A job once it has ended; whoever waits sees to it that it goes on."""
        return self.world.wait_for(job.id)


class EngineFixtures:
    """What an engine gives: ``yard``, a fixture."""


class EngineContract(EngineFixtures):
    def test_submitting_does_not_wait(self, yard: Yard) -> None:
        yard.hold()
        (job,) = yard.world.submit("acme/one").jobs
        yard.wait_until_held()

        assert yard.find(job).state is JobState.RUNNING
        yard.release()
        assert yard.ended(job).state is JobState.SUCCEEDED

    def test_every_job_of_a_submission_runs_once(self, yard: Yard) -> None:
        created = yard.world.submit(*REPOSITORIES)
        ended = [yard.ended(job) for job in created.jobs]

        assert [(job.state, job.attempts) for job in ended] == [(JobState.SUCCEEDED, 1)] * 2
        assert all(job.submission for job in ended)

    def test_jobs_that_are_handed_over_twice_run_once(self, yard: Yard) -> None:
        yard.hold()
        created = yard.world.submit("acme/one", publish="draft")
        yard.wait_until_held()

        again = yard.engine.submit([yard.find(job) for job in created.jobs])

        assert again.jobs == tuple(job.id for job in created.jobs)
        yard.release()
        job = yard.ended(created.jobs[0])
        assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
        assert len(yard.world.github.pull_requests("acme/one")) == 1
        events = yard.world.app.jobs.events(job.id)
        assert sum(event.kind is EventKind.ENDED for event in events) == 1

    def test_what_nobody_handed_over_is_found_by_reconciling(self, yard: Yard) -> None:
        job = yard.stored()

        yard.engine.reconcile()

        assert yard.ended(job).state is JobState.SUCCEEDED

    def test_reconciling_is_safe_at_any_time(self, yard: Yard) -> None:
        assert yard.engine.reconcile() == 0
        yard.hold()
        (job,) = yard.world.submit("acme/one").jobs
        yard.wait_until_held()

        assert [yard.engine.reconcile() for _ in range(3)] == [0, 0, 0]

        yard.release()
        assert yard.ended(job).attempts == 1
        assert yard.engine.reconcile() == 0

    @pytest.mark.parametrize("times", [1, 3])
    def test_whatever_dies_the_job_goes_on(self, yard: Yard, times: int) -> None:
        for time in range(times):
            yard.hold(f"held-{time}")
        (job,) = yard.world.submit("acme/one", publish="draft").jobs
        for time in range(times):
            yard.wait_until_held(f"held-{time}")
            yard.kill_everything()
            yard.release(f"held-{time}")
            yard.engine.reconcile()

        ended = yard.ended(job)
        assert ended.state is JobState.SUCCEEDED
        assert ended.attempts == times + 1
        assert len(yard.world.github.pull_requests("acme/one")) == 1

    def test_a_job_that_is_cancelled_stops_soon(self, yard: Yard) -> None:
        yard.hold()
        (job,) = yard.world.submit("acme/one").jobs
        yard.wait_until_held()

        yard.world.app.jobs.cancel(job.id, yard.world.app.person)

        assert yard.ended(job).state is JobState.CANCELLED
        yard.release()

    def test_a_job_whose_process_is_gone_can_be_cancelled(self, yard: Yard) -> None:
        yard.hold()
        (job,) = yard.world.submit("acme/one").jobs
        yard.wait_until_held()
        yard.kill_everything()
        yard.release()

        yard.world.app.jobs.cancel(job.id, yard.world.app.person)

        assert yard.ended(job).state is JobState.CANCELLED

    def test_it_says_what_it_knows_of_jobs_in_their_order(self, yard: Yard) -> None:
        yard.hold()
        running = yard.world.submit("acme/one", rehearse=True).jobs[0]
        yard.wait_until_held()
        held = yard.world.submit("acme/two", "acme/one", rehearse=True).jobs[1]
        jobs = [yard.find(job) for job in (held, running)]

        views = yard.engine.describe(jobs)

        assert [view.job for view in views] == [job.id for job in jobs]
        assert [view.state for view in views] == [EngineState.PENDING, EngineState.RUNNING]
        yard.release()
        ended = yard.ended(running)
        assert [view.state for view in yard.engine.describe([ended])] == [EngineState.ENDED]
