"""Whole jobs beside what they stand on, git and the model: real processes, loopback stand-ins."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from codybatch.domain.jobs import Job
from codybatch.domain.states import JobState
from codybatch.standins.anthropic import Reply, tool_use
from tests.worker.world import CLOCKS, World, world

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

Calls = list[tuple[str, dict[str, Any]]]
FINISH: Calls = [
    (
        "finish",
        {
            "wereChangesNecessary": True,
            "title": "Change a line",
            "summary": "One line was changed.",
            "verification": "None.",
            "confidence": "high",
            "followUps": [],
        },
    )
]


def edits(path: str, old: str, new: str) -> Calls:
    return [("edit_file", {"path": path, "old_string": old, "new_string": new})]


@dataclass
class InstantModel:
    """Answers at once with the calls of a script, and says when each turn began."""

    script: Callable[[int], Calls]
    on_turn: Callable[[int], None] = lambda _: None

    def __call__(self, request: dict[str, Any]) -> Reply:
        turn = len(request["messages"]) // 2
        self.on_turn(turn)
        return Reply([tool_use(name, arguments) for name, arguments in self.script(turn)])


# one job over a large repository

FILES = 5_000
LINES = 125  # 37 MB in all
EDITED = 20
FEWEST_ROUNDS, ROUNDS = 2, 8
MOST_OVER_PLAIN_GIT = 1.3
START_SECONDS = 2.0
LARGE = "acme/large"


def large_repository() -> dict[str, bytes | str]:
    words = [random.Random(seed).randbytes(4).hex() for seed in range(2_000)]
    chance = random.Random(1)
    return {
        path_of(number): "first line\n"
        + "".join(" ".join(chance.choices(words, k=6)) + "\n" for _ in range(LINES))
        for number in range(FILES)
    }


def path_of(number: int) -> str:
    return f"src/part{number % 97}/file{number}.py"


def edits_twenty_files(turn: int) -> Calls:
    if turn:
        return FINISH
    changes = [edits(path_of(number), "first line", "line one") for number in range(EDITED)]
    return [call for change in changes for call in change]


def seconds_of_plain_git(url: str, folder: Path) -> float:
    """Clone as shallowly as we do, make the same edits, and take the difference."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}

    def run(command: str) -> float:
        began = time.perf_counter()
        subprocess.run(command, shell=True, cwd=folder, env=environment, check=True)
        return time.perf_counter() - began

    cloning = run(f"git clone -q --depth 1 {url} clone")
    for number in range(EDITED):
        path = folder / "clone" / path_of(number)
        path.write_text(path.read_text().replace("first line", "line one"))
    return cloning + run("cd clone && git add -A && git diff --cached > ../diff")


def seconds_of_job(w: World) -> float:
    """From the submission to the settlement, with a dispatcher that is there already."""
    w.app.local_engine.ensure_dispatcher()
    (job,) = w.wait(w.submit(LARGE))
    assert job.state is JobState.SUCCEEDED, job.ended_detail
    assert job.patch is not None
    assert job.patch.files == EDITED
    assert job.ended_at is not None
    return (job.ended_at - job.created_at).total_seconds()


def test_a_job_takes_hardly_longer_than_a_clone_and_a_diff(tmp_path: Path) -> None:
    ours = theirs = most = float("inf")
    model = InstantModel(edits_twenty_files)
    with world(tmp_path, {LARGE: large_repository()}, model, has_forks=False) as w:
        for number in range(1, ROUNDS + 1):
            theirs = min(theirs, seconds_of_plain_git(f"{w.github.url}/{LARGE}", tmp_path / "git"))
            ours = min(ours, seconds_of_job(w))
            most = MOST_OVER_PLAIN_GIT * theirs + START_SECONDS
            if number >= FEWEST_ROUNDS and ours <= most:
                break
    print(f"\n5,000 files: {ours:.2f} s, plain git {theirs:.2f} s, at most {most:.2f}")  # noqa: T201
    assert ours <= most


# many turns

RUNS = 5
"""At most: noise only ever adds time."""

LONG = "acme/long"
LINES_OF_EACH = 300
FILES_OF_LONG = {
    f"src/f{number}.py": "".join(f"line {line} of many\n" for line in range(LINES_OF_EACH))
    for number in range(50)
}


def working(turns: int) -> Callable[[int], Calls]:
    """Look at two places, change one, and so on, as a model does, in little space."""

    def script(turn: int) -> Calls:
        if turn == turns - 1:
            return FINISH
        first = 1 + turn // 2
        if turn % 2 == 0:
            return [
                ("read_file", {"path": path, "start_line": first, "end_line": first + 2})
                for path in (f"src/f{turn % 50}.py", f"src/f{(turn + 25) % 50}.py")
            ]
        return edits(f"src/f{turn % 49}.py", f"line {first} of", f"line {first} at turn {turn} of")

    return script


class Used(NamedTuple):
    """Seconds since a beginning that is the same for all measurements of a job."""

    worker: float
    conversation: float
    client: float
    wall: float

    @property
    def ours(self) -> float:
        """Without the model's client."""
        return self.worker + self.conversation


