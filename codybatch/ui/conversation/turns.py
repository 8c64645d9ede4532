"""The turns of a page as it shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from itertools import groupby

from codybatch.domain.money import Usage
from codybatch.domain.threads import StepKind, ThreadLine
from codybatch.services.conversations import (
    CHANGING_TOOLS,
    Conversation,
    Turn,
    Wanted,
    marks_of,
)
from codybatch.services.findings import cleaned_json
from codybatch.services.thread_blocks import (
    Block,
    BlockKind,
    answered,
    as_json,
    blocks_of,
    edited_lines,
)
from codybatch.services.wording import exact_money
from codybatch.ui.plain_text import Clean, shown, shown_on_one_line
from codybatch.ui.words import tokens

TURNS = 50
"""Turns of one page."""
SHOWN_CHARACTERS = 60_000
"""Of one text; the download has all of it."""
BRIEF_CHARACTERS = 90
"""Of the line that stands for a folded text."""
_TOOLS = {
    "read_file": "read",
    "list_files": "list",
    "glob": "glob",
    "grep": "grep",
    "edit_file": "edit",
    "write_file": "write",
    "move_file": "move",
    "delete_file": "delete",
    "finish": "finish",
}
"""The tools in short; what a model calls otherwise is not one."""
_FOLDED = {
    BlockKind.THINKING: "Thinking",
    BlockKind.SYSTEM: "System prompt",
    BlockKind.TOOLS: "Tools",
    BlockKind.OTHER: "Other",
}


class Show(StrEnum):
    """What of the turns is shown; nothing chosen shows all."""

    TEXT = "Text"
    TOOLS = "Tools"
    ERRORS = "Errors"


class PartKind(StrEnum):
    """How a part of a turn is shown."""

    PROSE = "prose"
    """The model's words, open."""
    FOLDED = "folded"
    """A text behind its title."""
    TOOL = "tool"
    """A call with its result behind its name."""
    PROBLEM = "problem"
    """An error of the service, open."""


@dataclass(frozen=True)
class Part:
    """A piece of a turn. Its texts are whatever others wrote, until ``opened`` made them fit."""

    kind: PartKind
    block: Block
    title: str
    """Of a folded one, in our words; of a tool: its name, fit to be shown."""
    subject: str = ""
    """What a call is about, or how a folded text begins: on one line, fit to be shown."""
    result: Block | None = None
    """Of a call: what it gave; None where nothing answered it (yet)."""

    @property
    def has_failed(self) -> bool:
        """Whether it is marked as an error."""
        is_failed_call = self.result is not None and self.result.is_error
        return is_failed_call or self.kind is PartKind.PROBLEM

    @property
    def is_edit(self) -> bool:
        """Whether it changed a file, or tried to."""
        return self.kind is PartKind.TOOL and self.title in CHANGING_TOOLS


@dataclass(frozen=True)
class ShownTurn:
    """A turn in words."""

    place: int
    """Among all turns, from 0."""
    number: int
    """The job's turn; 0 for a conversation's beginning."""
    anchor: str
    title: str
    time: str
    paid: str
    """Tokens and cost."""
    tools: tuple[str, ...]
    """In short, as often as they were called: ``read x2``."""
    has_error: bool
    has_edit: bool
    note: str
    """In our words, where its reply is not part of the conversation."""
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class ConversationPage:
    """A page of turns."""

    turns: tuple[ShownTurn, ...]
    number: int
    pages: int
    total: int
    """Turns of the whole conversation, without its beginnings."""


@dataclass(frozen=True)
class Opened:
    """A text that a person opened, fit to be shown as it is."""

    text: str
    is_cut: bool
    language: str | None = None


def page_of(place: int) -> int:
    """The page (from 1) on which a turn stands."""
    return place // TURNS + 1


