from __future__ import annotations

import pytest

from codybatch.standins.demonstration.tasks.file_encodings import FileEncodings, encoding_in


def rewritten(text: str) -> str:
    result = FileEncodings().rewrite("a.py", text).text
    assert FileEncodings().rewrite("a.py", result).text == result
    return result


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("open(path)", 'open(path, encoding="utf-8")'),
        ('open(path, "w")', 'open(path, "w", encoding="utf-8")'),
        ("open(\n    path,\n)", 'open(\n    path,\n    encoding="utf-8",\n)'),
        ("path.read_text()", 'path.read_text(encoding="utf-8")'),
        ("path.write_text(content)", 'path.write_text(content, encoding="utf-8")'),
    ],
)
def test_a_text_file_is_opened_with_its_encoding(before: str, after: str) -> None:
    assert rewritten(f"{before}\n") == f"{after}\n"


@pytest.mark.parametrize(
    "text",
    [
        "open(path, 'rb')\n",
        "open(path, mode='wb')\n",
        "open(path, encoding='latin-1')\n",
        "open(path, 'r', -1, 'ascii')\n",
        "path.read_text('ascii')\n",
        "gzip.open(path)\n",
        "def open(x): ...\nopen(path)\n",
        "open(path, mode)\n",
        "open(path, **options)\n",
    ],
)
def test_what_is_binary_named_or_unclear_stays(text: str) -> None:
    assert rewritten(text) == text


def test_what_is_unclear_is_named() -> None:
    assert FileEncodings().rewrite("a.py", "open(path, mode)\n").left == (
        "a.py:1: its mode is computed.",
    )


def test_the_task_says_which_encoding() -> None:
    assert encoding_in('add `encoding="utf-8-sig"` to open()') == "utf-8-sig"
    assert encoding_in("name the encoding of open()") == "utf-8"
