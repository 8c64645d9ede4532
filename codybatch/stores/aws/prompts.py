"""Prompts in DynamoDB: an item a version, and of each name a head and an entry in a list.

Both say which version is the latest: the head to who saves the next one, the entry to who lists.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice

from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptDraft, PromptVersion
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores import cursors
from codybatch.stores.aws import keys
from codybatch.stores.aws.expressions import Condition, absent, equals, every
from codybatch.stores.aws.items import Item, Key, damaged
from codybatch.stores.aws.kept_jobs import record
from codybatch.stores.aws.table import Range, Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.places import checked_limit
from codybatch.stores.refused import no_prompt

_NAME = re.compile(r"[a-z0-9-]{1,64}")
_BEFORE_ALL = " "
_DIGITS = 8


class PromptRecords:
    """The part of ``Records`` about prompts."""

    _table: Table
    _texts: Texts

    def save_prompt(self, draft: PromptDraft, by: Person, at: datetime) -> PromptVersion:
        """See ``Records.save_prompt``."""
        for _ in self._table.tries("save a prompt"):
            head = self._table.get(_head(draft.name))
            latest = self._latest(draft.name) if head else None
            if latest is not None and latest.same_text(draft):
                return latest
            fields = {name: getattr(draft, name) for name in PromptDraft.model_fields}
            number = latest.number + 1 if latest else 1
            version = PromptVersion(**fields, number=number, created_at=at, created_by=by)
            if self._save_version(version, head):
                return version
        raise AssertionError

    def _save_version(self, version: PromptVersion, head: Item | None) -> bool:
        """Make a version the latest of its name; False where another one is by now."""
        transaction = Transaction()
        is_archived = _is_archived(head)
        latest = {"latest": version.number}
        written = self._texts.packed("doc", version.to_json())
        transaction.put(_version(version.name, version.number), written, absent())
        whole = {**latest, "archived": is_archived}
        transaction.put(_head(version.name), whole, _unchanged(head))
        transaction.put(_entry(version.name, archived=is_archived), latest)
        return self._table.attempt(transaction, "save a prompt")

    def prompt(self, name: str, version: int | None = None) -> PromptVersion:
        """See ``Records.prompt``."""
        found = self._latest(name) if version is None else self._numbered(name, version)
        if found is None:
            raise no_prompt(name, version)
        return found

    def _latest(self, name: str) -> PromptVersion | None:
        newest = self._table.query(_versions(name), limit=1, newest_first=True)
        return next((self._read_prompt(item) for item in newest), None)

    def _numbered(self, name: str, number: int) -> PromptVersion | None:
        if not 0 < number < 10**_DIGITS:
            return None
        item = self._table.get(_version(name, number))
        return self._read_prompt(item) if item else None

    def prompt_versions(self, name: str) -> tuple[PromptVersion, ...]:
        """See ``Records.prompt_versions``."""
        versions = tuple(
            self._read_prompt(item)
            for item in self._table.query(_versions(name), newest_first=True)
        )
        if not versions:
            raise no_prompt(name)
        return versions

    def prompts(
        self, page: PageRequest = FIRST_PAGE, *, archived: bool = False
    ) -> Page[PromptVersion]:
        """See ``Records.prompts``."""
        limit = checked_limit(page)
        list_name = "prompts, archived" if archived else "prompts"
        last = cursors.start_of(page, list_name, _NAME)
        asked = Range(_list(archived=archived), last or _BEFORE_ALL)
        names = self._table.query(asked, limit=limit + 2)
        after = (item for item in names if item.key.sk != last)
        found = list(islice(after, limit + 1))
        shown = [_version(item.key.sk, item.number("latest")) for item in found[:limit]]
        versions = self._table.get_many(shown)
        missing = next((key for key in shown if key not in versions), None)
        if missing:
            raise damaged(missing, "the latest version of a prompt is missing")
        cursor = cursors.encode(list_name, found[limit - 1].key.sk) if len(found) > limit else None
        return Page(tuple(self._read_prompt(versions[key]) for key in shown), cursor)

    def archive_prompt(self, name: str, *, archived: bool = True) -> bool:
        """See ``Records.archive_prompt``."""
        for _ in self._table.tries("archive a prompt"):
            head = self._table.get(_head(name))
            if head is None:
                raise no_prompt(name)
            if _is_archived(head) == archived:
                return False
            transaction = Transaction()
            latest = {"latest": head.number("latest")}
            transaction.put(_head(name), {**latest, "archived": archived}, _unchanged(head))
            transaction.delete(_entry(name, archived=not archived))
            transaction.put(_entry(name, archived=archived), latest)
            if self._table.attempt(transaction, "archive a prompt"):
                return True
        raise AssertionError

    def is_prompt_archived(self, name: str) -> bool:
        """See ``Records.is_prompt_archived``."""
        return _is_archived(self._table.get(_head(name)))

    def _read_prompt(self, item: Item) -> PromptVersion:
        return record(PromptVersion, self._texts.text(item, "doc"), item)


def _head(name: str) -> Key:
    return Key(f"P#{keys.part(name)}", keys.HEAD)


def _version(name: str, number: int) -> Key:
    return Key(f"P#{keys.part(name)}", f"V#{number:0{_DIGITS}d}")


def _versions(name: str) -> Range:
    return Range(f"P#{keys.part(name)}", "V#", "V#~")


def _list(*, archived: bool) -> str:
    return keys.list_name("PROMPTS", "ARCHIVED" if archived else "")


def _entry(name: str, *, archived: bool) -> Key:
    return Key(_list(archived=archived), name)


def _is_archived(head: Item | None) -> bool:
    return head is not None and head.flag("archived")


def _unchanged(head: Item | None) -> Condition:
    if head is None:
        return absent()
    same_latest = equals("latest", head.number("latest"))
    return every(same_latest, equals("archived", _is_archived(head)))
