"""What jobs may cost, as it is said before they run.

An estimate is a range: of ten jobs one should cost less than its low value and one more than its
high one. ``cost_model`` works it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from codybatch.domain.money import NOTHING, Usd
from codybatch.domain.records import Record


class Basis(StrEnum):
    """What an estimate rests on."""

    PROMPT = "prompt"
    """Earlier jobs of the same prompt with the same model."""
    KIND = "kind"
    """Earlier jobs of the same kind with the same model, scaled by size."""
    PRIOR = "prior"
    """No earlier job: the repository's size and the model's price."""


class Estimate(Record):
    """What one or more jobs may cost (US dollars)."""

    low_usd: Usd
    likely_usd: Usd
    high_usd: Usd
    turns: int = Field(ge=0)
    """Replies of the model that are likely."""
    basis: Basis
    samples: int = 0
    """Earlier jobs that it rests on."""

    def within(self, cap: Decimal | None) -> Estimate:
        """The same, where no value passes ``cap``: a job stops there."""
        if cap is None:
            return self
        values = ("low_usd", "likely_usd", "high_usd")
        return self.with_(**{name: min(getattr(self, name), cap) for name in values})


def summed(estimates: Iterable[Estimate]) -> Estimate:
    """All of them together. Jobs of one prompt are cheap or dear together, so that the range is the
    sum of the ranges; the basis is the weakest.
    """
    every = tuple(estimates)
    strength = list(Basis)
    return Estimate(
        low_usd=sum((one.low_usd for one in every), start=NOTHING),
        likely_usd=sum((one.likely_usd for one in every), start=NOTHING),
        high_usd=sum((one.high_usd for one in every), start=NOTHING),
        turns=sum(one.turns for one in every),
        basis=max((one.basis for one in every), key=strength.index),
        samples=min(one.samples for one in every),
    )
