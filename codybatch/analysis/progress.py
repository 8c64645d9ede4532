"""Progress bars that notebooks and terminals both show, and nobody else."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

with warnings.catch_warnings():
    # Without ipywidgets it falls back to text, and would say so each time.
    warnings.simplefilter("ignore")
    from tqdm.auto import tqdm

SILENT_SECONDS = 1.0
"""A bar appears only where something takes longer."""


def counted(items: Iterable[T], unit: str) -> Iterator[T]:
    """Items one by one, with a bar of how many there were where it takes long.

    Args:
        items: how many there are need not be known.
        unit: what they are, in the plural.
    """
    yield from tqdm(items, unit=f" {unit}", delay=SILENT_SECONDS, leave=False)


def bar(total: int, unit: str) -> Any:
    """A bar that stays.

    Args:
        total: how many there will be.
        unit: what they are, in the plural.
    """
    return tqdm(total=total, unit=f" {unit}")
