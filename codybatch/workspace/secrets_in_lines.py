"""Secrets in the lines that a patch adds or removes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from codybatch.workspace.hunks import Side


class SecretSpan(Protocol):
    """Where a secret stands in a text."""

    @property
    def start(self) -> int:
        """The offset of its first character."""
        ...

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        ...

    @property
    def rule(self) -> str:
        """What kind of secret it is."""
        ...


class SecretFinder(Protocol):
    """Finds secrets by pattern; `redaction.SecretScanner` is one."""

    def find(self, text: str) -> Sequence[SecretSpan]:
        """Every secret in ``text``."""
        ...


def secrets_in(scanner: SecretFinder, side: Side) -> Iterator[tuple[int, str]]:
    """The line and the kind of each secret that touches a changed line of one version of a file.

    Context lines are read along, so that the body of a private key is known by its first line.
    """
    if not any(side.changed):
        return
    for span in scanner.find(side.text()):
        number = side.changed_at(span.start, span.end)
        if number is not None:
            yield number, span.rule


def holds_secret(scanner: SecretFinder, side: Side) -> bool:
    """Whether a changed line holds a secret."""
    return next(secrets_in(scanner, side), None) is not None
