"""The model's tools, a file each: they read and change files of the work tree, nothing else.

What lives here: tool definitions, their inputs and outputs, and which tools a kind of prompt has.
What never does: a tool that starts a program, opens a connection or leaves the work tree.
"""

from __future__ import annotations

from codybatch.agent.tools.claim import Claim
from codybatch.agent.tools.tool import Tool, ToolOutput
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject

__all__ = ["Claim", "Tool", "ToolOutput", "tools_for"]


def tools_for(kind: Kind, answer_schema: JsonObject | None = None) -> tuple[Tool, ...]:
    """The tools of a kind of prompt, in the fixed order in which they are sent.

    Args:
        kind: what the prompt ends in; only a change has tools that change files.
        answer_schema: of an ask, the JSON Schema of the author's answer.

    Raises:
        UnsupportedSchema: an ask without a schema, or with one that cannot be held.
    """
    from codybatch.agent.tools.registry import tools_of

    return tools_of(kind, answer_schema)
