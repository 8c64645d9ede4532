"""Amounts of money that DynamoDB adds up: exactly, however many decimals they have.

DynamoDB adds with 38 significant digits, and servers that speak its protocol with as few as 28.
So an amount stands in two numbers: whole picodollars, and what is left of it (for most, nothing).
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from codybatch.domain.errors import UsageError
from codybatch.domain.money import EXACT
from codybatch.stores.aws.expressions import Condition, amounts_to, every
from codybatch.stores.aws.items import Item

__all__ = ["EXACT", "parts", "same", "total"]

_PICO = Decimal("1e-12")
_MOST_DECIMALS = 36
"""24 digits after a picodollar leave four for the sum of what is left."""
_REST = "_rest"


def parts(name: str, amount: Decimal) -> dict[str, Decimal]:
    """The attributes whose numbers together are ``amount`` (US dollars, of either sign).

    Raises:
        UsageError: it has more decimals than can be added up exactly.
    """
    whole = amount.quantize(_PICO, rounding=ROUND_DOWN, context=EXACT)
    rest = EXACT.subtract(amount, whole)
    exponent = rest.normalize(EXACT).as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_DECIMALS:
        raise UsageError(f"${amount} has more than {_MOST_DECIMALS} decimals: round it.")
    return {name: whole, name + _REST: rest} if rest else {name: whole}


def total(item: Item | None, name: str) -> Decimal:
    """What an item's amount is; 0 where there is none."""
    if item is None:
        return Decimal(0)
    both = EXACT.add(item.amount(name), item.amount(name + _REST))
    return both.normalize(EXACT) if both else Decimal(0)


def same(item: Item | None, *names: str) -> Condition:
    """The condition that an item's amounts are still those that were read."""
    return every(
        *(
            amounts_to(part, item.amount(part) if item else 0)
            for name in names
            for part in (name, name + _REST)
        )
    )
