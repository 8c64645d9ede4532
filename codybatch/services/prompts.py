"""Prompts: save a version, find one, compare two."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from codybatch.domain.answer_schema import check_answer_schema
from codybatch.domain.errors import InvalidPrompt, UnknownPrompt
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import Kind, PromptDraft, PromptRef, PromptVersion
from codybatch.ports import FIRST_PAGE, Clock, Page, PageRequest, Records


@dataclass(frozen=True)
class Prompts:
    """The library of prompts."""

    records: Records
    clock: Clock

    def save(self, draft: PromptDraft, by: Person) -> PromptVersion:
        """Save ``draft`` as its name's next version; the latest text again is that version again.

        Raises:
            InvalidPrompt: a schema where the kind has none, or none where it needs one.
            UnsupportedSchema: the answer's schema cannot be held; the message says why.
        """
        if draft.kind is Kind.ASK:
            if draft.answer_schema is None:
                raise InvalidPrompt("A prompt of kind ask needs the JSON Schema of its answer.")
            check_answer_schema(draft.answer_schema)
        elif draft.answer_schema is not None:
            raise InvalidPrompt(f"A prompt of kind {draft.kind} has no answer, so no JSON Schema.")
        return self.records.save_prompt(draft, by, self.clock.now())

    def find(self, written: str) -> PromptVersion:
        """The version a person names: ``name`` (the latest) or ``name@3``.

        Raises:
            UnknownPrompt: there is none.
        """
        name, _, version = written.partition("@")
        if version and not version.isdecimal():
            raise UnknownPrompt(f"{written!r} names no prompt: write its name, or name@3.")
        return self.records.prompt(name, int(version) if version else None)

    def versions(self, name: str) -> tuple[PromptVersion, ...]:
        """All versions of a name, newest first.

        Raises:
            UnknownPrompt: there is none.
        """
        return self.records.prompt_versions(name)

    def latest(self, page: PageRequest = FIRST_PAGE) -> Page[PromptVersion]:
        """The latest version of every prompt, by name."""
        return self.records.prompts(page)

    def diff(self, name: str, before: int, after: int) -> str:
        """What changed in the text from one version to another, as a unified diff.

        Raises:
            UnknownPrompt: there is no such version.
        """
        old, new = self.records.prompt(name, before), self.records.prompt(name, after)
        return "".join(
            difflib.unified_diff(
                _lines(old.template),
                _lines(new.template),
                str(PromptRef(name=name, version=before)),
                str(PromptRef(name=name, version=after)),
            )
        )


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")]
