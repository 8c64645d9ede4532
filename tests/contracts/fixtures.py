"""What an adapter of the store gives to the contracts, and how they use it.

A contract is a class of tests. An adapter inherits from ``StoreFixtures``, fills in the hooks, and
makes a test class of each contract: ``class TestClaims(EmbeddedFixtures, ClaimContract)``. The
hooks are static methods of an importable module, so that other processes can call them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from codybatch.domain.threads import BlobRef
from codybatch.ports import Blobs, Records
from tests.spawn_kit import spawning

Task = Callable[..., Any]


class StoreFixtures:
    """The hooks of an adapter and the fixtures made of them; a place names one store."""

    walks = 50
    """How many random walks are gone; fewer where each call goes over a network."""
    every_order = 1
    """Of the orders in which two workers can come, one in so many is tried."""

    @staticmethod
    def make_records(place: Path) -> Records:
        """Open the records of a place; opened twice they are the same records."""
        raise NotImplementedError

    @staticmethod
    def make_blobs(place: Path) -> Blobs:
        """Open the blobs of a place; opened twice they are the same blobs."""
        raise NotImplementedError

    @staticmethod
    def tamper(place: Path, ref: BlobRef, offset: int) -> None:
        """Change the stored byte at ``offset`` of an object behind the store's back."""
        raise NotImplementedError

    @staticmethod
    def remove(place: Path, ref: BlobRef) -> None:
        """Remove a stored object behind the store's back."""
        raise NotImplementedError

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "store"

    @pytest.fixture
    def records(self, place: Path) -> Iterator[Records]:
        records = self.make_records(place)
        yield records
        records.close()

    @pytest.fixture
    def blobs(self, place: Path) -> Blobs:
        return self.make_blobs(place)


def in_processes(tasks: list[tuple[Task, tuple[Any, ...]]]) -> list[Any]:
    """Run tasks at the same moment, each in a new process, and give back what they answer.

    A task is called with a function that waits for the others first, then with its arguments.
    """
    with spawning() as context:
        start = context.Barrier(len(tasks))
        pipes = [context.Pipe(duplex=False) for _ in tasks]
        processes = [
            context.Process(target=_run, args=(task, arguments, start, answer))
            for (task, arguments), (_, answer) in zip(tasks, pipes, strict=True)
        ]
        for process in processes:
            process.start()
    for _, answer in pipes:
        answer.close()
    answers = [question.recv() for question, _ in pipes]
    for process, (question, _) in zip(processes, pipes, strict=True):
        process.join()
        question.close()
        process.close()
    return answers


def _run(task: Task, arguments: tuple[Any, ...], start: Barrier, answer: Connection) -> None:
    with answer:
        answer.send(task(lambda: start.wait(60), *arguments))
