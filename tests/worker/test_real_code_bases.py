"""Five real code bases through the real command line: five patches, and five pull requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from codybatch.backing import launch_command
from codybatch.standins.anthropic import Fault
from tests.worker.world import World, world

pytestmark = pytest.mark.timeout(300)

PACKAGES = {
    "acme/jinja": "jinja2",
    "acme/requests": "requests",
    "acme/rich": "rich",
    "acme/typer": "typer",
    "acme/urllib3": "urllib3",
}
"""Repositories with the packages that they hold; the locks name all of them."""
OLD, NEW = "typing_extensions", "typing"
PROMPT = f"Replace every use of `{OLD}` by `{NEW}`, and leave everything else as it is.\n"
SUBMIT = ("submit", "--prompt-file", "modern-typing.txt", "--publish", "draft")
SECONDS = 110

Job = dict[str, Any]


def code_base(package: str) -> dict[str, bytes | str]:
    """An installed package's Python files under ``src``, with a README."""
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    root = Path(found.origin).parent
    files: dict[str, bytes | str] = {
        f"src/{package}/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.rglob("*.py"))
    }
    return {"README.md": f"# {package}\n\nIts source, as it is released.\n", **files}


@pytest.fixture(scope="module")
def w(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("code-bases")
    (folder / "modern-typing.txt").write_text(PROMPT)
    code_bases = {name: code_base(package) for name, package in PACKAGES.items()}
    # The same again, for a batch in which a worker is killed.
    again = {name.replace("acme/", "acme/other-"): files for name, files in code_bases.items()}
    with world(folder, {**code_bases, **again}, has_forks=False, max_parallel_jobs=3) as opened:
        yield opened


def started(w: World, *arguments: str) -> subprocess.Popen[bytes]:
    """The command line with the world's settings, in the folder where the prompt lies."""
    command = launch_command(w.settings)
    return subprocess.Popen(
        [sys.executable, "-m", "codybatch", *arguments],
        cwd=w.settings.home.parent,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finished(process: subprocess.Popen[bytes]) -> list[Job]:
    """The jobs that a `submit --wait --json` prints at its end."""
    output, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said.decode()
    jobs: list[Job] = json.loads(output)["jobs"]
    return jobs


def submit(key: str, repositories: list[str]) -> tuple[str, ...]:
    """The words of a submission."""
    named = (word for name in repositories for word in ("-r", name))
    return (*SUBMIT, "--idempotency-key", key, "--wait", "--json", *named)


def git(folder: Path, *arguments: str, given: bytes | None = None) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def tree_of_patch(w: World, job: Job, folder: Path) -> str:
    """The tree that the job's patch makes of a fresh clone, by git alone."""
    patch = w.app.jobs.patch(job["id"])
    git(folder, "clone", "--quiet", f"{w.github.url}/{job['repository']}.git", job["id"])
    clone = folder / job["id"]
    git(clone, "checkout", "--quiet", job["commit"])
    git(clone, "apply", "--check", "-", given=patch)
    git(clone, "apply", "--index", "-", given=patch)
    assert OLD not in "".join(path.read_text() for path in (clone / "src").rglob("*.py"))
    return git(clone, "write-tree")


def check(w: World, jobs: list[Job], folder: Path) -> None:
    """Each job's patch applies, and is what its one draft pull request proposes."""
    for job in jobs:
        assert (job["state"], job["endedBecause"]) == ("succeeded", "finished")
        assert job["wereChangesNecessary"] is True
        bare = w.github.bare(job["repository"])
        (pull,) = w.github.pull_requests(job["repository"])
        assert pull.draft
        assert set(bare.branches()) == {"main", pull.head_ref}
        proposed = bare.git("rev-parse", f"{pull.head_oid}^{{tree}}").decode().strip()
        assert tree_of_patch(w, job, folder) == proposed
        assert job["publication"]["kind"] == "pull_request"


def patches(jobs: list[Job]) -> set[str]:
    return {job["patch"]["sha256"] for job in jobs}


def test_five_code_bases_end_in_five_patches_and_five_draft_pull_requests(
    w: World, tmp_path: Path
) -> None:
    repositories = list(PACKAGES)

    jobs = finished(started(w, *submit("modern-typing", repositories)))
    again = finished(started(w, *submit("modern-typing", repositories)))

    assert [job["repository"] for job in jobs] == repositories
    check(w, jobs, tmp_path)
    assert [job["id"] for job in again] == [job["id"] for job in jobs]
    assert len(w.app.jobs.list().items) == len(repositories)


def test_a_worker_killed_in_the_middle_changes_nothing_of_that(w: World, tmp_path: Path) -> None:
    repositories = [name.replace("acme/", "acme/other-") for name in PACKAGES]
    w.model.faults.add(Fault(kind="hold", turn=2, after_events=2, gate="middle"))
    submission = started(w, *submit("killed", repositories))
    assert w.model.gates.wait_until_held("middle", seconds=60)

    twin = started(w, *submit("killed", repositories))
    kill_a_worker(w)
    w.model.gates.open("middle")

    jobs, same = finished(submission), finished(twin)
    check(w, jobs, tmp_path)
    assert [job["id"] for job in same] == [job["id"] for job in jobs]
    assert max(w.app.jobs.find(job["id"]).attempts for job in jobs) == 2
    undisturbed = finished(started(w, *submit("modern-typing", list(PACKAGES))))
    assert patches(jobs) == patches(undisturbed)


def kill_a_worker(w: World) -> None:
    """Kill the worker whose conversation is held."""
    status = w.app.local_engine.status()
    assert status is not None
    held = [job for job in status.workers if w.app.jobs.find(job).progress.turn == 2]
    worker = psutil.Process(status.workers[held[0]])
    worker.kill()
    psutil.wait_procs([worker], timeout=20)
