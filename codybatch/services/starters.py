"""Prompts to begin with: files of the package, in the format that a library takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from codybatch.domain.errors import UnknownPrompt
from codybatch.domain.prompts import Kind, PromptDraft
from codybatch.services.prompt_files import draft_of

FOLDER = Path(__file__).parent.parent / "starters"


def starters() -> tuple[PromptDraft, ...]:
    """All of them: changes, then audits, then questions, each by name.

    A question's JSON Schema stands beside it as ``NAME.schema.json``. Saving one makes it a prompt
    of the library like any other.
    """
    found = [_read(file) for file in sorted(FOLDER.glob("*.md"))]
    return tuple(sorted(found, key=lambda one: list(Kind).index(one.kind)))


def starter_named(name: str) -> PromptDraft:
    """The one of this name.

    Raises:
        UnknownPrompt: there is none; the message names those there are.
    """
    known: Mapping[str, PromptDraft] = {one.name: one for one in starters()}
    if name not in known:
        raise UnknownPrompt(f"There is no starter {name!r}; there are {', '.join(known)}.")
    return known[name]


def _read(file: Path) -> PromptDraft:
    schema = file.with_suffix(".schema.json")
    return draft_of(
        file.read_text(encoding="utf-8"),
        name=file.stem,
        answer_schema=json.loads(schema.read_text(encoding="utf-8")) if schema.exists() else None,
    )
