"""A repository of 100,000 files and of files of many megabytes, through a whole job: memory and
context stay within bounds, results come in pages, and what was learned survives a handoff.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from codybatch.domain.events import EventKind
from codybatch.domain.jobs import Job
from codybatch.domain.states import EndedBecause, JobState
from codybatch.domain.threads import StepKind
from codybatch.standins.anthropic import Reply, text, tool_use
from tests.worker.world import World, world

pytestmark = pytest.mark.timeout(300)

FILES = 100_000
LINES = 2_000_000
NEEDLE = "pkg057/mod123.py"
MOST_MEMORY = 300 * 2**20
"""Bytes of the worker, and of the conversation; the largest file alone has 44 million."""
MOST_CHARACTERS = 200_000
"""Of all results of one reply."""
HANDED_OFF = "<earlier>"
NOTES = "The needle is turned. Nothing else is left to do."
LOOKS: list[list[tuple[str, dict[str, Any]]]] = [
    [
        ("list_files", {"depth": 1}),
        ("list_files", {"depth": 3}),
        ("glob", {"pattern": "**/*.py"}),
        ("grep", {"pattern": "value", "limit": 100}),
        ("grep", {"pattern": "needle"}),
    ],
    [
        ("read_file", {"path": "one_line.json"}),
        ("read_file", {"path": "many_lines.txt"}),
        ("read_file", {"path": "many_lines.txt", "start_line": LINES - 5}),
        ("read_file", {"path": "image.bin"}),
        ("grep", {"pattern": "^line 1999999$"}),
    ],
]
EDIT = ("edit_file", {"path": NEEDLE, "old_string": "needle = 0", "new_string": "needle = 1"})
FINISH = (
    "finish",
    {
        "wereChangesNecessary": True,
        "title": "Turn the needle",
        "summary": NOTES,
        "verification": "None.",
        "confidence": "high",
        "followUps": [],
    },
)


def large_code_base() -> dict[str, bytes | str]:
    names = (f"pkg{number // 1000:03d}/mod{number % 1000:03d}.py" for number in range(FILES))
    return {
        **{name: f"value = {number}\n" for number, name in enumerate(names)},
        NEEDLE: "needle = 0\n",
        "one_line.json": "[" + "1234567890," * 4_000_000 + "0]",
        "many_lines.txt": "".join(f"line {number}\n" for number in range(LINES)),
        "image.bin": bytes(range(256)) * 80_000,
    }


@dataclass
class Explorer:
    """A model that looks at everything large, edits one line, and reads on until its context is
    full; the fresh conversation finishes.
    """

    requests: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, request: dict[str, Any]) -> Reply:
        self.requests.append(request)
        first, last = request["messages"][0], json.dumps(request["messages"][-1])
        if HANDED_OFF in json.dumps(first):
            return Reply([tool_use(*FINISH)])
        if 'kind=\\\\\\"hand-off' in last or "hand-off" in last:
            return Reply([text(NOTES)])
        turn = len(request["messages"]) // 2
        plan = [*LOOKS, [EDIT]]
        acts = plan[turn] if turn < len(plan) else self._pages(turn)
        return Reply([tool_use(name, given) for name, given in acts])

    def _pages(self, turn: int) -> list[tuple[str, dict[str, Any]]]:
        begin = turn * 20_000
        return [
            ("read_file", {"path": "many_lines.txt", "start_line": begin + 2000 * page + 1})
            for page in range(8)
        ]


@dataclass
class Explored:
    world: World
    job: Job
    model: Explorer
    memory: dict[str, int]
    """Bytes that a process had at most, by what it is."""

    @property
    def results(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The tool results of each turn, with the turn."""
        return [
            (str(line.turn), [b for b in line.message["content"] if b["type"] == "tool_result"])
            for line in self.world.app.jobs.thread(self.job.id)
            if line.kind is StepKind.RESULTS and line.message
        ]


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explored]:
    model = Explorer()
    folder: Path = tmp_path_factory.mktemp("large")
    files = {"acme/large": large_code_base()}
    with world(folder, files, model, has_forks=False, daily_cost_cap_usd=None) as w:
        memory: dict[str, int] = {}
        over = threading.Event()
        watcher = threading.Thread(target=watch_memory, args=(w, memory, over))
        watcher.start()
        try:
            created = w.submit(
                "acme/large", publish="draft", job_cost_cap_usd=None, request_cost_cap_usd=None
            )
            (job,) = w.wait(created)
        finally:
            over.set()
            watcher.join()
        yield Explored(w, job, model, memory)


