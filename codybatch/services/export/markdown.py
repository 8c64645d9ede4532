"""A thread as Markdown for reading: whatever others wrote stands in code blocks, and stays text.

A page that renders it fetches no picture, follows no link and runs nothing of the model's making.
"""

from __future__ import annotations

import re

from codybatch.domain.jobs import Job
from codybatch.domain.threads import StepKind, ThreadLine
from codybatch.services.export.folder import DigestingFile
from codybatch.services.plain_text import in_plain_sight
from codybatch.services.thread_blocks import Block, BlockKind, blocks_of
from codybatch.services.wording import exact_money

_TICKS = re.compile(r"`{3,}")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|!~&])")
_TITLES = {
    BlockKind.TEXT: "Text",
    BlockKind.THINKING: "Thinking",
    BlockKind.REFUSAL: "The service refused",
    BlockKind.SYSTEM: "System: text",
    BlockKind.TOOLS: "Tools",
}


class MarkdownThread:
    """Writes one thread.

    Args:
        file: where to.
        job: whose thread it is; secrets are out of its texts.
    """

    def __init__(self, file: DigestingFile, job: Job) -> None:
        self._file = file
        self._job = job

    def begin(self) -> None:
        """Write which job it is, and what came of it."""
        job = self._job
        ended = f"{job.state} ({job.ended_because})" if job.ended_because else job.state
        facts = {
            "Job": job.id,
            "Commit": job.commit,
            "Prompt": str(job.prompt),
            "Model": job.model,
            "State": ended,
            "Cost": exact_money(job.cost_usd),
        }
        self._say(f"# {plain(job.repository.full_name)}: {plain(job.title or job.request_title)}\n")
        self._say("".join(f"- {name}: {plain(value)}\n" for name, value in facts.items()))
        if job.summary:
            self._say(f"\n## Summary\n\n{fenced(job.summary)}")

    def take(self, line: ThreadLine) -> None:
        """Write one line of the thread."""
        self._say(f"\n## {_heading(line)}\n")
        for block in blocks_of(line):
            self._say(f"\n**{plain(_title(block))}**\n\n{fenced(block.text)}")

    def end(self) -> None:
        """Nothing stands after the last line."""

    def _say(self, text: str) -> None:
        self._file.write_text(text)


def plain(text: str) -> str:
    """``text`` on one line, with nothing in it that Markdown or HTML would act on."""
    return _SPECIAL.sub(r"\\\1", " ".join(in_plain_sight(text).split()))


def fenced(text: str) -> str:
    """``text`` as a code block, which it cannot close: its fence is longer than any in it."""
    shown = in_plain_sight(text)
    longest = max((len(ticks) for ticks in _TICKS.findall(shown)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{shown}\n{fence}\n"


def _heading(line: ThreadLine) -> str:
    where = f"turn {line.turn}" if line.turn else f"conversation {line.conversation}"
    names = {
        StepKind.HEADER: "Beginning",
        StepKind.REPLY: "Claude",
        StepKind.RESULTS: "Results",
        StepKind.REQUEST: "Request",
    }
    cost = f", {exact_money(line.cost_usd)}" if line.cost_usd else ""
    left_out = "" if line.appended else ", not part of the conversation"
    return f"{names[line.kind]} ({where}, {line.at:%Y-%m-%d %H:%M:%S} UTC{cost}{left_out})"


def _title(block: Block) -> str:
    if block.kind is BlockKind.CALL:
        return f"Calls {block.name}"
    if block.kind is BlockKind.RESULT:
        return "Failed" if block.is_error else "Gave"
    return block.name if block.kind is BlockKind.OTHER else _TITLES[block.kind]
