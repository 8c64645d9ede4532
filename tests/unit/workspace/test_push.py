from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from codybatch.domain.errors import (
    BaseConflict,
    BranchNotFound,
    BranchNotOurs,
    CodeHostCredentialRefused,
    GitFailed,
    NotPermitted,
    PushRefused,
    RepositoryNotFound,
    RepositoryUnavailable,
)
from codybatch.ports.code_host import GitAccess
from codybatch.standins.git import Fault, Files, FixtureFile, GitServer
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.patch import MadePatch, make_patch
from codybatch.workspace.push import Author, commit_patch, push, rebase
from tests.workspace_kit import Origin, serve

FILES: Files = {
    "README.md": "# Shop\n",
    "src/app.py": "".join(f"line {number}\n" for number in range(40)),
    "old.txt": "old\n",
    "run.sh": FixtureFile(b"#!/bin/sh\n", "100755"),
}
BRANCH = "cody-batch-tidy-0a1b2c3d"
AUTHOR = Author("Cody Batch", "bot@example.com", datetime(2026, 11, 24, 12, 0, tzinfo=UTC))
PUSH = "POST */git-receive-pack"


@pytest.fixture
def origin(server: GitServer, tmp_path: Path) -> Origin:
    return serve(server, tmp_path, FILES)


@pytest.fixture
def workspace(origin: Origin) -> Workspace:
    return origin.check_out()


def change(workspace: Workspace) -> MadePatch:
    """A changed line, a new file, a deleted one, a moved executable."""
    app = workspace.tree_path / "src/app.py"
    app.write_text(app.read_text().replace("line 20\n", "LINE 20\n"))
    (workspace.tree_path / "new.txt").write_text("new\n")
    (workspace.tree_path / "old.txt").unlink()
    (workspace.tree_path / "run.sh").rename(workspace.tree_path / "start.sh")
    patch = make_patch(workspace)
    assert patch is not None
    return patch


def commit(workspace: Workspace, message: str = "Tidy") -> str:
    return commit_patch(workspace, change(workspace).tree, workspace.commit, message, AUTHOR)


def two_commits(workspace: Workspace) -> tuple[str, str]:
    tree = change(workspace).tree
    first, second = (
        commit_patch(workspace, tree, workspace.commit, message, AUTHOR) for message in "ab"
    )
    return first, second


# --- commits -----------------------------------------------------------------------------------


def test_a_commit_made_again_elsewhere_is_the_same(origin: Origin) -> None:
    commits = {commit(origin.check_out(name=name), "Tidy up\n\nBody — ü\n") for name in "ab"}

    assert len(commits) == 1


