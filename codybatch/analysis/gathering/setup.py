"""How arms were compared, and a digest of all that it was made from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from hashlib import sha256
from importlib.metadata import version

from codybatch.analysis.gathering.comparing import first_result_at
from codybatch.analysis.gathering.growth import told
from codybatch.analysis.gathering.material import Contender, Material, Subject
from codybatch.analysis.report.setup import ArmSetup, RepositorySetup, Setup
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING
from codybatch.domain.requests import RequestOptions
from codybatch.services.findings import Clean


def setup_of(material: Material, clean: Clean) -> Setup:
    """What was compared.

    Args:
        material: all of it.
        clean: takes secrets out of a text.
    """
    jobs = list(material.jobs())
    return Setup(
        arms=tuple(map(partial(_arm, material, clean), material.contenders)),
        repositories=tuple(map(partial(_repository, material), material.subjects)),
        repetitions=material.repetitions,
        baseline=material.baseline.name,
        metric=material.metric,
        metric_chosen_at=material.metric_chosen_at,
        first_result_at=first_result_at(material),
        last_result_at=max((job.ended_at for job in jobs if job.ended_at), default=None),
        changes=tuple(map(told, material.changes)),
        clustered_by_owner=material.clustered_by_owner,
        budget_usd=material.budget_usd,
        spent_usd=_spent(material, jobs),
        program=version("codybatch"),
        price_tables=tuple(sorted({job.price_table for job in jobs if job.price_table})),
        content_hash=content_hash(material),
    )


def _spent(material: Material, jobs: Sequence[Job]) -> Decimal:
    if material.spent_usd is not None:
        return material.spent_usd
    return sum((job.cost_usd for job in jobs), NOTHING)


def _arm(material: Material, clean: Clean, contender: Contender) -> ArmSetup:
    return ArmSetup(
        name=contender.name,
        prompt=contender.prompt.name,
        version=contender.prompt.version,
        text=clean(contender.text),
        variables=tuple((name, clean(one)) for name, one in sorted(contender.variables.items())),
        model=contender.options.model,
        options=tuple(_options(contender.options)),
        is_baseline=contender is material.baseline,
        equal_to=contender.equal_to,
    )


def _options(options: RequestOptions) -> Iterator[tuple[str, str]]:
    """What decides what the model may do, in words."""
    if options.effort is not None:
        yield "effort", options.effort.value
    if options.job_cost_cap_usd is not None:
        yield "cost cap of a job", f"${options.job_cost_cap_usd}"
    yield "turns at most", str(options.max_turns)
    yield "minutes at most", str(options.max_minutes)
    if options.follow_guidance_files:
        yield "guidance files", "followed"


def _repository(material: Material, subject: Subject) -> RepositorySetup:
    commits = {
        tried.job.commit
        for contender in material.contenders
        for tried in contender.tried.get(subject.name, ())
        if tried.job is not None
    }
    return RepositorySetup(
        repository=subject.name,
        commits=tuple(sorted(commits)),
        changes_necessary=subject.changes_necessary,
        reference=subject.reference,
    )


def content_hash(material: Material) -> str:
    """SHA-256 over what the report is made from: the same records, the same digest."""
    digest = sha256()
    for part in _contents(material):
        digest.update(json.dumps(part, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _contents(material: Material) -> Iterator[object]:
    settled = material.metric_chosen_at and material.metric_chosen_at.isoformat()
    yield [material.title, material.question, material.metric, material.clustered_by_owner]
    yield [one.model_dump(mode="json") for one in material.changes]
    yield [settled, material.settled_metric, material.repetitions, material.more_to_come]
    yield [str(material.budget_usd), str(material.spent_usd), list(material.notices)]
    for subject in material.subjects:
        reference = subject.reference and subject.reference.sha256
        yield [subject.name, subject.changes_necessary, reference]
    for contender in material.contenders:
        options = contender.options.model_dump(mode="json")
        yield [contender.name, contender.text, dict(contender.variables), options]
        yield [str(contender.prompt), contender.equal_to]
        for name, tried in contender.every():
            job = tried.job
            yield [name, tried.repetition, [one.model_dump(mode="json") for one in tried.verdicts]]
            yield tried.unavailable
            if job is not None:
                patch = job.patch and job.patch.blob.sha256
                cost, seconds = str(job.cost_usd), job.seconds_worked
                yield [job.id, job.version, job.state, job.ended_because, patch, cost, seconds]
