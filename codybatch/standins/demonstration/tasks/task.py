"""What a task of the demonstration is: what to look for, and how a file is to read afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from codybatch.standins.demonstration.survey import Search


@dataclass(frozen=True)
class Rewrite:
    """A file as it should be.

    Arguments:
        text: all of it.
        places: how many places differ in meaning.
        left: what was seen and deliberately left, each a sentence.
    """

    text: str
    places: int = 0
    left: tuple[str, ...] = ()


class Task(Protocol):
    """One kind of change, and so one kind of finding: a place that it would change."""

    @property
    def rule(self) -> str:
        """The short name of the problem, the same for the same problem."""
        ...

    @property
    def severity(self) -> str:
        """How bad such a place is: critical, high, medium, low or info."""
        ...

    @property
    def title(self) -> str:
        """What the change does, as the title of a pull request."""
        ...

    @property
    def absent(self) -> str:
        """The title where nothing needed to be changed."""
        ...

    @property
    def goal(self) -> str:
        """What is looked for, as in "I look for ..."."""
        ...

    @property
    def reason(self) -> str:
        """Why the change is made: a sentence."""
        ...

    @property
    def caution(self) -> str:
        """What a person should check once the change is made; empty where there is nothing."""
        ...

    @property
    def searches(self) -> tuple[Search, ...]:
        """What finds every file that may need a change."""
        ...

    def rewrite(self, path: str, text: str) -> Rewrite:
        """The file as it should be; a text that is right already comes back unchanged."""
        ...
