"""How far a job has come, measured for its limits."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.agent.conversation import to_bytes
from codybatch.agent.journal import Journal
from codybatch.agent.limits import MOST_TOKENS, Situation
from codybatch.agent.task import Limits
from codybatch.agent.tokens import BYTES_PER_TOKEN, tokens_at_most
from codybatch.domain.records import JsonObject
from codybatch.ports.clock import Clock
from codybatch.ports.model import ModelCapabilities

MOST_RESULT_CHARACTERS = 200_000
"""Of all results of one reply, where the context has room for them."""
LEAST_RESULT_CHARACTERS = 20_000


class Gauge:
    """Measures a job's conversation.

    Args:
        limits: of the job; its seconds count from now.
        journal: of the job.
        clock: for the time.
        capabilities: of the model.
        context_cap: tokens at which the conversation is handed off.
    """

    def __init__(
        self,
        limits: Limits,
        journal: Journal,
        clock: Clock,
        capabilities: ModelCapabilities,
        context_cap: int,
    ) -> None:
        self._limits = limits
        self._journal = journal
        self._clock = clock
        self._capabilities = capabilities
        self._context_cap = context_cap
        self._began = clock.monotonic()

    def situation(self, blocks: Sequence[JsonObject] = ()) -> Situation:
        """Where the job stands before the next request, to which ``blocks`` will be added."""
        journal, standing = self._journal, self._journal.standing
        conversation = journal.conversation
        added = tokens_at_most(to_bytes(blocks)) if blocks else 0
        return Situation(
            turn=journal.turn + 1,
            context_tokens=conversation.context_tokens + added,
            context_cap=self._context_cap,
            window=self._capabilities.max_input_tokens,
            spent=journal.spending.cost_usd,
            elapsed=self._clock.monotonic() - self._began,
            handoffs_left=self.handoffs_left,
            wanted_tokens=self._wanted_tokens(),
            first=conversation.turns == 0,
            stuck=standing.repetition.is_stuck,
            without_progress=standing.without_progress,
            told=standing.told,
            final=standing.final,
            final_answered=standing.final_answered,
            notes_asked=standing.notes_asked,
        )

    @property
    def handoffs_left(self) -> int:
        """How many fresh conversations may still be begun."""
        return self._limits.max_handoffs - len(self._journal.conversations) + 1

    def room_for_results(self) -> int:
        """Characters of the next results: up to where the conversation is handed off, and up to
        half of what is left of the model's window.
        """
        conversation = self._journal.conversation
        used = conversation.context_tokens
        in_window = self._capabilities.max_input_tokens - used - conversation.header.max_tokens
        left = min(self._context_cap - used, in_window // 2) * BYTES_PER_TOKEN
        return max(LEAST_RESULT_CHARACTERS, min(MOST_RESULT_CHARACTERS, left))

    def _wanted_tokens(self) -> int:
        """Of the next reply: twice as many, once, after one was cut off."""
        ordinary = self._journal.conversation.header.max_tokens
        if self._journal.standing.cut_off != 1:
            return ordinary
        most = min(MOST_TOKENS, self._capabilities.max_output_tokens)
        return max(ordinary, min(2 * ordinary, most))
