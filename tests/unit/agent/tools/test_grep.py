from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import pytest

from codybatch.agent.tools import grep
from codybatch.workspace.manifest import SYMLINK
from tests.tree_kit import GITHUB_TOKEN, PASSWORD, Files, Tools

FILES = {
    "b/two.py": "import os\nimport sys\n\nprint(os.name)\n",
    "a.py": "x = 1\nimport os\n",
    "notes.md": "Import things.\n",
}
MEGABYTE = 1024 * 1024
KEY_LINES = [f"MIIE{n:04d}aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9nP2qR5tU8wX1z" for n in range(24)]
KEY = "\n".join(["-----BEGIN PRIVATE KEY-----", *KEY_LINES, "-----END PRIVATE KEY-----", ""])


def test_matches_are_given_as_path_line_and_text_sorted_by_path(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    assert tools.fine("grep", pattern="^import") == (
        "a.py:2:import os\nb/two.py:1:import os\nb/two.py:2:import sys"
    )


def test_case_is_ignored_where_asked(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    assert "notes.md:1:Import things." in tools.fine("grep", pattern="import", ignore_case=True)
    assert "notes.md" not in tools.fine("grep", pattern="import")


def test_context_lines_have_dashes_and_groups_are_apart(tmp_path: Path) -> None:
    text = "\n".join("abcdefghijkl") + "\n"
    tools = Tools(tmp_path, {"f": text})
    assert tools.fine("grep", pattern="^[bck]$", context=1) == (
        "f-1-a\nf:2:b\nf:3:c\nf-4-d\n--\nf-10-j\nf:11:k\nf-12-l"
    )


def test_the_search_can_be_held_to_a_folder_a_file_or_a_glob(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    assert tools.fine("grep", pattern="import", path="b").count("\n") == 1
    assert tools.fine("grep", pattern="import", path="a.py") == "a.py:2:import os"
    assert tools.fine("grep", pattern="mport", glob="*.md") == "notes.md:1:Import things."
    assert tools.fine("grep", pattern="mport", glob="b/**") == (
        "b/two.py:1:import os\nb/two.py:2:import sys"
    )
    assert "There is no nowhere" in tools.refused("grep", pattern="x", path="nowhere")


def test_nothing_found_is_no_error(tmp_path: Path) -> None:
    assert Tools(tmp_path, FILES).fine("grep", pattern="zebra") == "No match in 3 files."


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing )"),
        ("a(?=b)", "no look-around"),
        (r"(a)\1", "no look-around and no back-references"),
        ("[z-a]", "invalid character class range: z-a"),
        ("", "at least 1 character"),
        ("x" * 1_001, "at most 1000 characters"),
        ("(((((a{100}){100}){100}){100}){100})", "cannot be searched for"),
    ],
)
def test_patterns_that_cannot_be_searched_for_are_explained(
    tmp_path: Path, pattern: str, why: str
) -> None:
    assert why in Tools(tmp_path, FILES).refused("grep", pattern=pattern)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|aa)+$", "(.*)(.*)(.*)(.*)x", "(?:a?){90}a{90}b"])
def test_no_pattern_is_slow(tmp_path: Path, pattern: str) -> None:
    tools = Tools(tmp_path, {"f": ("a" * 20_000 + "\n") * 20})
    tools.fine("grep", pattern=pattern)


def test_a_pattern_made_to_be_slow_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grep, "MAX_SECONDS", 0.2)
    noise = random.Random(7)
    text = "".join(noise.choices("ab \n", k=300_000))
    tools = Tools(tmp_path, {f"f{number}": text for number in range(20)})
    pattern = r"(?:[ab\s]*a[ab\s]{100}c|[ab\s]*b[ab\s]{100}d)"
    assert "Stopped after 0 s of computing" in tools.refused("grep", pattern=pattern)
    assert "too large once its repetitions are written out" in tools.refused(
        "grep", pattern=r"(?i)(?:\pL*a\pL{300})"
    )


def test_results_end_at_their_limits_and_say_so(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {f"f{n:02}": "hit here\n" * 100 for n in range(30)})
    text = tools.fine("grep", pattern="hit", limit=5)
    assert text.split("\n") == [
        *(f"f00:{n}:hit here" for n in range(1, 6)),
        "[there is more: narrow the pattern, the path or the glob, or raise limit]",
    ]
    large = tools.fine("grep", pattern="hit", limit=1_000)
    assert 15 * 1024 < len(large) < 17 * 1024
    assert large.endswith("or raise limit]")
    assert "limit: Input should be less than or equal to 1000" in tools.refused(
        "grep", pattern="x", limit=1_001
    )


def test_a_limit_that_is_just_enough_says_nothing_of_more(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"f": "hit\n" * 5})
    assert tools.fine("grep", pattern="hit", limit=5).count("\n") == 4


def test_of_long_lines_the_part_around_the_match_is_shown(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"min.js": "a" * 5_000 + "needle" + "b" * 5_000 + "\n"})
    text = tools.fine("grep", pattern="needle")
    assert "needle" in text
    assert text.startswith("min.js:1:…aaa")
    assert text.endswith("bbb…")
    assert len(text) < 450


