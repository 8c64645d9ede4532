"""A conversation's header: all that is sent and never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from codybatch.agent.first_message import first_message
from codybatch.agent.system_prompt import prompt_version, system_blocks
from codybatch.agent.task import Task
from codybatch.agent.tools import Tool
from codybatch.domain.identifiers import JobId
from codybatch.domain.records import JsonObject
from codybatch.domain.requests import Effort
from codybatch.domain.threads import ConversationHeader
from codybatch.ports.model import ModelCapabilities


def first_header(
    task: Task, tools: Sequence[Tool], capabilities: ModelCapabilities, base_tree: str
) -> ConversationHeader:
    """The header of a job's first conversation.

    Args:
        task: of the job.
        tools: in the order in which they are sent.
        capabilities: of the model; only what it accepts is sent.
        base_tree: the digest of the fresh work tree.
    """
    return ConversationHeader(
        model=task.model,
        system=system_blocks(task.kind),
        tools=[tool.definition for tool in tools],
        first_message=first_message(task),
        parameters=_parameters(task.job, task.effort, capabilities),
        max_tokens=min(task.limits.max_tokens, capabilities.max_output_tokens),
        prompt_version=prompt_version(task.kind),
        base_tree=base_tree,
    )


def accepts_effort(effort: Effort | None, capabilities: ModelCapabilities) -> bool:
    """Whether the model knows this effort; none chosen is its own default."""
    return effort is None or effort.value in capabilities.efforts


def _parameters(job: JobId, effort: Effort | None, capabilities: ModelCapabilities) -> JsonObject:
    """Further fields of every request.

    Current models refuse sampling parameters, a forced ``tool_choice``, a thinking budget and a
    prefilled reply (migration guides of the 5.5 models), so none of them is ever sent.
    """
    parameters: JsonObject = {
        "cache_control": {"type": "ephemeral"},
        "metadata": {"user_id": hashlib.sha256(job.encode()).hexdigest()},
    }
    if capabilities.adaptive_thinking:
        parameters["thinking"] = {"type": "adaptive", "display": "summarized"}
    if effort is not None and accepts_effort(effort, capabilities):
        parameters["output_config"] = {"effort": effort.value}
    return parameters
