"""Arms with jobs and verdicts, as a report is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ulid import ULID

from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.gathering.material import Contender, Material, Subject
from codybatch.analysis.gathering.tried import Tried
from codybatch.analysis.report.contents import Report
from codybatch.domain.errors import UnknownPrompt
from codybatch.domain.experiments import (
    Arm,
    Experiment,
    ExperimentRepository,
    ExperimentState,
    Metric,
)
from codybatch.domain.findings import Decision, Verdict
from codybatch.domain.identifiers import ExperimentId, JobId, Person, RequestId
from codybatch.domain.jobs import Job
from codybatch.domain.money import Usage
from codybatch.domain.prompts import PromptDraft, PromptRef, PromptVersion
from codybatch.domain.repositories import RepositoryRef
from codybatch.domain.requests import RequestOptions
from codybatch.domain.states import ENDINGS, EndedBecause, JobState
from tests.contracts.examples import NO_COMMIT, NOON, a_request, jobs_of
from tests.statistics_kit import A_ACCEPTED, B_ACCEPTED, REPETITIONS, named
from tests.ui_kit import DIFF, Gallery

OPTIONS = RequestOptions(model="claude-sonnet-5-5")
CHOSEN_AT = NOON - timedelta(days=1)
ACCEPT, REJECT = Decision.ACCEPT, Decision.REJECT


def as_they_are(text: str) -> str:
    """Takes nothing out."""
    return text


def an_ended(
    repository: str = "acme/api",
    because: EndedBecause = EndedBecause.FINISHED,
    state: JobState | None = None,
    **changes: Any,
) -> Job:
    """A job that ended."""
    (job,) = jobs_of(a_request(repositories=repository))
    fields = {
        "state": state or ENDINGS[because].state,
        "ended_because": because,
        "ended_at": NOON,
        "seconds_worked": 100.0,
        "cost_usd": Decimal("0.50"),
        "usage": Usage(input_tokens=100, cache_read_tokens=900, output_tokens=50),
        "price_table": "prices 1",
    }
    return job.with_(**{**fields, **changes})


def a_verdict(job: Job, decision: Decision = ACCEPT, rater: str = "alice", **more: Any) -> Verdict:
    """What somebody thinks of a job."""
    return Verdict(job=JobId(job.id), rater=Person(rater), decision=decision, at=NOON, **more)


def judged(job: Job, *decisions: Decision, repetition: int = 1, **more: Any) -> Tried:
    """A repetition with a verdict of as many raters."""
    verdicts = tuple(
        a_verdict(job, decision, rater, **more)
        for decision, rater in zip(decisions, ("alice", "bob", "carol", "dave"), strict=False)
    )
    return Tried(repetition, job, verdicts)


def an_arm(name: str, tried: Mapping[str, Sequence[Tried]], **changes: Any) -> Contender:
    """An arm with what it did."""
    fields = {
        "name": name,
        "prompt": PromptRef(name=name, version=1),
        "text": f"The prompt of {name}.",
        "variables": {},
        "options": OPTIONS,
        "tried": {repository: tuple(each) for repository, each in tried.items()},
    }
    return Contender(**{**fields, **changes})


def accepted_so_often(
    name: str, accepted: Sequence[int], count: int = REPETITIONS, **changes: Any
) -> Contender:
    """An arm of whose repetitions so many were accepted, a repository each."""
    return an_arm(
        name,
        {
            named(at): [
                judged(an_ended(named(at)), ACCEPT if turn <= some else REJECT, repetition=turn)
                for turn in range(1, count + 1)
            ]
            for at, some in enumerate(accepted)
        },
        **changes,
    )


def a_material(*contenders: Contender, **changes: Any) -> Material:
    """What they compare; the first is the baseline."""
    names = sorted({name for one in contenders for name in one.tried})
    fields = {
        "title": "Hints",
        "question": "Do hints help?",
        "experiment": None,
        "contenders": contenders,
        "subjects": tuple(map(Subject, names)),
        "repetitions": max(len(each) for one in contenders for each in one.tried.values()),
        "metric": Metric.ACCEPTED,
        "metric_chosen_at": CHOSEN_AT,
    }
    return Material(**{**fields, **changes})


def the_oracle(**changes: Any) -> Material:
    """The worked example of docs/statistics.md."""
    return a_material(
        accepted_so_often("plain", A_ACCEPTED), accepted_so_often("hints", B_ACCEPTED), **changes
    )


def reported(material: Material) -> Report:
    """Its report, without a look at patches."""
    return gather(material, as_they_are)


def a_ref(gallery: Gallery, prompt: str) -> PromptRef:
    """A version of a prompt (``name@version``), once it is saved."""
    name, _, version = prompt.partition("@")
    for number in range(1, int(version) + 1):
        draft = PromptDraft(name=name, template=f"Update what is old. Hint {number}.")
        saved = {one.number for one in _versions(gallery, name)}
        if number not in saved:
            gallery.records.save_prompt(draft, Person("alice"), NOON)
    return PromptRef(name=name, version=int(version))


def _versions(gallery: Gallery, name: str) -> tuple[PromptVersion, ...]:
    try:
        return gallery.records.prompt_versions(name)
    except UnknownPrompt:
        return ()


def run(
    gallery: Gallery,
    prompt: str,
    decisions: Mapping[str, Decision | None],
    **changes: Any,
) -> RequestId:
    """A request over some repositories whose jobs ended, each judged by a rater unless by nobody.

    Args:
        gallery: where it is recorded.
        prompt: ``name@version``.
        decisions: by repository.
        changes: of how the jobs ended.
    """
    jobs = gallery.request(*decisions, prompt=a_ref(gallery, prompt), title=f"Run of {prompt}")
    for job in jobs:
        gallery.settle(gallery.begun(job), patch=DIFF, **changes)
        decision = decisions[job.repository.full_name]
        if decision is not None:
            gallery.records.put_verdict(a_verdict(job, decision))
    return jobs[0].request


def run_the_oracle(gallery: Gallery) -> tuple[list[RequestId], list[RequestId]]:
    """The worked example in a store: a request for each repetition of hints@1 and of hints@2."""
    made: list[list[RequestId]] = []
    for version, accepted in enumerate((A_ACCEPTED, B_ACCEPTED), 1):
        made.append(
            [
                run(
                    gallery,
                    f"hints@{version}",
                    {
                        named(at): ACCEPT if turn <= some else REJECT
                        for at, some in enumerate(accepted)
                    },
                )
                for turn in range(1, REPETITIONS + 1)
            ]
        )
    return made[0], made[1]


def an_arm_of(name: str, version: int = 1, replicate: int = 1) -> Arm:
    """An arm of an experiment with a version of hints."""
    ref = PromptRef(name="hints", version=version)
    return Arm(name=name, prompt=ref, options=OPTIONS, replicate=replicate)


def an_experiment(gallery: Gallery, arms: Sequence[Arm], number: int, **changes: Any) -> Experiment:
    """An experiment over so many repositories of which nothing was submitted; the first arm is
    the baseline.
    """
    a_ref(gallery, "hints@3")
    fields = {
        "id": ExperimentId(str(ULID()).lower()),
        "name": "Do hints help?",
        "question": "Does it do better with a hint?",
        "arms": tuple(arms),
        "repositories": tuple(
            ExperimentRepository(
                repository=RepositoryRef.parse(named(at)),
                repository_id=f"id-of-{named(at).partition('/')[2]}",
                commit=NO_COMMIT,
            )
            for at in range(number)
        ),
        "repetitions": REPETITIONS,
        "baseline": arms[0].name,
        "metric_chosen_at": NOON - timedelta(days=1),
        "created_by": Person("alice"),
        "created_at": NOON - timedelta(days=1),
        "state": ExperimentState.ENDED,
    }
    return gallery.records.put_experiment(Experiment(**{**fields, **changes}))


def run_arm(
    gallery: Gallery, experiment: Experiment, arm: Arm, accepted: Sequence[int | None]
) -> None:
    """The jobs of an arm, so many of a repository's repetitions accepted; None: never made."""
    for turn in range(1, experiment.repetitions + 1):
        made = {named(at): some for at, some in enumerate(accepted) if some is not None}
        cell = experiment.cell(arm, turn)
        jobs = gallery.request(*made, prompt=arm.prompt, title="Cell", job={"cell": cell})
        for job in jobs:
            gallery.settle(gallery.begun(job), patch=DIFF)
            decision = ACCEPT if turn <= made[job.repository.full_name] else REJECT
            gallery.records.put_verdict(a_verdict(job, decision))


def the_oracle_as_experiment(gallery: Gallery, **changes: Any) -> Experiment:
    """The worked example as an experiment with the arms plain and hints."""
    arms = [an_arm_of("plain"), an_arm_of("hints", 2)]
    experiment = an_experiment(gallery, arms, len(A_ACCEPTED), **changes)
    for arm, accepted in zip(arms, (A_ACCEPTED, B_ACCEPTED), strict=True):
        run_arm(gallery, experiment, arm, accepted)
    return experiment
