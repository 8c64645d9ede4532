"""Jobs really run: their variables, states, exit codes, attempts and ends."""

from __future__ import annotations

import types

import psutil
import pytest

from codybatch.standins.batch import Reclaim, Status
from tests.unit.standins.batch.shell import DEAF, LISTENING, Shell


def test_a_command_runs_with_what_batch_tells_it(shell: Shell) -> None:
    job = shell.ended(shell.submit("env; exit 0"))

    log = shell.batch.log_of(job.id).splitlines()
    told = shell.told(job)
    assert job.status is Status.SUCCEEDED
    assert f"AWS_BATCH_JOB_ID={job.id}" in log
    assert "AWS_BATCH_JOB_ATTEMPT=1" in log
    assert "AWS_BATCH_JQ_NAME=queue" in log
    assert "PATH=/usr/bin:/bin" in log
    assert not any(line.startswith("AWS_BATCH_JOB_ARRAY_INDEX") for line in log)
    assert told["container"]["exitCode"] == 0
    assert told["statusReason"] == "Essential container in task exited"
    assert told["createdAt"] <= told["startedAt"] <= told["stoppedAt"]


def test_an_exit_code_fails_the_job_and_is_told(shell: Shell) -> None:
    job = shell.ended(shell.submit("exit 3"))

    assert job.status is Status.FAILED
    assert shell.told(job)["container"]["exitCode"] == 3
    assert len(job.attempts) == 1


def test_the_children_of_an_array_know_their_index_and_are_counted(shell: Shell) -> None:
    array = shell.submit("exit $((AWS_BATCH_JOB_ARRAY_INDEX % 2))", arrayProperties={"size": 5})
    shell.ended(array)

    properties = shell.told(array)["arrayProperties"]
    assert properties["size"] == 5
    assert properties["statusSummary"]["SUCCEEDED"] == 3
    assert properties["statusSummary"]["FAILED"] == 2
    assert array.status is Status.FAILED
    child = shell.told(shell.batch.job(f"{array.id}:3"))
    assert child["arrayProperties"]["index"] == 3
    assert child["jobArn"].endswith(f"job/{array.id}:3")
    assert child["container"]["exitCode"] == 1


def test_an_array_is_pending_while_its_children_run(shell: Shell) -> None:
    array = shell.submit(LISTENING, arrayProperties={"size": 2})
    shell.up(shell.batch.job(f"{array.id}:0"))

    assert array.status is Status.PENDING


def test_no_more_run_at_once_than_there_is_room_for(shell: Shell) -> None:
    array = shell.submit(LISTENING, arrayProperties={"size": 4})

    assert shell.batch.wait_until(lambda: shell.batch.count(Status.RUNNING) == 2)
    assert shell.batch.count(Status.RUNNABLE) == 2
    shell.batch.set_parallel(3)
    assert shell.batch.wait_until(lambda: shell.batch.count(Status.RUNNING) == 3)
    assert array.status is Status.PENDING


class TestTryingAgain:
    RULES = (
        {"onExitCode": "1*", "action": "RETRY"},
        {"onStatusReason": "Host EC2*", "action": "RETRY"},
        {"onReason": "*", "action": "EXIT"},
    )

    def strategy(self, attempts: int = 5) -> dict[str, object]:
        return {"attempts": attempts, "evaluateOnExit": list(self.RULES)}

    def test_a_rule_lets_it_be_tried_again_under_the_same_id(self, shell: Shell) -> None:
        line = "echo try $AWS_BATCH_JOB_ATTEMPT; test $AWS_BATCH_JOB_ATTEMPT -ge 3 || exit 137"
        job = shell.ended(shell.submit(line, retryStrategy=self.strategy()))

        assert job.status is Status.SUCCEEDED
        assert shell.batch.log_of(job.id) == "try 1\ntry 2\ntry 3\n"
        codes = [one["container"]["exitCode"] for one in shell.told(job)["attempts"]]
        assert codes == [137, 137, 0]

    def test_another_rule_ends_it(self, shell: Shell) -> None:
        job = shell.ended(shell.submit("exit 2", retryStrategy=self.strategy()))

        assert (job.status, len(job.attempts)) == (Status.FAILED, 1)

    def test_attempts_run_out(self, shell: Shell) -> None:
        job = shell.ended(shell.submit("exit 1", retryStrategy=self.strategy(attempts=2)))

        assert (job.status, len(job.attempts)) == (Status.FAILED, 2)

    def test_where_no_rule_fits_it_is_tried_again(self, shell: Shell) -> None:
        rules = [{"onExitCode": "7", "action": "EXIT"}]
        strategy = {"attempts": 3, "evaluateOnExit": rules}
        job = shell.ended(shell.submit("exit 4", retryStrategy=strategy))

        assert len(job.attempts) == 3

    def test_a_host_that_is_gone_leaves_no_exit_code_and_its_reason(self, shell: Shell) -> None:
        line = f"test $AWS_BATCH_JOB_ATTEMPT -ge 2 || {{ {DEAF}; }}"
        job = shell.up(shell.submit(line, retryStrategy=self.strategy()))

        assert shell.batch.reclaim(job.id, Reclaim.EC2_SPOT)

        assert shell.ended(job).status is Status.SUCCEEDED
        lost = shell.told(job)["attempts"][0]
        assert lost["statusReason"].startswith("Host EC2 (instance i-")
        assert "exitCode" not in lost["container"]

    def test_a_fargate_host_that_is_taken_back_lets_its_container_say_goodbye(
        self, shell: Shell
    ) -> None:
        job = shell.up(shell.submit(LISTENING, retryStrategy=self.strategy()))

        shell.batch.reclaim(job.id, Reclaim.FARGATE_SPOT)

        assert shell.ended(job).status_reason == "Your Spot Task was interrupted."
        assert job.attempts[0].exit_code == 9
        assert shell.batch.log_of(job.id) == "up\nbye\n"

    def test_out_of_memory_is_told_as_ecs_tells_it(self, shell: Shell) -> None:
        job = shell.up(shell.submit(DEAF))

        shell.batch.reclaim(job.id, Reclaim.OUT_OF_MEMORY)

        container = shell.told(shell.ended(job))["container"]
        assert container["exitCode"] == 137
        assert container["reason"].startswith("OutOfMemoryError")


