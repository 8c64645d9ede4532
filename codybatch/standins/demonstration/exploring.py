"""A task that the demonstration's model does not know: it looks around, and says so."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codybatch.standins.demonstration.steps import Outcome, Step
from codybatch.standins.demonstration.survey import Search, Survey, escaped

_GUIDES = re.compile(
    r"(?:^|\s)((?:README[.\w]*|pyproject\.toml|setup\.cfg|package\.json|go\.mod|Cargo\.toml))(?=\s|$)"
)
_QUOTED = re.compile(r"`([^`\n]{3,60})`|\"([^\"\n]{3,60})\"")
_WORD = re.compile(r"\b[A-Za-z_][A-Za-z0-9_.]{3,40}\b")
_MOST_SEARCHES = 2
_MOST_READ = 3
_COMMON = frozenset(
    {
        *("that", "this", "with", "from", "into", "have", "each", "every", "please", "should"),
        *("must", "make", "where", "when", "which", "their", "there", "file", "files", "code"),
        *("repository", "change", "changes", "necessary", "task", "does", "also", "only", "find"),
    }
)


def quoted_in(task: str) -> list[str]:
    """What a task quotes."""
    return [one or other for one, other in _QUOTED.findall(task)]


def words_to_search(task: str) -> tuple[str, ...]:
    """What a task seems to be about: what it quotes, or else its longest words."""
    quoted = quoted_in(task)
    words = [word for word in _WORD.findall(task) if word.lower() not in _COMMON]
    chosen = quoted or sorted(dict.fromkeys(words), key=len, reverse=True)
    return tuple(dict.fromkeys(chosen))[:_MOST_SEARCHES]


@dataclass(frozen=True)
class Exploring:
    """The plan of a task without a plan.

    Arguments:
        task: its words.
        survey: what is known so far.
    """

    task: str
    survey: Survey

    def next_step(self) -> Step:
        """What to do next."""
        survey = self.survey
        known = {*survey.hits, *survey.failed_searches}
        if missing := [search for search in self._searches() if search not in known]:
            calls = [("grep", {"pattern": p, "ignore_case": True, "limit": 50}) for p, _ in missing]
            look = [] if survey.listing else [("list_files", {"path": ".", "depth": 2})]
            return Step("I look around, and for what the task names.", (*look, *calls))
        if not survey.listing and not survey.views and not known:
            return Step("I look around.", (("list_files", {"path": ".", "depth": 2}),))
        unread = [path for path in self._worth_reading() if path not in survey.views]
        if unread:
            calls = [("read_file", {"path": path, "end_line": 200}) for path in unread]
            return Step(f"I read {', '.join(unread)}.", tuple(calls))
        return self.outcome().step()

    def outcome(self) -> Outcome:
        """What can be said now."""
        survey = self.survey
        hits = sum(survey.first_hits.values())
        searched = ", ".join(f"`{pattern}`" for pattern in words_to_search(self.task)) or "nothing"
        read = ", ".join(survey.views) or "no file"
        return Outcome(
            were_changes_necessary=False,
            title="No change: this demonstration does not know the task",
            summary=(
                f"Looked at the list of files, searched for {searched} "
                f"(matching lines: {hits}) and read {read}. The demonstration's model can carry "
                "out the starter prompts and replace one text by another. This task is none of "
                "them, so nothing was changed; that says nothing about whether a change is needed."
            ),
            verification="Nothing was changed, so there was nothing to check.",
            confidence="low",
            follow_ups=("Run the task with a real model: see the README for how.",),
        )

    def _searches(self) -> list[Search]:
        return [(escaped(word), "") for word in words_to_search(self.task)]

    def _worth_reading(self) -> list[str]:
        guides = [match[1] for line in self.survey.listing for match in _GUIDES.finditer(line)]
        found = self.survey.hit_paths
        return list(dict.fromkeys([*guides[:1], *found]))[:_MOST_READ]
