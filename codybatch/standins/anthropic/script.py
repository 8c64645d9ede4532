"""A model that says what a list tells it to."""

from __future__ import annotations

from collections.abc import Sequence

from codybatch.standins.anthropic.api_errors import ApiError
from codybatch.standins.anthropic.reply import Brain, Reply
from codybatch.standins.anthropic.wire import JsonObject

Turn = Reply | Sequence[JsonObject] | Brain


class Script:
    """Replies from a list, the same one whenever the same request is sent again.

    Which turn it is is read from the request: the number of replies in its conversation.

    Arguments:
        turns: replies, lists of blocks, or functions from the request to either.
        repeat_last: goes on with the last turn for ever.
    """

    def __init__(self, turns: Sequence[Turn], *, repeat_last: bool = False) -> None:
        self._turns = list(turns)
        self._repeat_last = repeat_last

    def __call__(self, request: JsonObject) -> Reply | Sequence[JsonObject]:
        """The reply to ``request``.

        Raises:
            ApiError: 400, where the conversation is longer than the script.
        """
        number = turn_of(request)
        if number >= len(self._turns) and not self._repeat_last:
            raise ApiError(400, f"stand-in: the script has {len(self._turns)} turns, no more")
        turn = self._turns[min(number, len(self._turns) - 1)]
        return turn(request) if callable(turn) else turn


def turn_of(request: JsonObject) -> int:
    """How many replies the request's conversation holds."""
    return sum(message.get("role") == "assistant" for message in request["messages"])
