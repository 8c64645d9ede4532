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
        hint(f"More: codybatch prompts list --cursor {found.cursor}")


@app.command()
@guarded
def show(
    prompt: Annotated[str, typer.Argument(help="NAME or NAME@3.")], as_json: AsJson = False
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
    name: Annotated[str, typer.Argument(help="Lowercase letters, digits and dashes.")],
    file: Annotated[Path, typer.Option(help="The prompt's text; - reads stdin.")],
    kind: Annotated[str, typer.Option(help="change, audit or ask.")] = "change",
    schema: Annotated[
        Path | None, typer.Option(help="Of an ask: the JSON Schema of its answer.")
    ] = None,
    description: Annotated[str, typer.Option(help="One line about it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Save a prompt as the next version of its name."""
    from codybatch.cli.context import opened
    from codybatch.cli.submit import draft_from

    draft = draft_from(file, kind, name).with_(
        description=description, answer_schema=_schema(schema) if schema else None
    )
    with opened() as application:
        saved = application.prompts.save(draft, application.person)
    if as_json:
        print_json(saved.model_dump(mode="json", by_alias=True))
    else:
        say(f"Saved {saved.ref}. Run it: codybatch submit {saved.name} -r OWNER/NAME")


@app.command("diff")
@guarded
def show_diff(
    name: Annotated[str, typer.Argument(help="The prompt's name.")],
    before: Annotated[int, typer.Argument(help="A version.")],
    after: Annotated[int, typer.Argument(help="Another version.")],
) -> None:
    """Show what changed in a prompt from one version to another."""
    from codybatch.cli.context import opened
    from codybatch.cli.results import print_diff

    with opened() as application:
        changed = application.prompts.diff(name, before, after)
    if changed:
        print_diff(changed.encode())
    else:
        say("The text is the same.")


def _schema(file: Path) -> dict[str, object]:
    import json

    from codybatch.domain.errors import UnsupportedSchema

    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnsupportedSchema(f"The schema {file} cannot be read: {error}.") from None
    if not isinstance(found, dict):
        raise UnsupportedSchema(f"The schema {file} is not a JSON object.")
    return found
