from __future__ import annotations

from pathlib import Path

from tests.tree_kit import Tools


def test_a_file_is_deleted(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a/b.txt": "1", "c.txt": "2"})
    assert tools.fine("delete_file", path="./a/b.txt") == "Deleted a/b.txt."
    assert tools.tree.paths() == ("c.txt",)


def test_a_folder_is_not(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a/b.txt": "1"})
    assert "a is a directory" in tools.refused("delete_file", path="a")
    assert "There is no file x" in tools.refused("delete_file", path="x")
    assert tools.tree.paths() == ("a/b.txt",)
