"""``codybatch prompts preview``: what a job would be told first, before anything is submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.options import FileKind, Schema, Variables
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.prompt_lint import Chosen, PromptFile, read_prompt, title
from codybatch.cli.run import ended_by_sigterm, guarded

if TYPE_CHECKING:
    from codybatch.agent.preview import Opening
    from codybatch.domain.prompts import PromptDraft
    from codybatch.services.profiles import ProfiledRepository


@guarded
def preview(
    prompt: Chosen = None,
    prompt_file: PromptFile = None,
    repository: Annotated[
        str | None,
        typer.Option(
            "--repository",
            "-r",
            metavar="OWNER/NAME[@REF]",
            help="Fill in what a job would be told of this repository: it is cloned for a moment.",
        ),
    ] = None,
    var: Variables = None,
    kind: FileKind = None,
    schema: Schema = None,
    system: Annotated[
        bool, typer.Option("--system", help="Show the system prompt in front of it, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the first message that a job would send, and how many tokens it has at most.

    Nothing is submitted, stored or sent to the model. Exit status 1 where a job in the repository
    would end at once.
    """
    from codybatch.cli.form import variables_from

    found = read_prompt(prompt, prompt_file, kind, schema)
    asked = found.render(variables_from(var or ()))
    opening, looked_over = _opening(found, asked, repository)
    if as_json:
        print_json(_as_json(found, opening, looked_over))
    else:
        say("\n\n".join((*([opening.system] if system else []), "\n".join(opening.parts))))
        hint(
            f"The system prompt and the first message have {opening.tokens:,} tokens at most; the "
            "definitions of the tools come on top."
        )
    if looked_over is not None and looked_over.ends is not None:
        hint(f"A job there ends at once. {looked_over.detail}")
        raise typer.Exit(1)


def _opening(
    prompt: PromptDraft, asked: str, repository: str | None
) -> tuple[Opening, ProfiledRepository | None]:
    """By the code that the workbench shows it by; without secrets."""
    from codybatch.cli.context import opened_to_change
    from codybatch.composition import first_words
    from codybatch.domain.repositories import RepositoryRef

    with opened_to_change() as app, ended_by_sigterm():
        looked_over = None
        if repository is not None:
            wanted = RepositoryRef.parse(repository, app.settings.code_host_name)
            looked_over = app.profiles.profile(wanted, hint)
        opening = first_words(prompt, asked, app.default_options(), looked_over)
        parts = tuple(app.net.clean(part) for part in opening.parts)
    return opening.with_(parts=parts), looked_over


def _as_json(
    prompt: PromptDraft, opening: Opening, looked_over: ProfiledRepository | None
) -> dict[str, object]:
    facts = looked_over.facts if looked_over else None
    return {
        "prompt": title(prompt),
        "repository": facts.repository.full_name if facts else None,
        "commit": facts.head_commit if facts else None,
        "system": opening.system,
        "parts": list(opening.parts),
        "tokensAtMost": opening.tokens,
    }
