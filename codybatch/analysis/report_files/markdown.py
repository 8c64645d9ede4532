"""A report as Markdown: what others wrote stands in code or is escaped, and stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from codybatch.analysis.report.cells import ArmCells, Cell, Disagreement
from codybatch.analysis.report.contents import AgainstBaseline, Report
from codybatch.analysis.report_files.answer import prompt_diff, standing
from codybatch.analysis.report_files.arms import (
    COMPARED,
    HEALTH,
    METRIC_COLUMNS,
    comparison_row,
    failure_rows,
    health_row,
    metric_row,
)
from codybatch.analysis.report_files.closing import (
    ALIKE,
    alike_row,
    pair_sentences,
    rater_sentences,
)
from codybatch.analysis.report_files.disagreements import Patches, most_of_arm
from codybatch.analysis.report_files.side_by_side import more_lines, text_of
from codybatch.analysis.report_files.words import (
    METRICS,
    NOTHING,
    moment,
    newest,
    outcome_of,
    sign_of,
    signs_explained,
    value_of,
)
from codybatch.domain.experiments import Metric
from codybatch.services.export.markdown import fenced, plain
from codybatch.services.findings import Clean
from codybatch.services.wording import counted

LINES_OF_PATCH = 60
MOST_ROWS = 500
_TAG = re.compile(r"<[^>]*>")


def markdown_of(report: Report, clean: Clean, patches: Patches | None = None) -> bytes:
    """The report.

    Args:
        report: what is written.
        clean: takes secrets out of a text.
        patches: of the jobs whose diffs are shown; None for no diffs.
    """
    parts = (
        *_head(report),
        *_setup(report),
        *_numbers(report),
        *_matrix(report),
        *_disagreements(report, clean, patches),
        *_closing(report),
    )
    return "\n".join(parts).encode("utf-8", "backslashreplace")


def _head(report: Report) -> Iterator[str]:
    yield f"# {plain(report.title or 'A comparison')}\n"
    if report.question:
        yield f"{plain(report.question)}\n"
    yield f"**{plain(standing(report))}: {plain(report.upshot.sentence)}**\n"
    yield from (f"- {plain(one)}" for one in (*report.upshot.reasons, *report.upshot.would_settle))
    if report.cautions:
        yield "\nTo be careful about:\n"
        yield from (f"- {plain(one)}" for one in report.cautions)
    yield ""


def _setup(report: Report) -> Iterator[str]:
    setup = report.setup
    yield "## Set-up\n"
    yield (
        f"Decided by {METRICS[setup.metric]}; {counted(setup.repetitions, 'repetition')} on "
        f"{counted(len(setup.repositories), 'repository', 'repositories')}; results up to "
        f"{moment(newest(report))}.\n"
    )
    if setup.changes:
        yield "\n".join((*(f"- {plain(one)}" for one in setup.changes), ""))
    yield from _table(
        ("Arm", "Prompt", "Model", "Baseline"),
        (
            (one.name, f"{one.prompt}@{one.version}", one.model, "yes" if one.is_baseline else "")
            for one in setup.arms
        ),
    )
    yield from _table(
        ("Repository", "Commit", "Changes necessary"),
        (
            (
                one.repository,
                ", ".join(commit[:12] for commit in one.commits),
                {True: "yes", False: "no", None: NOTHING}[one.changes_necessary],
            )
            for one in setup.repositories
        ),
    )
    baseline = setup.arms[0]
    yield f"Prompt of {plain(baseline.name)}:\n\n{fenced(baseline.text)}"
    for arm in setup.arms[1:]:
        if arm.text != baseline.text:
            lines = "\n".join(prompt_diff(baseline, arm))
            yield f"Prompt of {plain(arm.name)} against it:\n\n{fenced(lines)}"


def _numbers(report: Report) -> Iterator[str]:
    yield "## Jobs and failures\n"
    yield from _table(HEALTH, map(health_row, report.arms))
    failures = list(failure_rows(report))
    if failures:
        yield from _table(("Cause", "Arm", "Jobs", "What it means"), failures)
    yield "## Numbers\n"
    yield from _table(METRIC_COLUMNS, map(metric_row, report.arms))
    for one in report.against_baseline:
        yield f"### {plain(f'{one.arm} against {report.setup.baseline}')}\n"
        rows = (map(_without_tags, comparison_row(each)) for each in one.comparisons)
        yield from _table(COMPARED, (tuple(row) for row in rows))
        yield from (f"- {plain(each.sentence)}" for each in one.comparisons)
        yield ""


def _without_tags(cell: str) -> str:
    """A badge's word alone; our own HTML, so that this is enough."""
    return _TAG.sub("", cell)


