"""What a reply leads to: its tools run, its claim is judged, or it is told what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codybatch.agent import notices
from codybatch.agent.claims import judge
from codybatch.agent.endings import Ended, Finished, FinishedImplicitly
from codybatch.agent.gauge import Gauge
from codybatch.agent.journal import Journal, Reply
from codybatch.agent.limits import Bounds, Send
from codybatch.agent.notices import Notice, NoticeKind
from codybatch.agent.outcome import Outcome
from codybatch.agent.phrases import phrases
from codybatch.agent.turn import CallResult, Toolbox
from codybatch.domain.events import EventKind
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause
from codybatch.workspace.paths import shown

if TYPE_CHECKING:
    from codybatch.workspace.tree import WorkTree

SILENT_REPLIES = 2
"""Answered with a nudge; after the next one the job is taken to be finished."""
PAUSED_REPLIES = 3


class Reactions:
    """Acts on the replies of one job.

    Args:
        kind: of the prompt.
        journal: of the job.
        toolbox: the tools on ``tree``.
        tree: the job's work tree.
        gauge: measures the conversation.
        bounds: its limits.
    """

    def __init__(
        self,
        kind: Kind,
        journal: Journal,
        toolbox: Toolbox,
        tree: WorkTree,
        gauge: Gauge,
        bounds: Bounds,
    ) -> None:
        self._kind = kind
        self._journal = journal
        self._toolbox = toolbox
        self._tree = tree
        self._gauge = gauge
        self._bounds = bounds

    def to(self, reply: Reply) -> list[JsonObject]:
        """Do what ``reply`` asks for.

        Returns:
            The blocks of the user message that answers it; none where the same conversation is
            simply sent again.

        Raises:
            Ended: it ends the job.
            Interrupted: the worker asks the conversation to stop.
        """
        if reply.outcome is Outcome.TOOLS:
            return self._run_tools(reply)
        if reply.outcome is Outcome.REFUSED:
            raise Ended(EndedBecause.REFUSED, _refusal(reply.message))
        if reply.outcome is Outcome.CUT_OFF:
            return self._answer_cut_off(reply)
        if reply.outcome is Outcome.PAUSED and self._journal.standing.paused <= PAUSED_REPLIES:
            return []
        return self._answer_silence(reply)

    def nudge(self, notice: Notice) -> list[JsonObject]:
        """The block that tells the model something; people are told as well."""
        self._journal.tell(EventKind.NUDGED, _TOLD[notice.kind])
        return [notice.as_block()]

    def _run_tools(self, reply: Reply) -> list[JsonObject]:
        calls = reply.calls
        self._journal.show_tool(phrases(calls))
        results = self._toolbox.run(calls, self._gauge.room_for_results())
        failed = sum(result.is_error for result in results)
        note = f" ({failed} of {len(results)} failed)" if failed else ""
        self._journal.tell(EventKind.TOOL, f"{phrases(calls)}{note}")
        return [self._judged(result).as_block() for result in results]

    def _judged(self, result: CallResult) -> CallResult:
        """A ``finish`` ends the job, or is sent back; any other result stays as it is."""
        if result.claim is None:
            return result
        standing = self._journal.standing
        last_chance = standing.challenged or standing.final is not None
        judgement = judge(result.claim, self._kind, self._changed_here(), last_chance)
        if judgement.refusal:
            return CallResult(result.call, judgement.refusal, is_error=True)
        raise Finished(result.claim, judgement.mismatch)

    def _changed_here(self) -> tuple[str, ...]:
        """Paths that differ from the pinned commit, where this job has changed anything: a
        follow-up begins with its parent's changes.
        """
        before = self._journal.conversations[0].header.base_tree
        return tuple(map(shown, self._tree.changed())) if self._tree.digest() != before else ()

    def _answer_cut_off(self, reply: Reply) -> list[JsonObject]:
        """Ask the same again with more room the first time, where there is more."""
        step = self._bounds.next_step(self._gauge.situation())
        is_first = self._journal.standing.cut_off == 1
        if is_first and isinstance(step, Send) and step.max_tokens > reply.output_tokens:
            return []
        return self.nudge(notices.cut_off(reply.output_tokens))

    def _answer_silence(self, reply: Reply) -> list[JsonObject]:
        standing = self._journal.standing
        if standing.silent > SILENT_REPLIES and not standing.final:
            if self._kind is Kind.ASK:
                raise Ended(EndedBecause.ANSWER_INVALID, "Claude stopped without an answer.")
            changed = bool(self._changed_here()) if self._kind is Kind.CHANGE else None
            raise FinishedImplicitly(changed)
        is_usable = reply.outcome is not Outcome.UNUSABLE
        return self.nudge(notices.no_tool() if is_usable else notices.unusable())


_TOLD = {
    NoticeKind.NEAR_LIMIT: "Told Claude that most of a limit is used.",
    NoticeKind.FINISH_NOW: "Asked Claude to finish now: a limit is reached.",
    NoticeKind.NO_TOOL: "Asked Claude to go on or to call finish.",
    NoticeKind.CUT_OFF: "Told Claude that its reply was cut off.",
    NoticeKind.UNUSABLE: "Told Claude that its reply was empty or malformed.",
    NoticeKind.REPEATING: "Told Claude that it repeats itself.",
    NoticeKind.FAILING: "Told Claude that all of its calls fail.",
    NoticeKind.HAND_OFF: "Asked Claude for notes to go on with in a fresh conversation.",
}


def _refusal(message: JsonObject) -> str:
    """What the service says of a refusal (``stop_details`` of the Messages API)."""
    details = message.get("stop_details")
    category = details.get("category") if isinstance(details, dict) else None
    kind = f" ({category})" if category else ""
    return f"The model refused the task{kind}."
