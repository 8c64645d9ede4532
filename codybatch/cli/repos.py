"""``codybatch repos``: which repositories there are to choose from, and what one is made of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_facts, print_json, print_table, say
from codybatch.cli.run import ended_by_sigterm, guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.domain.selection import Filters, Selection, Source

app = typer.Typer(no_args_is_help=True, help="Repositories: choose them, look one over.")

MOST = 10_000
LEFT_OUT = "LEFT OUT"


@app.command("list")
@guarded
def list_repositories(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="OWNER/NAME[@REF]", help="Repositories by name or address."),
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Those that a file names, one a line; - reads standard input."
        ),
    ] = None,
    org: Annotated[
        list[str] | None, typer.Option(metavar="ORG", help="All of an organisation.")
    ] = None,
    user: Annotated[list[str] | None, typer.Option(metavar="USER", help="All of a user.")] = None,
    topic: Annotated[
        list[str] | None, typer.Option(metavar="TOPIC", help="All with a topic.")
    ] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="QUERY", help="What GitHub's search of repositories finds, in its own words."
        ),
    ] = None,
    code: Annotated[
        list[str] | None,
        typer.Option(metavar="QUERY", help="Those with a file that GitHub's search of code finds."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(metavar="LANGUAGE", help="Only with this main language; repeat it."),
    ] = None,
    min_size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Only at least so large: kilobytes, or 10MB."),
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Only at most so large: kilobytes, or 10MB."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--pushed-since", metavar="DAY", help="Only with a push since: 2026-01-31, 30d or 6w."
        ),
    ] = None,
    archived: Annotated[
        bool, typer.Option("--archived", help="Archived ones, too; no job can work there.")
    ] = False,
    forks: Annotated[bool, typer.Option("--forks", help="Forks, too.")] = False,
    owned: Annotated[
        bool | None,
        typer.Option("--owned/--not-owned", help="Only where we may push, or only where not."),
    ] = None,
    limit: Annotated[
        int,
        typer.Option(metavar="N", help="How many to look at, of each source.", min=1, max=MOST),
    ] = 1000,
    left_out: Annotated[
        bool, typer.Option("--left-out", help="Show those that are left out, too, and why.")
    ] = False,
    names_only: Annotated[
        bool, typer.Option("--names", help="Print owner/name alone, a line each, for a pipe.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the repositories that a request could work on, and say why others are left out.

    Every source can be repeated; a repository is listed once.
    """
    from codybatch.cli.context import opened_to_change

    if names_only and (as_json or left_out):
        raise UsageError("--names prints names alone: leave --json and --left-out out.")
    with opened_to_change() as application:
        sources = _sources(
            application,
            names=names or [],
            files=file or [],
            queries={
                "organisation": org or [],
                "user": user or [],
                "topic": topic or [],
                "search": search or [],
                "code": code or [],
            },
        )
        filters = _filters(
            application,
            languages=tuple(language or ()),
            sizes=(min_size, max_size),
            since=since,
            archived=archived,
            forks=forks,
            owned=owned,
        )
        with _telling() as tell:
            found = application.selections.select(sources, filters, limit, tell)
    if as_json:
        from codybatch.services.wire.others import SelectionShown

        print_json(SelectionShown.of(found).as_json())
    elif names_only:
        for facts in found.chosen:
            say(str(facts.repository))
        _summarise(found)
    else:
        _show(found, left_out=left_out)
        _summarise(found, more="" if left_out else " Show them: --left-out.")


def _sources(
    application: Application, *, names: list[str], files: list[Path], queries: dict[str, list[str]]
) -> list[Source]:
    from codybatch.domain.repositories import RepositoryRef
    from codybatch.domain.selection import Source, SourceKind
    from codybatch.services.selection import repositories_from_file

    host = application.settings.code_host_name
    named = [tuple(RepositoryRef.parse(name, host) for name in names)]
    named += [repositories_from_file(file, host) for file in files]
    sources = [Source(kind=SourceKind.NAMES, names=some) for some in named if some]
    for kind, asked in queries.items():
        sources += [Source(kind=SourceKind(kind), query=query) for query in asked]
    if not sources:
        raise UsageError(
            "Say where to look: name repositories, or give --file, --org, --user, --topic, "
            "--search or --code."
        )
    return sources


def _filters(
    application: Application,
    *,
    languages: tuple[str, ...],
    sizes: tuple[str | None, str | None],
    since: str | None,
    archived: bool,
    forks: bool,
    owned: bool | None,
) -> Filters:
    from codybatch.domain.selection import Filters
    from codybatch.services.moments import moment_of
    from codybatch.services.selection import kilobytes

    least, largest = (None if size is None else kilobytes(size) for size in sizes)
    return Filters(
        languages=languages,
        min_size_kb=least,
        max_size_kb=largest,
        pushed_since=moment_of(since, application.clock.now()) if since else None,
        archived=archived,
        forks=forks,
        owned=owned,
    )


def _show(found: Selection, *, left_out: bool) -> None:
    """Print what was chosen and, where it is asked for, the rest with its reasons: in a table of
    its own on a terminal, in the same columns in a pipe.
    """
    from codybatch.cli.repository_words import COLUMNS, WHY_NOT, left_out_row, row

    on_terminal = sys.stdout.isatty()
    rest = found.left_out if left_out else ()
    reason = ("",) if rest and not on_terminal else ()
    if found.chosen:
        print_table(COLUMNS, [(*row(facts), *reason) for facts in found.chosen])
    if rest and not on_terminal:
        print_table((*COLUMNS, WHY_NOT), map(left_out_row, rest))
    elif rest:
        say()
        print_table((LEFT_OUT, WHY_NOT), [(str(one.repository), one.detail) for one in rest])


def _summarise(found: Selection, *, more: str = "") -> None:
    """Say what it comes to beside the list, where it mixes with nothing that is piped on."""
    from codybatch.cli.repository_words import summary

    hint(summary(found) + (more if found.left_out else ""))
    if found.incomplete:
        hint(found.incomplete)


@app.command()
@guarded
def profile(
    repository: Annotated[
        str, typer.Argument(metavar="OWNER/NAME[@REF]", help="The repository, or its address.")
    ],
    as_json: AsJson = False,
) -> None:
    """Look one repository over: clone it for a moment, and show what a job would meet there.

    Exit status 1 where a job there would end at once.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.repository_words import profile_as_json, profile_facts
    from codybatch.domain.repositories import RepositoryRef

    with opened_to_change() as application, ended_by_sigterm():
        wanted = RepositoryRef.parse(repository, application.settings.code_host_name)
        with _telling() as tell:
            found = application.profiles.profile(wanted, tell)
        if as_json:
            print_json(profile_as_json(found, application.net))
        else:
            print_facts(profile_facts(found))
    if found.ends is not None:
        raise typer.Exit(1)


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Tells what is done now: in a line that goes on a terminal, in one that stays in a pipe."""
    from codybatch.cli.output import on_one_line

    if not sys.stderr.isatty():
        yield hint
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text("Asking …")) as status:
        yield lambda text: status.update(Text(on_one_line(text)))