def test_line_ends_and_encodings_do_not_get_in_the_way(tmp_path: Path) -> None:
    files: Files = {
        "crlf": b"one\r\ntwo\r\n",
        "latin": b"caf\xe9\n",
        "utf": "café\n",
        "bom": b"\xef\xbb\xbfone\n",
    }
    tools = Tools(tmp_path, files)
    assert tools.fine("grep", pattern="^one$") == "bom:1:one\ncrlf:1:one"
    assert tools.fine("grep", pattern="^caf.$") == "latin:1:café\nutf:1:café"


def test_empty_matches_and_files_do_no_harm(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"empty": "", "f": "a\n\nb"})
    assert tools.fine("grep", pattern="x*") == "f:1:a\nf:2:\nf:3:b"
    assert tools.fine("grep", pattern="$") == "f:1:a\nf:2:\nf:3:b"


def test_a_match_over_several_lines_is_shown_by_its_first(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"f": "foo(\n  1,\n)\n"})
    assert tools.fine("grep", pattern=r"foo\(\s+1") == "f:1:foo("


def test_binary_files_and_links_are_not_searched(tmp_path: Path) -> None:
    files: Files = {"bin": b"needle\0", "link": "needle", "f": "no"}
    tools = Tools(tmp_path, files, {"link": SYMLINK})
    assert tools.fine("grep", pattern="needle") == "No match in 3 files."


def test_what_was_changed_is_what_is_searched(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    tools.fine("write_file", path="c.py", content="import new\n")
    tools.fine("delete_file", path="a.py")
    tools.fine("edit_file", path="b/two.py", old_string="import sys", new_string="")
    assert tools.fine("grep", pattern="^import") == "b/two.py:1:import os\nc.py:1:import new"


CONFIG = f'host = "db"\npassword = "{PASSWORD}"\ntoken = "{GITHUB_TOKEN}"\n'


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG})
    text = tools.fine("grep", pattern="=", context=1)
    assert PASSWORD not in text
    assert GITHUB_TOKEN not in text
    assert text.count("[redacted-secret-") == 2


def test_no_pattern_finds_out_a_secret_by_matching_it(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"config.py": CONFIG, "key.pem": KEY})
    for guess in (PASSWORD[:1], "ghp_", f"token = .{GITHUB_TOKEN[:6]}", KEY_LINES[3][8:30], "MIIE"):
        hit = tools.fine("grep", pattern=guess.replace("&", "."), path="config.py")
        miss = tools.fine("grep", pattern="zzzz" + guess.replace("&", "."), path="config.py")
        assert (hit == miss) or PASSWORD not in hit
        assert "[redacted" not in hit or guess not in hit
    assert tools.fine("grep", pattern="MIIE|kL9nP2") == "No match in 2 files."
    assert tools.fine("grep", pattern='token = "ghp_[a-f]') == "No match in 2 files."


def test_placeholders_can_be_searched_for(tmp_path: Path) -> None:
    tools = Tools(
        tmp_path, {"config.py": CONFIG, "deploy/env.sh": f"export TOKEN={GITHUB_TOKEN}\n"}
    )
    placeholder = tools.fine("grep", pattern="token").split('"')[1]
    found = tools.fine("grep", pattern=placeholder.replace("[", r"\[").replace("]", r"\]"))
    assert [line.split(":")[0] for line in found.split("\n")] == ["config.py", "deploy/env.sh"]


def test_large_files_are_searched_in_pieces_with_the_right_line_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"line {n} of many caf\u00e9" for n in range(1, 400_001)]
    content = "\n".join(lines)
    tools = Tools(tmp_path, {"big.log": content})
    pattern = "line (1|199999|200000|399999|400000|[0-9]*77777) of"
    tracemalloc.start()
    text = tools.fine("grep", pattern=pattern, context=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 * MEGABYTE
    monkeypatch.setattr(grep, "_BLOCK", 100 * MEGABYTE)
    assert text == tools.fine("grep", pattern=pattern, context=1)
    assert "big.log:400000:line 400000 of many caf\u00e9" in text
    assert len(content) > 2 * 4 * MEGABYTE


def test_a_key_between_two_pieces_of_a_large_file_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grep, "_BLOCK", 8_000)
    for shift in range(0, 3_000, 500):
        padding = "".join(f"{n:09d}\n" for n in range(700 + shift // 10))
        tools = Tools(tmp_path / str(shift), {"f": padding + KEY + padding})
        text = tools.fine("grep", pattern="MIIE|kL9nP2|PRIVATE KEY")
        assert text.count("\n") == 1
        assert not any(line[8:20] in text for line in KEY_LINES)


def test_a_line_longer_than_a_piece_is_searched_too(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"wide": "x" * (6 * MEGABYTE) + "needle" + "y" * 10 + "\nneedle\n"})
    text = tools.fine("grep", pattern="needle")
    assert [line.split(":")[1] for line in text.split("\n")] == ["1", "2"]


def test_strange_names_are_shown_escaped(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"caf\udce9": "hit\n", "a\nb": "hit\n"})
    assert tools.fine("grep", pattern="hit") == "a\\u000ab:1:hit\ncaf\\xe9:1:hit"
