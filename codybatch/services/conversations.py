"""A job's conversation turn by turn: where each turn stands, and what is found in them.

The turns come from the steps alone, which are small; what a turn says is read only where somebody
looks at it, in ranges, so that a conversation of a thousand turns opens like one of twenty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from codybatch.domain.jobs import Job
from codybatch.domain.money import Usage
from codybatch.domain.threads import Step, StepKind, ThreadLine, ThreadRef
from codybatch.ports import Blobs
from codybatch.services.findings import Clean, cleaned_json
from codybatch.services.plain_text import in_plain_sight
from codybatch.services.thread_blocks import Block, BlockKind, blocks_of
from codybatch.services.threads import lines_of, read_lines

LOOKED_THROUGH_BYTES = 16_000_000
"""That are read for one search or one jump: about half a second."""
MOST_HITS = 50
"""Of one search, before somebody asks it to look further."""
EXCERPT = 60
"""Characters of an excerpt on each side of what was looked for."""
CHANGING_TOOLS = frozenset({"edit_file", "write_file", "move_file", "delete_file"})


@dataclass(frozen=True)
class Turn:
    """A reply of the model and the results of its calls; or what a conversation begins with."""

    number: int
    """The job's turn, from 1; 0 for a conversation's beginning."""
    conversation: int
    start: int
    """The first of its lines in the thread, from 0."""
    steps: tuple[Step, ...]
    """A step a line."""

    @property
    def stop(self) -> int:
        """The line after its last one."""
        return self.start + len(self.steps)

    @property
    def at(self) -> datetime:
        """When its reply came."""
        return self.steps[0].at

    @property
    def usage(self) -> Usage | None:
        """What its reply used; None of a beginning."""
        return self.steps[0].usage

    @property
    def cost_usd(self) -> Decimal:
        """What its reply cost."""
        return self.steps[0].cost_usd

    @property
    def is_appended(self) -> bool:
        """Whether its reply became part of the conversation."""
        return self.steps[0].appended

    @property
    def size(self) -> int:
        """Bytes of what it says."""
        return sum(step.blob.size for step in self.steps if step.blob)


@dataclass(frozen=True)
class Conversation:
    """One job's conversation, as far as it is committed."""

    turns: tuple[Turn, ...]
    thread: ThreadRef | None
    """Where it stands as one file; None while the job goes on."""
    blobs: Blobs

    def lines(self, first: int, last: int) -> Iterator[tuple[Turn, tuple[ThreadLine, ...]]]:
        """What the turns from ``first`` (from 0) up to ``last`` say, a few at a time.

        Raises:
            BlobMissing, BlobDamaged: the bytes are not what was stored.
        """
        turns = self.turns[first:last]
        if not turns:
            return
        if self.thread is None:
            read = lines_of([step for turn in turns for step in turn.steps], self.blobs)
        else:
            read = read_lines(self.thread, self.blobs, turns[0].start, turns[-1].stop)
        for turn in turns:
            yield turn, tuple(next(read) for _ in turn.steps)

    def place_of(self, number: int) -> int | None:
        """Where among the turns the job's turn of this number stands."""
        places = (place for place, turn in enumerate(self.turns) if turn.number == number)
        return next(places, None)


def conversation_of(job: Job, steps: Sequence[Step], blobs: Blobs) -> Conversation:
    """A job's conversation, from all of its committed steps."""
    return Conversation(turns_of(steps), job.thread, blobs)


def turns_of(steps: Sequence[Step]) -> tuple[Turn, ...]:
    """Group a thread's lines: each reply begins a turn, and so does each header."""
    turns: list[list[Step]] = []
    for step in steps:
        if step.blob is None:
            continue
        if step.kind is not StepKind.RESULTS or not turns:
            turns.append([])
        turns[-1].append(step)
    return tuple(_placed(turns))


def _placed(turns: Sequence[Sequence[Step]]) -> Iterator[Turn]:
    start = 0
    for steps in turns:
        first = steps[0]
        number = 0 if first.kind is StepKind.HEADER else first.turn
        yield Turn(number, first.conversation, start, tuple(steps))
        start += len(steps)


# --- looking through it ------------------------------------------------------------------------


class Wanted(StrEnum):
    """What a turn can be looked for by."""

    EDIT = "edit"
    ERROR = "error"


@dataclass(frozen=True)
class Hit:
    """Where a search found its words."""

    place: int
    """Of the turn, among all turns."""
    number: int
    """The job's turn."""
    kind: BlockKind
    before: str
    found: str
    after: str


