"""``codybatch api``: the HTTP API on this machine or, behind tokens, for others; and its tokens."""

from __future__ import annotations

import importlib.util
import logging
from typing import TYPE_CHECKING, Annotated

import typer

from codybatch.cli.invocation import command
from codybatch.cli.listing import AsJson
from codybatch.cli.output import hint, print_json, say
from codybatch.cli.run import guarded, log_everything
from codybatch.domain.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from codybatch.composition import Application

app = typer.Typer(
    invoke_without_command=True,
    help="The HTTP API: the same as the command line, for programs; and the tokens that open it.",
)

PORT = 8502
MOST_CONNECTIONS = 500
"""At once: a client that opens more and says nothing takes no file from the store."""
LEAVE_SECONDS = 10
"""How long answers under way may take once the server is asked to leave."""


@app.callback()
@guarded
def serve(
    context: typer.Context,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Address to listen on; another than this machine's own needs "
            "CODYBATCH_API_TOKENS.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", help="Port to listen on.", min=1, max=65535)
    ] = PORT,
) -> None:
    """Serve the HTTP API; queued jobs, schedules and experiments run. Ctrl-C ends it; jobs go on.

    Without tokens only this machine may ask, and does so in the name of its person. What there is
    stands in docs/api.md, and for programs at /v1/openapi.json.
    """
    if context.invoked_subcommand is not None:
        return
    if any(importlib.util.find_spec(name) is None for name in ("fastapi", "uvicorn")):
        raise UsageError("The HTTP API is not installed: pip install 'codybatch[api]'.")
    from codybatch.cli.context import opened_to_change
    from codybatch.cli.up import check_free

    with opened_to_change() as application:
        _check_tokens(application, host)
        another = command(f"api --port {port % 65535 + 1}")
        check_free(host, port, another, "The API")
        application.take_over()
        _serve(application, host, port)


def _check_tokens(application: Application, host: str) -> None:
    from codybatch.web.addresses import is_loopback

    if not is_loopback(host) and not application.settings.api_tokens():
        raise PolicyError(
            f"Other machines can reach {host}, and nothing asks them who they are. Make a token by "
            f"`{command('api token NAME --scope read')}` and set CODYBATCH_API_TOKENS to its "
            "entry, or listen on 127.0.0.1."
        )


def _serve(application: Application, host: str, port: int) -> None:
    """Answer until a person ends it."""
    import uvicorn

    from codybatch.api.application import door_of, served
    from codybatch.cli.timekeeping import time_kept
    from codybatch.cli.up import address_of

    log_everything(logging.INFO, application.net.clean)
    unheard = logging.getLogger("uvicorn")  # it would repeat what a client sent
    unheard.handlers, unheard.propagate = [logging.NullHandler()], False
    config = uvicorn.Config(
        served(application, door_of(application, host)),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who asks is never taken from a header
        lifespan="off",
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=LEAVE_SECONDS,
    )
    hint(f"The HTTP API: {address_of(host, port)}/v1 (Ctrl-C ends it; jobs go on)")
    if application.settings.api_tokens():
        hint("It asks for a token. What goes there and back is not encrypted: put TLS in front.")
    try:
        with time_kept(application.settings):
            uvicorn.Server(config).run()
    except KeyboardInterrupt:  # uvicorn raises again what ended it
        return


@app.command()
@guarded
def token(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Whose it is: requests and verdicts of its holder name it."
        ),
    ],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="What it is for: read, submit, judge, publish or admin; repeat it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a token for the HTTP API, and the entry of CODYBATCH_API_TOKENS that knows it.

    The token is shown this once and kept nowhere; the entry holds its digest alone. To exchange a
    token, put the new entry beside the old one of the same name, and take the old one out once
    nobody uses it any more.
    """
    from codybatch.api.tokens import entry_of, new_token

    made = new_token()
    entry = entry_of(name, scope or (), made)
    if as_json:
        print_json({"token": made, "entry": str(entry)})
        return
    say(made)
    hint("This is the token: it is shown this once. Its entry for CODYBATCH_API_TOKENS:")
    say(str(entry))
