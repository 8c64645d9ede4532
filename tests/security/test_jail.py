"""Nothing outside the work tree is ever read or changed, whatever the names and whatever stands in
the tree: hostile paths, links at every level, files that are not files.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codybatch.agent.tools import ToolOutput
from codybatch.domain.errors import ToolRefused
from codybatch.workspace.manifest import FILE, Manifest, ManifestEntry
from codybatch.workspace.tree import WorkTree
from tests.tree_kit import Tools, check_out, make_tree

SECRET = "outside: do not show this"

DOT_GIT = [
    ".git",
    ".GIT",
    ".Git",
    ".git.",
    ".git ",
    ".git...",
    ".git . .",
    "git~1",
    "GIT~1",
    ".git::$INDEX_ALLOCATION",
    ".git:stream",
    ".g\u200cit",
    ".git\u200d",
    "\ufeff.git",
    ".gi\u202et",
    ".g\u206fit",
    "\uff0egit",
    ".\uff47\uff49\uff54",
]
OUTSIDE = [
    "../outside.txt",
    "a/../../outside.txt",
    "src/../../outside.txt",
    "..",
    "./..",
    "a/..",
    "/etc/passwd",
    "//etc/passwd",
    "/",
    "~/.ssh/id_rsa",
    "~",
    "C:\\Windows\\win.ini",
    "c:/windows/win.ini",
    "..\\outside.txt",
    "src\\..\\..\\outside.txt",
    "src/\x00/../outside.txt",
    "outside.txt\x00.py",
    "a\nb",
    "a\x1b[2Jb",
    "a\x7fb",
    "a\u2028b",
    "a\x85b",
]


def names(folder: Path) -> list[str]:
    """What a folder holds."""
    return sorted(path.name for path in folder.iterdir())


def uses(tools: Tools, path: str) -> Iterator[ToolOutput]:
    """Every tool that takes a path, with this one."""
    yield tools.call("read_file", path=path)
    yield tools.call("edit_file", path=path, old_string="outside", new_string="inside")
    yield tools.call("write_file", path=path, content="mine")
    yield tools.call("write_file", path=path, content="mine", overwrite=True)
    yield tools.call("delete_file", path=path)
    yield tools.call("move_file", **{"from": path, "to": "stolen.txt"})
    yield tools.call("move_file", **{"from": "src/app.py", "to": path})
    yield tools.call("list_files", path=path)
    yield tools.call("glob", pattern="*", path=path)
    yield tools.call("grep", pattern="outside", path=path)


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    (tmp_path / "outside.txt").write_text(SECRET)
    return Tools(tmp_path, {"src/app.py": "print('inside')\n"})


@pytest.mark.parametrize("path", OUTSIDE)
def test_paths_that_could_lead_outside_are_refused_by_every_tool(tools: Tools, path: str) -> None:
    for output in uses(tools, path):
        assert output.is_error
        assert SECRET not in output.text
        output.text.encode()
    assert tools.tree.changed() == ()
    assert (tools.folder / "outside.txt").read_text() == SECRET
    assert names(tools.folder) == ["outside.txt", "tree"]


@pytest.mark.parametrize("name", DOT_GIT)
@pytest.mark.parametrize("form", ["{}", "{}/config", "src/{}/hooks/pre-commit", "{}/x/../config"])
def test_git_directories_are_closed_in_every_spelling(tools: Tools, name: str, form: str) -> None:
    path = form.format(name)
    for output in uses(tools, path):
        assert output.is_error
    assert names(tools.folder / "tree") == ["src"]
    assert names(tools.folder / "tree/src") == ["app.py"]


@pytest.mark.parametrize("name", [".gitignore", ".github", "git", ".gitx", "my.git", "a.git.b"])
def test_names_that_only_look_like_a_git_directory_stay_usable(tools: Tools, name: str) -> None:
    assert not tools.call("write_file", path=f"{name}/x.yml", content="ok").is_error


def planted(tmp_path: Path, plant: Callable[[Path, Path], None], *paths: str) -> Tools:
    """Tools on a tree where somebody put links after the checkout; the manifest knows ``paths``."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(SECRET)
    manifest = check_out(tmp_path / "tree", {"src/app.py": "print('inside')\n"})
    plant(tmp_path / "tree", outside)
    entries = [ManifestEntry(path, FILE, "a" * 40, len(SECRET)) for path in paths]
    tools = Tools(tmp_path / "unused")
    tools.folder, tools.tree = (
        tmp_path,
        WorkTree(tmp_path / "tree", Manifest.of([*manifest, *entries])),
    )
    return tools


def _file_link(tree: Path, outside: Path) -> None:
    (tree / "link.txt").symlink_to(outside / "secret.txt")


def _relative_link(tree: Path, _outside: Path) -> None:
    (tree / "link.txt").symlink_to("../outside/secret.txt")


def _chained_link(tree: Path, outside: Path) -> None:
    (tree / "second").symlink_to(outside)
    (tree / "first").symlink_to("second")
    (tree / "link.txt").symlink_to("first/secret.txt")


