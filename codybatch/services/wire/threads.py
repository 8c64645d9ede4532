"""Conversations as programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from codybatch.domain.money import Usage, Usd
from codybatch.domain.records import Moment
from codybatch.domain.threads import ThreadLine
from codybatch.services.conversations import Turn
from codybatch.services.wire.shape import Shape


class TurnShown(Shape):
    """A turn of a conversation, with what it says."""

    turn: int
    """The job's, from 1; 0 for a conversation's beginning."""
    conversation: int
    at: Moment
    usage: Usage | None
    cost_usd: Usd
    appended: bool
    """Whether its reply became part of the conversation."""
    lines: tuple[ThreadLine, ...]
    """Its reply and the results of its calls, or what the conversation begins with."""

    @classmethod
    def of(cls, turn: Turn, lines: Sequence[ThreadLine]) -> Self:
        """The shape of a turn."""
        return cls(
            turn=turn.number,
            conversation=turn.conversation,
            at=turn.at,
            usage=turn.usage,
            cost_usd=turn.cost_usd,
            appended=turn.is_appended,
            lines=tuple(lines),
        )
