"""The demonstration's model: rules in place of thought, on the same request a model is given."""

from __future__ import annotations

from codybatch.standins.anthropic.reply import Reply, text, thinking
from codybatch.standins.anthropic.wire import JsonObject
from codybatch.standins.demonstration.exploring import Exploring
from codybatch.standins.demonstration.history import History, read_history
from codybatch.standins.demonstration.rewriting import Rewriting
from codybatch.standins.demonstration.steps import SIGNED
from codybatch.standins.demonstration.survey import Survey
from codybatch.standins.demonstration.tasks.replace_text import ReplaceText
from codybatch.standins.demonstration.tasks.request_timeouts import RequestTimeouts, seconds_in
from codybatch.standins.demonstration.tasks.safe_yaml import SafeYaml
from codybatch.standins.demonstration.tasks.task import Task
from codybatch.standins.demonstration.tasks.utc_datetimes import UtcDatetimes

_EDITING = ("edit_file", "write_file")
_REFUSALS_TAKEN = 2


class DemonstrationModel:
    """Searches, reads, edits what it finds, searches again and says how it ended.

    It keeps nothing between requests: the next step follows from the conversation alone.
    """

    def __call__(self, request: JsonObject) -> Reply:
        """The next reply of the conversation in ``request``."""
        history = read_history(request)
        survey = Survey.of(history)
        plan = _plan(history, survey)
        if survey.finished or survey.finishes > _REFUSALS_TAKEN:
            return Reply([text(f"That is all. {SIGNED}")])
        if history.wants_notes:
            return Reply([thinking("I write down where I am."), text(_notes(plan))])
        if survey.finishes:
            return plan.outcome().step("I look again at what I said.").reply(history.tools)
        if history.must_end:
            thought = "There is no time for more, so I say how far I came."
            return plan.outcome().step(thought).reply(history.tools)
        return plan.next_step().reply(history.tools)


def choose_task(words: str) -> Task | None:
    """The task that somebody's words ask for, or None where it is none that is known."""
    lower = words.lower()

    def mentions(*any_of: str) -> bool:
        return any(word in lower for word in any_of)

    if mentions("utcnow", "utcfromtimestamp") or (mentions("utc") and mentions("datetime")):
        return UtcDatetimes()
    if mentions("timeout") and mentions("requests", "http"):
        return RequestTimeouts(seconds_in(lower))
    if mentions("yaml") and mentions("load", "unsafe"):
        return SafeYaml()
    return ReplaceText.from_task(words)


def _plan(history: History, survey: Survey) -> Rewriting | Exploring:
    task = choose_task(history.task)
    can_edit = all(tool in history.tools for tool in _EDITING)
    if task is None or not (can_edit or history.wants_notes):
        return Exploring(history.task, survey)
    return Rewriting(task, survey)


def _notes(plan: Rewriting | Exploring) -> str:
    outcome = plan.outcome()
    lines = [outcome.summary, outcome.verification, *outcome.follow_ups, SIGNED]
    return "\n".join(line for line in lines if line)
