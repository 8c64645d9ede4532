"""What goes wrong around a job, through real workers: what passes, what waits and what ends it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from codybatch.backing import launch_command
from codybatch.clients import model_credential
from codybatch.domain.errors import DispatcherRunning
from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.states import EndedBecause, JobState, WaitingReason
from codybatch.ports import CredentialTrouble
from codybatch.standins.anthropic import Fault
from codybatch.standins.github.faults import cut
from tests.worker.world import CLOCKS, World, world

pytestmark = pytest.mark.timeout(300)

SECONDS = 100
MAX_FILES = 20
LONG = timedelta(hours=1)

PASSING = {
    "acme/cut": Fault(kind="cut", turn=1, after_events=3),
    "acme/ended-early": Fault(kind="end", turn=1, after_events=3),
    "acme/broken-off": Fault(kind="error_event", turn=1, after_events=3),
    "acme/overloaded": Fault(kind="answer", turn=1, status=529),
    "acme/busy-for-a-second": Fault(kind="answer", turn=1, status=429, retry_after=1),
}
"""Faults of the model's service that pass by themselves, in the second turn."""
BEGUN = ("acme/cut", "acme/ended-early", "acme/broken-off")
"""Where the reply had begun, and may be paid for."""
REFUSED = "acme/refused"
THROTTLED = "acme/throttled"
CLONE_CUT = "acme/clone-cut"
LARGE = "acme/large"
SAME_BUT_FOR_CASE = "acme/same-but-for-case"
ODD_NAME = "acme/odd-name"

