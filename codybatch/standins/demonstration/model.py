"""The demonstration's model: rules in place of thought, on the same request a model is given."""

from __future__ import annotations

import re
from collections.abc import Callable

from codybatch.standins.anthropic.reply import Reply, text, thinking
from codybatch.standins.anthropic.wire import JsonObject
from codybatch.standins.demonstration.answering import Answering
from codybatch.standins.demonstration.auditing import Auditing
from codybatch.standins.demonstration.exploring import Exploring
from codybatch.standins.demonstration.history import History, call_id, read_history
from codybatch.standins.demonstration.inspections.credentials import HardCodedCredentials
from codybatch.standins.demonstration.inspections.deserialisation import UnsafeDeserialisation
from codybatch.standins.demonstration.inspections.inspection import Inspection
from codybatch.standins.demonstration.inspections.swallowed import SwallowedExceptions
from codybatch.standins.demonstration.rewriting import Rewriting
from codybatch.standins.demonstration.slips import Occasions, Slips
from codybatch.standins.demonstration.steps import SIGNED
from codybatch.standins.demonstration.survey import Survey
from codybatch.standins.demonstration.tasks.file_encodings import FileEncodings, encoding_in
from codybatch.standins.demonstration.tasks.replace_text import ReplaceText
from codybatch.standins.demonstration.tasks.request_timeouts import RequestTimeouts, seconds_in
from codybatch.standins.demonstration.tasks.return_none import ReturnNone
from codybatch.standins.demonstration.tasks.safe_yaml import SafeYaml
from codybatch.standins.demonstration.tasks.task import Task
from codybatch.standins.demonstration.tasks.utc_datetimes import UtcDatetimes

Plan = Rewriting | Auditing | Answering | Exploring

_EDITING = ("edit_file", "write_file")
_REFUSALS_TAKEN = 2
_WITH_TESTS = re.compile(r"test files[^:.]*: (?:true|yes)")


class DemonstrationModel:
    """Searches, reads, edits what it finds, searches again and says how it ended.

    The next step follows from the conversation alone.

    Arguments:
        wavers: whether what a prompt leaves open goes wrong now and then, as ``slips`` tells. Then
            how often something was asked is remembered, so that two conversations that begin alike
            may end differently.
    """

    def __init__(self, *, wavers: bool = False) -> None:
        self._occasions = Occasions() if wavers else None

    def __call__(self, request: JsonObject) -> Reply:
        """The next reply of the conversation in ``request``."""
        history = read_history(request)
        if self._occasions is None or history.has_begun:
            return _reply(history, history.occasion)
        occasion = self._occasions.next(history.task, history.repository)
        return _reply(history, occasion, lambda place: call_id(occasion, place))


def _reply(
    history: History, occasion: int | None, named: Callable[[int], str] | None = None
) -> Reply:
    survey = Survey.of(history)
    plan = _plan(history, survey, Slips(history.task, history.repository, occasion))
    if survey.finished or survey.finishes > _REFUSALS_TAKEN:
        return Reply([text(f"That is all. {SIGNED}")])
    if history.wants_notes:
        return Reply([thinking("I write down where I am."), text(_notes(plan))])
    if survey.finishes:
        return plan.outcome().step("I look again at what I said.").reply(history.tools)
    if history.must_end:
        thought = "There is no time for more, so I say how far I came."
        return plan.outcome().step(thought).reply(history.tools)
    return plan.next_step().reply(history.tools, named)


def choose_task(words: str) -> Task | None:
    """The task that somebody's words ask for, or None where it is none that is known."""
    return next(iter(tasks_named(words)), None)


def tasks_named(words: str) -> tuple[Task, ...]:
    """Every task that somebody's words name; a change takes the first, an audit all of them."""
    lower = words.lower()

    def mentions(*any_of: str) -> bool:
        return any(word in lower for word in any_of)

    named: list[Task] = []
    if mentions("utcnow", "utcfromtimestamp") or (mentions("utc") and mentions("datetime")):
        named.append(UtcDatetimes())
    if mentions("timeout") and mentions("requests", "http"):
        named.append(RequestTimeouts(seconds_in(lower)))
    if mentions("yaml") and mentions("load", "unsafe"):
        named.append(SafeYaml())
    if mentions("encoding") and mentions("open("):
        named.append(FileEncodings(encoding_in(words)))
    if mentions("-> none"):
        named.append(ReturnNone(_WITH_TESTS.search(lower) is not None))
    replacement = ReplaceText.from_task(words) if not named else None
    return (replacement,) if replacement else tuple(named)


def inspections_named(words: str) -> tuple[Inspection, ...]:
    """Every inspection that an audit's words name."""
    lower = words.lower()
    named: list[Inspection] = []
    if any(word in lower for word in ("deserialis", "deserializ")):
        named.append(UnsafeDeserialisation(_WITH_TESTS.search(lower) is not None))
    if "credential" in lower:
        named.append(HardCodedCredentials())
    if "swallow" in lower:
        named.append(SwallowedExceptions())
    return tuple(named)


def _plan(history: History, survey: Survey, slips: Slips) -> Plan:
    asked = history.tools.get("finish", {}).get("properties", {})
    tasks = tasks_named(history.task)
    if "answer" in asked:
        return Answering(history.task, asked["answer"], survey)
    if "findings" in asked and (looked_for := inspections_named(history.task) or tasks):
        return Auditing(looked_for, survey)
    can_edit = all(tool in history.tools for tool in _EDITING)
    if not tasks or not (can_edit or history.wants_notes):
        return Exploring(history.task, survey)
    task = tasks[0]
    if isinstance(task, UtcDatetimes) and slips.takes_the_short_way:
        task = UtcDatetimes(knows_zones=False)
    return Rewriting(task, survey, slips)


def _notes(plan: Plan) -> str:
    outcome = plan.outcome()
    lines = [outcome.summary, outcome.verification, *outcome.follow_ups, SIGNED]
    return "\n".join(line for line in lines if line)
