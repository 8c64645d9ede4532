"""What a request may cost, worked out before it is submitted: from history, else from its facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from codybatch.domain.cost_model import Price, Sample, learned, prior, scaled
from codybatch.domain.estimates import Basis, Estimate, summed
from codybatch.domain.jobs import Job
from codybatch.domain.money import Usage
from codybatch.domain.prompts import Kind
from codybatch.domain.repositories import RepositoryFacts
from codybatch.domain.requests import RequestOptions
from codybatch.domain.states import EndedBecause
from codybatch.ports import (
    EVERYTHING,
    Clock,
    ModelClient,
    PageRequest,
    Partition,
    PartitionKind,
    Records,
)
from codybatch.services.wording import money

ENOUGH = 3
"""Jobs of the prompt itself from which those of other prompts are left out."""
MOST_SAMPLES = 100
LOOKED_AT = 500
"""Newest jobs of a list: what is older says little, and a big store costs no more than a small."""
AT_WORK = frozenset(
    {
        EndedBecause.FINISHED,
        EndedBecause.FINISHED_IMPLICITLY,
        EndedBecause.TURN_LIMIT,
        EndedBecause.JOB_COST_LIMIT,
        EndedBecause.TIME_LIMIT,
        EndedBecause.CONTEXT_LIMIT,
        EndedBecause.STUCK,
        EndedBecause.ANSWER_INVALID,
    }
)
"""Endings of jobs that did what they could; others say nothing of what the work costs."""


@dataclass(frozen=True)
class RepositoryEstimate:
    """What the job of one repository may cost."""

    facts: RepositoryFacts
    estimate: Estimate
    """Within the job's cap."""


@dataclass(frozen=True)
class Forecast:
    """What a request may cost."""

    repositories: tuple[RepositoryEstimate, ...]
    total: Estimate
    job_cap_usd: Decimal | None
    request_cap_usd: Decimal | None
    day_left_usd: Decimal | None
    """Of the day's cap; None where there is none."""
    price_table: str
    notices: tuple[str, ...]
    """Which caps would probably or perhaps be met."""


@dataclass(frozen=True)
class Estimates:
    """Works out estimates."""

    records: Records
    model: Callable[[], ModelClient]
    clock: Clock
    daily_cap_usd: Decimal | None

    def forecast(
        self,
        prompt: str,
        kind: Kind,
        options: RequestOptions,
        request_cap_usd: Decimal | None,
        facts: Sequence[RepositoryFacts],
    ) -> Forecast:
        """What a request may cost.

        Args:
            prompt: the prompt's name.
            kind: of the prompt.
            options: of the request.
            request_cap_usd: its cap.
            facts: its repositories; at least one.

        Raises:
            ModelWithoutPrice: the price table does not know the model.
        """
        model, now = self.model(), self.clock.now()

        def price(usage: Usage) -> Decimal:
            return model.price(options.model, usage, now)

        basis, samples = self._history(prompt, kind, options.model)
        estimates = [_of_one(kind, options, one.size_kb, price, basis, samples) for one in facts]
        cap = options.job_cost_cap_usd
        left = self.day_left()
        within = [one.within(cap) for one in estimates]
        total = summed(within)
        return Forecast(
            repositories=tuple(map(RepositoryEstimate, facts, within)),
            total=total,
            job_cap_usd=cap,
            request_cap_usd=request_cap_usd,
            day_left_usd=left,
            price_table=model.price_table,
            notices=tuple(_notices(estimates, total, cap, request_cap_usd, left)),
        )

    def day_left(self) -> Decimal | None:
        """What is left of today's cap (US dollars); None where there is none."""
        if self.daily_cap_usd is None:
            return None
        day = self.records.day_budget(self.clock.now().date())
        return max(Decimal(0), self.daily_cap_usd - day.spent_usd - day.reserved_usd)

    def _history(self, prompt: str, kind: Kind, model: str) -> tuple[Basis, tuple[Sample, ...]]:
        same = self._samples(Partition(PartitionKind.PROMPT, prompt), kind, model)
        if len(same) >= ENOUGH:
            return Basis.PROMPT, same
        others = self._samples(EVERYTHING, kind, model)
        return (Basis.KIND, others) if others else (Basis.PRIOR, ())

    def _samples(self, partition: Partition, kind: Kind, model: str) -> tuple[Sample, ...]:
        page = self.records.list_jobs(partition, PageRequest(limit=LOOKED_AT))
        fitting = [_sample(job) for job in page.items if _tells(job, kind, model)]
        return tuple(fitting[:MOST_SAMPLES])


def _of_one(
    kind: Kind,
    options: RequestOptions,
    size_kb: int,
    price: Price,
    basis: Basis,
    samples: Sequence[Sample],
) -> Estimate:
    expected = prior(kind, options.effort, size_kb, options.max_turns, price)
    if basis is Basis.KIND:
        samples = [scaled(sample, size_kb) for sample in samples]
    return learned(expected, basis, samples)


def _tells(job: Job, kind: Kind, model: str) -> bool:
    return (
        job.kind is kind
        and job.model == model
        and job.ended_because in AT_WORK
        and job.cost_usd > 0
    )


def _sample(job: Job) -> Sample:
    size = None if job.profile is None else job.profile.bytes // 1000
    return Sample(cost_usd=job.cost_usd, turns=job.progress.turn, size_kb=size)


def _notices(
    estimates: Sequence[Estimate],
    total: Estimate,
    job_cap: Decimal | None,
    request_cap: Decimal | None,
    day_left: Decimal | None,
) -> Iterator[str]:
    if job_cap is not None:
        likely = sum(one.likely_usd > job_cap for one in estimates)
        perhaps = sum(one.high_usd > job_cap for one in estimates) - likely
        if likely:
            yield f"{likely} of the jobs would probably stop at the job's cap of {money(job_cap)}."
        if perhaps:
            yield f"{perhaps} of the jobs may stop at the job's cap of {money(job_cap)}."
    if request_cap is not None and (how := _passes(total, request_cap)):
        yield f"The jobs {how} wait at the request's cap of {money(request_cap)}."
    if day_left is not None and (how := _passes(total, day_left)):
        yield f"The jobs {how} wait for tomorrow: {money(day_left)} of the day's cap are left."


def _passes(total: Estimate, cap: Decimal) -> str:
    if total.likely_usd > cap:
        return "would probably"
    return "may" if total.high_usd > cap else ""


def in_words(estimate: Estimate) -> str:
    """An estimate in one line."""
    return f"{range_in_words(estimate)}, {basis_in_words(estimate)}"


def range_in_words(estimate: Estimate) -> str:
    """An estimate without what it rests on."""
    low, likely, high = map(money, (estimate.low_usd, estimate.likely_usd, estimate.high_usd))
    return f"about {likely} ({low} to {high})"


def basis_in_words(estimate: Estimate) -> str:
    """What an estimate rests on."""
    number = f"{estimate.samples} earlier job" + ("" if estimate.samples == 1 else "s")
    if estimate.basis is Basis.PROMPT:
        return f"from {number} of this prompt with this model"
    if estimate.basis is Basis.KIND:
        return f"from {number} of this kind with this model, scaled by size"
    return "from the repositories' size and the model's price: there is no earlier job to go by"
