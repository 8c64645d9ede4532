"""The one way in which a page shows what changes while it is looked at.

A page has at most one such part, and never one inside another: Streamlit's timers of nested
fragments go on after their part is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.snapshots import Snapshots
from codybatch.ui.workbench import errors_told


class Refreshing(Protocol):
    """What a view model of a live part says of itself."""

    @property
    def refresh_seconds(self) -> float | None:
        """When to look again (``codybatch.ui.pace``); None where nothing can change any more."""


V = TypeVar("V", bound=Refreshing)


def live(
    app: Application,
    title: str,
    key: Hashable,
    read: Callable[[], V],
    show: Callable[[V], None],
) -> None:
    """A part of a page that is read and shown again as often as its view model asks for.

    Nothing else of the page runs again, so that what was selected or written there stays. When the
    pace changes, the whole page runs once.

    Args:
        app: whose state is shown.
        title: what it is, for the notice of an error: "The list of jobs".
        key: names everything that ``read`` depends on, beginning with the page's name; all
            sessions that ask by one key within a second share one reading.
        read: makes the view model.
        show: draws it.
    """

    def part(every_seconds: float | None) -> None:
        with errors_told(title):
            seen = current(app, key, read)
            if seen.refresh_seconds != every_seconds:
                st.rerun()
            show(seen)

    every_seconds = current(app, key, read).refresh_seconds
    st.fragment(part, run_every=every_seconds)(every_seconds)


T = TypeVar("T")


def current(app: Application, key: Hashable, read: Callable[[], T]) -> T:
    """What ``read`` gave some session within the last second, else gives now; see ``live``."""
    return _snapshots_of(app).current(key, read)


def forget(app: Application) -> None:
    """Read everything anew from now on. Whatever changes records calls this before it reruns."""
    _snapshots_of(app).forget()


@st.cache_resource(show_spinner=False, max_entries=1, hash_funcs={Application: id})
def _snapshots_of(app: Application) -> Snapshots:
    del app  # one for each application of this process
    return Snapshots()
