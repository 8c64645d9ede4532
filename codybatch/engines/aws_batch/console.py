"""Addresses of AWS's console, for people."""

from __future__ import annotations

from urllib.parse import quote

_PARTITIONS = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


def log_address(region: str, group: str, stream: str) -> str:
    """Where a log stream of CloudWatch is shown.

    Args:
        region: such as ``eu-central-1``.
        group: the log group's name.
        stream: the log stream's name.
    """
    hosts = (host for start, host in _PARTITIONS.items() if region.startswith(start))
    host = next(hosts, "console.aws.amazon.com")
    where = f"log-group/{_twice(group)}/log-events/{_twice(stream)}"
    return (
        f"https://{region}.{host}/cloudwatch/home?region={quote(region)}#logsV2:log-groups/{where}"
    )


def _twice(name: str) -> str:
    """A name as the console's fragment holds it: encoded twice, with $ in place of the second %."""
    return quote(quote(name, safe=""), safe="").replace("%", "$")
