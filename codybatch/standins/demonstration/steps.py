"""One step of the demonstration's model: what it thinks, and the tools it calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codybatch.standins.anthropic.reply import Reply, text, thinking, tool_use
from codybatch.standins.anthropic.wire import JsonObject

SIGNED = "Written by the demonstration's stand-in for a model, not by Claude."
"""Stands wherever a person reads what this model says of its work."""

_LONGEST_TITLE = 72
_LONGEST_SUMMARY = 4_000


@dataclass(frozen=True)
class Step:
    """What to do next.

    Arguments:
        thought: one or two sentences.
        calls: name and arguments of each tool call.
        words: said instead of calling a tool.
    """

    thought: str
    calls: tuple[tuple[str, Mapping[str, object]], ...] = ()
    words: str = ""

    def reply(self, tools: Mapping[str, JsonObject]) -> Reply:
        """The step as a model's reply; arguments that a tool does not know are left out."""
        blocks = [thinking(self.thought)]
        for name, arguments in self.calls:
            known = tools.get(name, {}).get("properties", {})
            blocks.append(tool_use(name, {k: v for k, v in arguments.items() if k in known}))
        if self.words:
            blocks.append(text(self.words))
        return Reply(blocks)


@dataclass(frozen=True)
class Outcome:
    """What the work comes to, as ``finish`` takes it."""

    were_changes_necessary: bool
    title: str
    summary: str
    verification: str
    confidence: str
    follow_ups: tuple[str, ...] = ()

    def step(self) -> Step:
        """The last step."""
        arguments = {
            "wereChangesNecessary": self.were_changes_necessary,
            "title": self.title[:_LONGEST_TITLE],
            "summary": f"{self.summary[: _LONGEST_SUMMARY - len(SIGNED) - 1]} {SIGNED}",
            "verification": self.verification,
            "confidence": self.confidence,
            "followUps": list(self.follow_ups),
        }
        return Step("Nothing is left to do, so I say how it ended.", (("finish", arguments),))
