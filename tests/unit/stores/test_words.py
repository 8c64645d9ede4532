"""Words: what a search compares."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codybatch.stores.words import MAX_WORDS_KEPT, words_of


def test_words_are_letters_and_digits_without_case_and_accents() -> None:
    words = words_of(["Größe: acme/payments-api@v2", "snake_case, Ünïcode!"])

    assert words == {"grosse", "acme", "payments", "api", "v2", "snake", "case", "unicode"}


def test_a_text_keeps_its_first_words() -> None:
    words = words_of([" ".join(f"w{number}" for number in range(MAX_WORDS_KEPT + 10))])

    assert len(words) == MAX_WORDS_KEPT
    assert "w0" in words
    assert f"w{MAX_WORDS_KEPT}" not in words


def test_an_endless_word_counts_by_its_beginning() -> None:
    (word,) = words_of(["a" * 1_000_000])

    assert len(word) == 100


@given(st.text())
def test_a_text_is_found_by_itself_in_any_case(text: str) -> None:
    words = words_of([text])

    assert words_of([text.casefold()]) == words
    assert words_of(sorted(words)) == words
