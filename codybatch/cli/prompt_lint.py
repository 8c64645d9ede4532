"""``codybatch prompts lint``, and the hints that follow a save."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.options import FileKind, Schema
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codybatch.domain.prompt_hints import Hint
    from codybatch.domain.prompts import PromptDraft

Chosen = Annotated[
    str | None, typer.Argument(metavar="PROMPT", help="A saved prompt: NAME or NAME@3.")
]
PromptFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="A file with the prompt's text instead; - reads standard input."
    ),
]


@guarded
def lint(
    prompt: Chosen = None,
    prompt_file: PromptFile = None,
    kind: FileKind = None,
    schema: Schema = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Leave with exit status 1 where there is a hint.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what in a prompt's text commonly makes jobs fail or go too far; nothing is refused.

    Hints name misspelt variables, a text that contradicts its kind, no ending, no bounds, orders
    that no job can follow, and secrets in the text. They read English only.
    """
    from codybatch.services.prompt_lint import hints_for

    found = read_prompt(prompt, prompt_file, kind, schema)
    hints = hints_for(found)
    if as_json:
        told = [one.model_dump(mode="json", by_alias=True) for one in hints]
        print_json({"prompt": title(found), "kind": found.kind.value, "hints": told})
    else:
        _print(found, hints)
    if strict and hints:
        raise typer.Exit(1)


def read_prompt(
    name: str | None, file: Path | None, kind: str | None, schema: Path | None
) -> PromptDraft:
    """A saved prompt, or the text of a file.

    Raises:
        UsageError: both are given or neither is.
        InvalidPrompt: the file cannot be read, or declares variables wrongly.
        UnknownPrompt: there is none of this name.
    """
    from codybatch.cli.context import opened
    from codybatch.cli.form import chosen_prompt

    chosen = chosen_prompt(name, file, kind, schema)
    if isinstance(chosen, str):
        with opened() as application:
            return application.prompts.find(chosen)
    chosen.check_variables()
    return chosen


def title(prompt: PromptDraft) -> str:
    """How a prompt is named to a person: with its version, where it is saved."""
    from codybatch.domain.prompts import PromptVersion

    return str(prompt.ref) if isinstance(prompt, PromptVersion) else prompt.name


def _print(prompt: PromptDraft, hints: Sequence[Hint]) -> None:
    if not hints:
        say(f"No hints on {title(prompt)} ({prompt.kind}).")
        return
    for one in hints:
        where = f"Line {one.place.line}, column {one.place.column}" if one.place else "The text"
        say(f"{where}  [{one.id}]")
        say(f"  {one.says}")
        say(f"  {one.instead}")


def say_hints(prompt: PromptDraft) -> None:
    """The hints on a prompt that was just saved, on standard error."""
    from codybatch.services.prompt_lint import hints_for

    for one in hints_for(prompt):
        hint(f"Hint: {one}")
