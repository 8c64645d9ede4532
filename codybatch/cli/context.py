"""What commands begin with: the settings of this call, and the application behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codybatch.composition import Application
    from codybatch.settings import Settings


class _Choice:
    """What the root command's options chose, for the one call of this process."""

    demo = False


def choose_demo() -> None:
    """Look at the demonstration's home directory instead of one's own."""
    _Choice.demo = True


def settings() -> Settings:
    """The settings of this call."""
    from codybatch.settings import load_settings

    mine = load_settings()
    return mine.for_demonstration() if _Choice.demo else mine


@contextmanager
def opened() -> Iterator[Application]:
    """The application, closed afterwards."""
    from codybatch.composition import application

    app = application(settings())
    try:
        yield app
    finally:
        app.close()
