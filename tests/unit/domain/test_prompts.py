"""Prompts: names, variables, types, and rendering that never renders a value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import InvalidPrompt, MissingVariable
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import (
    MAX_TEMPLATE_BYTES,
    Kind,
    PromptDraft,
    PromptRef,
    PromptVersion,
    Variable,
    VariableType,
)


def draft(template: str, *variables: Variable, **fields: Any) -> PromptDraft:
    return PromptDraft(name="pin-actions", template=template, variables=variables, **fields)


def test_a_prompt_without_variables_renders_to_itself() -> None:
    assert draft("Pin every action.").render({}) == "Pin every action."


def test_variables_are_filled_in_wherever_they_stand() -> None:
    prompt = draft("Use {{tool}} and {{ tool }} for {{  what}}.")
    assert prompt.variables_used() == ("tool", "what")
    assert prompt.render({"tool": "ruff", "what": "lint"}) == "Use ruff and ruff for lint."


@pytest.mark.parametrize(
    "template", ["{{}}", "{{ 1a }}", "{{a-b}}", "{ {a} }", "{a}", "{{a}", "{{a|upper}}", "{% a %}"]
)
def test_only_plain_names_in_double_braces_are_variables(template: str) -> None:
    assert draft(template).variables_used() == ()
    assert draft(template).render({}) == template


@pytest.mark.parametrize("value", ["{{other}}", "{{tool}}", r"\1 \g<0>", "{% x %}", "", "a\nb"])
def test_a_value_goes_in_as_it_is_and_is_never_rendered_again(value: str) -> None:
    prompt = draft("<{{tool}}> <{{other}}>")
    assert prompt.render({"tool": value, "other": "x"}) == f"<{value}> <x>"


@given(st.text(), st.text())
def test_rendering_inserts_any_text_byte_for_byte(first: str, second: str) -> None:
    rendered = draft("[{{a}}|{{b}}]").render({"a": first, "b": second})
    assert rendered == f"[{first}|{second}]"


def test_a_missing_variable_is_named_with_the_option_that_gives_it() -> None:
    with pytest.raises(MissingVariable) as refused:
        draft("Use {{tool}}.").render({})
    assert str(refused.value) == (
        "The prompt 'pin-actions' needs a value for the variable 'tool': "
        "give it with --var tool=VALUE."
    )


def test_a_default_stands_in_for_a_value_that_was_not_given() -> None:
    prompt = draft("Use {{tool}}.", Variable(name="tool", default="ruff"))
    assert prompt.render({}) == "Use ruff."
    assert prompt.render({"tool": "flake8"}) == "Use flake8."


def test_an_empty_value_is_a_value() -> None:
    prompt = draft("Use{{tool}}.", Variable(name="tool", default=" ruff"))
    assert prompt.render({"tool": ""}) == "Use."


def test_an_unknown_variable_is_refused_beside_those_in_use() -> None:
    with pytest.raises(InvalidPrompt) as refused:
        draft("Use {{tool}}.").render({"tool": "x", "tol": "y"})
    assert str(refused.value) == "The prompt 'pin-actions' has no variable 'tol'; it uses tool."


def test_a_prompt_without_variables_takes_none() -> None:
    with pytest.raises(InvalidPrompt, match=r"has no variable 'a'; it uses none\."):
        draft("Nothing to fill in.").render({"a": "b"})


def test_a_declared_variable_that_the_text_does_not_use_needs_no_value() -> None:
    assert draft("Plain.", Variable(name="unused")).render({}) == "Plain."


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (VariableType.TEXT, "anything {{at}} all"),
        (VariableType.NUMBER, "12"),
        (VariableType.NUMBER, "-0.5"),
        (VariableType.BOOLEAN, "true"),
        (VariableType.BOOLEAN, "No"),
        (VariableType.CHOICE, "red"),
    ],
)
def test_a_value_of_the_right_type_is_kept_as_written(kind: VariableType, value: str) -> None:
    assert Variable(name="v", type=kind, choices=("red", "blue")).check(value) == value


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (VariableType.NUMBER, "twelve", "a number"),
        (VariableType.NUMBER, "1e5", "a number"),
        (VariableType.NUMBER, "", "a number"),
        (VariableType.NUMBER, "12\n", "a number"),
        (VariableType.BOOLEAN, "maybe", "a boolean"),
        (VariableType.CHOICE, "green", "one of red, blue"),
        (VariableType.CHOICE, "Red", "one of red, blue"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    kind: VariableType, value: str, expected: str
) -> None:
    choices = ("red", "blue") if kind is VariableType.CHOICE else ()
    prompt = draft("{{v}}", Variable(name="v", type=kind, choices=choices))
    with pytest.raises(InvalidPrompt) as refused:
        prompt.render({"v": value})
    assert str(refused.value) == f"The variable 'v' takes {expected}, not {value!r}."


def test_a_default_of_the_wrong_type_is_refused_like_a_value() -> None:
    prompt = draft("{{v}}", Variable(name="v", type=VariableType.NUMBER, default="many"))
    with pytest.raises(InvalidPrompt, match="a number"):
        prompt.render({})


@pytest.mark.parametrize("template", ["", "   ", "\n\t\n"])
def test_an_empty_prompt_is_refused(template: str) -> None:
    with pytest.raises(InvalidPrompt, match="empty"):
        draft(template)


def test_the_limit_of_length_counts_bytes() -> None:
    assert draft("é" * (MAX_TEMPLATE_BYTES // 2)).template
    with pytest.raises(InvalidPrompt, match="100,000 bytes"):
        draft("é" * (MAX_TEMPLATE_BYTES // 2) + "x")


@pytest.mark.parametrize("name", ["a", "pin-actions", "0", "a" * 64, "a--b"])
def test_a_name_has_lowercase_letters_digits_and_dashes(name: str) -> None:
    assert PromptDraft(name=name, template="x").name == name


@pytest.mark.parametrize(
    "name", ["", "Pin", "a b", "-a", "a-", "a_b", "a/b", "..", "a" * 65, "a\n", "é", "a@1"]
)
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidPrompt) as refused:
        PromptDraft(name=name, template="x")
    assert repr(name) in str(refused.value)


def version(text: str, **fields: Any) -> PromptVersion:
    return PromptVersion(
        name="pin-actions",
        template=text,
        number=3,
        created_at=datetime(2026, 11, 2, tzinfo=UTC),
        created_by=Person("ada"),
        **fields,
    )


def test_a_version_is_named_by_name_and_number() -> None:
    assert version("Pin.").ref == PromptRef(name="pin-actions", version=3)
    assert str(version("Pin.").ref) == "pin-actions@3"


def test_saving_the_same_text_again_changes_nothing() -> None:
    assert version("Pin.").same_text(draft("Pin."))


@pytest.mark.parametrize(
    "changed",
    [
        draft("Pin!"),
        draft("Pin.", kind=Kind.AUDIT),
        draft("Pin.", description="why"),
        draft("Pin.", Variable(name="v")),
        draft("Pin.", answer_schema={"type": "object"}),
    ],
)
def test_any_other_field_makes_another_version(changed: PromptDraft) -> None:
    assert not version("Pin.").same_text(changed)
