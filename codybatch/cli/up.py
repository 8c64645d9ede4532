"""``codybatch up``: the workbench, on this machine only."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from codybatch.cli.output import hint
from codybatch.cli.run import guarded
from codybatch.domain.errors import PolicyError, UsageError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@guarded
def up(
    host: Annotated[str, typer.Option(help="Address to listen on: this machine's only.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8501,
    demonstration: Annotated[
        bool, typer.Option("--demo", help="Show the demonstration's results.")
    ] = False,
) -> None:
    """Serve the workbench, and see that queued jobs run. Ctrl-C ends it; jobs go on."""
    from codybatch.cli.context import choose_demo, opened
    from codybatch.settings import inherited_environment

    if host not in LOOPBACK:
        raise PolicyError(
            f"The workbench has no access control yet, so it listens on 127.0.0.1, not on {host}. "
            "Reach it from elsewhere through a tunnel, such as ssh -L 8501:127.0.0.1:8501."
        )
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError("The workbench is not installed: pip install 'codybatch[workbench]'.")
    if demonstration:
        choose_demo()
    with opened() as application:
        if not application.settings.is_demonstration:
            application.engine.reconcile()
        environment = {**inherited_environment(), **application.settings.as_environment()}
    script = app_script()
    hint(f"The workbench: http://{host}:{port} (Ctrl-C ends it)")
    command = (sys.executable, "-m", "streamlit", "run", str(script))
    options = (f"--server.address={host}", f"--server.port={port}")
    # The folder matters: Streamlit reads .streamlit/config.toml from it.
    raise typer.Exit(_served([*command, *options], environment, script.parent))


def app_script() -> Path:
    """Where the workbench's router is: in the package of an installed wheel, else in the checkout.

    Raises:
        UsageError: it is in neither.
    """
    package = Path(__file__).parent.parent
    for script in (package / "_app" / "app.py", package.parent / "app.py"):
        if script.is_file():
            return script
    raise UsageError("The workbench's files are missing: install Cody Batch again.")


def _served(command: list[str], environment: dict[str, str], folder: Path) -> int:
    server = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.wait()
        return 0
