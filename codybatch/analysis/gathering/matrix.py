"""Repositories by arms: every repetition, and how each arm stands beside the baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from codybatch.analysis.gathering.material import Contender, Material
from codybatch.analysis.gathering.tried import Tried
from codybatch.analysis.report.cells import (
    ArmCells,
    Cell,
    Disagreement,
    MatrixRow,
    PatchSize,
    Standing,
)
from codybatch.analysis.statistics.comparison import Comparison, OnRepository
from codybatch.analysis.statistics.trials import Outcome
from codybatch.domain.experiments import Metric
from codybatch.domain.jobs import Job, Patch
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.services.findings import Clean
from codybatch.services.patch_likeness import Hits
from codybatch.services.plain_text import fit_to_show

FoundHits = Mapping[tuple[str, int], Hits | CannotBeSaid]
"""Of an arm, by repository and repetition."""
Shown = Mapping[str, str]
"""What may be shown of a text."""


def standings(comparison: Comparison, material: Material) -> dict[str, Standing]:
    """How an arm stands on each repository, by the metric of its comparison."""
    found = dict.fromkeys((one.name for one in material.subjects), Standing.NOT_COMPARED)
    for one in comparison.by_repository:
        found[one.repository] = _standing(one, comparison.metric)
    return found


def _standing(one: OnRepository, metric: Metric) -> Standing:
    if one.a == one.b:
        return Standing.EQUAL
    is_more = one.b > one.a
    return Standing.IMPROVED if is_more is not metric.less_is_better else Standing.REGRESSED


def matrix_of(
    material: Material,
    comparisons: Mapping[str, Comparison],
    hits: Mapping[str, FoundHits],
    clean: Clean,
) -> tuple[MatrixRow, ...]:
    """A row a repository; those on which the first arm did worst beside the baseline first.

    Args:
        material: what is compared.
        comparisons: of each arm but the baseline, by the metric that decides.
        hits: of each arm.
        clean: takes secrets out of a text.
    """
    how = {arm: standings(one, material) for arm, one in comparisons.items()}
    values = _values(material, comparisons)
    shown = _shown_texts(material, clean)
    rows = []
    for name in _order(material, comparisons):
        places = []
        for contender in material.contenders:
            tried = contender.tried.get(name, ())
            places.append(
                ArmCells(
                    arm=contender.name,
                    cells=tuple(
                        cell_of(contender, name, one, hits.get(contender.name, {}), shown)
                        for one in tried
                    ),
                    value=values.get((contender.name, name)),
                    standing=how[contender.name][name] if contender.name in how else None,
                )
            )
        rows.append(MatrixRow(name, tuple(places)))
    return tuple(rows)


def _values(
    material: Material, comparisons: Mapping[str, Comparison]
) -> dict[tuple[str, str], float]:
    """What each came to on each repository: of the baseline, as far as it was compared."""
    values: dict[tuple[str, str], float] = {}
    for arm, comparison in comparisons.items():
        for one in comparison.by_repository:
            values[arm, one.repository] = one.b
            values[material.baseline.name, one.repository] = one.a
    return values


def _order(material: Material, comparisons: Mapping[str, Comparison]) -> list[str]:
    names = [one.name for one in material.subjects]
    if not comparisons:
        return names
    worst = [one.repository for one in next(iter(comparisons.values())).by_repository]
    return [*worst, *(name for name in names if name not in set(worst))]


def cell_of(
    contender: Contender, repository: str, tried: Tried, hits: FoundHits, shown: Shown
) -> Cell:
    """One repetition."""
    votes = tried.votes
    nothing = Cell(
        arm=contender.name,
        repository=repository,
        repetition=tried.repetition,
        outcome=tried.outcome,
        accepts=votes.accepts,
        rejects=votes.rejects,
        is_disputed=votes.is_disputed,
        verdicts=tried.verdicts,
        rating=votes.rating,
    )
    if tried.job is None:
        return nothing
    return _with_job(nothing, tried.job, hits.get((repository, tried.repetition)), shown)


def _with_job(cell: Cell, job: Job, hits: Hits | CannotBeSaid | None, shown: Shown) -> Cell:
    return replace(
        cell,
        job=job.id,
        request=job.request,
        commit=job.commit,
        state=job.state,
        ended_because=job.ended_because,
        ended_detail=shown.get(job.ended_detail, ""),
        title=shown.get(job.title, ""),
        were_changes_necessary=job.were_changes_necessary,
        patch=None if job.patch is None else _size(job.patch),
        gate=job.gate,
        findings=len(job.findings),
        has_answer=job.answer is not None,
        hits=hits,
        cost_usd=job.cost_usd,
        seconds=job.seconds_worked if job.state.is_terminal else None,
        turns=job.progress.turn,
        input_tokens=job.usage.input_tokens,
        cached_tokens=job.usage.cache_read_tokens,
        output_tokens=job.usage.output_tokens,
        pull_request=job.publication.url,
    )


def _shown_texts(material: Material, clean: Clean) -> Shown:
    """Every text of the jobs that is shown, without secrets and in plain sight."""
    texts = {text for job in material.jobs() for text in (job.title, job.ended_detail) if text}
    listed = sorted(texts)
    return dict(zip(listed, fit_to_show(listed, clean), strict=True))


def _size(patch: Patch) -> PatchSize:
    return PatchSize(
        blob=patch.blob,
        files=patch.files,
        additions=patch.additions,
        deletions=patch.deletions,
        paths=patch.paths,
        applies=patch.applies,
    )


def disagreements(
    comparison: Comparison, rows: Sequence[MatrixRow], baseline: str, truth: Mapping[str, bool]
) -> tuple[Disagreement, ...]:
    """Where an arm did otherwise than the baseline: regressions first, the worst of them first,
    then improvements, the best of them first; with a job of each that shows it.

    Args:
        comparison: of the arm with the baseline.
        rows: of the matrix.
        baseline: its name.
        truth: where changes are necessary.
    """
    by_name = {row.repository: row for row in rows}
    found = [
        _shown(one, by_name[one.repository], comparison, baseline, truth)
        for one in comparison.by_repository
        if one.a != one.b
    ]
    told = [one for one in found if one is not None]
    worse = [one for one in told if one.standing is Standing.REGRESSED]
    better = [one for one in told if one.standing is Standing.IMPROVED]
    return (*worse, *reversed(better))


def _shown(
    one: OnRepository,
    row: MatrixRow,
    comparison: Comparison,
    baseline: str,
    truth: Mapping[str, bool],
) -> Disagreement | None:
    standing = _standing(one, comparison.metric)
    goodness = _goodness(comparison.metric, truth.get(one.repository))
    is_worse = standing is Standing.REGRESSED
    theirs = _extreme(row.of(baseline).cells, goodness, best=is_worse)
    ours = _extreme(row.of(comparison.b).cells, goodness, best=not is_worse)
    if theirs is None or ours is None:
        return None
    return Disagreement(one.repository, standing, theirs, ours)


_Goodness = Callable[[Cell], tuple[float, ...] | None]


def _extreme(cells: Sequence[Cell], goodness: _Goodness, *, best: bool) -> Cell | None:
    """The best or the worst of some repetitions; of equal ones the first."""
    scored = [(good, cell) for cell in cells if (good := goodness(cell)) is not None]
    if not scored:
        return None
    most = (max if best else min)(good for good, _ in scored)
    return next(cell for good, cell in scored if good == most)


def _goodness(metric: Metric, truth: bool | None) -> _Goodness:
    """How good a repetition is by a metric; None where it has no part in it."""

    def of(cell: Cell) -> tuple[float, ...] | None:
        if cell.job is None or cell.outcome is Outcome.MISSING:
            return None
        if metric is Metric.ACCEPTED:
            if cell.outcome is Outcome.UNJUDGED:
                return None
            return (float(cell.outcome is Outcome.ACCEPTED), cell.rating or 0.0)
        if metric is Metric.RATING:
            return None if cell.rating is None else (cell.rating,)
        if metric is Metric.CORRECT:
            return (float(cell.were_changes_necessary is truth),)
        spent = cell.cost_usd if metric is Metric.COST else cell.seconds
        return None if spent is None else (-float(spent),)

    return of
