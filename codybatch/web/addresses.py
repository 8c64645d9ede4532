"""Addresses and names by which the workbench is reached."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address or the name ``localhost``."""
    if address == "localhost":
        return True
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def host_of(written: str) -> str | None:
    """The name in a ``Host`` header, without its port; None where it is no name."""
    try:
        parts = urlsplit(f"//{written}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    if parts.netloc != written or parts.username is not None or parts.path or not parts.hostname:
        return None
    return parts.hostname.rstrip(".")


def is_same_origin(origin: str, written_host: str) -> bool:
    """Whether a page of ``origin`` is one of ours: of the very name and port that were asked."""
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == written_host.lower()


def answers_to(host: str, local_address: str, address: str, names: frozenset[str]) -> bool:
    """Whether the workbench is known by a name: another would be a page of somebody else's that
    has its name lead here (DNS rebinding).

    Args:
        host: the name that was asked for.
        local_address: this end of the connection.
        address: what the server was told to listen on.
        names: further ones that a person has allowed.
    """
    if host in LOOPBACK_NAMES or host == address.lower() or host in names:
        return True
    asked = _parsed(host)
    if asked is not None:
        return asked == _parsed(local_address)
    return not is_loopback(address) and host == socket.gethostname().lower()


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
