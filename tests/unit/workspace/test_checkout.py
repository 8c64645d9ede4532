from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from codybatch.domain.errors import (
    BranchNotFound,
    CalledOff,
    CodeHostCredentialRefused,
    CodyBatchError,
    NotPermitted,
    PatchDoesNotApply,
    RepositoryNotFound,
    RepositoryTooLarge,
    RepositoryUnavailable,
    RepositoryUnsupported,
    StoreFull,
)
from codybatch.ports.code_host import GitAccess
from codybatch.standins.git import Fault, Files, FixtureFile, GitServer
from codybatch.workspace.checkout import Workspace, WorkspaceLimits, check_out, remove_workspace
from codybatch.workspace.patch import make_patch
from tests.workspace_kit import (
    Origin,
    RawEntry,
    RawObjects,
    contents,
    plant,
    plant_tree,
    serve,
)

FILES: Files = {
    "README.md": "# Shop\n",
    "src/app.py": "print('hello')\n",
    "run.sh": FixtureFile(b"#!/bin/sh\n", "100755"),
    "link": FixtureFile(b"src/app.py", "120000"),
    "empty": b"",
    "logo.png": bytes(range(256)) * 10,
}


@pytest.fixture
def origin(server: GitServer, tmp_path: Path) -> Origin:
    return serve(server, tmp_path, FILES)


def parts(workspace: Path) -> set[str]:
    return {path.name for path in workspace.iterdir()}


def test_a_workspace_holds_the_pinned_commit_and_its_manifest(origin: Origin) -> None:
    pinned = origin.head
    origin.repository.commit({"src/app.py": "print('later')\n", "new.txt": "new\n"})

    workspace = origin.check_out(pinned)

    assert contents(workspace.tree_path) == {
        "README.md": b"# Shop\n",
        "src/app.py": b"print('hello')\n",
        "run.sh": b"#!/bin/sh\n",
        "link": b"src/app.py",
        "empty": b"",
        "logo.png": bytes(range(256)) * 10,
    }
    assert {entry.path: (entry.mode, entry.size) for entry in workspace.manifest} == {
        "README.md": ("100644", 7),
        "src/app.py": ("100644", 15),
        "run.sh": ("100755", 10),
        "link": ("120000", 10),
        "empty": ("100644", 0),
        "logo.png": ("100644", 2560),
    }
    assert workspace.commit == pinned
    assert (
        workspace.base_tree
        == origin.repository.git("rev-parse", f"{pinned}^{{tree}}").decode().strip()
    )
    assert os.access(workspace.tree_path / "run.sh", os.X_OK)


def test_a_workspace_can_be_opened_again(origin: Origin) -> None:
    made = origin.check_out()

    opened = Workspace(made.root)

    assert opened.manifest == made.manifest
    assert opened.git.run("status", "--porcelain", "--untracked-files=all") != b""  # no HEAD at all
    assert opened.git.run("diff-index", "--cached", opened.commit) == b""
    assert opened.git.run("diff-files") == b""


def test_no_git_folder_stands_in_the_tree_and_no_address_in_the_git_folder(origin: Origin) -> None:
    workspace = origin.check_out()

    assert parts(workspace.root) == {"git", "tree", "home", "manifest.json", "askpass"}
    assert not list(workspace.tree_path.rglob(".git"))
    assert list((workspace.root / "home").iterdir()) == []
    assert stat.S_IMODE(workspace.root.stat().st_mode) == 0o700
    token = str(origin.access.token).encode()
    for path in workspace.root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert token not in content, path
            assert b"127.0.0.1" not in content, path


