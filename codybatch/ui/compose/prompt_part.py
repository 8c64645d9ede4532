"""The prompt of the draft: picked from the library or written here, with its variables."""

from __future__ import annotations

import json

import streamlit as st

from codybatch.composition import Application
from codybatch.domain.errors import CodyBatchError
from codybatch.domain.prompts import (
    MAX_TEMPLATE_BYTES,
    Kind,
    PromptVersion,
    VariableType,
)
from codybatch.ui.components import muted
from codybatch.ui.compose import session
from codybatch.ui.compose.draft import Draft, PromptSource, WrittenVariable
from codybatch.ui.compose.form import name_of, schema_problem, used_variables, written_prompt
from codybatch.ui.compose.library import Library
from codybatch.ui.compose.session import key_of
from codybatch.ui.compose.values import ask_values
from codybatch.ui.compose.words import KINDS, KINDS_EXPLAINED, SOURCES, TYPES
from codybatch.ui.plain_text import literal, shown

_SHORT = 400
"""Characters of a prompt that is shown whole."""
_NOT_SAVED = "composing-not-saved"
_SCHEMA_BEGUN = """{
  "type": "object",
  "properties": {"answer": {"type": "string"}},
  "required": ["answer"],
  "additionalProperties": false
}"""


def ask_prompt(app: Application, draft: Draft, library: Library) -> None:
    """Everything of the prompt."""
    st.segmented_control(
        "Where the prompt comes from",
        list(PromptSource),
        default=draft.source,
        key=key_of("source"),
        required=True,
        format_func=SOURCES.__getitem__,
        label_visibility="collapsed",
    )
    if draft.source is PromptSource.WRITTEN:
        _write(app, draft)
    elif library.entries or draft.prompt:
        _pick(app, draft, library)
    else:
        muted("compose-no-prompt", "No prompt is saved yet. Write one, and save it for next time.")


def _pick(app: Application, draft: Draft, library: Library) -> None:
    left, right = st.columns([3, 1])
    # Also one that the library does not offer, such as an archived one: else it would be forgotten.
    names = list(dict.fromkeys((*library.entries, *filter(None, (draft.prompt,)))))
    left.selectbox(
        "Prompt",
        names,
        index=names.index(draft.prompt) if draft.prompt else None,
        key=key_of("prompt"),
        format_func=library.label,
        placeholder="Pick a prompt: type to search",
    )
    known = draft.prompt
    if known not in library.entries:
        return
    latest = library.entries[known].number
    versions = [0, *range(latest, 0, -1)]
    wanted = draft.version if draft.version in versions else 0
    right.selectbox(
        "Version",
        versions,
        index=versions.index(wanted),
        key=key_of(f"version-{known}"),
        format_func=lambda number: str(number) if number else f"Latest ({latest})",
    )
    found = app.prompts.find(f"{known}@{wanted}" if wanted else known)
    if found.description:
        muted("compose-description", shown(found.description, app.net.clean))
    is_long = len(found.template) > _SHORT
    st.code(
        shown(found.template, app.net.clean),
        language=None,
        wrap_lines=True,
        height=180 if is_long else "content",
    )
    st.button("Edit a copy", icon=":material/edit:", on_click=_edit_copy, args=(found,))
    ask_values(found.declared(), draft.values)


def _edit_copy(found: PromptVersion) -> None:
    session.change(lambda draft: copied(draft, found))


def copied(draft: Draft, found: PromptVersion) -> Draft:
    """A draft with the text of a saved prompt to work on, under the same name."""
    types = (
        WrittenVariable(name=one.name, type=one.type, choices=one.choices)
        for one in found.variables
        if one.type is not VariableType.TEXT
    )
    values = {one.name: one.default for one in found.variables if one.default is not None}
    schema = found.answer_schema
    return draft.with_(
        source=PromptSource.WRITTEN,
        text=found.template,
        name=found.name,
        kind=found.kind,
        answer_schema="" if schema is None else json.dumps(schema, indent=2, ensure_ascii=False),
        types=tuple(types),
        values={**values, **{name: value for name, value in draft.values.items() if value}},
    )


def _write(app: Application, draft: Draft) -> None:
    st.segmented_control(
        "Kind",
        list(Kind),
        default=draft.kind,
        key=key_of("kind"),
        required=True,
        format_func=KINDS.__getitem__,
        help=KINDS_EXPLAINED,
    )
    st.text_area(
        "Text",
        value=draft.text,
        key=key_of("text"),
        height=220,
        max_chars=MAX_TEMPLATE_BYTES,
        placeholder="What should be done in each repository? {{name}} makes a variable.",
    )
    _ask_variables(draft)
    if draft.kind is Kind.ASK:
        _ask_schema(draft)
    _ask_name(app, draft)


def _ask_schema(draft: Draft) -> None:
    st.text_area(
        "Answer (JSON Schema)",
        value=draft.answer_schema,
        key=key_of("schema"),
        height=150,
        placeholder=_SCHEMA_BEGUN,
        help="A program reads the answer: it has the fields that this JSON Schema asks for.",
    )
    if not draft.answer_schema.strip():
        st.button("Begin with an example", on_click=_begin_schema, icon=":material/data_object:")
    elif not schema_problem(draft.answer_schema):
        muted("compose-schema", "Answers can be held to this schema.")


def _begin_schema() -> None:
    session.change(lambda draft: draft.with_(answer_schema=_SCHEMA_BEGUN))


def _ask_variables(draft: Draft) -> None:
    """The types and values of the variables that the text uses, found as it is typed."""
    used = used_variables(draft)
    if not used:
        return
    ask_values([one.declared() for one in used], draft.values)
    with st.expander("What the variables take"):
        for one in used:
            _ask_type(one)


def _ask_type(one: WrittenVariable) -> None:
    left, right = st.columns([1, 2])
    left.selectbox(
        f"Type of {literal(one.name)}",
        list(VariableType),
        index=list(VariableType).index(one.type),
        key=key_of(f"type-{one.name}"),
        format_func=TYPES.__getitem__,
    )
    if one.type is VariableType.CHOICE:
        right.multiselect(
            f"Choices of {literal(one.name)}",
            list(one.choices),
            default=list(one.choices),
            key=key_of(f"choices-{one.name}"),
            accept_new_options=True,
            placeholder="Type a choice, then Enter",
        )


def _ask_name(app: Application, draft: Draft) -> None:
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.text_input(
        "Name",
        value=draft.name,
        key=key_of("name"),
        max_chars=64,
        placeholder=name_of(draft.with_(name="")) if draft.text.strip() else "",
        help="Lowercase letters, digits and dashes; without one, it is made of the first line. The "
        "text is saved under it when the request is submitted.",
    )
    right.button(
        "Save now",
        icon=":material/save:",
        disabled=not draft.text.strip(),
        on_click=_save,
        args=(app,),
        width="stretch",
    )
    if problem := st.session_state.pop(_NOT_SAVED, ""):
        with st.container(key="compose-wrong-not-saved"):
            st.text(problem)


def _save(app: Application) -> None:
    draft = session.read_widgets()
    try:
        saved = app.prompts.save(written_prompt(draft), app.person)
    except CodyBatchError as error:
        st.session_state[_NOT_SAVED] = error.message
        return
    st.toast(f"Saved {literal(str(saved.ref))}", icon=":material/check:")
    picked = draft.with_(source=PromptSource.SAVED, prompt=saved.name, version=None)
    session.replace(picked)
