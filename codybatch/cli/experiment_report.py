"""How experiments are shown on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codybatch.cli.output import hint, print_facts, print_json, print_table, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from codybatch.domain.cells import Cell
    from codybatch.domain.estimates import Estimate
    from codybatch.domain.experiments import Arm, Experiment
    from codybatch.services.experiment_preview import Preview
    from codybatch.services.experiment_standing import Standing

GLYPHS = {
    "done": "\N{CHECK MARK}",
    "running": "\N{HORIZONTAL ELLIPSIS}",
    "failed": "\N{BALLOT X}",
    "cancelled": "\N{CIRCLED DIVISION SLASH}",
    "missing": "\N{MIDDLE DOT}",
    "unavailable": "\N{EN DASH}",
}
"""A sign for each repetition of a cell, by its state."""
EXPERIMENT_COLUMNS = ("EXPERIMENT", "NAME", "STATE", "ARMS", "REPOSITORIES", "CELLS", "SPENT")
ARM_COLUMNS = ("ARM", "DONE", "RUNNING", "FAILED", "MISSING", "COST", "WHAT IT IS")
CELL_COLUMNS = ("JOB", "ARM", "REPOSITORY", "REPETITION", "STATE", "NEEDED", "COST", "MADE FOR")


def experiment_row(one: Experiment) -> tuple[str, ...]:
    """Its line in the list."""
    from codybatch.services.wording import money

    numbers = (str(len(one.arms)), str(len(one.repositories)), str(one.cells))
    return (one.id, one.name, one.state.value, *numbers, money(one.spent_usd))


def show_standing(standing: Standing, *, as_json: bool, every_cell: bool = False) -> None:
    """Print how an experiment stands.

    Args:
        standing: how it stands.
        as_json: whether to print JSON.
        every_cell: whether to print a line for each cell in place of the matrix.
    """
    if as_json:
        from codybatch.services.wire.experiments import ExperimentInFull

        print_json(ExperimentInFull.standing(standing).as_json())
        return
    if every_cell:
        print_table(CELL_COLUMNS, [_cell_row(cell) for cell in standing.cells])
        return
    print_facts(_facts(standing))
    say()
    print_table(ARM_COLUMNS, [_arm_row(standing, place) for place in range(len(standing.arms))])
    say()
    _print_matrix(standing.experiment, standing.cells)


def _facts(standing: Standing) -> dict[str, str]:
    from codybatch.services.wording import money

    one = standing.experiment
    counts = standing.counts
    reused = f", {counts.reused} of them made for another experiment" if counts.reused else ""
    return {
        "Experiment": f"{one.name} ({one.id})",
        "Question": one.question,
        "State": f"{one.state.value}. {standing.sentence}",
        "Next": standing.next_step,
        "Cells": f"{counts.total}: {counts.in_words}{reused}",
        "Baseline": one.baseline,
        "Decided by": f"{one.metric.value}, chosen {one.metric_chosen_at:%Y-%m-%d %H:%M} UTC",
        "Cost": f"{money(standing.cost_usd)}{_of_budget(one)}",
        "By": one.created_by,
        "Cannot be made": "\n".join(_unavailable(one)),
    }


def _of_budget(one: Experiment) -> str:
    from codybatch.services.wording import money

    if one.budget_usd is None:
        return ", no budget of its own"
    reserved = f" ({money(one.reserved_usd)} set aside for what runs)" if one.reserved_usd else ""
    return f" of at most {money(one.budget_usd)}{reserved}"


def _unavailable(one: Experiment) -> Iterable[str]:
    names = {each.repository_id: each.repository.full_name for each in one.repositories}
    for each in one.unavailable:
        yield f"{names.get(each.repository_id, each.repository_id)}: {each.reason}"


def _arm_row(standing: Standing, place: int) -> tuple[str, ...]:
    from codybatch.services.wording import money

    one = standing.arms[place]
    counts = one.counts
    lost = counts.failed + counts.cancelled
    missing = counts.missing + counts.unavailable
    numbers = (counts.done, counts.running, lost, missing)
    is_baseline = one.arm.name == standing.experiment.baseline
    name = f"{one.arm.name} (baseline)" if is_baseline else one.arm.name
    return (name, *map(str, numbers), money(one.cost_usd), _what(one.arm))


def _what(arm: Arm) -> str:
    options = arm.options
    parts = [str(arm.prompt), options.model]
    parts += [f"effort {options.effort}"] if options.effort else []
    parts += [f"{name}={value}" for name, value in arm.variables.items()]
    return ", ".join(parts)


def _print_matrix(experiment: Experiment, cells: Sequence[Cell]) -> None:
    """A row a repository, a column an arm, a sign a repetition."""
    signs: dict[tuple[str, str], str] = {}
    for cell in cells:
        place = (cell.repository.repository_id, cell.arm.name)
        signs[place] = signs.get(place, "") + GLYPHS[cell.state.value]
    rows = [
        (
            one.repository.full_name,
            one.commit[:12],
            *(signs[one.repository_id, arm.name] for arm in experiment.arms),
        )
        for one in experiment.repositories
    ]
    print_table(("REPOSITORY", "COMMIT", *(arm.name for arm in experiment.arms)), rows)
    used = {cell.state.value for cell in cells}
    hint("  ".join(f"{sign} {state}" for state, sign in GLYPHS.items() if state in used))


def _cell_row(cell: Cell) -> tuple[str, ...]:
    from codybatch.cli.words import needed
    from codybatch.services.wording import money

    job = cell.job
    return (
        job.id if job else "",
        cell.arm.name,
        cell.repository.repository.full_name,
        str(cell.repetition),
        cell.state.value,
        needed(job) if job else "",
        money(job.cost_usd) if job else "",
        "another experiment" if cell.is_reused else "",
    )


def show_preview(preview: Preview, *, as_json: bool) -> None:
    """Print what an experiment will run and may cost."""
    if as_json:
        from codybatch.services.wire.experiments import PreviewShown

        print_json(PreviewShown.of(preview).as_json())
        return
    one = preview.experiment
    rows = [
        (arm.name, str(number), *_range(estimate), _what(arm))
        for arm, number, estimate in preview.by_arm
    ]
    print_table(("ARM", "CELLS", "LOW", "LIKELY", "HIGH", "WHAT IT IS"), rows)
    print_facts(
        {
            "Runs": _runs(preview),
            "Expected": _expected(preview),
            "Budget": _cap(one.budget_usd),
            "Left of today's cap": _cap(preview.day_left_usd),
            "Baseline": one.baseline,
            "Decided by": one.metric.value,
        }
    )
    for notice in preview.notices:
        hint(f"Note: {notice}")


def tell_plan(preview: Preview, *, with_cost: bool) -> None:
    """Say beside what is piped on what an experiment will run, and what exists already.

    Args:
        preview: of the experiment.
        with_cost: whether to say what that may cost, and what a person should know of it.
    """
    if preview.existing:
        hint(
            f"{preview.existing} of its {preview.cells} cells exist already and are not paid for "
            "again; --fresh makes all anew."
        )
    if with_cost and preview.estimate is not None:
        hint(f"Estimate: {_expected(preview)}.")
    for notice in preview.notices if with_cost else ():
        hint(f"Note: {notice}")


def _runs(preview: Preview) -> str:
    one = preview.experiment
    product = f"{len(one.arms)} arms x {len(one.repositories)} repositories"
    times = f" x {one.repetitions} repetitions" if one.repetitions > 1 else ""
    exist = f", {preview.existing} of them exist already" if preview.existing else ""
    return f"{preview.cells} cells ({product}{times}){exist}; {preview.requests} requests"


def _expected(preview: Preview) -> str:
    from codybatch.services.estimates import in_words

    if preview.estimate is None:
        return ""
    return (
        f"{in_words(preview.estimate)}, for the {preview.missing} cells that are still to be made"
    )


def _range(estimate: Estimate | None) -> tuple[str, str, str]:
    from codybatch.services.wording import money

    if estimate is None:
        return ("", "", "")
    return (money(estimate.low_usd), money(estimate.likely_usd), money(estimate.high_usd))


def _cap(amount: Decimal | None) -> str:
    from codybatch.services.wording import money

    return "no cap" if amount is None else money(amount)
