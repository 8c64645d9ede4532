"""``codybatch dispatcher``: the process that runs jobs on this machine."""

from __future__ import annotations

import typer

from codybatch.cli.context import looks_at_demo
from codybatch.cli.invocation import command, program
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_facts, print_json, say
from codybatch.cli.processes import run_dispatcher
from codybatch.cli.run import guarded

app = typer.Typer(no_args_is_help=True, help="The process that runs jobs on this machine.")
app.command("run", hidden=True)(run_dispatcher)


@app.command()
@guarded
def status(as_json: AsJson = False) -> None:
    """Show whether a dispatcher runs, and what it runs."""
    from codybatch.cli.context import opened

    with opened() as application:
        found = application.local_engine.status()
        counts = application.store.records.job_counts()
    if as_json:
        shown = found.model_dump(mode="json", by_alias=True) if found else None
        print_json({"dispatcher": shown, "jobs": counts.model_dump(mode="json", by_alias=True)})
        return
    if found is None:
        say("No dispatcher runs; one starts with the next request.")
        if counts.queued or counts.running:
            left = f"{counts.queued} jobs are queued and {counts.running} were running: "
            hint(left + _next_of_the_left())
        return
    print_facts(
        {
            "Dispatcher": f"process {found.pid}, since {found.since:%Y-%m-%d %H:%M:%S} UTC",
            "Workers": "\n".join(f"{job}: process {pid}" for job, pid in found.workers.items())
            or "none",
            "Queued": str(counts.queued),
            "Waiting": str(counts.waiting),
        }
    )


def _next_of_the_left() -> str:
    if looks_at_demo():
        return f"the demonstration was stopped; the next `{program()} demo` cancels them."
    wait, up = command("jobs wait JOB_ID"), command("up")
    return f"`{wait}` or `{up}` lets them go on."


@app.command()
@guarded
def stop() -> None:
    """Let the dispatcher leave: workers commit what is there; their jobs go on later."""
    from codybatch.cli.context import opened

    with opened() as application:
        stopped = application.local_engine.stop()
    say("The dispatcher has left." if stopped else "No dispatcher runs.")
