"""Prompts in SQLite."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime

from codybatch.domain.identifiers import Person
from codybatch.domain.prompts import PromptDraft, PromptVersion
from codybatch.ports.lists import FIRST_PAGE, Page, PageRequest
from codybatch.stores import cursors
from codybatch.stores.embedded import rows
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.pages import page_of
from codybatch.stores.places import checked_limit
from codybatch.stores.refused import no_prompt

_NAME = re.compile(r"[a-z0-9-]{1,64}")


class PromptRecords:
    """The part of ``Records`` about prompts."""

    _database: Database

    def save_prompt(self, draft: PromptDraft, by: Person, at: datetime) -> PromptVersion:
        """See ``Records.save_prompt``."""
        with self._database.write() as connection:
            latest = _latest(connection, draft.name)
            if latest is not None and latest.same_text(draft):
                return latest
            fields = {name: getattr(draft, name) for name in PromptDraft.model_fields}
            number = latest.number + 1 if latest else 1
            version = PromptVersion(**fields, number=number, created_at=at, created_by=by)
            _insert(connection, version)
            return version

    def prompt(self, name: str, version: int | None = None) -> PromptVersion:
        """See ``Records.prompt``."""
        with self._database.read() as connection:
            found = _find(connection, name, version)
        if found is None:
            raise no_prompt(name, version)
        return found

    def prompt_versions(self, name: str) -> tuple[PromptVersion, ...]:
        """See ``Records.prompt_versions``."""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT document FROM prompt_versions WHERE name = ? ORDER BY version DESC", (name,)
            ).fetchall()
            versions = tuple(_read(row, connection) for row in found)
        if not versions:
            raise no_prompt(name)
        return versions

    def prompts(
        self, page: PageRequest = FIRST_PAGE, *, archived: bool = False
    ) -> Page[PromptVersion]:
        """See ``Records.prompts``."""
        limit = checked_limit(page)
        name = "prompts, archived" if archived else "prompts"
        last = cursors.start_of(page, name, _NAME) or ""
        with self._database.read() as connection:
            found = connection.execute(
                "SELECT prompts.name AS place, document FROM prompts CROSS JOIN prompt_versions "
                "ON prompt_versions.name = prompts.name AND version = latest "
                "WHERE prompts.archived = ? AND prompts.name > ? ORDER BY prompts.name LIMIT ?",
                (archived, last, limit + 1),
            ).fetchall()
            return page_of(found, limit, name, lambda row: _read(row, connection))

    def archive_prompt(self, name: str, *, archived: bool = True) -> bool:
        """See ``Records.archive_prompt``."""
        with self._database.write() as connection:
            if _find(connection, name, None) is None:
                raise no_prompt(name)
            moved = connection.execute(
                "UPDATE prompts SET archived = :archived "
                "WHERE name = :name AND archived <> :archived",
                {"name": name, "archived": archived},
            )
            return moved.rowcount > 0

    def is_prompt_archived(self, name: str) -> bool:
        """See ``Records.is_prompt_archived``."""
        with self._database.read() as connection:
            row = connection.execute(
                "SELECT archived FROM prompts WHERE name = ?", (name,)
            ).fetchone()
        return bool(row and row["archived"])


def _insert(connection: sqlite3.Connection, version: PromptVersion) -> None:
    connection.execute(
        "INSERT INTO prompts (name, latest) VALUES (?, ?) "
        "ON CONFLICT (name) DO UPDATE SET latest = excluded.latest",
        (version.name, version.number),
    )
    columns: rows.Columns = {
        "name": version.name,
        "version": version.number,
        "document": version.to_json(),
    }
    rows.insert(connection, "prompt_versions", columns)


def _latest(connection: sqlite3.Connection, name: str) -> PromptVersion | None:
    return _find(connection, name, None)


def _find(connection: sqlite3.Connection, name: str, number: int | None) -> PromptVersion | None:
    row = connection.execute(
        "SELECT document FROM prompt_versions WHERE name = :name AND version = "
        "coalesce(:number, (SELECT latest FROM prompts WHERE name = :name))",
        {"name": name, "number": number},
    ).fetchone()
    return _read(row, connection) if row else None


def _read(row: sqlite3.Row, connection: sqlite3.Connection) -> PromptVersion:
    return rows.record(PromptVersion, row["document"], connection)