@dataclass
class Meter:
    """What a job's two processes used from its second turn to its last.

    Processor time is what is held: the stand-in runs in the test's own process, so none of its
    time is in it, and hardly any of a busy machine's. The client of the model's service has a
    thread of its own, the busiest beside the main one; it stands for the model, so it is shown by
    itself. The wall's clock has all of that, the stand-in and waiting for the disk.
    """

    turns: int
    world: World | None = None
    at: dict[int, Used] = field(default_factory=dict)

    def on_turn(self, turn: int) -> None:
        if turn not in {1, self.turns - 1}:
            return
        status = self.world.app.local_engine.status() if self.world else None
        assert status is not None
        (worker,) = (psutil.Process(pid) for pid in status.workers.values())
        (talking,) = (child for child in worker.children() if "converse" in child.cmdline())
        client = max(
            thread.user_time + thread.system_time
            for thread in talking.threads()
            if thread.id != talking.pid
        )
        whole = processor_seconds(talking)
        self.at[turn] = Used(processor_seconds(worker), whole - client, client, time.perf_counter())

    def milliseconds(self) -> Used:
        """Of a turn."""
        pairs = zip(self.at[1], self.at[self.turns - 1], strict=True)
        return Used(*(1000 * (last - first) / (self.turns - 2) for first, last in pairs))


def processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def used_by_a_turn(w: World, meter: Meter) -> Used:
    """Of one job with so many turns."""
    (job,) = w.wait(w.submit(LONG, max_turns=meter.turns))
    assert job.state is JobState.SUCCEEDED, job.ended_detail
    assert job.progress.turn == meter.turns
    assert job.conversations == 1
    return meter.milliseconds()


@pytest.mark.parametrize(("turns", "most"), [(50, 5.0), (500, 15.0)])
def test_a_turn_costs_little_beside_the_model(tmp_path: Path, turns: int, most: float) -> None:
    meter = Meter(turns)
    with world(
        tmp_path,
        {LONG: FILES_OF_LONG},
        InstantModel(working(turns), meter.on_turn),
        has_forks=False,
        job_cost_cap_usd=None,
        daily_cost_cap_usd=None,
    ) as w:
        meter.world = w
        used = used_by_a_turn(w, meter)
        for _ in range(RUNS - 1):
            if used.ours > most:
                used = min(used, used_by_a_turn(w, meter), key=lambda used: used.ours)
    print(  # noqa: T201
        f"\n{turns} turns: {used.ours:.2f} ms of processor time a turn, at most {most} "
        f"({used.worker:.2f} worker, {used.conversation:.2f} conversation); beside that "
        f"{used.client:.2f} the model's client; {used.wall:.2f} ms by the wall's clock"
    )
    assert used.ours <= most


# many jobs

JOBS, AT_ONCE = 24, 8
MOST_MEGABYTES = 150


@contextmanager
def watched_memory(w: World) -> Iterator[dict[int, float]]:
    """The largest memory (MB) that each worker was seen with, by pid."""
    largest: dict[int, float] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            status = w.app.local_engine.status()
            for pid in status.workers.values() if status else ():
                with suppress(psutil.Error):
                    used = psutil.Process(pid).memory_info().rss / 1e6
                    largest[pid] = max(largest.get(pid, 0.0), used)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield largest
    finally:
        over.set()
        watcher.join()


def test_eight_jobs_at_once_of_twenty_four_lose_none(tmp_path: Path) -> None:
    repositories = [f"acme/clocks{number}" for number in range(JOBS)]
    with world(
        tmp_path,
        dict.fromkeys(repositories, CLOCKS),
        has_forks=False,
        max_parallel_jobs=AT_ONCE,
        max_repositories_per_request=JOBS,
    ) as w:
        began = time.perf_counter()
        with watched_memory(w) as largest:
            jobs = w.wait(w.submit(*repositories, publish="draft"))
        seconds = time.perf_counter() - began
        pulls = [len(w.github.pull_requests(repository)) for repository in repositories]

    megabytes = max(largest.values())
    print(  # noqa: T201
        f"\n{JOBS} jobs, {AT_ONCE} at once: {seconds:.1f} s; the largest of {len(largest)} workers "
        f"had {megabytes:.0f} MB, at most {MOST_MEGABYTES}"
    )
    assert [job.state for job in jobs] == [JobState.SUCCEEDED] * JOBS
    assert [job.attempts for job in jobs] == [1] * JOBS
    assert pulls == [1] * JOBS
    assert most_at_once(jobs) == AT_ONCE
    assert len(largest) == JOBS
    assert megabytes < MOST_MEGABYTES


def most_at_once(jobs: tuple[Job, ...]) -> int:
    """How many of them ran at the same time."""
    begins = [(job.started_at, 1) for job in jobs if job.started_at]
    ends = [(job.ended_at, -1) for job in jobs if job.ended_at]
    running = most = 0
    for _, change in sorted(begins + ends):
        running += change
        most = max(most, running)
    return most
