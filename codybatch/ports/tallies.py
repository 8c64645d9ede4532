"""The part of the records port about tallies."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from codybatch.domain.tallies import DayTally, PromptTally


class Tallies(Protocol):
    """What was counted with each end of a job and each verdict, never by scanning.

    A job is counted once, on the UTC day of its end; a person's verdict of a job on the day it was
    given. A verdict that is replaced or withdrawn is counted back where it was counted.
    """

    def day_tallies(self, since: date, until: date) -> tuple[DayTally, ...]:
        """The UTC days from ``since`` to the one before ``until`` on which anything was counted or
        spent, oldest first.
        """
        ...

    def prompt_tallies(self, name: str) -> tuple[PromptTally, ...]:
        """The versions of a prompt with ended jobs or verdicts, newest first."""
        ...
