"""The experiment that is being set up in this tab: begun, changed, and kept with each change."""

from __future__ import annotations

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.identifiers import request_id
from codybatch.services.preferences import WrittenExperiment
from codybatch.ui.components import notice
from codybatch.ui.plain_text import shown

_WRITTEN = "experiments-written"
_KEPT = "experiments-kept"
_GENERATION = "experiments-generation"
"""How often what is written was replaced by another."""
_BEFORE = "experiments-before"
_TROUBLE = "experiments-not-begun"
_ASKED = ("prompt", "from")
"""What the address may ask for; it is taken out of there once it is done."""


def begin(app: Application) -> WrittenExperiment:
    """What is written, as it stands when the page is drawn."""
    if _WRITTEN not in st.session_state or _GENERATION not in st.session_state:
        found = app.personal.written_experiment(app.person)
        st.session_state[_KEPT] = found
        replace(found)
    prompts, request = st.query_params.get_all("prompt"), st.query_params.get("from", "")
    if prompts or request:
        for name in _ASKED:
            st.query_params.pop(name, None)
        _begin_with(app, tuple(prompts), request)
    written: WrittenExperiment = st.session_state[_WRITTEN]
    return written


def _begin_with(app: Application, prompts: tuple[str, ...], request: str) -> None:
    before: WrittenExperiment = st.session_state[_WRITTEN]
    try:
        replace(begun_with(app, before, prompts, request), put_aside=before)
    except CodyBatchError as error:
        st.session_state[_TROUBLE] = error.message


def begun_with(
    app: Application, written: WrittenExperiment, prompts: tuple[str, ...], request: str
) -> WrittenExperiment:
    """What is written with what the address asks for in its place.

    Args:
        app: knows the prompts and the requests.
        written: what there is; its repositories, models and limits stay.
        prompts: saved ones, ``name`` or ``name@3``.
        request: one whose prompt, model and repositories are taken; or nothing.

    Raises:
        UnknownPrompt, UnknownIdentifier, NotFound: there is no such thing.
    """
    if request:
        found = app.requests.find(request_id(request))
        prompts = (str(found.prompt), *prompts)
        written = written.with_(
            models=(found.options.model,),
            efforts=(found.options.effort or "",),
            variables={**written.variables, **found.variables},
            repositories="\n".join(map(str, found.repositories)),
            necessary=(),
            unnecessary=(),
        )
    refs = tuple(dict.fromkeys(str(app.prompts.find(one).ref) for one in prompts))
    return written.with_(name="", question="", prompts=refs, baseline="")


def replace(written: WrittenExperiment, put_aside: WrittenExperiment | None = None) -> None:
    """Put another in place of what is written; the widgets begin with it.

    Args:
        written: the new one.
        put_aside: the old one, where it is to be brought back on request.
    """
    has_more = put_aside is not None and put_aside not in (written, WrittenExperiment())
    st.session_state[_BEFORE] = put_aside if has_more else None
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1
    st.session_state[_WRITTEN] = written


def key_of(name: str) -> str:
    """The key of a widget. Each replacement makes new widgets: the old ones would remember."""
    return f"experiments-new-{name}.{st.session_state[_GENERATION]}"


def keep(app: Application, written: WrittenExperiment) -> None:
    """Go on with what the widgets say, and keep it where it has changed."""
    st.session_state[_WRITTEN] = written
    if written == st.session_state[_KEPT]:
        return
    try:
        app.personal.keep_written_experiment(app.person, written)
    except CodyBatchError as error:
        notice("experiments-not-kept", "orange", "This is not kept", error.message)
    else:
        st.session_state[_KEPT] = written


def begun(app: Application) -> None:
    """Forget what was written: it is an experiment now."""
    app.personal.forget_written_experiment(app.person)
    for name in (_WRITTEN, _KEPT, _BEFORE):
        st.session_state.pop(name, None)


def show_notes(app: Application) -> None:
    """What could not be taken over, and the way back to what was written before."""
    if trouble := st.session_state.pop(_TROUBLE, ""):
        said = shown(trouble, app.net.clean)
        notice("experiments-address", "orange", "This could not be taken over", said)
    if st.session_state.get(_BEFORE) is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="experiments-aside"):
            st.text("What you had written was put aside.", width="content")
            st.button("Undo", key="experiments-undo", icon=":material/undo:", on_click=_bring_back)


def ask_to_clear(written: WrittenExperiment) -> None:
    """The way to an empty form."""
    st.button(
        "Clear",
        key="experiments-clear",
        icon=":material/delete_sweep:",
        type="tertiary",
        disabled=written == WrittenExperiment(),
        on_click=_clear,
    )


def _clear() -> None:
    replace(WrittenExperiment(), put_aside=st.session_state[_WRITTEN])


def _bring_back() -> None:
    replace(st.session_state[_BEFORE])
