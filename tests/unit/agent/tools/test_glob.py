from __future__ import annotations

from pathlib import Path

from tests.tree_kit import Tools

FILES = {"src/b.py": "", "src/a.py": "", "src/sub/c.py": "", "README.md": "", ".github/x.yml": ""}


def test_matching_paths_are_given_sorted(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    assert tools.fine("glob", pattern="*.py") == "src/a.py\nsrc/b.py\nsrc/sub/c.py"
    assert tools.fine("glob", pattern="src/*.py") == "src/a.py\nsrc/b.py"
    assert tools.fine("glob", pattern="**/*.yml") == ".github/x.yml"


def test_patterns_are_relative_to_the_folder(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    assert tools.fine("glob", pattern="sub/*", path="src") == "src/sub/c.py"
    assert "There is no elsewhere" in tools.refused("glob", pattern="*", path="elsewhere")


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    tools = Tools(tmp_path, {f"f{n:03}": "" for n in range(250)})
    lines = tools.fine("glob", pattern="*").split("\n")
    assert len(lines) == 201
    assert lines[-1] == "[50 more: narrow the pattern or the path, or raise limit]"
    assert "f249" in tools.fine("glob", pattern="*", limit=250)


def test_no_match_says_how_patterns_work(tmp_path: Path) -> None:
    text = Tools(tmp_path, FILES).fine("glob", pattern="*.rs")
    assert text.startswith("No path matches among 5 files.")


def test_the_paths_follow_the_changes(tmp_path: Path) -> None:
    tools = Tools(tmp_path, FILES)
    tools.fine("move_file", **{"from": "src/b.py", "to": "lib/b.py"})
    assert tools.fine("glob", pattern="b.py") == "lib/b.py"
