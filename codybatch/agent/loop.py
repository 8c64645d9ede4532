"""One job's conversation with the model, from the first request to ``finish``.

Read ``Loop.run`` first: act on the last reply, commit what answers it with the intent to send the
next request, receive the reply and commit it, and again. Nothing begins before what came before it
is committed, so a conversation can die at any point and go on from its recorded steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

from codybatch.agent.endings import Ended, end_of, with_accounts
from codybatch.agent.exchange import Exchange
from codybatch.agent.gauge import Gauge
from codybatch.agent.handoff import next_header
from codybatch.agent.header import accepts_effort, first_header
from codybatch.agent.journal import THREAD_REJECTED, DamagedThread, Journal
from codybatch.agent.limits import Bounds, HandOff, Send, Stop, context_cap
from codybatch.agent.outcome import Outcome, is_block
from codybatch.agent.reactions import Reactions
from codybatch.agent.resume import TreeDiffers, adopt_reply, read_back
from codybatch.agent.task import ConversationEnd, Task
from codybatch.agent.tools import tools_for
from codybatch.agent.turn import Toolbox
from codybatch.agent.turn_log import Interrupted, MustWait, TurnLog
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause
from codybatch.ports.clock import Clock
from codybatch.ports.model import ModelCapabilities, ModelClient
from codybatch.ports.tracing import UNTRACED, Tracing
from codybatch.workspace.paths import shown

if TYPE_CHECKING:
    from codybatch.workspace.redaction import Redactor
    from codybatch.workspace.tree import WorkTree

INTERNAL_ERRORS = 3
INVALID_ANSWERS = 3


def converse(
    task: Task,
    model: ModelClient,
    tree: WorkTree,
    redactor: Redactor,
    log: TurnLog,
    clock: Clock,
    *,
    tracing: Tracing = UNTRACED,
) -> ConversationEnd:
    """Hold a job's conversation, from where its recorded steps end.

    Args:
        task: of the job.
        model: the service that answers.
        tree: a fresh checkout of the pinned commit, with the parent's patch for a follow-up.
        redactor: takes secrets out of what the model sees.
        log: where steps are committed.
        clock: ``task.limits.seconds_left`` counts from now.
        tracing: where spans go.

    Raises:
        OSError: the file system failed.
        UnsupportedSchema: an ask has a schema that cannot be held.
    """
    journal = Journal(log, clock)
    tools = tools_for(task.kind, task.answer_schema)
    with Toolbox(tools, tree, redactor, log.interrupted, tracing) as toolbox:
        end = _end_of_talk(task, model, tree, toolbox, journal, clock)
    return with_accounts(end, journal.spending, tree.digest())


def _end_of_talk(
    task: Task,
    model: ModelClient,
    tree: WorkTree,
    toolbox: Toolbox,
    journal: Journal,
    clock: Clock,
) -> ConversationEnd:
    """Talk until something ends it, and say what it was."""
    try:
        Loop(task, Exchange(task, model, journal, clock), tree, toolbox, journal, clock).run()
    except Ended as ended:
        return end_of(ended, journal.last_text)
    except MustWait as wait:
        return ConversationEnd(waiting=wait.waiting)
    except Interrupted:
        return ConversationEnd(interrupted=True)
    except (DamagedThread, TreeDiffers) as error:
        return ConversationEnd(ended_because=EndedBecause.INTERNAL_ERROR, detail=error.message)


class Loop:
    """The conversation of one job in one process.

    Args:
        task: of the job.
        exchange: sends requests and receives replies.
        tree: the job's work tree.
        toolbox: the tools on ``tree``.
        journal: takes over and commits every step.
        clock: the time.

    Raises:
        MustWait, Interrupted, Ended: the service does not say what the model can do.
    """

    def __init__(
        self,
        task: Task,
        exchange: Exchange,
        tree: WorkTree,
        toolbox: Toolbox,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._task = task
        self._exchange = exchange
        self._tree = tree
        self._toolbox = toolbox
        self._journal = journal
        self._clock = clock
        self._bounds = Bounds(task.limits, exchange.worst_case)
        self._capabilities: ModelCapabilities = exchange.capabilities()
        cap = context_cap(task.limits.context_tokens, self._capabilities, exchange.worst_case)
        self._gauge = Gauge(task.limits, journal, clock, self._capabilities, cap)
        self._reactions = Reactions(task.kind, journal, toolbox, tree, self._gauge, self._bounds)

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
        recorded = self._journal.log.recorded()
        read_back(recorded, self._journal, self._toolbox, self._tree)
        if recorded:
            text = f"Went on after turn {self._journal.turn}."
            self._journal.tell(EventKind.RESUMED, text)
            adopt_reply(self._journal, self._exchange.model, self._clock.now())
        else:
            self._begin()

    def _begin(self) -> None:
        if not accepts_effort(self._task.effort, self._capabilities):
            text = f"{self._task.model} does not know the effort {self._task.effort}: not sent."
            self._journal.tell(EventKind.PHASE, text, EventLevel.WARNING)
        tools = list(self._toolbox.tools.values())
        header = first_header(self._task, tools, self._capabilities, self._tree.digest())
        self._journal.begin(header)

    def _act_on_reply(self) -> list[JsonObject]:
        """Do what the last reply asks for, and give the blocks that answer it."""
        if self._cannot_go_on():
            self._hand_off()
        reply = self._journal.reply
        return self._reactions.to(reply) if reply else []

    # the next request
    def _commit_next_request(self, blocks: Sequence[JsonObject]) -> Send:
        """Commit what answers the last reply together with the intent to send the next request."""
        if self._journal.log.interrupted.is_set():
            raise Interrupted
        tree = self._tree.digest()
        self._journal.count_results(blocks, tree)
        self._stop_where_hopeless(blocks, tree)
        step = self._bounds.next_step(self._gauge.situation(blocks))
        if isinstance(step, Stop):
            self._commit_results(blocks, tree)
            raise Ended(step.because)
        if isinstance(step, HandOff):
            self._add_results(blocks, tree)
            self._hand_off()
            return self._commit_next_request([])
        self._reserve(step.reserved, blocks, tree)
        self._add_results([*blocks, *self._said(blocks, step)], tree)
        self._journal.add_request(step.max_tokens, step.reserved)
        self._journal.commit()
        return step

    def _said(self, blocks: Sequence[JsonObject], step: Send) -> list[JsonObject]:
        """Notices about the calls that were just run, and about limits."""
        has_run = any(map(_is_result, blocks))
        warnings = self._journal.standing.warnings() if has_run else []
        said = [*warnings, *step.notices]
        return [block for notice in said for block in self._reactions.nudge(notice)]

    def _stop_where_hopeless(self, blocks: Sequence[JsonObject], tree: str) -> None:
        standing = self._journal.standing
        if standing.internal_errors >= INTERNAL_ERRORS:
            self._commit_results(blocks, tree)
            detail = f"Our tools failed {INTERNAL_ERRORS} times in a row; the log says why."
            raise Ended(EndedBecause.INTERNAL_ERROR, detail)
        if self._task.kind is Kind.ASK and standing.invalid_finishes >= INVALID_ANSWERS:
            self._commit_results(blocks, tree)
            detail = f"{INVALID_ANSWERS} answers in a row did not fit. {standing.refusal[:600]}"
            raise Ended(EndedBecause.ANSWER_INVALID, detail)

    def _reserve(self, amount: Decimal, blocks: Sequence[JsonObject], tree: str) -> None:
        """Set the request's worst case aside; where that has to wait, keep what is done."""
        try:
            self._exchange.reserve(amount)
        except MustWait:
            self._commit_results(blocks, tree)
            raise

    def _commit_results(self, blocks: Sequence[JsonObject], tree: str) -> None:
        """Commit what the tools gave, without what would be said with the next request."""
        self._add_results([block for block in blocks if _is_result(block)], tree)
        self._journal.commit()

    def _add_results(self, blocks: Sequence[JsonObject], tree: str) -> None:
        if blocks:
            self._journal.add_results(blocks, tree)

    # a fresh conversation
    def _cannot_go_on(self) -> bool:
        """Whether only a fresh conversation can, because this one is full, lost, or noted down."""
        reply = self._journal.reply
        is_full = reply is not None and (
            self._journal.standing.notes_asked or reply.outcome is Outcome.OVERFLOWED
        )
        return is_full or self._journal.lost_thread is not None

    def _hand_off(self) -> None:
        """Begin the next conversation; it is committed with its first request."""
        lost = self._journal.lost_thread
        if self._gauge.handoffs_left <= 0 or self._journal.conversation.turns == 0:
            rejected = lost is not None and lost["type"] == THREAD_REJECTED
            because = (
                EndedBecause.MODEL_REJECTED_REQUEST if rejected else EndedBecause.CONTEXT_LIMIT
            )
            raise Ended(because, lost["message"] if lost else "")
        header = next_header(
            self._task,
            self._journal.conversations,
            self._journal.notes,
            self._toolbox.changing,
            tuple(map(shown, self._tree.changed())),
            self._tree.digest(),
        )
        self._journal.begin(header)
        why = lost["message"] if lost else "the last one has grown long."
        number = len(self._journal.conversations)
        text = f"Goes on in a fresh conversation (number {number}): {why}"
        level = EventLevel.WARNING if lost else EventLevel.INFO
        self._journal.tell(EventKind.HANDED_OFF, text, level)


def _is_result(block: JsonObject) -> bool:
    return is_block(block, "tool_result")
