"""Hostile text made fit for a page."""

from __future__ import annotations

from codybatch.ui.plain_text import literal, shown, shown_on_one_line, visible
from codybatch.workspace.redaction import Net, SecretScanner
from tests.ui_kit import SECRET

CLEAN = Net(["a-key-of-our-own"], SecretScanner()).clean


def test_what_hides_or_reorders_is_shown_as_its_escape() -> None:
    assert visible("\x1b[31ma\u202eb\rc") == r"\x1b[31ma\u202eb\x0dc"


def test_ordinary_text_stays_as_it_is() -> None:
    assert visible("Grüße,\tこんにちは\r\n👋") == "Grüße,\tこんにちは\n👋"


def test_secrets_are_taken_out_before_anything_is_shown() -> None:
    assert shown(f"{SECRET} a-key-of-our-own", CLEAN) == "[redacted] [redacted]"


def test_one_line_has_no_breaks_and_an_end() -> None:
    assert shown_on_one_line("a\n\n b", CLEAN) == "a b"
    assert shown_on_one_line("x" * 400, CLEAN, longest=10) == "xxxxxxxxx…"


def test_a_secret_is_not_saved_by_being_cut() -> None:
    assert "ghp_" not in shown_on_one_line(f"{'x ' * 5}{SECRET}", CLEAN, longest=20)


def test_a_name_means_nothing_to_markdown() -> None:
    assert literal("_my_.repo-1") == r"\_my\_\.repo\-1"
