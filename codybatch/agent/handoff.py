"""Going on in a fresh conversation: what the next one is told of those before it.

The context is never pruned, because earlier bytes are signed and cached; where it is full, the same
job goes on with the same system prompt and tools and a new first message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from codybatch.agent.conversation import Conversation
from codybatch.agent.first_message import opening_parts, text_block
from codybatch.agent.marked_text import defused, one_line, untrusted
from codybatch.agent.phrases import phrase
from codybatch.agent.task import Task
from codybatch.agent.turn import Call, calls_in
from codybatch.domain.records import JsonObject
from codybatch.domain.threads import ConversationHeader

MOST_NOTES = 12_000
MOST_EDITS = 20_000
MOST_PATHS = 200
_MOST_EDIT = 1_200
_MOST_CALLS = 60
_INTRODUCTION = (
    "You began this task in an earlier conversation that grew too long. Your changes are in the "
    "work tree. Go on where you stopped; read a file again before you edit it."
)


def next_header(
    task: Task,
    conversations: Sequence[Conversation],
    notes: str,
    changing_tools: Set[str],
    changed: Sequence[str],
    base_tree: str,
) -> ConversationHeader:
    """The header of the next conversation: that of the last one with a new first message.

    Args:
        task: of the job.
        conversations: those before, in order.
        notes: the model's own; where there are none, they are put together from what it did.
        changing_tools: names of the tools that change files.
        changed: paths that differ from the pinned commit.
        base_tree: the digest of the work tree now.
    """
    told = notes or _collected_notes(conversations[-1])
    earlier = "\n".join(
        [
            "<earlier>",
            _INTRODUCTION,
            f"<notes>\n{untrusted(told, MOST_NOTES, 'your notes')}\n</notes>",
            f"<changed>\n{_paths(changed)}\n</changed>",
            f"<edits>\n{_edits(conversations, changing_tools)}\n</edits>",
            "</earlier>",
        ]
    )
    blocks = [text_block(part) for part in [*opening_parts(task), earlier]]
    before = conversations[-1].header
    return before.with_(first_message={"role": "user", "content": blocks}, base_tree=base_tree)


def _paths(changed: Sequence[str]) -> str:
    lines = [one_line(path) for path in changed[:MOST_PATHS]]
    if len(changed) > MOST_PATHS:
        lines.append(f"[{len(changed) - MOST_PATHS:,} more]")
    return "\n".join(lines) or "No file differs from the pinned commit."


def _edits(conversations: Sequence[Conversation], changing_tools: Set[str]) -> str:
    """The edits that succeeded, oldest first; where they are too many, the newest are kept."""
    done = [call for each in conversations for call in _succeeded(each, changing_tools)]
    kept: list[str] = []
    left = MOST_EDITS
    for call in reversed(done):
        text = _edit(call)
        left -= len(text)
        if left < 0:
            break
        kept.append(text)
    if len(kept) < len(done):
        kept.append(f"[{len(done) - len(kept):,} earlier edits are not shown]")
    return untrusted("\n".join(reversed(kept)), MOST_EDITS + 200, "your edits") if done else "None."


def _succeeded(conversation: Conversation, changing_tools: Set[str]) -> Iterator[Call]:
    messages = conversation.messages
    for message, answer in pairwise(messages):
        if message["role"] == "assistant" and answer["role"] == "user":
            failed = {block["tool_use_id"] for block in answer["content"] if block.get("is_error")}
            for call in calls_in(message):
                if call.name in changing_tools and call.id not in failed:
                    yield call


def _edit(call: Call) -> str:
    """One edit like a piece of a diff."""
    removed = call.input.get("old_string")
    added = call.input.get("new_string", call.input.get("content"))
    lines = [phrase(call)]
    if isinstance(to := call.input.get("to"), str):
        lines[0] += f" to {one_line(to)}"
    lines += _marked_lines("-", removed) + _marked_lines("+", added)
    return "\n".join(lines)


def _marked_lines(mark: str, text: object) -> list[str]:
    if not isinstance(text, str):
        return []
    return [f"{mark} {line}" for line in defused(text, _MOST_EDIT).splitlines()]


def _collected_notes(conversation: Conversation) -> str:
    """What the model said and did, where it could not be asked: its last words and its calls."""
    replies = [message for message in conversation.messages if message["role"] == "assistant"]
    calls = [phrase(call) for message in replies for call in calls_in(message)]
    words = [text for message in replies for text in _words(message)]
    said = "\n\n".join(words)[-MOST_NOTES // 2 :]
    done = "\n".join(dict.fromkeys(calls[-_MOST_CALLS:]))
    return f"Your last words:\n{said or 'none'}\n\nYour last tool calls:\n{done or 'none'}"


def _words(message: JsonObject) -> Iterator[str]:
    """The text of a reply; some models put what they say between tool calls into their thinking."""
    for block in message["content"]:
        text = block.get("text") or block.get("thinking")
        if isinstance(text, str) and text.strip():
            yield text.strip()
