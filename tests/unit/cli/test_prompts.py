"""``codybatch prompts``: versions are saved, shown and compared."""

from __future__ import annotations

from pathlib import Path

from tests.cli_kit import Call, call


def prompts(home: Path, *arguments: str, stdin: bytes = b"") -> Call:
    environment = {"CODYBATCH_HOME": str(home), "CODYBATCH_PERSON": "dana"}
    return call("prompts", *arguments, environment=environment, stdin=stdin)


def test_a_list_without_prompts_says_how_to_save_one(tmp_path: Path) -> None:
    assert "codybatch prompts save" in prompts(tmp_path, "list").text


def test_only_a_changed_text_is_a_new_version(tmp_path: Path) -> None:
    for text, version in ((b"Tidy up.", 1), (b"Tidy up.", 1), (b"Tidy up well.", 2)):
        saved = prompts(tmp_path, "save", "tidy", "--file", "-", "--json", stdin=text)
        assert saved.json["number"] == version

    assert (
        "codybatch submit tidy"
        in prompts(tmp_path, "save", "tidy", "--file", "-", stdin=b"Tidy up.").text
    )


def test_versions_are_compared_line_by_line(tmp_path: Path) -> None:
    for text in (b"One.\nTwo.", b"One.\nThree."):
        prompts(tmp_path, "save", "count", "--file", "-", stdin=text)

    changed = prompts(tmp_path, "diff", "count", "1", "2").text

    assert "-Two.\n+Three.\n" in changed
    assert prompts(tmp_path, "diff", "count", "2", "2").text == "The text is the same.\n"


def test_an_ask_is_saved_with_its_schema(tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_text(
        '{"type": "object", "properties": {"licence": {"type": "string"}}, '
        '"required": ["licence"], "additionalProperties": false}'
    )

    saved = prompts(
        tmp_path,
        *("save", "licence", "--file", "-", "--kind", "ask", "--schema", str(schema), "--json"),
        stdin=b"Which licence?",
    )

    assert saved.json["answerSchema"]["required"] == ["licence"]


def test_hostile_text_is_shown_harmlessly(tmp_path: Path) -> None:
    prompts(tmp_path, "save", "evil", "--file", "-", stdin="a\x1b[2Jb\u202ec".encode())

    shown = prompts(tmp_path, "show", "evil").text

    assert "a\\x1b[2Jb\\u202ec" in shown
