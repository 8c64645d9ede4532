"""``codybatch requests``: list, show, release, raise, cancel."""

from __future__ import annotations

from typing import Annotated

import typer

from codybatch.cli.listing import AsJson, Cursor, Limit, OfPrompt, OnlyMine, Words, beginning
from codybatch.cli.output import hint, page_of, print_json, print_table, say
from codybatch.cli.run import guarded

app = typer.Typer(no_args_is_help=True, help="Requests: one prompt over a few repositories.")

RequestArgument = Annotated[
    str,
    typer.Argument(
        metavar="REQUEST_ID", help="The request's id, as `codybatch requests list` shows it."
    ),
]


@app.command("list")
@guarded
def list_requests(
    repository: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="With a job in it.")
    ] = None,
    prompt: OfPrompt = None,
    mine: OnlyMine = False,
    search: Words = "",
    limit: Limit = 25,
    cursor: Cursor = None,
    as_json: AsJson = False,
) -> None:
    """List requests, newest first; by one filter or search at a time."""
    from codybatch.cli.context import opened
    from codybatch.ports import PageRequest
    from codybatch.services.partitions import chosen
    from codybatch.services.wire.requests import RequestShown
    from codybatch.services.wording import money

    with opened() as application:
        page = PageRequest(limit=limit, cursor=cursor)
        filters = {
            "repository": repository,
            "prompt": prompt,
            "mine": application.person if mine else None,
            "search": search,
        }
        partition = chosen(filters, application.settings.code_host_name, "--{}".format)
        requests = application.requests
        found = requests.list(partition, page) if partition else requests.search(search, page)
    if as_json:
        items = [RequestShown.of(one).as_json() for one in found.items]
        print_json(page_of(items, found.cursor))
        return
    rows = [
        (
            one.id,
            one.title,
            str(one.prompt),
            f"{one.counts.ended}/{one.counts.total}",
            money(one.budget.spent_usd),
            f"{one.created_at:%Y-%m-%d %H:%M}",
        )
        for one in found.items
    ]
    if not rows:
        filtered = any((repository, prompt, mine, search))
        say("No request matches." if filtered else f"No requests here. {beginning()}")
        return
    print_table(("REQUEST", "TITLE", "PROMPT", "ENDED", "SPENT", "CREATED (UTC)"), rows)
    if found.cursor:
        hint(f"More: add --cursor {found.cursor}")


@app.command()
@guarded
def show(request: RequestArgument, as_json: AsJson = False) -> None:
    """Show a request with its jobs, and what its audits found or its questions were answered."""
    from codybatch.cli.context import opened
    from codybatch.cli.findings import summarise
    from codybatch.cli.lineage import origin_in_words
    from codybatch.cli.report import show_request
    from codybatch.domain.identifiers import request_id

    with opened() as application:
        found = application.requests.find(request_id(request))
        jobs = application.requests.jobs_of(found.id)
    if not as_json:
        say(f"{found.title} · prompt {found.prompt} · model {found.options.model}")
        if origin := origin_in_words(found.origin, jobs):
            say(origin)
    show_request(found, jobs, as_json=as_json)
    if not as_json:
        summarise(jobs, application.net.clean)


@app.command()
@guarded
def release(request: RequestArgument, as_json: AsJson = False) -> None:
    """Let the held jobs of a rehearsal run, once its first job has been looked at."""
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.report import show_request
    from codybatch.domain.identifiers import request_id

    with opened_to_change() as application:
        jobs = application.requests.release(request_id(request), application.person)
        found = application.requests.find(request_id(request))
    show_request(found, jobs, as_json=as_json)


@app.command("raise")
@guarded
def raise_cap(
    request: RequestArgument,
    max_cost: Annotated[
        str, typer.Option(metavar="USD", help="US dollars for the whole request, or none.")
    ],
    as_json: AsJson = False,
) -> None:
    """Give a request another cost cap; jobs that wait because of the old one go on."""
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.form import cap_from
    from codybatch.cli.report import show_request
    from codybatch.domain.identifiers import request_id

    cap = cap_from(max_cost, None, "--max-cost")
    with opened_to_change() as application:
        found = application.requests.raise_budget(request_id(request), cap)
        jobs = application.requests.jobs_of(found.id)
    show_request(found, jobs, as_json=as_json)


@app.command()
@guarded
def cancel(request: RequestArgument, as_json: AsJson = False) -> None:
    """Cancel all jobs of a request that have not ended."""
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.report import show_request
    from codybatch.domain.identifiers import request_id

    with opened_to_change() as application:
        jobs = application.requests.cancel(request_id(request), application.person)
        found = application.requests.find(request_id(request))
    show_request(found, jobs, as_json=as_json)
    if any(not job.state.is_terminal for job in jobs):
        hint("Running jobs stop within seconds; what they did is kept.")