@pytest.mark.parametrize("plant", [_file_link, _relative_link, _chained_link])
def test_a_link_in_a_files_place_is_never_followed(
    tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    tools = planted(tmp_path, plant, "link.txt")
    for output in uses(tools, "link.txt"):
        assert SECRET not in output.text
    assert (tmp_path / "outside/secret.txt").read_text() == SECRET
    assert names(tmp_path / "outside") == ["secret.txt"]


@pytest.mark.parametrize("target", ["../outside", "ABSOLUTE", "hop"])
def test_a_link_in_a_folders_place_is_never_followed(tmp_path: Path, target: str) -> None:
    def plant(tree: Path, outside: Path) -> None:
        (tree / "hop").symlink_to(outside)
        (tree / "dir").symlink_to(outside if target == "ABSOLUTE" else target)

    tools = planted(tmp_path, plant, "dir/secret.txt")
    for output in uses(tools, "dir/secret.txt"):
        assert SECRET not in output.text
    for output in uses(tools, "dir/new/deeper.txt"):
        assert output.is_error
    assert names(tmp_path / "outside") == ["secret.txt"]
    assert (tmp_path / "outside/secret.txt").read_text() == SECRET


def test_a_new_file_that_takes_a_links_name_does_not_write_through_it(tmp_path: Path) -> None:
    tools = planted(tmp_path, _file_link)
    tools.call("write_file", path="link.txt", content="mine")
    assert (tmp_path / "outside/secret.txt").read_text() == SECRET


def test_a_folder_that_becomes_a_link_while_a_walk_is_under_way_is_not_followed(
    tmp_path: Path,
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.txt").write_text(SECRET)
    tree = make_tree(tmp_path, {"d/a.txt": "1", "d/b.txt": "2", "e/b.txt": "3"})
    read = tree.read_all(tree.paths(), 100)
    assert next(read) == ("d/a.txt", b"1")
    for folder in ("d", "e"):
        (tmp_path / "tree" / folder).rename(tmp_path / f"moved-{folder}")
        (tmp_path / "tree" / folder).symlink_to(outside)
    assert next(read) == ("d/b.txt", b"2")
    with pytest.raises(ToolRefused, match="links are never followed"):
        next(read)


@pytest.mark.parametrize("kind", ["fifo", "socket", "directory", "device"])
def test_what_is_not_a_regular_file_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    def plant(tree: Path, _outside: Path) -> None:
        odd = tree / "odd"
        if kind == "fifo":
            os.mkfifo(odd)
        elif kind == "socket":
            here = Path.cwd()
            os.chdir(tree)
            try:
                with socket.socket(socket.AF_UNIX) as server:
                    server.bind("odd")
            finally:
                os.chdir(here)
        elif kind == "directory":
            odd.mkdir()
        else:
            try:
                os.mknod(odd, 0o600 | 0o020000, os.makedev(1, 5))
            except PermissionError:
                pytest.skip("making a device needs more rights than these tests have")

    tools = planted(tmp_path, plant, "odd")
    assert tools.call("read_file", path="odd").is_error
    assert tools.call("grep", pattern="x", path="odd").is_error
    edited = tools.call("edit_file", path="odd", old_string="a", new_string="b")
    assert edited.is_error


PIECES = st.sampled_from(
    [*DOT_GIT, "..", ".", "", "src", "app.py", "link", "dir", "a", "A", " ", "~", "new", "\u0130"]
)
PATHS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="./\\~ab\x00\n", max_size=20),
    st.lists(PIECES, max_size=6).map("/".join),
    st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=5).map("/".join),
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """A tree with links out of it, beside a file that nobody may touch."""
    folder = tmp_path_factory.mktemp("world")
    return planted(folder, _links_everywhere, "link", "dir/secret.txt", "dir/app.py")


def _links_everywhere(tree: Path, outside: Path) -> None:
    (tree / "link").symlink_to(outside / "secret.txt")
    (tree / "dir").symlink_to(outside)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=PATHS, other=PATHS)
def test_no_path_ever_leads_outside(world: Tools, path: str, other: str) -> None:
    arguments: list[tuple[str, dict[str, Any]]] = [
        ("write_file", {"path": path, "content": "mine", "overwrite": True}),
        ("read_file", {"path": path}),
        ("edit_file", {"path": path, "old_string": "e", "new_string": "E"}),
        ("move_file", {"from": path, "to": other}),
        ("grep", {"pattern": ".", "path": path}),
        ("list_files", {"path": path, "depth": 5}),
        ("delete_file", {"path": other}),
    ]
    for name, given_ in arguments:
        output = world.call(name, **given_)
        assert SECRET not in output.text
        output.text.encode()
    outside = world.folder / "outside"
    assert names(outside) == ["secret.txt"]
    assert (outside / "secret.txt").read_text() == SECRET
    assert names(world.folder) == ["outside", "tree", "unused"]
    for where, folders, files in os.walk(world.folder / "tree"):
        assert not {".git", "git~1"} & {name.casefold() for name in [*folders, *files]}, where


@settings(max_examples=100, deadline=None)
@given(path=PATHS)
def test_what_a_tree_accepts_as_a_path_it_finds_again_under_that_name(
    tmp_path_factory: pytest.TempPathFactory, path: str
) -> None:
    folder = tmp_path_factory.mktemp("paths")
    tree = make_tree(folder, {"src/app.py": "1"})
    try:
        written = tree.write(path, b"mine")
    except ToolRefused:
        assert tree.changed() == ()
        return
    assert tree.changed() == (written.path,)
    assert (folder / "tree" / written.path).read_bytes() == b"mine"
    tree.delete(path)
    assert tree.changed() == ()


def test_a_path_bomb_is_refused_before_the_file_system_sees_it(tools: Tools) -> None:
    for path in ("a/" * 5_000 + "x", "x" * 300, "/".join("d" * 200 for _ in range(20))):
        assert "too long" in tools.refused("write_file", path=path, content="1")
        assert tools.call("read_file", path=path).is_error
    assert names(tools.folder / "tree") == ["src"]
