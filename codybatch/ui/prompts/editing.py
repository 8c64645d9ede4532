"""What was written in the editor, made a prompt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from codybatch.domain.errors import InvalidPrompt
from codybatch.domain.prompts import (
    Kind,
    PromptDraft,
    PromptVersion,
    Variable,
    VariableType,
)
from codybatch.services.preferences import WrittenPrompt
from codybatch.ui.compose.form import schema_of


@dataclass(frozen=True)
class WrittenVariable:
    """What was said of a variable; an empty default is none."""

    type: VariableType = VariableType.TEXT
    default: str = ""
    choices: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Written:
    """The editor's fields."""

    name: str = ""
    kind: Kind = Kind.CHANGE
    description: str = ""
    text: str = ""
    schema: str = ""
    variables: Mapping[str, WrittenVariable] = field(default_factory=dict)

    @classmethod
    def of(cls, version: PromptVersion) -> Written:
        """A saved version, to go on from."""
        schema = version.answer_schema
        return cls(
            name=version.name,
            kind=version.kind,
            description=version.description,
            text=version.template,
            schema="" if schema is None else json.dumps(schema, indent=2, ensure_ascii=False),
            variables=_said_of(version.variables),
        )

    @classmethod
    def of_kept(cls, kept: WrittenPrompt) -> Written:
        """What was written earlier and not saved, to go on from."""
        return cls(
            name=kept.name,
            kind=kept.kind,
            description=kept.description,
            text=kept.text,
            schema=kept.answer_schema,
            variables=_said_of(kept.variables),
        )

    def kept(self) -> WrittenPrompt:
        """The same as it is kept until it is saved."""
        return WrittenPrompt(
            name=self.name,
            kind=self.kind,
            description=self.description,
            text=self.text,
            answer_schema=self.schema,
            variables=tuple(_variable(name, one) for name, one in self.variables.items()),
        )

    @property
    def used(self) -> tuple[str, ...]:
        """The variables that the text uses, in order."""
        if not self.text.strip():
            return ()
        return PromptDraft(name="draft", template=self.text).variables_used()

    def variable(self, name: str) -> WrittenVariable:
        """What was said of one of them; nothing where it is new."""
        return self.variables.get(name, WrittenVariable())

    def draft(self) -> PromptDraft:
        """What is to be saved.

        Raises:
            InvalidPrompt: the name or the text cannot be used.
            UnsupportedSchema: the schema is not JSON.
        """
        if not self.name.strip():
            raise InvalidPrompt("The prompt needs a name: lowercase letters, digits and dashes.")
        declared = ((name, self.variable(name)) for name in self.used)
        return PromptDraft(
            name=self.name.strip(),
            kind=self.kind,
            template=self.text,
            variables=tuple(_variable(name, one) for name, one in declared if _says_something(one)),
            description=" ".join(self.description.split()),
            answer_schema=schema_of(self.schema) if self.kind is Kind.ASK else None,
        )


def _said_of(variables: Iterable[Variable]) -> dict[str, WrittenVariable]:
    return {
        one.name: WrittenVariable(one.type, one.default or "", one.choices, one.description)
        for one in variables
    }


def _says_something(one: WrittenVariable) -> bool:
    return one != WrittenVariable()


def _variable(name: str, one: WrittenVariable) -> Variable:
    is_choice = one.type is VariableType.CHOICE
    return Variable(
        name=name,
        type=one.type,
        description=" ".join(one.description.split()),
        default=one.default or None,
        choices=one.choices if is_choice else (),
    )
