"""A prompt in a file: its text, and above it in TOML what kind it is and which variables it takes.

The head is optional and stands between two lines ``+++``::

    +++
    description = "Raise the oldest Python that is supported"
    [variables.version]
    type = "choice"
    choices = ["3.11", "3.12"]
    default = "3.12"
    +++
    Raise the oldest supported Python to {{version}}.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from codybatch.domain.errors import InvalidPrompt
from codybatch.domain.prompts import Kind, PromptDraft, Variable, VariableType
from codybatch.domain.records import JsonObject, Record

FENCE = "+++"


class _VariableHead(Record):
    type: VariableType | None = None
    description: str = ""
    default: str | bool | int | float | None = None
    choices: tuple[str, ...] = ()


class _Head(Record):
    kind: Kind = Kind.CHANGE
    description: str = ""
    variables: dict[str, _VariableHead] = Field(default_factory=dict)


def draft_of(
    text: str,
    name: str,
    kind: Kind | None = None,
    description: str = "",
    answer_schema: JsonObject | None = None,
) -> PromptDraft:
    """The draft that a file's text holds.

    Args:
        text: of the file.
        name: of the prompt.
        kind: in place of the head's, where it is given.
        description: in place of the head's, where it is given.
        answer_schema: of an ask.

    Raises:
        InvalidPrompt: the head or the text cannot be used; the message says where and why.
    """
    head, template = _parted(text)
    found = _read(head)
    return PromptDraft(
        name=name,
        kind=kind or found.kind,
        template=template,
        variables=tuple(_variable(name, head) for name, head in found.variables.items()),
        description=description or found.description,
        answer_schema=answer_schema,
    )


def _parted(text: str) -> tuple[str, str]:
    """The head and the text below it; without a head, nothing and all of it."""
    body = text.removeprefix("\ufeff")
    lines = body.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != FENCE:
        return "", text
    for place, line in enumerate(lines[1:], start=1):
        if line.rstrip() == FENCE:
            return "".join(lines[1:place]), "".join(lines[place + 1 :])
    raise InvalidPrompt(
        f"The prompt begins with a line {FENCE}, and no second one ends its head. Write "
        f"{FENCE} below what is declared, or leave the first line out."
    )


def _read(head: str) -> _Head:
    try:
        return _Head.model_validate(_with_fields(tomllib.loads(head)))
    except tomllib.TOMLDecodeError as error:
        raise InvalidPrompt(f"The prompt's head is not TOML: {error}.") from None
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"][:3])
        said = problem["msg"].removeprefix("Value error, ")
        raise InvalidPrompt(f"In the prompt's head, {where}: {said}.") from None


def _with_fields(written: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(set(written) - set(_Head.model_fields))
    if unknown:
        raise InvalidPrompt(
            f"The prompt's head says {', '.join(map(repr, unknown))}; it may say "
            f"{', '.join(_Head.model_fields)}."
        )
    return written


def _variable(name: str, head: _VariableHead) -> Variable:
    assumed = VariableType.CHOICE if head.choices else VariableType.TEXT
    default = head.default
    if isinstance(default, bool):
        default = "true" if default else "false"
    return Variable(
        name=name,
        type=head.type or assumed,
        description=head.description,
        default=None if default is None else str(default),
        choices=head.choices,
    )
