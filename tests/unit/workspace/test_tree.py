from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codybatch.domain.errors import ToolRefused
from codybatch.workspace.manifest import EXECUTABLE, SUBMODULE, SYMLINK, Manifest
from codybatch.workspace.tree import TreeFile, TreeLimits, WorkTree
from tests.tree_kit import LFS_POINTER, check_out, make_tree, on_disk, place

FILES = {"README.md": "# Shop\n", "src/app.py": "print('hi')\n", "src/lib/util.py": "X = 1\n"}


def test_the_tree_begins_as_the_commit_with_nothing_changed(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    assert tree.paths() == ("README.md", "src/app.py", "src/lib/util.py")
    assert tree.changed() == ()
    assert tree.digest() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.entry("src/app.py") == TreeFile("src/app.py", 12, "100644")


def test_a_written_file_is_there_and_counts_as_changed(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    tree.write("src/new/thing.py", b"Y = 2\n")
    assert tree.read("src/new/thing.py") == b"Y = 2\n"
    assert tree.changed() == ("src/new/thing.py",)
    assert on_disk(tmp_path)["src/new/thing.py"] == b"Y = 2\n"


def test_nothing_is_left_beside_the_tree_after_a_write(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    tree.write("README.md", b"# New\n", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]
    assert set(on_disk(tmp_path)) == set(FILES)


def test_a_file_that_is_put_back_as_it_was_is_unchanged_again(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    before = tree.digest()
    tree.write("src/app.py", b"print('bye')\n", overwrite=True)
    assert tree.changed() == ("src/app.py",)
    assert tree.digest() != before
    tree.write("src/app.py", b"print('hi')\n", overwrite=True)
    assert tree.changed() == ()
    assert tree.digest() == before


def test_a_new_file_that_is_deleted_leaves_no_trace(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    tree.write("a/b/c.txt", b"1")
    tree.delete("a/b/c.txt")
    assert tree.changed() == ()
    assert not (tmp_path / "tree" / "a").exists()


def test_a_deleted_file_is_gone_with_the_folders_it_leaves_empty(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    tree.delete("src/lib/util.py")
    assert tree.paths() == ("README.md", "src/app.py")
    assert tree.changed() == ("src/lib/util.py",)
    assert not (tmp_path / "tree/src/lib").exists()
    with pytest.raises(ToolRefused, match=r"There is no file src/lib/util\.py"):
        tree.read("src/lib/util.py")


def test_a_deleted_file_that_is_written_again_the_same_is_unchanged(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    tree.delete("src/app.py")
    tree.write("src/app.py", b"print('hi')\n")
    assert tree.changed() == ()


def test_a_move_changes_both_names_and_moving_back_changes_nothing(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    tree.move("src/app.py", "cmd/main.py")
    assert tree.changed() == ("cmd/main.py", "src/app.py")
    assert tree.read("cmd/main.py") == b"print('hi')\n"
    tree.move("cmd/main.py", "src/app.py")
    assert tree.changed() == ()
    assert on_disk(tmp_path) == {path: text.encode() for path, text in FILES.items()}


def test_a_move_never_clobbers(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    with pytest.raises(ToolRefused, match=r"README.md exists"):
        tree.move("src/app.py", "README.md")
    with pytest.raises(ToolRefused, match="is a directory"):
        tree.move("src/app.py", "src/lib")
    assert tree.changed() == ()


def test_the_mode_of_a_file_survives_writing_and_moving(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"run.sh": "#!/bin/sh\n"}, {"run.sh": EXECUTABLE})
    tree.write("run.sh", b"#!/bin/bash\n", overwrite=True)
    tree.move("run.sh", "bin/run")
    assert tree.entry("bin/run").mode == EXECUTABLE
    assert (tmp_path / "tree/bin/run").stat().st_mode & 0o777 == 0o755


def test_writing_over_a_file_must_be_asked_for(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    with pytest.raises(ToolRefused, match=r"README.md exists \(7 bytes\)"):
        tree.write("README.md", b"gone")
    assert tree.read("README.md") == b"# Shop\n"


def test_reads_stop_at_their_limit(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"big": b"x" * 3_000_000})
    assert len(tree.read("big")) == 3_000_000
    assert tree.read("big", 1_500_000) == b"x" * 1_500_000
    assert list(tree.read_all(["big"], 10)) == [("big", b"x" * 10)]


def test_digests_tell_content_mode_name_and_deletion_apart(tmp_path: Path) -> None:
    changes: list[Callable[[WorkTree], object]] = [
        lambda tree: tree.write("src/app.py", b"1", overwrite=True),
        lambda tree: tree.write("src/app.py", b"2", overwrite=True),
        lambda tree: tree.delete("src/app.py"),
        lambda tree: tree.write("src/app2.py", b"1"),
        lambda tree: tree.move("src/app.py", "src/app2.py"),
    ]
    digests = set()
    for number, change in enumerate(changes):
        tree = make_tree(tmp_path / str(number), FILES)
        change(tree)
        digests.add(tree.digest())
    assert len(digests) == 5


def test_the_order_of_changes_does_not_matter_to_the_digest(tmp_path: Path) -> None:
    one, other = make_tree(tmp_path / "1", FILES), make_tree(tmp_path / "2", FILES)
    one.write("a", b"1")
    one.delete("README.md")
    other.delete("README.md")
    other.write("a", b"0")
    other.write("a", b"1", overwrite=True)
    assert one.digest() == other.digest()


def test_the_journal_agrees_with_git(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    root = tmp_path / "tree"

    def git(*arguments: str) -> str:
        told = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@y.z"]
        return subprocess.run(
            [*told, *arguments], check=True, capture_output=True, text=True
        ).stdout

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "base")
    tree.write("src/app.py", b"changed\n", overwrite=True)
    tree.write("new.txt", b"new\n")
    tree.delete("README.md")
    tree.write("src/lib/util.py", b"X = 2\n", overwrite=True)
    tree.write("src/lib/util.py", b"X = 1\n", overwrite=True)
    git("add", "-A")
    assert tuple(git("diff", "--cached", "--name-only").split()) == tree.changed()


def test_a_follow_up_begins_with_what_its_parents_patch_changed(tmp_path: Path) -> None:
    manifest = check_out(tmp_path / "tree", {**FILES, "run.sh": "#!\n"}, {"run.sh": EXECUTABLE})
    (tmp_path / "tree/README.md").write_bytes(b"# Patched\n")
    (tmp_path / "tree/src/app.py").unlink()
    place(tmp_path / "tree", "added.py", b"1\n")
    touched = ("README.md", "added.py", "src/app.py", "src/lib/util.py")
    tree = WorkTree(tmp_path / "tree", replace(manifest, changed_before=touched))
    assert tree.changed() == ("README.md", "added.py", "src/app.py")
    assert tree.paths() == ("README.md", "added.py", "run.sh", "src/lib/util.py")
    assert tree.entry("README.md").size == 10


def test_the_limits_on_what_is_written_hold(tmp_path: Path) -> None:
    limits = TreeLimits(max_file_bytes=10, max_written_bytes=25, max_new_files=2)
    tree = make_tree(tmp_path, FILES, limits=limits)
    with pytest.raises(ToolRefused, match="would have 11 bytes; at most 10"):
        tree.write("a", b"x" * 11)
    tree.write("a", b"x" * 10)
    tree.write("a", b"y" * 10, overwrite=True)
    with pytest.raises(ToolRefused, match="At most 25 bytes can be written in one job, and 20"):
        tree.write("a", b"z" * 6, overwrite=True)
    tree.move("README.md", "docs/README.md")
    with pytest.raises(ToolRefused, match="At most 2 files can be added"):
        tree.write("c", b"1")
    tree.delete("a")
    tree.write("c", b"1")


def test_links_are_shown_as_their_target_and_never_changed(tmp_path: Path) -> None:
    files = {"real.txt": "hello", "link": "real.txt", "dir/x": "1"}
    tree = make_tree(tmp_path, files, {"link": SYMLINK})
    assert tree.entry("link").is_symlink
    assert tree.read("link") == b"real.txt"
    assert list(tree.read_all(["link"], 100)) == []
    for change in (
        lambda: tree.write("link", b"x", overwrite=True),
        lambda: tree.delete("link"),
        lambda: tree.move("link", "other"),
        lambda: tree.move("real.txt", "link"),
    ):
        with pytest.raises(ToolRefused, match="link is a symbolic link"):
            change()
    with pytest.raises(ToolRefused, match="link is a symbolic link, and links are never followed"):
        tree.write("link/below.txt", b"x")
    assert tree.changed() == ()


def test_submodules_are_listed_and_closed(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"libs/dep": b"", "a": "1"}, {"libs/dep": SUBMODULE})
    assert tree.entry("libs/dep").is_submodule
    for use in (
        lambda: tree.read("libs/dep"),
        lambda: tree.write("libs/dep", b"x", overwrite=True),
        lambda: tree.write("libs/dep/file", b"x"),
        lambda: tree.delete("libs/dep"),
    ):
        with pytest.raises(ToolRefused, match="libs/dep is a submodule"):
            use()


def test_lfs_pointers_can_be_read_and_not_changed(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"model.bin": LFS_POINTER, "small": "version 1"})
    assert tree.entry("model.bin").is_lfs_pointer
    assert not tree.entry("small").is_lfs_pointer
    assert tree.read("model.bin") == LFS_POINTER.encode()
    with pytest.raises(ToolRefused, match=r"model.bin is a Git LFS pointer"):
        tree.write("model.bin", b"x", overwrite=True)


def test_names_that_only_differ_by_case_or_accents_are_not_added(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, {"Src/App.py": "1", "caf\u00e9.txt": "2"})
    with pytest.raises(ToolRefused, match=r"src differs only by case or accents from Src"):
        tree.write("src/other.py", b"1")
    with pytest.raises(ToolRefused, match=r"Src/app.py differs only by case"):
        tree.write("Src/app.py", b"1")
    with pytest.raises(ToolRefused, match="differs only by case or accents"):
        tree.write("cafe\u0301.txt", b"1")
    tree.move("caf\u00e9.txt", "cafe\u0301.txt")
    tree.delete("Src/App.py")
    tree.write("src/other.py", b"1")


def test_a_name_that_is_not_there_brings_up_what_comes_close(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    with pytest.raises(
        ToolRefused, match=r"There is no file util.py. Did you mean src/lib/util.py\?"
    ):
        tree.read("util.py")
    with pytest.raises(ToolRefused, match=r"src is a directory\. list_files shows its files"):
        tree.read("src")
    with pytest.raises(
        ToolRefused, match=r"There is no file nowhere\.txt\. glob and list_files show"
    ):
        tree.read("nowhere.txt")


def test_nothing_can_lie_below_a_file(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    with pytest.raises(ToolRefused, match=r"README.md is a file, so nothing can lie below it"):
        tree.write("README.md/x", b"1")


def test_paths_are_taken_with_what_models_add_to_them(tmp_path: Path) -> None:
    tree = make_tree(tmp_path, FILES)
    assert tree.read("./src//app.py") == tree.read("src/app.py")
    assert tree.is_directory(".")
    assert tree.is_directory("src/")
    assert not tree.is_directory("sr")


def test_strange_names_are_kept_and_can_be_given_back_as_they_are_shown(tmp_path: Path) -> None:
    files = {"caf\udce9.txt": "1", "two\nlines": "2", "back\\slash": "3", "bi\u202edi": "4"}
    tree = make_tree(tmp_path, files)
    assert tree.read("caf\\xe9.txt") == b"1"
    assert tree.read("two\\u000alines") == b"2"
    assert tree.read("back\\\\slash") == b"3"
    tree.write("bi\\u202edi", b"5", overwrite=True)
    assert tree.changed() == ("bi\u202edi",)
    assert len(tree.digest()) == 64
    assert [path for path, _ in tree.read_all(tree.paths(), 10)] == sorted(files)


def test_new_names_hold_nothing_invisible(tmp_path: Path) -> None:
    tree = make_tree(tmp_path)
    with pytest.raises(ToolRefused, match=r"a\\u202eb holds invisible characters"):
        tree.write("a\u202eb", b"1")
    with pytest.raises(ToolRefused, match="holds invisible characters"):
        tree.write("caf\udce9.txt", b"1")


def test_an_empty_repository_can_be_filled(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    tree = WorkTree(root, Manifest.of([]))
    assert tree.paths() == ()
    tree.write("a", b"1")
    assert tree.paths() == ("a",)