FILES: dict[str, Mapping[str, bytes | str]] = {
    **dict.fromkeys([*PASSING, REFUSED, THROTTLED, CLONE_CUT], CLOCKS),
    LARGE: {f"file{number}.txt": "x\n" for number in range(MAX_FILES + 1)},
    SAME_BUT_FOR_CASE: {"Readme.md": "# One\n", "README.md": "# Other\n"},
    ODD_NAME: {"README.md": "# Odd\n", "a\\b.txt": "x\n"},
}


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(
        tmp_path_factory.mktemp("faults"),
        FILES,
        max_parallel_jobs=4,
        max_repositories_per_request=len(FILES),
        max_repository_files=MAX_FILES,
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def jobs(w: World) -> dict[str, Job]:
    """The job of each repository, as it ended or as it waits for long."""
    stop = Fault(kind="stop", turn=1, stop_reason="refusal", category="cyber", keep_blocks=0)
    throttle = Fault(kind="answer", turn=1, status=429, retry_after=LONG.total_seconds())
    for repository, fault in {**PASSING, REFUSED: stop, THROTTLED: throttle}.items():
        w.model.faults.add(meant_for(repository, fault))
    w.github.faults.add(cut(f"POST /{CLONE_CUT}.git/git-upload-pack", after_bytes=40))

    created = w.submit(*FILES)
    return {job.repository.full_name: wait_for(w, job, is_still) for job in created.jobs}


def meant_for(repository: str, fault: Fault) -> Fault:
    """A fault that strikes in the conversation about one repository."""
    return fault.model_copy(update={"containing": f"name: {repository}\\n"})


def is_still(job: Job) -> bool:
    """Whether it ended, or waits for longer than a test takes."""
    soon = datetime.now(UTC) + timedelta(minutes=5)
    until = job.waiting.until if job.waiting else None
    return job.state.is_terminal or (until is not None and until > soon)


def wait_for(w: World, job: Job, condition: Callable[[Job], bool]) -> Job:
    """Look at a job again and again until something holds of it."""
    give_up_at = time.monotonic() + SECONDS
    while not condition(found := w.app.jobs.find(job.id)):
        assert time.monotonic() < give_up_at, found
        time.sleep(0.05)
    return found


def told(w: World, job: Job, kind: EventKind) -> list[str]:
    """What a job's events of a kind say."""
    return [event.text for event in w.app.jobs.events(job.id) if event.kind is kind]


def asked(w: World, repository: str) -> int:
    """How many replies were asked for in the conversation about a repository."""
    about = f"name: {repository}\\n".encode()
    return sum(
        exchange.path == "/v1/messages" and about in exchange.body for exchange in w.model.exchanges
    )


def let_time_pass(w: World, *waiting: Job) -> None:
    """Until what these jobs wait for has come: their records say that it was yesterday."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    with sqlite3.connect(w.settings.home / "codybatch.db") as records:
        for job in waiting:
            records.execute(
                "UPDATE jobs SET document = json_set(document, '$.waiting.until', ?) WHERE id = ?",
                (yesterday, job.id),
            )
    records.close()


@pytest.mark.parametrize("repository", PASSING)
def test_a_service_that_fails_for_a_moment_is_asked_again_and_people_see_it(
    w: World, jobs: dict[str, Job], repository: str
) -> None:
    job = jobs[repository]

    assert job.state is JobState.SUCCEEDED, job.ended_detail
    assert asked(w, repository) == job.progress.turn + 1
    (retried,) = told(w, job, EventKind.RETRIED)
    assert "Asking again" in retried
    has_begun = repository in BEGUN
    assert len(told(w, job, EventKind.PAID_TWICE)) == has_begun
    assert (job.uncertain_cost_usd > 0) == has_begun
    assert job.attempts == 1


def test_a_refusal_of_the_model_ends_the_job(w: World, jobs: dict[str, Job]) -> None:
    job = jobs[REFUSED]

    assert (job.state, job.ended_because) == (JobState.FAILED, EndedBecause.REFUSED)
    assert told(w, job, EventKind.ENDED)


def test_a_long_pause_that_the_service_asks_for_holds_no_process(
    w: World, jobs: dict[str, Job]
) -> None:
    job = jobs[THROTTLED]
    waiting = job.waiting

    assert job.state is JobState.WAITING
    assert job.lease is None
    assert waiting is not None
    assert waiting.reason is WaitingReason.THROTTLED
    assert waiting.until is not None
    assert 0.9 * LONG < waiting.until - waiting.since < 1.2 * LONG
    before = asked(w, THROTTLED)

    let_time_pass(w, job)
    ended = w.wait_for(job.id)

    assert ended.state is JobState.SUCCEEDED
    assert asked(w, THROTTLED) - before == ended.progress.turn - 1
    assert told(w, ended, EventKind.RELEASED)


def test_a_clone_that_is_cut_off_is_made_again(w: World, jobs: dict[str, Job]) -> None:
    job = jobs[CLONE_CUT]

    assert job.state is JobState.SUCCEEDED, job.ended_detail
    assert job.attempts == 2
    (why,) = told(w, job, EventKind.WAITING)
    assert "could not be reached" in why


@pytest.mark.parametrize(
    ("repository", "because", "words"),
    [
        (LARGE, EndedBecause.REPOSITORY_TOO_LARGE, ("more than 20 files",)),
        (SAME_BUT_FOR_CASE, EndedBecause.REPOSITORY_UNSUPPORTED, ("Readme.md", "README.md")),
        (ODD_NAME, EndedBecause.REPOSITORY_UNSUPPORTED, ("backslash",)),
    ],
)
def test_a_repository_that_no_work_tree_can_hold_ends_the_job_with_the_reason(
    w: World,
    jobs: dict[str, Job],
    repository: str,
    because: EndedBecause,
    words: Sequence[str],
) -> None:
    job = jobs[repository]

    assert (job.state, job.ended_because) == (JobState.FAILED, because)
    assert all(word in job.ended_detail for word in words)
    assert asked(w, repository) == 0
    assert job.cost_usd == 0


def test_nothing_is_left_of_the_work_trees(w: World, jobs: dict[str, Job]) -> None:
    assert jobs
    while list((w.settings.home / "work").iterdir()):  # a worker tidies up after it settled
        w.app.clock.sleep(0.1)


def test_a_second_dispatcher_is_refused(w: World) -> None:
    w.app.local_engine.ensure_dispatcher()
    command = launch_command(w.settings)

    second = subprocess.run(
        [*command.arguments, "dispatcher", "run"],
        env=dict(command.environment),
        capture_output=True,
        text=True,
        check=False,
    )

    assert second.returncode != 0
    assert DispatcherRunning().message in second.stderr


ONE_AFTER_THE_OTHER = ("acme/first", "acme/second", "acme/third")


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that runs one job at once."""
    repositories = dict.fromkeys((*ONE_AFTER_THE_OTHER, *BEFORE_THE_CLONE, IN_FRONT, FULL), CLOCKS)
    with world(tmp_path_factory.mktemp("narrow"), repositories, max_parallel_jobs=1) as opened:
        yield opened


def key_works_again(w: World, waiting: Sequence[Job]) -> None:
    del waiting
    w.app.store.records.forget_credential_trouble(model_credential(w.settings))
    w.app.engine.reconcile()


def time_is_up(w: World, waiting: Sequence[Job]) -> None:
    now = datetime.now(UTC)
    before = now - timedelta(hours=2)
    w.app.store.records.note_credential_trouble(
        CredentialTrouble(model_credential(w.settings), "It was refused.", before, before + LONG)
    )
    let_time_pass(w, *waiting)
    w.app.engine.reconcile()


@pytest.mark.parametrize(
    ("refusal", "mend"),
    [
        (Fault(kind="answer", turn=1, status=401), key_works_again),
        (Fault(kind="answer", turn=1, status=402), time_is_up),
    ],
    ids=["key refused", "no credit left"],
)
def test_a_refused_key_makes_every_job_wait_until_it_works_again(
    narrow: World, refusal: Fault, mend: Callable[[World, Sequence[Job]], None]
) -> None:
    w = narrow
    first, *others = ONE_AFTER_THE_OTHER
    before = [asked(w, repository) for repository in others]
    w.model.faults.add(meant_for(first, refusal))
    created = w.submit(*ONE_AFTER_THE_OTHER)
    waiting = [wait_for(w, job, is_still) for job in created.jobs]

    for job in waiting:
        assert job.waiting is not None
        assert job.waiting.reason is WaitingReason.CREDENTIAL
        assert job.waiting.credential == model_credential(w.settings)
    assert [asked(w, repository) for repository in others] == before
    assert waiting[0].progress.turn == 1

    mend(w, waiting)
    ended = w.wait(created)

    assert [job.state for job in ended] == [JobState.SUCCEEDED] * 3
    assert w.app.store.records.credential_trouble(model_credential(w.settings)) is None


BEFORE_THE_CLONE = ("acme/held", "acme/vanished", "acme/rewritten", "acme/renamed")
"""The first is held, so that the others change between their submission and their clone."""


def rewrite(w: World, repository: str) -> None:
    """Force another history onto the branch."""
    bare = w.github.bare(repository)
    tree = bare.git("mktree").decode().strip()
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    commit = bare.git(*identity, "commit-tree", tree, "-m", "Another beginning").decode().strip()
    bare.set_branch("main", commit)
    bare.git("gc", "--quiet", "--prune=now")


def test_a_repository_that_changes_before_the_clone_ends_the_job_with_the_reason(
    narrow: World,
) -> None:
    w = narrow
    held, vanished, rewritten, renamed = BEFORE_THE_CLONE
    w.model.faults.add(meant_for(held, Fault(kind="hold", turn=0, gate="before-clone")))
    created = w.submit(*BEFORE_THE_CLONE)
    assert w.model.gates.wait_until_held("before-clone", seconds=60)

    w.github.change_repository(vanished, private=True, permissions={})
    rewrite(w, rewritten)
    w.github.rename_repository(renamed, "acme/other-name")
    w.model.gates.open("before-clone")
    first, *others = w.wait(created)

    assert first.state is JobState.SUCCEEDED
    expected = ("no repository", created.jobs[2].commit, "moved")
    for job, words in zip(others, expected, strict=True):
        assert job.state is JobState.FAILED
        assert job.ended_because is EndedBecause.REPOSITORY_UNAVAILABLE
        assert words in job.ended_detail
        assert job.cost_usd == 0


IN_FRONT, FULL = "acme/in-front", "acme/full"
PRIVATE = ("unshare", "--map-root-user", "--mount")
ON_A_DISK = 'mount -t tmpfs -o "size=$0k" none "$CODYBATCH_HOME/work" && exec "$@"'
NO_ROOM_FOR_THE_CLONE, NO_ROOM_FOR_THE_PATCH = 16, 64


def has_small_disks() -> bool:
    """Whether a process may mount disks of its own, which nobody else sees."""
    if shutil.which("unshare") is None:
        return False
    tried = [*PRIVATE, "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


def run_on_small_disk(w: World, job: Job, kilobytes: int) -> Job:
    """A worker whose work tree stands on a disk of its own; how it leaves the job."""
    found = wait_for(w, job, lambda found: found.state is JobState.QUEUED)
    command = launch_command(w.settings).for_worker(job.id, "elsewhere:1", found.attempts + 1)
    subprocess.run(
        [*PRIVATE, "sh", "-c", ON_A_DISK, str(kilobytes), *command.arguments],
        env=dict(command.environment),
        check=True,
    )
    return w.app.jobs.find(job.id)


@pytest.mark.skipif(not has_small_disks(), reason="this system lets nobody mount a small disk")
def test_a_job_waits_while_the_disk_is_full_and_goes_on_when_there_is_room(narrow: World) -> None:
    w = narrow
    w.model.faults.add(meant_for(IN_FRONT, Fault(kind="hold", turn=0, gate="full")))
    in_front, job = w.submit(IN_FRONT, FULL).jobs
    assert w.model.gates.wait_until_held("full", seconds=60)
    (w.settings.home / "work").mkdir(exist_ok=True)

    for kilobytes in NO_ROOM_FOR_THE_CLONE, NO_ROOM_FOR_THE_PATCH:
        found = run_on_small_disk(w, job, kilobytes)
        assert found.state is JobState.WAITING, found.ended_detail
        assert found.waiting is not None
        assert "disk is full" in found.waiting.detail
        let_time_pass(w, found)
    w.model.gates.open("full")

    ended = w.wait_for(job.id)
    assert ended.state is JobState.SUCCEEDED
    assert w.app.jobs.patch(job.id) == w.app.jobs.patch(w.wait_for(in_front.id).id)
    assert asked(w, FULL) == ended.progress.turn
