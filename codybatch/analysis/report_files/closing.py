"""The last parts of a report: how far raters and repetitions agree, and how it was worked out."""

from __future__ import annotations

from collections.abc import Iterator

from codybatch.analysis.agreement import measures_in_sentences
from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.report.arms import ArmSummary
from codybatch.analysis.report.contents import RaterAgreement, Report
from codybatch.analysis.report_files.page import Section, fit, paragraphs, table
from codybatch.analysis.report_files.words import NOTHING, moment, newest, percent, said
from codybatch.analysis.statistics.sentences import of_kappa
from codybatch.services.wording import counted

PAIRS = ("Raters", "Jobs that both judged", "Accept or reject", "Ratings")
ALIKE = (
    "Arm",
    "Same files",
    "Lines in common",
    "Say the same of necessity",
    "Files of the reference",
    "Places of the reference",
    "Gate found something",
    "Does not apply",
)
MOST_PAIRS = 45


def agreement_section(report: Report) -> Section:
    """How far raters agree with each other, and repetitions with each other."""
    raters = report.raters
    pairs = table("Pairs of raters: Cohen's kappa", PAIRS, _pairs(raters), range(1, 4))
    alike = table(
        "How far the repetitions of each arm agree, and what they touch of a reference patch",
        ALIKE, map(alike_row, report.arms), range(1, 8),
    )  # fmt: skip
    told = paragraphs(rater_sentences(raters))
    return Section(
        "agreement", "Agreement", joined(told, *([pairs] if raters.pairs else ()), alike)
    )


def rater_sentences(raters: RaterAgreement) -> Iterator[str]:
    """How far raters agree, in words."""
    if not raters.verdicts:
        yield "Nobody has judged a job."
        return
    halves = f", tied on {raters.disputed:,} of these"
    tied = halves if raters.differ and len(raters.raters) > 2 else ""
    yield (
        f"{counted(len(raters.raters), 'rater')} gave {counted(raters.verdicts, 'verdict')} on "
        f"{counted(raters.judged, 'job')}, {raters.blind:,} of them blind; "
        f"{counted(raters.by_several, 'job')} judged by two or more, who disagree on "
        f"{raters.differ:,}{tied}."
    )
    if raters.by_several:
        yield from measures_in_sentences(raters.decisions, raters.ratings, repeats=raters.repeats)


def _pairs(raters: RaterAgreement) -> Iterator[tuple[str, ...]]:
    for one in raters.pairs[:MOST_PAIRS]:
        decisions, ratings = said(one.decisions), said(one.ratings)
        yield (
            f"{one.one}, {one.other}",
            f"{one.both:,}",
            f"{decisions.value:.2f}" if decisions else NOTHING,
            f"{ratings.value:.2f}" if ratings else NOTHING,
        )


def pair_sentences(raters: RaterAgreement) -> Iterator[str]:
    """How far each two raters agree, in words."""
    for one in raters.pairs[:MOST_PAIRS]:
        yield f"{one.one} and {one.other}: {of_kappa(one.decisions)}"


def alike_row(arm: ArmSummary) -> tuple[str, ...]:
    """How far an arm's repetitions agree."""
    repeats, steady, hits = said(arm.repeats), said(arm.steadiness), said(arm.hits)
    lines = said(repeats.lines) if repeats else None
    files = said(hits.files) if hits else None
    hunks = said(hits.hunks) if hits else None
    return (
        arm.arm,
        percent(repeats.same_files) if repeats else NOTHING,
        NOTHING if lines is None else percent(lines),
        percent(steady.value) if steady else NOTHING,
        NOTHING if files is None else percent(files),
        NOTHING if hunks is None else percent(hunks),
        f"{arm.gate_findings:,}",
        f"{arm.does_not_apply:,}",
    )


def methods_section(report: Report) -> Section:
    """How it was computed, and what it does not show."""
    setup = report.setup
    until = moment(newest(report))
    begin = f"Made by Cody Batch {setup.program} from what was recorded up to {until}"
    made = [f"{begin}; the same records give the same bytes."]
    if setup.price_tables:
        made.append(f"Prices: {', '.join(setup.price_tables)}.")
    body = joined(
        paragraphs(report.methods),
        tag("h3", "What it does not show", id="limits"),
        paragraphs(report.limits),
        tag("h3", "Where it comes from", id="source"),
        paragraphs(made),
        tag("p", "Content: ", tag("code", f"sha256:{setup.content_hash}")),
    )
    return Section("methods", "How it was computed", body)


def foot(report: Report, files: Iterator[str] | tuple[str, ...], embedded: Html) -> Html:
    """What stands below, with the files that belong to the page."""
    named = ", ".join(files)
    beside = f"Beside this page: {named}. " if named else ""
    return joined(
        tag("p", f"{beside}", embedded, class_="quiet"),
        tag("p", fit(f"Cody Batch {report.setup.program}"), class_="quiet"),
    )
