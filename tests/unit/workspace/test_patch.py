from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codybatch.domain.errors import PatchDoesNotApply
from codybatch.standins.git import Files, FixtureFile, GitServer
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.patch import MadePatch, UnprovenPatch, make_patch, tree_of_patch
from codybatch.workspace.tree import WorkTree
from tests.workspace_kit import TOKEN_KEY, Origin, contents, plain_clone, plain_git, plant, serve

FILES: Files = {
    "README.md": "# Shop\n",
    "src/app.py": "one\ntwo\nthree\n",
    "run.sh": FixtureFile(b"#!/bin/sh\necho hi\n", "100755"),
    "link": FixtureFile(b"src/app.py", "120000"),
    "empty": b"",
    "crlf.txt": b"one\r\ntwo\r\n",
    "logo.png": bytes(range(256)) * 10,
    ".gitignore": "build/\n*.log\n",
    ".gitattributes": "* text=auto\n*.txt eol=lf\n",
}


@pytest.fixture
def origin(server: GitServer, tmp_path: Path) -> Origin:
    return serve(server, tmp_path, FILES)


@pytest.fixture
def workspace(origin: Origin) -> Workspace:
    return origin.check_out()


def made(workspace: Workspace) -> MadePatch:
    patch = make_patch(workspace)
    assert patch is not None
    return patch


def applied(origin: Origin, patch: bytes) -> Path:
    """A plain clone with the patch applied as a person would apply it."""
    clone = origin.folder / "clone"
    shutil.rmtree(clone, ignore_errors=True)
    plain_clone(origin, clone)
    (clone / ".git/info/attributes").write_text("* -text\n")  # the patch is exact; so is this clone
    plain_git(clone, "read-tree", "-u", "--reset", "HEAD")
    plain_git(clone, "apply", "--index", "--check", "-", given=patch)
    plain_git(clone, "apply", "--index", "--whitespace=nowarn", "-", given=patch)
    return clone


Edit = Callable[[Path], object]


def odd_names(tree: Path) -> None:
    for name in ("-rf", "a b", "ü", '"', "'", "$(x)", "*", "[a]", "?", ":(top)x", "b/x", "#"):
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text("x\n")


def a_name_that_is_not_utf8(tree: Path) -> None:
    Path(os.fsdecode(os.fsencode(tree) + b"/caf\xe9")).write_text("x\n")


def a_file_in_place_of_a_folder(tree: Path) -> None:
    shutil.rmtree(tree / "src")
    (tree / "src").write_text("now a file\n")


def a_folder_in_place_of_a_file(tree: Path) -> None:
    (tree / "README.md").unlink()
    (tree / "README.md").mkdir()
    (tree / "README.md/x").write_text("x\n")


def several_at_once(tree: Path) -> None:
    (tree / "src/app.py").write_text("one\nTWO\nthree\n")
    (tree / "new.bin").write_bytes(bytes(range(256)) * 99)
    (tree / "empty").unlink()
    odd_names(tree)


def writes(name: str, content: bytes) -> Edit:
    return lambda tree: (tree / name).write_bytes(content)


def deletes(name: str) -> Edit:
    def delete(tree: Path) -> None:
        (tree / name).unlink()

    return delete


LOOKS_LIKE_A_PATCH = b"diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39\n"

EDITS: dict[str, Edit] = {
    "a changed line": writes("src/app.py", b"one\nTWO\nthree\n"),
    "no line feed at the end": writes("src/app.py", b"one\ntwo\nthree"),
    "an emptied file": writes("src/app.py", b""),
    "a filled empty file": writes("empty", b"full\n"),
    "an empty new file": writes("also empty", b""),
    "a deleted file": deletes("README.md"),
    "a deleted empty file": deletes("empty"),
    "a changed binary file": writes("logo.png", b"\0\xff" * 999),
    "a new binary file": writes("new.bin", os.urandom(5000)),
    "a deleted binary file": deletes("logo.png"),
    "line ends that attributes would change": writes("crlf.txt", b"one\r\nTWO\r\n"),
    "lone carriage returns": writes("src/app.py", b"a\rb\r\r\nc\n"),
    "UTF-16": writes("wide.txt", "größe\n".encode("utf-16")),
    "an ignored new file": writes("debug.log", b"kept\n"),
    "a moved file": lambda tree: (tree / "README.md").rename(tree / "READ ME.md"),
    "odd names": odd_names,
    "a name that is not UTF-8": a_name_that_is_not_utf8,
    "a file in place of a folder": a_file_in_place_of_a_folder,
    "a folder in place of a file": a_folder_in_place_of_a_file,
    "text that looks like a patch": writes("x.patch", LOOKS_LIKE_A_PATCH),
    "white space": writes("ws", b"a \n\t \n \t\n\n\n\n"),
    "attributes of our own": writes(
        "src/.gitattributes", b"* binary -diff filter=x working-tree-encoding=UTF-16\n"
    ),
    "several at once": several_at_once,
}


