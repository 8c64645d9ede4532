"""One step of the demonstration's model: what it thinks, and the tools it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codybatch.standins.anthropic.reply import Reply, text, thinking, tool_use
from codybatch.standins.anthropic.wire import JsonObject

SIGNED = "Written by the demonstration's stand-in for a model, not by Claude."
"""Stands wherever a person reads what this model says of its work."""

_LONGEST_TITLE = 72
_LONGEST_SUMMARY = 4_000
_LONGEST_FOLLOW_UP = 500
_MOST_FOLLOW_UPS = 20


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

    def reply(
        self, tools: Mapping[str, JsonObject], named: Callable[[int], str] | None = None
    ) -> Reply:
        """The step as a model's reply.

        Arguments:
            tools: the input schemas of the tools on offer, by name.
            named: makes the id of the call at a place; the service does where it is None.
        """
        blocks = [thinking(self.thought)]
        for place, (name, arguments) in enumerate(self.calls):
            fitting = _fitting(tools.get(name, {}), arguments)
            blocks.append(tool_use(name, fitting, named(place) if named else None))
        if self.words:
            blocks.append(text(self.words))
        return Reply(blocks)


def _fitting(schema: JsonObject, arguments: Mapping[str, object]) -> JsonObject:
    """Arguments as a tool's schema wants them: none unknown, and the least for what is missing."""
    properties = schema.get("properties", {})
    known = {name: value for name, value in arguments.items() if name in properties}
    missing = [name for name in schema.get("required", ()) if name not in known]
    return {**known, **{name: least(properties[name]) for name in missing}}


def least(schema: JsonObject) -> object:
    """The least value that fits a schema, for what this model has nothing to say about."""
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    if "anyOf" in schema:
        branches = schema["anyOf"]
        return None if {"type": "null"} in branches else least(branches[0])
    declared = schema.get("type")
    if isinstance(declared, list):
        return None if "null" in declared else least({**schema, "type": declared[0]})
    if declared == "object":
        return _fitting(schema, {})
    if declared == "array":
        return [least(schema["items"])] if schema.get("minItems") else []
    values: dict[object, object] = {
        "string": "unknown",
        "integer": 0,
        "number": 0,
        "boolean": False,
    }
    return values.get(declared)


@dataclass(frozen=True)
class Outcome:
    """What the work comes to, as ``finish`` takes it; each kind of prompt takes its own part."""

    were_changes_necessary: bool
    title: str
    summary: str
    verification: str
    confidence: str
    follow_ups: tuple[str, ...] = ()
    findings: tuple[JsonObject, ...] = ()
    answer: JsonObject | None = None

    def step(self, thought: str = "Nothing is left to do, so I say how it ended.") -> Step:
        """The last step."""
        arguments = {
            "wereChangesNecessary": self.were_changes_necessary,
            "title": self.title[:_LONGEST_TITLE],
            "summary": f"{self.summary[: _LONGEST_SUMMARY - len(SIGNED) - 1]} {SIGNED}",
            "verification": self.verification,
            "confidence": self.confidence,
            "findings": list(self.findings),
            **({} if self.answer is None else {"answer": self.answer}),
            "followUps": [note[:_LONGEST_FOLLOW_UP] for note in self.follow_ups[:_MOST_FOLLOW_UPS]],
        }
        return Step(thought, (("finish", arguments),))
