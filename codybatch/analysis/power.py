"""What it takes to show a difference, as a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.analysis.display.sheet import Sheet, tag
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.analysis.statistics.pairs import Pairs
from codybatch.analysis.statistics.power import (
    RepositoriesNeeded,
    detectable,
    repetitions_needed,
    repositories_needed,
    spread,
)
from codybatch.analysis.statistics.sentences import of_detectable, of_needed, points
from codybatch.analysis.statistics.trials import Trials
from codybatch.domain.errors import UsageError


@dataclass(frozen=True)
class PowerResult:
    """What it takes to show a difference."""

    difference: float
    """Of shares (0 to 1)."""
    power: float
    """How likely it is to be shown, if it is there."""
    repositories: RepositoriesNeeded | CannotBeSaid
    """With as many repetitions as now."""
    repetitions: int | CannotBeSaid
    """On as many repositories as now."""
    detectable: float | CannotBeSaid
    """The smallest difference that is shown as likely with what there is now."""
    repositories_now: int
    repetitions_now: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it in plain words."""
        now = self.repositories_now
        return (
            of_needed(self.repositories, self.power),
            self._of_repetitions(),
            of_detectable(self.detectable, now, self.power),
        )

    def _of_repetitions(self) -> str:
        if isinstance(self.repetitions, CannotBeSaid):
            return self.repetitions.reason
        many = "1 repetition" if self.repetitions == 1 else f"{self.repetitions:,} repetitions"
        return (
            f"On {self.repositories_now} repositories a difference of "
            f"{points(self.difference, 0)} takes {many} of each."
        )

    def __repr__(self) -> str:
        """The sentences."""
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        sheet = Sheet("What it takes to show a difference")
        for sentence in self.sentences:
            sheet.add(tag("p", sentence))
        return sheet.html()


def power_of(
    pairs: Pairs[Trials] | CannotBeSaid, repetitions: int, difference: float, power: float
) -> PowerResult:
    """What it takes, by how much both vary in what was seen.

    Args:
        pairs: how often both did well; or why that cannot be said.
        repetitions: on each repository.
        difference: of shares (0 to 1).
        power: how likely it is to be shown.

    Raises:
        UsageError: either is no share between 0 and 1.
    """
    for name, value in (("delta", difference), ("power", power)):
        if not 0 < value < 1:
            raise UsageError(f"{name} is a number between 0 and 1, such as 0.1, not {value!r}.")
    repositories = 0 if isinstance(pairs, CannotBeSaid) else len(pairs.repositories)
    varying = pairs if isinstance(pairs, CannotBeSaid) else spread(pairs.a, pairs.b)
    if isinstance(varying, CannotBeSaid):
        return PowerResult(
            *(difference, power, varying, varying, varying, repositories, repetitions)
        )
    return PowerResult(
        difference=difference,
        power=power,
        repositories=repositories_needed(difference, varying, repetitions, power),
        repetitions=repetitions_needed(difference, varying, repositories, power),
        detectable=detectable(varying, repositories, repetitions, power),
        repositories_now=repositories,
        repetitions_now=repetitions,
    )
