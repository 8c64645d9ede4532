"""What commands print: harmless to a terminal, whole in a pipe, aligned for people."""

from __future__ import annotations

import json

import pytest

from codybatch.cli.output import (
    harmless,
    json_line,
    on_one_line,
    print_facts,
    print_json,
    print_table,
)

HOSTILE = "a\x1b[2Jb\x07c\u202ed\x9be\ud800f\u200bg\rh"


def test_what_could_steer_a_terminal_or_hide_is_shown_as_an_escape() -> None:
    assert harmless(HOSTILE) == "a\\x1b[2Jb\\x07c\\u202ed\\x9be\\ud800f\\u200bg\\x0dh"
    assert harmless("tag\U000e0041") == "tag\\U000e0041"


def test_ordinary_text_stays_as_it_is() -> None:
    assert harmless("Größe\t→ 日本語 🙂\n") == "Größe\t→ 日本語 🙂\n"


def test_one_line_is_cut_at_its_width_and_says_so() -> None:
    assert on_one_line("one\ntwo   three", 8) == "one two…"


def test_json_keeps_its_value_and_holds_nothing_that_steers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"text": HOSTILE})

    printed = capsys.readouterr().out
    assert json.loads(printed) == {"text": HOSTILE}
    assert harmless(printed) == printed


def test_a_line_of_json_is_escaped_alike() -> None:
    assert json.loads(json_line('"\u202e\x7f"')) == "\u202e\x7f"
    assert harmless(json_line('"\u202e\x7f"')) == '"\\u202e\\u007f"'


def test_a_table_in_a_pipe_is_tab_separated_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 500

    print_table(("A", "B"), [("one\ttwo\nthree", long), ("\x1b[1m", "")])

    assert capsys.readouterr().out == f"one two three\t{long}\n\\x1b[1m\t\n"


def test_facts_stand_below_each_other_without_the_empty_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_facts({"Job": "1", "Summary": "two\nlines", "Next": "", "Evil": "\x1b[2J"})

    assert (
        capsys.readouterr().out == "Job      1\nSummary  two\n         lines\nEvil     \\x1b[2J\n"
    )
