from __future__ import annotations

from pathlib import Path

import pytest

from codybatch.domain.errors import PatchDoesNotApply
from codybatch.domain.publication import GateFinding, GateRule
from codybatch.standins.git import Files, FixtureFile, GitServer
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.gate import GateLimits, inspect
from codybatch.workspace.patch import make_patch
from codybatch.workspace.secret_scanner import SecretScanner
from tests.workspace_kit import TOKEN_KEY, serve

KEY = "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n"
BODY = "MIIEpAIBAAKCAQEA7bq8yKx1pC3v0JtX9mQ2rZ4wLsNf6hGdUeYkTiOaPcBvRxWz"
FILES: Files = {
    "src/app.py": "one\ntwo\nthree\n",
    "settings.py": f'key = "{TOKEN_KEY}"\nb = 2\n',
    "key.pem": KEY.format("MIIEpAIBAAKCAQEA1111111111qQwWeErRtTyYuUiIoOpPaAsSdDfFgGhHjJkKlL"),
    "run.sh": FixtureFile(b"#!/bin/sh\n", "100755"),
    "link": FixtureFile(b"src/app.py", "120000"),
    "logo.png": b"\0\1\2",
    "bom.cs": "\ufeffusing System;\n",
    "CODEOWNERS": "* @acme/owners\n",
    "yarn.lock": "# locked\n",
    ".gitignore": "build/\n*.log\n!keep.log\n",
}


@pytest.fixture
def workspace(server: GitServer, tmp_path: Path) -> Workspace:
    return serve(server, tmp_path, FILES).check_out()


def found(workspace: Workspace, limits: GateLimits | None = None) -> list[GateFinding]:
    """What the gate finds in the work tree's patch."""
    patch = make_patch(workspace)
    assert patch is not None
    findings = inspect(patch.content, workspace, SecretScanner(), limits)
    for finding in findings:
        assert GateFinding.model_validate_json(finding.to_json()) == finding
    return list(findings)


def brief(findings: list[GateFinding]) -> list[tuple[GateRule, str, int | None]]:
    return [(finding.rule, finding.path, finding.line) for finding in findings]


def test_an_ordinary_change_passes(workspace: Workspace) -> None:
    tree = workspace.tree_path
    (tree / "src/app.py").write_text("one\nTWO\nthree\n")
    (tree / "src/new.py").write_text("# größe ❤️\n")
    (tree / "run.sh").write_text("#!/bin/sh\necho\n")
    (tree / "keep.log").write_text("kept\n")
    (tree / "bom.cs").write_text("\ufeffusing System.Text;\n")
    (tree / "logo.png").unlink()
    (tree / "link").unlink()

    assert found(workspace) == []


def test_a_secret_in_an_added_line_is_found_and_not_repeated(workspace: Workspace) -> None:
    (workspace.tree_path / "src/app.py").write_text(f'one\ntwo\nkey = "{TOKEN_KEY}"\nthree\n')

    (finding,) = found(workspace)

    assert (finding.rule, finding.path, finding.line) == (GateRule.SECRET, "src/app.py", 3)
    assert "aws-access-key-id" in finding.message
    assert TOKEN_KEY not in finding.message


def test_a_secret_that_was_there_before_does_not_withhold_the_line_beside_it(
    workspace: Workspace,
) -> None:
    (workspace.tree_path / "settings.py").write_text(f'key = "{TOKEN_KEY}"\nb = 3\n')

    assert found(workspace) == []


def test_the_body_of_a_key_is_known_by_the_unchanged_line_above_it(workspace: Workspace) -> None:
    (workspace.tree_path / "key.pem").write_text(KEY.format(BODY))

    assert brief(found(workspace)) == [(GateRule.SECRET, "key.pem", 2)]


def test_a_removed_secret_does_not_withhold(workspace: Workspace) -> None:
    (workspace.tree_path / "settings.py").write_text("b = 2\n")

    assert found(workspace) == []


def test_links_added_changed_or_made_of_files_are_found(workspace: Workspace) -> None:
    (workspace.tree_path / "link").write_bytes(b"/etc/passwd")
    (workspace.tree_path / "new").symlink_to("/etc/passwd")
    (workspace.tree_path / "src/app.py").unlink()
    (workspace.tree_path / "src/app.py").symlink_to("../run.sh")
    workspace.git.run("config", "core.symlinks", "true")

    assert brief(found(workspace)) == [
        (GateRule.SYMLINK, "link", None),
        (GateRule.SYMLINK, "new", None),
        (GateRule.SYMLINK, "src/app.py", None),
        (GateRule.MODE, "src/app.py", None),
    ]


def test_changed_modes_and_new_executables_are_found(workspace: Workspace) -> None:
    tree = workspace.tree_path
    (tree / "src/app.py").chmod(0o755)
    (tree / "run.sh").chmod(0o644)
    (tree / "tool").write_text("#!/bin/sh\n")
    (tree / "tool").chmod(0o755)

    assert [(finding.path, finding.message) for finding in found(workspace)] == [
        ("run.sh", "The mode changes from 100755 to 100644."),
        ("src/app.py", "The mode changes from 100644 to 100755."),
        ("tool", "A new file is executable."),
    ]


def test_binary_files_are_found_whatever_attributes_say(workspace: Workspace) -> None:
    tree = workspace.tree_path
    (tree / "logo.png").write_bytes(b"\0\1\3")
    (tree / "wide.txt").write_bytes(f"key = {TOKEN_KEY}".encode("utf-16"))
    (tree / "src/.gitattributes").write_text("* diff text\n")
    (tree / "src/blob").write_bytes(b"a\0b")

    findings = found(workspace)

    assert [f.path for f in findings if f.rule is GateRule.BINARY] == [
        "logo.png", "src/blob", "wide.txt",
    ]  # fmt: skip


