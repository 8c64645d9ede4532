"""The list of reasons that a verdict may name: the operator's, or what people made of it since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import Field, ValidationError

from codybatch.domain.documents import EVERYBODY, PersonDocument
from codybatch.domain.errors import UsageError
from codybatch.domain.prompts import Kind
from codybatch.ports import Records
from codybatch.services.option_choices import KeptRecord

MAX_REASONS = 40
MAX_REASON = 60
"""Characters."""
MAX_UNDONE = 20
"""Earlier lists that can be brought back."""
_NAME = "verdict-reasons"
_SEPARATORS = ",;"
"""Of reasons in the setting, in frames and in sheets."""


class ReasonLists(KeptRecord):
    """The list for every kind of prompt, and those of kinds that have one of their own."""

    everywhere: tuple[str, ...] = ()
    """Empty: the operator's."""
    by_kind: dict[Kind, tuple[str, ...]] = Field(default_factory=dict)


class _Document(KeptRecord):
    lists: ReasonLists = ReasonLists()
    before: tuple[ReasonLists, ...] = ()
    """Newest last."""


@dataclass(frozen=True)
class KeptReasons:
    """The lists as they are kept, for whoever changes them."""

    lists: ReasonLists
    version: int
    """To be named by who changes them; 0 where nothing is kept."""
    can_undo: bool


@dataclass(frozen=True)
class VerdictReasons:
    """Use cases of the list of reasons: one for all people, in the records."""

    records: Records
    operators: tuple[str, ...]
    """Of CODYBATCH_VERDICT_REASONS: where nobody changed them."""

    def of(self, kind: Kind) -> tuple[str, ...]:
        """The reasons for jobs of a kind."""
        lists = self._read()[0].lists
        return lists.by_kind.get(kind) or lists.everywhere or self.operators

    def kept(self) -> KeptReasons:
        """What people made of the operator's list; what cannot be read counts as nothing."""
        document, version = self._read()
        return KeptReasons(document.lists, version, bool(document.before))

    def keep(
        self,
        everywhere: Iterable[str],
        by_kind: Mapping[Kind, Iterable[str]],
        version: int,
    ) -> KeptReasons:
        """Change the lists; verdicts that were given keep the reasons they name.

        Args:
            everywhere: for all kinds; empty for the operator's.
            by_kind: for kinds with a list of their own; an empty one is none.
            version: the one that was read.

        Raises:
            UsageError: a reason that cannot be; the message says which and why.
            StaleWrite: somebody changed them since.
        """
        own = {kind: checked(reasons) for kind, reasons in by_kind.items()}
        lists = ReasonLists(
            everywhere=checked(everywhere), by_kind={kind: own[kind] for kind in own if own[kind]}
        )
        document = self._read()[0]
        if lists == document.lists:
            return self.kept()
        before = (*document.before, document.lists)[-MAX_UNDONE:]
        return self._write(_Document(lists=lists, before=before), version)

    def undo(self, version: int) -> KeptReasons:
        """Bring the lists before the last change back.

        Raises:
            UsageError: there is nothing before.
            StaleWrite: somebody changed them since.
        """
        document = self._read()[0]
        if not document.before:
            raise UsageError("There is no earlier list of reasons.")
        *before, lists = document.before
        return self._write(_Document(lists=lists, before=tuple(before)), version)

    def _read(self) -> tuple[_Document, int]:
        stored = self.records.person_document(EVERYBODY, _NAME)
        if stored is None:
            return _Document(), 0
        try:
            return _Document.model_validate_json(stored.content), stored.version
        except ValidationError:
            return _Document(), stored.version

    def _write(self, document: _Document, version: int) -> KeptReasons:
        content = document.to_json()
        stored = self.records.put_person_document(
            PersonDocument(person=EVERYBODY, name=_NAME, content=content, version=version)
        )
        return KeptReasons(document.lists, stored.version, bool(document.before))


def checked(reasons: Iterable[str]) -> tuple[str, ...]:
    """Reasons on one line each, without empty ones, each once whatever its case.

    Raises:
        UsageError: there are more than MAX_REASONS, or one is too long or holds what cannot be.
    """
    named: dict[str, str] = {}
    for reason in (" ".join(written.split()) for written in reasons):
        if reason:
            named.setdefault(reason.casefold(), reason)
    kept = tuple(named.values())
    if len(kept) > MAX_REASONS:
        raise UsageError(f"There are {len(kept)} reasons; a list has up to {MAX_REASONS}.")
    for reason in kept:
        _check(reason)
    return kept


def _check(reason: str) -> None:
    if len(reason) > MAX_REASON:
        raise UsageError(
            f"A reason has up to {MAX_REASON} characters; this one has {len(reason)}: {reason}"
        )
    if not reason.isprintable() or set(_SEPARATORS) & set(reason):
        raise UsageError(f"{reason!r} is no reason: no comma, no semicolon, nothing hidden in it.")
