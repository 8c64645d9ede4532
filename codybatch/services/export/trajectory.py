"""A thread as mini-swe-agent's trajectory, and patches as SWE-bench's predictions.

Format ``mini-swe-agent-1.1``: ``agents/default.py`` (``serialize``) and ``models/utils`` of
https://github.com/SWE-agent/mini-swe-agent, release 2.4.6. Messages are OpenAI's, with ``extra``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from codybatch.domain.jobs import Job
from codybatch.domain.records import JsonObject
from codybatch.domain.states import EndedBecause
from codybatch.domain.threads import StepKind, ThreadLine
from codybatch.services.export.folder import DigestingFile

FORMAT = "mini-swe-agent-1.1"
_EXITS = {
    EndedBecause.FINISHED: "Submitted",
    EndedBecause.FINISHED_IMPLICITLY: "Submitted",
    EndedBecause.TURN_LIMIT: "LimitsExceeded",
    EndedBecause.JOB_COST_LIMIT: "LimitsExceeded",
    EndedBecause.CONTEXT_LIMIT: "LimitsExceeded",
    EndedBecause.TIME_LIMIT: "TimeExceeded",
}
"""Their names of how a run ended; any other ending keeps ours."""


class Trajectory:
    """Writes one thread.

    Args:
        file: where to.
        job: whose thread it is; secrets are out of its texts.
        submission: the patch; empty where there is none to show.
    """

    def __init__(self, file: DigestingFile, job: Job, submission: str) -> None:
        self._file = file
        self._job = job
        self._submission = submission
        self._is_first = True

    def begin(self) -> None:
        """Write everything but the messages."""
        job = self._job
        info = {
            "model_stats": {"instance_cost": float(job.cost_usd), "api_calls": job.progress.turn},
            "config": {
                "agent": {"prompt": str(job.prompt), "kind": job.kind.value},
                "agent_type": "codybatch.agent.loop.Loop",
                "model": {"model_name": job.model},
                "model_type": "codybatch.claude.client.AnthropicClient",
                "environment": {"repository": job.repository.full_name, "commit": job.commit},
                "environment_type": "codybatch.workspace.tree.WorkTree",
            },
            "exit_status": self._exit_status,
            "submission": self._submission,
        }
        head = {"trajectory_format": FORMAT, "instance_id": job.id, "info": info}
        self._file.write_text(json.dumps(head, ensure_ascii=False)[:-1] + ', "messages": [')

    def take(self, line: ThreadLine) -> None:
        """Write what a line of the thread adds to the conversation."""
        if line.appended:
            for message in _messages(line):
                self._write(message)

    def end(self) -> None:
        """Write how it ended."""
        extra = {"exit_status": self._exit_status, "submission": self._submission}
        said = self._job.summary or self._exit_status
        self._write({"role": "exit", "content": said, "extra": extra})
        self._file.write_text("]}\n")

    @property
    def _exit_status(self) -> str:
        because = self._job.ended_because
        return _EXITS.get(because, because.value) if because else ""

    def _write(self, message: JsonObject) -> None:
        comma = "\n" if self._is_first else ",\n"
        self._is_first = False
        self._file.write_text(comma + json.dumps(message, ensure_ascii=False))


def prediction(job: Job, patch: str) -> JsonObject:
    """A job's patch with the three keys of SWE-bench's predictions.

    https://www.swebench.com/SWE-bench/guides/evaluation/
    """
    return {"model_name_or_path": job.model, "instance_id": job.id, "model_patch": patch}


def _messages(line: ThreadLine) -> Iterator[JsonObject]:
    message = line.message or {}
    if line.kind is StepKind.HEADER:
        yield {"role": "system", "content": _text(message.get("system")), "extra": _extra(line)}
        first = message.get("firstMessage", {})
        yield {"role": "user", "content": _text(first.get("content")), "extra": _extra(line)}
    elif line.kind is StepKind.REPLY:
        yield _assistant(line, message)
    else:
        yield from _results(line, message)


def _extra(line: ThreadLine) -> JsonObject:
    return {"timestamp": line.at.timestamp(), "conversation": line.conversation}


def _assistant(line: ThreadLine, message: JsonObject) -> JsonObject:
    blocks = _blocks(message.get("content"))
    calls = [block for block in blocks if block.get("type") == "tool_use"]
    thinking = [str(b.get("thinking", "")) for b in blocks if b.get("type") == "thinking"]
    actions = [
        {"tool": call.get("name"), "arguments": call.get("input"), "tool_call_id": call.get("id")}
        for call in calls
    ]
    usage = line.usage.model_dump() if line.usage else None
    return {
        "role": "assistant",
        "content": _text(blocks),
        **({"reasoning_content": "\n".join(thinking)} if thinking else {}),
        **({"tool_calls": [_call(call) for call in calls]} if calls else {}),
        "extra": {
            "actions": actions,
            "cost": float(line.cost_usd),
            "usage": usage,
            "stop_reason": message.get("stop_reason"),
            **_extra(line),
        },
    }


def _call(block: JsonObject) -> JsonObject:
    arguments = json.dumps(block.get("input"), ensure_ascii=False)
    return {
        "id": block.get("id"),
        "type": "function",
        "function": {"name": block.get("name"), "arguments": arguments},
    }


def _results(line: ThreadLine, message: JsonObject) -> Iterator[JsonObject]:
    blocks = _blocks(message.get("content"))
    for block in blocks:
        if block.get("type") == "tool_result":
            text = _text(block.get("content"))
            failed = bool(block.get("is_error"))
            yield {
                "role": "tool",
                "tool_call_id": block.get("tool_use_id"),
                "content": text,
                "extra": {"raw_output": text, "returncode": int(failed), **_extra(line)},
            }
    if said := _text(blocks):
        yield {"role": "user", "content": said, "extra": _extra(line)}


def _blocks(content: object) -> list[JsonObject]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    items = content if isinstance(content, list) else []
    return [item for item in items if isinstance(item, dict)]


def _text(content: object) -> str:
    """The words of content blocks."""
    return "\n".join(str(b["text"]) for b in _blocks(content) if b.get("type") == "text")
