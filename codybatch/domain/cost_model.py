"""What a job may cost before it runs: a model of conversations, and what earlier jobs cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from statistics import NormalDist, fmean, median
from typing import NamedTuple

from codybatch.domain.estimates import Basis, Estimate
from codybatch.domain.money import NOTHING, Usage, rounded_up
from codybatch.domain.prompts import Kind
from codybatch.domain.requests import Effort

Price = Callable[[Usage], Decimal]
"""US dollars for one reply with this usage."""


class Sample(NamedTuple):
    """What an earlier job came to."""

    cost_usd: Decimal
    """US dollars; more than nothing."""
    turns: int
    size_kb: int | None = None
    """Of its work tree."""


# --- the model of a conversation: what is assumed until there are jobs to learn from

PREFIX_TOKENS = 6_000
"""Tools, system prompt and first message."""
OUTPUT_TOKENS = 500
"""Of a reply at medium effort."""
RESULT_TOKENS = 1_500
"""Of the results that answer a reply."""
TURNS = {Kind.CHANGE: 16, Kind.AUDIT: 18, Kind.ASK: 9}
"""Likely replies, in a repository of ``ORDINARY_KB``; peers' users settle at limits of 40 to 80."""
ORDINARY_KB = 2_000
GROWTH = 0.15
"""A repository of ten times the size takes 1.4 times as many turns: a task stays what it is, and
only looking for its places grows."""
LEAST_GROWTH, MOST_GROWTH = 0.6, 2.0
THINKING = {
    Effort.LOW: 0.6,
    Effort.MEDIUM: 1.0,
    Effort.HIGH: 1.6,
    Effort.XHIGH: 2.5,
    Effort.MAX: 4.0,
}
"""Output tokens at an effort, as a multiple of those at medium."""
SPREAD = math.log(3) / NormalDist().inv_cdf(0.9)
"""Standard deviation of the logarithm of the cost: nine of ten jobs cost less than three times the
likely.
"""
WEIGHT = 3
"""Earlier jobs that the model of a conversation counts as."""
_MANY = 5
"""Samples from which outliers can be told."""


def prior(
    kind: Kind, effort: Effort | None, size_kb: int, max_turns: int, price: Price
) -> Estimate:
    """What a job may cost where no earlier one is known.

    Args:
        kind: of the prompt.
        effort: that the model is asked for.
        size_kb: of the repository, in kilobytes.
        max_turns: the job's limit of turns.
        price: of one reply.
    """
    turns = max(1, min(max_turns, round(TURNS[kind] * growth(size_kb))))
    likely = conversation_cost(turns, OUTPUT_TOKENS * THINKING[effort or Effort.MEDIUM], price)
    most = NormalDist().inv_cdf(0.9) * SPREAD
    return Estimate(
        low_usd=_scaled(likely, math.exp(-most)),
        likely_usd=rounded_up(likely),
        high_usd=_scaled(likely, math.exp(most)),
        turns=turns,
        basis=Basis.PRIOR,
    )


def conversation_cost(turns: int, output_tokens: float, price: Price) -> Decimal:
    """What an append-only conversation costs whose prefix always comes from the cache (US dollars).

    Each turn reads from the cache all but what the turn before added, and writes that to it: for
    one rate ``w(P + (N-1)d) + c((N-1)P + d(N-1)(N-2)/2) + uNo``, with P the prefix, d what a turn
    adds, o its output, and w, c, u the rates of cache writes, cache reads and output
    (https://platform.claude.com/docs/en/build-with-claude/prompt-caching). It is summed by turn,
    since rates may rise with the length of the prompt.
    """
    output = round(output_tokens)
    added = output + RESULT_TOKENS
    total = NOTHING
    known = 0
    for turn in range(turns):
        new = added if turn else PREFIX_TOKENS
        total += price(
            Usage(cache_read_tokens=known, cache_write_5m_tokens=new, output_tokens=output)
        )
        known += new
    return total


def growth(size_kb: int) -> float:
    """How many times the turns of an ordinary repository one of this size takes."""
    times: float = (max(size_kb, 1) / ORDINARY_KB) ** GROWTH
    return min(MOST_GROWTH, max(LEAST_GROWTH, times))


# --- learning from earlier jobs


def learned(before: Estimate, basis: Basis, samples: Sequence[Sample]) -> Estimate:
    """``before``, corrected by what earlier jobs cost.

    Costs are taken as log-normal. Their mean and variance are those of the normal-inverse-gamma
    posterior whose prior is ``before`` with the weight of ``WEIGHT`` jobs (K. Murphy, Conjugate
    Bayesian analysis of the Gaussian distribution, 2007, section 3); the range is the normal
    approximation of its predictive distribution. Samples further from their median than three
    deviations are taken to be at that distance.

    Args:
        before: what was expected without them.
        basis: which jobs they are.
        samples: what they came to; none give back ``before``.
    """
    if not samples:
        return before
    logs = _without_outliers([math.log(sample.cost_usd) for sample in samples])
    count, mean_before = len(logs), math.log(before.likely_usd)
    weight = WEIGHT + count
    mean = (WEIGHT * mean_before + count * fmean(logs)) / weight
    squares = WEIGHT * SPREAD**2
    squares += sum((one - fmean(logs)) ** 2 for one in logs)
    squares += WEIGHT * count / weight * (fmean(logs) - mean_before) ** 2
    deviation = math.sqrt(squares / weight * (1 + 1 / weight))
    most = NormalDist().inv_cdf(0.9) * deviation
    turns = WEIGHT * before.turns + sum(sample.turns for sample in samples)
    return Estimate(
        low_usd=_dollars(math.exp(mean - most)),
        likely_usd=_dollars(math.exp(mean)),
        high_usd=_dollars(math.exp(mean + most)),
        turns=max(1, round(turns / weight)),
        basis=basis,
        samples=count,
    )


def scaled(sample: Sample, size_kb: int) -> Sample:
    """What a job would have come to in a repository of another size."""
    if sample.size_kb is None:
        return sample
    times = growth(size_kb) / growth(sample.size_kb)
    return sample._replace(
        cost_usd=_scaled(sample.cost_usd, times), turns=max(1, round(sample.turns * times))
    )


def _without_outliers(logs: list[float]) -> list[float]:
    if len(logs) < _MANY:
        return logs
    middle = median(logs)
    deviation = 1.4826 * median(abs(one - middle) for one in logs)  # of a normal distribution
    far = max(3 * deviation, SPREAD)
    return [min(max(one, middle - far), middle + far) for one in logs]


def _scaled(amount: Decimal, times: float) -> Decimal:
    return rounded_up(amount * Decimal(times))


def _dollars(amount: float) -> Decimal:
    return rounded_up(Decimal(amount))
