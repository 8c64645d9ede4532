"""Starts a handler under Lambda, with its secrets in the environment and not in its configuration.

``SECRETS_TO_READ`` names secrets of Secrets Manager by their ARNs, separated by commas. Each holds
a JSON object whose names are settings; ``none`` means that one is not set. They are read once,
before the handler is imported: whoever changes one starts the function's environments again
(``python -m infra.keys``).
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable

NAMED = "SECRETS_TO_READ"
UNSET = "none"


def settings_in(arns: str, read: Callable[[str], str]) -> dict[str, str]:
    """The settings that secrets hold.

    Args:
        arns: of the secrets, separated by commas; empty for none.
        read: gives the text of one.

    Raises:
        ValueError: one holds no JSON object of texts; the message repeats nothing of it.
    """
    found: dict[str, str] = {}
    for arn in filter(None, arns.split(",")):
        try:
            held = json.loads(read(arn))
        except ValueError:
            held = None
        if not isinstance(held, dict) or not all(isinstance(each, str) for each in held.values()):
            raise ValueError(f"The secret {arn} holds no JSON object of names and texts.")
        found |= {name: value for name, value in held.items() if value != UNSET}
    return found


def read_secret(arn: str) -> str:
    """The newest text of a secret."""
    import boto3  # noqa: PLC0415 - a function without secrets does not need it here

    return str(boto3.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])


def main() -> None:
    """Read the secrets, then serve the handler that the command names."""
    os.environ.update(settings_in(os.environ.pop(NAMED, ""), read_secret))
    # AWS's own client of the Lambda service, which is in the image alone.
    importlib.import_module("awslambdaric.__main__").main(sys.argv)


if __name__ == "__main__":
    main()