def test_text_cannot_be_declared_binary_to_hide_it(workspace: Workspace) -> None:
    (workspace.tree_path / ".gitattributes").write_text("* binary -diff\n")
    (workspace.tree_path / "src/app.py").write_text(f'key = "{TOKEN_KEY}"\n')

    assert (GateRule.SECRET, "src/app.py", 1) in brief(found(workspace))


def test_a_submodule_in_a_patch_from_elsewhere_is_found(workspace: Workspace) -> None:
    patch = (
        "diff --git a/lib b/lib\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n"
        f"+++ b/lib\n@@ -0,0 +1 @@\n+Subproject commit {'1' * 40}\n"
    )

    findings = inspect(patch.encode(), workspace, SecretScanner())

    assert brief(list(findings)) == [(GateRule.SUBMODULE, "lib", None)]


@pytest.mark.parametrize(
    ("limits", "figure"),
    [
        (GateLimits(max_files=1), "2 changed files"),
        (GateLimits(max_lines=5), "6 changed lines"),
        (GateLimits(max_bytes=100), "bytes"),
    ],
)
def test_a_large_patch_is_found(workspace: Workspace, limits: GateLimits, figure: str) -> None:
    (workspace.tree_path / "src/app.py").write_text("a\nb\n")
    (workspace.tree_path / "new").write_text("x\n")

    (finding,) = found(workspace, limits)

    assert (finding.rule, finding.path) == (GateRule.SIZE, "")
    assert figure in finding.message


def test_a_patch_of_just_the_limits_passes(workspace: Workspace) -> None:
    (workspace.tree_path / "src/app.py").write_text("a\nb\n")
    patch = make_patch(workspace)
    assert patch is not None

    exact = GateLimits(max_files=1, max_lines=5, max_bytes=len(patch.content))

    assert inspect(patch.content, workspace, SecretScanner(), exact) == ()


def test_sensitive_paths_are_found_when_added_changed_or_deleted(workspace: Workspace) -> None:
    tree = workspace.tree_path
    (tree / ".github/workflows").mkdir(parents=True)
    (tree / ".github/workflows/ci.yml").write_text("on: push\n")
    (tree / "yarn.lock").write_text("# unlocked\n")
    (tree / "CODEOWNERS").unlink()

    assert brief(found(workspace)) == [
        (GateRule.SENSITIVE_PATH, ".github/workflows/ci.yml", None),
        (GateRule.SENSITIVE_PATH, "CODEOWNERS", None),
        (GateRule.SENSITIVE_PATH, "yarn.lock", None),
    ]


def test_invisible_characters_are_found_in_lines_and_names(workspace: Workspace) -> None:
    tree = workspace.tree_path
    (tree / "src/app.py").write_text("one\nif admin\u202e: \u2066pass\nthree\n")
    (tree / "a\u200bb.py").write_text("x\n")

    findings = found(workspace)

    assert brief(findings) == [
        (GateRule.INVISIBLE_CHARACTER, "a\\u200bb.py", None),
        (GateRule.INVISIBLE_CHARACTER, "src/app.py", 2),
    ]
    assert "RIGHT-TO-LEFT OVERRIDE" in findings[1].message
    assert "\u202e" not in findings[1].message


def test_an_invisible_character_that_was_there_before_is_not_held_against_the_change(
    server: GitServer, tmp_path: Path
) -> None:
    workspace = serve(server, tmp_path, {"a.py": "x\u202e\nb\n"}).check_out()
    (workspace.tree_path / "a.py").write_text("x\u202e\nB\n")

    assert found(workspace) == []


def test_new_files_that_the_repository_ignores_are_found(workspace: Workspace) -> None:
    tree = workspace.tree_path
    (tree / "build").mkdir()
    (tree / "build/out.js").write_text("x\n")
    (tree / "debug.log").write_text("x\n")
    (tree / "keep.log").write_text("x\n")
    (tree / "[d]*.txt").write_text("x\n")
    (tree / ":(top,glob)*.log").write_text("x\n")

    assert brief(found(workspace)) == [
        (GateRule.IGNORED_FILE, ":(top,glob)*.log", None),
        (GateRule.IGNORED_FILE, "build/out.js", None),
        (GateRule.IGNORED_FILE, "debug.log", None),
    ]


def test_a_name_that_is_not_utf8_can_be_reported(workspace: Workspace) -> None:
    (workspace.tree_path / "caf\udce9.log").write_text(f"{TOKEN_KEY}\n")

    assert brief(found(workspace)) == [
        (GateRule.SECRET, "caf\\xe9.log", 1),
        (GateRule.IGNORED_FILE, "caf\\xe9.log", None),
    ]


def test_many_findings_of_a_rule_are_counted_not_listed(workspace: Workspace) -> None:
    for number in range(60):
        (workspace.tree_path / f"{number:02}.log").write_text("x\n")

    findings = found(workspace)

    assert len(findings) == 51
    assert findings[-1].message == "10 more of these are not listed."


def test_a_patch_that_does_not_apply_is_not_inspected(workspace: Workspace) -> None:
    with pytest.raises(PatchDoesNotApply):
        inspect(b"diff --git a/x b/x\n", workspace, SecretScanner())


def test_the_gate_leaves_the_workspace_as_it_was(workspace: Workspace) -> None:
    (workspace.tree_path / "src/app.py").write_text("changed\n")
    index = workspace.index.read_bytes()

    found(workspace)

    assert workspace.index.read_bytes() == index
    assert not list(workspace.root.glob("scratch-*"))
