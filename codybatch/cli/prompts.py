"""``codybatch prompts``: list, show, save, diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from codybatch.cli.listing import AsJson, Cursor, Limit
from codybatch.cli.output import hint, page_of, print_facts, print_json, print_table, say
from codybatch.cli.run import guarded

app = typer.Typer(no_args_is_help=True, help="Prompts: named text; every save is a new version.")


@app.command("list")
@guarded
def list_prompts(limit: Limit = 50, cursor: Cursor = None, as_json: AsJson = False) -> None:
    """List the latest version of every prompt."""
    from codybatch.cli.context import opened
    from codybatch.ports import PageRequest

    with opened() as application:
        found = application.prompts.latest(PageRequest(limit=limit, cursor=cursor))
    if as_json:
        items = [one.model_dump(mode="json", by_alias=True) for one in found.items]
        print_json(page_of(items, found.cursor))
        return
    if not found.items:
        say("No prompts yet. Save one: codybatch prompts save NAME --file FILE")
        return
    rows = [
        (one.name, str(one.number), one.kind.value, one.created_by, one.description or one.template)
        for one in found.items
    ]
    print_table(("NAME", "VERSION", "KIND", "BY", "TEXT"), rows)
    if found.cursor:
        hint(f"More: add --cursor {found.cursor}")


@app.command()
@guarded
def show(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="NAME or NAME@3.")],
    as_json: AsJson = False,
) -> None:
    """Show one version of a prompt."""
    from codybatch.cli.context import opened

    with opened() as application:
        found = application.prompts.find(prompt)
    if as_json:
        print_json(found.model_dump(mode="json", by_alias=True))
        return
    print_facts(
        {
            "Prompt": str(found.ref),
            "Kind": found.kind.value,
            "Saved": f"{found.created_at:%Y-%m-%d %H:%M} UTC by {found.created_by}",
            "About": found.description,
            "Variables": ", ".join(found.variables_used()) or "none",
        }
    )
    say()
    say(found.template)


@app.command()
@guarded
def save(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Lowercase letters, digits and dashes.")
    ],
    file: Annotated[
        Path,
        typer.Option(metavar="FILE", help="A file with the prompt's text; - reads standard input."),
    ],
    kind: Annotated[str, typer.Option(metavar="KIND", help="change, audit or ask.")] = "change",
    schema: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Of an ask: a file with the JSON Schema of its answer."),
    ] = None,
    description: Annotated[str, typer.Option(metavar="TEXT", help="One line about it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Save a prompt as the next version of its name."""
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.form import draft_from

    with opened_to_change() as application:
        draft = draft_from(file, name=name, kind=kind, schema=schema, description=description)
        saved = application.prompts.save(draft, application.person)
    if as_json:
        print_json(saved.model_dump(mode="json", by_alias=True))
    else:
        say(f"Saved {saved.ref}. Run it: codybatch submit {saved.name} -r OWNER/NAME")


@app.command("diff")
@guarded
def show_diff(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The prompt's name.")],
    before: Annotated[int, typer.Argument(metavar="VERSION", help="A version.")],
    after: Annotated[int, typer.Argument(metavar="OTHER", help="Another version.")],
) -> None:
    """Show what changed in a prompt from one version to another."""
    from codybatch.cli.context import opened
    from codybatch.cli.results import print_diff

    with opened() as application:
        changed = application.prompts.diff(name, before, after)
    if changed:
        print_diff(changed)
    else:
        say("The text is the same.")
