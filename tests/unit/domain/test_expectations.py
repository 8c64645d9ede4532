"""What a field takes, in words that no programmer has to explain."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from codybatch.domain.expectations import explained


class Mode(StrEnum):
    SLOW = "slow"
    FAST = "fast"
    BOTH = "both"


def refuse(_: str) -> str:
    raise ValueError("it names no host")


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Annotated[int, Field(ge=1)], 0, " takes at least 1"),
        (Annotated[int, Field(gt=0)], 0, " takes more than 0"),
        (Annotated[int, Field(le=20_160)], 99_999, " takes at most 20160"),
        (Annotated[float, Field(lt=60)], 60, " takes less than 60"),
        (Annotated[Decimal, Field(gt=0)], "-1", " takes more than 0"),
        (int, "many", " takes a whole number"),
        (int, 1.5, " takes a whole number"),
        (float, "many", " takes a number"),
        (Decimal, "much", " takes a number, such as 2.50"),
        (bool, "perhaps", " takes true or false"),
        (Mode, "quick", " takes slow, fast or both"),
        (Literal["local"], "cloud", " takes local"),
        (Annotated[str, Field(max_length=3)], "four", " takes at most 3 characters"),
        (Annotated[str, Field(min_length=3)], "", " takes at least 3 characters"),
        (Annotated[tuple[int, ...], Field(max_length=2)], (1, 2, 3), " takes at most 2"),
        (Annotated[str, AfterValidator(refuse)], "", ": it names no host"),
        (dict[str, str], "no", " takes a valid dictionary"),
    ],
)
def test_what_does_not_fit_is_said_in_plain_words(kind: Any, value: object, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)

    (problem,) = refused.value.errors()
    assert explained("It", problem) == f"It{said}."
