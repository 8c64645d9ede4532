"""What the harness tells the model between the turns: text blocks after the tool results.

A notice carries its kind in its tag, so that a job that goes on knows from the recorded messages
alone what has been said already, also where a later release words it differently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause


class NoticeKind(StrEnum):
    """What a notice is for."""

    NEAR_LIMIT = "near-limit"
    FINISH_NOW = "finish-now"
    NO_TOOL = "no-tool"
    CUT_OFF = "cut-off"
    UNUSABLE = "unusable"
    REPEATING = "repeating"
    FAILING = "failing"
    HAND_OFF = "hand-off"


_TAG = re.compile(r'<notice kind="([a-z-]{1,20})"(?: about="([a-z_-]{1,40})")?>')


@dataclass(frozen=True)
class Notice:
    """One notice: its kind, what it is about, and its words."""

    kind: NoticeKind
    text: str
    about: str = ""
    """Which limit is near, or why the conversation ends; empty where the kind says it all."""

    def as_block(self) -> JsonObject:
        """The text block that is sent."""
        about = f' about="{self.about}"' if self.about else ""
        return {
            "type": "text",
            "text": f'<notice kind="{self.kind}"{about}>{self.text}</notice>',
        }


def notices_in(message: JsonObject) -> list[tuple[str, str]]:
    """Kind and subject of each notice of a recorded user message, in order.

    Only text blocks of their own count: what stands inside a tool result is not ours.
    """
    texts = [block["text"] for block in message["content"] if block["type"] == "text"]
    found = [_TAG.match(text) for text in texts]
    return [(tag[1], tag[2] or "") for tag in found if tag]


def near_limit(name: str, used: str) -> Notice:
    """About a fifth of a limit is left."""
    return Notice(
        NoticeKind.NEAR_LIMIT,
        f"Most of this job's {name} is used ({used}). Complete the step in hand, leave out what is "
        "not essential, then call finish.",
        about=name,
    )


def finish_now(because: EndedBecause) -> Notice:
    """The next reply is the last one."""
    return Notice(
        NoticeKind.FINISH_NOW,
        "A limit of this job is reached: this is your last reply. Call finish now, alone, and say "
        "what is done and what is not.",
        about=because.value,
    )


def no_tool() -> Notice:
    """A reply called no tool."""
    return Notice(
        NoticeKind.NO_TOOL,
        "Your reply called no tool, and nobody reads it: this job ends only through finish. If the "
        "task is done, or nothing needs to be done, call finish now; else go on with the tools.",
    )


def cut_off(max_tokens: int) -> Notice:
    """A reply was longer than allowed, twice."""
    return Notice(
        NoticeKind.CUT_OFF,
        f"Your reply was cut off at {max_tokens:,} tokens and is lost. Take smaller steps: fewer "
        "tool calls in one reply, and edit_file with short strings in place of whole files.",
    )


def unusable() -> Notice:
    """A reply could not become part of the conversation."""
    return Notice(
        NoticeKind.UNUSABLE,
        "Your last reply was empty or malformed and is lost. Reply again with tool calls whose "
        "input is a JSON object.",
    )


def repeating() -> Notice:
    """The same calls come again and again."""
    return Notice(
        NoticeKind.REPEATING,
        "You have made the same tool calls several times without getting further. The result will "
        "not change: try another way, or call finish and say what stands in the way.",
    )


def failing(replies: int) -> Notice:
    """Reply after reply, every tool call failed."""
    return Notice(
        NoticeKind.FAILING,
        f"All tool calls of your last {replies} replies failed. Read the messages, look at the "
        "files again, and try another way; or call finish and say what stands in the way.",
    )


def hand_off() -> Notice:
    """The conversation is long: ask for notes to begin a fresh one with."""
    return Notice(
        NoticeKind.HAND_OFF,
        "This conversation has grown long and goes on in a fresh one, which sees only the task, "
        "your notes and the list of your edits. Call no tool now. Write the notes, at most 1,000 "
        "words: what you found out (paths, names, conventions), what is done, what is left to do "
        "and how, and what you tried that does not work.",
    )
