"""Which pages there are, and how every way to one of them leads through the router."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path, PurePath

import streamlit as st
from streamlit.navigation.page import Page

OVERVIEW = "pages/overview.py"
REQUESTS, REQUEST = "pages/requests.py", "pages/request.py"
JOBS, JOB = "pages/jobs.py", "pages/job.py"
JUDGE = "pages/judge.py"
SETTINGS = "pages/settings.py"
COMPOSE = "pages/compose.py"
PROMPTS, PROMPT = "pages/prompts.py", "pages/prompt.py"
SCHEDULES, SCHEDULE = "pages/schedules.py", "pages/schedule.py"
NEW_SCHEDULE = "pages/new_schedule.py"
EXPERIMENTS, EXPERIMENT = "pages/experiments.py", "pages/experiment.py"
NEW_EXPERIMENT = "pages/new_experiment.py"
"""A page is named by its file, for links and for switching to it."""


@dataclass(frozen=True)
class Entry:
    """A page of the workbench.

    Args:
        file: below the folder of ``router.py``; its stem is the page's address.
        title: in the navigation and in the window's title.
        icon: before the title.
        hidden: whether it is reached through links alone, as one job's page is.
    """

    file: str
    title: str
    icon: str = ""
    hidden: bool = False


NAVIGATION: dict[str, tuple[Entry, ...]] = {
    "Work": (
        Entry(OVERVIEW, "Overview", ":material/space_dashboard:"),
        Entry(COMPOSE, "New request", ":material/add:"),
        Entry(REQUESTS, "Requests", ":material/stacks:"),
        Entry(REQUEST, "Request", hidden=True),
        Entry(JOBS, "Jobs", ":material/list_alt:"),
        Entry(JOB, "Job", hidden=True),
        Entry(JUDGE, "Judge", ":material/thumbs_up_down:"),
    ),
    "Improve": (
        Entry(PROMPTS, "Prompts", ":material/edit_note:"),
        Entry(PROMPT, "Prompt", hidden=True),
        Entry(EXPERIMENTS, "Experiments", ":material/science:"),
        Entry(EXPERIMENT, "Experiment", hidden=True),
        Entry(NEW_EXPERIMENT, "New experiment", hidden=True),
        Entry(SCHEDULES, "Schedules", ":material/event_repeat:"),
        Entry(SCHEDULE, "Schedule", hidden=True),
        Entry(NEW_SCHEDULE, "New schedule", hidden=True),
    ),
    "Workspace": (Entry(SETTINGS, "Settings", ":material/settings:"),),
}
"""A page is one line here, in the order of the sidebar; the first of all is shown at the root."""

TITLE = "Cody Batch"
MARK = str(Path(__file__).with_name("mark.svg"))
"""The window's icon: a file of ours, so that nothing is fetched from elsewhere."""

_routed: ContextVar[bool] = ContextVar("_routed", default=False)
"""Whether the router ran in this thread, which Streamlit keeps for one run of the script."""


def route() -> None:
    """Run the page that the address names."""
    _routed.set(True)
    _configure()
    st.logo(MARK, size="large")
    _navigation().run()


def ensure_routed() -> None:
    """Begin again through the router where a page was run without it.

    Until ``st.navigation`` was called once in a process, Streamlit finds the files of ``pages/`` by
    itself and runs a deep link's alone (``_mpa_v1`` in Streamlit 1.67's script_runner.py).
    """
    if not _routed.get():
        _configure()
        _navigation()
        st.rerun()


def addresses() -> list[str]:
    """The path of every page's address, the root's first."""
    entries = [entry for entries in NAVIGATION.values() for entry in entries]
    return ["/", *(f"/{PurePath(entry.file).stem}" for entry in entries)]


def remember(page: str, address: Mapping[str, str]) -> None:
    """Keep a list's address (its filters and its page) for the way back to it."""
    st.session_state[_key_of(page)] = dict(address)


def seen(page: str) -> dict[str, str] | None:
    """The address of a list as this session saw it last."""
    address: dict[str, str] | None = st.session_state.get(_key_of(page))
    return address


def go_to(page: str, identity: str, shown_on: str = "") -> None:
    """Show one thing on its page.

    Args:
        page: the page's file.
        identity: the thing's id.
        shown_on: the page that is shown now. Where it is the same, only the address changes:
            switching to it, or a link, would change nothing in the browser's (Streamlit 1.67), so
            that the next run would show the thing before it again.
    """
    if page != shown_on:
        st.switch_page(page, query_params={"id": identity})
    st.query_params["id"] = identity
    st.rerun()


def restore(page: str, foreign: str = "id") -> None:
    """Go to the list as it was, where the browser's Back brought another page's parameters along.

    Streamlit 1.67 runs the page before with the query of the page that was left.

    Args:
        page: the list's file.
        foreign: a parameter that the list itself never has.
    """
    if foreign in st.query_params:
        st.switch_page(page, query_params=seen(page))


def _configure() -> None:
    """Name the window and give it its icon.

    Before the navigation, always: for a page's own icon Streamlit has the browser ask Google.
    """
    st.set_page_config(page_title=TITLE, page_icon=MARK, layout="wide")


def _key_of(page: str) -> str:
    return f"seen-{page}"


def _navigation() -> Page:
    first = next(entry for entries in NAVIGATION.values() for entry in entries)
    return st.navigation(
        {
            group: [_page(entry, is_first=entry is first) for entry in entries]
            for group, entries in NAVIGATION.items()
            if entries
        }
    )


def _page(entry: Entry, *, is_first: bool) -> Page:
    return st.Page(
        entry.file,
        title=entry.title,
        icon=entry.icon or None,
        default=is_first,
        visibility="hidden" if entry.hidden else "visible",
    )
