"""How long we wait for AWS, and how often we ask again. The SDK itself never asks twice: whether
that is harmless is known only here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import SystemRandom


@dataclass(frozen=True)
class Patience:
    """How patient we are; times in seconds.

    Pauses are drawn evenly between nothing and a ceiling that doubles ("full jitter"), so that
    processes that were turned away together do not come back together.
    """

    connect: float = 5.0
    """For a connection."""
    answer: float = 20.0
    """For the next bytes of an answer, and for the other side to take ours."""
    attempts: int = 6
    first_ceiling: float = 0.2
    last_ceiling: float = 5.0

    def pauses(self, draw: Callable[[], float] | None = None) -> Iterator[float]:
        """The pause after each failed attempt but the last.

        Args:
            draw: gives numbers from 0 to 1; random ones where None.
        """
        draw = draw or SystemRandom().random
        for failures in range(self.attempts - 1):
            yield draw() * min(self.last_ceiling, self.first_ceiling * 2.0**failures)


USUAL = Patience()
OF_A_WORKER = Patience(attempts=20, last_ceiling=30.0)
"""About three minutes where AWS turns us away at once: what a worker is about to store was paid
for, and nobody looks at it meanwhile."""
