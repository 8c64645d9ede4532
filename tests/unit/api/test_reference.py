"""The page of reference about the HTTP API."""

from __future__ import annotations

import re

from codybatch.api.reference import page

RULER = re.compile(r"(\|-+)+\|")


def test_every_table_has_a_head_one_ruler_and_rows_as_wide() -> None:
    tables = re.findall(r"(?:^\|.*\n)+", page("Made.\n"), re.MULTILINE)

    assert len(tables) > 5
    for table in tables:
        rows = table.splitlines()
        assert [bool(RULER.fullmatch(row)) for row in rows] == [False, True] + [False] * (
            len(rows) - 2
        )
        assert len(rows) > 2
        assert {row.count("|") for row in rows} == {rows[0].count("|")}
