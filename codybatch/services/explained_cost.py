"""What a job's cost is made of, turn by turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest

from codybatch.domain.errors import ModelWithoutPrice
from codybatch.domain.jobs import Job
from codybatch.domain.money import NOTHING, Usage, Usd
from codybatch.domain.records import Moment, Record
from codybatch.domain.states import JobState
from codybatch.domain.threads import Step, StepKind
from codybatch.services.wording import exact_money


class Fate(StrEnum):
    """What became of a request's reply."""

    APPENDED = "appended"
    """It is part of the conversation."""
    NOT_APPENDED = "not appended"
    """It was cut off, refused or of no use: paid for, and left out."""
    LOST = "lost"
    """It did not come and may have been paid for: it costs what was set aside for it."""
    UNDER_WAY = "under way"
    """It has not come yet; until then it costs what is set aside for it."""


class Charge(Record):
    """One request to the model: what it used and cost (US dollars)."""

    turn: int
    """The job's turn, from 1."""
    conversation: int
    at: Moment
    """When the reply came; where none did, when it was asked for."""
    usage: Usage
    """All zero where the reply did not come."""
    cached: float | None
    """Share of the prompt that came from the cache; None where the reply did not come."""
    cost_usd: Usd
    without_cache_usd: Usd | None
    """What it would have cost without the cache; None where the reply did not come, or where the
    model has no price."""
    total_usd: Usd
    """Of this charge and all before it."""
    fate: Fate


class ExplainedCost(Record):
    """A job's charges in order, and what they come to (US dollars)."""

    price_table: str
    """The price table's name and version."""
    charges: tuple[Charge, ...]
    usage: Usage
    cached: float | None
    """Share of all prompts that came from the cache."""
    cost_usd: Usd
    uncertain_usd: Usd
    """Of it: for replies that were lost."""
    without_cache_usd: Usd | None
    """What the replies that came would have cost without the cache; None for a model without a
    price.
    """
    saved_usd: Usd | None
    """What the cache saved of that."""


PriceOf = Callable[[str, Usage, datetime], Decimal]
"""US dollars for one reply of a model with this usage at a moment; see ``ModelClient.price``."""


def explained(job: Job, steps: Sequence[Step], price: PriceOf) -> ExplainedCost:
    """What ``job`` cost and why.

    Args:
        job: the job.
        steps: all of its committed steps, in order.
        price: of a reply, by the price table in use now.
    """
    charges = tuple(_charges(job, steps, price))
    came = [one for one in charges if one.fate in {Fate.APPENDED, Fate.NOT_APPENDED}]
    replies = sum((one.cost_usd for one in came), start=NOTHING)
    without_cache = _summed(one.without_cache_usd for one in came)
    uncertain = (one.cost_usd for one in charges if one.fate is Fate.LOST)
    usage = sum((one.usage for one in charges), start=Usage())
    return ExplainedCost(
        price_table=job.price_table,
        charges=charges,
        usage=usage,
        cached=_cached(usage),
        cost_usd=charges[-1].total_usd if charges else NOTHING,
        uncertain_usd=sum(uncertain, start=NOTHING),
        without_cache_usd=without_cache,
        saved_usd=None if without_cache is None else without_cache - replies,
    )


def savings(cost: ExplainedCost) -> str:
    """What the cache saved, or cost, in words; nothing where there is no price to tell it by."""
    if cost.saved_usd is None or cost.without_cache_usd is None:
        return ""
    share = f"{cost.cached or 0:.0%} of all prompts came from the cache, which"
    if cost.saved_usd < 0:
        return f"{share} cost {exact_money(-cost.saved_usd)} more than it saved."
    return f"{share} saved {exact_money(cost.saved_usd)} of {exact_money(cost.without_cache_usd)}."


def _summed(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = NOTHING
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _without_cache(model: str, step: Step, price: PriceOf) -> Decimal | None:
    used = step.usage or Usage()
    fresh = Usage(input_tokens=used.prompt_tokens, output_tokens=used.output_tokens)
    try:
        return price(model, fresh, step.at)
    except ModelWithoutPrice:
        return None


def _cached(usage: Usage) -> float | None:
    return usage.cache_read_tokens / usage.prompt_tokens if usage.prompt_tokens else None


def _charges(job: Job, steps: Sequence[Step], price: PriceOf) -> Iterator[Charge]:
    total = NOTHING
    goes_on = job.state is JobState.RUNNING
    for step, after in zip_longest(steps, steps[1:]):
        found = _of_request(step, after, goes_on) if step.kind is StepKind.REQUEST else None
        came = step.kind is StepKind.REPLY
        found = _of_reply(step) if came else found
        if found is not None:
            cost, fate = found
            total += cost
            yield Charge(
                turn=step.turn,
                conversation=step.conversation,
                at=step.at,
                usage=step.usage or Usage(),
                cached=_cached(step.usage or Usage()),
                cost_usd=cost,
                without_cache_usd=_without_cache(job.model, step, price) if came else None,
                total_usd=total,
                fate=fate,
            )


def _of_reply(step: Step) -> tuple[Decimal, Fate]:
    return step.cost_usd, Fate.APPENDED if step.appended else Fate.NOT_APPENDED


def _of_request(step: Step, after: Step | None, goes_on: bool) -> tuple[Decimal, Fate] | None:
    """A request is a charge of its own only while no reply follows it."""
    if after is not None and after.kind is StepKind.REPLY:
        return None
    return step.reserved_usd, Fate.UNDER_WAY if goes_on and after is None else Fate.LOST
