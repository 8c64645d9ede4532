"""What widgets say, read into a draft."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from codybatch.domain.prompts import Kind, VariableType
from codybatch.domain.repositories import RepositoryFacts, RepositoryRef
from codybatch.domain.requests import Effort
from codybatch.ui.compose.draft import (
    ChosenRepository,
    Draft,
    PromptSource,
    WrittenOptions,
    WrittenVariable,
)
from codybatch.ui.compose.reading import read, written_number

KNOWN = ChosenRepository(
    repository=RepositoryRef.parse("acme/api"),
    facts=RepositoryFacts(
        id="1", repository=RepositoryRef.parse("acme/api"), default_branch="main", head_commit=""
    ),
)


def test_widgets_that_are_not_on_the_page_change_nothing() -> None:
    draft = Draft(
        source=PromptSource.WRITTEN,
        text="Do it.",
        kind=Kind.AUDIT,
        values={"a": "1"},
        options=WrittenOptions(model="m", labels=("x",), effort=Effort.HIGH),
    )

    assert read({}, draft) == draft


def test_another_prompt_begins_at_its_latest_version() -> None:
    draft = Draft(prompt="old", version=3)

    assert read({"prompt": "new", "version-old": 3}, draft).version is None
    assert read({"prompt": "new", "version-new": 2}, draft).version == 2
    assert read({"prompt": "old", "version-old": 0}, draft).version is None
    assert read({"prompt": None}, draft).prompt == ""


def test_values_come_as_texts_whatever_their_widget() -> None:
    said = {"value-text-a": None, "value-number-b": 3.0, "value-boolean-c": "true"}

    assert read(said, Draft(values={"a": "old", "kept": "yes"})).values == {
        "a": "",
        "b": "3",
        "c": "true",
        "kept": "yes",
    }


def test_a_number_that_was_emptied_has_no_value() -> None:
    assert read({"value-number-b": None}, Draft(values={"b": "3"})).values == {"b": ""}


@pytest.mark.parametrize(
    ("number", "written"),
    [(3.0, "3"), (-2.5, "-2.5"), (1e21, "1" + "0" * 21), (0.000001, "0.000001")],
)
def test_numbers_are_written_without_an_exponent(number: float, written: str) -> None:
    assert written_number(number) == written


def test_a_variable_becomes_a_choice_with_its_choices() -> None:
    said = {
        "type-level": VariableType.CHOICE,
        "choices-level": ["low", "high"],
        "choices-no": ["x"],
    }

    (found,) = read(said, Draft()).types

    assert found == WrittenVariable(name="level", type=VariableType.CHOICE, choices=("low", "high"))


def test_another_ref_has_to_be_looked_up_anew() -> None:
    draft = Draft(repositories=(KNOWN,))

    (same,) = read({"ref-acme/api": ""}, draft).repositories
    (other,) = read({"ref-acme/api": " release/2 "}, draft).repositories

    assert same.facts is not None
    assert str(other.repository) == "acme/api@release/2"
    assert other.facts is None


@pytest.mark.parametrize(
    ("name", "value", "read_as"),
    [
        ("effort", "", None),
        ("effort", Effort.LOW, Effort.LOW),
        ("request_cap_usd", None, None),
        ("request_cap_usd", 2.5, Decimal("2.5")),
        ("max_turns", None, 12),
        ("max_turns", 7, 7),
        ("labels", ["a", "b", "a"], ("a", "b")),
        ("title", None, ""),
        ("rehearse", True, True),
        ("existing", "", None),
    ],
)
def test_options_are_read_as_they_are_meant(name: str, value: Any, read_as: Any) -> None:
    before = WrittenOptions(effort=Effort.HIGH, request_cap_usd=Decimal(1), max_turns=12)

    found = read({f"option-{name}": value}, Draft(options=before))

    assert getattr(found.options, name) == read_as
