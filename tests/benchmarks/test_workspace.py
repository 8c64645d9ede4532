"""The workspace beside plain git, over the same loopback server: ratios, so any machine will do.

The best of several alternating rounds is compared, since noise only ever adds time.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from codybatch.standins.git import GitServer
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.patch import make_patch
from tests.workspace_kit import Origin, serve

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

FILES = 5_000
LINES = 125  # 37 MB in all
EDITED = 200
FEWEST_ROUNDS, ROUNDS = 3, 12
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


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def fresh(origin: Origin) -> tuple[Path, Path]:
    """Where a workspace and a plain clone may be made again."""
    folders = origin.folder / "workspace", origin.folder / "clone"
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return folders


def check_ratio(rounds: Iterator[tuple[float, float]], what: str) -> None:
    """Compare the best times of ours and plain git's, with more rounds where they are in doubt."""
    ours = theirs = float("inf")
    for number, (one, other) in enumerate(rounds, start=1):
        ours, theirs = min(ours, one), min(theirs, other)
        if number >= FEWEST_ROUNDS and ours <= MOST_OVER_PLAIN_GIT * theirs:
            break
    print(f"{what}: {ours:.3f} s, plain git {theirs:.3f} s, ratio {ours / theirs:.2f}")  # noqa: T201
    assert ours <= MOST_OVER_PLAIN_GIT * theirs


def test_a_check_out_takes_hardly_longer_than_a_plain_clone(origin: Origin) -> None:
    clone = f"git clone -q --depth 1 {origin.access.url} clone"

    def rounds() -> Iterator[tuple[float, float]]:
        for _ in range(ROUNDS):
            fresh(origin)
            theirs = seconds(lambda: plain(clone, origin.folder))
            yield seconds(origin.check_out), theirs

    check_ratio(rounds(), "check-out of 5,000 files")


def test_a_patch_takes_hardly_longer_than_plain_add_and_diff(origin: Origin) -> None:
    def edited() -> tuple[Workspace, Path]:
        _, clone = fresh(origin)
        plain(f"git clone -q --depth 1 {origin.access.url} clone", origin.folder)
        workspace = origin.check_out()
        for number in range(EDITED):
            for tree in (workspace.tree_path, clone):
                path = tree / f"src/part{number % 97}/file{number}.py"
                path.write_text(path.read_text().replace("a", "A", 3) + "one more line\n")
        return workspace, clone

    def rounds() -> Iterator[tuple[float, float]]:
        for _ in range(ROUNDS):
            workspace, clone = edited()
            theirs = seconds(lambda: plain("git add -A && git diff --cached > ../diff", clone))  # noqa: B023
            yield seconds(lambda: make_patch(workspace)), theirs  # noqa: B023

    check_ratio(rounds(), "patch of 200 files")
