"""What frames are made of: columns with a type and a meaning, filled page by page.

Every frame has the same types whatever is in it, also when it is empty. Texts are Arrow's (what
pandas calls ``str``), moments are UTC, money is float64 in US dollars with ``_usd`` in its name: a
frame is there to be computed with, and float64 holds every amount that a job can cost to far below
the millionth of a dollar that prices are kept to. The exact amounts are in the records themselves.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from codybatch.domain.errors import UsageError
from codybatch.services.findings import Clean
from codybatch.services.plain_text import fit_to_show

R = TypeVar("R")
ROWS_AT_HAND = 50


@dataclass(frozen=True)
class Dtype:
    """A column's type: how documentation calls it, how it is gathered, what pandas gets."""

    words: str
    arrow: pa.DataType
    pandas: Any
    """What ``Series.astype`` takes."""

    def series(self, chunks: Sequence[pa.Array]) -> pd.Series[Any]:
        """Gathered values as a column."""
        gathered = pa.chunked_array(chunks, type=self.arrow)
        if isinstance(self.pandas, pd.api.extensions.ExtensionDtype) and hasattr(
            self.pandas, "__from_arrow__"
        ):
            return pd.Series(self.pandas.__from_arrow__(gathered))
        return pd.Series(gathered.to_pandas()).astype(self.pandas)


TEXT = Dtype("text", pa.large_string(), pd.StringDtype("pyarrow", na_value=float("nan")))
WHOLE = Dtype("whole number", pa.int64(), "int64")
WHOLE_IF_ANY = Dtype("whole number, may be missing", pa.int64(), pd.Int64Dtype())
NUMBER = Dtype("number", pa.float64(), "float64")
YES_OR_NO = Dtype("yes or no", pa.bool_(), "bool")
YES_OR_NO_IF_ANY = Dtype("yes or no, may be missing", pa.bool_(), pd.BooleanDtype())
MOMENT = Dtype("moment, UTC", pa.timestamp("us", "UTC"), pd.DatetimeTZDtype("us", "UTC"))


def levels(names: Iterable[str]) -> Dtype:
    """The type of a column of a closed list, the first the highest, so that it can be sorted."""
    ordered = list(names)
    words = f"one of {', '.join(ordered)}, in this order"
    return Dtype(words, pa.large_string(), pd.CategoricalDtype(ordered, ordered=True))


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column of a frame whose rows are made of ``R``."""

    name: str
    dtype: Dtype
    meaning: str
    """With its unit."""
    of: Callable[[R], Any]
    """The value of a row; None where it has none."""
    is_foreign: bool = False
    """Whether it is free text, whoever wrote it: secrets are taken out of it, and what hides or
    reorders is shown as its escape. Ids, digests and words of closed lists are none."""
    longest: int | None = None
    """Characters of a text, where it is cut: after secrets were taken out, never before."""


def amount(value: Decimal | None) -> float | None:
    """US dollars as a frame holds them."""
    return None if value is None else float(value)


@dataclass(frozen=True)
class Frame(Generic[R]):
    """What a frame holds."""

    name: str
    """Of the workspace's method that gives it."""
    row: str
    """What a row is, as a sentence."""
    columns: tuple[Column[R], ...]

    def chosen(self, names: Iterable[str] | None) -> tuple[Column[R], ...]:
        """The columns of these names, in the order they are named; all where none is.

        Raises:
            UsageError: there is no such column.
        """
        if names is None:
            return self.columns
        known = {column.name: column for column in self.columns}
        wanted = [names] if isinstance(names, str) else list(names)
        if unknown := [name for name in wanted if name not in known]:
            raise UsageError(
                f"{self.name}() has no column {', '.join(map(repr, unknown))}; it has "
                f"{', '.join(known)}."
            )
        return tuple(known[name] for name in dict.fromkeys(wanted))

    def filled(
        self,
        pages: Iterable[Sequence[R]],
        clean: Clean,
        names: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """The frame of some rows.

        Args:
            pages: of rows; only one of them is in memory at a time.
            clean: takes secrets out of a text.
            names: of the columns; all by default.

        Raises:
            UsageError: there is no such column.
        """
        columns = self.chosen(names)
        chunks: dict[str, list[pa.Array]] = {column.name: [] for column in columns}
        with _cycles_left_alone():
            for page in pages:
                for column, values in zip(columns, _values(columns, page), strict=True):
                    chunks[column.name].append(_chunk(column, values, clean))
        return pd.DataFrame(
            {column.name: column.dtype.series(chunks[column.name]) for column in columns}
        )


def _values(columns: Sequence[Column[R]], page: Sequence[R]) -> list[list[Any]]:
    """The values of each column, read off a few rows at a time: the processor still holds them from
    one column to the next, which halves what this takes.
    """
    gathered: list[list[Any]] = [[] for _ in columns]
    for start in range(0, len(page), ROWS_AT_HAND):
        rows = page[start : start + ROWS_AT_HAND]
        for column, values in zip(columns, gathered, strict=True):
            values.extend(map(column.of, rows))
    return gathered


def _chunk(column: Column[R], values: list[Any], clean: Clean) -> pa.Array:
    if column.is_foreign:
        texts = [text for text in dict.fromkeys(values) if text]
        fit = dict(zip(texts, fit_to_show(texts, clean), strict=True))
        values = [fit[text][: column.longest] if text else text for text in values]
    return pa.array(values, type=column.dtype.arrow)


@contextmanager
def _cycles_left_alone() -> Iterator[None]:
    """Records refer to nothing that refers back to them: to look for cycles among those that are
    read would cost half as much again as reading them.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
