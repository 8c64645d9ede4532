"""What two sets of requests compare, without an experiment: jobs are paired by repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from codybatch.analysis.gathering.from_experiment import text_at, verdicts_of
from codybatch.analysis.gathering.material import Contender, Material, Subject
from codybatch.analysis.gathering.naming import a_few, names_of
from codybatch.analysis.gathering.tried import Tried
from codybatch.domain.errors import UsageError
from codybatch.domain.experiments import Metric
from codybatch.domain.jobs import Job, LineageRelation
from codybatch.domain.prompts import PromptRef
from codybatch.domain.requests import Request
from codybatch.ports import Records


@dataclass(frozen=True)
class Side:
    """One of the two that are compared."""

    asked: str
    """How the person wrote it."""
    requests: tuple[Request, ...]
    jobs: tuple[Job, ...]

    @cached_property
    def counted(self) -> tuple[Job, ...]:
        """The jobs that count, oldest first: no follow-ups, which were asked something else, and of
        a job that was retried the retry.
        """
        retried = {
            job.lineage.parent for job in self.jobs if job.lineage.relation is LineageRelation.RETRY
        }
        kept = (
            job
            for job in self.jobs
            if job.id not in retried and job.lineage.relation is not LineageRelation.FOLLOW_UP
        )
        return tuple(sorted(kept, key=lambda job: (job.created_at, job.id)))


def material_of(
    a: Side, b: Side, metric: Metric, records: Records, *, by_owner: bool = False
) -> Material:
    """What two sides compare, A as the baseline.

    Args:
        a: the one that the other is compared with.
        b: the other.
        metric: what is asked about.
        records: where prompts and verdicts are read.
        by_owner: whether repositories of one owner count as one.

    Raises:
        UsageError: a side has no job, or both have the same.
    """
    _check(a, b)
    names = _apart(a, b)
    called = names_of(
        {job.repository_id: job.repository.full_name for side in (a, b) for job in side.counted}
    )
    sides = list(zip((a, b), names, strict=True))
    contenders = tuple(_contender(side, name, called, records) for side, name in sides)
    return Material(
        title=f"{names[1]} against {names[0]}",
        question="",
        experiment=None,
        contenders=contenders,
        subjects=tuple(Subject(name) for name in sorted(set(called.values()))),
        repetitions=max(len(each) for one in contenders for each in one.tried.values()),
        metric=metric,
        clustered_by_owner=by_owner,
        notices=tuple(_notices(sides, called)),
    )


def _check(a: Side, b: Side) -> None:
    for side in (a, b):
        if not side.counted:
            raise UsageError(f"{side.asked} has no job to compare.")
    shared = {job.id for job in a.counted} & {job.id for job in b.counted}
    if shared:
        raise UsageError(
            f"{a.asked} and {b.asked} have {len(shared)} jobs in common, such as "
            f"{min(shared)}: nothing can be compared with itself."
        )


def _apart(a: Side, b: Side) -> tuple[str, str]:
    """Names that tell both apart: by prompt, else by prompt and model, else by what was asked."""
    for name in (_prompts, _prompts_and_models, lambda side: side.asked):
        found = name(a), name(b)
        if found[0] != found[1]:
            return found
    return f"{a.asked} (A)", f"{b.asked} (B)"


def _prompts(side: Side) -> str:
    return ", ".join(sorted({str(job.prompt) for job in side.counted}))


def _prompts_and_models(side: Side) -> str:
    models = ", ".join(sorted({job.model for job in side.counted}))
    return f"{_prompts(side)} · {models}"


def _contender(side: Side, name: str, called: Mapping[str, str], records: Records) -> Contender:
    by_repository: dict[str, list[Job]] = defaultdict(list)
    for job in side.counted:
        by_repository[called[job.repository_id]].append(job)
    request = side.requests[0]
    given = verdicts_of(side.counted, records)
    return Contender(
        name=name,
        prompt=request.prompt,
        text=text_at(request.prompt, records) or request.prompt_text,
        variables=request.variables,
        options=request.options,
        tried={
            repository: tuple(
                Tried(place, job, given.get(job.id, ())) for place, job in enumerate(jobs, 1)
            )
            for repository, jobs in by_repository.items()
        },
    )


def _notices(sides: Sequence[tuple[Side, str]], called: Mapping[str, str]) -> Iterator[str]:
    for side, name in sides:
        yield from _mixed(side, name)
    commits = [_commits(side.counted, called) for side, _ in sides]
    both = sorted(commits[0].keys() & commits[1].keys())
    differ = [one for one in both if commits[0][one] != commits[1][one] or len(commits[0][one]) > 1]
    if differ:
        where = "1 repository" if len(differ) == 1 else f"{len(differ)} repositories"
        yield (
            f"In {where} not all jobs worked on the same commit, so the repository may make the "
            f"difference: {a_few(differ)}."
        )


def _mixed(side: Side, name: str) -> Iterator[str]:
    """What differs within a side, so that it cannot be told what made the difference."""
    prompts: set[PromptRef] = {job.prompt for job in side.counted}
    models = {job.model for job in side.counted}
    asked = {tuple(sorted(request.variables.items())) for request in side.requests}
    for what, found in (("prompts", prompts), ("models", models), ("sets of variables", asked)):
        if len(found) > 1:
            yield f"{name} is made of {len(found)} different {what}."


def _commits(jobs: Iterable[Job], called: Mapping[str, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for job in jobs:
        found[called[job.repository_id]].add(job.commit)
    return found
