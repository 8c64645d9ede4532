"""The values of a prompt's variables, each asked for by what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

import streamlit as st

from codybatch.domain.prompts import Variable, VariableType
from codybatch.ui.compose.session import key_of
from codybatch.ui.plain_text import literal, visible

_YES_OR_NO = {"true": "Yes", "false": "No"}


def ask_values(declared: Iterable[Variable], values: Mapping[str, str]) -> None:
    """A widget for each variable, two beside each other."""
    variables = list(declared)
    for start in range(0, len(variables), 2):
        for place, variable in zip(st.columns(2), variables[start : start + 2], strict=False):
            with place:
                _ASK[variable.type](variable, values.get(variable.name, ""))


def _key(variable: Variable) -> str:
    return key_of(f"value-{variable.type}-{variable.name}")


def _help(variable: Variable) -> str | None:
    return literal(variable.description) or None


def _ask_text(variable: Variable, value: str) -> None:
    st.text_input(
        literal(variable.name),
        value=value,
        key=_key(variable),
        placeholder=visible(variable.default or ""),
        help=_help(variable),
        live=True,
    )


def _ask_number(variable: Variable, value: str) -> None:
    known = None
    with suppress(ValueError):
        known = float(value)
    st.number_input(
        literal(variable.name),
        value=known,
        key=_key(variable),
        placeholder=visible(variable.default or ""),
        help=_help(variable),
        step=1.0,
        format="%g",
    )


def _ask_yes_or_no(variable: Variable, value: str) -> None:
    known = value or (variable.default or "").lower()
    known = {"yes": "true", "no": "false"}.get(known, known)
    st.segmented_control(
        literal(variable.name),
        list(_YES_OR_NO),
        default=known if known in _YES_OR_NO else None,
        key=_key(variable),
        format_func=_YES_OR_NO.__getitem__,
        help=_help(variable),
    )


def _ask_choice(variable: Variable, value: str) -> None:
    known = value if value in variable.choices else variable.default
    st.selectbox(
        literal(variable.name),
        list(variable.choices),
        index=variable.choices.index(known) if known in variable.choices else None,
        key=_key(variable),
        help=_help(variable),
    )


_ASK = {
    VariableType.TEXT: _ask_text,
    VariableType.NUMBER: _ask_number,
    VariableType.BOOLEAN: _ask_yes_or_no,
    VariableType.CHOICE: _ask_choice,
}