@dataclass(frozen=True)
class Looked:
    """What was found up to some turn; the rest was not looked at."""

    hits: tuple[Hit, ...]
    upto: int
    """The place of the first turn that was not looked at."""


@dataclass(frozen=True)
class Sought:
    """Where the next wanted turn is, or how far it was looked for."""

    place: int | None
    upto: int


def search(
    conversation: Conversation,
    words: str,
    clean: Clean,
    begin: int = 0,
    most_bytes: int = LOOKED_THROUGH_BYTES,
) -> Looked:
    """Look for words as they are written, upper and lower case alike.

    What is found stands in the text without its secrets: a search cannot be used to guess them.

    Args:
        conversation: to look through.
        words: to look for; nothing is found by none.
        clean: takes secrets out.
        begin: the place of the turn to begin with.
        most_bytes: how much is read.
    """
    end = _affordable(conversation.turns, begin, most_bytes)
    if not words.strip():
        return Looked((), end)
    pattern = re.compile(re.escape(words.strip()), re.IGNORECASE)
    hits: list[Hit] = []
    for place, (turn, lines) in enumerate(conversation.lines(begin, end), begin):
        for line in lines:
            for block in blocks_of(line):
                hits += _hits(pattern, block, clean, place, turn)
        if len(hits) >= MOST_HITS:
            return Looked(tuple(hits), place + 1)
    return Looked(tuple(hits), end)


@dataclass(frozen=True)
class TurnsRead:
    """Some turns with what they say."""

    turns: tuple[tuple[Turn, tuple[ThreadLine, ...]], ...]
    next: int | None
    """The place of the turn after them; None after the last."""


def read_turns(
    conversation: Conversation,
    begin: int,
    most: int,
    clean: Clean,
    most_bytes: int = LOOKED_THROUGH_BYTES,
) -> TurnsRead:
    """What the turns from a place on say, without secrets.

    Args:
        conversation: to read.
        begin: the place of the first turn, from 0.
        most: how many turns.
        clean: takes secrets out.
        most_bytes: how much is read, where one turn is not more by itself.

    Raises:
        BlobMissing, BlobDamaged: the bytes are not what was stored.
    """
    turns = conversation.turns
    end = min(begin + most, _affordable(turns, begin, most_bytes), len(turns))
    read = tuple(
        (turn, tuple(line.with_(message=cleaned_json(line.message, clean)) for line in lines))
        for turn, lines in conversation.lines(begin, end)
    )
    return TurnsRead(read, end if end < len(turns) else None)


def seek(
    conversation: Conversation,
    wanted: Wanted,
    begin: int,
    most_bytes: int = LOOKED_THROUGH_BYTES,
) -> Sought:
    """The first turn from ``begin`` on that changes a file, or in which something went wrong."""
    end = _affordable(conversation.turns, begin, most_bytes)
    for place, (_, lines) in enumerate(conversation.lines(begin, end), begin):
        if wanted in marks_of(lines):
            return Sought(place, place)
    return Sought(None, end)


def marks_of(lines: Sequence[ThreadLine]) -> frozenset[Wanted]:
    """What can be jumped to in a turn."""
    blocks = [block for line in lines for block in blocks_of(line)]
    failed = {block.id for block in blocks if block.is_error}
    went_wrong = failed or any(block.kind is BlockKind.REFUSAL for block in blocks)
    changes = any(block.name in CHANGING_TOOLS and block.id not in failed for block in blocks)
    marks = {Wanted.EDIT} if changes else set()
    if went_wrong or not all(line.appended for line in lines):
        marks.add(Wanted.ERROR)
    return frozenset(marks)


def _affordable(turns: Sequence[Turn], begin: int, most_bytes: int) -> int:
    """The place up to which turns may be read, one at least."""
    left = most_bytes
    for place in range(begin, len(turns)):
        left -= turns[place].size
        if left < 0 and place > begin:
            return place
    return len(turns)


def _hits(
    pattern: re.Pattern[str], block: Block, clean: Clean, place: int, turn: Turn
) -> Iterator[Hit]:
    """At most one of a block, and one of a call's name."""
    for text in (block.name, block.text):
        if not pattern.search(text):
            continue
        shown = clean(text)
        if found := pattern.search(shown):
            before = shown[max(0, found.start() - EXCERPT) : found.start()]
            after = shown[found.end() : found.end() + EXCERPT]
            yield Hit(
                place,
                turn.number,
                block.kind,
                *(in_plain_sight(part) for part in (before, found[0], after)),
            )
