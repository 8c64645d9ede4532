"""``codybatch up``: the workbench, on this machine only."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from codybatch.cli.invocation import command
from codybatch.cli.output import hint
from codybatch.cli.run import ended_by_sigterm, guarded
from codybatch.domain.errors import CodyBatchError, PolicyError, UsageError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
QUIET = ("--logger.hideWelcomeMessage=true", "--logger.level=warning")
"""Our own line says where the workbench is; Streamlit's say it again."""
POLL_SECONDS = 0.1
LEAVE_SECONDS = 10.0
"""How long the server may take to leave."""


@guarded
def up(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Address to listen on: this machine's only.")
    ] = ("127.0.0.1"),
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Port to listen on.", min=1, max=65535)
    ] = 8501,
    demonstration: Annotated[
        bool, typer.Option("--demo", help="Show the demonstration's results.")
    ] = False,
    only_check: Annotated[
        bool, typer.Option("--check", hidden=True, help="Only see whether it could start.")
    ] = False,
) -> None:
    """Serve the workbench, and see that queued jobs run. Ctrl-C ends it; jobs go on."""
    from codybatch.cli.context import choose_demo, opened
    from codybatch.settings import inherited_environment

    if host not in LOOPBACK:
        raise PolicyError(
            f"The workbench has no access control yet, so it listens on 127.0.0.1, not on {host}. "
            f"Reach it from elsewhere through a tunnel, such as ssh -L {port}:127.0.0.1:{port}."
        )
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError("The workbench is not installed: pip install 'codybatch[workbench]'.")
    script = app_script()
    if demonstration:
        choose_demo()
    another = f"make run PORT={port % 65535 + 1}" if only_check else ""
    check_free(host, port, another)
    if only_check:
        return
    with opened() as application:
        if application.settings.is_demonstration:
            application.store.open()
        else:
            application.engine.take_over()
        environment = {**inherited_environment(), **application.settings.as_environment()}
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    streamlit = (sys.executable, "-m", "streamlit", "run", str(script))
    options = (f"--server.address={host}", f"--server.port={port}", *QUIET)

    def announce() -> None:
        hint(f"The workbench: {address} (Ctrl-C ends it; jobs go on)")

    # The folder matters: Streamlit reads .streamlit/config.toml from it.
    server = Server([*streamlit, *options], environment, script.parent)
    status = _served(server, lambda: _listens(host, port), announce)
    if status:
        raise CodyBatchError(f"The workbench ended with status {status}; it said why above.")


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


def check_free(host: str, port: int, another: str = "") -> None:
    """Refuse an address that cannot be listened on.

    Args:
        host: the address.
        port: the port.
        another: the command that would take another port; `up` itself where empty.

    Raises:
        UsageError: something else listens there, or it needs rights we do not have.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise UsageError(
            f"The workbench cannot listen on {host}, port {port}: {error.strerror}. "
            f"Choose another: {another or command(f'up --port {port % 65535 + 1}')}"
        ) from None


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Server:
    """How the workbench's server is started."""

    command: list[str]
    environment: dict[str, str]
    folder: Path


def _served(started: Server, listens: Callable[[], bool], announce: Callable[[], None]) -> int:
    """The server's exit status, announced once it listens; 0 where a person ended it."""
    with ended_by_sigterm():
        server = subprocess.Popen(started.command, env=started.environment, cwd=started.folder)
        try:
            while server.poll() is None and not listens():
                time.sleep(POLL_SECONDS)
            if server.poll() is None:
                announce()
            return server.wait()
        except KeyboardInterrupt:
            server.send_signal(signal.SIGINT)  # a terminal has sent it already, `kill` has not
            try:
                server.wait(LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            return 0
