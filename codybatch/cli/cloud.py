"""``codybatch cloud``: the whole cloud on this machine, on stand-ins, to try it and to test it."""

from __future__ import annotations

import importlib.util
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.invocation import command, program
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import ended_by_sigterm, guarded
from codybatch.domain.errors import EngineError, UsageError

if TYPE_CHECKING:
    from codybatch.cli.demonstration import Place
    from codybatch.cli.local_cloud import LocalCloud
    from codybatch.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    help="The whole cloud on this machine: DynamoDB, S3 and AWS Batch on loopback.",
)

LABEL = (
    "THE CLOUD ON THIS MACHINE: stand-ins take the place of DynamoDB, S3, AWS Batch, the model\n"
    "and GitHub. Workers, clones, patches and pushes are real; no key and no account of anybody's\n"
    "is used, nothing is spent, and nothing leaves this machine. What is recorded is gone when it\n"
    "ends."
)
HOST = "127.0.0.1"
NOTE = "environment.json"
LEAVE_SECONDS = 15.0
POLL_SECONDS = 0.1
_NEEDED = ("boto3", "fastapi", "streamlit", "uvicorn")


@app.command()
@guarded
def up(
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Port of the workbench.", min=1, max=65535)
    ] = 8501,
    api_port: Annotated[
        int, typer.Option(metavar="PORT", help="Port of the HTTP API.", min=1, max=65535)
    ] = 8502,
    as_json: AsJson = False,
) -> None:
    """Serve the workbench and the HTTP API over a cloud on loopback, until Ctrl-C ends all of it.

    Nothing is different from AWS but addresses and names; no key or account of anybody's is used.
    With --json one document says where everything is, once it can be reached.
    """
    from codybatch.cli.demonstration import alone
    from codybatch.cli.local_cloud import local_cloud
    from codybatch.cli.up import address_of, serve_workbench

    _check_installed()
    mine = _settings()
    with ended_by_sigterm(), alone(mine.home) as place:
        _check_ports(port, api_port)
        hint(LABEL + "\n")
        with (
            local_cloud(mine.home, mine) as cloud,
            _noted(mine.home, cloud.environment()),
            _api(cloud.application.settings, api_port, place),
        ):
            where = Where(cloud, address_of(HOST, port), f"{address_of(HOST, api_port)}/v1")
            serve_workbench(
                HOST,
                port,
                cloud.application.settings,
                lambda _: where.tell(as_json=as_json),
                lambda pid: place.note_workbench(where.workbench, pid),
            )


@app.command()
@guarded
def env(as_json: AsJson = False) -> None:
    """Print the variables by which other programs find the cloud that runs on this machine.

    In another terminal: eval "$(codybatch cloud env)". What one has set oneself is unset there, so
    that no key of one's own is used.
    """
    found = _environment_of_running(_settings().home)
    if as_json:
        print_json(found)
        return
    for name in sorted(_others(found)):
        say(f"unset {name}")
    for name, value in sorted(found.items()):
        say(f"export {name}={shlex.quote(value)}")


@dataclass(frozen=True)
class Where:
    """Where everything is."""

    cloud: LocalCloud
    workbench: str
    api: str

    def tell(self, *, as_json: bool) -> None:
        """Say so, to a person or to a program."""
        if as_json:
            print_json(self._document())
            sys.stdout.flush()
            return
        hint(
            f"The workbench:     {self.workbench}\n"
            f"The HTTP API:      {self.api}\n"
            f"DynamoDB and S3:   {self.cloud.aws}\n"
            f"AWS Batch:         {self.cloud.batch}\n"
            f'In another terminal: eval "$({program()} cloud env)"; then, for example:\n'
            f"  {program()} doctor\n"
            f"  {program()} prompts starters --save add-request-timeouts\n"
            f"  {program()} submit add-request-timeouts -r demo-org/image-thumbs --wait\n"
            "Ctrl-C ends all of it."
        )

    def _document(self) -> dict[str, object]:
        return {
            "demonstration": True,
            "workbench": self.workbench,
            "api": self.api,
            "aws": self.cloud.aws,
            "batch": self.cloud.batch,
            "environment": self.cloud.environment(),
        }


def _settings() -> Settings:
    """The settings of the cloud on this machine: a home of its own, and no key of anybody's."""
    from codybatch.cli.context import settings

    return settings().for_demonstration("cloud")


def _check_installed() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"Not installed: {', '.join(missing)}. Install what the cloud on this machine needs by "
            "`pip install 'codybatch[workbench,api,aws]'`."
        )


def _check_ports(port: int, api_port: int) -> None:
    from codybatch.cli.up import check_free

    if port == api_port:
        raise UsageError(f"The workbench and the API cannot both listen on port {port}.")
    check_free(HOST, port, command(f"cloud up --port {port % 65535 + 1}"))
    check_free(HOST, api_port, command(f"cloud up --api-port {api_port % 65535 + 1}"), "The API")


@contextmanager
def _noted(home: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Keep the variables for ``cloud env`` while the cloud runs."""
    note = home / NOTE
    note.touch(mode=0o600)
    note.write_text(json.dumps(dict(environment)))
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def _environment_of_running(home: Path) -> dict[str, str]:
    """What `up` noted.

    Raises:
        EngineError: none runs.
    """
    from codybatch.demonstration_home import is_taken

    with suppress(OSError, ValueError):
        found = json.loads((home / NOTE).read_text())
        if is_taken(home):
            return {str(name): str(value) for name, value in found.items()}
    raise EngineError(f"No cloud runs on this machine. `{command('cloud up')}` starts one.")


def _others(found: Mapping[str, str]) -> set[str]:
    """Variables that would be read beside those of the cloud; who may come in is no matter here."""
    from codybatch.access_settings import ACCESS_VARIABLES
    from codybatch.api_settings import API_VARIABLES
    from codybatch.aws_settings import AWS_VARIABLES
    from codybatch.settings import variables

    return {*variables().values(), *AWS_VARIABLES} - {*found} - ACCESS_VARIABLES - API_VARIABLES


@contextmanager
def _api(settings: Settings, port: int, place: Place) -> Iterator[None]:
    """The HTTP API in a process of its own, once it can be reached; its log is in the home.

    Raises:
        EngineError: it ended before that.
    """
    from codybatch.cli.up import listens
    from codybatch.settings import inherited_environment

    log = settings.home / "logs" / "api.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("wb") as said:
        server = subprocess.Popen(
            (sys.executable, "-m", "codybatch", "api", f"--port={port}"),
            env={**inherited_environment(), **settings.as_environment()},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        place.note_process(server.pid)
        while not listens(HOST, port):
            if server.poll() is not None:
                raise EngineError(f"The HTTP API did not start; the reason stands in {log}.")
            time.sleep(POLL_SECONDS)
        yield
    finally:
        server.terminate()
        try:
            server.wait(LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
