"""Items: between Python's values and DynamoDB's, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.domain.errors import StoreDamaged, UsageError
from codybatch.stores.aws.items import (
    MAX_DIGITS,
    Item,
    Key,
    Value,
    read_item,
    size_of,
    written,
    written_item,
)

KEY = Key("R#1", "HEAD")
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
    st.booleans(),
    st.integers(-(10**MAX_DIGITS) + 1, 10**MAX_DIGITS - 1),
    st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9)).filter(
        lambda number: len(number.as_tuple().digits) <= MAX_DIGITS
    ),
)


@given(attributes=st.dictionaries(st.sampled_from(["a", "b", "c"]), VALUES))
def test_an_item_is_read_as_it_was_written(attributes: dict[str, Value]) -> None:
    assert read_item(written_item(KEY, attributes)) == Item(KEY, attributes)


def test_a_number_keeps_all_its_digits() -> None:
    amount = Decimal("-0.33333333333333333333333333333333333333")

    assert written(amount) == {"N": "-0.33333333333333333333333333333333333333"}


@pytest.mark.parametrize("number", [Decimal("1" * 39), Decimal("NaN"), Decimal("inf")])
def test_a_number_that_dynamodb_cannot_hold_is_refused(number: Decimal) -> None:
    with pytest.raises(UsageError, match="38"):
        written(number)


def test_a_text_without_utf_8_is_refused() -> None:
    with pytest.raises(UsageError, match="surrogates"):
        written("\ud800")


def test_what_is_missing_or_something_else_is_damage() -> None:
    item = Item(KEY, {"text": "x", "number": Decimal("1.5"), "truth": True})

    for read in (
        lambda: item.text("other"),
        lambda: item.text("number"),
        lambda: item.number("text"),
        lambda: item.number("number"),
        lambda: item.amount("truth"),
        lambda: item.maybe_text("number"),
    ):
        with pytest.raises(StoreDamaged, match="R#1 / HEAD"):
            read()


def test_missing_numbers_are_nothing_and_missing_truths_are_false() -> None:
    item = Item(KEY)

    assert item.number("n") == item.amount("n") == 0
    assert not item.flag("n")
    assert item.maybe_text("n") is None


def test_a_type_that_is_never_written_is_damage() -> None:
    with pytest.raises(StoreDamaged):
        read_item({"pk": {"S": "a"}, "sk": {"S": "b"}, "x": {"SS": ["y"]}})


def test_the_size_of_an_item_is_dynamodbs() -> None:
    """The names and the bytes of the values; a number is about half its digits, and one more."""
    size = size_of(Key("ab", "c"), {"text": "é" * 10, "bytes": b"xyz", "truth": True, "n": 1234})

    assert size == (2 + 2) + (2 + 1) + (4 + 20) + (5 + 3) + (5 + 1) + (1 + 2 + 2)