@pytest.mark.parametrize("name", EDITS)
def test_a_patch_gives_the_same_files_wherever_it_is_applied(
    origin: Origin, workspace: Workspace, name: str
) -> None:
    EDITS[name](workspace.tree_path)

    patch = made(workspace)

    clone = applied(origin, patch.content)
    ours, theirs = contents(workspace.tree_path), contents(clone)
    theirs["link"] = b"src/app.py"  # ours is the link's text
    assert ours == theirs
    assert plain_git(clone, "write-tree").decode().strip() == patch.tree
    assert tree_of_patch(workspace, patch.content) == patch.tree


def test_nothing_changed_is_no_patch(workspace: Workspace) -> None:
    assert make_patch(workspace) is None


def test_a_change_that_was_taken_back_is_no_patch(workspace: Workspace) -> None:
    path = workspace.tree_path / "src/app.py"
    before = path.read_bytes()
    path.write_text("changed")
    path.unlink()
    path.write_bytes(before)
    os.utime(path, (1, 1))

    assert make_patch(workspace) is None


def test_a_change_of_the_same_length_in_the_same_second_is_seen(workspace: Workspace) -> None:
    path = workspace.tree_path / "src/app.py"
    times = path.stat()
    path.write_bytes(b"ONE\ntwo\nthree\n")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert made(workspace).paths == ("src/app.py",)


def changed_within_the_second(origin: Origin) -> tuple[Workspace, int]:
    """A workspace with a change of the same length in the second in which it was checked out."""
    for _ in range(20):
        workspace = origin.check_out()
        path = workspace.tree_path / "src/app.py"
        checked_out = int(path.stat().st_ctime)
        path.write_bytes(b"ONE\ntwo\nthree\n")
        if int(path.stat().st_ctime) == checked_out:
            return workspace, checked_out
    pytest.skip("this machine takes more than a second to check out")


def test_a_change_in_the_second_of_the_check_out_is_seen_in_a_later_one(origin: Origin) -> None:
    workspace, second = changed_within_the_second(origin)
    while time.time() < second + 1:  # when whole seconds no longer say that there is a doubt
        os.sched_yield()

    assert made(workspace).paths == ("src/app.py",)


def test_figures_are_exact(workspace: Workspace) -> None:
    tree = workspace.tree_path
    (tree / "src/app.py").write_text("one\nTWO\nthree\nfour\n")
    (tree / "README.md").unlink()
    (tree / "logo.png").write_bytes(b"\0")
    (tree / "a\u202eb").write_text("x\n")

    patch = made(workspace)

    assert (patch.files, patch.additions, patch.deletions) == (4, 3, 2)
    assert patch.paths == ("README.md", "a\\u202eb", "logo.png", "src/app.py")
    assert not patch.removed_secret


def test_the_same_change_gives_the_same_bytes(origin: Origin) -> None:
    patches = []
    for name in ("one", "two"):
        workspace = origin.check_out(name=name)
        several_at_once(workspace.tree_path)
        patches.append(made(workspace))

    assert patches[0] == patches[1]


def test_making_a_patch_leaves_the_workspace_as_it_was(workspace: Workspace) -> None:
    index = workspace.index.read_bytes()
    EDITS["a changed line"](workspace.tree_path)

    first = made(workspace)

    assert workspace.index.read_bytes() == index
    assert sorted(path.name for path in workspace.root.iterdir()) == [
        "askpass", "git", "home", "manifest.json", "tree",
    ]  # fmt: skip
    assert made(workspace) == first


