"""What a person wrote after ``codybatch submit``, read into the form of a request."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codybatch.domain.errors import InvalidPrompt, UnsupportedSchema, UsageError
from codybatch.domain.expectations import explained

if TYPE_CHECKING:
    from pydantic import ValidationError

    from codybatch.domain.prompts import PromptDraft
    from codybatch.domain.requests import RequestOptions

STDIN = "-"
_OPTIONS = {
    "model": "--model",
    "effort": "--effort",
    "max_turns": "--max-turns",
    "max_minutes": "--max-minutes",
    "publish": "--publish",
    "labels": "--label",
    "reviewers": "--reviewer",
    "assignees": "--assignee",
    "existing_pull_request": "--existing",
    "missed": "--missed",
    "overlap": "--overlap",
    "repetitions": "--repetitions",
    "metric": "--metric",
    "requests_at_once": "--at-once",
    "question": "--question",
    "prompts": "PROMPT",
    "models": "--model",
    "option_sets": "--effort",
    "instructions": "The follow-up",
    "variables": "--var",
    "repositories": "--repository",
    "title": "--title",
    "idempotency_key": "--idempotency-key",
    "description": "--description",
    "template": "The prompt",
}
"""What a person calls the fields of the records."""


@contextmanager
def understood() -> Iterator[None]:
    """Where records are made of what a person wrote.

    Raises:
        UsageError: it does not fit; the message names the option and what it takes.
    """
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        raise UsageError(_explained(error)) from None


def _explained(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    field = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", str(problem["loc"][0])).lower()
    return explained(_OPTIONS.get(field, field), problem)


def chosen_prompt(
    name: str | None, file: Path | None, kind: str | None, schema: Path | None
) -> str | PromptDraft:
    """A saved prompt by its name, or the draft that a file holds.

    Raises:
        UsageError: both are given or neither is, or an option that only goes with a file.
        InvalidPrompt: the file cannot be read, or holds no prompt.
    """
    if (name is None) == (file is None):
        raise UsageError("Name a saved prompt, or give a file with --prompt-file; one of the two.")
    if file is not None:
        return draft_from(file, kind=kind, schema=schema)
    if kind is not None or schema is not None:
        raise UsageError("A saved prompt has its kind; --kind and --schema go with --prompt-file.")
    return str(name)


def draft_from(
    file: Path,
    *,
    name: str | None = None,
    kind: str | None = None,
    schema: Path | None = None,
    description: str = "",
) -> PromptDraft:
    """A prompt's draft from a file; named after the file where no name is given.

    Raises:
        InvalidPrompt: the file cannot be read, or holds no prompt.
        UnsupportedSchema: the schema's file holds none.
    """
    from codybatch.domain.prompts import Kind
    from codybatch.services.prompt_files import draft_of

    if kind is not None and kind not in set(Kind):
        raise InvalidPrompt(f"{kind!r} is no kind of prompt: change, audit or ask.")
    text = _text_of(file)
    with understood():
        return draft_of(
            text,
            name=_slug(file.stem) if name is None else name,
            kind=Kind(kind) if kind else None,
            description=description,
            answer_schema=_schema_of(schema) if schema else None,
        )


def _text_of(file: Path) -> str:
    try:
        content = sys.stdin.buffer.read() if str(file) == STDIN else file.read_bytes()
        return content.decode()
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text (byte {error.start})"
    except OSError as error:
        reason = str(error.strerror)
    raise InvalidPrompt(
        f"The prompt file {file} cannot be read: {reason}. "
        "Give a text file's path, or - for standard input."
    )


def _slug(stem: str) -> str:
    """The name of a prompt from the name of its file; ``stdin`` where that has no letters."""
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:64].strip("-") or "stdin"


def _schema_of(file: Path) -> dict[str, Any]:
    import json

    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnsupportedSchema(f"The schema {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UnsupportedSchema(f"The schema {file} is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise UnsupportedSchema(f"The schema {file} is not a JSON object.")
    return found


def variables_from(written: Sequence[str]) -> dict[str, str]:
    """The values of variables, each written ``name=value``.

    Raises:
        UsageError: one has another form, or a name is given two values.
    """
    values: dict[str, str] = {}
    for text in written:
        name, given, value = text.partition("=")
        if not given or not name:
            raise UsageError(f"{text!r} gives no variable a value: write --var NAME=VALUE.")
        if name in values:
            raise UsageError(f"The variable {name!r} is given two values with --var; give it one.")
        values[name] = value
    return values


def options_from(defaults: RequestOptions, written: Mapping[str, Any]) -> RequestOptions:
    """``defaults`` with what a person wrote in their place; None means nothing was written.

    Raises:
        UsageError: a value that its option does not take.
    """
    wanted = {name: value for name, value in written.items() if value is not None}
    check_model(str(wanted.get("model", "given")))
    with understood():
        return defaults.with_(**wanted)


def check_model(name: str) -> None:
    """Refuse what is no model's name.

    Raises:
        UsageError: it is empty.
    """
    if not name.strip():
        raise UsageError("--model takes a model's name; leave it out for CODYBATCH_MODEL.")


def written_options(written: object) -> dict[str, Any]:
    """What a person wrote of how jobs run and are published, by the names of the options' record.

    Args:
        written: a dataclass of options of the command line that has these fields; the ones for
            labels and people may be missing.
    """
    plain = ("model", "effort", "max_turns", "max_minutes", "publish")
    several = {"labels": "label", "reviewers": "reviewer", "assignees": "assignee"}
    lists = {name: getattr(written, option, None) for name, option in several.items()}
    return {
        **{name: getattr(written, name) for name in plain},
        **{name: tuple(dict.fromkeys(found)) for name, found in lists.items() if found},
    }


def repositories_from(named: Sequence[str], file: Path | None, host: str) -> tuple[str, ...]:
    """Repositories as they are written: those named in the call, then those of a file.

    Args:
        named: in the call.
        file: ``-`` for standard input.
        host: the code host whose addresses name repositories.

    Raises:
        InvalidSelection: the file cannot be read, or names none.
        InvalidRepository: a line of it is no repository.
    """
    if file is None:
        return tuple(named)
    from codybatch.services.selection import repositories_from_file

    return (*named, *map(str, repositories_from_file(file, host)))


def cap_from(written: str | None, default: Decimal | None, option: str) -> Decimal | None:
    """A cost cap in US dollars; ``none`` is no cap.

    Raises:
        UsageError: ``written`` is no amount above 0.
    """
    if written is None:
        return default
    if written.lower() == "none":
        return None
    try:
        amount = Decimal(written.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0:
        raise UsageError(f"{option} takes US dollars above 0, or none; not {written!r}.")
    return amount
