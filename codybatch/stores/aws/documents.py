"""Documents of one person in DynamoDB: `D#person` has one item a name.

What was forgotten stays as an item without content, so that its versions are never used again.
"""

from __future__ import annotations

from codybatch.domain.documents import PersonDocument
from codybatch.domain.identifiers import Person
from codybatch.stores.aws import keys, texts
from codybatch.stores.aws.expressions import amounts_to
from codybatch.stores.aws.items import Attributes, Item, Key
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.transaction import Transaction
from codybatch.stores.documents import check_current, check_size

_CONTENT = "content"


class DocumentRecords:
    """The part of ``Records`` about a person's documents."""

    _table: Table
    _texts: Texts

    def person_document(self, person: Person, name: str) -> PersonDocument | None:
        """See ``PersonDocuments.person_document``."""
        item = self._table.get(_key(person, name))
        if item is None or not _has_content(item):
            return None
        content = self._texts.text(item, _CONTENT)
        version = item.number("version")
        return PersonDocument(person=person, name=name, content=content, version=version)

    def put_person_document(
        self, document: PersonDocument, *, overwrite: bool = False
    ) -> PersonDocument:
        """See ``PersonDocuments.put_person_document``."""
        check_size(document)
        packed = self._texts.packed(_CONTENT, document.content)
        key = _key(document.person, document.name)
        for _ in self._table.tries("keep a person's document"):
            item = self._table.get(key)
            if not overwrite:
                current = item.number("version") if item and _has_content(item) else 0
                check_current(document, current)
            version = self._replace_document(key, item, packed)
            if version:
                return document.with_(version=version)
        raise AssertionError

    def forget_person_document(self, person: Person, name: str) -> bool:
        """See ``PersonDocuments.forget_person_document``."""
        key = _key(person, name)
        for _ in self._table.tries("forget a person's document"):
            item = self._table.get(key)
            if item is None or not _has_content(item):
                return False
            if self._replace_document(key, item, {}):
                return True
        raise AssertionError

    def _replace_document(self, key: Key, before: Item | None, content: Attributes) -> int:
        """Write a document's next version, and say which; 0 where it changed meanwhile."""
        version = before.number("version") if before else 0
        transaction = Transaction()
        transaction.update(
            key,
            {**content, "version": version + 1},
            remove=set(texts.variants(_CONTENT)) - content.keys(),
            condition=amounts_to("version", version),
        )
        is_written = self._table.attempt(transaction, "keep a person's document")
        return version + 1 if is_written else 0


def _key(person: Person, name: str) -> Key:
    return Key(f"D#{keys.part(person)}", f"N#{keys.part(name)}")


def _has_content(item: Item) -> bool:
    return any(name in item.attributes for name in texts.variants(_CONTENT))
