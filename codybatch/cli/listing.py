"""What listings have in common: filters, a limit, a cursor, JSON."""

from __future__ import annotations

from typing import Annotated

import typer

from codybatch.cli.context import looks_at_demo
from codybatch.cli.invocation import command, program

Limit = Annotated[int, typer.Option(metavar="N", help="How many at most.", min=1, max=1000)]
Cursor = Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")]
OfPrompt = Annotated[str | None, typer.Option(metavar="NAME", help="Of this prompt.")]
OnlyMine = Annotated[bool, typer.Option("--mine", help="Only one's own.")]
Words = Annotated[str, typer.Option(metavar="WORDS", help="With all of these words.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def beginning() -> str:
    """What to do where there is nothing yet."""
    if looks_at_demo():
        return f"Run the demonstration: {program()} demo"
    return f"Submit a request: {command('submit --prompt-file FILE -r OWNER/NAME')}"