@pytest.mark.parametrize(
    "attributes",
    [
        "* text=auto eol=crlf\n",
        "* text eol=lf\n",
        "* ident\n",
        "* working-tree-encoding=UTF-16\n",
        "* filter=lfs diff=lfs merge=lfs -text\n",
        "[attr]odd text eol=crlf ident\n* odd\n",
    ],
)
def test_bytes_are_kept_whatever_the_attributes_say(
    server: GitServer, tmp_path: Path, attributes: str
) -> None:
    files: dict[str, str | bytes] = {
        ".gitattributes": attributes,
        "crlf.txt": "one\r\ntwo\r\n",
        "lf.txt": "one\ntwo\n",
        "mixed.txt": "one\r\ntwo\nthree\r",
        "ident.c": "/* $Id$ */\n",
        "utf16.txt": "größe\n".encode("utf-16"),
        "pointer.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    }

    workspace = serve(server, tmp_path, dict(files)).check_out()

    expected = {
        path: content.encode() if isinstance(content, str) else content
        for path, content in files.items()
    }
    assert contents(workspace.tree_path) == expected
    assert make_patch(workspace) is None


def test_a_submodule_is_an_empty_folder(server: GitServer, tmp_path: Path) -> None:
    origin = serve(server, tmp_path, {"a": "a\n"})
    modules = b'[submodule "lib"]\n\tpath = lib\n\turl = https://host/lib\n'
    plant(origin, {b"lib": ("160000", b"1" * 40), b".gitmodules": ("100644", modules)})

    workspace = origin.check_out()

    assert list((workspace.tree_path / "lib").iterdir()) == []
    entry = workspace.manifest.get("lib")
    assert entry is not None
    assert (entry.mode, entry.blob, entry.size) == ("160000", "1" * 40, 0)
    assert make_patch(workspace) is None


def test_names_that_are_not_utf8_are_kept(server: GitServer, tmp_path: Path) -> None:
    origin = serve(server, tmp_path, {"a": "a\n"})
    plant(origin, {b"caf\xe9": ("100644", b"x"), b"-rf": ("100644", b"y")})

    workspace = origin.check_out()

    names = sorted(os.fsencode(path.name) for path in workspace.tree_path.iterdir())
    assert names == [b"-rf", b"caf\xe9"]
    assert "caf\udce9" in workspace.manifest
    assert make_patch(workspace) is None


def test_an_empty_commit_gives_an_empty_tree(server: GitServer, tmp_path: Path) -> None:
    origin = serve(server, tmp_path, {"a": "a\n"})
    plant(origin, {})

    workspace = origin.check_out()

    assert len(workspace.manifest) == 0
    assert contents(workspace.tree_path) == {}


# --- what can go wrong on the way --------------------------------------------------------------


def fails(origin: Origin, access: GitAccess, commit: str | None = None) -> CodyBatchError:
    """The error of a check-out, which must leave nothing behind."""
    root = origin.folder / "workspace"
    with pytest.raises(CodyBatchError) as raised:
        check_out(root, access, commit or origin.head)
    assert not root.exists() or parts(root) == set()
    assert str(origin.access.token) not in str(raised.value)
    assert "\n" not in raised.value.message
    return raised.value


def test_a_missing_repository_is_not_found(origin: Origin) -> None:
    access = GitAccess(
        origin.server.clone_url("acme/none"), token=origin.access.token, allow_http=True
    )

    assert type(fails(origin, access)) is RepositoryNotFound


def test_a_private_repository_without_a_credential_names_the_setting(origin: Origin) -> None:
    error = fails(origin, origin.anonymous())

    assert type(error) is RepositoryNotFound
    assert "GITHUB_TOKEN" in error.message


def test_a_revoked_credential_is_refused(origin: Origin) -> None:
    access = GitAccess(origin.access.url, token="revoked", allow_http=True)

    assert type(fails(origin, access)) is CodeHostCredentialRefused


def test_a_forbidden_repository_gives_the_hosts_words(origin: Origin) -> None:
    body = "The organisation has an IP allow list enabled."
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    origin.server.faults.add(
        Fault(route="* *", kind="answer", status=403, body=body, headers=headers)
    )

    error = fails(origin, origin.access)

    assert type(error) is NotPermitted
    assert "IP allow list" in error.message


def test_a_commit_that_vanished_is_named(origin: Origin) -> None:
    error = fails(origin, origin.access, "1" * 40)

    assert type(error) is BranchNotFound
    assert "1" * 40 in error.message


@pytest.mark.parametrize("commit", ["main", "-u", "1234567", "G" * 40, "1" * 39, "--upload-pack=x"])
def test_only_a_whole_commit_id_is_fetched(origin: Origin, commit: str) -> None:
    assert type(fails(origin, origin.access, commit)) is BranchNotFound
    assert origin.server.journal.requests() == []


@pytest.mark.parametrize("what", ["tree", "blob"])
def test_an_object_that_is_no_commit_is_not_checked_out(origin: Origin, what: str) -> None:
    name = {"tree": "HEAD^{tree}", "blob": "HEAD:README.md"}[what]
    found = origin.repository.git("rev-parse", name).decode().strip()

    assert type(fails(origin, origin.access, found)) is BranchNotFound


def test_an_annotated_tag_is_not_taken_for_its_commit(origin: Origin) -> None:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.com")
    origin.repository.git(*identity, "tag", "-a", "-m", "v1", "v1", "main")
    tag = origin.repository.git("rev-parse", "refs/tags/v1").decode().strip()

    assert type(fails(origin, origin.access, tag)) is BranchNotFound


def test_a_host_that_does_not_listen_is_unavailable(origin: Origin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    access = GitAccess(f"http://127.0.0.1:{port}/a/b", token="t", allow_http=True)

    error = fails(origin, access)

    assert type(error) is RepositoryUnavailable
    assert f"127.0.0.1:{port}" in error.message


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_ailing_host_is_unavailable(origin: Origin, status: int) -> None:
    origin.server.faults.add(Fault(route="* *", kind="answer", status=status))

    assert type(fails(origin, origin.access)) is RepositoryUnavailable


@pytest.mark.parametrize("after", [1, 50, 400])
def test_a_clone_cut_off_in_the_middle_is_unavailable_and_can_be_made_again(
    origin: Origin, after: int
) -> None:
    origin.server.faults.add(Fault(route="POST *", kind="cut", after_bytes=after))

    assert type(fails(origin, origin.access)) is RepositoryUnavailable
    assert contents(origin.check_out().tree_path)["README.md"] == b"# Shop\n"


def test_a_redirect_is_not_followed(origin: Origin) -> None:
    elsewhere = origin.server.clone_url("acme/elsewhere")
    headers = {"Location": f"{elsewhere}/info/refs?service=git-upload-pack"}
    origin.server.faults.add(Fault(route="* *", kind="answer", status=301, headers=headers))

    error = fails(origin, origin.access)

    assert type(error) is RepositoryNotFound
    assert "moved" in error.message
    assert len(origin.server.journal.requests()) == 1


def test_a_stalled_clone_ends_with_its_time(origin: Origin) -> None:
    origin.server.faults.add(Fault(route="POST *", kind="stall"))

    with pytest.raises(RepositoryUnavailable, match="did not finish"):
        origin.check_out(limits=WorkspaceLimits(clone_seconds=1.0))

    assert parts(origin.folder / "workspace") == set()


def test_a_check_out_without_time_says_so(origin: Origin) -> None:
    with pytest.raises(RepositoryUnavailable, match=r"took too long: .* within 0 s"):
        origin.check_out(limits=WorkspaceLimits(clone_seconds=0))


def test_a_stalled_clone_can_be_called_off(origin: Origin) -> None:
    origin.server.faults.add(Fault(route="POST *", kind="stall"))
    abort = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            check_out(origin.folder / "workspace", origin.access, origin.head, abort=abort)
        except CalledOff as error:
            errors.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    assert origin.server.journal.wait_for("POST *")
    began = time.monotonic()
    abort.set()
    worker.join(10)

    assert len(errors) == 1
    assert time.monotonic() - began < 5
    assert parts(origin.folder / "workspace") == set()


def test_a_repository_with_another_object_format_is_unsupported(
    server: GitServer, tmp_path: Path
) -> None:
    origin = serve(server, tmp_path, {"a": "a\n"})
    path = origin.repository.path
    shutil.rmtree(path)
    path.mkdir()
    origin.repository.git("init", "-q", "--bare", "--object-format=sha256", "-bmain", ".")
    origin.repository.git("config", "http.receivepack", "true")

    error = fails(origin, origin.access, "1" * 40)

    assert type(error) is RepositoryUnsupported


@pytest.mark.parametrize("url", ["file:///etc", "ssh://host/x", "ext::sh -c true", "-u"])
def test_an_address_of_another_kind_is_unsupported(origin: Origin, url: str) -> None:
    assert type(fails(origin, GitAccess(url, allow_http=True))) is RepositoryUnsupported


# --- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limits",
    [
        WorkspaceLimits(max_files=5),
        WorkspaceLimits(max_bytes=2_000),
        WorkspaceLimits(max_file_bytes=2_559),
    ],
)
def test_a_repository_over_a_limit_is_refused_before_a_file_is_written(
    origin: Origin, limits: WorkspaceLimits
) -> None:
    with pytest.raises(RepositoryTooLarge, match="limit"):
        origin.check_out(limits=limits)

    assert parts(origin.folder / "workspace") == set()


def test_a_clone_that_grows_over_its_limit_is_stopped_on_the_way(
    server: GitServer, tmp_path: Path
) -> None:
    origin = serve(server, tmp_path, {"random.bin": os.urandom(3 << 20)})
    # The rest of the answer never comes: only the watch on the size can end this.
    server.faults.add(Fault(route="POST *", kind="stall", times=2, after_bytes=2 << 20))

    with pytest.raises(RepositoryTooLarge, match="1,000,000 bytes compressed"):
        origin.check_out(limits=WorkspaceLimits(max_clone_bytes=1_000_000))

    assert parts(origin.folder / "workspace") == set()


def test_a_full_disk_is_named(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, *_: object, **__: object) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)

    with pytest.raises(StoreFull):
        origin.check_out()

    assert parts(origin.folder / "workspace") == set()


