"""An experiment written down in a file, TOML or JSON, read into its form.

The keys are the fields of ``ExperimentFile``; docs/experiments.md lists them with an example.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from codybatch.domain.errors import InvalidExperiment
from codybatch.domain.expectations import explained
from codybatch.domain.experiments import Metric
from codybatch.domain.money import Usd
from codybatch.domain.records import Record
from codybatch.domain.requests import RequestOptions
from codybatch.services.experiment_form import (
    ArmForm,
    ExperimentForm,
    OptionSet,
    RepositoryForm,
)

MAX_FILE_BYTES = 1 << 20
MAX_REFERENCE_BYTES = 1 << 20


class RepositoryEntry(Record):
    """A repository in a file."""

    repository: str
    """``owner/name`` or ``owner/name@ref``."""
    changes_necessary: bool | None = None
    """What a person found: whether changes are necessary there."""
    reference: str | None = None
    """The path of a patch that is known to be right, from the file's folder."""


def _named(written: object) -> object:
    return {"repository": written} if isinstance(written, str) else written


class ExperimentFile(Record):
    """What a file may hold; only ``repositories``, and ``prompts`` or ``arms``, must be there."""

    name: str = ""
    question: str = ""
    prompts: tuple[str, ...] = ()
    """Saved prompts: ``name`` or ``name@3``."""
    models: tuple[str, ...] = ()
    option_sets: tuple[OptionSet, ...] = ()
    """Every prompt runs with every model and each of these."""
    arms: tuple[ArmForm, ...] = ()
    """One by one, beside or in place of the three above."""
    variables: dict[str, str] = Field(default_factory=dict)
    options: OptionSet = OptionSet()
    """Of every arm, where it does not say otherwise."""
    repositories: tuple[Annotated[RepositoryEntry, BeforeValidator(_named)], ...] = ()
    """Each a name, or a table."""
    repetitions: int = 1
    baseline: str = ""
    metric: Metric = Metric.ACCEPTED
    budget_usd: Usd | None = None
    requests_at_once: int = 4
    reuse: bool = True


def form_from_file(
    path: Path, options: RequestOptions, given: Mapping[str, Any] | None = None
) -> ExperimentForm:
    """The form that a file describes.

    Args:
        path: the file; one that ends in ``.json`` is JSON, any other is TOML.
        options: of every arm, where the file does not say otherwise.
        given: fields of the form that take the place of what the file says.

    Raises:
        InvalidExperiment: it cannot be read or understood; the message names the line or the key.
    """
    text = _text_of(path)
    found = _read(path, text)
    try:
        written = ExperimentFile.model_validate(found)
        fields = {
            name: getattr(written, name)
            for name in ExperimentFile.model_fields
            if name not in {"options", "repositories"}
        }
        repositories = tuple(_repository(path, one) for one in written.repositories)
        form = {
            **fields,
            "repositories": repositories,
            "options": written.options.over(options),
            **(given or {}),
        }
        return ExperimentForm(**form)
    except ValidationError as error:
        raise InvalidExperiment(_explained(path, text, error)) from None


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidExperiment(
            f"The experiment cannot be read from {path}: {error.strerror}."
        ) from None
    if len(content) > MAX_FILE_BYTES:
        raise InvalidExperiment(f"{path} is larger than {MAX_FILE_BYTES:,} bytes.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidExperiment(f"{path}, line {line}: this is not UTF-8 text.") from None


def _read(path: Path, text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise InvalidExperiment(f"{path} is not {kind}: {error}.") from None
    if not isinstance(found, dict):
        raise InvalidExperiment(f"{path} is not an object of an experiment's fields.")
    return found


def _repository(path: Path, one: RepositoryEntry) -> RepositoryForm:
    return RepositoryForm(
        repository=one.repository,
        changes_necessary=one.changes_necessary,
        reference=None if one.reference is None else _reference(path, one.reference),
    )


def _reference(path: Path, named: str) -> str:
    where = path.parent / named
    try:
        content = where.read_bytes()
        if len(content) > MAX_REFERENCE_BYTES:
            raise InvalidExperiment(
                f"The reference {where} is larger than {MAX_REFERENCE_BYTES:,} bytes."
            )
        return content.decode()
    except OSError as error:
        why = error.strerror
    except (UnicodeDecodeError, ValueError):
        why = "it is not UTF-8 text"
    raise InvalidExperiment(f"{path} names the reference {where}, which cannot be read: {why}.")


def _explained(path: Path, text: str, error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False)
    unknown = (one for one in problems if one["type"] == "extra_forbidden")
    problem = next(unknown, problems[0])  # a key that is misspelt is also one that is missing
    place = problem["loc"]
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    key = key.lstrip(".") or "the file"
    line = _line_of(text, str(place[0])) if place else None
    where = f"{path}, line {line}" if line else str(path)
    if problem["type"] == "extra_forbidden":
        known = ", ".join(ExperimentFile.model_fields)
        hint = f" The keys are {known}." if len(place) == 1 else ""
        return f"{where}: there is no key {key!r}.{hint}"
    return f"{where}: {explained(key, problem)}"


def _line_of(text: str, key: str) -> int | None:
    """Where a key of the file's own stands; None where that is not plain to see."""
    pattern = rf"""^\s*(?:\[+\s*)?["']?{re.escape(key)}["']?\s*(?:[=:\]].*)?$"""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if re.match(pattern, line)]
    return lines[0] if len(lines) == 1 else None
