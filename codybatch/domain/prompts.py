"""Prompts: named text with typed variables; every save is a new immutable version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, field_validator

from codybatch.domain.errors import InvalidPrompt, MissingVariable
from codybatch.domain.identifiers import Person
from codybatch.domain.records import JsonObject, Moment, Record

MAX_TEMPLATE_BYTES = 100_000
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*\}\}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class Kind(StrEnum):
    """What a prompt ends in."""

    CHANGE = "change"
    """Edits files; ends in a patch."""
    AUDIT = "audit"
    """Read only; ends in findings."""
    ASK = "ask"
    """Read only; ends in an answer that fits the author's JSON Schema."""


class VariableType(StrEnum):
    """What a variable holds."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


class Variable(Record):
    """A variable of a prompt."""

    name: str
    type: VariableType = VariableType.TEXT
    description: str = ""
    default: str | None = None
    choices: tuple[str, ...] = ()

    def check_declaration(self) -> None:
        """Refuse what could hold no value, or a default that does not fit.

        Raises:
            InvalidPrompt: name, choices or default cannot be used.
        """
        if not _VARIABLE.fullmatch(self.name):
            raise InvalidPrompt(
                f"{self.name!r} is not a variable's name: letters, digits and _, no digit first."
            )
        if bool(self.choices) != (self.type is VariableType.CHOICE):
            raise InvalidPrompt(
                f"The variable {self.name!r} is of type {self.type}: a choice, and only a choice, "
                "names what can be chosen."
            )
        if self.default is not None:
            self.check(self.default)

    def check(self, value: str) -> str:
        """``value``, where it fits the variable's type.

        Raises:
            InvalidPrompt: it does not.
        """
        if not self._fits(value):
            kind = self.type
            expected = f"one of {', '.join(self.choices)}" if self.choices else f"a {kind}"
            raise InvalidPrompt(f"The variable {self.name!r} takes {expected}, not {value!r}.")
        return value

    def _fits(self, value: str) -> bool:
        if self.type is VariableType.NUMBER:
            return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
        if self.type is VariableType.BOOLEAN:
            return value.lower() in {"true", "false", "yes", "no"}
        return self.type is not VariableType.CHOICE or value in self.choices


class PromptRef(Record):
    """Names one version of a prompt."""

    name: str
    version: int = Field(ge=1)

    def __str__(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"


class PromptDraft(Record):
    """A prompt's text before it is saved as a version."""

    name: str
    kind: Kind = Kind.CHANGE
    template: str
    variables: tuple[Variable, ...] = ()
    description: str = ""
    answer_schema: JsonObject | None = None
    """For an ask: the JSON Schema of the answer."""

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise InvalidPrompt(
                f"{name!r} is not a prompt's name: lowercase letters, digits and dashes, "
                "at most 64 characters."
            )
        return name

    @field_validator("template")
    @classmethod
    def _check_template(cls, template: str) -> str:
        if not template.strip():
            raise InvalidPrompt(
                "The prompt is empty. Write what should be done in each repository."
            )
        if len(template.encode()) > MAX_TEMPLATE_BYTES:
            raise InvalidPrompt(f"The prompt is longer than {MAX_TEMPLATE_BYTES:,} bytes.")
        return template

    def check_variables(self) -> None:
        """Refuse declarations that could mean nothing.

        Raises:
            InvalidPrompt: a variable is declared that the text does not use, one is declared
                twice, or what is said of one cannot be used.
        """
        for variable in self.variables:
            variable.check_declaration()
        names = [variable.name for variable in self.variables]
        unused = [name for name in names if name not in self.variables_used()]
        if unused:
            raise InvalidPrompt(
                f"The prompt {self.name!r} declares {', '.join(map(repr, unused))}, which its text "
                f"does not use. Write {{{{{unused[0]}}}}} where the value belongs."
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidPrompt(f"The prompt declares {', '.join(map(repr, twice))} twice.")

    def declared(self) -> tuple[Variable, ...]:
        """What each variable that the text uses takes; those that are not declared take text."""
        known = {variable.name: variable for variable in self.variables}
        return tuple(known.get(name, Variable(name=name)) for name in self.variables_used())

    def variables_used(self) -> tuple[str, ...]:
        """The names that the text uses, in the order of their first use."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.template)))

    def render(self, values: Mapping[str, str]) -> str:
        """The text with its variables filled in; values go in as they are, never rendered again.

        Raises:
            MissingVariable: a variable has neither a value nor a default.
            InvalidPrompt: a value does not fit, or names a variable the text does not use.
        """
        filled = self._filled(values)
        return _PLACEHOLDER.sub(lambda match: filled[match[1]], self.template)

    def _filled(self, values: Mapping[str, str]) -> dict[str, str]:
        used = self.variables_used()
        unknown = sorted(set(values) - set(used))
        if unknown:
            raise InvalidPrompt(
                f"The prompt {self.name!r} has no variable {', '.join(map(repr, unknown))}; "
                f"it uses {', '.join(used) or 'none'}."
            )
        filled: dict[str, str] = {}
        for variable in self.declared():
            name = variable.name
            value = values.get(name, variable.default)
            if value is None:
                raise MissingVariable(
                    f"The prompt {self.name!r} needs a value for the variable {name!r}: "
                    f"give it with --var {name}=VALUE."
                )
            filled[name] = variable.check(value)
        return filled


class PromptVersion(PromptDraft):
    """One saved version; it never changes."""

    number: int = Field(ge=1)
    created_at: Moment
    created_by: Person

    @property
    def ref(self) -> PromptRef:
        """The name of this version."""
        return PromptRef(name=self.name, version=self.number)

    def same_text(self, draft: PromptDraft) -> bool:
        """Whether saving ``draft`` would change nothing."""
        return all(getattr(self, name) == getattr(draft, name) for name in PromptDraft.model_fields)
