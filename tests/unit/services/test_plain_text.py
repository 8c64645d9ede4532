"""Hostile text in plain sight."""

from __future__ import annotations

import pytest

from codybatch.services.plain_text import in_plain_sight


@pytest.mark.parametrize(
    ("hidden", "written"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\u202eb", r"a\u202eb"),
        ("a\u200bb", r"a\u200bb"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("a\rb", r"a\x0db"),
    ],
)
def test_what_hides_or_reorders_is_shown_as_its_escape(hidden: str, written: str) -> None:
    assert in_plain_sight(hidden) == written


def test_ordinary_text_of_any_script_stays_as_it_is() -> None:
    assert in_plain_sight("Grüße,\tこんにちは\n👋") == "Grüße,\tこんにちは\n👋"
