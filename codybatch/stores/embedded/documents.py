"""Documents of one person in SQLite."""

from __future__ import annotations

import sqlite3

from codybatch.domain.documents import PersonDocument
from codybatch.domain.identifiers import Person
from codybatch.stores.documents import check_current, check_size
from codybatch.stores.embedded.database import Database


class DocumentRecords:
    """The part of ``Records`` about a person's documents."""

    _database: Database

    def person_document(self, person: Person, name: str) -> PersonDocument | None:
        """See ``PersonDocuments.person_document``."""
        with self._database.read() as connection:
            row = _find(connection, person, name)
        if row is None or row["content"] is None:
            return None
        return PersonDocument(
            person=person, name=name, content=row["content"], version=row["version"]
        )

    def put_person_document(
        self, document: PersonDocument, *, overwrite: bool = False
    ) -> PersonDocument:
        """See ``PersonDocuments.put_person_document``."""
        check_size(document)
        with self._database.write() as connection:
            row = _find(connection, document.person, document.name)
            latest = row["version"] if row else 0
            if not overwrite:
                check_current(document, latest if row and row["content"] is not None else 0)
            stored = document.with_(version=latest + 1)
            connection.execute(
                "INSERT INTO person_documents (person, name, content, version) "
                "VALUES (:person, :name, :content, :version) ON CONFLICT (person, name) "
                "DO UPDATE SET content = excluded.content, version = excluded.version",
                stored.model_dump(),
            )
            return stored

    def forget_person_document(self, person: Person, name: str) -> bool:
        """See ``PersonDocuments.forget_person_document``."""
        with self._database.write() as connection:
            forgotten = connection.execute(
                "UPDATE person_documents SET content = NULL, version = version + 1 "
                "WHERE person = ? AND name = ? AND content IS NOT NULL",
                (person, name),
            )
            return forgotten.rowcount > 0


def _find(connection: sqlite3.Connection, person: Person, name: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT content, version FROM person_documents WHERE person = ? AND name = ?",
        (person, name),
    ).fetchone()
    return row
