"""One request and its reply: sending, counting, and what each failure of the service means."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from codybatch.agent.endings import Ended
from codybatch.agent.journal import CONTEXT_OVERFLOW, THREAD_REJECTED, Journal
from codybatch.agent.outcome import error_reply
from codybatch.agent.task import Task
from codybatch.agent.turn_log import Interrupted, MustWait
from codybatch.domain.errors import (
    CodyBatchError,
    ContextOverflow,
    ModelCredentialRefused,
    ModelError,
    ModelInterrupted,
    ModelRejectedRequest,
    ModelThrottled,
    ModelWithoutPrice,
    ThreadRejected,
    UnknownModel,
)
from codybatch.domain.events import EventKind, EventLevel
from codybatch.domain.jobs import Waiting
from codybatch.domain.money import NOTHING, Usage
from codybatch.domain.states import EndedBecause, WaitingReason
from codybatch.ports.clock import Clock
from codybatch.ports.model import ModelCapabilities, ModelClient, ModelReply, RetryNotice

INTERRUPTED_WAIT = timedelta(minutes=10)
"""How long a job waits when the service could not be reached for the client's whole patience."""
CACHE_FALL = 0.5
"""Of the prompt read from the cache; below it twice in a row, something is wrong."""
CACHE_TURNS = 3
"""From this turn of a conversation on, nearly all of the prompt should come from the cache."""


class _NoRoomForRetry(Exception):
    """The cap does not hold another try of this request."""


