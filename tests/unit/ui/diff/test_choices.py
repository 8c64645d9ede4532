"""What a person chose for a diff is kept for them alone, and ends with the file's content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.clock import SystemClock
from codybatch.domain.identifiers import JobId, Person
from codybatch.services.preferences import Personal
from codybatch.stores.embedded import EmbeddedStore
from codybatch.ui.diff.choices import Choices, Chosen
from codybatch.ui.diff.shown_diff import shown_diff
from tests.ui_kit import DIFF

OTHER = DIFF.replace(b"ingest", b"other")
DANA, NOBODY = Person("dana"), Chosen(frozenset(), is_split=True, ignores_whitespace=False)


@pytest.fixture
def personal(tmp_path: Path) -> Iterator[Personal]:
    store = EmbeddedStore(tmp_path)
    yield Personal(store.records, SystemClock())
    store.close()


def choices(personal: Personal, patch: bytes, person: Person = DANA) -> Choices:
    job = JobId("01jd0000000000000000000000-1")
    return Choices(personal, person, job, shown_diff(patch, lambda text: text))


def test_what_was_never_chosen_has_the_defaults(personal: Personal) -> None:
    assert choices(personal, DIFF).kept() == NOBODY


def test_marks_and_ways_of_looking_are_kept_for_the_person(personal: Personal) -> None:
    chosen = Chosen(frozenset({1}), is_split=False, ignores_whitespace=True)

    choices(personal, DIFF + OTHER).keep(NOBODY, chosen)

    assert choices(personal, DIFF + OTHER).kept() == chosen
    assert choices(personal, DIFF + OTHER, Person("bo")).kept() == NOBODY


def test_a_mark_is_taken_back(personal: Personal) -> None:
    both = Chosen(frozenset({0, 1}), is_split=True, ignores_whitespace=False)
    one = Chosen(frozenset({0}), is_split=True, ignores_whitespace=False)
    choices(personal, DIFF + OTHER).keep(NOBODY, both)

    choices(personal, DIFF + OTHER).keep(both, one)

    assert choices(personal, DIFF + OTHER).kept().viewed == {0}


def test_a_mark_ends_when_the_content_changes_and_not_when_files_move_about(
    personal: Personal,
) -> None:
    both = Chosen(frozenset({0, 1}), is_split=True, ignores_whitespace=False)
    choices(personal, DIFF + OTHER).keep(NOBODY, both)

    changed = choices(personal, OTHER + DIFF.replace(b"timezone.utc", b"UTC"))

    assert changed.kept().viewed == {0}
