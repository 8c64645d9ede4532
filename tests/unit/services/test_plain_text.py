"""Hostile text in plain sight."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.services.plain_text import fit_to_show, in_plain_sight
from codybatch.workspace.redaction import Net, SecretScanner
from tests.ui_kit import SECRET

NET = Net(["my-own-key-0123", "of two\nlines 99"], SecretScanner())
PIECES = (
    *("", "Fixed it.", SECRET, f"token = {SECRET}", "password:", "hunter2secret9", "of two"),
    *("lines 99", "my-own-key-0123", "-----BEGIN RSA PRIVATE KEY-----", "MIIEow" + "A1b2" * 12),
    *("-----END RSA PRIVATE KEY-----", "export API_KEY=", "abc\u202edef", "a\nb", "\ud800"),
)


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


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_many_texts_come_as_they_would_one_by_one(texts: list[str]) -> None:
    assert fit_to_show(texts, NET.clean) == [in_plain_sight(NET.clean(text)) for text in texts]
