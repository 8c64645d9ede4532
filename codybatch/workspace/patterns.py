"""Regular expressions that are safe on hostile text: RE2, linear in the text whatever the pattern.

Python's own engine can take exponential time on a pattern or a text of somebody's making; a time
limit would end that, and would make results depend on the machine. RE2 has neither fault, at the
price of look-around and back-references. Its Python package is published by its authors, with
wheels for every platform we support (https://pypi.org/project/google-re2/).
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import re2  # type: ignore[import-untyped]

from codybatch.domain.errors import ToolRefused

_LINES = "(?m)"
_MAX_MEMORY = 16 * 1024 * 1024
MAX_PROGRAM = 5_000
"""Instructions of a compiled pattern. Where RE2's automaton outgrows its memory, its time a byte
grows with these."""


class InvalidPattern(Exception):
    """The pattern is no regular expression that RE2 knows; the text says why."""


class CpuLimit:
    """How long a tool may compute. RE2 is linear, but a hostile pattern can still make it slow."""

    def __init__(self, seconds: float) -> None:
        """Begin to count the processor time of this thread."""
        self._ends = time.thread_time() + seconds
        self._seconds = seconds

    def check(self) -> None:
        """Go on, or not.

        Raises:
            ToolRefused: the time is used up.
        """
        if time.thread_time() > self._ends:
            raise ToolRefused(
                f"Stopped after {self._seconds:.0f} s of computing. Simplify the pattern (counted "
                "repetitions such as {100} cost most), or narrow the path."
            )


class Pattern:
    """A compiled regular expression over bytes (text as UTF-8)."""

    def __init__(self, pattern: str, *, ignore_case: bool = False, lines: bool = True) -> None:
        r"""Compile ``pattern``.

        Args:
            pattern: in RE2's syntax (https://github.com/google/re2/wiki/Syntax).
            ignore_case: whether letters match either case.
            lines: whether ``^`` and ``$`` match at every line.

        Raises:
            InvalidPattern: RE2 cannot compile it.
        """
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MAX_MEMORY
        options.case_sensitive = not ignore_case
        try:
            text = f"{_LINES}{pattern}" if lines else pattern
            self._regexp = re2.compile(text.encode("utf-8"), options)
        except (re2.error, UnicodeEncodeError) as error:
            raise InvalidPattern(_reason(error)) from None
        else:
            if self._regexp.programsize > MAX_PROGRAM:
                raise InvalidPattern("it is too large once its repetitions are written out")
        finally:
            re2.purge()  # its cache would keep 128 patterns of 16 MB each

    def found_in(self, data: bytes) -> bool:
        """Whether ``data`` holds a match."""
        return self._regexp.search(data) is not None

    def first_in(self, data: bytes, start: int = 0) -> int | None:
        """Where the first match at or after ``start`` begins, in bytes."""
        match = self._regexp.search(data, start)
        return None if match is None else int(match.start())

    def spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where the matches of ``data`` begin and end, in bytes."""
        return self._spans(data, 0)

    def values(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Where the first group of each match of ``data`` is; the match where there is none."""
        return self._spans(data, min(self._regexp.groups, 1))

    def _spans(self, data: bytes, group: int) -> Iterator[tuple[int, int]]:
        for match in self._regexp.finditer(data):
            start, end = match.span(group)
            if start >= 0:
                yield start, end


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeEncodeError):
        return "it holds a character that is no Unicode text"
    detail = error.args[0] if error.args else ""
    text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
    return text.replace(_LINES, "")
