"""What the service counted: its ``usage`` object in our words.

Source: ``types/usage.py`` and ``types/beta/beta_*_iteration_usage.py`` of the SDK 2.12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codybatch.domain.money import Usage
from codybatch.domain.records import JsonObject

# Counted in the totals already; the other kinds (a compaction, an advisor) come on top of them.
_IN_THE_TOTALS = frozenset({"message", "fallback_message"})


@dataclass(frozen=True)
class PaidPart:
    """A part of a reply that is paid for by itself."""

    usage: Usage
    model: str | None = None
    """Where another model than the one asked did it."""


def paid_parts(usage: JsonObject) -> tuple[PaidPart, ...]:
    """The totals, then each iteration that the totals leave out."""
    extra = [each for each in usage.get("iterations") or () if _is_extra(each)]
    return (
        PaidPart(_usage_of(usage)),
        *(PaidPart(_usage_of(each), each.get("model")) for each in extra),
    )


def total_usage(usage: JsonObject) -> Usage:
    """Every token of a reply that is paid for."""
    total = Usage()
    for part in paid_parts(usage):
        total += part.usage
    return total


def merged(earlier: JsonObject, later: JsonObject) -> JsonObject:
    """``earlier`` with what ``later`` says: counts at the end of a stream are totals, and what
    it leaves out or calls null stays as the beginning of the stream had it.
    """
    return {**earlier, **{name: value for name, value in later.items() if value is not None}}


def _is_extra(iteration: Any) -> bool:
    return isinstance(iteration, dict) and iteration.get("type") not in _IN_THE_TOTALS


def _usage_of(counts: JsonObject) -> Usage:
    created = counts.get("cache_creation") or {}
    for_an_hour = _count(created, "ephemeral_1h_input_tokens")
    split = for_an_hour + _count(created, "ephemeral_5m_input_tokens")
    # The end of a stream repeats the sum and not the split, so the sum may be the newer one.
    written = max(_count(counts, "cache_creation_input_tokens"), split)
    return Usage(
        input_tokens=_count(counts, "input_tokens"),
        cache_write_5m_tokens=written - for_an_hour,
        cache_write_1h_tokens=for_an_hour,
        cache_read_tokens=_count(counts, "cache_read_input_tokens"),
        output_tokens=_count(counts, "output_tokens"),
    )


def _count(counts: JsonObject, name: str) -> int:
    count = counts.get(name)
    return max(count, 0) if isinstance(count, int) else 0
