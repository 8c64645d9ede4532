"""``codybatch export``: requests with all that came of them, as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from enum import StrEnum

    from codybatch.composition import Application
    from codybatch.services.export import Exporter, Manifest

    Word = TypeVar("Word", bound=StrEnum)

ALL = "all"


@guarded
def export(
    requests: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REQUEST_ID]...", help="Ids of requests.", show_default=False),
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(metavar="NAME", help="All requests of this prompt.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="All requests since: 2026-01-31, 30d or 6w."),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            *("--output", "-o"), metavar="PATH", help="A new folder, or a file that ends in .zip."
        ),
    ] = Path("codybatch-export"),
    include: Annotated[
        list[str],
        typer.Option(
            metavar="PART",
            help="jobs, patches, threads, findings, verdicts or all; repeat it, or use commas.",
        ),
    ] = [ALL],  # noqa: B006 - typer's way
    thread_format: Annotated[
        list[str],
        typer.Option(
            metavar="FORMAT",
            help="jsonl, md, traj (mini-swe-agent's) or all; repeat it, or use commas.",
        ),
    ] = ["jsonl"],  # noqa: B006
    with_secrets: Annotated[
        bool,
        typer.Option(
            "--with-secrets", help="Take patches along that hold what looks like a secret."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write requests with their jobs, patches, conversations, findings and verdicts to files.

    A manifest names each file with its digest. The export comes to be whole or not at all; secrets
    are taken out of everything but patches, which stay byte for byte, and are left out where they
    hold one.
    """
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import request_id
    from codybatch.services.export import Part, ThreadFormat, Wanted
    from codybatch.services.moments import moment_of

    parts = frozenset(_chosen(Part, include, "part of an export"))
    formats = _chosen(ThreadFormat, thread_format, "format of a thread")
    named = tuple(request_id(one) for one in requests or ())
    if bool(named) is (prompt is not None or since is not None):
        raise UsageError("Name requests by their ids, or choose them by --prompt and --since.")
    with opened() as app:
        exporter = exporter_of(app)
        moment = moment_of(since, app.clock.now()) if since else None
        chosen = named or exporter.choose(prompt, moment)
        wanted = Wanted(chosen, parts, formats, with_secrets)
        manifest = exporter.export(wanted, output.absolute(), _told, replace=force)
    if as_json:
        print_json(manifest.model_dump(mode="json", by_alias=True))
    else:
        _print(manifest, output)


def _chosen(words: type[Word], given: Sequence[str], what: str) -> tuple[Word, ...]:
    """The words that were given, each once, in their own order."""
    named = [one.strip() for text in given for one in text.split(",")]
    for one in named:
        if one not in {ALL, *words}:
            raise UsageError(f"{one!r} is no {what}: {', '.join(words)} or {ALL}.")
    return tuple(word for word in words if ALL in named or word in named)


def exporter_of(app: Application) -> Exporter:
    """What writes exports of this application."""
    from importlib.metadata import version

    from codybatch.services.export import Exporter
    from codybatch.services.wire.jobs import JobShown
    from codybatch.services.wire.requests import RequestShown

    return Exporter(
        records=app.store.records,
        jobs=app.jobs,
        clock=app.clock,
        clean=app.net.clean,
        describe_request=lambda request: RequestShown.of(request).as_json(),
        describe_job=lambda job: JobShown.of(job).as_json(),
        server_url=app.settings.github_server_url,
        release=version("codybatch"),
    )


def _told(done: int, of: int, request: str) -> None:
    if of > 1:
        hint(f"{done + 1} of {of}: {request}")


def _print(manifest: Manifest, output: Path) -> None:
    from codybatch.services.wording import counted

    size = sum(file.size for file in manifest.files)
    say(
        f"{output}: {counted(len(manifest.requests), 'request')}, "
        f"{counted(manifest.jobs, 'job')}, {counted(len(manifest.files), 'file')}, "
        f"{size / 1e6:,.1f} MB."
    )
    for one in manifest.left_out:
        hint(f"Left out: {one.path}: {one.why}")
