"""``codybatch prompts lint``: hints are told and refuse nothing, unless asked to."""

from __future__ import annotations

from pathlib import Path

from tests.cli_kit import Call, call

VAGUE = b"Improve the code.\nThen run the tests."
FINE = b"Rename `a` to `b` in code; leave the rest alone."
TOKEN = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"


def prompts(home: Path, *arguments: str, stdin: bytes = b"") -> Call:
    return call("prompts", *arguments, environment={"CODYBATCH_HOME": str(home)}, stdin=stdin)


def test_hints_on_a_file_are_told_by_line_and_leave_the_status_alone(tmp_path: Path) -> None:
    done = prompts(tmp_path, "lint", "--prompt-file", "-", stdin=VAGUE)

    assert done.status == 0
    assert "Line 1, column 1  [unbounded-scope]\n  “Improve the code” sets no bounds" in done.text
    assert "Line 2, column 6  [cannot-run]\n  “run the tests”" in done.text


def test_strict_fails_where_there_is_a_hint_and_only_there(tmp_path: Path) -> None:
    asked = ("lint", "--prompt-file", "-", "--strict")

    assert prompts(tmp_path, *asked, stdin=VAGUE).status == 1
    fine = prompts(tmp_path, *asked, stdin=FINE)
    assert (fine.status, fine.text) == (0, "No hints on stdin (change).\n")
    assert prompts(tmp_path, *asked, "--kind", "audit", stdin=FINE).status == 1


def test_a_saved_prompt_gives_its_hints_as_json(tmp_path: Path) -> None:
    prompts(tmp_path, "save", "vague", "--file", "-", stdin=VAGUE)

    told = prompts(tmp_path, "lint", "vague@1", "--json").json

    assert (told["prompt"], told["kind"]) == ("vague@1", "change")
    assert told["hints"][-1]["id"] == "cannot-run"
    assert told["hints"][-1]["place"] == {"line": 2, "column": 6, "length": 13}


def test_an_answers_schema_is_read_along(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "properties": {"ownerTeam": {"type": "string"}}}')
    asked = ("lint", "--prompt-file", "-", "--kind", "ask", "--schema", str(schema))

    assert "ownerTeam" in prompts(tmp_path, *asked, stdin=b"Which licence is it?").text


def test_a_save_tells_the_hints_on_standard_error_and_no_secret(tmp_path: Path) -> None:
    text = VAGUE + f" Read https://dana:{TOKEN}@a.example/.".encode()

    done = prompts(tmp_path, "save", "vague", "--file", "-", "--json", stdin=text)

    assert (done.status, done.json["number"]) == (0, 1)
    assert "Hint: line 2: “run the tests”" in done.err
    assert "(secret-in-text)" in done.err
    assert TOKEN[:12] not in done.err
    assert prompts(tmp_path, "save", "fine", "--file", "-", stdin=FINE).err == ""


def test_neither_prompt_nor_file_is_wrong_usage_and_so_is_a_text_that_could_not_be_saved(
    tmp_path: Path,
) -> None:
    assert prompts(tmp_path, "lint").status == 2
    head = b"+++\n[variables.x]\n+++\n" + FINE

    refused = prompts(tmp_path, "lint", "--prompt-file", "-", stdin=head)

    assert (refused.status, "does not use" in refused.sentence) == (2, True)
