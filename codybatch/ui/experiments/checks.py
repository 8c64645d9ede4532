"""What can be said of each arm's results without anybody's opinion, as a table."""

from __future__ import annotations

from codybatch.analysis.report.arms import ArmSummary
from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.wilson import Share
from codybatch.domain.unsaid import CannotBeSaid
from codybatch.ui.experiments.numbers import UNKNOWN
from codybatch.ui.plain_text import Clean, shown_on_one_line

HEADINGS = (
    *("Arm", "Does not apply", "Gate found", "Repeats: same files", "Repeats: same lines"),
    *("Says the same", "Precision", "Recall", "Reference: files", "Reference: places"),
)
EXPLAINED = (
    "Repeats: how alike two repetitions on one repository are, and how often they say the same of "
    "whether changes are necessary. Precision and recall: against what you know of that. "
    "Reference: the part of the reference patch that is touched."
)


def check_rows(report: Report, clean: Clean) -> tuple[tuple[str, ...], ...]:
    """A row for each arm.

    Args:
        report: what it is made of.
        clean: takes secrets out of names.
    """
    return tuple((shown_on_one_line(arm.arm, clean), *_cells(arm)) for arm in report.arms)


def _cells(arm: ArmSummary) -> tuple[str, ...]:
    repeats, necessity, hits = arm.repeats, arm.necessity, arm.hits
    return (
        str(arm.does_not_apply),
        str(arm.gate_findings),
        UNKNOWN if isinstance(repeats, CannotBeSaid) else _part(repeats.same_files),
        UNKNOWN if isinstance(repeats, CannotBeSaid) else _part(repeats.lines),
        _share(arm.steadiness),
        UNKNOWN if isinstance(necessity, CannotBeSaid) else _share(necessity.precision),
        UNKNOWN if isinstance(necessity, CannotBeSaid) else _share(necessity.recall),
        UNKNOWN if isinstance(hits, CannotBeSaid) else _part(hits.files),
        UNKNOWN if isinstance(hits, CannotBeSaid) else _part(hits.hunks),
    )


def _part(part: float | CannotBeSaid) -> str:
    return UNKNOWN if isinstance(part, CannotBeSaid) else f"{100 * part:.0f} %"


def _share(share: Share | CannotBeSaid) -> str:
    return UNKNOWN if isinstance(share, CannotBeSaid) else f"{100 * share.value:.0f} %"
