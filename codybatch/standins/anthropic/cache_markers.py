"""Where a request asks for the prompt cache: the markers on blocks, and the automatic one.

Source: the prompt caching guide. At most 4 breakpoints, the automatic one included; no hour marked
after a five minutes' one; none on thinking, and inside a tool result only on its last block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from codybatch.standins.anthropic.api_errors import invalid, not_permitted
from codybatch.standins.anthropic.wire import JsonObject

MOST_BREAKPOINTS = 4
SECONDS = {"5m": 300, "1h": 3600}


@dataclass(frozen=True, slots=True)
class Marker:
    """One breakpoint.

    Arguments:
        position: the block it ends at, counted over tools, system and messages.
        ttl: ``5m`` or ``1h``.
        path: where it stands in the request.
    """

    position: int
    ttl: str
    path: str


def lifetime(control: Any, path: str) -> str | None:
    """The lifetime that the ``cache_control`` at ``path`` asks for; None where there is none.

    Raises:
        ApiError: 400 for anything but an ephemeral marker of five minutes or an hour.
    """
    if control is None:
        return None
    if not isinstance(control, dict) or control.get("type") != "ephemeral":
        raise invalid(f"{path}.type: Input should be 'ephemeral'")
    if unknown := set(control) - {"type", "ttl"}:
        raise not_permitted(f"{path}.{min(unknown)}")
    ttl = control.get("ttl", "5m")
    if ttl not in SECONDS:
        raise invalid(f"{path}.ttl: Input should be '5m' or '1h'")
    return str(ttl)


def marker_on(block: JsonObject, position: int, path: str) -> Marker | None:
    """The marker of one block; one at the end of a tool result's content counts for the result.

    Raises:
        ApiError: 400 for a marker where none may stand.
    """
    ttl = lifetime(block.get("cache_control"), f"{path}.cache_control")
    content = block.get("content")
    if block.get("type") == "tool_result" and isinstance(content, list):
        for place, inner in enumerate(content):
            inner_ttl = lifetime(
                inner.get("cache_control"), f"{path}.content.{place}.cache_control"
            )
            if inner_ttl and place < len(content) - 1:
                raise invalid(
                    f"{path}.content.{place}: cache_control is only allowed on the last block "
                    "of a tool_result's content"
                )
            ttl = ttl or inner_ttl
    return Marker(position, ttl, path) if ttl else None


def breakpoints(
    explicit: Sequence[Marker], automatic: str | None, last_position: int
) -> list[Marker]:
    """All markers of a request in the order of the prompt.

    Arguments:
        explicit: the markers on blocks, in order.
        automatic: the lifetime of the top-level marker, if there is one.
        last_position: the last block, where the automatic marker goes.

    Raises:
        ApiError: 400 for more than four, and for lifetimes that grow along the prompt.
    """
    found = list(explicit)
    if automatic and found and found[-1].position == last_position:
        if found[-1].ttl != automatic:
            raise invalid("cache_control.ttl: differs from that of the last block's cache_control")
    elif automatic:
        found.append(Marker(last_position, automatic, "cache_control"))
    if len(found) > MOST_BREAKPOINTS:
        raise invalid(
            f"A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. "
            f"Found {len(found)}."
        )
    for earlier, later in pairwise(found):
        if earlier.ttl == "5m" and later.ttl == "1h":
            raise invalid(
                f"{later.path}.cache_control.ttl: a ttl='1h' cache_control block must not come "
                "after a ttl='5m' cache_control block. Note that blocks are processed in the "
                "following order: `tools`, `system`, `messages`."
            )
    return found
