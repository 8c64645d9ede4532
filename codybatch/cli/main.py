"""The command line's root: which commands there are."""

from __future__ import annotations

from typing import Annotated

import typer

from codybatch.cli import dispatcher, jobs, processes, prompts, requests, results
from codybatch.cli.context import choose_demo
from codybatch.cli.demo import demo
from codybatch.cli.doctor import doctor
from codybatch.cli.submit import submit
from codybatch.cli.up import up

app = typer.Typer(
    name="codybatch",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="One prompt, several repositories, a durable job each: a patch, its cost, a pull request.",
)

worker = typer.Typer(no_args_is_help=True, help="What engines start.", hidden=True)
worker.command("run")(processes.run_worker)
worker.command("converse")(processes.hold_conversation)
app.add_typer(worker, name="worker")

app.command()(demo)
app.command()(up)
app.command()(submit)
app.add_typer(requests.app, name="requests")
jobs.app.command()(results.diff)
jobs.app.command()(results.patch)
jobs.app.command()(results.thread)
app.add_typer(jobs.app, name="jobs")
app.add_typer(prompts.app, name="prompts")
app.add_typer(dispatcher.app, name="dispatcher")
app.command()(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"codybatch {version('codybatch')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
    demonstration: Annotated[
        bool, typer.Option("--demo", help="Look at the demonstration's results, not one's own.")
    ] = False,
) -> None:
    """One prompt, several repositories, a durable job each."""
    if demonstration:
        choose_demo()


def main() -> None:
    """Run the command line."""
    app()
