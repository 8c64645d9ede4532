"""Money and tokens: exact decimal dollars, usage as the model's service counts it, budgets."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer

from codybatch.domain.records import Record

Usd = Annotated[
    Decimal,
    PlainSerializer(
        lambda amount: format(amount.normalize(), "f"), return_type=str, when_used="json"
    ),
]
"""US dollars, exact."""

NOTHING = Decimal(0)
EXACT = Context(prec=60)
"""With the usual 28 digits, a sum of thirds would be rounded, and a recount find another."""
CENT = Decimal("0.01")
_MICRO = Decimal("0.000001")


def rounded_up(amount: Decimal) -> Decimal:
    """``amount`` rounded up to a millionth of a dollar, so that a cap never holds by rounding."""
    return amount.quantize(_MICRO, rounding=ROUND_CEILING)


class Usage(Record):
    """Tokens of one or many replies.

    The parts are disjoint; the prompt is the sum of the first four.
    """

    input_tokens: int = Field(default=0, ge=0)
    cache_write_5m_tokens: int = Field(default=0, ge=0)
    cache_write_1h_tokens: int = Field(default=0, ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    output_tokens: int = Field(default=0, ge=0)

    @property
    def prompt_tokens(self) -> int:
        """Every token that was read: fresh, written to the cache and read from it."""
        return (
            self.input_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
            + self.cache_read_tokens
        )

    def __add__(self, other: Usage) -> Usage:
        """The sum, part by part."""
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            cache_write_5m_tokens=self.cache_write_5m_tokens + other.cache_write_5m_tokens,
            cache_write_1h_tokens=self.cache_write_1h_tokens + other.cache_write_1h_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


class Budget(Record):
    """A cap with what was spent and what is set aside for replies under way (all US dollars)."""

    cap_usd: Usd | None = None
    spent_usd: Usd = NOTHING
    reserved_usd: Usd = NOTHING

    @property
    def left_usd(self) -> Decimal | None:
        """What may still be reserved; None where there is no cap."""
        return None if self.cap_usd is None else self.cap_usd - self.spent_usd - self.reserved_usd

    def holds(self, amount: Decimal) -> bool:
        """Whether ``amount`` may be reserved now."""
        return self.left_usd is None or amount <= self.left_usd

    def could_hold(self, amount: Decimal) -> bool:
        """Whether ``amount`` would fit if every other reservation were given back."""
        return self.cap_usd is None or amount <= self.cap_usd - self.spent_usd
