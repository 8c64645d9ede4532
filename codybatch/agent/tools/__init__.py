"""The model's tools, a file each: they read and change files of the work tree, nothing else.

What lives here: tool definitions, their inputs and outputs, and which tools a kind of prompt has.
What never does: a tool that starts a program, opens a connection or leaves the work tree.
"""

from __future__ import annotations

from codybatch.agent.tools.claim import Claim
from codybatch.agent.tools.delete_file import DELETE_FILE
from codybatch.agent.tools.edit_file import EDIT_FILE
from codybatch.agent.tools.finish import finish_for
from codybatch.agent.tools.glob import GLOB
from codybatch.agent.tools.grep import GREP
from codybatch.agent.tools.list_files import LIST_FILES
from codybatch.agent.tools.move_file import MOVE_FILE
from codybatch.agent.tools.read_file import READ_FILE
from codybatch.agent.tools.tool import Tool, ToolOutput
from codybatch.agent.tools.write_file import WRITE_FILE
from codybatch.domain.prompts import Kind
from codybatch.domain.records import JsonObject

__all__ = ["Claim", "Tool", "ToolOutput", "tools_for"]

_READING: tuple[Tool, ...] = (LIST_FILES, GLOB, GREP, READ_FILE)
_CHANGING: tuple[Tool, ...] = (EDIT_FILE, WRITE_FILE, DELETE_FILE, MOVE_FILE)


def tools_for(kind: Kind, answer_schema: JsonObject | None = None) -> tuple[Tool, ...]:
    """The tools of a kind of prompt, in the fixed order in which they are sent.

    Args:
        kind: what the prompt ends in; only a change has tools that change files.
        answer_schema: of an ask, the JSON Schema of the author's answer.

    Raises:
        UnsupportedSchema: an ask without a schema, or with one that cannot be held.
    """
    changing = _CHANGING if kind is Kind.CHANGE else ()
    return (*_READING, *changing, finish_for(kind, answer_schema))
