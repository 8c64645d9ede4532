"""The first parts of a report: the answer, and how it was asked."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence

from codybatch.analysis.display.sheet import Html, joined, tag
from codybatch.analysis.report.contents import Report
from codybatch.analysis.report.setup import ArmSetup, Setup
from codybatch.analysis.report_files.page import (
    Section,
    badge,
    facts,
    fit,
    fold,
    paragraphs,
    table,
)
from codybatch.analysis.report_files.words import METRICS, moment, newest
from codybatch.services.wording import counted, money

MOST_PROMPT = 20_000
"""Characters of a prompt that are shown."""
MOST_SENTENCES = 4
"""Of a kind that stand in the answer at once."""
_CLASSES = {"+": "add", "-": "del", "@": "at"}


def head(report: Report) -> Html:
    """What it is, and the answer to it."""
    setup = report.setup
    size = ", ".join(
        (
            counted(len(setup.arms), "arm"),
            counted(len(setup.repositories), "repository", "repositories"),
            f"{counted(setup.repetitions, 'repetition')}; as of {moment(newest(report))}",
        )
    )
    question = [tag("p", fit(report.question))] if report.question else []
    return joined(
        tag("h1", fit(report.title) or "A comparison"),
        *question,
        tag("p", size, class_="quiet"),
        _verdict(report),
    )


def _verdict(report: Report) -> Html:
    upshot = report.upshot
    tone = "good" if upshot.is_decided else "open"
    told = standing(report)
    settle = [
        tag("p", tag("strong", "What would settle it"), class_="quiet"),
        *_first_of(upshot.would_settle, paragraphs),
    ]
    return tag(
        "div",
        badge(told, tone),
        tag("p", fit(upshot.sentence), class_="said"),
        *_first_of(upshot.reasons, paragraphs),
        *(settle if upshot.would_settle else ()),
        *(_first_of(report.cautions, _cautions) if report.cautions else ()),
        class_=f"verdict {tone}",
        id="verdict",
    )


def _first_of(sentences: Sequence[str], shown: Callable[[Sequence[str]], Html]) -> Iterator[Html]:
    """The first few, and the others behind a fold: of many arms there are many."""
    yield shown(sentences[:MOST_SENTENCES])
    left = sentences[MOST_SENTENCES:]
    if left:
        yield fold(f"{len(left):,} more", shown(left))


def _cautions(sentences: Sequence[str]) -> Html:
    return tag("ul", *(tag("li", fit(one)) for one in sentences), class_="cautions")


def standing(report: Report) -> str:
    """Whether it is decided, in a word or two."""
    if report.unfinished:
        return f"{counted(report.unfinished, 'job')} not finished"
    return fit(report.upshot.badge)


def setup_section(report: Report) -> Section:
    """What was compared, and how it was to be decided."""
    setup = report.setup
    repositories = table(
        "Repositories, and what a person said of them beforehand",
        ("Repository", "Commit", "Changes necessary", "Reference patch"),
        (
            (
                one.repository,
                tag("code", ", ".join(commit[:12] for commit in one.commits)),
                {True: "yes", False: "no", None: "nobody looked"}[one.changes_necessary],
                "yes" if one.reference else "no",
            )
            for one in setup.repositories
        ),
    )
    many = counted(len(setup.repositories), "repository", "repositories")
    return Section(
        "setup",
        "Set-up",
        joined(
            facts(_settled(report)),
            _arms(setup),
            *_prompts(setup),
            fold(many, repositories, is_open=len(setup.repositories) <= 6),
        ),
    )


def _settled(report: Report) -> Iterator[tuple[str, str]]:
    setup = report.setup
    yield "Decided by", METRICS[setup.metric]
    if setup.metric_chosen_at:
        yield "Chosen", moment(setup.metric_chosen_at)
    yield (
        "First and last result",
        f"{moment(setup.first_result_at)}, {moment(setup.last_result_at)}",
    )
    yield "Changed since it was set up", " ".join(setup.changes)
    budget = f" of at most {money(setup.budget_usd)}" if setup.budget_usd else ""
    yield "Spent", f"{money(setup.spent_usd)}{budget}"
    yield "Repositories of one owner", "count as one" if setup.clustered_by_owner else ""
    yield "Experiment", tag("code", report.experiment) if report.experiment else ""


def _arms(setup: Setup) -> Html:
    return table(
        "Arms: what was compared",
        ("Arm", "Prompt", "Model", "Variables and options"),
        (
            (
                joined(tag("span", fit(one.name)), *_remarks(one)),
                f"{one.prompt}@{one.version}",
                one.model,
                "; ".join(f"{name}: {value}" for name, value in (*one.variables, *one.options))
                or "none",
            )
            for one in setup.arms
        ),
    )


def _remarks(arm: ArmSetup) -> list[Html]:
    told = []
    if arm.is_baseline:
        told.append(joined(" ", badge("baseline", "info")))
    if arm.equal_to:
        told.append(joined(" ", badge(f"repeats {fit(arm.equal_to)}")))
    return told


def _prompts(setup: Setup) -> Iterator[Html]:
    """The baseline's text, and of each other arm what differs from it."""
    baseline = setup.arms[0]
    yield fold(f"The prompt of {baseline.name}", tag("pre", fit(baseline.text[:MOST_PROMPT])))
    for arm in setup.arms[1:]:
        if arm.text == baseline.text:
            continue
        lines = prompt_diff(baseline, arm)
        yield fold(
            f"The prompt of {arm.name}, against {baseline.name}",
            tag("pre", *map(_line, lines)),
            is_open=len(setup.arms) == 2,
        )


def prompt_diff(before: ArmSetup, after: ArmSetup) -> list[str]:
    """What differs between two prompts, line by line, with a few lines around."""
    old, new = (fit(one.text[:MOST_PROMPT]).splitlines() for one in (before, after))
    return list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]


def _line(text: str) -> Html:
    class_ = _CLASSES.get(text[:1])
    return tag("span", f"{text}\n", class_=class_) if class_ else joined(f"{text}\n")
