"""A report as JSON: everything that it holds, names in camelCase, in ASCII."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from codybatch.analysis.report.contents import Report
from codybatch.analysis.statistics.answers import CannotBeSaid
from codybatch.services.findings import Clean
from codybatch.services.plain_text import fit_to_show

FORMAT = "codybatch-report-1"
_NO_TEXT = re.compile(r"[0-9a-f-]{20,64}")
"""Digests and commits: no secret of anybody's."""


def json_of(report: Report, clean: Clean) -> bytes:
    """The report.

    A number that cannot be given is an object ``{"cannotBeSaid": why}``; money is a string, so that
    it is exact; moments are UTC.

    Args:
        report: what is written.
        clean: takes secrets out of a text.
    """
    told = {"format": FORMAT, **_of(report)}
    shown = _shown(told, clean)
    return f"{json.dumps(_replaced(told, shown), indent=1, allow_nan=False)}\n".encode()


def _of(value: Any) -> Any:
    if isinstance(value, CannotBeSaid):
        return {"cannotBeSaid": value.reason}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if is_dataclass(value):
        return {to_camel(one.name): _of(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple | list):
        return [_of(one) for one in value]
    return value


def _shown(told: Any, clean: Clean) -> Mapping[str, str]:
    """Every text without secrets and in plain sight."""
    texts = sorted({text for text in _texts(told) if text and not _NO_TEXT.fullmatch(text)})
    return dict(zip(texts, fit_to_show(texts, clean), strict=True))


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for one in told.values():
            yield from _texts(one)
    elif isinstance(told, list):
        for one in told:
            yield from _texts(one)


def _replaced(told: Any, shown: Mapping[str, str]) -> Any:
    if isinstance(told, str):
        return shown.get(told, told)
    if isinstance(told, dict):
        return {name: _replaced(one, shown) for name, one in told.items()}
    if isinstance(told, list):
        return [_replaced(one, shown) for one in told]
    return told
