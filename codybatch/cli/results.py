"""``codybatch jobs diff | patch | thread``: what a job made, and how it came to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.jobs import JobArgument
from codybatch.cli.listing import AsJson
from codybatch.cli.output import harmless, hint, json_line, on_one_line, say, styled
from codybatch.cli.run import guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codybatch.domain.records import JsonObject
    from codybatch.domain.threads import ThreadLine

_COLORS = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}


@guarded
def diff(job: JobArgument) -> None:
    """Show a job's patch for reading: coloured on a terminal, secrets and hidden characters out."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id

    with opened() as application:
        content = application.jobs.patch(job_id(job))
        shown = application.net.clean(content.decode(errors="replace"))
    print_diff(shown)


def print_diff(text: str, most_lines: int | None = None) -> None:
    """Print a unified diff for people, at most so many lines of it."""
    lines = text.removesuffix("\n").split("\n")
    in_hunk = False
    for line in lines[:most_lines]:
        in_hunk = line.startswith("@@") or (in_hunk and not line.startswith("diff "))
        color = _COLORS.get(line[:1]) if in_hunk else None
        typer.echo(styled(harmless(line), fg=color, bold=not in_hunk))
    if most_lines is not None and len(lines) > most_lines:
        say(f"… {len(lines) - most_lines} more lines")


@guarded
def patch(
    job: JobArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to this file.")
    ] = None,
) -> None:
    """Give out a job's patch, byte for byte, for `git apply`."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id

    with opened() as application:
        found = application.jobs.find(job_id(job))
        content = application.jobs.patch(found.id)
    if found.patch and found.patch.redacts_secret:
        hint("Take care: this patch removes a secret from the repository, and so holds it.")
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from None
    hint(f"Apply it in a checkout of {found.commit}: git apply {output}")


@guarded
def thread(job: JobArgument, as_json: AsJson = False) -> None:
    """Show a job's conversation with the model; --json gives a JSON object a line."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id
    from codybatch.services.findings import cleaned_json

    with opened() as application:
        clean = application.net.clean
        for line in application.jobs.thread(job_id(job)):
            if as_json:
                print(json_line(line.with_(message=cleaned_json(line.message, clean)).to_json()))
                continue
            typer.echo(styled(_headline(line), fg=typer.colors.BRIGHT_BLACK))
            for text in _said(line):
                say(clean(text))


def _headline(line: ThreadLine) -> str:
    used = (
        f" · {line.usage.prompt_tokens:,} + {line.usage.output_tokens:,} tokens"
        if line.usage
        else ""
    )
    return f"── {line.kind.value} · turn {line.turn}{used}"


def _said(line: ThreadLine) -> Iterator[str]:
    message = line.message or {}
    if message.get("type") == "error":  # a refusal by the service, recorded in its own form
        yield f"✗ {message['error']['message']}"
    else:
        yield from _texts(_content(message))


def _content(message: JsonObject) -> str | list[JsonObject]:
    found: str | list[JsonObject] = message.get("firstMessage", message).get("content", "")
    return found


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
