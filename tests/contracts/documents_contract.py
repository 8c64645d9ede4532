"""The contract of a person's documents."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from codybatch.domain.documents import MAX_DOCUMENT_BYTES, PersonDocument
from codybatch.domain.errors import DocumentTooLarge, StaleWrite
from codybatch.domain.identifiers import Person
from codybatch.ports import Records
from tests.contracts.examples import ALICE, BOB
from tests.contracts.fixtures import StoreFixtures


def a_document(
    content: str = "{}", version: int = 0, person: Person = ALICE, name: str = "preferences"
) -> PersonDocument:
    return PersonDocument(person=person, name=name, content=content, version=version)


class DocumentContract(StoreFixtures):
    def test_there_is_none_before_one_is_put(self, records: Records) -> None:
        assert records.person_document(ALICE, "preferences") is None
        assert not records.forget_person_document(ALICE, "preferences")

    @pytest.mark.parametrize(
        "content", ["", "{}", '{"a": "zürich \U0001f600"}', "not JSON", "\x00", "'; DROP TABLE x"]
    )
    def test_any_content_is_read_as_it_was_put(self, records: Records, content: str) -> None:
        stored = records.put_person_document(a_document(content))

        assert (stored.content, stored.version) == (content, 1)
        assert records.person_document(ALICE, "preferences") == stored

    def test_a_document_is_of_one_person_and_one_name(self, records: Records) -> None:
        mine = records.put_person_document(a_document("mine"))
        bobs = records.put_person_document(a_document("bobs", person=BOB))
        draft = records.put_person_document(a_document("draft", name="draft"))

        assert records.forget_person_document(BOB, "preferences")

        assert records.person_document(ALICE, "preferences") == mine
        assert records.person_document(ALICE, "draft") == draft
        assert records.person_document(BOB, "preferences") is None
        assert bobs.version == 1

    def test_a_stale_writer_is_refused_and_may_overwrite(self, records: Records) -> None:
        first = records.put_person_document(a_document("one"))
        second = records.put_person_document(a_document("two", first.version))

        for stale in (0, first.version, second.version + 1):
            with pytest.raises(StaleWrite, match="preferences"):
                records.put_person_document(a_document("late", stale))
        assert records.person_document(ALICE, "preferences") == second

        forced = records.put_person_document(a_document("late", first.version), overwrite=True)

        assert forced.version == second.version + 1
        assert records.person_document(ALICE, "preferences") == forced

    def test_what_was_forgotten_is_written_anew_and_not_by_a_stale_writer(
        self, records: Records
    ) -> None:
        first = records.put_person_document(a_document("one"))
        assert records.forget_person_document(ALICE, "preferences")
        assert not records.forget_person_document(ALICE, "preferences")

        with pytest.raises(StaleWrite):
            records.put_person_document(a_document("late", first.version))
        again = records.put_person_document(a_document("new"))

        assert again.version > first.version
        with pytest.raises(StaleWrite):
            records.put_person_document(a_document("late", first.version))
        assert records.person_document(ALICE, "preferences") == again

    def test_an_overwrite_makes_what_was_not_there(self, records: Records) -> None:
        stored = records.put_person_document(a_document("one", version=7), overwrite=True)

        assert records.person_document(ALICE, "preferences") == stored

    def test_one_of_many_writers_at_once_goes_through(self, records: Records) -> None:
        def write(number: int) -> bool:
            try:
                records.put_person_document(a_document(str(number)))
            except StaleWrite:
                return False
            return True

        with ThreadPoolExecutor(8) as writers:
            wrote = list(writers.map(write, range(16)))

        stored = records.person_document(ALICE, "preferences")
        assert wrote.count(True) == 1
        assert stored == a_document(str(wrote.index(True)), version=1)

    def test_a_document_has_a_bound_in_bytes(self, records: Records) -> None:
        largest = "ö" * (MAX_DOCUMENT_BYTES // 2)
        stored = records.put_person_document(a_document(largest))

        for overwrite in (False, True):
            with pytest.raises(DocumentTooLarge, match=r"262,145 bytes.*262,144"):
                records.put_person_document(a_document(largest + "x", 1), overwrite=overwrite)
        assert records.person_document(ALICE, "preferences") == stored

    def test_a_document_is_there_after_close_and_open(self, records: Records, place: Path) -> None:
        stored = records.put_person_document(a_document("kept"))
        records.close()

        again = self.make_records(place)

        assert again.person_document(ALICE, "preferences") == stored
        again.close()

    @pytest.mark.parametrize("name", ["", "A", "a/b", ".", "a\n", "-a", "x" * 101, "é"])
    def test_a_name_is_short_and_plain(self, name: str) -> None:
        with pytest.raises(ValidationError):
            a_document(name=name)
