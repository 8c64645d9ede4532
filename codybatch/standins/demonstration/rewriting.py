"""Carrying out a task: search, read what was found, edit, search again, finish.

The state is what the calls so far have told. Each step is the first of these that applies:
searching for what was not searched for yet, reading a file that was found, changing one that is not
yet as it should be, searching again after the last change, and saying how it ended.
"""

from __future__ import annotations

from dataclasses import dataclass

from codybatch.standins.demonstration.edits import edits_between
from codybatch.standins.demonstration.looking import (
    FAILURES_BEFORE_GIVING_UP,
    MOST_LINES,
    Looking,
    counted,
    is_others_code,
    listed,
    search_call,
)
from codybatch.standins.demonstration.slips import CAREFUL, Slips
from codybatch.standins.demonstration.steps import SIGNED, Outcome, Step
from codybatch.standins.demonstration.survey import Survey
from codybatch.standins.demonstration.tasks.task import Rewrite, Task

_EDITS_AT_ONCE = 10
_FAILURES_BEFORE_WRITING_WHOLE = 2
_MOST_NAMED = 8
_NOTES = "CHANGES-MADE.md"
"""What is left behind by a hand that was not told to leave nothing."""


@dataclass(frozen=True)
class Rewriting:
    """The plan of a task.

    Arguments:
        task: what to change.
        survey: what is known so far.
        slips: what goes wrong.
    """

    task: Task
    survey: Survey
    slips: Slips = CAREFUL

    @property
    def _looking(self) -> Looking:
        return Looking(self.task.searches, self.task.goal, self.survey)

    def next_step(self) -> Step:
        """What to do next."""
        looking = self._looking
        if missing := looking.missing_searches():
            return looking.search(missing)
        if unread := looking.unread():
            return looking.read(unread, "before I change anything")
        for path in looking.candidates():
            if (rewrite := self._pending(path)) is not None:
                return self._change(path, rewrite)
        if self._leaves_notes():
            return self._leave_notes()
        if self.survey.changed and not self._is_searched_again():
            return self._search_again()
        return self.outcome().step()

    def outcome(self) -> Outcome:
        """What can be said now, complete or not."""
        survey = self.survey
        looking = self._looking
        undone = [p for p in looking.candidates() if self._pending(p, at_any_cost=True)]
        unread = looking.unread()
        left = self._left()
        complete = not (undone or unread or survey.failed_searches or survey.cut_searches)
        more = ("The search found more than it could show: run the task again for the rest.",)
        return Outcome(
            were_changes_necessary=bool(survey.changed or undone),
            title=self._title(bool(survey.changed or undone), complete and not left),
            summary=self._summary(undone, unread),
            verification=self._verification(),
            confidence="low" if not complete else "medium" if left else "high",
            follow_ups=(
                *(more if survey.cut_searches else ()),
                *left,
                *((self.task.caution,) if survey.changed and self.task.caution else ()),
                *(f"{path}: not changed yet." for path in (*undone, *unread)),
            ),
        )

    def _title(self, is_change: bool, is_sure: bool) -> str:
        if is_change:
            return self.task.title
        return self.task.absent if is_sure else "No change: what was found is left to a person"

    def _pending(self, path: str, *, at_any_cost: bool = False) -> Rewrite | None:
        """How a file is to be changed, or None where it is right, unknown or given up."""
        view = self.survey.views.get(path)
        text = view.text if view else None
        if text is None:
            given_up = self.survey.failures.get(path, 0) >= FAILURES_BEFORE_GIVING_UP
            return Rewrite("") if at_any_cost and given_up else None
        if self.slips.overlooks(path):
            return None
        rewrite = self.task.rewrite(path, text)
        return rewrite if rewrite.text != text else None

    def _leaves_notes(self) -> bool:
        is_tried = _NOTES in self.survey.changed or _NOTES in self.survey.failures
        return not is_tried and self.slips.leaves_notes(was_needed=bool(self.survey.changed))

    def _leave_notes(self) -> Step:
        content = f"# {self.task.title}\n\n{self._summary([], [])}\n\n{SIGNED}\n"
        arguments = {"path": _NOTES, "content": content}
        return Step(
            f"I write {_NOTES}, so that what I did is on record.", (("write_file", arguments),)
        )

    def _is_searched_again(self) -> bool:
        return self.survey.searched_since_change.issuperset(self.task.searches)

    def _search_again(self) -> Step:
        calls = tuple(search_call(search) for search in self.task.searches)
        return Step("The edits are in. I search again to see whether anything is left.", calls)

    def _change(self, path: str, rewrite: Rewrite) -> Step:
        view = self.survey.views[path]
        failures = self.survey.failures.get(path, 0)
        if failures >= _FAILURES_BEFORE_WRITING_WHOLE and not view.is_cut:
            arguments = {"path": path, "content": rewrite.text + "\n", "overwrite": True}
            thought = f"Edits of {path} do not fit; I have read all of it, so I write it whole."
            return Step(thought, (("write_file", arguments),))
        edits = edits_between(view.text or "", rewrite.text)[:_EDITS_AT_ONCE]
        calls = tuple(
            ("edit_file", {"path": path, "old_string": edit.old, "new_string": edit.new})
            for edit in edits
        )
        places = counted(rewrite.places, "place")
        return Step(f"{path} needs a change in {places}. {self.task.reason}", calls)

    def _left(self) -> list[str]:
        notes: list[str] = []
        for path in self.survey.hit_paths:
            view = self.survey.views.get(path)
            if is_others_code(path):
                notes.append(f"{path}: left alone, it is somebody else's code.")
            elif view and view.trouble:
                notes.append(f"{path}: could not be read.")
            elif view and (view.total or 0) > MOST_LINES:
                notes.append(f"{path}: too long to be read.")
            elif view and view.text is not None:
                notes.extend(self.task.rewrite(path, view.text).left)
        return notes[:_MOST_NAMED]

    def _summary(self, undone: list[str], unread: list[str]) -> str:
        survey = self.survey
        hits = sum(survey.first_hits.values())
        searched = f"Searched for {self.task.goal}: {counted(hits, 'matching line')}."
        if not survey.changed:
            looked = f" Read {listed(list(survey.views))}." if survey.views else ""
            ending = " Nothing was changed." if undone or unread else " No change is necessary."
            return searched + looked + ending
        places = sum(
            self.task.rewrite(path, survey.originals[path]).places
            for path in survey.changed
            if path in survey.originals
        )
        changed = f" Changed {counted(places, 'place')} in {listed(survey.changed)}."
        rest = f" Not done: {listed([*undone, *unread])}." if undone or unread else ""
        return f"{searched}{changed} {self.task.reason}{rest}"

    def _verification(self) -> str:
        if self.survey.failed_searches:
            return f"A search failed: {next(iter(self.survey.failed_searches.values()))[:200]}"
        if not self.survey.changed:
            return "Searched and read; nothing was changed. No tests were run."
        if not self._is_searched_again():
            return "Stopped before the last search. No tests were run."
        if self.survey.cut_searches:
            return (
                "Searched again after the last edit, but not all of it is shown. No tests were run."
            )
        left = len(self._left())
        rest = f"{counted(left, 'place')} left on purpose, named below" if left else "nothing left"
        return f"Searched again after the last edit: {rest}. No tests were run."
