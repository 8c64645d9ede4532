"""Looking for something: what was not searched for yet, and what was found and not read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codybatch.standins.demonstration.results import FileView
from codybatch.standins.demonstration.steps import Step
from codybatch.standins.demonstration.survey import Search, Survey

MOST_LINES = 8_000
"""Of a file that this model reads to its end."""
FAILURES_BEFORE_GIVING_UP = 4
_READS_AT_ONCE = 4
_MOST_MATCHES = 1_000
_MOST_NAMED = 8
_OTHERS_CODE = ("vendor", "third_party", "node_modules", "site-packages", ".venv", "dist")


@dataclass(frozen=True)
class Looking:
    """What is looked for, and how far that is.

    Arguments:
        searches: what finds every file that matters.
        goal: what is looked for, as in "I look for ...".
        survey: what is known so far.
    """

    searches: tuple[Search, ...]
    goal: str
    survey: Survey

    def missing_searches(self) -> list[Search]:
        """Those that were not run yet."""
        known = {*self.survey.hits, *self.survey.failed_searches}
        return [search for search in self.searches if search not in known]

    def candidates(self) -> list[str]:
        """Files in which something was found, other people's code left out."""
        return [path for path in self.survey.hit_paths if not is_others_code(path)]

    def unread(self) -> list[str]:
        """Files in which something was found and that are not known yet."""
        return [path for path in self.candidates() if not self._is_read(path)]

    def _is_read(self, path: str) -> bool:
        if self.survey.failures.get(path, 0) >= FAILURES_BEFORE_GIVING_UP:
            return True
        view = self.survey.views.get(path)
        if view is None:
            return False
        return bool(view.trouble) or view.text is not None or (view.total or 0) > MOST_LINES

    def search(self, searches: Sequence[Search]) -> Step:
        """Search, and look at the layout of the repository where that is not known."""
        calls = [search_call(search) for search in searches]
        if not self.survey.listing:
            calls.append(("list_files", {"path": ".", "depth": 2}))
        return Step(f"I look for {self.goal}, and at the layout of the repository.", tuple(calls))

    def read(self, paths: Sequence[str], purpose: str) -> Step:
        """Read the next files, or go on where a long one was cut.

        Arguments:
            paths: what is unread; the first few are read at once.
            purpose: why, as in "I read a.py ...".
        """
        calls = []
        chosen = paths[:_READS_AT_ONCE]
        for path in chosen:
            view = self.survey.views.get(path) or FileView()
            arguments: dict[str, object] = {"path": path}
            if view.total is not None:
                arguments["start_line"] = view.next_unknown
            calls.append(("read_file", arguments))
        again = any(path in self.survey.failures for path in chosen)
        thought = "An edit did not fit, so I read again. " if again else ""
        return Step(f"{thought}I read {listed(chosen)} {purpose}.", tuple(calls))


def search_call(search: Search) -> tuple[str, dict[str, object]]:
    """The call of ``grep`` that runs a search."""
    pattern, names = search
    arguments: dict[str, object] = {"pattern": pattern, "limit": _MOST_MATCHES}
    if names:
        arguments["glob"] = names
    return "grep", arguments


def is_others_code(path: str) -> bool:
    """Whether a file was written elsewhere and only put here."""
    return any(part in _OTHERS_CODE for part in path.split("/")[:-1])


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(paths: Sequence[str]) -> str:
    """Some paths by name, and how many more there are."""
    named = ", ".join(paths[:_MOST_NAMED])
    more = len(paths) - _MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named
