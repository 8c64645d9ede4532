"""``codybatch prompts``: list, show, save, lint, preview, try, duplicate, archive and so on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli import completion
from codybatch.cli.listing import AsJson, Cursor, Limit
from codybatch.cli.options import Schema
from codybatch.cli.output import hint, page_of, print_facts, print_json, print_table, say
from codybatch.cli.prompt_lint import lint, say_hints
from codybatch.cli.prompt_preview import preview
from codybatch.cli.prompt_try import try_out
from codybatch.cli.run import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codybatch.domain.prompts import PromptVersion, Variable
    from codybatch.services.rejections import RejectedPrompt

_NONE_YET = "No prompts yet. Save one: codybatch prompts save NAME --file FILE"
_JOBS_SHOWN = 3
"""Jobs that are named for one reason."""

app = typer.Typer(no_args_is_help=True, help="Prompts: named text; every save is a new version.")


@app.command("list")
@guarded
def list_prompts(
    archived: Annotated[
        bool, typer.Option("--archived", help="Those that are archived, in place of the others.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_json: AsJson = False,
) -> None:
    """List the latest version of every prompt that is not archived."""
    from codybatch.cli.context import opened
    from codybatch.ports import PageRequest

    with opened() as application:
        page = PageRequest(limit=limit, cursor=cursor)
        found = application.prompts.latest(page, archived=archived)
    if as_json:
        items = [one.model_dump(mode="json", by_alias=True) for one in found.items]
        print_json(page_of(items, found.cursor))
        return
    if not found.items:
        say("No prompt is archived." if archived else _NONE_YET)
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
    """Show one version of a prompt, and why jobs of its versions were rejected.

    The reasons are those of the verdicts on the prompt's newest 200 jobs.
    """
    from codybatch.cli.context import opened
    from codybatch.services.rejections import Rejections

    with opened() as application:
        found = application.prompts.find(prompt)
        is_archived = application.prompts.is_archived(found.name)
        rejected = None if as_json else Rejections(application.store.records).of_prompt(found.name)
    if as_json:
        print_json(found.model_dump(mode="json", by_alias=True))
        return
    print_facts(
        {
            "Prompt": str(found.ref),
            "Kind": found.kind.value,
            "Saved": f"{found.created_at:%Y-%m-%d %H:%M} UTC by {found.created_by}",
            "Archived": f"codybatch prompts unarchive {found.name}" if is_archived else "",
            "About": found.description,
            "Variables": "\n".join(_variable(one) for one in found.declared()) or "none",
        }
    )
    say()
    say(found.template)
    if rejected is not None and rejected.versions:
        _show_rejected(found.name, rejected)


def _show_rejected(name: str, rejected: RejectedPrompt) -> None:
    from codybatch.services.rejections import scope_in_words

    say()
    say(" ".join(("Rejected because:", scope_in_words(rejected))).rstrip())
    rows = [
        (f"{name}@{version.version}", str(reason.count), reason.words, _some(reason.jobs))
        for version in rejected.versions
        for reason in version.reasons
    ]
    print_table(("VERSION", "VERDICTS", "REASON", "JOBS"), rows)


def _some(jobs: Sequence[str]) -> str:
    more = len(jobs) - _JOBS_SHOWN
    return " ".join(jobs[:_JOBS_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _variable(variable: Variable) -> str:
    takes = ", ".join(variable.choices) or variable.type.value
    default = "" if variable.default is None else f"; {variable.default!r} where nothing is said"
    about = f": {variable.description}" if variable.description else ""
    return f"{variable.name} ({takes}{default}){about}"


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
    kind: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            autocompletion=completion.kinds,
            help="change (the default), audit or ask; else the file's.",
        ),
    ] = None,
    schema: Schema = None,
    description: Annotated[str, typer.Option(metavar="TEXT", help="One line about it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Save a prompt as the next version of its name.

    A file may begin with a head in TOML between two lines `+++`: `kind`, `description`, and a table
    `[variables.NAME]` for each variable, with `type` (text, number, boolean or choice), `choices`,
    `default` and `description`.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.form import draft_from

    with opened_to_change() as application:
        draft = draft_from(file, name=name, kind=kind, schema=schema, description=description)
        saved = application.prompts.save(draft, application.person)
    _say_saved(saved, as_json=as_json)
    say_hints(saved)


app.command("lint")(lint)
app.command("preview")(preview)
app.command("try")(try_out)


def _say_saved(saved: PromptVersion, *, as_json: bool) -> None:
    if as_json:
        print_json(saved.model_dump(mode="json", by_alias=True))
    else:
        say(f"Saved {saved.ref}. Run it: codybatch submit {saved.name} -r OWNER/NAME")


@app.command()
@guarded
def duplicate(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="NAME or NAME@3.")],
    name: Annotated[
        str, typer.Argument(metavar="NEW-NAME", help="Lowercase letters, digits and dashes.")
    ],
    as_json: AsJson = False,
) -> None:
    """Save a prompt's text as the first version of a new name."""
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        saved = application.prompts.duplicate(prompt, name, application.person)
    _say_saved(saved, as_json=as_json)


Name = Annotated[str, typer.Argument(metavar="NAME", help="The prompt's name.")]


@app.command()
@guarded
def archive(name: Name) -> None:
    """Offer a prompt no longer: it leaves the list, and nothing new is submitted with it.

    What it made stays as it is, and can be retried and followed up.
    """
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        changed = application.prompts.archive(name)
    back = f"Take it up again: codybatch prompts unarchive {name}"
    say(f"Archived {name}. {back}" if changed else f"{name} is archived already. {back}")


@app.command()
@guarded
def unarchive(name: Name) -> None:
    """Offer an archived prompt again."""
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        changed = application.prompts.unarchive(name)
    run = f"Run it: codybatch submit {name} -r OWNER/NAME"
    say(f"{name} is offered again. {run}" if changed else f"{name} is not archived. {run}")


@app.command()
@guarded
def starters(
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Save this one in the library.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List prompts to begin with, or save one of them."""
    from codybatch.cli.context import opened_to_change
    from codybatch.services.starters import starter_named
    from codybatch.services.starters import starters as all_starters

    if save is None:
        offered = all_starters()
        if as_json:
            print_json([one.model_dump(mode="json", by_alias=True) for one in offered])
            return
        print_table(
            ("NAME", "KIND", "TEXT"), [(one.name, one.kind, one.description) for one in offered]
        )
        hint("Save one: codybatch prompts starters --save NAME")
        return
    draft = starter_named(save)
    with opened_to_change() as application:
        _say_saved(application.prompts.save(draft, application.person), as_json=as_json)


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
