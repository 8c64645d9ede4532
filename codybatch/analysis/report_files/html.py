"""A report as one page that needs nothing else: no other host, no script."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.report.contents import Report
from codybatch.analysis.report_files.answer import head, setup_section
from codybatch.analysis.report_files.arms import health_section, metrics_section
from codybatch.analysis.report_files.cells_table import csv_of
from codybatch.analysis.report_files.closing import agreement_section, foot, methods_section
from codybatch.analysis.report_files.disagreements import Patches, Shown, disagreements_section
from codybatch.analysis.report_files.links import Links
from codybatch.analysis.report_files.matrix import listed_jobs, matrix_section
from codybatch.analysis.report_files.page import page
from codybatch.analysis.report_files.pictures import costs_section, differences_section
from codybatch.services.findings import Clean
from codybatch.services.plain_text import in_plain_sight

MOST_EMBEDDED = 150_000
"""Bytes of the cells as CSV that the page carries along."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a report is written.

    Args:
        patches: of the jobs whose diffs are shown; None for no diffs.
        workbench: its address, for links; empty where none is known.
        beside: the names of the files that stand beside the page.
    """

    patches: Patches | None = None
    workbench: str = ""
    beside: tuple[str, ...] = ()


def html_of(report: Report, clean: Clean, wanted: Wanted) -> bytes:
    """The page.

    Args:
        report: what it shows.
        clean: takes secrets out of a text.
        wanted: how.
    """
    listed = tuple(cell.job for cell in listed_jobs(report) if cell.job is not None)
    links = Links(wanted.workbench, listed)
    sections = (
        setup_section(report),
        health_section(report),
        differences_section(report),
        metrics_section(report),
        matrix_section(report, links),
        disagreements_section(report, Shown(links, wanted.patches, clean)),
        costs_section(report),
        agreement_section(report),
        methods_section(report),
    )
    end = foot(report, wanted.beside, _embedded(report, clean))
    written = page(f"{report.title or 'A comparison'} · Cody Batch", head(report), sections, end)
    # The second net: whatever part forgot it, nothing hides in the page.
    return in_plain_sight(written).encode()


def _embedded(report: Report, clean: Clean) -> Html:
    """The cells as a file that the page carries along, where it is small."""
    content = csv_of(report, clean)
    if len(content) > MOST_EMBEDDED:
        return joined()
    address = f"data:text/csv;charset=utf-8;base64,{base64.b64encode(content).decode()}"
    return tag("a", "All cells as CSV", href=address, download="cells.csv")
