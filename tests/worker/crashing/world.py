"""A world on loopback whose processes may be told to die."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from codybatch import backing
from codybatch.engines.local.crew import LaunchCommand
from codybatch.settings import Settings, inherited_environment
from codybatch.standins.anthropic import Brain, Reply, tool_use
from tests.cloud_kit import cloud_world
from tests.prestarted.server import prestarted
from tests.worker.crashing.points import Plan
from tests.worker.crashing.program import FOLDER, STARTER
from tests.worker.world import World, world

PROGRAM = "tests.worker.crashing.program"
ROOT = Path(__file__).parents[3]

SMALL: dict[str, bytes | str] = {
    "README.md": "# Small\n",
    "src/one.py": "first line\nsecond line\n",
    "src/two.py": "first line\nsecond line\n",
}
CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("read_file", {"path": "src/one.py"}),
    ("edit_file", {"path": "src/one.py", "old_string": "first line", "new_string": "line one"}),
    ("write_file", {"path": "src/three.py", "content": "new\n", "overwrite": False}),
    (
        "finish",
        {
            "wereChangesNecessary": True,
            "title": "Change a line",
            "summary": "One line was changed, one file was made.",
            "verification": "None.",
            "confidence": "high",
            "followUps": [],
        },
    ),
)
TURNS = len(CALLS)


def quick_model(request: dict[str, Any]) -> Reply:
    """Looks at a file, changes it, makes another, and finishes."""
    name, arguments = CALLS[len(request["messages"]) // 2]
    return Reply([tool_use(name, arguments)])


@dataclass
class CrashWorld:
    """A world, and the plan by which its processes die."""

    world: World
    plan: Plan
    command: LaunchCommand
    """Starts the watched program in a fresh interpreter."""


@contextmanager
def crash_world(
    folder: Path,
    repositories: Mapping[str, Mapping[str, bytes | str]],
    brain: Brain = quick_model,
    **settings: Any,
) -> Iterator[CrashWorld]:
    """Open a world whose dispatcher, workers and conversations are watched."""
    plan = Plan(folder / "crashes")
    with (
        tempfile.TemporaryDirectory() as short,
        prestarted(Path(short), PROGRAM) as starter,
        pytest.MonkeyPatch.context() as patch,
    ):

        def launch_command(used: Settings) -> LaunchCommand:
            ours = {FOLDER: str(plan.folder), STARTER: "\n".join(starter), "PYTHONPATH": str(ROOT)}
            environment = {**inherited_environment(), **used.as_environment(), **ours}
            return LaunchCommand((sys.executable, "-m", PROGRAM), environment)

        patch.setattr(backing, "launch_command", launch_command)
        with world(folder, repositories, brain, has_forks=False, **settings) as opened:
            yield CrashWorld(opened, plan, launch_command(opened.settings))


@contextmanager
def cloud_crash_world(
    folder: Path,
    repositories: Mapping[str, Mapping[str, bytes | str]],
    brain: Brain = quick_model,
    **settings: Any,
) -> Iterator[CrashWorld]:
    """Open a world in the cloud, whose containers' workers and conversations are watched."""
    plan = Plan(folder / "crashes")
    with (
        tempfile.TemporaryDirectory() as short,
        prestarted(Path(short), PROGRAM) as starter,
    ):
        ours = {FOLDER: str(plan.folder), STARTER: "\n".join(starter), "PYTHONPATH": str(ROOT)}
        with cloud_world(folder, repositories, brain, starter, variables=ours, **settings) as c:
            environment = {
                **inherited_environment(),
                **c.world.settings.as_environment(),
                **ours,
            }
            yield CrashWorld(c.world, plan, LaunchCommand(starter, environment))