def test_a_commit_says_who_when_and_what(workspace: Workspace) -> None:
    at = datetime(2026, 11, 24, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    author = Author("Evil <x>\nname", "a@b>\n", at)

    made = commit_patch(
        workspace, change(workspace).tree, workspace.commit, "T\0itle\n\n\n", author
    )

    assert workspace.git.run("cat-file", "commit", made).decode().split("\n", 1)[1] == (
        f"parent {workspace.commit}\n"
        "author Evil x name <a@b> 1795521600 +0000\n"
        "committer Evil x name <a@b> 1795521600 +0000\n"
        "\n"
        "Title\n"
    )


def test_a_commit_of_nothing_fails(workspace: Workspace) -> None:
    with pytest.raises(GitFailed):
        commit_patch(workspace, "1" * 40, workspace.commit, "Tidy", AUTHOR)


# --- pushes ------------------------------------------------------------------------------------


def test_a_new_branch_is_pushed_with_the_whole_change(origin: Origin, workspace: Workspace) -> None:
    made = commit(workspace)

    push(workspace, origin.access, made, BRANCH, None)

    assert origin.repository.branch(BRANCH) == made
    listed = origin.repository.git("ls-tree", "-r", made).decode()
    assert {line.partition("\t")[2]: line[:6] for line in listed.splitlines()} == {
        "README.md": "100644",
        "new.txt": "100644",
        "src/app.py": "100644",
        "start.sh": "100755",
    }
    origin.repository.git("fsck", "--strict")


def test_the_same_push_may_be_made_again(origin: Origin, workspace: Workspace) -> None:
    made = commit(workspace)

    for expected in (None, None, made):
        push(workspace, origin.access, made, BRANCH, expected)

    assert origin.repository.branch(BRANCH) == made


def test_our_own_branch_is_replaced(origin: Origin, workspace: Workspace) -> None:
    first, second = two_commits(workspace)
    push(workspace, origin.access, first, BRANCH, None)

    push(workspace, origin.access, second, BRANCH, first)

    assert origin.repository.branch(BRANCH) == second


def test_a_branch_that_exists_is_not_overwritten(origin: Origin, workspace: Workspace) -> None:
    theirs = origin.repository.commit({"x": "x\n"}, branch=BRANCH)

    with pytest.raises(BranchNotOurs, match=f"points at {theirs} and we never pushed it"):
        push(workspace, origin.access, commit(workspace), BRANCH, None)

    assert origin.repository.branch(BRANCH) == theirs


def test_a_branch_that_a_person_changed_is_not_overwritten(
    origin: Origin, workspace: Workspace
) -> None:
    first, second = two_commits(workspace)
    push(workspace, origin.access, first, BRANCH, None)
    theirs = origin.repository.commit({"x": "x\n"}, branch=BRANCH)

    with pytest.raises(BranchNotOurs, match=f"points at {theirs} and we left it at {first}"):
        push(workspace, origin.access, second, BRANCH, first)

    assert origin.repository.branch(BRANCH) == theirs


def test_a_branch_that_a_person_deleted_is_not_made_again(
    origin: Origin, workspace: Workspace
) -> None:
    first, second = two_commits(workspace)
    push(workspace, origin.access, first, BRANCH, None)
    origin.repository.delete_branch(BRANCH)

    with pytest.raises(BranchNotOurs, match="is gone"):
        push(workspace, origin.access, second, BRANCH, first)

    assert origin.repository.branch(BRANCH) is None


@pytest.mark.parametrize(
    "fault",
    [
        Fault(route=PUSH, kind="cut", after_acting=True),
        Fault(route=PUSH, kind="answer", after_acting=True, status=502),
        Fault(route=PUSH, kind="cut", after_acting=True, after_bytes=20),
    ],
)
def test_an_answer_lost_after_the_host_acted_is_no_failure(
    origin: Origin, workspace: Workspace, fault: Fault
) -> None:
    made = commit(workspace)
    origin.server.faults.add(fault)

    push(workspace, origin.access, made, BRANCH, None)

    assert origin.repository.branch(BRANCH) == made
    assert origin.server.faults.pending() == []


def test_a_push_that_never_arrived_can_be_made_again(origin: Origin, workspace: Workspace) -> None:
    made = commit(workspace)
    origin.server.faults.add(Fault(route=PUSH, kind="answer", status=502))

    with pytest.raises(RepositoryUnavailable):
        push(workspace, origin.access, made, BRANCH, None)
    assert origin.repository.branch(BRANCH) is None

    push(workspace, origin.access, made, BRANCH, None)
    assert origin.repository.branch(BRANCH) == made


def test_when_the_look_fails_too_the_host_is_unavailable(
    origin: Origin, workspace: Workspace
) -> None:
    made = commit(workspace)
    origin.server.faults.add(
        Fault(route=PUSH, kind="cut", after_acting=True),
        Fault(route="GET *", kind="answer", status=503, skip=1, times=9),
    )

    with pytest.raises(RepositoryUnavailable):
        push(workspace, origin.access, made, BRANCH, None)


def test_an_answer_lost_while_a_person_took_the_branch_is_told_apart(
    origin: Origin, workspace: Workspace
) -> None:
    theirs = origin.repository.commit({"x": "x\n"}, branch="theirs")
    origin.server.faults.add(Fault(route=PUSH, kind="answer", status=502))
    origin.repository.set_branch(BRANCH, theirs)

    with pytest.raises(BranchNotOurs):
        push(workspace, origin.access, commit(workspace), BRANCH, None)


def hook(origin: Origin, name: str, script: str) -> None:
    path = origin.repository.path / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_refusal_is_given_in_the_hosts_own_words(origin: Origin, workspace: Workspace) -> None:
    words = "error: GH013: Rule violations found. \\033[31mAsk Eve."
    hook(origin, "pre-receive", f"printf '{words}\\n' >&2; exit 1")

    with pytest.raises(PushRefused) as raised:
        push(workspace, origin.access, commit(workspace), BRANCH, None)

    message = raised.value.message
    assert "pre-receive hook declined" in message
    assert "GH013: Rule violations found. Ask Eve" in message
    assert message.isprintable()
    assert origin.repository.branch(BRANCH) is None


def test_a_branch_below_another_branch_is_refused(origin: Origin, workspace: Workspace) -> None:
    with pytest.raises(PushRefused, match="cannot"):
        push(workspace, origin.access, commit(workspace), "main/x", None)


def test_a_token_that_may_only_read_is_not_permitted(origin: Origin, workspace: Workspace) -> None:
    public = origin.server.add_repository("acme/public", {"a": "a\n"})
    assert public.branch("main")
    access = GitAccess(
        origin.server.clone_url("acme/public"), token=origin.access.token, allow_http=True
    )

    with pytest.raises(NotPermitted):
        push(workspace, access, commit(workspace), BRANCH, None)


def test_a_revoked_token_is_told_apart(origin: Origin, workspace: Workspace) -> None:
    access = GitAccess(origin.access.url, token="revoked", allow_http=True)

    with pytest.raises(CodeHostCredentialRefused):
        push(workspace, access, commit(workspace), BRANCH, None)


def test_a_repository_that_is_gone_is_told_apart(origin: Origin, workspace: Workspace) -> None:
    access = GitAccess(
        origin.server.clone_url("acme/gone"), token=origin.access.token, allow_http=True
    )

    with pytest.raises(RepositoryNotFound):
        push(workspace, access, commit(workspace), BRANCH, None)


def test_a_commit_that_is_not_here_is_no_matter_of_the_host(
    origin: Origin, workspace: Workspace
) -> None:
    origin.server.journal.clear()

    with pytest.raises(GitFailed):
        push(workspace, origin.access, "1" * 40, BRANCH, None)

    assert origin.server.journal.requests() == []


@pytest.mark.parametrize(
    "branch",
    ["", "-x", "a b", "a..b", "a/", "/a", "a//b", "a.lock", "a/.b", "a:b", "a^", "+a", "x" * 201,
     "refs\n", "a.", "a@{1}", "ü", "a.lock/b"],
)  # fmt: skip
def test_only_plain_branch_names_are_pushed(
    origin: Origin, workspace: Workspace, branch: str
) -> None:
    origin.server.journal.clear()

    with pytest.raises(PushRefused, match="not a branch name"):
        push(workspace, origin.access, workspace.commit, branch, None)

    assert origin.server.journal.requests() == []


def test_nothing_of_the_host_is_kept_after_a_push(origin: Origin, workspace: Workspace) -> None:
    push(workspace, origin.access, commit(workspace), BRANCH, None)

    assert not list(workspace.root.glob("credential-*"))
    token = str(origin.access.token).encode()
    for path in workspace.root.rglob("*"):
        if path.is_file():
            assert token not in path.read_bytes(), path


# --- a base that moved -------------------------------------------------------------------------


def rebased(origin: Origin, workspace: Workspace, files: Files) -> tuple[str, dict[str, str]]:
    """The tree of our change on a base that moved by ``files``, and its files."""
    patch = change(workspace)
    head = origin.repository.commit(files)
    tree = rebase(workspace, patch.content, head, origin.access)
    names = workspace.git.run("ls-tree", "-r", "--name-only", tree).decode().split()
    return tree, {
        name: workspace.git.run("cat-file", "blob", f"{tree}:{name}").decode() for name in names
    }


def test_a_change_follows_a_base_that_moved_elsewhere(origin: Origin, workspace: Workspace) -> None:
    lines = [f"line {number}\n" for number in range(40)]
    moved = "".join(["added above\n", *lines])

    tree, files = rebased(origin, workspace, {"src/app.py": moved, "theirs.txt": "theirs\n"})

    assert files["src/app.py"] == moved.replace("line 20\n", "LINE 20\n")
    assert files["theirs.txt"] == "theirs\n"
    assert files["new.txt"] == "new\n"
    assert "old.txt" not in files
    made = commit_patch(workspace, tree, origin.head, "Tidy", AUTHOR)
    push(workspace, origin.access, made, BRANCH, None)
    assert origin.repository.git("merge-base", "main", made).decode().strip() == origin.head


def test_a_change_near_ours_is_merged_where_lines_do_not_touch(
    origin: Origin, workspace: Workspace
) -> None:
    lines = [f"line {number}\n" for number in range(40)]
    lines[23] = "theirs\n"

    _, files = rebased(origin, workspace, {"src/app.py": "".join(lines)})

    lines[20] = "LINE 20\n"
    assert files["src/app.py"] == "".join(lines)


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"src/app.py": "entirely\ndifferent\n"}, "src/app.py"),
        ({"src/app.py": None}, "src/app.py"),
        ({"new.txt": "another\n"}, "new.txt"),
        ({"old.txt": "changed\n"}, "old.txt"),
    ],
)
def test_a_conflict_with_the_base_names_the_file(
    origin: Origin, workspace: Workspace, files: Files, where: str
) -> None:
    with pytest.raises(BaseConflict, match=f"conflicts with the patch in {where}"):
        rebased(origin, workspace, files)


