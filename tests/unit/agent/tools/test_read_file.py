from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from codybatch.agent.tools import read_file
from codybatch.workspace.manifest import SUBMODULE, SYMLINK
from tests.tree_kit import GITHUB_TOKEN, LFS_POINTER, PASSWORD, Tools, rendered

MEGABYTE = 1024 * 1024
BODY = [
    f"MIIE{number:04d}aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9nP2qR5tU8wX1zA4cD7"
    for number in range(24)
]
KEY = ["-----BEGIN PRIVATE KEY-----", *BODY, "-----END PRIVATE KEY-----"]


def test_a_small_file_is_shown_whole_with_numbers_and_a_footer(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a.py": "import os\n\nprint(os)\n"})
    text = tools.fine("read_file", path="a.py")
    assert text == "     1\timport os\n     2\t\n     3\tprint(os)\n[lines 1-3 of 3]"


def test_without_an_end_four_hundred_lines_are_shown(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a": "".join(f"{n}\n" for n in range(1, 2_114))})
    assert tools.fine("read_file", path="a").endswith("   400\t400\n[lines 1-400 of 2,113]")
    page = tools.fine("read_file", path="a", start_line=2_100)
    assert (
        page
        == f"{rendered([str(n) for n in range(2_100, 2_114)], 2_100)}\n[lines 2,100-2,113 of 2,113]"
    )
    assert tools.fine("read_file", path="a", start_line=5, end_line=5) == (
        "     5\t5\n[lines 5-5 of 2,113]"
    )


def test_a_page_ends_where_the_result_would_grow_too_large(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a": ("x" * 990 + "\n") * 100})
    text = tools.fine("read_file", path="a", end_line=90)
    assert text.endswith("[lines 1-32 of 100]\n[cut at 32 KB: go on with start_line=33]")
    assert len(text) < 33 * 1024


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "[a is empty]"),
        (b"x", "     1\tx\n[lines 1-1 of 1]"),
        (b"\n", "     1\t\n[lines 1-1 of 1]"),
        (b"a\r\nb\r\n", "     1\ta\n     2\tb\n[lines 1-2 of 2]"),
        (b"\xef\xbb\xbfa\n", "     1\ta\n[lines 1-1 of 1]"),
        (b"caf\xe9\n", "     1\tcaf\u00e9\n[lines 1-1 of 1]"),
    ],
)
def test_every_kind_of_text_is_shown(tmp_path: Path, content: bytes, expected: str) -> None:
    tools = Tools(tmp_path, {"a": content})
    assert tools.fine("read_file", path="a") == expected


def test_lines_with_hidden_characters_are_pointed_out(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a": "ok\nif x:\u202e }\nok\n\u200bend\n"})
    text = tools.fine("read_file", path="a")
    assert text.endswith("[note: invisible or text-reordering characters on line 2, 4]")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"start_line": 4}, "has 3 lines, so there is no line 4"),
        ({"start_line": 3, "end_line": 2}, "end_line 2 is before start_line 3"),
        ({"start_line": 0}, "start_line: Input should be greater than or equal to 1"),
        ({"start_line": "two"}, "start_line: Input should be a valid integer"),
        ({"first": 1}, "first: Extra inputs are not permitted"),
    ],
)
def test_pages_that_do_not_exist_are_refused(
    tmp_path: Path, arguments: dict[str, object], why: str
) -> None:
    tools = Tools(tmp_path, {"a": "1\n2\n3\n"})
    assert why in tools.refused("read_file", path="a", **arguments)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    files = {"b": b"\0\1", "u": "text".encode("utf-16"), "m": b"", "big": b"\0" * 5 * MEGABYTE}
    tools = Tools(tmp_path, files, {"m": SUBMODULE})
    assert "is a binary file" in tools.refused("read_file", path="b")
    assert "is in UTF-16" in tools.refused("read_file", path="u")
    assert "is a submodule" in tools.refused("read_file", path="m")
    assert "is a binary file" in tools.refused("read_file", path="big")
    assert "There is no file nothing" in tools.refused("read_file", path="nothing")


def test_links_are_shown_as_what_they_are(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"l": "../../etc/passwd"}, {"l": SYMLINK})
    text = tools.fine("read_file", path="l")
    assert text.startswith("l is a symbolic link to ../../etc/passwd; links are never followed.")


def test_lfs_pointers_are_shown_as_what_they_are(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"m": LFS_POINTER})
    assert "[this is a Git LFS pointer" in tools.fine("read_file", path="m")


def test_secrets_are_shown_as_placeholders(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a.env": f"DB_PASSWORD={PASSWORD}\nTOKEN={GITHUB_TOKEN}\nPORT=1\n"})
    text = tools.fine("read_file", path="a.env")
    assert PASSWORD not in text
    assert GITHUB_TOKEN not in text
    assert text.count("[redacted-secret-") == 2


@pytest.mark.parametrize("padding", [0, 5 * MEGABYTE])
def test_no_page_shows_part_of_a_key_whatever_its_bounds(tmp_path: Path, padding: int) -> None:
    before = ["x" * 99] * (padding // 100)
    lines = [*before, "begin", *KEY, "end", *before]
    tools = Tools(tmp_path, {"key.txt": "\n".join(lines) + "\n"})
    first = len(before) + 2
    for start in range(first, first + len(KEY)):
        page = tools.fine("read_file", path="key.txt", start_line=start, end_line=start + 1)
        assert not any(line[8:] in page for line in BODY), start
    whole = tools.fine("read_file", path="key.txt", start_line=first, end_line=first + len(KEY))
    assert whole.count("[redacted-secret-") == len(BODY)
    assert f"{first + len(KEY):6d}\tend" in whole


def test_a_secret_at_the_cut_of_a_long_line_does_not_show_its_half(tmp_path: Path) -> None:
    line = "x" * 1_980 + f' token = "{GITHUB_TOKEN}"'
    tools = Tools(tmp_path, {"a": line + "\n"})
    text = tools.fine("read_file", path="a")
    assert "ghp_" not in text
    assert "[line cut: " in text


def test_a_large_file_is_read_a_window_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"line {number} caf\u00e9" for number in range(1, 300_001)]
    tools = Tools(tmp_path, {"big.log": "\n".join(lines) + "\n"})
    assert tools.tree.entry("big.log").size > read_file.WHOLE_FILE
    pages = [
        tools.fine("read_file", path="big.log", start_line=start, end_line=start + 2)
        for start in (1, 2, 150_000, 299_998)
    ]
    last = tools.fine("read_file", path="big.log", start_line=300_000)
    monkeypatch.setattr(read_file, "WHOLE_FILE", 100 * MEGABYTE)
    assert pages == [
        tools.fine("read_file", path="big.log", start_line=start, end_line=start + 2)
        for start in (1, 2, 150_000, 299_998)
    ]
    assert last == "300000\tline 300000 caf\u00e9\n[lines 300,000-300,000 of 300,000]"
    assert "no line 300,001" in tools.refused("read_file", path="big.log", start_line=300_001)


def test_a_line_of_many_megabytes_costs_little_memory(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"wide": b"ab " * (13 * MEGABYTE) + b"\nlast\n"})
    tracemalloc.start()
    first = tools.fine("read_file", path="wide")
    second = tools.fine("read_file", path="wide", start_line=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "[line cut: " in first
    assert "[lines 1-1 of 2]" in first
    assert second == "     2\tlast\n[lines 2-2 of 2]"
    assert peak < 12 * MEGABYTE
