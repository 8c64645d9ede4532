"""``codybatch jobs``: list, show, wait, events, cancel."""

from __future__ import annotations

from typing import Annotated

import typer

from codybatch.cli import completion
from codybatch.cli.invocation import command
from codybatch.cli.listing import AsJson, Cursor, Limit, OfPrompt, OnlyMine, Words, beginning
from codybatch.cli.output import hint, page_of, print_facts, print_json, print_table, say
from codybatch.cli.run import guarded

app = typer.Typer(no_args_is_help=True, help="Jobs: a request's work on one repository.")

JobArgument = Annotated[
    str, typer.Argument(metavar="JOB_ID", help="The job's id, as `codybatch jobs list` shows it.")
]


@app.command("list")
@guarded
def list_jobs(
    state: Annotated[
        str | None,
        typer.Option(
            metavar="STATE",
            autocompletion=completion.states,
            help="In this state: queued, running, waiting, succeeded, partial, failed, cancelled.",
        ),
    ] = None,
    repository: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Of this repository.")
    ] = None,
    prompt: OfPrompt = None,
    request: Annotated[
        str | None, typer.Option(metavar="REQUEST_ID", help="Of this request.")
    ] = None,
    mine: OnlyMine = False,
    search: Words = "",
    limit: Limit = 25,
    cursor: Cursor = None,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first; by one filter or search at a time."""
    from codybatch.cli.context import opened
    from codybatch.cli.words import JOB_COLUMNS, job_row
    from codybatch.ports import PageRequest
    from codybatch.services.partitions import chosen
    from codybatch.services.wire.jobs import JobShown

    with opened() as application:
        page = PageRequest(limit=limit, cursor=cursor)
        filters = {
            "state": state,
            "repository": repository,
            "prompt": prompt,
            "request": request,
            "mine": application.person if mine else None,
            "search": search,
        }
        partition = chosen(filters, application.settings.code_host_name, "--{}".format)
        jobs = application.jobs
        found = jobs.list(partition, page) if partition else jobs.search(search, page)
    if as_json:
        items = [JobShown.of(job).as_json() for job in found.items]
        print_json(page_of(items, found.cursor))
        return
    if not found.items:
        filtered = any((state, repository, prompt, request, mine, search))
        say("No job matches." if filtered else f"No jobs here. {beginning()}")
        return
    print_table(JOB_COLUMNS, [job_row(job) for job in found.items])
    if found.cursor:
        hint(f"More: add --cursor {found.cursor}")


@app.command()
@guarded
def show(job: JobArgument, as_json: AsJson = False) -> None:
    """Show one job: result, publication, verdicts, cost, lineage, and what to do next."""
    from codybatch.cli.context import looks_at_demo, opened
    from codybatch.cli.lineage import lineage_facts, what_next
    from codybatch.cli.verdicts import in_words
    from codybatch.cli.words import facts
    from codybatch.composition import checks
    from codybatch.domain.identifiers import job_id
    from codybatch.services.checks import in_words as checks_in_words
    from codybatch.services.wire.jobs import JobInFull

    with opened() as application:
        found = application.jobs.find(job_id(job))
        lineage = application.jobs.lineage(found)
        verdicts = application.jobs.verdicts(found.id)
        shown = found.state.is_terminal and not as_json
        checked = checks(application).of(found) if shown else None
    if as_json:
        print_json(JobInFull.with_family(found, lineage, verdicts).as_json())
        return
    judged = {"Verdicts": "\n".join(in_words(one) for one in verdicts)}
    told = {"Checks": "\n".join(checks_in_words(checked)) if checked else ""}
    print_facts({**facts(found), **told, **judged, **lineage_facts(found, lineage)})
    if found.patch:
        hint(f"See its change: {command(f'jobs diff {found.id}')}")
    if found.findings:
        hint(f"See them: {command(f'jobs findings {found.id}')}")
    if found.answer is not None:
        hint(f"See the answer: {command(f'jobs answer {found.id}')}")
    if not looks_at_demo():  # its stand-ins have ended
        for step in what_next(found, lineage):
            hint(step)


@app.command()
@guarded
def wait(
    jobs: Annotated[list[str], typer.Argument(metavar="JOB_ID...", help="Ids of jobs.")],
    as_json: AsJson = False,
) -> None:
    """Watch jobs until they have ended, or wait for a person."""
    from codybatch.cli.context import looks_at_demo, opened
    from codybatch.cli.report import leave_with, wait_for
    from codybatch.cli.words import JOB_COLUMNS, job_row
    from codybatch.domain.identifiers import job_id
    from codybatch.services.wire.jobs import JobResult

    with opened() as application:
        found = tuple(application.jobs.find(job_id(one)) for one in jobs)
        if not looks_at_demo():
            application.engine.reconcile(found)
        ended = wait_for(application, found)
    if as_json:
        print_json([JobResult.of(job).as_json() for job in ended])
    else:
        print_table(JOB_COLUMNS, [job_row(job) for job in ended])
    leave_with(ended)


@app.command()
@guarded
def events(
    job: JobArgument,
    after: Annotated[int, typer.Option(metavar="N", help="Only after this number.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show the lines of a job's life, oldest first; they are kept 30 days."""
    from codybatch.cli.context import opened
    from codybatch.domain.identifiers import job_id
    from codybatch.services.wire.shape import as_json as written

    with opened() as application:
        application.jobs.find(job_id(job))
        found = application.jobs.events(job_id(job), after)
    if as_json:
        print_json([written(event) for event in found])
        return
    if not found:
        say("No events: nothing happened since, or they are older than 30 days.")
        return
    rows = [
        (
            str(one.sequence),
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.level.value,
            one.kind.value,
            one.text,
        )
        for one in found
    ]
    print_table(("#", "AT (UTC)", "LEVEL", "KIND", "WHAT"), rows)


@app.command()
@guarded
def cancel(job: JobArgument, as_json: AsJson = False) -> None:
    """Cancel a job: at once where it does not run, within seconds where it does."""
    from codybatch.cli.context import opened_to_change
    from codybatch.domain.identifiers import job_id
    from codybatch.services.wire.jobs import JobShown

    with opened_to_change() as application:
        found = application.jobs.cancel(job_id(job), application.person)
    if as_json:
        print_json(JobShown.of(found).as_json())
    elif found.state.is_terminal:
        say(f"Cancelled {found.id}.")
    else:
        say(f"{found.id} is asked to stop; what it did is kept.")
