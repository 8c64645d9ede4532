"""The workspace beside plain git, over the same loopback server: ratios, so any machine will do.

Each round does both, one right after the other, and gives a ratio by the clock and one by processor
time (ours, git's and the server's). Plain git's own time varies, since it reads again whatever was
checked out in the second of its index, and other work disturbs both: so the lower quartile counts.
"""

from __future__ import annotations

import itertools
import os
import random
import resource
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from codybatch.standins.git import GitServer
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.patch import make_patch
from codybatch.workspace.secret_scanner import SecretScanner
from tests.workspace_kit import Origin, serve

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

FILES = 5_000
LINES = 125  # 37 MB in all
EDITED = 200
FEWEST_ROUNDS, ROUNDS = 5, 15
MOST_OVER_PLAIN_GIT = 1.15


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    folder = tmp_path_factory.mktemp("workspaces")
    words = [random.Random(seed).randbytes(4).hex() for seed in range(2_000)]
    chance = random.Random(1)
    files = {
        f"src/part{number % 97}/file{number}.py": "".join(
            " ".join(chance.choices(words, k=6)) + "\n" for _ in range(LINES)
        )
        for number in range(FILES)
    }
    with GitServer(folder / "served") as server:
        yield serve(server, folder, files, private=False)


def plain(command: str, folder: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(command, shell=True, cwd=folder, env=environment, check=True)


class Took(NamedTuple):
    """Seconds of the clock and of the processors."""

    clock: float
    processors: float


def took(work: Callable[[], object]) -> Took:
    clock, processors = time.perf_counter(), processor_time()
    work()
    return Took(time.perf_counter() - clock, processor_time() - processors)


def processor_time() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def fresh(origin: Origin) -> tuple[Path, Path]:
    """Where a workspace and a plain clone may be made again."""
    folders = origin.folder / "workspace", origin.folder / "clone"
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return folders


def check_ratio(rounds: Iterator[tuple[Took, Took]], what: str) -> None:
    """Compare our times with plain git's, over more rounds where they are in doubt."""
    done = list(itertools.islice(rounds, FEWEST_ROUNDS))
    while lower_quartile(done) > MOST_OVER_PLAIN_GIT and (another := next(rounds, None)):
        done.append(another)
    ours, theirs = (Took(*map(min, zip(*times, strict=True))) for times in zip(*done, strict=True))
    print(f"{what}: {lower_quartile(done):.2f} of plain git; best {ours}, plain {theirs}")  # noqa: T201
    assert lower_quartile(done) <= MOST_OVER_PLAIN_GIT


def lower_quartile(rounds: list[tuple[Took, Took]]) -> float:
    clock = [ours.clock / theirs.clock for ours, theirs in rounds]
    processors = [ours.processors / theirs.processors for ours, theirs in rounds]
    return min(statistics.quantiles(ratios, n=4)[0] for ratios in (clock, processors))


def test_a_check_out_takes_hardly_longer_than_a_plain_clone(origin: Origin) -> None:
    clone = f"git clone -q --depth 1 {origin.access.url} clone"

    def rounds() -> Iterator[tuple[Took, Took]]:
        for _ in range(ROUNDS):
            fresh(origin)
            theirs = took(lambda: plain(clone, origin.folder))
            yield took(origin.check_out), theirs

    check_ratio(rounds(), "check-out of 5,000 files")


def test_a_patch_takes_hardly_longer_than_plain_add_and_diff(origin: Origin) -> None:
    scanner = SecretScanner()

    def edited() -> tuple[Workspace, Path]:
        _, clone = fresh(origin)
        plain(f"git clone -q --depth 1 {origin.access.url} clone", origin.folder)
        workspace = origin.check_out()
        for number in range(EDITED):
            for tree in (workspace.tree_path, clone):
                path = tree / f"src/part{number % 97}/file{number}.py"
                path.write_text(path.read_text().replace("a", "A", 3) + "one more line\n")
        return workspace, clone

    def rounds() -> Iterator[tuple[Took, Took]]:
        for _ in range(ROUNDS):
            workspace, clone = edited()
            theirs = took(lambda: plain("git add -A && git diff --cached > ../diff", clone))  # noqa: B023
            yield took(lambda: make_patch(workspace, scanner)), theirs  # noqa: B023

    check_ratio(rounds(), "patch of 200 files")
