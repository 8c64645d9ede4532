"""Fills secrets and exchanges them, without a value in an argument, a template or a log.

``python -m infra.keys dev credentials`` takes ANTHROPIC_API_KEY, GITHUB_TOKEN and the GITHUB_APP_
variables from the environment, those that are set. ``api-token NAME`` and ``access-token`` make a
new one. Whatever has read the old value is started again; a job reads them when it begins.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from codybatch.api.tokens import entry_of, new_token
from codybatch.api_settings import Scope
from codybatch.aws.region import session
from codybatch.domain.errors import CodyBatchError, StoreNotSetUp
from infra.deployed import outputs
from infra.secrets import API, CREDENTIALS, UNSET, WORKBENCH

ACCESS_TOKEN_BYTES = 24


class Keys:
    """The secrets of one deployed stage."""

    def __init__(self, found: Mapping[str, str]) -> None:
        """Knows what the stacks said of themselves."""
        self._found = found
        self._secrets: Any = session().client("secretsmanager")

    def fill_credentials(
        self, environment: Mapping[str, str], *, only_missing: bool = False
    ) -> list[str]:
        """Take what the environment has; gives back which were taken.

        A token and an App exclude each other: whichever is given takes the other's place.

        Args:
            environment: where the values stand.
            only_missing: leave what is filled as it is, and an App or a token of GitHub alone
                where there is either: a shell may well hold a token that is somebody else's.
        """
        given = {name: environment[name] for name in CREDENTIALS if environment.get(name)}
        if only_missing:
            given = _still_missing(given, self._held("CredentialsSecret"))
        if not given:
            return []
        if "GITHUB_TOKEN" in given:
            given |= {name: UNSET for name in CREDENTIALS if name.startswith("GITHUB_APP_")}
        elif "GITHUB_APP_ID" in given:
            given["GITHUB_TOKEN"] = UNSET
        self._change("CredentialsSecret", given)
        self._restart_functions()
        self._restart_workbench()
        return sorted(name for name, value in given.items() if value != UNSET)

    def add_api_token(self, name: str, scopes: Sequence[str]) -> str:
        """A new token of the HTTP API; those that were there stay valid."""
        token = new_token()
        entry = str(entry_of(name, scopes, token))
        self._write_api_tokens([*self._api_tokens(), entry])
        return token

    def drop_api_tokens(self, name: str, *, keep_newest: bool) -> int:
        """Take a name's tokens away, all or all but its newest; says how many."""
        entries = self._api_tokens()
        own = [entry for entry in entries if entry.startswith(f"{name}:")]
        dropped = own[:-1] if keep_newest else own
        if dropped:
            self._write_api_tokens([entry for entry in entries if entry not in dropped])
        return len(dropped)

    def exchange_access_token(self) -> str:
        """A new token of the workbench; the old one and all sessions end with the restart."""
        token = secrets.token_hex(ACCESS_TOKEN_BYTES)
        self._change("AccessTokenSecret", {WORKBENCH[0]: token})
        self._restart_workbench()
        return token

    def _api_tokens(self) -> list[str]:
        held = self._held("ApiTokensSecret").get(API[0], UNSET)
        return [] if held == UNSET else held.split(",")

    def _write_api_tokens(self, entries: Sequence[str]) -> None:
        self._change("ApiTokensSecret", {API[0]: ",".join(entries) or UNSET})
        self._restart_functions()

    def _held(self, output: str) -> dict[str, str]:
        told = self._secrets.get_secret_value(SecretId=self._found[output])
        held: dict[str, str] = json.loads(told["SecretString"])
        return held

    def _change(self, output: str, values: Mapping[str, str]) -> None:
        text = json.dumps({**self._held(output), **values})
        self._secrets.put_secret_value(SecretId=self._found[output], SecretString=text)

    def _restart_functions(self) -> None:
        """A changed description makes Lambda begin with new environments."""
        functions: Any = session().client("lambda")
        said = f"Its secrets were read after {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        for output in ("HttpFunction", "TickFunction"):
            functions.update_function_configuration(
                FunctionName=self._found[output], Description=said
            )

    def _restart_workbench(self) -> None:
        """Another task takes over, and then the old one ends."""
        if "WorkbenchCluster" not in self._found:  # the stage is deployed without it
            return
        tasks: Any = session().client("ecs")
        tasks.update_service(
            cluster=self._found["WorkbenchCluster"],
            service=self._found["WorkbenchService"],
            forceNewDeployment=True,
        )


def _still_missing(given: Mapping[str, str], held: Mapping[str, str]) -> dict[str, str]:
    filled = {name for name, value in held.items() if value != UNSET}
    if any(name.startswith("GITHUB_") for name in filled):
        filled |= {name for name in CREDENTIALS if name.startswith("GITHUB_")}
    return {name: value for name, value in given.items() if name not in filled}


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what was asked; a new token is printed once, and nothing else of a secret ever is."""
    asked = _parser().parse_args(arguments)
    try:
        sys.stdout.write(_done(Keys(outputs(asked.stage)), asked, environment))
    except CodyBatchError as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_status
    except (BotoCoreError, ClientError) as error:
        sys.stderr.write(f"AWS refused: {error}\n")
        return StoreNotSetUp.exit_status
    return 0


def _done(keys: Keys, asked: argparse.Namespace, environment: Mapping[str, str]) -> str:
    if asked.what == "credentials":
        taken = keys.fill_credentials(environment, only_missing=asked.only_missing)
        return f"Taken from the environment: {', '.join(taken) or 'nothing, all stays'}.\n"
    if asked.what == "api-token":
        return f"{keys.add_api_token(asked.name, asked.scope)}\n"
    if asked.what == "drop-api-token":
        count = keys.drop_api_tokens(asked.name, keep_newest=asked.keep_newest)
        return f"{count} of {asked.name} no longer open the API.\n"
    return f"{keys.exchange_access_token()}\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.keys", description=__doc__)
    parser.add_argument("stage")
    what = parser.add_subparsers(dest="what", required=True)
    taken = what.add_parser("credentials", help="take keys from the environment")
    taken.add_argument("--only-missing", action="store_true", help="leave what is filled")
    what.add_parser("access-token", help="a new one for the workbench")
    added = what.add_parser("api-token", help="a new one for the HTTP API")
    added.add_argument("name", help="whose it is")
    added.add_argument("--scope", action="append", choices=list(Scope), required=True)
    dropped = what.add_parser("drop-api-token", help="take a name's tokens of the HTTP API away")
    dropped.add_argument("name")
    dropped.add_argument("--keep-newest", action="store_true", help="all but the newest")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