def _matrix(report: Report) -> Iterator[str]:
    yield "## Every repetition\n"
    key = "; ".join(" ".join(one) for one in signs_explained())
    yield f"{key}\n"
    names = [one.name for one in report.setup.arms]
    shown = report.matrix[:MOST_ROWS]
    rows = (
        (row.repository, *(_signs(one, report.setup.metric) for one in row.arms)) for row in shown
    )
    yield from _table(("Repository", *names), rows)
    if len(report.matrix) > len(shown):
        left = len(report.matrix) - len(shown)
        yield f"{counted(left, 'repository', 'repositories')} more stand in the file of cells.\n"


def _signs(one: ArmCells, metric: Metric) -> str:
    signs = " ".join(map(sign_of, one.cells)) or NOTHING
    value = "" if metric is Metric.ACCEPTED else f" {value_of(one.value, metric)}"
    told = {"improved": " (improved)", "regressed": " (regressed)"}
    return f"{signs}{value}{told.get(one.standing or '', '')}"


def _disagreements(report: Report, clean: Clean, patches: Patches | None) -> Iterator[str]:
    yield "## Where they disagree\n"
    for one in report.against_baseline:
        yield f"### {plain(f'{one.arm} against {report.setup.baseline}')}: disagreements\n"
        yield f"{_counts(one)}\n"
        for each in one.disagreements[: most_of_arm(report)]:
            yield from _disagreement(each, clean, patches)


def _counts(one: AgainstBaseline) -> str:
    return (
        f"{len(one.improved)} improved, {len(one.regressed)} regressed, {len(one.equal)} equal, "
        f"{len(one.not_compared)} not compared."
    )


def _disagreement(one: Disagreement, clean: Clean, patches: Patches | None) -> Iterator[str]:
    yield f"#### {one.standing.value}: {plain(one.repository)}\n"
    for cell in (one.baseline, one.arm):
        rating = f", rated {cell.rating:.2g}" if cell.rating is not None else ""
        yield f"- {plain(cell.arm)}: {outcome_of(cell)}{rating}; job `{cell.job}`"
        for verdict in cell.verdicts:
            reasons = ", ".join(verdict.reasons)
            said = clean(": ".join(part for part in (reasons, verdict.comment) if part))
            if said:
                yield f"  - {plain(verdict.rater)}: {plain(said)[:500]}"
    yield ""
    if patches is not None:
        for cell in (one.baseline, one.arm):
            yield from _patch(cell, clean, patches)


def _patch(cell: Cell, clean: Clean, patches: Patches) -> Iterator[str]:
    found = patches.get(cell.job) if cell.job else None
    if isinstance(found, bytes):
        text, left = text_of(found, LINES_OF_PATCH, clean)
        more = f"\n{more_lines(left)}\n" if left else ""
        yield f"{plain(cell.arm)}:\n\n{fenced(text)}{more}"


def _closing(report: Report) -> Iterator[str]:
    yield "## Agreement\n"
    yield from (plain(one) + "\n" for one in rater_sentences(report.raters))
    yield from (f"- {plain(one)}" for one in pair_sentences(report.raters))
    yield ""
    yield from _table(ALIKE, map(alike_row, report.arms))
    yield "## How it was computed\n"
    yield from (f"- {plain(one)}" for one in report.methods)
    yield "\nWhat it does not show:\n"
    yield from (f"- {plain(one)}" for one in report.limits)
    made = plain(report.setup.program)
    yield f"\nCody Batch {made}; content `sha256:{report.setup.content_hash}`\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(map(plain, headings))} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"
    yield ""