# --- an earlier attempt ------------------------------------------------------------------------


@pytest.fixture
def half_made(origin: Origin) -> Path:
    root = origin.folder / "workspace"
    for folder in ("git/objects/pack", "tree/src", "home", "credential-dead", "scratch-dead"):
        (root / folder).mkdir(parents=True)
    for file in ("git/shallow.lock", "git/index.lock", "tree/src/half", "credential-dead/password"):
        (root / file).write_text("left")
    (root / "log.txt").write_text("not ours")
    return root


def test_a_half_made_workspace_is_thrown_away_and_made_again(
    origin: Origin, half_made: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        Workspace(half_made)

    workspace = origin.check_out()

    assert "src/half" not in contents(workspace.tree_path)
    assert parts(half_made) == {"git", "tree", "home", "manifest.json", "askpass", "log.txt"}


def test_a_worker_that_is_killed_in_the_middle_of_a_clone_leaves_no_obstacle(
    origin: Origin,
) -> None:
    root, token = origin.folder / "workspace", str(origin.access.token)
    worker = (
        "import sys, pathlib\n"
        "from codybatch.ports.code_host import GitAccess\n"
        "from codybatch.workspace.checkout import check_out\n"
        "access = GitAccess(sys.argv[2], token=sys.stdin.read(), allow_http=True)\n"
        "check_out(pathlib.Path(sys.argv[1]), access, sys.argv[3])\n"
    )
    origin.server.faults.add(Fault(route="POST *", kind="stall"))
    command = [sys.executable, "-c", worker, str(root), origin.access.url, origin.head]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        process.stdin.write(token)
        process.stdin.close()
        assert origin.server.journal.wait_for("POST *", seconds=30)
        process.kill()
    assert list(root.glob("credential-*"))

    workspace = origin.check_out()

    assert contents(workspace.tree_path)["README.md"] == b"# Shop\n"
    assert not list(root.glob("credential-*"))


def test_removing_takes_no_more_than_the_workspace(origin: Origin) -> None:
    workspace = origin.check_out()
    outside = origin.folder / "outside"
    outside.mkdir()
    (outside / "precious").write_text("stays")
    (workspace.tree_path / "way out").symlink_to(outside)
    (workspace.root / "log.txt").write_text("stays")

    remove_workspace(workspace.root)
    remove_workspace(workspace.root)

    assert parts(workspace.root) == {"log.txt"}
    assert (outside / "precious").read_text() == "stays"


# --- follow-ups --------------------------------------------------------------------------------


def parents_patch(origin: Origin) -> bytes:
    """What an earlier job left: a change, a new file, a deleted one and a moved executable."""
    workspace = origin.check_out(name="parent")
    tree = workspace.tree_path
    (tree / "src/app.py").write_text("print('changed')\n")
    (tree / "new").mkdir()
    (tree / "new/file.bin").write_bytes(b"\0\1\2")
    (tree / "empty").unlink()
    (tree / "run.sh").rename(tree / "start.sh")
    made = make_patch(workspace)
    assert made is not None
    return made.content


def test_a_follow_up_begins_with_its_parents_change(origin: Origin) -> None:
    patch = parents_patch(origin)

    workspace = origin.check_out(base_patch=patch)

    tree = contents(workspace.tree_path)
    assert tree["src/app.py"] == b"print('changed')\n"
    assert tree["new/file.bin"] == b"\0\1\2"
    assert "empty" not in tree
    assert os.access(workspace.tree_path / "start.sh", os.X_OK)
    assert workspace.manifest.changed_before == (
        "empty", "new/file.bin", "run.sh", "src/app.py", "start.sh",
    )  # fmt: skip
    assert "empty" in workspace.manifest
    assert "new/file.bin" not in workspace.manifest


def test_a_follow_ups_patch_is_cumulative(origin: Origin) -> None:
    patch = parents_patch(origin)
    workspace = origin.check_out(base_patch=patch)

    unchanged = make_patch(workspace)
    (workspace.tree_path / "more.txt").write_text("more\n")
    changed = make_patch(workspace)

    assert unchanged is not None
    assert unchanged.content == patch
    assert changed is not None
    assert set(changed.paths) == {
        "empty", "more.txt", "new/file.bin", "run.sh", "src/app.py", "start.sh",
    }  # fmt: skip


def test_a_patch_of_another_commit_does_not_apply(origin: Origin) -> None:
    patch = parents_patch(origin)
    later = origin.repository.commit({"src/app.py": "something else\n"})

    with pytest.raises(PatchDoesNotApply, match=later):
        origin.check_out(later, base_patch=patch)

    assert parts(origin.folder / "workspace") == set()


def test_a_patch_cannot_write_outside_the_tree(origin: Origin) -> None:
    for path in ("../outside", ".git/config", "/etc/passwd", "a/../../outside"):
        patch = (
            f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
            "@@ -0,0 +1 @@\n+x\n"
        )
        with pytest.raises(PatchDoesNotApply):
            origin.check_out(base_patch=patch.encode())

    assert not (origin.folder / "outside").exists()


def test_a_tree_that_names_one_file_twice_is_unsupported(server: GitServer, tmp_path: Path) -> None:
    origin = serve(server, tmp_path, {"a": "a\n"})
    raw = RawObjects(origin.repository)
    blob = raw.blob(b"x")
    plant_tree(origin, raw.tree([RawEntry("100644", b"a", blob), RawEntry("100644", b"a", blob)]))

    with pytest.raises(RepositoryUnsupported):
        origin.check_out()
