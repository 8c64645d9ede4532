"""Prompts: save a version, find one, compare two, archive what is no longer used."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from codybatch.domain.answer_schema import check_answer_schema
from codybatch.domain.errors import InvalidPrompt, PromptArchived, UnknownPrompt
from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import Kind, PromptDraft, PromptRef, PromptVersion
from codybatch.domain.requests import Request
from codybatch.domain.tallies import PromptTally
from codybatch.ports import (
    FIRST_PAGE,
    Clock,
    Page,
    PageRequest,
    Partition,
    PartitionKind,
    Records,
)


@dataclass(frozen=True)
class Prompts:
    """The library of prompts.

    An archived prompt is no longer offered: nothing new is submitted or saved under its name. What
    it made stays as it is, can be continued (retry, follow-up), and still names it.
    """

    records: Records
    clock: Clock

    def save(self, draft: PromptDraft, by: Person) -> PromptVersion:
        """Save ``draft`` as its name's next version; the latest text again is that version again.

        Raises:
            InvalidPrompt, UnsupportedSchema: as ``check``.
        """
        self.check(draft)
        return self.records.save_prompt(draft, by, self.clock.now())

    def check(self, draft: PromptDraft) -> None:
        """Refuse a draft that could not be saved.

        Raises:
            InvalidPrompt: a schema where the kind has none, or none where it needs one; or
                variables that are declared wrongly.
            UnsupportedSchema: the answer's schema cannot be held; the message says why.
            PromptArchived: the name is archived, and this is not its latest text.
        """
        draft.check_variables()
        if draft.kind is Kind.ASK:
            if draft.answer_schema is None:
                raise InvalidPrompt("A prompt of kind ask needs the JSON Schema of its answer.")
            check_answer_schema(draft.answer_schema)
        elif draft.answer_schema is not None:
            raise InvalidPrompt(f"A prompt of kind {draft.kind} has no answer, so no JSON Schema.")
        if self.is_archived(draft.name) and not self.find(draft.name).same_text(draft):
            raise refusal_of_archived(draft.name)

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

    def latest(
        self, page: PageRequest = FIRST_PAGE, *, archived: bool = False
    ) -> Page[PromptVersion]:
        """The latest version of every prompt that is not archived, or of every one that is."""
        return self.records.prompts(page, archived=archived)

    def archive(self, name: str) -> bool:
        """Offer a prompt no longer; False where it was archived before.

        Raises:
            UnknownPrompt: there is none.
        """
        return self.records.archive_prompt(name)

    def unarchive(self, name: str) -> bool:
        """Offer an archived prompt again; False where it was not archived.

        Raises:
            UnknownPrompt: there is none.
        """
        return self.records.archive_prompt(name, archived=False)

    def is_archived(self, name: str) -> bool:
        """Whether a prompt is archived; False also where there is none."""
        return self.records.is_prompt_archived(name)

    def duplicate(self, written: str, name: str, by: Person) -> PromptVersion:
        """Save a version (``name`` or ``name@3``, archived or not) as the first of a new name.

        Raises:
            UnknownPrompt: there is no such version.
            InvalidPrompt: the new name is none, or is taken.
        """
        original = self.find(written)
        fields = {field: getattr(original, field) for field in PromptDraft.model_fields}
        copy = PromptDraft(**{**fields, "name": name})
        try:
            self.records.prompt(name)
        except UnknownPrompt:
            return self.save(copy, by)
        raise InvalidPrompt(
            f"There is a prompt {name!r} already, and a copy takes a name of its own."
        )

    def used_by(self, name: str, page: PageRequest = FIRST_PAGE) -> Page[Request]:
        """The requests of a prompt, of any version, newest first."""
        return self.records.list_requests(Partition(PartitionKind.PROMPT, name), page)

    def tallies(self, name: str) -> tuple[PromptTally, ...]:
        """How the jobs of each version ended, what they cost and what people thought of them;
        newest version first, and only those with something to count.
        """
        return self.records.prompt_tallies(name)

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


def refusal_of_archived(name: str) -> PromptArchived:
    """The refusal to begin anything new with an archived prompt."""
    return PromptArchived(
        f"The prompt {name!r} is archived. Take it up again by "
        f"`codybatch prompts unarchive {name}`, or choose another name."
    )


def _lines(text: str) -> list[str]:
    return [line + "\n" for line in text.split("\n")]
