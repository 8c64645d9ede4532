from __future__ import annotations

from pathlib import Path

from codybatch.workspace.manifest import SUBMODULE, SYMLINK
from tests.tree_kit import Files, Tools

FILES = {
    "README.md": "# hi\n",
    "src/app.py": "x" * 1_234,
    "src/deep/er/still.py": "1",
    "src/deep/er/more.py": "22",
    "src/deep/one.py": "333",
}


def test_files_to_the_depth_and_folders_below_it_are_listed(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    assert tools.fine("list_files") == (
        "README.md (5 bytes)\nsrc/app.py (1,234 bytes)\nsrc/deep/ (3 files, 6 bytes)"
    )
    assert tools.fine("list_files", depth=1) == "README.md (5 bytes)\nsrc/ (4 files, 1,240 bytes)"
    assert tools.fine("list_files", path="src/deep", depth=1) == (
        "src/deep/er/ (2 files, 3 bytes)\nsrc/deep/one.py (3 bytes)"
    )
    assert tools.fine("list_files", depth=5).count("\n") == 4


def test_a_file_is_listed_by_itself(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    assert tools.fine("list_files", path="src/app.py") == "src/app.py (1,234 bytes)"
    assert "There is no nope" in tools.refused("list_files", path="nope")


def test_links_and_submodules_are_shown_as_such(tmp_path: Path) -> None:
    files: Files = {"lib": b"", "link": "../out\nside", "z": ""}
    tools = Tools(tmp_path, files, {"lib": SUBMODULE, "link": SYMLINK})
    assert tools.fine("list_files") == (
        "lib (submodule, not here)\nlink -> ../out\\u000aside (symbolic link)\nz (0 bytes)"
    )


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {f"f{n:03}": "" for n in range(310)})
    lines = tools.fine("list_files").split("\n")
    assert len(lines) == 301
    assert lines[-1] == "[10 more entries: list a folder by itself, or raise limit]"


def test_an_empty_repository_is_said_to_be_one(tmp_path: Path) -> None:
    assert Tools(tmp_path).fine("list_files") == "[the repository has no files]"


def test_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    files = {"a\nb (1 bytes)": "1", "caf\udce9": "2", "x\u202ey": "3", "-rf": "4", "q\"'$`": "5"}
    lines = Tools(tmp_path, files).fine("list_files").split("\n")
    assert lines == [
        "-rf (1 bytes)",
        "a\\u000ab (1 bytes) (1 bytes)",
        "caf\\xe9 (1 bytes)",
        "q\"'$` (1 bytes)",
        "x\\u202ey (1 bytes)",
    ]


def test_bounds_on_depth_and_limit_are_told(tmp_path: Path) -> None:
    text = Tools(tmp_path).refused("list_files", depth=6, limit=0)
    assert "depth: Input should be less than or equal to 5" in text
    assert "limit: Input should be greater than or equal to 1" in text