def pages_of(conversation: Conversation) -> int:
    """How many pages there are, one at least."""
    return max(1, -(-len(conversation.turns) // TURNS))


def conversation_page(
    conversation: Conversation, number: int, clean: Clean, zone: tzinfo
) -> ConversationPage:
    """A page of a conversation; the last one where there are not so many.

    Args:
        conversation: of a job.
        number: of the page, from 1.
        clean: takes secrets out of what is shown.
        zone: in which times are told.
    """
    pages = pages_of(conversation)
    number = min(max(1, number), pages)
    first = (number - 1) * TURNS
    read = conversation.lines(first, first + TURNS)
    return ConversationPage(
        turns=tuple(
            _turn(place, turn, lines, clean, zone)
            for place, (turn, lines) in enumerate(read, first)
        ),
        number=number,
        pages=pages,
        total=sum(1 for turn in conversation.turns if turn.number),
    )


def narrowed(turns: Sequence[ShownTurn], show: Show | None) -> tuple[ShownTurn, ...]:
    """The turns that hold what is to be shown; of errors, the whole turns."""
    if show is None:
        return tuple(turns)
    if show is Show.ERRORS:
        return tuple(turn for turn in turns if turn.has_error)
    wanted = PartKind.TOOL if show is Show.TOOLS else PartKind.PROSE
    return tuple(turn for turn in turns if any(part.kind is wanted for part in turn.parts))


def parts_shown(turn: ShownTurn, show: Show | None) -> tuple[Part, ...]:
    """The parts of a turn that are shown."""
    if show in {None, Show.ERRORS}:
        return turn.parts
    wanted = PartKind.TOOL if show is Show.TOOLS else PartKind.PROSE
    return tuple(part for part in turn.parts if part.kind is wanted)


def opened(text: str, clean: Clean, language: str | None = None) -> Opened:
    """A text as a page may show it, cut where it is very long; never in the middle of a secret."""
    whole = shown(text, clean)
    return Opened(whole[:SHOWN_CHARACTERS], len(whole) > SHOWN_CHARACTERS, language)


def call_opened(part: Part, clean: Clean) -> Opened:
    """What a tool was called with: of an edit the lines taken out and put in."""
    if lines := edited_lines(part.block, clean):
        return opened("\n".join(lines), clean, "diff")
    given = part.block.given or {}
    content = given.get("content")
    if part.title == "write_file" and isinstance(content, str):
        return opened(content, clean)
    return opened(as_json(cleaned_json(part.block.given, clean)), clean, "json")


def _turn(
    place: int, turn: Turn, lines: Sequence[ThreadLine], clean: Clean, zone: tzinfo
) -> ShownTurn:
    marks = marks_of(lines)
    parts = tuple(_parts(lines, clean))
    calls = [part.title for part in parts if part.kind is PartKind.TOOL]
    return ShownTurn(
        place=place,
        number=turn.number,
        anchor=f"turn-{turn.number}" if turn.number else f"conversation-{turn.conversation}",
        title=f"Turn {turn.number}" if turn.number else _beginning(turn.conversation),
        time=f"{turn.at.astimezone(zone):%H:%M:%S}",
        paid=_paid(turn),
        tools=_in_short(calls),
        has_error=Wanted.ERROR in marks,
        has_edit=Wanted.EDIT in marks,
        note=_note(turn, parts),
        parts=parts,
    )


def _beginning(conversation: int) -> str:
    if conversation == 1:
        return "Beginning"
    return f"Conversation {conversation}: goes on afresh"


def _note(turn: Turn, parts: Sequence[Part]) -> str:
    if turn.is_appended or any(part.kind is PartKind.PROBLEM for part in parts):
        return ""
    return "Cut off, refused or of no use: paid for, and not part of the conversation."


def _paid(turn: Turn) -> str:
    used = turn.usage
    if used is None or used == Usage():
        return ""
    cached = used.cache_read_tokens / used.prompt_tokens if used.prompt_tokens else 0
    read = f"{tokens(used.prompt_tokens)} read, {cached:.0%} cached"
    written = f"{tokens(used.output_tokens)} written"
    return f"{read} · {written} · {exact_money(turn.cost_usd)}"


def _in_short(calls: Sequence[str]) -> tuple[str, ...]:
    named = sorted((_TOOLS.get(name, "other") for name in calls), key=_order)
    counted = ((name, sum(1 for _ in group)) for name, group in groupby(named))
    return tuple(f"{name} x{count}" if count > 1 else name for name, count in counted)


def _order(name: str) -> int:
    names = list(_TOOLS.values())
    return names.index(name) if name in names else len(names)


def _parts(lines: Sequence[ThreadLine], clean: Clean) -> Iterator[Part]:
    for line, block, result in answered(lines, _joined):
        if block.kind is BlockKind.CALL:
            subject = _in_brief(block.subject, clean)
            yield Part(PartKind.TOOL, block, _in_brief(block.name, clean), subject, result)
        else:
            yield _of_words(block, line.kind, clean)


def _joined(line: ThreadLine) -> Iterator[Block]:
    """The blocks of a line; of a header, what Claude was asked as one."""
    blocks = list(blocks_of(line))
    if line.kind is StepKind.HEADER:
        asked = [block.text for block in blocks if block.kind is BlockKind.TEXT]
        blocks = [block for block in blocks if block.kind is not BlockKind.TEXT]
        blocks.insert(0, Block(BlockKind.TEXT, "\n\n".join(asked)))
    yield from blocks


def _of_words(block: Block, said_in: StepKind, clean: Clean) -> Part:
    if block.kind is BlockKind.REFUSAL:
        return Part(PartKind.PROBLEM, block, "The model's service refused")
    if block.kind is BlockKind.TEXT and said_in is StepKind.REPLY:
        return Part(PartKind.PROSE, block, "")
    if block.kind is BlockKind.TEXT:
        first = said_in is StepKind.HEADER
        title = "What Claude was asked" if first else "Cody Batch told Claude"
    else:
        title = _FOLDED.get(block.kind, "A result without its call")
    return Part(PartKind.FOLDED, block, title, _in_brief(block.text, clean))


def _in_brief(text: str, clean: Clean) -> str:
    """How a text begins, cleaned as a whole before it is cut."""
    return shown_on_one_line(clean(text), clean, BRIEF_CHARACTERS)