class Exchange:
    """Sends what the journal holds and takes the reply over.

    Args:
        task: of the job.
        model: the service.
        journal: where the request is outstanding and the reply goes.
        clock: for prices and waiting times.
    """

    def __init__(self, task: Task, model: ModelClient, journal: Journal, clock: Clock) -> None:
        self.model = model
        self._task = task
        self._journal = journal
        self._clock = clock
        self._cache_misses = 0

    def capabilities(self) -> ModelCapabilities:
        """What the service says of the task's model.

        Raises:
            MustWait, Interrupted, Ended: as ``receive``.
        """
        try:
            return self.model.capabilities(self._task.model)
        except (ModelError, UnknownModel) as error:
            raise self._consequence(error) from error

    def worst_case(self, prompt_tokens: int, max_tokens: int) -> Decimal:
        """The most a request can cost; nothing for a model without a price under no cap.

        Raises:
            Ended: the model has no price, so the job's cap cannot hold.
        """
        try:
            return self.model.worst_case(
                self._task.model, prompt_tokens, max_tokens, self._clock.now()
            )
        except ModelWithoutPrice as error:
            if self._task.limits.cost_cap_usd is None:
                return NOTHING
            raise Ended(EndedBecause.NOT_PERMITTED, error.message) from error

    def reserve(self, amount: Decimal) -> None:
        """Set the worst case of the next request aside.

        Raises:
            MustWait: a cap leaves no room.
            Interrupted: the worker asks the conversation to stop.
        """
        self._journal.log.reserve(amount, self._journal.spending.cost_usd)

    def receive(self, max_tokens: int) -> None:
        """Send the outstanding request, and commit the reply.

        Where the service refuses because of what the conversation holds, the refusal is committed
        in the reply's place.

        Raises:
            MustWait: throttled, cut off for long, or the credential is refused.
            Ended: the service rejects the request.
            Interrupted: the worker asks the conversation to stop.
        """
        request = self._journal.conversation.request(max_tokens)

        def on_retry(notice: RetryNotice) -> None:
            self._take_retry(notice, max_tokens)

        try:
            reply = self.model.reply(request, self._journal.log.interrupted, on_retry)
        except _NoRoomForRetry:
            return
        except (ModelError, UnknownModel, ModelWithoutPrice) as error:
            self._take_failure(error)
            return
        self._journal.add_reply(reply.message, reply.usage, reply.cost_usd)
        self._journal.commit()
        self._tell_turn(reply)

    # retries
    def _take_retry(self, notice: RetryNotice, max_tokens: int) -> None:
        """Tell people; where the reply had begun, charge it and set the next try aside as well."""
        self._journal.tell(
            EventKind.RETRIED,
            f"Asking again in {notice.wait_seconds:.0f} s (try {notice.attempt}): {notice.reason}",
            EventLevel.WARNING,
        )
        lost = self._journal.outstanding
        if not notice.may_have_been_paid or lost is None:
            return
        self._journal.lose_request()
        self._tell_lost(lost.reserved_usd)
        cap, spent = self._task.limits.cost_cap_usd, self._journal.spending.cost_usd
        if cap is not None and spent + lost.reserved_usd > cap:
            raise _NoRoomForRetry
        self.reserve(lost.reserved_usd)
        self._journal.add_request(max_tokens, lost.reserved_usd)
        self._journal.commit()

    def _tell_lost(self, charged: Decimal) -> None:
        self._journal.tell(
            EventKind.PAID_TWICE,
            f"A reply was cut off on the way and may be paid twice; ${charged:.4f} is charged.",
            EventLevel.WARNING,
        )

    # failures
    def _take_failure(self, error: CodyBatchError) -> None:
        """Commit that no reply came, where that is certain; return where a fresh conversation may
        go on.
        """
        if isinstance(error, ModelInterrupted):
            if self._journal.log.interrupted.is_set():
                raise Interrupted from error
            if error.may_have_been_paid and (lost := self._journal.outstanding):
                self._journal.lose_request()
                self._tell_lost(lost.reserved_usd)
                raise self._consequence(error) from error
        self._journal.add_reply(error_reply(_kind(error), error.message), Usage(), NOTHING)
        self._journal.commit()
        if not isinstance(error, ContextOverflow | ThreadRejected):
            raise self._consequence(error) from error

    def _consequence(self, error: CodyBatchError) -> Exception:
        """What a failure of the service means for the job."""
        if isinstance(error, ModelInterrupted) and self._journal.log.interrupted.is_set():
            return Interrupted()
        if isinstance(error, ModelInterrupted | ModelThrottled):
            return self._wait(WaitingReason.THROTTLED, error)
        if isinstance(error, ModelCredentialRefused):
            return self._wait(WaitingReason.CREDENTIAL, error)
        if isinstance(error, ModelWithoutPrice):
            return Ended(EndedBecause.NOT_PERMITTED, error.message)
        if isinstance(error, ModelRejectedRequest | ContextOverflow | UnknownModel):
            return Ended(EndedBecause.MODEL_REJECTED_REQUEST, error.message)
        return error

    def _wait(self, reason: WaitingReason, error: CodyBatchError) -> MustWait:
        now = self._clock.now()
        until = None
        if reason is WaitingReason.THROTTLED:
            until = error.until if isinstance(error, ModelThrottled) else now + INTERRUPTED_WAIT
        is_credential = reason is WaitingReason.CREDENTIAL
        return MustWait(
            Waiting(
                reason=reason,
                since=now,
                until=until,
                detail=error.message,
                credential=self.model.credential if is_credential else None,
            )
        )

    # telling people
    def _tell_turn(self, reply: ModelReply) -> None:
        spending = self._journal.spending
        self._journal.tell(
            EventKind.TURN,
            f"Turn {spending.turn}: {spending.context_tokens:,} tokens of context, "
            f"${spending.cost_usd:.4f} so far.",
        )
        prompt = reply.usage.prompt_tokens
        expects_cache = self._journal.conversation.turns >= CACHE_TURNS and prompt
        fell = expects_cache and reply.usage.cache_read_tokens < CACHE_FALL * prompt
        self._cache_misses = self._cache_misses + 1 if fell else 0
        if self._cache_misses == 2:
            share = reply.usage.cache_read_tokens / prompt
            self._journal.tell(
                EventKind.CACHE_MISSED,
                f"Only {share:.0%} of the prompt came from the cache, two turns in a row.",
                EventLevel.WARNING,
            )


def _kind(error: CodyBatchError) -> str:
    if isinstance(error, ContextOverflow):
        return CONTEXT_OVERFLOW
    return THREAD_REJECTED if isinstance(error, ThreadRejected) else error.code
