"""What a tool is: a name, a fixed definition, and a function of work tree and input."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from codybatch.agent.tools.claim import Claim
from codybatch.domain.errors import ToolRefused
from codybatch.domain.records import JsonObject
from codybatch.workspace.redaction import Redactor
from codybatch.workspace.tree import WorkTree

_MAX_PROBLEMS = 8


@dataclass(frozen=True)
class ToolOutput:
    """What goes back to the model: redacted, bounded, valid Unicode."""

    text: str
    is_error: bool = False
    claim: Claim | None = None
    """Of ``finish`` alone: what the model says of its work, validated."""


class Tool(Protocol):
    """One of the model's tools.

    A tool is deterministic: the same tree and the same input give the same bytes, because a job
    that goes on after a crash runs its recorded edits again.
    """

    @property
    def name(self) -> str:
        """The name the model calls it by."""
        ...

    @property
    def definition(self) -> JsonObject:
        """The strict tool definition as it is sent; fixed per release (and answer schema)."""
        ...

    @property
    def changes_files(self) -> bool:
        """Whether calls must run one after the other, in order, and again on resume."""
        ...

    def run(self, tree: WorkTree, redactor: Redactor, input: JsonObject) -> ToolOutput:  # noqa: A002
        """Run it once; what the model did wrong comes back as ``is_error``, never raised.

        Raises:
            OSError: the file system failed (disk full, input/output error).
        """
        ...


class ToolInput(BaseModel):
    """A tool's input, as validated by us: strict schemas cannot express lengths and bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("must be text, without NUL characters")
    return text


WrittenText = Annotated[str, AfterValidator(_without_nul)]
"""Text that may be written to a file."""

InputT = TypeVar("InputT", bound=ToolInput)


@dataclass(frozen=True)
class FileTool(Generic[InputT]):
    """A tool over the work tree: a definition, an input model and what it does."""

    name: str
    description: str
    properties: dict[str, JsonObject]
    required: tuple[str, ...]
    input_model: type[InputT]
    act: Callable[[WorkTree, Redactor, InputT], str]
    changes_files: bool = False

    @property
    def definition(self) -> JsonObject:
        """The strict tool definition."""
        return strict_definition(self.name, self.description, self.properties, self.required)

    def run(self, tree: WorkTree, redactor: Redactor, input: JsonObject) -> ToolOutput:  # noqa: A002
        """Validate the input, act, and turn a refusal into an error for the model."""
        try:
            refuse_surrogates(input)
            return ToolOutput(self.act(tree, redactor, self.input_model.model_validate(input)))
        except ValidationError as error:
            return ToolOutput(problems_of(self.name, error), is_error=True)
        except ToolRefused as refusal:
            return ToolOutput(printable(redactor.redact(refusal.message)), is_error=True)


def strict_definition(
    name: str, description: str, properties: dict[str, JsonObject], required: tuple[str, ...]
) -> JsonObject:
    """A definition that the service holds the model to."""
    return {
        "name": name,
        "description": description,
        "strict": True,
        "input_schema": {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        },
    }


def refuse_surrogates(given: JsonObject) -> None:
    """Refuse input that no UTF-8 can hold, and so neither a file nor a record.

    Raises:
        ToolRefused: some text of it holds half a surrogate pair.
    """
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ToolRefused(
            "The input holds half a surrogate pair, which is no Unicode text. Write it without."
        ) from None


def problems_of(name: str, error: ValidationError) -> str:
    """What is wrong with an input, a line a problem, without repeating the input."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    lines = [
        f"- {'.'.join(map(str, problem['loc'])) or 'input'}: {problem['msg']}"
        for problem in problems[:_MAX_PROBLEMS]
    ]
    return printable(
        "\n".join([f"{name}: the input does not fit. Correct it and call again.", *lines])
    )


def printable(text: str) -> str:
    """``text`` with lone surrogates escaped, so that it can be sent as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
