"""``codybatch schedules``: requests that are submitted again by the calendar."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli import completion
from codybatch.cli.invocation import command
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, print_table, say
from codybatch.cli.run import FAILED, guarded
from codybatch.cli.schedule_report import schedule_row, show_schedule
from codybatch.cli.submission import Written, taking_submission
from codybatch.cli.timekeeping import keep_looking
from codybatch.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codybatch.composition import Application
    from codybatch.domain.schedules import RequestTemplate
    from codybatch.services.scheduled_runs import Ticked

app = typer.Typer(
    no_args_is_help=True,
    help="Schedules: requests that are submitted again by the calendar. They run while "
    "`codybatch up`, `codybatch api` or `codybatch schedules tick --watch` does.",
)

ScheduleArgument = Annotated[
    str, typer.Argument(metavar="SCHEDULE", help="The schedule's name or id.")
]


@app.command("list")
@guarded
def list_schedules(as_json: AsJson = False) -> None:
    """List all schedules, the next one due first."""
    from codybatch.cli.context import opened
    from codybatch.services.wire.others import ScheduleShown

    with opened() as application:
        found, now = application.schedules.list(), application.clock.now()
    if as_json:
        print_json([ScheduleShown.of(one).as_json() for one in found])
        return
    if not found:
        say(f"No schedules yet. Add one: {command(_ADD_EXAMPLE)}")
        return
    rows = [schedule_row(one, now) for one in found]
    print_table(("SCHEDULE", "NAME", "RULE", "NEXT", "LAST", "RUNS"), rows)


_ADD_EXAMPLE = 'schedules add PROMPT -r OWNER/NAME --rule "0 2 * * *" --time-zone Europe/Berlin'


@app.command()
@guarded
def show(schedule: ScheduleArgument, as_json: AsJson = False) -> None:
    """Show a schedule: what it submits, its next five runs and its last ones."""
    from codybatch.cli.context import opened

    with opened() as application:
        show_schedule(application, application.schedules.find(schedule), as_json=as_json)


@app.command()
@guarded
@taking_submission
def add(
    written: Written,
    rule: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            help="When: five fields as in cron, such as '30 9 * * MON-FRI', or 'every 6 hours'.",
        ),
    ],
    time_zone: Annotated[
        str, typer.Option(metavar="ZONE", help="Of the rule's times, such as Europe/Berlin.")
    ] = "UTC",
    name: Annotated[
        str, typer.Option(metavar="TEXT", help="Name of the schedule; else the prompt's.")
    ] = "",
    missed: Annotated[
        str,
        typer.Option(
            metavar="CHOICE",
            autocompletion=completion.choices_for_missed_runs,
            help="Runs that nothing was there to start: skip them, or run-once for all of them.",
        ),
    ] = "skip",
    overlap: Annotated[
        str,
        typer.Option(
            metavar="CHOICE",
            autocompletion=completion.choices_where_runs_overlap,
            help="Where the request before has not ended: skip the run, allow both, or replace "
            "the earlier one, which is cancelled.",
        ),
    ] = "skip",
    like: Annotated[
        str | None,
        typer.Option(
            metavar="REQUEST_ID", help="Submit what an earlier request did, with its options."
        ),
    ] = None,
    pin: Annotated[
        bool,
        typer.Option("--pin", help="With --like: stay with the version of its prompt."),
    ] = False,
    paused: Annotated[
        bool, typer.Option("--paused", help="Start nothing before it is resumed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Submit a request again by the calendar.

    It is checked now as if it were submitted, and again each time. PROMPT runs its latest version
    each time, and PROMPT@3 that one. Where nothing is said of pull requests that are open already,
    repositories with one are left out.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.form import understood
    from codybatch.services.schedules import ScheduleForm

    with opened_to_change() as application:
        application.schedules.rule(rule, time_zone)  # before a prompt's file is saved
        template = _template(application, written, like, pin=pin)
        with understood():
            form = ScheduleForm(
                name=name, template=template, rule=rule, time_zone=time_zone, paused=paused
            ).with_(missed=missed, overlap=overlap)
        added = application.schedules.add(form, application.person)
        if not as_json:
            hint(f"Added the schedule {added.name} ({added.id}).")
        show_schedule(application, added, as_json=as_json)
    if not as_json:
        others = f"{command('api')} or {command('schedules tick --watch')}"
        hint(f"Schedules run while {command('up')}, {others} does.")


@app.command()
@guarded
def change(
    schedule: ScheduleArgument,
    rule: Annotated[
        str | None,
        typer.Option(metavar="RULE", help="When, as `schedules add` takes it."),
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Of the rule's times.")
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="Another name.")] = None,
    missed: Annotated[
        str | None,
        typer.Option(
            metavar="CHOICE",
            autocompletion=completion.choices_for_missed_runs,
            help="skip or run-once.",
        ),
    ] = None,
    overlap: Annotated[
        str | None,
        typer.Option(
            metavar="CHOICE",
            autocompletion=completion.choices_where_runs_overlap,
            help="skip, allow or replace.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change when a schedule runs, its name, or what becomes of missed and overlapping runs.

    What it submits stays: for another prompt or other repositories, add another schedule.
    """
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.form import understood
    from codybatch.services.schedules import ScheduleForm

    wishes = {
        "rule": rule,
        "time_zone": time_zone,
        "name": name,
        "missed": missed,
        "overlap": overlap,
    }
    wished = {field: value for field, value in wishes.items() if value is not None}
    if not wished:
        raise UsageError("Say what to change: --rule, --time-zone, --name, --missed or --overlap.")
    with opened_to_change() as application:
        found = application.schedules.find(schedule)
        with understood():
            form = ScheduleForm.of(found).with_(**wished)
        show_schedule(application, application.schedules.change(found, form), as_json=as_json)


