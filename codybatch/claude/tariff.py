"""Tariffs: what a model's tokens cost, with the jumps that long prompts bring."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from codybatch.domain.money import Usage

_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Rates:
    """US dollars per million tokens, by what happens to the tokens."""

    input: Decimal
    output: Decimal
    cache_write_5m: Decimal
    cache_write_1h: Decimal
    cache_read: Decimal

    def cost(self, usage: Usage) -> Decimal:
        """US dollars for ``usage``, exact."""
        total = (
            self.input * usage.input_tokens
            + self.output * usage.output_tokens
            + self.cache_write_5m * usage.cache_write_5m_tokens
            + self.cache_write_1h * usage.cache_write_1h_tokens
            + self.cache_read * usage.cache_read_tokens
        )
        return total / _MILLION

    def most(self, prompt_tokens: int, max_tokens: int) -> Decimal:
        """The most a request can cost in US dollars: all of its prompt written to the cache for
        5 minutes, all of its output used.
        """
        dearest = max(self.input, self.cache_write_5m, self.cache_read)
        return (dearest * prompt_tokens + self.output * max_tokens) / _MILLION


@dataclass(frozen=True)
class Step:
    """The rates of every token of a request whose prompt has more than ``above`` tokens."""

    above: int
    rates: Rates


@dataclass(frozen=True)
class Tariff:
    """A model's rates.

    Args:
        steps: rising by ``above``, the first from 0. A request whose prompt passes a step pays that
            step's rates for all of its tokens, not only for those above.
    """

    steps: tuple[Step, ...]

    def cost(self, usage: Usage) -> Decimal:
        """US dollars for one reply with this usage, exact."""
        return self._reached(usage.prompt_tokens)[-1].rates.cost(usage)

    def worst_case(self, prompt_tokens: int, max_tokens: int) -> Decimal:
        """The most a request of at most ``prompt_tokens`` can cost, in US dollars."""
        reached = self._reached(prompt_tokens)
        return max(step.rates.most(prompt_tokens, max_tokens) for step in reached)

    def _reached(self, prompt_tokens: int) -> tuple[Step, ...]:
        return self.steps[:1] + tuple(s for s in self.steps[1:] if prompt_tokens > s.above)
