"""Glob patterns over paths: ``*``, ``?``, ``[…]``, ``{a,b}`` and ``**`` for any folders."""

from __future__ import annotations

import re

from codybatch.agent.tools.scope import Scope
from codybatch.domain.errors import ToolRefused
from codybatch.workspace.patterns import CpuLimit, InvalidPattern, Pattern

MAX_PATTERN = 500
MAX_SECONDS = 10.0


class Glob:
    """A compiled glob pattern.

    A pattern without ``/`` is held against a path's last name, so it matches at any depth; any
    other against the whole path. Leading dots are nothing special, capitals count.
    """

    def __init__(self, pattern: str) -> None:
        """Compile ``pattern``.

        Raises:
            ToolRefused: it is too long, or no glob pattern.
        """
        pattern = pattern.removeprefix("./")
        if not pattern or len(pattern) > MAX_PATTERN:
            raise ToolRefused(
                f"A glob pattern has 1 to {MAX_PATTERN} characters, such as src/**/*.py."
            )
        self._by_name = "/" not in pattern
        try:
            self._regexp = Pattern(f"^(?s:{_translated(pattern)})$", lines=False)
        except InvalidPattern as error:
            raise ToolRefused(f"This glob pattern cannot be read: {error}. Simplify it.") from None

    def matches(self, path: str) -> bool:
        """Whether ``path`` (relative to where the search begins) matches."""
        name = path.rpartition("/")[2] if self._by_name else path
        return self._regexp.found_in(name.encode("utf-8", "surrogateescape"))

    def select(self, scope: Scope) -> list[str]:
        """The scope's paths that match, relative to its folder.

        Raises:
            ToolRefused: the pattern is made to be slow.
        """
        limit = CpuLimit(MAX_SECONDS)
        found: list[str] = []
        for number, path in enumerate(scope.paths):
            if number % 100 == 0:
                limit.check()
            if self.matches(scope.inside(path)):
                found.append(path)
        return found


_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]/]*\]|\{|\}|,|\\.|.", re.DOTALL)


def _translated(pattern: str) -> str:
    pieces: list[str] = []
    depth = 0
    for part in _PART.findall(pattern):
        if part == "}" and not depth:
            pieces.append(r"\}")
            continue
        depth += (part == "{") - (part == "}")
        pieces.append("|" if part == "," and depth else _piece(part))
    if depth:
        raise ToolRefused("A '{' of this glob pattern is never closed. Write {a,b}.")
    return "".join(pieces)


def _piece(part: str) -> str:
    if part in _PIECES:
        return _PIECES[part]
    if len(part) > 1 and part[0] == "[":
        body = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^/{body[1:]}]" if body[0] in "!^" else f"[{body}]"
    return re.escape(part[-1])


_PIECES = {
    "**/": "(?:.*/)?",
    "**": ".*",
    "*": "[^/]*",
    "?": "[^/]",
    "{": "(?:",
    "}": ")",
}