def test_what_a_died_attempt_left_does_no_harm(workspace: Workspace) -> None:
    left = workspace.root / "scratch-dead"
    left.mkdir()
    (left / "index").write_bytes(b"half an index")
    (left / "index.lock").write_bytes(b"")
    EDITS["a changed line"](workspace.tree_path)

    assert made(workspace).files == 1


def test_a_git_that_makes_something_else_of_the_patch_is_found_out(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    other = tmp_path / "other.patch"
    other.write_bytes(
        b"diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+x\n"
    )
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin/git"
    wrapper.write_text(
        f'#!/bin/sh\ncase " $* " in *" apply "*) exec {real} "$@" < {other} ;; esac\n'
        f'exec {real} "$@"\n'
    )
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    EDITS["a changed line"](workspace.tree_path)

    with pytest.raises(UnprovenPatch, match="leads to other files") as caught:
        make_patch(workspace)
    assert caught.value.made.content.startswith(b"diff --git ")


# --- modes -------------------------------------------------------------------------------------


def modes(workspace: Workspace, tree: str) -> dict[str, str]:
    listed = workspace.git.run("ls-tree", "-r", tree).decode().splitlines()
    return {line.partition("\t")[2]: line[:6] for line in listed}


def test_modes_are_kept_through_the_tools(workspace: Workspace) -> None:
    with WorkTree(workspace.tree_path, workspace.manifest) as tree:
        tree.write("run.sh", b"#!/bin/sh\necho changed\n", overwrite=True)
        tree.write("new.sh", b"#!/bin/sh\n")
        tree.move("README.md", "docs/README.md")

    patch = made(workspace)

    assert modes(workspace, patch.tree)["run.sh"] == "100755"
    assert modes(workspace, patch.tree)["new.sh"] == "100644"
    assert modes(workspace, patch.tree)["docs/README.md"] == "100644"
    assert b"old mode" not in patch.content


def test_an_executable_stays_one_when_it_is_moved(workspace: Workspace) -> None:
    with WorkTree(workspace.tree_path, workspace.manifest) as tree:
        tree.move("run.sh", "bin/run.sh")

    patch = made(workspace)

    assert modes(workspace, patch.tree)["bin/run.sh"] == "100755"


def test_a_link_whose_text_was_edited_stays_a_link(workspace: Workspace) -> None:
    (workspace.tree_path / "link").write_bytes(b"../../etc/passwd")

    assert modes(workspace, made(workspace).tree)["link"] == "120000"


def test_where_the_file_system_keeps_no_modes_the_pinned_ones_hold(workspace: Workspace) -> None:
    workspace.git.run("config", "core.fileMode", "false")  # as git finds out when it makes a folder
    (workspace.tree_path / "run.sh").write_text("#!/bin/sh\n")
    (workspace.tree_path / "run.sh").chmod(0o600)
    (workspace.tree_path / "new.sh").write_text("#!/bin/sh\n")
    (workspace.tree_path / "new.sh").chmod(0o700)

    found = modes(workspace, made(workspace).tree)

    assert (found["run.sh"], found["new.sh"]) == ("100755", "100644")


# --- what cannot be published ------------------------------------------------------------------


def test_a_nested_repository_is_refused(workspace: Workspace) -> None:
    nested = workspace.tree_path / "vendor/lib"
    nested.mkdir(parents=True)
    plain_git(nested, "init", "-q")
    (nested / "x").write_text("x\n")
    with pytest.raises(PatchDoesNotApply, match="nested git repository"):
        make_patch(workspace)

    plain_git(nested, "add", "x")
    plain_git(nested, "commit", "-qm", "x")
    with pytest.raises(PatchDoesNotApply, match="nested git repository"):
        make_patch(workspace)


@pytest.mark.parametrize("name", ["lib", "lib/file", "lib/deep/file"])
def test_a_submodule_that_becomes_something_else_is_refused(
    server: GitServer, tmp_path: Path, name: str
) -> None:
    origin = serve(server, tmp_path, {"a": "a\n"})
    plant(origin, {b"lib": ("160000", b"1" * 40), b"a": ("100644", b"a\n")})
    workspace = origin.check_out()
    (workspace.tree_path / "lib").rmdir()
    assert make_patch(workspace) is None  # git knows no empty folders

    (workspace.tree_path / name).parent.mkdir(parents=True, exist_ok=True)
    (workspace.tree_path / name).write_text("a file\n")

    with pytest.raises(PatchDoesNotApply, match="submodule"):
        make_patch(workspace)


@pytest.mark.parametrize("name", [".git", "src/.GIT", "new/.git ", "git~1"])
@pytest.mark.parametrize("is_folder", [False, True])
def test_nothing_of_a_git_folder_is_passed_over_in_silence(
    workspace: Workspace, name: str, is_folder: bool
) -> None:
    path = workspace.tree_path / name
    path = path / "config" if is_folder else path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x\n")

    with pytest.raises(PatchDoesNotApply, match="nested git repository"):
        make_patch(workspace)


@pytest.mark.parametrize("name", ["a\nb", "a\\b", "/".join(["d" * 200] * 6)])
def test_a_name_that_no_patch_may_have_is_refused(workspace: Workspace, name: str) -> None:
    path = workspace.tree_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x\n")

    with pytest.raises(PatchDoesNotApply, match="a name that no patch may have"):
        make_patch(workspace)


def test_what_is_no_file_is_not_in_the_patch(workspace: Workspace) -> None:
    os.mkfifo(workspace.tree_path / "pipe")

    assert make_patch(workspace) is None


# --- secrets -----------------------------------------------------------------------------------


def test_a_removed_secret_marks_the_patch(server: GitServer, tmp_path: Path) -> None:
    origin = serve(server, tmp_path, {"settings.py": f'a = 1\nkey = "{TOKEN_KEY}"\nb = 2\n'})
    workspace = origin.check_out()

    (workspace.tree_path / "settings.py").write_text('a = 1\nkey = env["KEY"]\nb = 2\n')

    assert made(workspace).removed_secret


def test_a_secret_beside_the_change_does_not_mark_the_patch(
    server: GitServer, tmp_path: Path
) -> None:
    origin = serve(server, tmp_path, {"settings.py": f'a = 1\nkey = "{TOKEN_KEY}"\nb = 2\n'})
    workspace = origin.check_out()

    (workspace.tree_path / "settings.py").write_text(f'a = 1\nkey = "{TOKEN_KEY}"\nb = 3\n')

    assert not made(workspace).removed_secret


# --- stored patches ----------------------------------------------------------------------------


@pytest.mark.parametrize("patch", [b"", b"nonsense", b"diff --git a/x b/x\n"])
def test_what_is_no_patch_does_not_apply(workspace: Workspace, patch: bytes) -> None:
    with pytest.raises(PatchDoesNotApply, match="does not apply to"):
        tree_of_patch(workspace, patch)


def test_a_patch_of_other_content_does_not_apply(origin: Origin, workspace: Workspace) -> None:
    EDITS["a changed line"](workspace.tree_path)
    patch = made(workspace).content
    later = origin.repository.commit({"src/app.py": "all\nnew\n"})

    with pytest.raises(PatchDoesNotApply, match=later):
        tree_of_patch(origin.check_out(later), patch)


NAMES = st.sampled_from(["src/app.py", "logo.png", "crlf.txt", "new", "d/e/f", "ü ñ"])
CONTENTS = st.one_of(
    st.none(),
    st.binary(max_size=60),
    st.lists(st.sampled_from([b"a\n", b"b\r\n", b"\r", b"", b"\0", b"\xff\n"]), max_size=20).map(
        b"".join
    ),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(edits=st.dictionaries(NAMES, CONTENTS, min_size=1))
def test_any_change_gives_a_patch_that_applies(
    origin: Origin, edits: dict[str, bytes | None]
) -> None:
    workspace = origin.check_out(name="any")
    for name, content in edits.items():
        path = workspace.tree_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
    wanted = contents(workspace.tree_path)

    patch = make_patch(workspace)

    if patch is None:
        assert wanted == contents(origin.check_out(name="fresh").tree_path)
        return
    again = origin.check_out(name="fresh", base_patch=patch.content)
    assert contents(again.tree_path) == wanted
