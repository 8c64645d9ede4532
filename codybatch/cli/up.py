"""``codybatch up``: the workbench, on this machine or, behind an access token, for others."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.invocation import command
from codybatch.cli.output import hint
from codybatch.cli.run import ended_by_sigterm, guarded
from codybatch.domain.errors import CodyBatchError, PolicyError, UsageError
from codybatch.web.addresses import is_loopback

if TYPE_CHECKING:
    from codybatch.settings import Settings

QUIET = ("--logger.hideWelcomeMessage=true", "--logger.level=warning")
"""Our own line says where the workbench is; Streamlit's say it again."""
POLL_SECONDS = 0.1
LEAVE_SECONDS = 10.0
"""How long the server may take to leave."""


@guarded
def up(
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Address to listen on; another than this machine's own needs "
            "CODYBATCH_ACCESS_TOKEN.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Port to listen on.", min=1, max=65535)
    ] = 8501,
    demonstration: Annotated[
        bool,
        typer.Option("--demo", help="The demonstration: on stand-ins, no key is used."),
    ] = False,
    again: Annotated[
        str, typer.Option(hidden=True, help="What starts it again, but for the port's number.")
    ] = "",
) -> None:
    """Serve the workbench; queued jobs, schedules and experiments run. Ctrl-C ends it; jobs go on.

    With --demo its stand-ins live as long as it serves, and jobs go on when they are there again.
    """
    from codybatch.cli.context import looks_at_demo
    from codybatch.settings import load_settings

    if not is_loopback(host) and load_settings().access_token is None:
        raise PolicyError(
            f"Other machines can reach {host}, and nothing asks them who they are. Set "
            "CODYBATCH_ACCESS_TOKEN to a secret, such as `openssl rand -hex 16` makes, or listen "
            f"on 127.0.0.1 and use a tunnel: ssh -L {port}:127.0.0.1:{port}."
        )
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError("The workbench is not installed: pip install 'codybatch[workbench]'.")
    another = f"{again or command('up --port ')}{port % 65535 + 1}"
    if demonstration or looks_at_demo():
        _demonstrate(host, port, another)
    else:
        _serve_own(host, port, another)


def _serve_own(host: str, port: int, another: str) -> None:
    from codybatch.cli.context import opened

    check_free(host, port, another)
    with opened() as application:
        application.take_over()
        settings = application.settings
    serve_workbench(
        host,
        port,
        settings,
        lambda address: hint(f"The workbench: {address} (Ctrl-C ends it; jobs go on)"),
    )


def _demonstrate(host: str, port: int, another: str) -> None:
    """Serve the demonstration's workbench with its stand-ins; begin with a request that is done."""
    from codybatch.cli.context import choose_demo, settings
    from codybatch.cli.demo import stage
    from codybatch.cli.demonstration import LABEL, alone, is_new, show_first_request

    choose_demo()
    mine = settings()
    with ended_by_sigterm(), alone(mine.home) as place:
        check_free(host, port, another)
        hint(LABEL + "\n")
        with stage(mine) as application:
            if is_new(application):
                show_first_request(application)
            serve_workbench(
                host,
                port,
                application.settings,
                lambda address: hint(
                    f"The demonstration: {address} (Ctrl-C ends it, and its stand-ins with it)"
                ),
                lambda pid: place.note_workbench(address_of(host, port), pid),
            )


def serve_workbench(
    host: str,
    port: int,
    settings: Settings,
    announced: Callable[[str], None],
    started: Callable[[int], None] = lambda _: None,
) -> None:
    """Run the workbench's server until a person ends it.

    Args:
        host: the address.
        port: the port.
        settings: what it works with.
        announced: is told its address, once it can be reached there.
        started: is told its process.

    Raises:
        CodyBatchError: it ended by itself.
    """
    from codybatch.cli.timekeeping import time_kept
    from codybatch.settings import inherited_environment

    environment = {**inherited_environment(), **settings.as_environment()}
    if settings.access_proxies:  # by the name that the server itself reads
        environment["FORWARDED_ALLOW_IPS"] = settings.access_proxies
    script = app_script()
    streamlit = (sys.executable, "-m", "streamlit", "run", str(script))
    options = (f"--server.address={host}", f"--server.port={port}", *QUIET)
    # The guard knows by which names a workbench for others is asked; Streamlit's own list does not.
    is_known_by_address = is_loopback(host) and not settings.access_names
    names = () if is_known_by_address else ("--server.allowedHosts=*",)

    def announce() -> None:
        announced(address_of(host, port))
        if settings.access_token is not None:
            hint(
                "It asks for the access token. What goes there and back is not encrypted: "
                "put TLS in front of it where you do not trust the network."
            )

    # The folder matters: Streamlit reads .streamlit/config.toml from it.
    server = Server([*streamlit, *options, *names], environment, script.parent)
    with time_kept(settings):
        status = _served(server, lambda: listens(host, port), started, announce)
    if status:
        raise CodyBatchError(f"The workbench ended with status {status}; it said why above.")


def address_of(host: str, port: int) -> str:
    """Where a browser finds the workbench; for every address of this machine, by its name."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - it is compared, not listened on
        return f"http://{socket.gethostname()}:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def app_script() -> Path:
    """Where the workbench's server is: in the package of an installed wheel, else in the checkout.

    Raises:
        UsageError: it is in neither.
    """
    package = Path(__file__).parent.parent
    for script in (package / "_app" / "app.py", package.parent / "app.py"):
        if script.is_file():
            return script
    raise UsageError("The workbench's files are missing: install Cody Batch again.")


def check_free(host: str, port: int, another: str, server: str = "The workbench") -> None:
    """Refuse an address that cannot be listened on.

    Args:
        host: the address.
        port: the port.
        another: the command that would take another port.
        server: what is to listen there.

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
            f"{server} cannot listen on {host}, port {port}: {error.strerror}. "
            f"Choose another: {another}"
        ) from None


def listens(host: str, port: int) -> bool:
    """Whether something answers there."""
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


def _served(
    wanted: Server,
    listens: Callable[[], bool],
    started: Callable[[int], None],
    announce: Callable[[], None],
) -> int:
    """The server's exit status; 0 where a person ended it.

    Args:
        wanted: how it is started.
        listens: whether it can be reached.
        started: is told its process.
        announce: is called once it can be reached.
    """
    with ended_by_sigterm():
        server = subprocess.Popen(wanted.command, env=wanted.environment, cwd=wanted.folder)
        try:
            started(server.pid)
            while server.poll() is None and not listens():
                time.sleep(POLL_SECONDS)
            if server.poll() is None:
                announce()
            return server.wait()
        except KeyboardInterrupt:
            # A terminal has told the server already, `kill` has not. Not SIGINT: a second one
            # would interrupt the leaving that the first began.
            server.terminate()
            try:
                server.wait(LEAVE_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            return 0
