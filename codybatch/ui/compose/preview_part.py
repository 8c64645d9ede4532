"""What the model will be told first, before anything is submitted."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.services.profiles import ProfiledRepository
from codybatch.ui.components import muted
from codybatch.ui.compose import looking
from codybatch.ui.compose.draft import ChosenRepository, Draft
from codybatch.ui.compose.form import Checked
from codybatch.ui.plain_text import literal, shown
from codybatch.ui.prompt_opening import show_opening


def show_preview(app: Application, draft: Draft, checked: Checked) -> None:
    """The first message with its variables filled in, folded until it is asked for."""
    if checked.prompt is None:
        return
    folded = st.expander("What the model gets", key="preview", on_change="rerun")
    if not folded.open:
        return
    with folded:
        if checked.options is None:
            muted("compose-preview", "It can be shown once the options are right.")
            return
        looked_over = _looked_over(draft)
        asked = checked.prompt_text
        if asked is None:  # a variable has no value yet
            asked = checked.prompt.template
        show_opening(app, checked.prompt, asked, checked.options, looked_over)
        if draft.repositories:
            _ask_to_look_over(app, draft.repositories[0], looked_over)


def _looked_over(draft: Draft) -> ProfiledRepository | None:
    """What is known of the first repository's files, where it was looked over."""
    found = looking.looking().profiled
    if found is None or not draft.repositories:
        return None
    first = draft.repositories[0].name.lower()
    return found if found.facts.repository.full_name.lower() == first else None


def _ask_to_look_over(
    app: Application, first: ChosenRepository, looked_over: ProfiledRepository | None
) -> None:
    mine = looking.looking()
    if mine.profile_failed:
        with st.container(key="compose-wrong-profile"):
            st.text(shown(mine.profile_failed, app.net.clean))
    if looked_over is not None and looked_over.ends is not None:
        with st.container(key="compose-wrong-looked-over"):
            st.text(f"A job there ends at once. {shown(looked_over.detail, app.net.clean)}")
    if looked_over is None:
        st.button(
            f"Look {literal(first.name)} over",
            icon=":material/search:",
            key="look-over",
            disabled=mine.profile is not None,
            help="Clones it for a moment, and fills in what a job would be told of it.",
            on_click=looking.look_over,
            args=(app, first.repository),
        )
