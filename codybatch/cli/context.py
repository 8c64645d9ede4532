"""What commands begin with: the settings of this call, and the application behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codybatch.domain.errors import PolicyError

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.settings import Settings

_MIN_KNOWN = 6
"""Shorter values are no keys, and would blot out ordinary words."""


class _Call:
    """What is known of the one call of this process."""

    demo = False
    secrets: tuple[str, ...] = ()


def begin(*, demo: bool) -> None:
    """Begin a call: over one's own home directory, or over the demonstration's."""
    _Call.demo = demo
    _Call.secrets = ()


def choose_demo() -> None:
    """Look at the demonstration's home directory instead of one's own."""
    _Call.demo = True


def looks_at_demo() -> bool:
    """Whether this call looks at the demonstration's home directory."""
    return _Call.demo


def settings() -> Settings:
    """The settings of this call.

    Raises:
        InvalidSetting: one cannot be used.
    """
    from codybatch.settings import load_settings

    mine = load_settings()
    _Call.secrets = tuple(secret for secret in mine.secrets() if len(secret) >= _MIN_KNOWN)
    return mine.for_demonstration() if _Call.demo else mine


def without_secrets(text: str) -> str:
    """``text`` without the values of our own credentials, as far as this call has read them."""
    for secret in _Call.secrets:
        text = text.replace(secret, "[redacted]")
    return text


@contextmanager
def opened() -> Iterator[Application]:
    """The application, closed afterwards."""
    from codybatch.composition import application

    app = application(settings())
    try:
        yield app
    finally:
        app.close()


@contextmanager
def opened_to_change() -> Iterator[Application]:
    """The application, for a command that changes something.

    Raises:
        PolicyError: the command was to look at the demonstration, which is for its workbench alone.
    """
    if _Call.demo:
        raise PolicyError(
            "--demo only looks at the demonstration's results. Leave it out to work on your own, "
            "or work on the demonstration in its workbench: `codybatch up --demo`."
        )
    with opened() as app:
        yield app
