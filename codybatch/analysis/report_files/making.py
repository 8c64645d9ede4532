"""A report as files: the same report gives the same bytes, on any machine and at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from codybatch.analysis.gathering.from_experiment import material_of
from codybatch.analysis.gathering.gather import gather
from codybatch.analysis.report.contents import Report
from codybatch.analysis.report_files.as_json import json_of
from codybatch.analysis.report_files.cells_table import csv_of, parquet_of
from codybatch.analysis.report_files.disagreements import Patches, shown_disagreements
from codybatch.analysis.report_files.html import Wanted, html_of
from codybatch.analysis.report_files.markdown import markdown_of
from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.experiments import Experiment
from codybatch.domain.identifiers import JobId
from codybatch.domain.threads import BlobRef
from codybatch.services.findings import Clean

MOST_PATCH = 2_000_000
"""Bytes of a patch that is shown in a report."""


class Format(StrEnum):
    """How a report is written."""

    HTML = "html"
    MARKDOWN = "md"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


NAMES: Mapping[Format, str] = {
    Format.HTML: "index.html",
    Format.MARKDOWN: "report.md",
    Format.JSON: "report.json",
    Format.CSV: "cells.csv",
    Format.PARQUET: "cells.parquet",
}
"""The file of each."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How a report is to be written.

    Args:
        formats: which files.
        diffs: whether the patches of disagreements are shown.
        workbench: its address, for links; empty where none is known.
    """

    formats: Sequence[Format] = tuple(Format)
    diffs: bool = True
    workbench: str = ""


def report_of(app: Application, experiment: Experiment) -> Report:
    """What an experiment came to.

    Args:
        app: where its jobs, verdicts and patches are.
        experiment: which one.
    """
    cells = app.experiments.cells.of(experiment)
    return gather(
        material_of(experiment, cells, app.store.records), app.net.clean, app.store.blobs.get
    )


def make_report(app: Application, experiment: Experiment, writing: Writing | None = None) -> bytes:
    """The report of an experiment as one page that needs nothing else.

    Args:
        app: where its jobs, verdicts and patches are.
        experiment: which one.
        writing: how; ``formats`` is not looked at.
    """
    chosen = writing or Writing()
    only = Writing((Format.HTML,), chosen.diffs, chosen.workbench)
    report = report_of(app, experiment)
    return make_files(report, app.net.clean, app.store.blobs.get, only)[NAMES[Format.HTML]]


def make_files(
    report: Report, clean: Clean, read: Callable[[BlobRef], bytes], writing: Writing
) -> dict[str, bytes]:
    """The files of a report, by name.

    Args:
        report: what is written.
        clean: takes secrets out of a text.
        read: reads a patch; one that cannot be read is named in its place.
        writing: how.
    """
    patches = read_patches(report, read) if writing.diffs else None
    formats = [one for one in Format if one in set(writing.formats)]
    beside = tuple(NAMES[one] for one in formats if one is not Format.HTML)
    made: dict[str, bytes] = {}
    for one in formats:
        made[NAMES[one]] = _written(one, report, clean, Wanted(patches, writing.workbench, beside))
    return made


def _written(form: Format, report: Report, clean: Clean, wanted: Wanted) -> bytes:
    if form is Format.HTML:
        return html_of(report, clean, wanted)
    if form is Format.MARKDOWN:
        return markdown_of(report, clean, wanted.patches)
    if form is Format.JSON:
        return json_of(report, clean)
    return csv_of(report, clean) if form is Format.CSV else parquet_of(report, clean)


def read_patches(report: Report, read: Callable[[BlobRef], bytes]) -> Patches:
    """The patches of the disagreements that are shown, or why one is not."""
    found: dict[JobId, bytes | str] = {}
    for one in shown_disagreements(report):
        for cell in (one.baseline, one.arm):
            if cell.job is None or cell.patch is None or cell.job in found:
                continue
            blob = cell.patch.blob
            if blob.size > MOST_PATCH:
                found[cell.job] = f"Its patch of {blob.size:,} bytes is too large to be shown here."
                continue
            try:
                found[cell.job] = read(blob)
            except CodyBatchError:
                found[cell.job] = "Its patch cannot be read."
    return found


def formats_of(words: Iterable[str]) -> tuple[Format, ...]:
    """The formats of these names, each once; all where none is named.

    Raises:
        ValueError: one is no format.
    """
    named = {Format(one.strip()) for word in words for one in word.split(",")}
    return tuple(one for one in Format if one in named or not named)
