from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from codybatch.domain.errors import InvalidPrompt, UnsupportedSchema
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import Kind, PromptVersion, VariableType
from codybatch.services.starters import starters
from codybatch.ui.prompts.editing import Written, WrittenVariable


@pytest.mark.parametrize("starter", starters(), ids=[one.name for one in starters()])
def test_what_nobody_changed_is_the_same_text_again(starter: object) -> None:
    fields = {name: getattr(starter, name) for name in type(starter).model_fields}  # type: ignore[attr-defined]
    saved = PromptVersion(
        **fields, number=1, created_at=datetime.now(UTC), created_by=Person("dana")
    )

    assert saved.same_text(Written.of(saved).draft())


def test_a_variable_is_declared_as_it_was_written_and_only_while_the_text_uses_it() -> None:
    said = WrittenVariable(VariableType.CHOICE, "b", ("a", "b"), " which  one ")
    written = Written("tidy", text="Take {{one}} and {{two}}.", variables={"one": said, "x": said})

    (declared,) = written.draft().variables

    assert written.used == ("one", "two")
    assert (declared.name, declared.default, declared.choices) == ("one", "b", ("a", "b"))
    assert declared.description == "which one"


def test_choices_of_another_type_are_forgotten() -> None:
    said = WrittenVariable(VariableType.NUMBER, "2", ("a",))

    (declared,) = Written("tidy", text="{{one}}", variables={"one": said}).draft().variables

    assert declared.choices == ()


def test_what_cannot_be_saved_is_refused_in_words() -> None:
    written = Written("tidy", kind=Kind.ASK, text="Which?", schema="{")

    with pytest.raises(InvalidPrompt, match="needs a name"):
        replace(written, name=" ").draft()
    with pytest.raises(UnsupportedSchema, match="not JSON"):
        written.draft()
    assert replace(written, kind=Kind.CHANGE).draft().answer_schema is None
    assert Written(text="  ").used == ()
