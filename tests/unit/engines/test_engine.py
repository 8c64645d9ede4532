"""The local engine: who only looks replaces no dispatcher, who takes over does."""

from pathlib import Path

from codybatch.composition import application
from codybatch.domain.states import JobState
from codybatch.standins.anthropic import Fault
from tests.worker.world import CLOCKS, world

REPOSITORY = "acme/clocks"


def test_another_shells_settings_replace_the_dispatcher_only_where_they_take_over(
    tmp_path: Path,
) -> None:
    with world(tmp_path, {REPOSITORY: CLOCKS}, has_forks=False) as w:
        w.model.faults.add(Fault(kind="hold", turn=1, after_events=2, gate="held"))
        created = w.submit(REPOSITORY)
        assert w.model.gates.wait_until_held("held", seconds=60)
        before = w.app.local_engine.status()
        assert before
        other = application(w.settings.model_copy(update={"max_parallel_jobs": 1}))
        try:
            other.engine.reconcile()
            still = w.app.local_engine.status()
            assert still
            assert still.pid == before.pid

            other.take_over()
            after = other.local_engine.status()
            assert after
            assert after.pid != before.pid
            w.model.gates.open("held")
            (job,) = w.wait(created)
            assert job.state is JobState.SUCCEEDED
            assert job.attempts == 1  # its worker was adopted, not started again
        finally:
            other.local_engine.stop()
            other.close()


def test_an_idle_dispatcher_leaves_by_itself(tmp_path: Path) -> None:
    with world(tmp_path, {REPOSITORY: CLOCKS}, has_forks=False) as w:
        w.wait(w.submit(REPOSITORY))
        while w.app.local_engine.status() is not None:
            w.app.clock.sleep(0.2)
        assert w.app.local_engine.stop() is False