class TestEnding:
    ALWAYS = types.MappingProxyType({"attempts": 5})

    @pytest.mark.parametrize(("line", "code"), [(LISTENING, 9), (DEAF, 137)])
    def test_a_terminated_job_gets_a_signal_then_is_killed_and_never_tried_again(
        self, shell: Shell, line: str, code: int
    ) -> None:
        job = shell.up(shell.submit(line, retryStrategy={**self.ALWAYS}))

        shell.client.terminate_job(jobId=job.id, reason="enough")

        assert shell.ended(job).status is Status.FAILED
        told = shell.told(job)
        assert (told["statusReason"], told["isTerminated"]) == ("enough", True)
        assert told["container"]["exitCode"] == code
        assert len(job.attempts) == 1

    def test_a_timeout_ends_an_attempt_and_is_not_tried_again(self, shell: Shell) -> None:
        timeout = {"attemptDurationSeconds": 60}  # 0.3 s here
        job = shell.ended(shell.submit(DEAF, timeout=timeout, retryStrategy={**self.ALWAYS}))

        assert job.status_reason == "Job attempt duration exceeded timeout"
        assert len(job.attempts) == 1

    def test_cancelling_ends_what_has_not_begun_and_nothing_else(self, shell: Shell) -> None:
        running = [shell.up(shell.submit(LISTENING)) for _ in range(2)]
        waiting = shell.submit()

        for job in (*running, waiting):
            shell.client.cancel_job(jobId=job.id, reason="no")

        assert shell.ended(waiting).status_reason == "no"
        assert [job.status for job in running] == [Status.RUNNING] * 2

    def test_terminating_an_array_ends_all_its_children(self, shell: Shell) -> None:
        array = shell.submit(LISTENING, arrayProperties={"size": 3})
        shell.up(shell.batch.job(f"{array.id}:0"))

        shell.client.terminate_job(jobId=array.id, reason="all")

        shell.ended(array)
        assert {child.status_reason for child in array.children} == {"all"}
        assert not shell.batch.pids()

    def test_what_a_container_started_ends_with_it(self, shell: Shell) -> None:
        line = f"(sleep 600 & echo $! up); {DEAF}"
        job = shell.up(shell.submit(line))
        before = shell.batch.log_of(job.id)

        shell.batch.reclaim(job.id, Reclaim.KILLED)
        shell.ended(job)

        child = int(before.split()[0])
        while _is_alive(child):
            pass

    def test_a_program_that_is_not_there_fails_to_start(self, shell: Shell) -> None:
        object.__setattr__(shell.batch.host, "entry_point", ("/nowhere/to/be/found",))

        job = shell.ended(shell.submit())

        assert job.status is Status.FAILED
        assert shell.told(job)["container"]["reason"].startswith("CannotStartContainerError")

    def test_a_forgotten_job_is_unknown(self, shell: Shell) -> None:
        job = shell.ended(shell.submit())

        shell.batch.forget(job.id)

        assert shell.client.describe_jobs(jobs=[job.id])["jobs"] == []


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
