"""What stands where a number would be made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CannotBeSaid:
    """Stands where what is known allows no number."""

    reason: str
    """A sentence for people."""