def test_a_file_that_they_moved_is_a_conflict_and_no_guess(
    origin: Origin, workspace: Workspace
) -> None:
    moved: Files = {"src/app.py": None, ".github/workflows/app.yml": FILES["src/app.py"]}

    with pytest.raises(BaseConflict, match="app"):
        rebased(origin, workspace, moved)


def test_a_change_that_the_base_already_has_gives_its_own_tree(
    origin: Origin, workspace: Workspace
) -> None:
    app = str(FILES["src/app.py"]).replace("line 20\n", "LINE 20\n")
    script = FixtureFile(b"#!/bin/sh\n", "100755")
    theirs: Files = {"src/app.py": app, "new.txt": "new\n", "old.txt": None, "run.sh": None,
                     "start.sh": script, "more.txt": "more\n"}  # fmt: skip

    tree, _ = rebased(origin, workspace, theirs)

    assert tree == workspace.tree_of(origin.head)


def test_what_attributes_say_of_merging_is_not_asked(server: GitServer, tmp_path: Path) -> None:
    files: Files = {"a.txt": "one\n", ".gitattributes": "* merge=union\n"}
    origin = serve(server, tmp_path, files)
    workspace = origin.check_out()
    (workspace.tree_path / "a.txt").write_text("ours\n")
    patch = make_patch(workspace)
    assert patch is not None
    head = origin.repository.commit({"a.txt": "theirs\n"})

    with pytest.raises(BaseConflict):
        rebase(workspace, patch.content, head, origin.access)


def test_a_base_that_vanished_is_told(origin: Origin, workspace: Workspace) -> None:
    with pytest.raises(BranchNotFound):
        rebase(workspace, change(workspace).content, "1" * 40, origin.access)


def test_a_rebase_made_again_gives_the_same(origin: Origin, workspace: Workspace) -> None:
    patch = change(workspace)
    head = origin.repository.commit({"theirs.txt": "theirs\n"})

    trees = {rebase(workspace, patch.content, head, origin.access) for _ in range(2)}

    assert len(trees) == 1
