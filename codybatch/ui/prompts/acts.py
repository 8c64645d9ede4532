"""What can be done with a prompt: archived, taken up again, duplicated."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.ui.acts import Question, confirm
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.plain_text import literal, shown
from codybatch.ui.prompts.address import show_another
from codybatch.ui.prompts.view import PromptView


def show_acts(app: Application, view: PromptView) -> None:
    """The lesser acts of the page's head."""
    if st.button("Duplicate", key="prompts-duplicate", icon=":material/content_copy:"):
        ask_for_name(app, view)
    if view.is_archived:
        st.button(
            "Take up again",
            key="prompts-unarchive",
            icon=":material/unarchive:",
            on_click=_take_up,
            args=(app, view.name),
        )
    elif st.button("Archive", key="prompts-archive", icon=":material/archive:"):
        ask_to_archive(app, view)


def ask_to_archive(app: Application, view: PromptView) -> None:
    """Ask whether a prompt is to be offered no longer."""
    question = Question(
        title=f"Archive {view.name}?",
        told=(
            "It is offered no longer: nothing new is submitted or saved under its name.",
            "Its versions and its jobs stay, and can be retried and followed up.",
        ),
        act="Archive it",
        keep="Keep it",
        done="Prompt archived",
        is_loss=False,
    )
    confirm(app, question, lambda: app.prompts.archive(view.name))


def _take_up(app: Application, name: str) -> None:
    app.prompts.unarchive(name)
    forget(app)
    say_done("Prompt offered again")


def ask_for_name(app: Application, view: PromptView) -> None:
    """Ask for the name of a copy, and make it."""

    @st.dialog(f"Duplicate {literal(view.ref)}")
    def ask() -> None:
        st.text("Its text becomes the first version of a new prompt.")
        name = st.text_input(
            "Name of the copy",
            value=f"{view.name[:59]}-copy",
            key="prompts-copy-name",
            max_chars=64,
            help="Lowercase letters, digits and dashes.",
        )
        if st.button("Duplicate", key="prompts-copy", type="primary", disabled=not name.strip()):
            _duplicate(app, view, name.strip())

    ask()


def _duplicate(app: Application, view: PromptView, name: str) -> None:
    try:
        copy = app.prompts.duplicate(view.ref, name, app.person)
    except CodyBatchError as error:
        st.error("That did not work.", icon=":material/error:")
        st.text(shown(error.message, app.net.clean))
        return
    forget(app)
    say_done("Prompt duplicated")
    show_another(copy.name)
    st.rerun()
