"""``codybatch jobs diff | patch | thread``: what a job made, and how it came to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.jobs import JobArgument
from codybatch.cli.listing import AsJson
from codybatch.cli.output import harmless, hint, on_one_line, say
from codybatch.cli.run import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codybatch.domain.records import JsonObject
    from codybatch.domain.threads import ThreadLine

_COLORS = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}


@guarded
def diff(job: JobArgument) -> None:
    """Show a job's patch, coloured on a terminal."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id

    with opened() as application:
        content = application.jobs.patch(job_id(job))
    print_diff(content)


def print_diff(content: bytes, most_lines: int | None = None) -> None:
    """Print a patch for people, at most so many lines of it."""
    lines = content.decode(errors="replace").split("\n")
    for line in lines[:most_lines]:
        is_head = line.startswith(("+++", "---", "diff "))
        color = None if is_head else _COLORS.get(line[:1])
        typer.secho(harmless(line), fg=color, bold=is_head)
    if most_lines is not None and len(lines) > most_lines:
        say(f"… {len(lines) - most_lines} more lines")


@guarded
def patch(
    job: JobArgument,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it here.")] = None,
) -> None:
    """Give out a job's patch, byte for byte."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id

    with opened() as application:
        content = application.jobs.patch(job_id(job))
        found = application.jobs.find(job_id(job))
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    output.write_bytes(content)
    hint(f"Apply it in a checkout of {found.commit}: git apply {output}")


@guarded
def thread(job: JobArgument, as_json: AsJson = False) -> None:
    """Show a job's conversation with the model; --json gives JSON Lines."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id

    with opened() as application:
        for line in application.jobs.thread(job_id(job)):
            if as_json:
                print(line.to_json())
            else:
                _print_line(line)


def _print_line(line: ThreadLine) -> None:
    used = (
        f" · {line.usage.prompt_tokens:,} + {line.usage.output_tokens:,} tokens"
        if line.usage
        else ""
    )
    typer.secho(f"── {line.kind.value} · turn {line.turn}{used}", fg=typer.colors.BRIGHT_BLACK)
    message = line.message or {}
    shown = message.get("firstMessage", message)
    for text in _texts(shown.get("content", "")):
        say(text)


def _texts(content: str | list[JsonObject]) -> Iterator[str]:
    if isinstance(content, str):
        yield content
        return
    for block in content:
        kind = block.get("type")
        if kind == "thinking":
            yield f"(thinking) {block.get('thinking', '')}"
        elif kind == "tool_use":
            yield f"→ {block.get('name')} {on_one_line(str(block.get('input')), 400)}"
        elif kind == "tool_result":
            failed = "✗ " if block.get("is_error") else "← "
            yield failed + "\n".join(_texts(block.get("content", "")))
        elif "text" in block:
            yield str(block["text"])
