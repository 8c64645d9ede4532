"""What an inspection of the demonstration is: what to look for, and what stands where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from codybatch.standins.demonstration.survey import Search

_TESTS = re.compile(r"(?:^|/)(?:tests?/|test_[^/]*$|conftest\.py$|[^/]*_test\.|[^/]*\.test\.)")


@dataclass(frozen=True)
class Place:
    """One place that a person should know of.

    Arguments:
        line, last: the first and the last of its lines, from 1.
        severity: critical, high, medium, low or info.
        message: what is wrong there.
        suggestion: what to do.
        calls_for_change: whether something has to be done at all.
        confidence: low, medium or high.
    """

    line: int
    last: int
    severity: str
    message: str
    suggestion: str
    calls_for_change: bool = True
    confidence: str = "high"


@runtime_checkable
class Inspection(Protocol):
    """One kind of finding."""

    @property
    def rule(self) -> str:
        """The short name of the problem, the same for the same problem."""
        ...

    @property
    def goal(self) -> str:
        """What is looked for, as in "I look for ..."."""
        ...

    @property
    def searches(self) -> tuple[Search, ...]:
        """What finds every file that may hold one."""
        ...

    def places(self, path: str, text: str) -> Iterable[Place]:
        """What stands in one file."""
        ...


def is_test(path: str) -> bool:
    """Whether a file is one of tests, by its name."""
    return _TESTS.search(path) is not None
