"""How values of an axis are written."""

from __future__ import annotations


def dollars(amount: float) -> str:
    """US dollars with as many digits as they need."""
    if amount == 0:
        return "$0"
    digits = 2 if amount >= 0.995 else 3 if amount >= 0.00995 else 5
    return f"${amount:,.{digits}f}"


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 99.5:
        return f"{seconds:.3g} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.3g} min"
    return f"{seconds / 3600:.3g} h"
