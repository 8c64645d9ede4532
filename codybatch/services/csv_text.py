"""Tables as CSV (RFC 4180): hidden characters in plain sight, and no cell a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from codybatch.services.plain_text import in_plain_sight

_FORMULA = re.compile(r"\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet takes for the beginning of a formula; full-width forms too:
https://owasp.org/www-community/attacks/CSV_Injection"""


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with its heading; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    shown = in_plain_sight(value)
    return f"'{shown}" if _FORMULA.match(shown) else shown
