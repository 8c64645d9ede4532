"""Points of a process at which it may die: each durable write and each act on the outside world.

``Watched`` stands around a real adapter and hands every call on. Calls that write are points: they
are written down, and where the plan says so the process is killed just before or just after one.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

RECORDS_THAT_READ = frozenset(
    {
        "active_experiments",
        "check",
        "close",
        "credential_trouble",
        "day_budget",
        "day_tallies",
        "due_schedules",
        "events",
        "experiment",
        "experiments",
        "flag_counts",
        "is_prompt_archived",
        "job",
        "job_counts",
        "lineage",
        "list_jobs",
        "list_requests",
        "person_document",
        "prompt",
        "prompt_tallies",
        "prompt_versions",
        "prompts",
        "request",
        "schedule",
        "schedules",
        "search_jobs",
        "search_requests",
        "steps",
        "submission",
        "verdicts",
        "verdicts_of",
    }
)
"""Every other method of ``Records`` counts as a write."""
BLOBS_THAT_READ = frozenset({"find", "get", "stream"})
HOST_THAT_READS = frozenset(
    {
        "account",
        "branch_head",
        "candidates",
        "close",
        "git_access",
        "look_up",
        "may_push",
        "pull_request_of",
        "refresh",
        "waiting",
    }
)
TIMED = frozenset({"renew"})
"""How often these come depends on how fast the machine is, so they are listed once."""

When = Literal["before", "after", "unanswered"]
"""``unanswered`` is no death: the other side acts, and this process never learns of it."""
Victim = Literal["self", "worker"]


@dataclass(frozen=True)
class Point:
    """The ``number``-th (from 1) call of a name in a process, and when it dies of it."""

    process: str
    """``submit``, ``dispatcher``, ``worker`` or ``conversation``."""
    name: str
    number: int
    when: When = "before"
    victim: Victim = "self"
    """A conversation may take its worker with it."""

    def __str__(self) -> str:
        """As it stands in the names of tests."""
        died = self.process if self.victim == "self" else self.victim
        return f"{died} {self.when} {self.name} {self.number}"


@dataclass(frozen=True)
class Plan:
    """What one subject's processes do: where they write their points down, and where one dies."""

    folder: Path

    def deaths(self, subject: str) -> Path:
        """Where the deaths of a subject are noted, one a line."""
        return self._folder("deaths") / subject

    def order(self, subject: str, *points: Point) -> None:
        """Let a subject's processes die at these points, one after the other."""
        text = json.dumps([asdict(point) for point in points])
        (self._folder("orders") / subject).write_text(text)

    def ordered(self, subject: str) -> list[Point]:
        """Where a subject's processes are to die."""
        path = self._folder("orders") / subject
        return [Point(**one) for one in json.loads(path.read_text())] if path.exists() else []

    def died(self, subject: str) -> list[str]:
        """Where they died."""
        path = self.deaths(subject)
        return path.read_text().splitlines() if path.exists() else []

    def listing(self, subject: str) -> Path:
        """Where the points of a subject are written down, in their order."""
        return self._folder("listings") / subject

    def listed(self, subject: str) -> list[Point]:
        """The points of a subject, in their order."""
        lines = self.listing(subject).read_text().splitlines()
        parts = (line.split("\t") for line in lines)
        return [Point(process, name, int(number)) for process, name, number in parts]

    def _folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class Points:
    """The points of this process."""

    def __init__(self, plan: Plan, process: str, subject: str, worker: int | None = None) -> None:
        """Count what this process does for ``subject``; ``worker`` is a conversation's."""
        self._plan = plan
        self._process = process
        self._subject = subject
        self._worker = worker
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def at(self, name: str) -> Iterator[Point]:
        """Count what is inside, and die just before or just after it where that is planned."""
        with self._lock:
            self._seen[name] += 1
            point = Point(self._process, name, self._seen[name])
        if point.number == 1 or not is_timed(name):
            self._append(self._plan.listing(self._subject), "\t".join(map(str, _key(point))))
        self._die_if(replace(point, when="before"))
        yield point
        self._die_if(replace(point, when="after"))

    def loses_answer(self, point: Point) -> bool:
        """Whether the answer to what was done at this point is to be lost."""
        planned = self._next()
        if replace(point, when="unanswered") not in planned:
            return False
        self._append(self._plan.deaths(self._subject), str(planned[0]))
        return True

    def watched(self, name: str, act: Callable[P, T]) -> Callable[P, T]:
        """``act`` as a point."""

        @functools.wraps(act)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
            with self.at(name):
                return act(*args, **kwargs)

        return wrapped

    def _next(self) -> list[Point]:
        """What is planned next for the subject, if anything is."""
        died = self._plan.died(self._subject)
        return self._plan.ordered(self._subject)[len(died) :][:1]

    def _die_if(self, point: Point) -> None:
        planned = self._next()
        for victim in ("self", "worker"):
            if replace(point, victim=victim) in planned:
                self._append(self._plan.deaths(self._subject), str(planned[0]))
                self._die(victim)

    def _die(self, victim: str) -> None:
        if victim == "worker":
            assert self._worker is not None
            os.kill(self._worker, signal.SIGKILL)
            threading.Event().wait()  # until this process notices, and leaves
        os.kill(os.getpid(), signal.SIGKILL)

    def _append(self, path: Path, line: str) -> None:
        with path.open("a") as file:
            file.write(f"{line}\n")


def is_timed(name: str) -> bool:
    """Whether a call comes by the clock, so that its number says nothing."""
    return name.partition(">")[0].rpartition(".")[2] in TIMED


def _key(point: Point) -> tuple[str, str, int]:
    return point.process, point.name, point.number


class Watched:
    """A real adapter whose writing calls are points."""

    def __init__(self, adapter: Any, points: Points, prefix: str, reads: frozenset[str]) -> None:
        """Hand everything on to ``adapter``; what is not among ``reads`` is a point."""
        self._adapter = adapter
        self._points = points
        self._prefix = prefix
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if name == "waiting" and self._prefix == "host":
            return lambda on_wait: Watched(found(on_wait), self._points, self._prefix, self._reads)
        if name in self._reads or not callable(found):
            return found
        return self._points.watched(f"{self._prefix}.{name}", found)
