"""When a conversation may go on, must finish, or must stop: decisions without any side effect.

Every limit has two phases. At 80 % of it the model is told once; at 100 % it gets one last request
that asks it to finish, and then the conversation stops. A cost cap holds by reservation: a request
is sent only where its worst case fits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from codybatch.agent import notices
from codybatch.agent.notices import Notice
from codybatch.agent.task import Limits
from codybatch.domain.states import EndedBecause
from codybatch.ports.model import ModelCapabilities

LEAST_TOKENS = 4_000
"""Of a reply: with fewer, an edit does not fit, and the money is spent for nothing."""
MOST_TOKENS = 64_000
"""Of the reply that is asked for again after one was cut off."""
MOST_CONTEXT = 150_000
CONTEXT_SHARE = 0.8
"""Of the model's window, at most, before the conversation is handed off."""
BELOW_STEP = 0.95
"""Of the prompt length at which the price of every token rises."""
NEAR = 0.8
FAILING_REPLIES = 5
"""In a row that brought nothing, such as those in which every tool call failed."""
NOTES_TURNS = 3
"""Turns that must be left to spend one on notes for the next conversation."""

WorstCase = Callable[[int, int], Decimal]
"""The most a request costs (US dollars), by its prompt's tokens and ``max_tokens``."""


@dataclass(frozen=True)
class Situation:
    """What the next request is decided on."""

    turn: int
    """Of the next reply, from 1, over the whole job."""
    context_tokens: int
    """Of the next request's prompt."""
    context_cap: int
    """Where the conversation is handed off."""
    window: int
    """Of the model: prompt and reply together."""
    spent: Decimal
    elapsed: float
    """Seconds of this attempt."""
    handoffs_left: int
    wanted_tokens: int
    """Of the reply."""
    first: bool = False
    """Whether it is the conversation's first request."""
    stuck: bool = False
    without_progress: int = 0
    """Replies in a row that brought nothing."""
    told: frozenset[str] = frozenset()
    """Limits that the model was told are near."""
    final: EndedBecause | None = None
    """Set once the model was told that its next reply is the last one."""
    final_answered: bool = False
    """Whether that reply has come."""
    notes_asked: bool = False
    """Whether the model was asked for notes to begin a fresh conversation with."""


@dataclass(frozen=True)
class Send:
    """Send the next request, after these notices."""

    max_tokens: int
    reserved: Decimal
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class HandOff:
    """Begin a fresh conversation."""


@dataclass(frozen=True)
class Stop:
    """End the conversation."""

    because: EndedBecause


