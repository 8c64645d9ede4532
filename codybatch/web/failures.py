"""Wrong tokens: how many an address may offer."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network

MOST_FAILURES, FAILURE_SECONDS = 10, 60.0
"""How many wrong tokens an address may offer within how many seconds."""
MOST_ADDRESSES = 10_000


class Failures:
    """Counts wrong tokens by address, and lets an address with too many wait."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Counts nothing yet; ``now`` tells seconds that only go up."""
        self._now = now
        self._times: dict[str, list[float]] = {}

    def seconds_to_wait(self, address: str) -> float:
        """How long an address must wait before it may offer a token again."""
        since = self._now() - FAILURE_SECONDS
        times = [one for one in self._times.get(network_of(address), ()) if one > since]
        return times[-MOST_FAILURES] - since if len(times) >= MOST_FAILURES else 0.0

    def count(self, address: str) -> None:
        """An address has offered a wrong token."""
        network = network_of(address)
        times = [*self._times.pop(network, ()), self._now()][-MOST_FAILURES:]
        self._times[network] = times
        while len(self._times) > MOST_ADDRESSES:
            del self._times[next(iter(self._times))]


def network_of(address: str) -> str:
    """Whom an address belongs to: one machine has a whole /64 of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
