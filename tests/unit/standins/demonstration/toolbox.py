"""The tools over a dict of files, and the loop that lets a model use them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from codybatch.standins.anthropic.reply import Reply
from codybatch.standins.anthropic.wire import JsonObject

_STRING = {"type": "string"}
_INTEGER = {"type": "integer"}
_BOOLEAN = {"type": "boolean"}


def definition(name: str, required: list[str], **properties: JsonObject) -> JsonObject:
    schema = {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return {"name": name, "description": name, "strict": True, "input_schema": schema}


TOOLS: list[JsonObject] = [
    definition("list_files", [], path=_STRING, depth=_INTEGER, limit=_INTEGER),
    definition("glob", ["pattern"], pattern=_STRING, path=_STRING, limit=_INTEGER),
    definition(
        "grep",
        ["pattern"],
        pattern=_STRING,
        path=_STRING,
        glob=_STRING,
        ignore_case=_BOOLEAN,
        context=_INTEGER,
        limit=_INTEGER,
    ),
    definition("read_file", ["path"], path=_STRING, start_line=_INTEGER, end_line=_INTEGER),
    definition(
        "edit_file",
        ["path", "old_string", "new_string"],
        path=_STRING,
        old_string=_STRING,
        new_string=_STRING,
        expected_replacements=_INTEGER,
    ),
    definition(
        "write_file", ["path", "content"], path=_STRING, content=_STRING, overwrite=_BOOLEAN
    ),
    definition(
        "finish",
        ["wereChangesNecessary", "title", "summary"],
        wereChangesNecessary=_BOOLEAN,
        title=_STRING,
        summary=_STRING,
        verification=_STRING,
        confidence={"enum": ["low", "medium", "high"]},
        followUps={"type": "array", "items": _STRING},
    ),
]


class ToolError(Exception):
    """What goes back with ``is_error``."""


@dataclass
class Toolbox:
    """The tools, with the file's own ends of line kept out of the way as the real ones do."""

    files: dict[str, str]
    lines_a_read: int = 400
    breaks: Callable[[str, JsonObject], str | None] = lambda _name, _arguments: None
    before: dict[str, str] = field(init=False)
    finished: JsonObject | None = None
    mismatches: int = 0
    log: list[tuple[str, JsonObject]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before = dict(self.files)

    @property
    def changed(self) -> set[str]:
        paths = {*self.files, *self.before}
        return {path for path in paths if self.files.get(path) != self.before.get(path)}

    def run(self, name: str, arguments: JsonObject) -> tuple[str, bool]:
        self.log.append((name, arguments))
        try:
            if trouble := self.breaks(name, arguments):
                raise ToolError(trouble)
            return getattr(self, name)(**arguments), False
        except ToolError as error:
            return str(error), True

    def list_files(self, path: str = ".", depth: int = 2, limit: int = 300) -> str:
        del path, limit
        shown = {"/".join(name.split("/")[:depth]) for name in self.files}
        return "\n".join(sorted(shown))

    def grep(self, pattern: str, glob: str = "", ignore_case: bool = False, **_: Any) -> str:
        compiled = re.compile(pattern, re.IGNORECASE if ignore_case else 0)
        found = [
            f"{path}:{number}:{line}"
            for path, text in sorted(self.files.items())
            if not glob or fnmatch.fnmatch(path.rsplit("/", 1)[-1], glob)
            for number, line in enumerate(text.split("\n"), start=1)
            if compiled.search(line)
        ]
        return "\n".join(found) or "No matches."

    def read_file(self, path: str, start_line: int = 1, end_line: int | None = None) -> str:
        lines = self._text(path).removesuffix("\n").split("\n")
        last = min(len(lines), end_line or len(lines), start_line + self.lines_a_read - 1)
        shown = [f"{n:6}\t{lines[n - 1]}" for n in range(start_line, last + 1)]
        return "\n".join([*shown, f"[lines {start_line:,}-{last:,} of {len(lines):,}]"])

    def edit_file(self, path: str, old_string: str, new_string: str, **_: Any) -> str:
        text = self._text(path)
        if text.count(old_string) != 1:
            raise ToolError(f"old_string occurs {text.count(old_string)} times, expected 1.")
        self.files[path] = text.replace(old_string, new_string)
        return "Edited."

    def write_file(self, path: str, content: str, overwrite: bool = False) -> str:
        if path in self.files and not overwrite:
            raise ToolError(f"{path} exists.")
        self.files[path] = content
        return "Written."

    def finish(self, **claim: Any) -> str:
        if claim["wereChangesNecessary"] != bool(self.changed) and not self.mismatches:
            self.mismatches += 1
            raise ToolError(f"the working tree has {len(self.changed)} changed files")
        self.finished = claim
        return "Accepted."

    def _text(self, path: str) -> str:
        if path not in self.files:
            raise ToolError(f"{path} does not exist.")
        return self.files[path]


Model = Callable[[JsonObject], Reply]


def converse(
    model: Model,
    toolbox: Toolbox,
    task: str,
    *,
    repository: str = "",
    turns: int = 40,
    tools: list[JsonObject] = TOOLS,
) -> list[JsonObject]:
    """Let the model work until ``finish`` is accepted; return the messages."""
    told = f"<repository>\nname: {repository}\n</repository>" if repository else ""
    parts = (f"<task>{task}</task>", told)
    messages: list[JsonObject] = [
        {"role": "user", "content": [{"type": "text", "text": part} for part in parts if part]}
    ]
    for turn in range(turns):
        reply = model({"system": "", "tools": tools, "messages": messages})
        blocks = [
            {"id": f"call_{turn}_{place}", **block} if block["type"] == "tool_use" else block
            for place, block in enumerate(reply.blocks)
        ]
        messages.append({"role": "assistant", "content": blocks})
        results = []
        for block in blocks:
            if block["type"] == "tool_use":
                output, is_error = toolbox.run(block["name"], block["input"])
                results.append(
                    {
                        "type": "tool_result",
                        "tool_use_id": block["id"],
                        "content": output,
                        "is_error": is_error,
                    }
                )
        if toolbox.finished is not None or not results:
            return messages
        messages.append({"role": "user", "content": results})
    raise AssertionError(f"not finished after {turns} turns: {toolbox.log[-3:]}")
