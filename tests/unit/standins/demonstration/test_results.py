from __future__ import annotations

from codybatch.standins.demonstration.results import FileView, Hit, read_hits


def test_matches_are_told_from_context_and_remarks() -> None:
    output = "a/b.py:12:x = y: z\na/b.py-13-next\n--\n3 more matches. Narrow the pattern."

    assert read_hits(output) == [Hit("a/b.py", 12, "x = y: z")]


def test_a_file_is_known_when_every_line_was_read() -> None:
    view = FileView()

    view.add("     1\tone\n     2\t\ttwo\n[lines 1-2 of 1,003]")
    assert view.text is None
    assert view.next_unknown == 3
    assert view.total == 1003
    view.add("     3\tthree\n[lines 3-3 of 3]")

    assert view.text == "one\n\ttwo\nthree"


def test_without_a_footer_what_was_shown_is_all() -> None:
    view = FileView()

    view.add("     1\tone")

    assert view.text == "one"


def test_an_empty_file_has_an_empty_text() -> None:
    view = FileView()

    view.add("[lines 0-0 of 0]")

    assert view.text == ""
