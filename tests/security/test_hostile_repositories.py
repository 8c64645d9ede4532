"""Repositories made to break out: real git objects, served over smart HTTP."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.domain.errors import (
    CodyBatchError,
    PatchDoesNotApply,
    RepositoryTooLarge,
    RepositoryUnsupported,
)
from codybatch.standins.git import FixtureFile, GitServer
from codybatch.workspace.checkout import Workspace, WorkspaceLimits
from codybatch.workspace.gate import inspect
from codybatch.workspace.patch import make_patch, tree_of_patch
from codybatch.workspace.push import rebase
from codybatch.workspace.secret_scanner import SecretScanner
from tests.workspace_kit import (
    Origin,
    RawEntry,
    RawObjects,
    contents,
    plain_git,
    plant,
    plant_tree,
    serve,
)


@pytest.fixture
def origin(server: GitServer, tmp_path: Path) -> Origin:
    return serve(server, tmp_path, {"a.txt": "a\n"})


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[Path]:
    """A file that exists once something of the repository was run; nothing ever may."""
    yield tmp_path / "RAN"
    assert not (tmp_path / "RAN").exists()


def nothing_left(origin: Origin) -> bool:
    root = origin.folder / "workspace"
    return not root.exists() or not list(root.iterdir())


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        b".git",
        b".GIT",
        b".Git",
        b".git ",
        b".git.",
        b".git . .",
        b"git~1",
        b"GIT~1",
        b".git::$INDEX_ALLOCATION",
        ".g\u200cit".encode(),
        ".gi\u200dt".encode(),
        "\u200e.git".encode(),
        ".git\ufeff".encode(),
        ".g\u206ait".encode(),
        b"..",
        b".",
        b"../../outside",
        b"/etc/cron.d/x",
        b"sub/.git",
        b"a\\..\\b",
        b"line\nfeed",
        b"\x1b[2J",
        b"\x7f",
    ],
)
@pytest.mark.parametrize("as_folder", [False, True])
def test_a_name_that_leads_elsewhere_refuses_the_repository(
    origin: Origin, name: bytes, as_folder: bool
) -> None:
    raw = RawObjects(origin.repository)
    blob = raw.blob(b"[core]\n\tfsmonitor = touch RAN\n")
    entry = RawEntry("100644", name, blob)
    if as_folder:
        entry = RawEntry("40000", name, raw.tree([RawEntry("100644", b"config", blob)]))
    plant_tree(origin, raw.tree([entry]))

    with pytest.raises(RepositoryUnsupported) as raised:
        origin.check_out()

    assert raised.value.message.isprintable()
    assert nothing_left(origin)
    assert not list(origin.folder.rglob("outside"))


def test_an_entry_without_a_name_refuses_the_repository(origin: Origin) -> None:
    raw = RawObjects(origin.repository)
    plant_tree(origin, raw.tree([RawEntry("100644", b"", raw.blob(b"x"))]))

    with pytest.raises(CodyBatchError):  # git's own server refuses to send such a tree
        origin.check_out()

    assert nothing_left(origin)


@pytest.mark.parametrize(
    "name",
    [
        b"-rf",
        b"--output=RAN",
        b"'\"`$(touch RAN)`",
        b";touch RAN",
        b"|touch RAN",
        b"caf\xe9",
        b"\xff\xfe",
        "\u202egpj.exe".encode(),
        b":(top,glob)**",
        b"*",
        b" leading",
        b"trailing ",
        b"trailing.",
        b"a" * 255,
        b"HEAD",
        b"@{u}",
        b"%s%n",
    ],
)
def test_an_odd_name_is_only_a_name(origin: Origin, name: bytes) -> None:
    plant(origin, {name: ("100644", b"content\n"), b"other": ("100644", b"x\n")})

    workspace = origin.check_out()
    (workspace.tree_path / os.fsdecode(name)).write_bytes(b"changed\n")
    patch = make_patch(workspace)

    assert patch is not None
    assert patch.files == 1
    assert tree_of_patch(workspace, patch.content) == patch.tree
    inspect(patch.content, workspace, SecretScanner())


@pytest.mark.parametrize(
    "names",
    [
        (b"README", b"readme"),
        ("\u00c9".encode(), "e\u0301".encode()),
        ("\u212a".encode(), b"k"),
        ("\ufb03".encode(), b"ffi"),
    ],
)
def test_names_that_collide_elsewhere_refuse_the_repository(
    origin: Origin, names: tuple[bytes, bytes]
) -> None:
    plant(origin, dict.fromkeys(names, ("100644", b"x")))

    with pytest.raises(RepositoryUnsupported, match="one file on systems"):
        origin.check_out()


def test_a_link_and_a_folder_of_one_name_refuse_the_repository(origin: Origin) -> None:
    # CVE-2021-21300 and CVE-2024-32002 wrote through such a link.
    raw = RawObjects(origin.repository)
    inside = raw.tree([RawEntry("100755", b"post-checkout", raw.blob(b"#!/bin/sh\ntouch RAN\n"))])
    link = raw.blob(b".git/hooks")
    plant_tree(origin, raw.tree([RawEntry("40000", b"A", inside), RawEntry("120000", b"a", link)]))

    with pytest.raises(RepositoryUnsupported):
        origin.check_out()


# --- links -------------------------------------------------------------------------------------


def test_links_become_texts_and_lead_nowhere(origin: Origin) -> None:
    targets = {
        b"absolute": b"/etc",
        b"up": b"../../../..",
        b"chained": b"up",
        b"to itself": b"to itself",
        b"git": b"../git/config",
        b"long": b"x" * 4000,
        b"dangling": b"nowhere",
    }
    plant(origin, {name: ("120000", target) for name, target in targets.items()})

    workspace = origin.check_out()

    assert {os.fsencode(name): text for name, text in contents(workspace.tree_path).items()} == (
        targets
    )
    assert not any(path.is_symlink() for path in workspace.root.rglob("*"))
    assert make_patch(workspace) is None


@pytest.mark.parametrize("name", [b".gitmodules", b".GITMODULES", b"gitmod~1"])
def test_a_link_in_place_of_gits_own_file_refuses_the_repository(
    origin: Origin, name: bytes
) -> None:
    plant(origin, {name: ("120000", b"/etc/passwd")})

    with pytest.raises(RepositoryUnsupported):
        origin.check_out()

    assert nothing_left(origin)


def test_a_file_that_is_written_through_a_planted_link_stays_out_of_the_patch(
    origin: Origin,
) -> None:
    outside = origin.folder / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    workspace = origin.check_out()
    (workspace.tree_path / "folder").symlink_to(outside)

    patch = make_patch(workspace)

    assert patch is not None
    assert patch.paths == ("folder",)
    assert b"secret" not in patch.content
    assert [finding.rule for finding in inspect(patch.content, workspace, SecretScanner())] == [
        "symlink"
    ]


# --- programs that a repository would like to be run -------------------------------------------


def test_nothing_that_a_repository_configures_is_run(
    server: GitServer, tmp_path: Path, ran: Path
) -> None:
    script = FixtureFile(f"#!/bin/sh\ntouch {ran}\ncat\n".encode(), "100755")
    config = (
        f'[core]\n\tfsmonitor = "touch {ran};"\n\thooksPath = hooks\n\tsshCommand = touch {ran}\n'
        f"\tpager = touch {ran}\n\teditor = touch {ran}\n\talternateRefsCommand = touch {ran}\n"
        f'[filter "x"]\n\tclean = touch {ran}\n\tsmudge = touch {ran}\n\tprocess = touch {ran}\n'
        f'\trequired = true\n[diff "x"]\n\tcommand = touch {ran}\n\ttextconv = touch {ran}\n'
        f'[merge "x"]\n\tdriver = touch {ran}\n[diff]\n\texternal = touch {ran}\n'
        f'[credential]\n\thelper = "!touch {ran}"\n[alias]\n\tadd = "!touch {ran}"\n'
        f"[uploadpack]\n\tpackObjectsHook = touch {ran}\n[include]\n\tpath = other\n"
    )
    origin = serve(
        server,
        tmp_path,
        {
            ".gitattributes": "* filter=x diff=x merge=x\n*.y filter=lfs diff=lfs merge=lfs\n",
            ".gitconfig": config,
            "config": config,
            "HEAD": "ref: refs/heads/main\n",
            "objects/x": "",
            "refs/x": "",
            "hooks/post-checkout": script,
            "hooks/pre-push": script,
            "hooks/post-index-change": script,
            "hooks/reference-transaction": script,
            ".lfsconfig": f"[lfs]\n\turl = http://127.0.0.1:1/\n[filter]\n\tx = touch {ran}\n",
            "big.y": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "text.x": "text\n",
        },
    )
    workspace = origin.check_out()
    (workspace.tree_path / "text.x").write_text("changed\n")
    (workspace.tree_path / "big.y").write_text("changed\n")
    head = origin.repository.commit({"text.y": "theirs\n"})

    patch = make_patch(workspace)
    assert patch is not None
    assert b"GIT binary patch" not in patch.content
    inspect(patch.content, workspace, SecretScanner())
    rebase(workspace, patch.content, head, origin.access)


def test_a_planted_git_folder_in_the_tree_is_never_asked(origin: Origin, ran: Path) -> None:
    workspace = origin.check_out()
    plain_git(workspace.tree_path, "init", "-q")
    with (workspace.tree_path / ".git/config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {ran};"\n\tworktree = /\n')
    hook = workspace.tree_path / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    (workspace.tree_path / "a.txt").write_text("changed\n")

    workspace.git.run("status")
    workspace.git.run("add", "--all", index=workspace.root / "other")
    with pytest.raises(PatchDoesNotApply, match="nested git repository"):
        make_patch(workspace)


def test_a_pointer_to_another_git_folder_is_never_followed(origin: Origin, ran: Path) -> None:
    workspace = origin.check_out()
    evil = origin.folder / "evil"
    plain_git(origin.folder, "init", "-q", "--bare", str(evil))
    with (evil / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {ran};"\n')
    (workspace.tree_path / ".git").write_text(f"gitdir: {evil}\n")
    (workspace.tree_path / "a.txt").write_text("changed\n")

    workspace.git.run("status")
    workspace.git.run("add", "--all", index=workspace.root / "other")
    with pytest.raises(PatchDoesNotApply, match="nested git repository"):
        make_patch(workspace)


def test_submodules_are_neither_fetched_nor_entered(origin: Origin, ran: Path) -> None:
    modules = (
        f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch {ran}"\n\tupdate = !touch {ran}\n'
        '[submodule "../../hooks"]\n\tpath = y\n\turl = -u./payload\n'
    ).encode()
    plant(
        origin,
        {
            b".gitmodules": ("100644", modules),
            b"x": ("160000", b"1" * 40),
            b"y": ("160000", b"2" * 40),
        },
    )
    origin.server.journal.clear()

    workspace = origin.check_out()

    assert list((workspace.tree_path / "x").iterdir()) == []
    assert {entry.path for entry in origin.server.journal.requests()} == {
        "/acme/shop.git/info/refs",
        "/acme/shop.git/git-upload-pack",
    }
    assert not (workspace.root / "git/modules").exists()


def test_replacements_on_the_server_replace_nothing(origin: Origin) -> None:
    good = origin.repository.git("rev-parse", "main:a.txt").decode().strip()
    evil = RawObjects(origin.repository).blob(b"evil\n")
    origin.repository.git("update-ref", f"refs/replace/{good}", evil)

    assert contents(origin.check_out().tree_path) == {"a.txt": b"a\n"}


# --- bombs -------------------------------------------------------------------------------------


def test_a_tree_of_ten_million_paths_is_stopped_while_it_is_listed(origin: Origin) -> None:
    raw = RawObjects(origin.repository)
    tree = raw.tree([RawEntry("100644", b"%d" % number, raw.blob(b"x")) for number in range(10)])
    for _ in range(6):
        tree = raw.tree([RawEntry("40000", b"%d" % number, tree) for number in range(10)])
    plant_tree(origin, tree)

    with pytest.raises(RepositoryTooLarge, match="more than 100,000 files"):
        origin.check_out()

    assert nothing_left(origin)


def test_one_blob_named_many_times_counts_each_time(origin: Origin) -> None:
    raw = RawObjects(origin.repository)
    blob = raw.blob(bytes(1 << 20))
    tree = raw.tree([RawEntry("100644", b"%04d" % number, blob) for number in range(1000)])
    plant_tree(origin, tree)

    with pytest.raises(RepositoryTooLarge, match="more than 104,857,600 bytes"):
        origin.check_out(limits=WorkspaceLimits(max_bytes=100 << 20))

    assert nothing_left(origin)


def pack(objects: list[tuple[int, bytes]]) -> bytes:
    """A pack file of whole objects (gitformat-pack(5)): 1 commit, 2 tree, 3 blob."""
    body = b"PACK" + struct.pack(">II", 2, len(objects))
    for kind, content in objects:
        size = len(content)
        byte, size = (kind << 4) | (size & 15), size >> 4
        head = bytearray()
        while size:
            head.append(byte | 0x80)
            byte, size = size & 0x7F, size >> 7
        body += bytes([*head, byte]) + zlib.compress(content, 1)
    return body + hashlib.sha1(body, usedforsecurity=False).digest()


def object_id(kind: str, content: bytes) -> str:
    data = f"{kind} {len(content)}\0".encode() + content
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("depth", [600, 3_000])
def test_folders_without_end_are_refused(origin: Origin, depth: int) -> None:
    blob = b"x"
    objects = [(3, blob)]
    inner, mode = object_id("blob", blob), b"100644"
    for _ in range(depth):
        tree = mode + b" d\0" + bytes.fromhex(inner)
        objects.append((2, tree))
        inner, mode = object_id("tree", tree), b"40000"
    who = b"Eve <eve@example.com> 1714554000 +0000"
    commit = b"tree %s\nauthor %s\ncommitter %s\n\nx\n" % (inner.encode(), who, who)
    objects.append((1, commit))
    origin.repository.git("index-pack", "--stdin", given=pack(objects))
    refs = origin.repository.path / "refs/heads/main"
    refs.write_text(object_id("commit", commit) + "\n")

    with pytest.raises(CodyBatchError) as raised:
        origin.check_out()

    assert raised.value.code in {"repository_unsupported", "repository_unavailable"}
    assert nothing_left(origin)


@pytest.mark.parametrize(
    "content",
    [b"x" * (5 << 20), b"x\n" * (1 << 20), bytes(5 << 20), b"\xff\xfe" * (1 << 20)],
    ids=["one long line", "many lines", "zeros", "no text"],
)
def test_huge_files_and_lines_are_kept_and_patched(origin: Origin, content: bytes) -> None:
    plant(origin, {b"huge": ("100644", content)})
    workspace = origin.check_out()

    (workspace.tree_path / "huge").write_bytes(content + b"end")
    patch = make_patch(workspace)

    assert patch is not None
    assert tree_of_patch(workspace, patch.content) == patch.tree
    inspect(patch.content, workspace, SecretScanner())


# --- hostile patches ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["../x", "/x", ".git/config", ".GIT/config", "a/.git/x", "a/../../x", ".git \x2fx"]
)
def test_a_stored_patch_cannot_name_what_is_outside(origin: Origin, path: str) -> None:
    workspace = origin.check_out()
    patch = (
        f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
        "@@ -0,0 +1 @@\n+x\n"
    ).encode()

    with pytest.raises(PatchDoesNotApply):
        tree_of_patch(workspace, patch)
    with pytest.raises(PatchDoesNotApply):
        inspect(patch, workspace, SecretScanner())


def test_a_patch_cannot_write_through_a_link_that_it_makes(origin: Origin) -> None:
    outside = origin.folder / "outside"
    outside.mkdir()
    patch = (
        "diff --git a/way b/way\nnew file mode 120000\n--- /dev/null\n+++ b/way\n"
        f"@@ -0,0 +1 @@\n+{outside}\n\\ No newline at end of file\n"
        "diff --git a/way/x b/way/x\nnew file mode 100644\n--- /dev/null\n+++ b/way/x\n"
        "@@ -0,0 +1 @@\n+x\n"
    ).encode()

    with pytest.raises(PatchDoesNotApply):
        origin.check_out(base_patch=patch)

    assert list(outside.iterdir()) == []


# --- the credential ----------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_the_token_is_in_no_argument_and_no_variable_of_any_process(
    server: GitServer, tmp_path: Path
) -> None:
    files = {f"{number}.bin": os.urandom(20_000) for number in range(100)}
    origin = serve(server, tmp_path, dict(files))
    token = str(origin.access.token)
    sampler = subprocess.Popen(
        ["python3", "-c", SAMPLER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert sampler.stdin is not None
    assert sampler.stdout is not None
    sampler.stdin.write(f"{token}\n")
    sampler.stdin.flush()
    assert sampler.stdout.readline() == "ready\n"

    origin.check_out()

    sampled, _ = sampler.communicate("stop\n")
    programs, found = sampled.splitlines()
    assert "git-remote-http" in programs
    assert found == "found 0"


SAMPLER = """
import os, pathlib, select, sys
token = os.read(0, 1000).decode().strip().encode()
print("ready", flush=True)
programs, found = set(), 0
while not select.select([0], [], [], 0)[0]:
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        for name in ("cmdline", "environ"):
            try:
                content = (process / name).read_bytes()
            except OSError:
                continue
            if name == "cmdline" and b"git" in content:
                programs.add(os.path.basename(content.split(b"\\0")[0].split(b" ")[0]).decode())
            found += token in content
print(sorted(programs))
print("found", found)
"""


def test_the_workspace_has_nothing_of_the_credential_between_calls(origin: Origin) -> None:
    workspace: Workspace = origin.check_out()

    token = str(origin.access.token).encode()
    for path in workspace.root.rglob("*"):
        assert token not in (path.read_bytes() if path.is_file() else b"")
        assert not path.name.startswith("credential-")
