"""What an experiment will run and may cost, before it is set up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from codybatch.domain.cells import Cell, turns
from codybatch.domain.estimates import Estimate, summed
from codybatch.domain.experiments import Arm, Experiment
from codybatch.services.allotments import Allotments
from codybatch.services.wording import money


@dataclass(frozen=True)
class Preview:
    """What an experiment will run and may cost."""

    experiment: Experiment
    """As it would be set up; it is not stored."""
    cells: int
    existing: int
    """Of them: there is a job already, here or in another experiment, which is not paid for
    again."""
    missing: int
    """Of them: still to be made."""
    requests: int
    """That are submitted for these."""
    estimate: Estimate | None
    """Of the cells that are still to be made; None where a model has no price or nothing is to be
    made."""
    by_arm: tuple[tuple[Arm, int, Estimate | None], ...]
    """Of each arm: the cells that are still to be made, and what they may cost."""
    day_left_usd: Decimal | None
    """Of the day's cap; None where there is none."""
    notices: tuple[str, ...]
    """What a person should know beforehand."""


def preview_of(
    experiment: Experiment,
    cells: Sequence[Cell],
    allotments: Allotments,
    size: int,
    day_left: Decimal | None,
) -> Preview:
    """What an experiment will run and may cost.

    Args:
        experiment: as it would be set up, or as it is.
        cells: all of its cells.
        allotments: of it.
        size: repositories in a request at most.
        day_left: of the day's cap (US dollars); None where there is none.
    """
    missing = [cell for cell in cells if cell.wanted_attempt(experiment)]
    by_arm = tuple(_of_arm(arm, missing, allotments) for arm in experiment.arms)
    known = [estimate for _, _, estimate in by_arm if estimate is not None]
    unpriced = [arm for arm, number, estimate in by_arm if number and estimate is None]
    estimate = summed(known) if known and not unpriced else None
    return Preview(
        experiment=experiment,
        cells=len(cells),
        existing=sum(cell.job is not None for cell in cells),
        missing=len(missing),
        requests=sum(len(turn.parts) for turn in turns(experiment, cells, size)),
        estimate=estimate,
        by_arm=by_arm,
        day_left_usd=day_left,
        notices=tuple(_notices(experiment, missing, estimate, unpriced, day_left)),
    )


def _of_arm(
    arm: Arm, missing: Sequence[Cell], allotments: Allotments
) -> tuple[Arm, int, Estimate | None]:
    mine = [cell.repository for cell in missing if cell.key.arm == arm.key]
    return arm, len(mine), allotments.of(arm, mine) if mine else None


def _notices(
    experiment: Experiment,
    missing: Sequence[Cell],
    estimate: Estimate | None,
    unpriced: Sequence[Arm],
    day_left: Decimal | None,
) -> Iterator[str]:
    models = dict.fromkeys(arm.options.model for arm in unpriced)
    if models:
        yield f"What {', '.join(models)} costs is not known, so that there is no estimate."
    if not missing:
        yield "Every cell exists already: nothing is run, and nothing is paid for."
    left = experiment.left_usd
    if estimate and left is not None and (how := _passes(estimate, left)):
        yield (
            f"The cells {how} pass the budget: {money(left)} of it are left. The experiment then "
            "waits, with every arm as far as the others, until the budget is raised."
        )
    if estimate and day_left is not None and (how := _passes(estimate, day_left)):
        yield f"The cells {how} wait for tomorrow: {money(day_left)} of the day's cap are left."
    if len(experiment.repositories) == 1:
        yield (
            "One repository tells of that repository alone; repetitions show how steady a prompt "
            "is, not how it does elsewhere."
        )


def _passes(estimate: Estimate, cap: Decimal) -> str:
    if estimate.likely_usd > cap:
        return "would probably"
    return "may" if estimate.high_usd > cap else ""
