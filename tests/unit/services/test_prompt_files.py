"""Prompts in files: the head that declares kind and variables, and the text below it."""

from __future__ import annotations

import pytest

from codybatch.domain.errors import InvalidPrompt
from codybatch.domain.prompts import Kind, VariableType
from codybatch.services.prompt_files import draft_of

HEAD = """\
+++
kind = "audit"
description = "Look for old versions"
[variables.version]
type = "choice"
choices = ["3.11", "3.12"]
default = "3.12"
description = "The oldest that is supported"
[variables.deep]
type = "boolean"
default = true
[variables.most]
type = "number"
default = 5
[variables.owner]
+++
"""
TEXT = "Look for {{version}}, {{deep}}, {{most}} of {{owner}}.\n+++\nNo head.\n"


def test_a_file_without_a_head_is_the_prompt_byte_for_byte() -> None:
    for text in ("Do it.\r\n", "\ufeffDo it.", "Do it.\n+++\nkind = 1\n+++\n", "++++\nDo it."):
        assert draft_of(text, "p").template == text


def test_the_head_says_kind_description_and_variables() -> None:
    draft = draft_of(HEAD + TEXT, "p")

    version, deep, most, owner = draft.variables
    assert (draft.kind, draft.description) == (Kind.AUDIT, "Look for old versions")
    assert draft.template == TEXT
    assert version.type is VariableType.CHOICE
    assert (version.choices, version.default) == (("3.11", "3.12"), "3.12")
    assert version.description == "The oldest that is supported"
    assert (deep.type, deep.default) == (VariableType.BOOLEAN, "true")
    assert (most.type, most.default) == (VariableType.NUMBER, "5")
    assert (owner.type, owner.default) == (VariableType.TEXT, None)
    draft.check_variables()
    assert draft.render({"owner": "acme"}).startswith("Look for 3.12, true, 5 of acme.")


def test_choices_alone_make_a_choice() -> None:
    draft = draft_of('+++\n[variables.v]\nchoices = ["a", "b"]\n+++\n{{v}}', "p")

    assert draft.variables[0].type is VariableType.CHOICE


def test_what_the_command_line_says_stands_before_the_head() -> None:
    draft = draft_of(HEAD + TEXT, "p", kind=Kind.CHANGE, description="Mine")

    assert (draft.kind, draft.description) == (Kind.CHANGE, "Mine")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_of_any_system_end_the_head(line_end: str) -> None:
    text = line_end.join(["\ufeff+++", 'description = "x"', "+++  ", "Do it.", ""])

    draft = draft_of(text, "p")

    assert (draft.description, draft.template) == ("x", f"Do it.{line_end}")


@pytest.mark.parametrize(
    ("head", "word"),
    [
        ("kind = ", "not TOML"),
        ('kind = "wish"', "kind"),
        ('color = "red"', "'color'"),
        ('[variables.v]\ntype = "date"', "variables.v.type"),
        ('[variables.v]\nsecret = "x"', "variables.v.secret"),
        ("variables = 3", "variables"),
        ('[variables.v]\ndefault = ["x"]', "variables.v.default"),
    ],
)
def test_a_head_that_cannot_be_used_is_refused_with_the_place(head: str, word: str) -> None:
    with pytest.raises(InvalidPrompt, match=word):
        draft_of(f"+++\n{head}\n+++\n{{{{v}}}}", "p")


def test_a_head_that_does_not_end_is_refused() -> None:
    with pytest.raises(InvalidPrompt, match=r"no second one"):
        draft_of("+++\nDo it.\n", "p")


@pytest.mark.parametrize(
    ("head", "word"),
    [
        ("[variables.v]\n[variables.w]", "'w'"),
        ('[variables.v]\ntype = "choice"', "choose|chosen"),
        ('[variables.v]\ntype = "number"\nchoices = ["1"]', "chosen"),
        ('[variables.v]\ntype = "number"\ndefault = "many"', "a number"),
        ('[variables.v]\nchoices = ["a"]\ndefault = "b"', "one of a"),
        ('[variables."v-1"]', "'v-1'"),
    ],
)
def test_declarations_that_could_mean_nothing_are_refused(head: str, word: str) -> None:
    draft = draft_of(f"+++\n{head}\n+++\n{{{{v}}}}", "p")

    with pytest.raises(InvalidPrompt, match=word):
        draft.check_variables()
