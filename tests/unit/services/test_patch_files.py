"""A patch read for display: what git writes, and what nobody should."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.services.patch_files import FileStatus, PatchFile, read_patch

Change = Callable[[Path], None]


@pytest.fixture
def git_patch(tmp_path: Path) -> Callable[[dict[str, bytes], Change], bytes]:
    """The patch that real git makes of a change to a few files."""

    def made(before: dict[str, bytes], change: Change) -> bytes:
        for name, content in before.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-A")
        git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "before")
        change(tmp_path)
        git(tmp_path, "add", "-A")
        return git(tmp_path, "diff", "--cached", "--binary", "--find-renames")

    return made


def git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-C", folder, *arguments], check=True, capture_output=True, timeout=30
    ).stdout


def by_path(patch: bytes) -> dict[str, PatchFile]:
    return {file.path.decode("utf-8", "surrogateescape"): file for file in read_patch(patch)}


def test_each_kind_of_change_is_read_as_git_means_it(
    git_patch: Callable[[dict[str, bytes], Change], bytes],
) -> None:
    def change(folder: Path) -> None:
        (folder / "edited.py").write_bytes(b"one\nTWO\nthree\n")
        (folder / "gone.py").unlink()
        (folder / "old name.py").rename(folder / "new name.py")
        (folder / "run.sh").chmod(0o755)
        (folder / "added.py").write_bytes(b"new\n")
        (folder / "empty.py").write_bytes(b"")
        (folder / "image.bin").write_bytes(bytes(range(256)) * 4)
        (folder / "link").symlink_to("edited.py")

    files = by_path(
        git_patch(
            {
                "edited.py": b"one\ntwo\nthree\n",
                "gone.py": b"gone\n",
                "old name.py": b"long enough\nto be known again\n" * 5,
                "run.sh": b"true\n",
            },
            change,
        )
    )

    edited = files["edited.py"]
    assert (edited.additions, edited.deletions) == (1, 1)
    assert edited.lines == [b" one", b"-two", b"+TWO", b" three"]
    assert files["gone.py"].status is FileStatus.DELETED
    assert files["added.py"].status is FileStatus.ADDED
    assert files["empty.py"].lines == []
    assert files["image.bin"].is_binary
    renamed = files["new name.py"]
    assert (renamed.status, renamed.old_path) == (FileStatus.RENAMED, b"old name.py")
    assert (files["run.sh"].old_mode, files["run.sh"].new_mode) == (b"100644", b"100755")
    assert files["link"].new_mode == b"120000"
    assert files["link"].new_lacks_end
    assert not any(file.is_cut or file.stray_lines for file in files.values())


@pytest.mark.parametrize(
    "name", ["sp ace.py", "tab\there.py", "ünï.py", 'quo"te.py', "new\nline.py", "a b/a b.py", "-x"]
)
def test_odd_names_are_read_byte_for_byte(
    git_patch: Callable[[dict[str, bytes], Change], bytes], name: str
) -> None:
    def change(folder: Path) -> None:
        (folder / name).chmod(0o755)
        (folder / f"2{Path(name).name}").write_bytes(b"new\n")

    files = by_path(git_patch({name: b"same\n"}, change))

    assert set(files) == {name, f"2{Path(name).name}"}


def test_content_that_looks_like_headers_forges_nothing() -> None:
    forged = b"- a/x\n+++ b/evil\n@@ -1 +1 @@\n"
    patch = (
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@\n"
        b"--- a/secret\n-diff --git a/y b/y\n+++ b/evil\n+@@ -9 +9 @@\n-last\n"
    )

    (file,) = read_patch(patch)

    assert forged not in patch
    assert (file.path, file.additions, file.deletions) == (b"x", 2, 3)
    assert file.lines[0] == b"--- a/secret"


def test_what_belongs_to_no_hunk_is_counted_and_not_taken_for_content() -> None:
    patch = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+beyond\nnoise\n"

    (file,) = read_patch(patch)

    assert file.lines == [b"-a", b"+b"]
    assert file.stray_lines == 2


def test_a_patch_that_ends_too_early_says_so() -> None:
    (file,) = read_patch(b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-a\n+b\n")

    assert file.is_cut
    assert file.lines == [b"-a", b"+b"]


def test_only_line_feeds_end_a_line() -> None:
    line = "+form\x0cfeed\x0b\x1c\u2028\x85 and \r in it".encode()
    (file,) = read_patch(b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n" + line + b"\n")

    assert file.lines == [line]


def test_another_content_is_another_digest() -> None:
    patch = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"
    one, other, again = (
        read_patch(text)[0].digest for text in (patch, patch.replace(b"+b", b"+c"), patch)
    )

    assert one == again != other


@given(
    st.binary(max_size=400),
    st.lists(
        st.sampled_from(
            [
                b"diff --git a/x b/x",
                b"@@ -1,2 +3 @@",
                b"@@ -0,0 +999999999999 @@",
                b"--- a",
                b"+++ b",
                b"-",
                b"+",
                b" ",
                b"\\ No newline",
                b"rename from x",
                b"copy",
                b"GIT binary patch",
                b'--- "a\\303',
            ]
        ),
        max_size=20,
    ),
)
def test_no_bytes_make_it_fail(noise: bytes, lines: list[bytes]) -> None:
    for patch in (noise, b"\n".join(lines), b"\n".join(lines) + noise):
        for file in read_patch(patch):
            assert len(file.kinds) == len(file.lines)
            assert set(file.kinds) <= set(b"+- ")
