"""One job's conversation with the model, from the first request to ``finish``.

Read ``Loop.run`` first: act on the last reply, commit its results with the intent to send the next
request, receive the reply, commit it, and again. Nothing begins before what came before it is
committed, so a conversation can die at any point and go on from its recorded steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

from codybatch.agent import notices
from codybatch.agent.claims import judge
from codybatch.agent.conversation import BYTES_PER_TOKEN, to_bytes
from codybatch.agent.endings import Ended, Finished, end_of, with_accounts
from codybatch.agent.exchange import Exchange
from codybatch.agent.handoff import next_header
from codybatch.agent.header import accepts_effort, first_header
from codybatch.agent.journal import THREAD_REJECTED, DamagedThread, Journal, Reply
from codybatch.agent.limits import MOST_TOKENS, Bounds, HandOff, Send, Situation, Stop, context_cap
from codybatch.agent.outcome import Outcome, is_block
from codybatch.agent.phrases import phrases
from codybatch.agent.resume import TreeDiffers, adopt_reply, read_back
from codybatch.agent.task import ConversationEnd, Task
from codybatch.agent.tools import tools_for
from codybatch.agent.turn import CallResult, Toolbox
from codybatch.agent.turn_log import Interrupted, MustWait, TurnLog
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause
from codybatch.ports.clock import Clock
from codybatch.ports.model import ModelClient

if TYPE_CHECKING:
    from codybatch.workspace.redaction import Redactor
    from codybatch.workspace.tree import WorkTree

SILENT_REPLIES = 2
"""Answered with a nudge; after the next one the job is taken to be finished."""
PAUSED_REPLIES = 3
INTERNAL_ERRORS = 3
INVALID_ANSWERS = 3
MOST_RESULT_CHARACTERS = 200_000
"""Of all results of one reply, where the context has room for them."""
LEAST_RESULT_CHARACTERS = 20_000


def converse(
    task: Task,
    model: ModelClient,
    tree: WorkTree,
    redactor: Redactor,
    log: TurnLog,
    clock: Clock,
) -> ConversationEnd:
    """Hold a job's conversation, from where its recorded steps end.

    Args:
        task: of the job.
        model: the service that answers.
        tree: a fresh checkout of the pinned commit, with the parent's patch for a follow-up.
        redactor: takes secrets out of what the model sees.
        log: where steps are committed.
        clock: ``task.limits.seconds_left`` counts from now.

    Raises:
        OSError: the file system failed.
        UnsupportedSchema: an ask has a schema that cannot be held.
    """
    loop = Loop(task, model, tree, redactor, log, clock)
    return with_accounts(loop.to_the_end(), loop.journal.spending, tree.digest())


class Loop:
    """The conversation of one job in one process."""

    def __init__(
        self,
        task: Task,
        model: ModelClient,
        tree: WorkTree,
        redactor: Redactor,
        log: TurnLog,
        clock: Clock,
    ) -> None:
        self.journal = Journal(log, clock)
        self._task = task
        self._tree = tree
        self._log = log
        self._clock = clock
        self._began = clock.monotonic()
        self._tools = tools_for(task.kind, task.answer_schema)
        self._toolbox = Toolbox(self._tools, tree, redactor, log.interrupted)
        self._exchange = Exchange(task, model, self.journal, clock)
        self._bounds = Bounds(task.limits, self._exchange.worst_case)

    def to_the_end(self) -> ConversationEnd:
        """Talk, and say why it stopped."""
        try:
            with self._toolbox:
                self.run()
        except Ended as ended:
            return self._end(ended)
        except MustWait as wait:
            return ConversationEnd(waiting=wait.waiting)
        except Interrupted:
            return ConversationEnd(interrupted=True)
        except (DamagedThread, TreeDiffers) as error:
            return ConversationEnd(ended_because=EndedBecause.INTERNAL_ERROR, detail=error.message)

    def run(self) -> NoReturn:
        """Talk until something ends it.

        Raises:
            Ended: it is over.
            MustWait: it cannot go on now.
            Interrupted: the worker asks it to stop.
            DamagedThread, TreeDiffers: the recorded steps do not lead to where they should.
        """
        self._begin_or_go_on()
        while True:
            blocks = self._act_on_reply()
            request = self._commit_next_request(blocks)
            self._exchange.receive(request.max_tokens)

    def _begin_or_go_on(self) -> None:
        self._capabilities = self._exchange.capabilities()
        self._context_cap = context_cap(
            self._task.limits.context_tokens, self._capabilities, self._exchange.worst_case
        )
        recorded = self._log.recorded()
        read_back(recorded, self.journal, self._toolbox, self._tree)
        if not recorded:
            self._begin()
            return
        text = f"Went on after turn {self.journal.turn}."
        self.journal.tell(EventKind.RESUMED, text)
        adopt_reply(self.journal, self._exchange.model, self._clock.now())

    def _begin(self) -> None:
        if not accepts_effort(self._task.effort, self._capabilities):
            text = f"{self._task.model} does not know the effort {self._task.effort}: not sent."
            self.journal.tell(EventKind.PHASE, text, EventLevel.WARNING)
        self.journal.begin(
            first_header(self._task, self._tools, self._capabilities, self._tree.digest())
        )

    # acting on a reply
    def _act_on_reply(self) -> list[JsonObject]:
        """Do what the last reply asks for.

        Returns:
            The blocks of the user message that answers it; none where it needs no answer.
        """
        reply, standing = self.journal.reply, self.journal.standing
        if self.journal.lost_thread or (reply and standing.notes_asked):
            self._hand_off()
            return []
        if reply is None:
            return []
        if reply.outcome is Outcome.TOOLS:
            return self._run_tools(reply)
        if reply.outcome is Outcome.CUT_OFF:
            return self._answer_cut_off(reply)
        if reply.outcome is Outcome.PAUSED and standing.paused <= PAUSED_REPLIES:
            return []
        if reply.outcome is Outcome.REFUSED:
            raise Ended(EndedBecause.REFUSED, _refusal(reply.message))
        if reply.outcome is Outcome.OVERFLOWED:
            self._hand_off()
            return []
        return self._answer_silence(reply)

    def _run_tools(self, reply: Reply) -> list[JsonObject]:
        calls = reply.calls
        self.journal.show_tool(phrases(calls))
        results = self._toolbox.run(calls, self._room_for_results())
        failed = sum(result.is_error for result in results)
        note = f" ({failed} of {len(results)} failed)" if failed else ""
        self.journal.tell(EventKind.TOOL, f"{phrases(calls)}{note}")
        return [self._judged(result).as_block() for result in results]

    def _room_for_results(self) -> int:
        """Characters that half of what is left of the context window holds."""
        used = (
            self.journal.conversation.context_tokens + self.journal.conversation.header.max_tokens
        )
        left = (self._capabilities.max_input_tokens - used) * BYTES_PER_TOKEN // 2
        return max(LEAST_RESULT_CHARACTERS, min(MOST_RESULT_CHARACTERS, left))

    def _judged(self, result: CallResult) -> CallResult:
        """A ``finish`` ends the job, or is sent back; any other result stays as it is."""
        if result.claim is None:
            return result
        standing = self.journal.standing
        last_chance = standing.challenged or standing.final is not None
        judgement = judge(result.claim, self._task.kind, self._changed_here(), last_chance)
        if judgement.refusal:
            return CallResult(result.call, judgement.refusal, is_error=True)
        raise Finished(result.claim, judgement.mismatch)

    def _changed_here(self) -> tuple[str, ...]:
        """Paths that differ from the pinned commit, where this job has changed anything: a
        follow-up begins with its parent's changes.
        """
        before = self.journal.conversations[0].header.base_tree
        return self._tree.changed() if self._tree.digest() != before else ()

    def _end(self, ended: Ended) -> ConversationEnd:
        changed = bool(self.journal.conversations and self._changed_here())
        is_change = self._task.kind is Kind.CHANGE
        return end_of(ended, self.journal.last_text, changed, is_change)

    def _answer_cut_off(self, reply: Reply) -> list[JsonObject]:
        """Ask the same again with more room the first time, where there is more."""
        step = self._bounds.next_step(self._situation([]))
        again = self.journal.standing.cut_off == 1
        if again and isinstance(step, Send) and step.max_tokens > reply.output_tokens:
            return []
        return self._nudge(notices.cut_off(reply.output_tokens))

    def _answer_silence(self, reply: Reply) -> list[JsonObject]:
        if self.journal.standing.silent > SILENT_REPLIES and not self.journal.standing.final:
            if self._task.kind is Kind.ASK:
                raise Ended(EndedBecause.ANSWER_INVALID, "Claude stopped without an answer.")
            raise Ended(EndedBecause.FINISHED_IMPLICITLY)
        if reply.outcome is Outcome.UNUSABLE:
            return self._nudge(notices.unusable())
        return self._nudge(notices.no_tool())

    def _nudge(self, notice: notices.Notice) -> list[JsonObject]:
        self.journal.tell(EventKind.NUDGED, _NUDGES[notice.kind])
        return [notice.as_block()]

    # the next request
    def _commit_next_request(self, blocks: list[JsonObject]) -> Send:
        """Commit what answers the last reply together with the intent to send the next request."""
        if self._log.interrupted.is_set():
            raise Interrupted
        tree = self._tree.digest()
        self.journal.count_results(blocks, tree)
        self._stop_where_hopeless(blocks, tree)
        step = self._bounds.next_step(self._situation(blocks))
        if isinstance(step, Stop):
            self._commit_results(blocks, tree)
            raise Ended(step.because)
        if isinstance(step, HandOff):
            self._add_results(blocks, tree)
            self._hand_off()
            return self._commit_next_request([])
        self._reserve(step.reserved, blocks, tree)
        self._add_results([*blocks, *self._said(blocks, step)], tree)
        self.journal.add_request(step.max_tokens, step.reserved)
        self.journal.commit()
        return step

    def _situation(self, blocks: Sequence[JsonObject]) -> Situation:
        journal, standing = self.journal, self.journal.standing
        conversation = journal.conversation
        added = len(to_bytes(blocks)) // BYTES_PER_TOKEN if blocks else 0
        return Situation(
            turn=journal.turn + 1,
            context_tokens=conversation.context_tokens + added,
            context_cap=self._context_cap,
            window=self._capabilities.max_input_tokens,
            spent=journal.spending.cost_usd,
            elapsed=self._clock.monotonic() - self._began,
            handoffs_left=self._handoffs_left(),
            wanted_tokens=self._wanted_tokens(),
            first=conversation.turns == 0,
            stuck=standing.repetition.is_stuck,
            without_progress=standing.without_progress,
            told=standing.told,
            final=standing.final,
            final_answered=standing.final_answered,
            notes_asked=standing.notes_asked,
        )

    def _wanted_tokens(self) -> int:
        ordinary = self.journal.conversation.header.max_tokens
        if self.journal.standing.cut_off != 1:
            return ordinary
        most = min(MOST_TOKENS, self._capabilities.max_output_tokens)
        return max(ordinary, min(2 * ordinary, most))

    def _said(self, blocks: Sequence[JsonObject], step: Send) -> list[JsonObject]:
        """Notices about limits, and about the calls that were just run."""
        warnings = self.journal.standing.warnings() if _holds_results(blocks) else []
        return [block for notice in [*warnings, *step.notices] for block in self._nudge(notice)]

    def _stop_where_hopeless(self, blocks: Sequence[JsonObject], tree: str) -> None:
        standing = self.journal.standing
        if standing.internal_errors >= INTERNAL_ERRORS:
            self._commit_results(blocks, tree)
            detail = f"Our tools failed {INTERNAL_ERRORS} times in a row; the log says why."
            raise Ended(EndedBecause.INTERNAL_ERROR, detail)
        if self._task.kind is Kind.ASK and standing.invalid_finishes >= INVALID_ANSWERS:
            self._commit_results(blocks, tree)
            detail = f"{INVALID_ANSWERS} answers in a row did not fit the schema."
            raise Ended(EndedBecause.ANSWER_INVALID, detail)

    def _reserve(self, amount: Decimal, blocks: Sequence[JsonObject], tree: str) -> None:
        """Set the request's worst case aside; where that has to wait, keep what is done."""
        try:
            self._exchange.reserve(amount)
        except MustWait:
            self._commit_results(blocks, tree)
            raise

    def _commit_results(self, blocks: Sequence[JsonObject], tree: str) -> None:
        self._add_results([block for block in blocks if _is_result(block)], tree)
        self.journal.commit()

    def _add_results(self, blocks: Sequence[JsonObject], tree: str) -> None:
        if blocks:
            self.journal.add_results(blocks, tree)

    # a fresh conversation
    def _handoffs_left(self) -> int:
        return self._task.limits.max_handoffs - len(self.journal.conversations) + 1

    def _hand_off(self) -> None:
        """Begin the next conversation; it is committed with its first request."""
        lost, reply = self.journal.lost_thread, self.journal.reply
        if self._handoffs_left() <= 0 or self.journal.conversation.turns == 0:
            rejected = lost is not None and lost["type"] == THREAD_REJECTED
            raise Ended(
                EndedBecause.MODEL_REJECTED_REQUEST if rejected else EndedBecause.CONTEXT_LIMIT,
                lost["message"] if lost else "",
            )
        asked = self.journal.standing.notes_asked and reply is not None
        header = next_header(
            self._task,
            self.journal.conversations,
            reply.text if asked and reply and reply.outcome.is_appended else "",
            {tool.name for tool in self._tools if tool.changes_files},
            self._tree.changed(),
            self._tree.digest(),
        )
        self.journal.begin(header)
        why = lost["message"] if lost else "The conversation has grown long."
        number = len(self.journal.conversations)
        level = EventLevel.WARNING if lost else EventLevel.INFO
        text = f"Goes on in a fresh conversation (number {number}): {why}"
        self.journal.tell(EventKind.HANDED_OFF, text, level)


_NUDGES = {
    notices.NoticeKind.NEAR_LIMIT: "Told Claude that most of a limit is used.",
    notices.NoticeKind.FINISH_NOW: "Asked Claude to finish now: a limit is reached.",
    notices.NoticeKind.NO_TOOL: "Asked Claude to go on or to call finish.",
    notices.NoticeKind.CUT_OFF: "Told Claude that its reply was cut off.",
    notices.NoticeKind.UNUSABLE: "Told Claude that its reply was empty or malformed.",
    notices.NoticeKind.REPEATING: "Told Claude that it repeats itself.",
    notices.NoticeKind.FAILING: "Told Claude that all of its calls fail.",
    notices.NoticeKind.HAND_OFF: "Asked Claude for notes to go on with in a fresh conversation.",
}


def _is_result(block: JsonObject) -> bool:
    return is_block(block, "tool_result")


def _holds_results(blocks: Sequence[JsonObject]) -> bool:
    return any(_is_result(block) for block in blocks)


def _refusal(message: JsonObject) -> str:
    details = message.get("stop_details") or {}
    category = details.get("category") if isinstance(details, dict) else None
    return (
        f"The model refused the task ({category})." if category else "The model refused the task."
    )