def _template(
    application: Application, written: Written, like: str | None, *, pin: bool
) -> RequestTemplate:
    from codybatch.cli.submission import form_from
    from codybatch.domain.identifiers import request_id

    if like is not None:
        if written != Written():
            raise UsageError("--like takes everything from the earlier request: give nothing more.")
        request = application.requests.find(request_id(like))
        return application.schedules.template_of(request, pinned=pin)
    if pin:
        raise UsageError("--pin goes with --like; otherwise write PROMPT@3 for a version.")
    return application.schedules.template_from(form_from(application, written, None))


@app.command()
@guarded
def pause(schedule: ScheduleArgument, as_json: AsJson = False) -> None:
    """Start nothing more until the schedule is resumed; what runs goes on."""
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        found = application.schedules.find(schedule)
        show_schedule(application, application.schedules.pause(found.id), as_json=as_json)


@app.command()
@guarded
def resume(schedule: ScheduleArgument, as_json: AsJson = False) -> None:
    """Start requests again, from the next due moment on."""
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        found = application.schedules.find(schedule)
        show_schedule(application, application.schedules.resume(found.id), as_json=as_json)


@app.command()
@guarded
def remove(schedule: ScheduleArgument) -> None:
    """Remove a schedule; the requests that it submitted stay."""
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        found = application.schedules.find(schedule)
        application.schedules.remove(found.id)
    say(f"Removed the schedule {found.name}. Its requests stay.")


@app.command("run-now")
@guarded
def run_now(schedule: ScheduleArgument, as_json: AsJson = False) -> None:
    """Submit a schedule's request now, beside its calendar."""
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.report import show_request

    with opened_to_change() as application:
        found = application.schedules.find(schedule)
        request = application.schedules.run_now(found.id, application.person)
        jobs = application.requests.jobs_of(request.id)
    show_request(request, jobs, as_json=as_json)
    if not as_json:
        hint(f"Watch it:   {command('jobs wait ' + ' '.join(job.id for job in jobs))}")


@app.command()
@guarded
def tick(
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on looking every few seconds, until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start what is due now, for cron or systemd to call; with --watch, also what becomes due.

    Exit status: 0 fine, also where nothing was due, 1 something due could not be submitted.
    """
    from codybatch.cli.context import opened_to_change

    with opened_to_change() as application:
        if watch:
            look = partial(_tell_next, application, as_json=as_json)
            keep_looking("the schedules", look, application.clock)
            return
        ticked = application.schedules.runs.tick()
    if as_json:
        print_json([_ticked_as_json(one) for one in ticked])
    elif not ticked:
        say("Nothing is due.")
    _report(ticked, as_json=as_json)
    if any(_has_failed(one) for one in ticked):
        raise typer.Exit(FAILED)


def _tell_next(application: Application, *, as_json: bool) -> None:
    ticked = application.schedules.runs.tick()
    for one in ticked if as_json else ():
        print_json(_ticked_as_json(one))
    _report(ticked, as_json=as_json)


def _report(ticked: Sequence[Ticked], *, as_json: bool) -> None:
    from codybatch.services.schedule_words import run_in_words

    for one in () if as_json else ticked:
        done = run_in_words(one.run) if one.run else f"Tries again: {one.schedule.trouble}"
        say(f"{one.schedule.name}: {done}")


def _has_failed(ticked: Ticked) -> bool:
    from codybatch.domain.schedules import RunOutcome

    return ticked.run is None or ticked.run.outcome is RunOutcome.REFUSED


def _ticked_as_json(ticked: Ticked) -> dict[str, object]:
    run = ticked.run.model_dump(mode="json", by_alias=True) if ticked.run else None
    trouble = ticked.schedule.trouble
    return {
        "schedule": ticked.schedule.id,
        "name": ticked.schedule.name,
        "run": run,
        "trouble": trouble,
    }
