"""What happens after a failed attempt: the rules of ``evaluateOnExit``.

Source: the API reference of EvaluateOnExit. The first rule whose conditions all hold decides; where
none does, the job is tried again as long as attempts are left. Patterns match from the start, and
may end with one ``*``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_RULES = 5
MOST_ATTEMPTS = 10


@dataclass(frozen=True)
class Rule:
    """One rule; an empty condition is none.

    Arguments:
        action: ``RETRY`` or ``EXIT``.
        status_reason, reason, exit_code: patterns.
    """

    action: str
    status_reason: str = ""
    reason: str = ""
    exit_code: str = ""

    def holds(self, exit_code: int | None, reason: str, status_reason: str) -> bool:
        """Whether it decides on an attempt that ended so."""
        shown = "" if exit_code is None else str(exit_code)
        pairs = (
            (self.status_reason, status_reason),
            (self.reason, reason),
            (self.exit_code, shown),
        )
        return all(_matches(pattern, text) for pattern, text in pairs if pattern)

    def as_json(self) -> dict[str, str]:
        """As the API tells it."""
        told = {
            "onStatusReason": self.status_reason,
            "onReason": self.reason,
            "onExitCode": self.exit_code,
        }
        return {name: text for name, text in told.items() if text} | {"action": self.action}


def is_tried_again(
    rules: Sequence[Rule], exit_code: int | None, reason: str, status_reason: str
) -> bool:
    """Whether a failed attempt is followed by another, where attempts are left."""
    for rule in rules:
        if rule.holds(exit_code, reason, status_reason):
            return rule.action == "RETRY"
    return True


def _matches(pattern: str, text: str) -> bool:
    if pattern.endswith("*"):
        return text.startswith(pattern[:-1])
    return text == pattern
