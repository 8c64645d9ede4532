"""The command line's root: which commands there are."""

from __future__ import annotations

from typing import Annotated

import typer

from codybatch.cli import processes

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

dispatcher = typer.Typer(no_args_is_help=True, help="The process that runs jobs on this machine.")
dispatcher.command("run", hidden=True)(processes.run_dispatcher)
app.add_typer(dispatcher, name="dispatcher")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"codybatch {version('codybatch')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """One prompt, several repositories, a durable job each."""


def main() -> None:
    """Run the command line."""
    app()
