from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tree_kit import Tools


def move(source: str, target: str) -> dict[str, Any]:
    return {"from": source, "to": target}


def test_a_file_is_moved_with_its_bytes(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a.txt": b"\r\n\xff"})
    assert tools.fine("move_file", **move("a.txt", "new/b.txt")) == "Moved a.txt to new/b.txt."
    assert tools.bytes_of("new/b.txt") == b"\r\n\xff"
    assert tools.tree.paths() == ("new/b.txt",)


def test_nothing_is_clobbered(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a": "1", "b": "2"})
    assert "b exists" in tools.refused("move_file", **move("a", "b"))
    assert "a exists" in tools.refused("move_file", **move("a", "a"))
    assert "There is no file c" in tools.refused("move_file", **move("c", "d"))
    assert tools.tree.changed() == ()


def test_the_inputs_are_called_from_and_to(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {"a": "1"})
    assert "- from: Field required" in tools.refused("move_file", source="a", target="b")
