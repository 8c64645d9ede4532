"""``codybatch experiments report``: what an experiment came to, as files to read and to pass on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import guarded
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codybatch.analysis.report_files.making import Writing
    from codybatch.composition import Application
    from codybatch.domain.experiments import Experiment
    from codybatch.services.report_site import Published

FOLDER = "codybatch-report"


@guarded
def report(
    experiment: Annotated[
        str, typer.Argument(metavar="EXPERIMENT", help="The experiment's name or id.")
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            *("--output", "-o"),
            metavar="PATH",
            help=f"A folder, or a file that ends in .zip; {FOLDER} unless it is published alone. "
            "An earlier report there is replaced.",
        ),
    ] = None,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="html, md, json, csv or parquet; repeat it, or use commas; all by default.",
        ),
    ] = None,
    no_diffs: Annotated[
        bool, typer.Option("--no-diffs", help="Leave out the patches where arms disagree.")
    ] = False,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish",
            help="Put it on the report site: of the cloud, or at /reports/ID/ of the workbench.",
        ),
    ] = False,
    workbench_url: Annotated[
        str,
        typer.Option(
            metavar="URL", help="The workbench's address, for links to diffs and conversations."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write what an experiment came to: a page that needs nothing else, and the same for programs.

    The page opens offline and without scripts, and prints. The same records give the same bytes.
    """
    from codybatch.cli.context import opened, opened_to_change

    writing = _writing(form or [], workbench_url, diffs=not no_diffs)
    with (opened_to_change if publish else opened)() as app:
        found = app.experiments.find(experiment)
        files = _files(app, found, writing)
        folder = output or (None if publish else Path(FOLDER))
        if folder is not None:
            _write(folder.absolute(), files)
        published = _publish(app, found, files) if publish else None
    if as_json:
        print_json(_told(found, files, folder, published))
    else:
        _say(files, folder, published)


def _writing(form: list[str], workbench: str, *, diffs: bool) -> Writing:
    try:
        from codybatch.analysis.report_files.links import workbench_url
        from codybatch.analysis.report_files.making import Format, Writing, formats_of
    except ModuleNotFoundError as error:
        if str(error.name).startswith("codybatch"):
            raise
        raise UsageError(
            f"Reports need {error.name}, which is not installed: pip install 'codybatch[analysis]'"
        ) from error
    try:
        formats = formats_of(form)
    except ValueError as error:
        raise UsageError(f"{error}; formats are {', '.join(Format)}.") from None
    return Writing(formats, diffs, workbench_url(workbench) if workbench else "")


def _files(app: Application, experiment: Experiment, writing: Writing) -> dict[str, bytes]:
    from codybatch.analysis.report_files.making import make_files, report_of

    found = report_of(app, experiment)
    if found.unfinished:
        hint(f"{found.unfinished} jobs are not finished or not judged: nothing is concluded yet.")
    return make_files(found, app.net.clean, app.store.blobs.get, writing)


def _write(target: Path, files: Mapping[str, bytes]) -> None:
    """Put all files in their place at once, with a manifest of their digests."""
    from codybatch.services.export.folder import ExportFolder
    from codybatch.services.report_site import with_manifest

    with ExportFolder(target, replace=True) as folder:
        for name, content in sorted(with_manifest(files).items()):
            with folder.file(name) as file:
                file.write(content)
        folder.publish()


def _publish(app: Application, experiment: Experiment, files: Mapping[str, bytes]) -> Published:
    from codybatch.backing import site_of
    from codybatch.services.report_site import publish

    return publish(experiment.id, files, app.store.blobs, site_of(app.settings))


def _told(
    experiment: Experiment,
    files: Mapping[str, bytes],
    folder: Path | None,
    published: Published | None,
) -> dict[str, object]:
    import hashlib

    return {
        "experiment": experiment.id,
        "folder": str(folder.absolute()) if folder else None,
        "address": published.address if published else None,
        "files": [
            {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        ],
    }


def _say(files: Mapping[str, bytes], folder: Path | None, published: Published | None) -> None:
    size = sum(map(len, files.values()))
    if folder is not None:
        say(f"{folder}: {', '.join(sorted(files))} ({size / 1e6:,.1f} MB)")
    if published is not None:
        say(f"Published: {published.address}")
        if published.address.startswith("file:"):
            place = "/".join(published.address.split("/")[-3:-1])
            hint(f"The workbench shows it at /{place}/.")
