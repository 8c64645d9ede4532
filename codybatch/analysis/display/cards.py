"""Jobs, requests and estimates as a notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from codybatch.analysis.display.sheet import Html, Sheet, table, tag
from codybatch.domain.jobs import Job
from codybatch.domain.requests import Request
from codybatch.services.estimates import Forecast, basis_in_words, in_words, range_in_words
from codybatch.services.experiment_preview import Preview
from codybatch.services.findings import Clean, counts_in_words
from codybatch.services.plain_text import in_plain_sight
from codybatch.services.wording import (
    detail,
    lines_changed,
    money,
    next_step,
    publication,
    publication_in_short,
    sentence,
)

MOST_OF_SUMMARY = 10_000
JOB_HEADINGS = ("Job", "Repository", "State", "Result", "Change", "Cost")


def job_html(job: Job, clean: Clean, now: datetime) -> Html:
    """A job's result as a card."""
    sheet = Sheet(f"Result of the job {job.id}")
    sheet.add(
        tag(
            "div",
            tag("strong", job.repository.full_name),
            tag("span", job.state.value, class_="cb-badge"),
            tag("span", f"{job.prompt} · {job.model} · {money(job.cost_usd)}", class_="cb-quiet"),
            tag("code", job.id),
            class_="cb-head",
        )
    )
    for name, text in job_facts(job, clean, now):
        sheet.add(tag("p", tag("span", f"{name}: ", class_="cb-quiet"), text))
    if job.summary:
        sheet.add(tag("pre", _fit(job.summary, clean)[:MOST_OF_SUMMARY]))
    return sheet.html()


def job_text(job: Job, clean: Clean, now: datetime) -> str:
    """The same as plain text."""
    head = f"{job.id} · {job.repository.full_name} · {job.state} · {money(job.cost_usd)}"
    facts = [f"{name}: {text}" for name, text in job_facts(job, clean, now)]
    return "\n".join([head, *facts, *([_fit(job.summary, clean)] if job.summary else [])])


def job_facts(job: Job, clean: Clean, now: datetime) -> list[tuple[str, str]]:
    """What a card says of a job, each with its name."""
    necessary = {True: "yes", False: "no", None: ""}[job.were_changes_necessary]
    told = {
        "Result": _fit(job.title, clean),
        "Were changes necessary": necessary,
        "How it ended" if job.state.is_terminal else "How it stands": sentence(job, now),
        "In detail": _fit(detail(job), clean),
        "Change": _change(job),
        "Findings": counts_in_words(job.findings) if job.findings else "",
        "Publication": _fit(publication(job), clean),
        "What its claim does not match": _fit(job.claim_mismatch, clean),
        "Next": next_step(job),
    }
    return [(name, text) for name, text in told.items() if text]


def request_html(request: Request, jobs: Sequence[Job], clean: Clean) -> Html:
    """A request with its jobs."""
    sheet = Sheet(f"The request {request.id}")
    sheet.add(
        tag(
            "div",
            tag("strong", _fit(request.title, clean)),
            tag("span", _standing(request), class_="cb-badge"),
            tag("span", _terms(request), class_="cb-quiet"),
            tag("code", request.id),
            class_="cb-head",
        )
    )
    rows = [_row(job, clean) for job in jobs]
    if not sheet.add(table(JOB_HEADINGS, rows, frozenset({5}))):
        sheet.add(table(JOB_HEADINGS, rows[:100], frozenset({5})))
        sheet.note(f"Only 100 of its {len(rows)} jobs are shown; .jobs has all of them.")
    for skipped in request.skipped:
        sheet.note(f"Left out: {skipped.repository}, where {skipped.url} is open.")
    return sheet.html()


def request_text(request: Request, jobs: Sequence[Job], clean: Clean) -> str:
    """The same as plain text."""
    head = f"{request.id} · {_fit(request.title, clean)} · {_standing(request)} · {_terms(request)}"
    return "\n".join(
        [head, *("  ".join(cell for cell in _row(job, clean) if cell) for job in jobs)]
    )


def forecast_html(forecast: Forecast) -> Html:
    """What a request may cost."""
    sheet = Sheet("What the request may cost")
    sheet.add(tag("p", tag("strong", in_words(forecast.total))))
    headings = ("Repository", "Turns", "Low", "Likely", "High")
    sheet.add(table(headings, _forecast_rows(forecast), frozenset({1, 2, 3, 4})))
    for notice in forecast.notices:
        sheet.note(notice)
    return sheet.html()


def forecast_text(forecast: Forecast) -> str:
    """The same as plain text."""
    lines = [f"{range_in_words(forecast.total)}, {basis_in_words(forecast.total)}"]
    lines += ["  ".join(row) for row in _forecast_rows(forecast)]
    return "\n".join([*lines, *forecast.notices])


def preview_html(preview: Preview) -> Html:
    """What an experiment will run and may cost."""
    sheet = Sheet("What the experiment will run")
    sheet.add(tag("p", tag("strong", _planned(preview))))
    headings = ("Arm", "Cells to make", "May cost")
    sheet.add(table(headings, _arm_rows(preview), frozenset({1, 2})))
    for notice in preview.notices:
        sheet.note(notice)
    return sheet.html()


def preview_text(preview: Preview) -> str:
    """The same as plain text."""
    rows = ["  ".join(row) for row in _arm_rows(preview)]
    return "\n".join([_planned(preview), *rows, *preview.notices])


def _planned(preview: Preview) -> str:
    cost = f": {in_words(preview.estimate)}" if preview.estimate else ""
    there = f", {preview.existing} are there already" if preview.existing else ""
    return f"{preview.cells} cells{there}; {preview.missing} to make{cost}"


def _arm_rows(preview: Preview) -> list[tuple[str, ...]]:
    return [
        (arm.name, str(cells), range_in_words(estimate) if estimate else "")
        for arm, cells, estimate in preview.by_arm
    ]


def _forecast_rows(forecast: Forecast) -> list[tuple[str, ...]]:
    return [
        (
            str(one.facts.repository),
            str(one.estimate.turns),
            *map(money, (one.estimate.low_usd, one.estimate.likely_usd, one.estimate.high_usd)),
        )
        for one in forecast.repositories
    ]


def _row(job: Job, clean: Clean) -> tuple[str, ...]:
    name = job.repository.full_name
    result = _fit(job.title or detail(job), clean)[:200]
    return (job.id, name, job.state.value, result, _change(job), money(job.cost_usd))


def _change(job: Job) -> str:
    if job.patch is None:
        return ""
    files = "1 file" if job.patch.files == 1 else f"{job.patch.files} files"
    published = publication_in_short(job)
    return f"{files}, {lines_changed(job.patch)}" + (f"; {published}" if published else "")


def _standing(request: Request) -> str:
    return f"{request.counts.ended} of {request.counts.total} jobs ended"


def _terms(request: Request) -> str:
    cap = request.budget.cap_usd
    spent = money(request.budget.spent_usd) + (f" of at most {money(cap)}" if cap else "")
    return f"{request.prompt} · {request.options.model} · {spent}"


def _fit(text: str, clean: Clean) -> str:
    return in_plain_sight(clean(text))
