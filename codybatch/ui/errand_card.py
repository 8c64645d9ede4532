"""An errand as a page shows it: what is being done, what came of it, and the way on."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.ui.components import notice
from codybatch.ui.errands import Errand, ErrandState, the_errands
from codybatch.ui.live import forget
from codybatch.ui.navigation import JOB, REQUEST, go_to
from codybatch.ui.words import Color

_COLORS: dict[ErrandState, Color] = {
    ErrandState.WAITING: "gray",
    ErrandState.RUNNING: "blue",
    ErrandState.DONE: "green",
    ErrandState.FAILED: "red",
}
_WORDS: dict[ErrandState, str] = {
    ErrandState.WAITING: "{} waits for its turn",
    ErrandState.RUNNING: "{} is under way",
    ErrandState.DONE: "{}: done",
    ErrandState.FAILED: "{} did not work",
}


def show_errand(app: Application, subject: str, errand: Errand, shown_on: str = "") -> None:
    """The errand about one thing; once it has ended it can be put away.

    Args:
        app: whose errand it is.
        subject: the id of what it is about.
        errand: as it stands.
        shown_on: the page's file, where that page may be the way on, too.
    """
    title = _WORDS[errand.state].format(errand.title)
    goes_on = "It goes on when you leave this page." if errand.is_active else ""
    notice(f"errand-{subject}", _COLORS[errand.state], title, errand.text, goes_on)
    if errand.is_active:
        return
    made = ((JOB, "job", errand.job), (REQUEST, "request", errand.request))
    with st.container(horizontal=True, key="errand-next"):
        for page, what, its_id in made:
            label, key = f"Open the new {what}", f"errand-{what}-{subject}"
            if its_id and st.button(label, key=key, icon=":material/arrow_forward:"):
                go_to(page, its_id, shown_on)
        if st.button("Dismiss", key=f"errand-away-{subject}", type="tertiary"):
            the_errands(app).put_away(subject)
            forget(app)
            st.rerun()
