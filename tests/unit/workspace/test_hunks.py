from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codybatch.workspace.hunks import Side, lines_of

LINES = st.lists(
    st.one_of(
        st.binary(max_size=6).map(lambda line: line.replace(b"\0", b"").replace(b"\n", b"")),
        st.sampled_from(
            [
                b"--- a/x",
                b"+++ b/x",
                b"@@ -1 +1 @@",
                b"diff --git a/x b/x",
                b"\\ No newline",
                b"-",
                b"+",
            ]
        ),
    ),
    max_size=12,
)


def diff(tmp: Path, old: bytes, new: bytes) -> bytes:
    (tmp / "old").write_bytes(old)
    (tmp / "new").write_bytes(new)
    command = ["git", "diff", "--no-index", "--text", "--no-color", "old", "new"]
    return subprocess.run(command, cwd=tmp, capture_output=True, check=False).stdout


@settings(max_examples=60, deadline=None)
@given(old=LINES, new=LINES, ends=st.tuples(st.booleans(), st.booleans()))
def test_content_that_looks_like_a_patch_does_not_mislead(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[bytes],
    new: list[bytes],
    ends: tuple[bool, bool],
) -> None:
    before, after = (
        b"\n".join(lines) + (b"\n" if lines and end else b"")
        for lines, end in zip((old, new), ends, strict=True)
    )
    patch = diff(tmp_path_factory.mktemp("diff"), before, after)

    for file in lines_of(patch):
        for side, content in ((file.old, before), (file.new, after)):
            lines = content.split(b"\n")
            for number, line in zip(side.numbers, side.lines, strict=True):
                assert lines[number - 1] == line
        kept = [line for line, new in zip(file.old.lines, file.old.changed, strict=True) if not new]
        assert kept == [
            line for line, new in zip(file.new.lines, file.new.changed, strict=True) if not new
        ]


def test_lines_know_their_numbers_and_whether_they_changed() -> None:
    patch = (
        b"diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n"
        b"@@ -3,3 +3,4 @@ def f():\n a\n-b\n+B\n+C\n d\n"
        b"@@ -20 +21 @@\n-t\n\\ No newline at end of file\n+T\n"
    )

    (file,) = lines_of(patch)

    assert file.path == "x.py"
    assert file.old.numbers == [3, 4, 5, 20]
    assert file.old.lines == [b"a", b"b", b"d", b"t"]
    assert file.old.changed == [False, True, False, True]
    assert file.new.numbers == [3, 4, 5, 6, 21]
    assert file.new.count() == 3
    assert file.old.count() == 2


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (b"--- a/a b\t\n+++ b/a b\t\n", "a b"),
        (b'--- "a/caf\\303\\251"\n+++ "b/caf\\303\\251"\n', "café"),
        (b'--- "a/x\\377"\n+++ "b/x\\377"\n', "x\udcff"),
        (b'--- /dev/null\n+++ "b/q\\"\\\\\\t\\a"\n', 'q"\\\t\a'),
        (b"--- a/gone/x\n+++ /dev/null\n", "gone/x"),
        (b"--- a/dev/null\n+++ b/dev/null\n", "dev/null"),
    ],
)
def test_names_are_read_as_git_quotes_them(header: bytes, path: str) -> None:
    (file,) = lines_of(b"diff --git x y\n" + header + b"@@ -1 +1 @@\n-a\n+b\n")

    assert file.path == path


def test_binary_files_show_no_lines() -> None:
    patch = (
        b"diff --git a/x b/x\nindex 1..2\nGIT binary patch\nliteral 3\nKcmZ\n\nliteral 2\nJcmZ\n\n"
        b"diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+y\n"
    )

    assert [file.path for file in lines_of(patch)] == ["y"]


def test_a_patch_cut_off_within_a_hunk_is_no_patch() -> None:
    with pytest.raises(ValueError, match=r"'x' ends within a hunk"):
        list(lines_of(b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a"))


def test_a_place_in_the_text_leads_back_to_its_line() -> None:
    side = Side([4, 9, 10], ["ü".encode(), b"\xff\xfe", b"secret"], [False, True, True])

    assert side.text() == "ü\n\ufffd\ufffd\nsecret"
    assert side.changed_at(0, 1) is None
    assert side.changed_at(0, 3) == 9
    assert side.changed_at(5, 11) == 10
    assert side.changed_at(11, 11) == 10
