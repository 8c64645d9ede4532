"""What one line of a thread says, block by block: for whoever shows, searches or exports it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from codybatch.domain.records import JsonObject
from codybatch.domain.threads import StepKind, ThreadLine
from codybatch.services.findings import Clean


class BlockKind(StrEnum):
    """What a block is."""

    TEXT = "text"
    THINKING = "thinking"
    CALL = "call"
    """Of a tool."""
    RESULT = "result"
    """Of a tool's call."""
    REFUSAL = "refusal"
    """The model's service answered with an error in a reply's place."""
    SYSTEM = "system"
    """Of a header: the system prompt."""
    TOOLS = "tools"
    """Of a header: the names of the tools."""
    OTHER = "other"
    """Of a type that we do not know, as JSON."""


@dataclass(frozen=True)
class Block:
    """One block; its text is whatever others wrote."""

    kind: BlockKind
    text: str
    name: str = ""
    """Of a call: the tool; of an unknown block: its type."""
    id: str = ""
    """Of a call and its result: the call's."""
    is_error: bool = False
    """Of a result: whether the call failed."""
    given: JsonObject | None = None
    """Of a call: its input."""

    @property
    def subject(self) -> str:
        """Of a call: the path, pattern or title that it is about."""
        named = ((self.given or {}).get(name) for name in _SUBJECTS)
        return next((text for text in named if isinstance(text, str) and text), "")


_SUBJECTS = ("path", "from", "pattern", "title")


def blocks_of(line: ThreadLine) -> Iterator[Block]:
    """The blocks of a line, in order."""
    message = line.message or {}
    if message.get("type") == "error":
        error = message.get("error")
        said = error.get("message", "") if isinstance(error, dict) else ""
        yield Block(BlockKind.REFUSAL, str(said))
    elif line.kind is StepKind.HEADER:
        yield from _of_header(message)
    else:
        yield from _of_content(message.get("content", ""))


def answered(
    lines: Iterable[ThreadLine],
    blocks_in: Callable[[ThreadLine], Iterable[Block]] = blocks_of,
) -> Iterator[tuple[ThreadLine, Block, Block | None]]:
    """The blocks of a turn in order, each with its line; a call comes with its result where there
    is one, which then does not come again.

    Args:
        lines: of the turn.
        blocks_in: the blocks of a line.
    """
    said = [(line, tuple(blocks_in(line))) for line in lines]
    every = (block for _, blocks in said for block in blocks)
    results = {block.id: block for block in every if block.kind is BlockKind.RESULT}
    called: set[str] = set()
    for line, blocks in said:
        for block in blocks:
            if block.kind is BlockKind.CALL:
                called.add(block.id)
                yield line, block, results.get(block.id)
            elif block.kind is not BlockKind.RESULT or block.id not in called:
                yield line, block, None


def edited_lines(call: Block, clean: Clean) -> list[str]:
    """Of a call that replaces a text: the lines taken out and put in, with ``-`` and ``+``; of any
    other call none.
    """
    given = call.given or {}
    old, new = given.get("old_string"), given.get("new_string")
    if call.name != "edit_file" or not isinstance(old, str) or not isinstance(new, str):
        return []
    taken, put = (clean(text).split("\n") if text else [] for text in (old, new))
    return [f"-{line}" for line in taken] + [f"+{line}" for line in put]


def as_json(value: object) -> str:
    """A value of JSON types, for reading."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _of_header(message: JsonObject) -> Iterator[Block]:
    for block in _of_content(message.get("system", "")):
        yield Block(BlockKind.SYSTEM, block.text)
    names = (str(tool.get("name")) for tool in message.get("tools", ()))
    yield Block(BlockKind.TOOLS, ", ".join(names))
    yield from _of_content(message.get("firstMessage", {}).get("content", ""))


def _of_content(content: object) -> Iterator[Block]:
    if isinstance(content, str):
        yield Block(BlockKind.TEXT, content)
        return
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict):
            yield _block(block)


def _block(block: JsonObject) -> Block:
    kind = block.get("type")
    if kind == "thinking":
        return Block(BlockKind.THINKING, str(block.get("thinking", "")))
    if kind == "tool_use":
        given = block.get("input")
        return Block(
            BlockKind.CALL,
            as_json(given),
            name=str(block.get("name")),
            id=str(block.get("id", "")),
            given=given if isinstance(given, dict) else None,
        )
    if kind == "tool_result":
        texts = [inner.text for inner in _of_content(block.get("content", ""))]
        return Block(
            BlockKind.RESULT,
            "\n".join(texts),
            id=str(block.get("tool_use_id", "")),
            is_error=bool(block.get("is_error")),
        )
    if "text" in block:
        return Block(BlockKind.TEXT, str(block["text"]))
    return Block(BlockKind.OTHER, as_json(block), name=str(kind))
