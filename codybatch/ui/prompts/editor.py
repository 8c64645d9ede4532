"""The editor: a new prompt, or the next version of one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError, DocumentTooLarge
from codybatch.domain.prompts import (
    MAX_TEMPLATE_BYTES,
    Kind,
    PromptDraft,
    PromptVersion,
    VariableType,
)
from codybatch.ui.components import Crumb, notice, page_header
from codybatch.ui.compose.words import KINDS, KINDS_EXPLAINED, TYPES
from codybatch.ui.done import say_done
from codybatch.ui.live import forget
from codybatch.ui.navigation import COMPOSE, PROMPTS, seen
from codybatch.ui.plain_text import literal, shown
from codybatch.ui.prompt_hints import hint_lines, show_hints
from codybatch.ui.prompt_opening import show_opening
from codybatch.ui.prompts.address import show_another
from codybatch.ui.prompts.editing import Written, WrittenVariable

_BOOLEANS = ("true", "false")
_NOT_SAVED = "prompts-not-saved"
_TRIED = "prompts-tried"
"""The version that was saved to be tried out."""
_AGAIN = "prompts-edit-again"
"""Ends the keys of the fields, once a person has started over."""


def show_editor(app: Application, name: str, number: int | None) -> None:
    """The fields, and the button that saves them.

    Args:
        app: where it is saved.
        name: of the prompt whose version is gone on from; empty for a new one.
        number: which version; the latest where it is None.

    Raises:
        UnknownPrompt: there is no such prompt.
    """
    if tried := st.session_state.pop(_TRIED, ""):
        st.switch_page(COMPOSE, query_params={"prompt": tried, "try": "true"})
    saved = Written()
    if name:
        saved = Written.of(app.prompts.find(name if number is None else f"{name}@{number}"))
    title = f"Edit {name}" if name else "New prompt"
    meta = "Every save is a version of its own: what ran before keeps its text."
    page_header(title, Crumb("Prompts", PROMPTS, seen(PROMPTS)), meta=meta)
    key = f"prompts-edit-{name}-{number or ''}{st.session_state.get(_AGAIN, '')}"
    before = _begun(app, name, saved, key)
    if before != saved:
        _show_unsaved(app, name)
    _ask(before, key, is_new=not name)
    _keep(app, name, _written(before, key), key)
    with suppress(CodyBatchError):  # a save says what is wrong
        written = _written(before, key).draft()
        show_hints(hint_lines(written, app.net.clean))
        _show_opening(app, written)
    if problem := st.session_state.pop(_NOT_SAVED, ""):
        notice("prompts-not-saved", "red", "It was not saved", shown(problem, app.net.clean))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Save",
            key=f"{key}-save",
            type="primary",
            icon=":material/save:",
            on_click=_save,
            args=(app, name, before, key),
        )
        st.button(
            "Save and try on one repository",
            key=f"{key}-try",
            icon=":material/science:",
            on_click=_save_and_try,
            args=(app, name, before, key),
            help="A request with a small cap; nothing is published.",
        )
        if name:
            leave = "Leave without saving"
            st.button(leave, type="tertiary", on_click=_leave, args=(app, name, number))


def _show_opening(app: Application, written: PromptDraft) -> None:
    """What the model would get, folded until it is asked for; variables keep their places."""
    folded = st.expander("What the model gets", key="prompts-opening", on_change="rerun")
    if folded.open:
        with folded:
            show_opening(app, written, written.template, app.preferred_options())


def _begun(app: Application, name: str, saved: Written, key: str) -> Written:
    """What the fields begin with: what was written and not saved, else what is saved."""
    if f"{key}-text" not in st.session_state:  # the editor was just opened
        kept = app.personal.written_prompt(app.person, name)
        begun = saved if kept is None else Written.of_kept(kept)
        st.session_state[f"{key}-begun"] = st.session_state[f"{key}-kept"] = begun
    found: Written = st.session_state[f"{key}-begun"]
    return found


def _show_unsaved(app: Application, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="prompts-unsaved"):
        st.text("This is what you wrote and have not saved.", width="content")
        over = "Start over"
        st.button(over, key="prompts-over", type="tertiary", on_click=_start_over, args=(app, name))


def _start_over(app: Application, name: str) -> None:
    """Forget what was written; other keys make new fields, which begin with what is saved."""
    app.personal.forget_written_prompt(app.person, name)
    st.session_state[_AGAIN] = f"-{uuid4().hex[:6]}"


def _leave(app: Application, name: str, number: int | None) -> None:
    app.personal.forget_written_prompt(app.person, name)
    show_another(name, number)


def _keep(app: Application, name: str, now: Written, key: str) -> None:
    """Keep what is written, so that a reload or another page loses nothing of it."""
    if now == st.session_state[f"{key}-kept"]:
        return
    try:
        app.personal.keep_written_prompt(app.person, name, now.kept())
    except DocumentTooLarge as error:
        notice("prompts-not-kept", "orange", "This text is not kept", error.message)
    else:
        st.session_state[f"{key}-kept"] = now


def _save(app: Application, name: str, before: Written, key: str) -> None:
    """Save what the fields hold at this moment, and show what was saved."""
    if saved := _saved(app, name, before, key):
        show_another(saved.name)


def _save_and_try(app: Application, name: str, before: Written, key: str) -> None:
    """Save it, and go on to a request that tries it out."""
    if saved := _saved(app, name, before, key):
        st.session_state[_TRIED] = str(saved.ref)


def _saved(app: Application, name: str, before: Written, key: str) -> PromptVersion | None:
    """The version that was made of the fields; None where they cannot be saved."""
    try:
        saved = app.prompts.save(_written(before, key).draft(), app.person)
    except CodyBatchError as error:
        st.session_state[_NOT_SAVED] = error.message
        return None
    app.personal.forget_written_prompt(app.person, name)
    forget(app)
    say_done(f"Version {saved.number} saved")
    return saved


def _written(before: Written, key: str) -> Written:
    """The fields as they are now: those that are not drawn yet are as they were before."""
    state = st.session_state
    now = replace(
        before,
        name=state.get(f"{key}-name", before.name),
        kind=state.get(f"{key}-kind") or before.kind,
        description=state.get(f"{key}-about", before.description),
        text=state.get(f"{key}-text", before.text),
        schema=state.get(f"{key}-schema", before.schema),
    )
    return replace(now, variables={name: _variable(before, name, key) for name in now.used})


def _variable(before: Written, name: str, key: str) -> WrittenVariable:
    state, was, key = st.session_state, before.variable(name), f"{key}-{name}"
    taken = state.get(f"{key}-type", was.type)
    return WrittenVariable(
        type=taken,
        default=state.get(f"{key}-default-{taken}", was.default) or "",
        choices=tuple(state.get(f"{key}-choices", was.choices)),
        description=state.get(f"{key}-about", was.description),
    )


def _ask(before: Written, key: str, *, is_new: bool) -> None:
    """Draw the fields."""
    if is_new:
        _ask_what_it_is(before, key)
    st.text_input(
        "Description", before.description, key=f"{key}-about", help="One line for the library."
    )
    st.text_area(
        "Text",
        before.text,
        key=f"{key}-text",
        height=360,
        max_chars=MAX_TEMPLATE_BYTES,
        placeholder="What should be done in each repository? {{name}} makes a variable.",
    )
    now = _written(before, key)
    if now.used:
        st.subheader("Variables", anchor=False)
    for name in now.used:
        _ask_variable(name, before.variable(name), now.variable(name), f"{key}-{name}")
    if now.kind is Kind.ASK:
        st.text_area(
            "Answer (JSON Schema)",
            before.schema,
            key=f"{key}-schema",
            height=200,
            help="A program reads the answer: it has the fields that this JSON Schema asks for.",
        )


def _ask_what_it_is(before: Written, key: str) -> None:
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.text_input(
        "Name",
        before.name,
        key=f"{key}-name",
        max_chars=64,
        help="Lowercase letters, digits and dashes.",
    )
    right.segmented_control(
        "Kind",
        list(Kind),
        default=before.kind,
        key=f"{key}-kind",
        required=True,
        format_func=KINDS.__getitem__,
        help=KINDS_EXPLAINED,
    )


def _ask_variable(name: str, before: WrittenVariable, now: WrittenVariable, key: str) -> None:
    with st.container(border=True, key=f"{key}-variable", gap="xsmall"):
        with st.container(key=f"strong-{key}"):
            st.text(name)
        first, second, third = st.columns([1, 1, 2])
        first.selectbox(
            f"Type of {literal(name)}",
            list(VariableType),
            index=list(VariableType).index(before.type),
            key=f"{key}-type",
            format_func=TYPES.__getitem__,
        )
        third.text_input(f"Meaning of {literal(name)}", before.description, key=f"{key}-about")
        if now.type is VariableType.CHOICE:
            st.multiselect(
                f"Choices of {literal(name)}",
                list(before.choices),
                default=list(before.choices),
                key=f"{key}-choices",
                accept_new_options=True,
                placeholder="Type a choice, then Enter",
            )
        with second:
            _ask_default(name, before, now, f"{key}-default-{now.type}")


def _ask_default(name: str, before: WrittenVariable, now: WrittenVariable, key: str) -> None:
    label = f"Default of {literal(name)}"
    if now.type not in {VariableType.CHOICE, VariableType.BOOLEAN}:
        st.text_input(label, before.default, key=key, placeholder="None: needed each time")
        return
    named = now.choices if now.type is VariableType.CHOICE else (*_BOOLEANS, before.default)
    options = tuple(dict.fromkeys(("", *named)))
    index = options.index(before.default) if before.default in options else 0
    st.selectbox(label, options, index=index, key=key, format_func=lambda one: one or "None")
