"""What was decided before anything was seen: the one metric that decides.

Who looks at many metrics finds one on which the prompts differ by chance. So one is chosen before
the first result; the others describe, and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from codybatch.domain.experiments import Metric


class Role(StrEnum):
    """What a metric may be used for."""

    PRIMARY = "primary"
    """It decides."""
    SECONDARY = "secondary"
    """It describes."""
    CHOSEN_LATE = "chosen late"
    """It would decide, had it been chosen before results were there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an experiment is to be decided by."""

    primary: Metric
    chosen_at: datetime
    first_result_at: datetime | None = None
    """When the first job of the experiment ended; None while none has."""

    def role(self, metric: Metric) -> Role:
        """What ``metric`` may be used for."""
        if metric is not self.primary:
            return Role.SECONDARY
        late = self.first_result_at is not None and self.first_result_at <= self.chosen_at
        return Role.CHOSEN_LATE if late else Role.PRIMARY