@dataclass(frozen=True)
class Bounds:
    """A job's limits, and what they are measured with."""

    limits: Limits
    worst_case: WorstCase = field(repr=False)

    def next_step(self, now: Situation) -> Send | HandOff | Stop:
        """What to do before the next request."""
        if now.final and now.final_answered:
            return Stop(now.final)
        if now.turn > self.limits.max_turns:
            return Stop(EndedBecause.TURN_LIMIT)
        if because := now.final or self._exhausted(now):
            return self._last_request(now, because)
        if self._is_too_long(now) and self._skips_notes(now):
            return HandOff()
        return self._ordinary_request(now)

    def _exhausted(self, now: Situation) -> EndedBecause | None:
        """Which limit leaves room for no more than one request."""
        if now.turn == self.limits.max_turns and now.turn > 1:
            return EndedBecause.TURN_LIMIT
        if now.elapsed >= self.limits.seconds_left:
            return EndedBecause.TIME_LIMIT
        if now.stuck or now.without_progress >= FAILING_REPLIES:
            return EndedBecause.STUCK
        if self._is_too_long(now) and not now.handoffs_left:
            return EndedBecause.CONTEXT_LIMIT
        return None

    def _is_too_long(self, now: Situation) -> bool:
        return now.context_tokens >= now.context_cap and not now.first

    def _skips_notes(self, now: Situation) -> bool:
        """Whether a turn spent on notes could be missing later, or would not fit any more."""
        return (
            self.limits.max_turns - now.turn < NOTES_TURNS
            or now.context_tokens + LEAST_TOKENS > now.window
        )

    def _last_request(self, now: Situation, because: EndedBecause) -> Send | Stop:
        request = self._affordable(now, keep_last=False)
        if request is None:
            return Stop(because)
        return request if now.final else replace(request, notices=(notices.finish_now(because),))

    def _ordinary_request(self, now: Situation) -> Send | Stop:
        request = self._affordable(now, keep_last=now.turn > 1)
        if request is None:
            return self._last_request(now, EndedBecause.JOB_COST_LIMIT)
        if now.notes_asked:
            return request
        if self._is_too_long(now):
            return replace(request, notices=(notices.hand_off(),))
        return replace(request, notices=tuple(self._warnings(now)))

    def _affordable(self, now: Situation, keep_last: bool) -> Send | None:
        """The request with the longest reply that fits the cap; None where none is long enough.

        Args:
            now: the situation.
            keep_last: whether room is kept for one more short request.
        """
        wanted = min(now.wanted_tokens, max(LEAST_TOKENS, now.window - now.context_tokens))
        most = self.worst_case(now.context_tokens, wanted)
        room = self._room(now, most, keep_last)
        if room is None or most <= room:
            return Send(wanted, most)
        tokens = longest_reply(self.worst_case, now.context_tokens, wanted, room)
        if tokens < min(LEAST_TOKENS, wanted):
            return None
        return Send(tokens, self.worst_case(now.context_tokens, tokens))

    def _room(self, now: Situation, most: Decimal, keep_last: bool) -> Decimal | None:
        """US dollars for the next request; None where there is no cap."""
        if self.limits.cost_cap_usd is None:
            return None
        room = self.limits.cost_cap_usd - now.spent
        if not keep_last or room >= 2 * most:
            return room
        return room - self.worst_case(now.context_tokens, LEAST_TOKENS)

    def _warnings(self, now: Situation) -> list[Notice]:
        """What the model is told once, when most of a limit is used."""
        limits, cap = self.limits, self.limits.cost_cap_usd
        near = [
            (
                "turns",
                now.turn - 1 >= NEAR * limits.max_turns,
                f"{now.turn - 1} of {limits.max_turns}",
            ),
            ("time", now.elapsed >= NEAR * limits.seconds_left, f"{now.elapsed / 60:.0f} minutes"),
            (
                "context",
                not now.handoffs_left and now.context_tokens >= NEAR * now.context_cap,
                f"{now.context_tokens:,} of {now.context_cap:,} tokens",
            ),
        ]
        if cap is not None:
            is_near = now.spent >= Decimal(str(NEAR)) * cap
            near.append(("budget", is_near, f"${now.spent:.2f} of ${cap:.2f}"))
        return [
            notices.near_limit(name, used)
            for name, is_near, used in near
            if is_near and name not in now.told
        ]


def longest_reply(worst_case: WorstCase, prompt_tokens: int, wanted: int, room: Decimal) -> int:
    """The most tokens, up to ``wanted``, of a reply whose worst case fits into ``room``; else 0.

    Args:
        worst_case: which grows in step with a reply's tokens.
        prompt_tokens: of the request.
        wanted: tokens of the reply.
        room: US dollars.
    """
    most, base = worst_case(prompt_tokens, wanted), worst_case(prompt_tokens, 0)
    if most <= room:
        return wanted
    if base >= room:
        return 0
    tokens = int((room - base) / (most - base) * wanted)
    while tokens > 0 and worst_case(prompt_tokens, tokens) > room:
        tokens -= max(1, tokens // 100)
    return max(tokens, 0)


def context_cap(asked: int | None, capabilities: ModelCapabilities, worst_case: WorstCase) -> int:
    """Where a conversation is handed off (tokens): before the window ends and the price rises.

    Args:
        asked: by the task; it wins.
        capabilities: of the model.
        worst_case: some models charge more for every token of a prompt longer than a threshold.
    """
    if asked is not None:
        return asked
    cap = min(int(CONTEXT_SHARE * capabilities.max_input_tokens), MOST_CONTEXT)
    step = _price_step(worst_case, cap)
    return cap if step is None else int(BELOW_STEP * step)


def _price_step(worst_case: WorstCase, most: int) -> int | None:
    """The longest prompt (tokens) that costs no more a token than a short one does, where one of
    ``most`` tokens does cost more.
    """
    short = 10_000
    highest = worst_case(short, 0) / short * Decimal("1.01")

    def is_cheap(tokens: int) -> bool:
        return worst_case(tokens, 0) <= highest * tokens

    if most <= short or is_cheap(most):
        return None
    low, high = short, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_cheap(middle) else (low, middle)
    return low
