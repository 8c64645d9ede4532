"""The cells of a report as a table: a row for every repetition of every arm on every repository.

``CELLS`` documents each column; docs/reports.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from codybatch.analysis.frames.column import (
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    YES_OR_NO_IF_ANY,
    Column,
    Frame,
    amount,
)
from codybatch.analysis.report.cells import Cell
from codybatch.analysis.report.contents import Report
from codybatch.services.csv_text import csv_text
from codybatch.services.findings import Clean
from codybatch.services.plain_text import fit_to_show

CELLS: Frame[Cell] = Frame(
    "cells",
    "A repetition of an arm on a repository.",
    (
        Column("repository", TEXT, "Owner and name.", lambda cell: cell.repository),
        Column("arm", TEXT, "The arm's name.", lambda cell: cell.arm),
        Column("repetition", WHOLE, "From 1.", lambda cell: cell.repetition),
        Column(
            "outcome",
            TEXT,
            "accepted, rejected, error (nothing to judge), unjudged or missing (no result).",
            lambda cell: cell.outcome.value,
        ),
        Column("accepts", WHOLE, "Verdicts that accept.", lambda cell: cell.accepts),
        Column("rejects", WHOLE, "Verdicts that reject.", lambda cell: cell.rejects),
        Column(
            "is_disputed",
            YES_OR_NO,
            "As many raters accept as reject; then it counts as rejected.",
            lambda cell: cell.is_disputed,
        ),
        Column("rating", NUMBER, "Mean of its raters', 1 to 5.", lambda cell: cell.rating),
        Column(
            "reasons",
            TEXT,
            "That its raters gave, each once, with semicolons between.",
            lambda cell: "; ".join(sorted({one for v in cell.verdicts for one in v.reasons})),
            is_foreign=True,
        ),
        Column("job", TEXT, "The job's id; missing where there is none.", lambda cell: cell.job),
        Column("request", TEXT, "Its request's id.", lambda cell: cell.request),
        Column("commit", TEXT, "The pinned commit.", lambda cell: cell.commit),
        Column("state", TEXT, "The job's state.", lambda cell: cell.state and cell.state.value),
        Column(
            "ended_because",
            TEXT,
            "Why it ended.",
            lambda cell: cell.ended_because and cell.ended_because.value,
        ),
        Column(
            "ended_detail",
            TEXT,
            "What exactly was wrong.",
            lambda cell: cell.ended_detail or None,
            is_foreign=True,
            longest=500,
        ),
        Column(
            "title",
            TEXT,
            "The result in one line.",
            lambda cell: cell.title or None,
            is_foreign=True,
            longest=200,
        ),
        Column(
            "were_changes_necessary",
            YES_OR_NO_IF_ANY,
            "What the job said.",
            lambda cell: cell.were_changes_necessary,
        ),
        Column("files", WHOLE, "Files that it changes.", lambda cell: _of_patch(cell, "files")),
        Column("additions", WHOLE, "Lines added.", lambda cell: _of_patch(cell, "additions")),
        Column("deletions", WHOLE, "Lines removed.", lambda cell: _of_patch(cell, "deletions")),
        Column(
            "patch_sha256",
            TEXT,
            "Digest of its patch; missing where it changes nothing.",
            lambda cell: cell.patch and cell.patch.blob.sha256,
        ),
        Column(
            "applies",
            YES_OR_NO_IF_ANY,
            "Whether its patch was shown to apply to a fresh checkout.",
            lambda cell: cell.patch and cell.patch.applies,
        ),
        Column(
            "gate_findings", WHOLE, "What the gate found in its patch.", lambda cell: len(cell.gate)
        ),
        Column("findings", WHOLE, "Of an audit.", lambda cell: cell.findings),
        Column("cost_usd", NUMBER, "US dollars.", lambda cell: amount(cell.cost_usd)),
        Column("worked_seconds", NUMBER, "Waiting not counted.", lambda cell: cell.seconds),
        Column("turns", WHOLE, "Replies of the model.", lambda cell: cell.turns),
        Column("input_tokens", WHOLE, "Read fresh.", lambda cell: cell.input_tokens),
        Column("cached_tokens", WHOLE, "Read from the cache.", lambda cell: cell.cached_tokens),
        Column("output_tokens", WHOLE, "Written.", lambda cell: cell.output_tokens),
        Column(
            "pull_request",
            TEXT,
            "Address of its pull request.",
            lambda cell: cell.pull_request,
            is_foreign=True,
        ),
    ),
)


def _of_patch(cell: Cell, figure: str) -> int:
    return int(getattr(cell.patch, figure)) if cell.patch else 0


def csv_of(report: Report, clean: Clean) -> bytes:
    """The cells as CSV (UTF-8, RFC 4180), in the order of the matrix."""
    cells = report.cells()
    columns = [_values(column, cells, clean) for column in CELLS.columns]
    return csv_text([column.name for column in CELLS.columns], zip(*columns, strict=True)).encode(
        "utf-8", "backslashreplace"
    )


def parquet_of(report: Report, clean: Clean) -> bytes:
    """The cells as Parquet, in the order of the matrix, with their types."""
    out = BytesIO()
    CELLS.filled([report.cells()], clean).to_parquet(out, engine="pyarrow", index=False)
    return out.getvalue()


def _values(column: Column[Cell], cells: Iterable[Cell], clean: Clean) -> list[Any]:
    values = list(map(column.of, cells))
    if not column.is_foreign:
        return values
    texts = sorted({value for value in values if value})
    shown = dict(zip(texts, fit_to_show(texts, clean), strict=True))
    return [shown[value][: column.longest] if value else value for value in values]
