from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.workspace.manifest import EXECUTABLE, SYMLINK
from tests.tree_kit import GITHUB_TOKEN, PASSWORD, Tools

CONFIG = f'password = "{PASSWORD}"\nport = 1\n'


def test_a_new_file_is_written_exactly_with_its_folders(tmp_path: Path) -> None:
    tools = Tools(tmp_path)
    text = tools.fine("write_file", path="a/b/c.txt", content="one\r\ntwo\nü\n")
    assert text == "Wrote a/b/c.txt (12 bytes)."
    assert tools.bytes_of("a/b/c.txt") == "one\r\ntwo\nü\n".encode()


def test_replacing_must_be_asked_for(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a": "old\n"})
    refusal = tools.refused("write_file", path="a", content="new\n")
    assert "a exists (4 bytes). Change it with edit_file" in refusal
    assert tools.fine("write_file", path="a", content="new\n", overwrite=True).startswith(
        "Replaced"
    )
    assert tools.bytes_of("a") == b"new\n"


def test_a_file_that_is_replaced_keeps_its_line_ends_mark_encoding_and_mode(
    tmp_path: Path,
) -> None:
    files = {"crlf": b"\xef\xbb\xbfa\r\nb\r\n", "mixed": b"a\r\nb\n", "latin": b"caf\xe9\n"}
    tools = Tools(tmp_path, files, {"mixed": EXECUTABLE})
    for path in files:
        tools.fine("write_file", path=path, content="thé\nx\n", overwrite=True)
    assert tools.bytes_of("crlf") == b"\xef\xbb\xbf" + "thé\r\nx\r\n".encode()
    assert tools.bytes_of("mixed") == "thé\nx\n".encode()
    assert tools.bytes_of("latin") == b"th\xe9\nx\n"
    assert tools.tree.entry("mixed").mode == EXECUTABLE


def test_a_binary_file_can_be_replaced_by_text(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"b": b"\0\1"})
    tools.fine("write_file", path="b", content="text\n", overwrite=True)
    assert tools.bytes_of("b") == b"text\n"


def test_too_much_at_once_is_refused(tmp_path: Path) -> None:
    tools = Tools(tmp_path)
    text = tools.refused("write_file", path="a", content="é" * (256 * 1024 + 1))
    assert "The content has 524,290 bytes; at most 524,288" in text


@pytest.mark.parametrize(
    ("content", "why"), [("a\0b", "without NUL"), ("a\ud800b", "half a surrogate pair")]
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: str, why: str) -> None:
    tools = Tools(tmp_path)
    assert why in tools.refused("write_file", path="a", content=content)
    assert tools.tree.changed() == ()


def test_links_are_not_replaced(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"l": "/etc/passwd"}, {"l": SYMLINK})
    for overwrite in (True, False):
        text = tools.refused("write_file", path="l", content="x", overwrite=overwrite)
        assert "l is a symbolic link" in text


def test_placeholders_stand_for_the_secrets_of_the_file_that_is_replaced(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG})
    placeholder = tools.fine("grep", pattern="password").split('"')[1]
    text = tools.fine(
        "write_file", path="config.py", content=f'key = ["{placeholder}"]\n', overwrite=True
    )
    assert tools.bytes_of("config.py").decode() == f'key = ["{PASSWORD}"]\n'
    assert "[note:" not in text
    assert PASSWORD not in tools.fine("read_file", path="config.py")


def test_a_placeholder_of_another_file_is_refused(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG, "b.txt": "x"})
    placeholder = tools.fine("grep", pattern="password").split('"')[1]
    for path in ("b.txt", "new.txt"):
        text = tools.refused("write_file", path=path, content=placeholder, overwrite=True)
        assert "stands for no secret of this file" in text
    assert tools.tree.changed() == ()


def test_writing_what_looks_like_a_secret_is_pointed_out(tmp_path: Path) -> None:
    tools = Tools(tmp_path)
    text = tools.fine("write_file", path="a", content=f"token = '{GITHUB_TOKEN}'\n")
    assert "what you wrote looks like a secret" in text
    assert GITHUB_TOKEN not in text
