"""Examining without changing: search, read what was found, report each place with its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from codybatch.standins.anthropic.wire import JsonObject
from codybatch.standins.demonstration.inspections.inspection import Inspection, Place
from codybatch.standins.demonstration.looking import Looking, counted, listed
from codybatch.standins.demonstration.steps import Outcome, Step
from codybatch.standins.demonstration.survey import Survey
from codybatch.standins.demonstration.tasks.task import Task

_MOST_FINDINGS = 200
_PLACED = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<why>.+)")


@dataclass(frozen=True)
class Auditing:
    """The plan of an audit: what an inspection sees, or a task would change, is a finding.

    Arguments:
        tasks: what to look for, at least one.
        survey: what is known so far.
    """

    tasks: tuple[Task | Inspection, ...]
    survey: Survey

    @property
    def _looking(self) -> Looking:
        searches = tuple(search for task in self.tasks for search in task.searches)
        return Looking(searches, " and ".join(task.goal for task in self.tasks), self.survey)

    def next_step(self) -> Step:
        """What to do next."""
        if missing := self._looking.missing_searches():
            return self._looking.search(missing)
        if unread := self._looking.unread():
            return self._looking.read(unread, "to see what really happens there")
        return self.outcome().step("I have seen every place that the searches found.")

    def outcome(self) -> Outcome:
        """What can be said now, complete or not."""
        found = [finding for task in self.tasks for finding in self._findings(task)]
        wanted = sum(bool(finding["callsForChange"]) for finding in found)
        unread = self._looking.unread()
        return Outcome(
            were_changes_necessary=wanted > 0,
            title=f"{counted(len(found), 'finding')}: {self.tasks[0].goal}"[:72],
            summary=self._summary(found, wanted, unread),
            verification="Searched and read. No tests were run.",
            confidence="low" if unread or self.survey.failed_searches else "high",
            findings=tuple(found[:_MOST_FINDINGS]),
        )

    def _summary(self, found: list[JsonObject], wanted: int, unread: list[str]) -> str:
        hits = sum(self.survey.first_hits.values())
        paths = list(dict.fromkeys(str(finding["path"]) for finding in found))
        where = f" in {listed(paths)}" if paths else ""
        rest = f" Not read: {listed(unread)}." if unread else ""
        cut = " A search found more than it could show." if self.survey.cut_searches else ""
        return (
            f"Searched for {self._looking.goal}: {counted(hits, 'matching line')}. "
            f"Found {counted(len(found), 'place')}{where}; {wanted} of them call for a change."
            f"{rest}{cut}"
        )

    def _findings(self, task: Task | Inspection) -> Iterator[JsonObject]:
        for path in self._looking.candidates():
            view = self.survey.views.get(path)
            text = view.text if view else None
            if text is not None:
                yield from self._in_file(task, path, text)

    def _in_file(self, task: Task | Inspection, path: str, text: str) -> Iterator[JsonObject]:
        if isinstance(task, Inspection):
            inspected = sorted(task.places(path, text), key=lambda place: place.line)
            yield from (_seen(task, path, place) for place in inspected)
        else:
            rewrite = task.rewrite(path, text)
            yield from self._places(task, path, text, rewrite.text)
            yield from filter(None, (_unclear(task, note) for note in rewrite.left))

    def _places(self, task: Task, path: str, before: str, after: str) -> Iterator[JsonObject]:
        """Lines that would be changed and were found: an import that a change adds is no place."""
        old, new = before.split("\n"), after.split("\n")
        hit = {
            one.line
            for search in task.searches
            for one in self.survey.hits.get(search, ())
            if one.path == path
        }
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for tag, start, end, new_start, new_end in matcher.get_opcodes():
            if tag != "equal" and hit.intersection(range(start + 1, end + 1)):
                yield {
                    **_finding(task, path, start + 1, end),
                    "suggestion": "\n".join(new[new_start:new_end]),
                }


def _seen(inspection: Inspection, path: str, place: Place) -> JsonObject:
    return {
        "severity": place.severity,
        "rule": inspection.rule,
        "path": path,
        "startLine": place.line,
        "endLine": place.last,
        "message": place.message,
        "suggestion": place.suggestion,
        "confidence": place.confidence,
        "callsForChange": place.calls_for_change,
    }


def _finding(task: Task, path: str, start: int, end: int) -> JsonObject:
    return {
        "severity": task.severity,
        "rule": task.rule,
        "path": path,
        "startLine": start,
        "endLine": end,
        "message": task.reason,
        "confidence": "high",
        "callsForChange": True,
    }


def _unclear(task: Task, note: str) -> JsonObject | None:
    """What a task saw and would leave to a person, where it names a line."""
    placed = _PLACED.fullmatch(note)
    if placed is None:
        return None
    line = int(placed["line"])
    return {
        **_finding(task, placed["path"], line, line),
        "severity": "info",
        "message": f"A person has to look: {placed['why']}",
        "confidence": "low",
        "callsForChange": False,
    }
