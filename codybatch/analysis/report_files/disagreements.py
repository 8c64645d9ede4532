"""Where an arm did otherwise than the baseline: both patches, with what raters said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.report.cells import Cell, Disagreement, Standing
from codybatch.analysis.report.contents import AgainstBaseline, Report
from codybatch.analysis.report_files.links import Links
from codybatch.analysis.report_files.page import Section, badge, fit, fold, link, paragraphs
from codybatch.analysis.report_files.side_by_side import Side, side_by_side
from codybatch.analysis.report_files.words import outcome_of
from codybatch.domain.findings import Verdict
from codybatch.domain.identifiers import JobId
from codybatch.services.findings import Clean
from codybatch.services.wording import counted

MOST_OF_ARM = 40
"""Disagreements of one arm that are shown; the matrix has all."""
MOST_OF_ALL = 160
"""Of all arms together, as long as each has ``LEAST_OF_ARM``."""
LEAST_OF_ARM = 5
MOST_DIFFS = 120
"""Pairs of patches in one report."""
MOST_COMMENT = 1_500
MOST_VERDICTS = 6
_TONES = {Standing.REGRESSED: "bad", Standing.IMPROVED: "good"}

Patches = Mapping[JobId, bytes | str]
"""The patch of a job; or why it is not shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What disagreements are shown with."""

    links: Links
    patches: Patches | None
    """None where diffs are left out."""
    clean: Clean


def shown_disagreements(report: Report) -> list[Disagreement]:
    """Those whose patches are shown: of each arm the worst and the best, all arms in turn."""
    most = most_of_arm(report)
    found = [one.disagreements[:most] for one in report.against_baseline]
    longest = max((len(one) for one in found), default=0)
    turns = (one[place] for place in range(longest) for one in found if place < len(one))
    return list(turns)[:MOST_DIFFS]


def most_of_arm(report: Report) -> int:
    """How many disagreements of each arm are shown."""
    share = MOST_OF_ALL // max(1, len(report.against_baseline))
    return max(LEAST_OF_ARM, min(MOST_OF_ARM, share))


_NONE = "No arm did otherwise than the baseline on any repository."
_UNKNOWN = (
    "Where arms disagree is not known yet: in what is finished and judged, no arm did otherwise "
    "than the baseline."
)


def disagreements_section(report: Report, shown: Shown) -> Section:
    """All of them, regressions first."""
    parts = [_of_arm(one, report, shown) for one in report.against_baseline]
    if not any(one.disagreements for one in report.against_baseline):
        parts = [paragraphs([_UNKNOWN if report.unfinished else _NONE])]
    return Section("disagreements", "Where they disagree", joined(*parts))


def _of_arm(one: AgainstBaseline, report: Report, shown: Shown) -> Html:
    baseline = report.setup.baseline
    counts = ", ".join(
        (
            f"{len(one.improved)} improved",
            f"{len(one.regressed)} regressed",
            f"{len(one.equal)} equal",
            f"{len(one.not_compared)} not compared",
        )
    )
    told = [_disagreement(each, shown) for each in one.disagreements[: most_of_arm(report)]]
    left = len(one.disagreements) - len(told)
    more = [f"{counted(left, 'disagreement')} more: the matrix has all."] if left else []
    return joined(
        tag("h3", fit(f"{one.arm} against {baseline}")),
        tag("p", f"Of {counted(_count(one), 'repository', 'repositories')}: {counts}."),
        *told,
        paragraphs(more, "quiet"),
    )


def _count(one: AgainstBaseline) -> int:
    return sum(map(len, (one.improved, one.regressed, one.equal, one.not_compared)))


def _disagreement(one: Disagreement, shown: Shown) -> Html:
    summary = joined(
        badge(one.standing.value, _TONES.get(one.standing, "")),
        " ",
        tag("strong", fit(one.repository)),
        tag("span", fit(f" {_told(one.baseline)}; {_told(one.arm)}"), class_="quiet"),
    )
    pair = tag("div", *(_judged(cell, shown) for cell in (one.baseline, one.arm)), class_="pair")
    return fold(summary, pair, *_diffs(one, shown))


def _told(cell: Cell) -> str:
    rating = f", rated {cell.rating:.2g}" if cell.rating is not None else ""
    return f"{cell.arm}: {outcome_of(cell)}{rating}"


def _judged(cell: Cell, shown: Shown) -> Html:
    parts: list[Html] = [tag("p", tag("strong", fit(cell.arm)), f" repetition {cell.repetition}")]
    if cell.title:
        parts.append(tag("p", fit(cell.title)))
    if cell.ended_detail:
        parts.append(tag("p", fit(cell.ended_detail[:MOST_COMMENT]), class_="quiet"))
    parts += [_verdict(one, shown.clean) for one in cell.verdicts[:MOST_VERDICTS]]
    left = len(cell.verdicts) - MOST_VERDICTS
    if left > 0:
        parts.append(tag("p", f"{counted(left, 'verdict')} more.", class_="quiet"))
    parts.append(tag("p", *_to_read(cell, shown.links), class_="quiet"))
    return tag("div", *parts)


def _verdict(one: Verdict, clean: Clean) -> Html:
    rating = f", {one.rating} of 5" if one.rating is not None else ""
    blind = ", blind" if one.blind else ""
    reasons = f": {', '.join(one.reasons)}" if one.reasons else ""
    head = tag("p", fit(clean(f"{one.rater} {_DECIDED[one.decision]}{rating}{blind}{reasons}")))
    if not one.comment:
        return head
    comment = clean(one.comment)
    cut = f"{comment[:MOST_COMMENT]} …" if len(comment) > MOST_COMMENT else comment
    return joined(head, tag("blockquote", fit(cut)))


_DECIDED = {"accept": "accepts", "reject": "rejects"}


def _to_read(cell: Cell, links: Links) -> Iterator[Html]:
    if cell.job is None:
        yield joined("There is no job.")
        return
    if links.workbench:
        yield link("Diff", links.diff(cell.job))
        yield joined(" · ")
        yield link("Conversation", links.conversation(cell.job))
        yield joined(" · ")
        yield tag("code", cell.job)
    else:
        yield tag("code", f"codybatch jobs diff {cell.job}")
        yield joined(" · ")
        yield tag("code", f"codybatch jobs thread {cell.job}")


def _diffs(one: Disagreement, shown: Shown) -> Iterator[Html]:
    if shown.patches is None:
        return
    sides = [_side(cell, shown.patches) for cell in (one.baseline, one.arm)]
    if any(side is None for side in sides):
        yield tag("p", "Their patches are not shown here, to keep this file small.", class_="quiet")
        return
    left, right = sides
    if left and right:
        yield side_by_side(left, right, shown.clean)


def _side(cell: Cell, patches: Patches) -> Side | None:
    """A patch to show; None where it was left out."""
    if cell.job is None:
        return Side(fit(cell.arm), None, "There is no job.")
    if cell.patch is None:
        return Side(fit(cell.arm), None, "Changes nothing.")
    found = patches.get(cell.job)
    if found is None:
        return None
    if isinstance(found, str):
        return Side(fit(cell.arm), None, found)
    return Side(fit(cell.arm), found)