def watch_memory(w: World, memory: dict[str, int], over: threading.Event) -> None:
    """Note the peak of the worker and of its children, until it is over."""
    while not over.wait(0.02):
        status = w.app.local_engine.status()
        for pid in status.workers.values() if status else ():
            try:
                worker = psutil.Process(pid)
                for process in (worker, *worker.children(recursive=True)):
                    words = process.cmdline()
                    name = next((one for one in ("run", "converse") if one in words), "git")
                    memory[name] = max(memory.get(name, 0), peak_of(process))
            except (psutil.Error, OSError):
                continue


def peak_of(process: psutil.Process) -> int:
    """Bytes that a process had in memory at most (``VmHWM`` of proc(5))."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return int(process.memory_info().rss)
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(found[1]) * 1024 if found else 0


def test_the_job_comes_to_its_end_with_the_one_line_changed(explored: Explored) -> None:
    job, app = explored.job, explored.world.app

    assert (job.state, job.ended_because) == (JobState.SUCCEEDED, EndedBecause.FINISHED)
    assert job.profile is not None
    assert job.profile.files == FILES + 3
    patch = app.jobs.patch(job.id).decode()
    assert re.findall("^[+-][^+-].*", patch, re.MULTILINE) == ["-needle = 0", "+needle = 1"]
    assert len(explored.world.github.pull_requests("acme/large")) == 1


def test_worker_and_conversation_stay_small(explored: Explored) -> None:
    assert set(explored.memory) >= {"run", "converse"}
    assert explored.memory["run"] < MOST_MEMORY
    assert explored.memory["converse"] < MOST_MEMORY


def test_results_come_in_pages_that_say_how_to_go_on(explored: Explored) -> None:
    (_, looks), (_, reads), *_ = explored.results

    depth_one, depth_three, globbed, grepped, needle = (block["content"] for block in looks)
    assert depth_one.count("\n") < 300
    for cut in (depth_three, globbed, grepped):
        assert re.search(r"more|narrow|first \d|of [\d,]+", cut.splitlines()[-1]), cut[-200:]
    assert needle.splitlines()[0] == f"{NEEDLE}:1:needle = 0"

    line, head, tail, image, last = (block["content"] for block in reads)
    assert head.splitlines()[-1] == f"[lines 1-400 of {LINES:,}]"
    assert f"{LINES}\tline {LINES - 1}" in tail
    assert reads[3]["is_error"]
    assert "binary" in image.lower()
    assert f"many_lines.txt:{LINES}:line {LINES - 1}" in last
    assert len(line) < 20_000


def test_no_turn_of_results_is_larger_than_its_bound(explored: Explored) -> None:
    sizes = [sum(len(block["content"]) for block in blocks) for _, blocks in explored.results]

    assert max(sizes) <= MOST_CHARACTERS * 1.05


def test_the_context_is_handed_off_before_it_is_full_and_people_are_told(
    explored: Explored,
) -> None:
    assert explored.job.conversations == 2
    events = explored.world.app.jobs.events(explored.job.id)
    assert sum(event.kind is EventKind.HANDED_OFF for event in events) == 1
    assert not [one for one in explored.world.model.exchanges if one.error]


def test_what_was_learned_is_in_the_fresh_conversation(explored: Explored) -> None:
    told = json.dumps(explored.model.requests[-1]["messages"][0])

    assert NOTES in told
    assert NEEDLE in told
    assert "needle = 1" in told
    assert len(told) < 200_000
