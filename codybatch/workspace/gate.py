"""The gate: what a person should look at before a patch is published.

It looks at the result of applying the patch to the pinned commit, as git sees it, and not at the
patch's text, so that what it inspects is what a push would carry. It withholds; it changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from codybatch.domain.publication import GateFinding, GateRule
from codybatch.workspace.changes import Change, changes_and_patch
from codybatch.workspace.checkout import Workspace
from codybatch.workspace.hunks import FileLines, lines_of
from codybatch.workspace.invisible import invisible_in
from codybatch.workspace.manifest import EXECUTABLE
from codybatch.workspace.patch import apply_patch, scratch
from codybatch.workspace.paths import shown
from codybatch.workspace.processes import Bounds
from codybatch.workspace.secrets_in_lines import SecretFinder, secrets_in
from codybatch.workspace.sensitive_paths import why_sensitive


@dataclass(frozen=True)
class GateLimits:
    """From what size on a person should look at a patch.

    Arguments:
        max_files: changed files.
        max_lines: added and removed lines of text files.
        max_bytes: of the patch.
        max_findings_a_rule: more than that are counted, not listed.
    """

    max_files: int = 300
    max_lines: int = 20_000
    max_bytes: int = 4 << 20
    max_findings_a_rule: int = 50


@dataclass(frozen=True)
class _Inspected:
    """A patch, applied: what it changes, and the lines it shows."""

    patch: bytes
    changes: Sequence[Change]
    files: Sequence[FileLines]
    ignored: set[str]


def inspect(
    patch: bytes,
    workspace: Workspace,
    scanner: SecretFinder,
    limits: GateLimits | None = None,
    bounds: Bounds | None = None,
) -> tuple[GateFinding, ...]:
    """What the gate finds in a patch, in the order of the rules; nothing means it may pass.

    Arguments:
        patch: against the workspace's pinned commit.
        workspace: where the pinned commit is; for ignore rules, its work tree too.
        scanner: finds secrets.
        limits: of size.
        bounds: time and call-off, for each call of git.

    Raises:
        PatchDoesNotApply: it does not fit the commit.
        GitFailed: git could not compare.
        CalledOff: the bounds' abort event was set.
    """
    limits = limits or GateLimits()
    with scratch(workspace) as folder:
        inspected = _applied(patch, workspace, folder / "index", bounds)
    return tuple(
        _capped(
            [
                *_secrets(inspected, scanner),
                *_kinds(inspected),
                *_size(inspected, limits),
                *_sensitive(inspected),
                *_invisible(inspected),
                *_ignored(inspected),
            ],
            limits.max_findings_a_rule,
        )
    )


def _applied(patch: bytes, workspace: Workspace, index: Path, bounds: Bounds | None) -> _Inspected:
    apply_patch(workspace, patch, index, bounds)
    found, text = changes_and_patch(
        workspace.git, workspace.commit, index, "--numstat", bounds=bounds
    )
    new = [change.path for change in found if change.is_new]
    ignored = _ignored_paths(workspace, new, bounds)
    return _Inspected(patch, found, tuple(lines_of(text)), ignored)


def _ignored_paths(workspace: Workspace, new: Sequence[str], bounds: Bounds | None) -> set[str]:
    if not new:
        return set()
    # With "./" no name is taken for a pattern; the command refuses to be told so otherwise.
    names = b"".join(b"./" + path.encode("utf-8", "surrogateescape") + b"\0" for path in new)
    ignored = workspace.git.run(
        *("check-ignore", "--no-index", "--stdin", "-z"),
        given=names,
        variables={"GIT_LITERAL_PATHSPECS": "0"},
        accept={0, 1},  # 1 says that none is ignored
        bounds=bounds,
    )
    return {name[2:].decode("utf-8", "surrogateescape") for name in ignored.split(b"\0")[:-1]}


def _secrets(inspected: _Inspected, scanner: SecretFinder) -> Iterator[GateFinding]:
    for file in inspected.files:
        for line, rule in secrets_in(scanner, file.new):
            message = f"An added line looks like it holds a secret ({rule})."
            yield _finding(GateRule.SECRET, file.path, message, line)


def _kinds(inspected: _Inspected) -> Iterator[GateFinding]:
    for change in inspected.changes:
        if change.touches_submodule:
            yield _finding(GateRule.SUBMODULE, change.path, "A submodule is added or changed.")
        elif change.leaves_symlink:
            message = "A symbolic link is added or changed; it may lead anywhere."
            yield _finding(GateRule.SYMLINK, change.path, message)
        if mode := _mode_message(change):
            yield _finding(GateRule.MODE, change.path, mode)
        if change.is_binary and not change.is_deleted:
            message = "A binary file is added or changed; no diff shows what it holds."
            yield _finding(GateRule.BINARY, change.path, message)


def _mode_message(change: Change) -> str | None:
    if change.is_deleted:
        return None
    if change.is_new:
        return "A new file is executable." if change.new_mode == EXECUTABLE else None
    if change.old_mode != change.new_mode:
        return f"The mode changes from {change.old_mode} to {change.new_mode}."
    return None


def _size(inspected: _Inspected, limits: GateLimits) -> Iterator[GateFinding]:
    lines = sum(file.old.count() + file.new.count() for file in inspected.files)
    for figure, limit, unit in (
        (len(inspected.changes), limits.max_files, "changed files"),
        (lines, limits.max_lines, "changed lines"),
        (len(inspected.patch), limits.max_bytes, "bytes"),
    ):
        if figure > limit:
            message = f"The patch has {figure:,} {unit}; up to {limit:,} pass without a look."
            yield _finding(GateRule.SIZE, "", message)


def _sensitive(inspected: _Inspected) -> Iterator[GateFinding]:
    for change in inspected.changes:
        if kind := why_sensitive(change.path):
            yield _finding(GateRule.SENSITIVE_PATH, change.path, f"It is {kind}.")


def _invisible(inspected: _Inspected) -> Iterator[GateFinding]:
    for change in inspected.changes:
        if not change.is_deleted and (names := invisible_in(change.path)):
            message = f"The name holds {', '.join(names)}."
            yield _finding(GateRule.INVISIBLE_CHARACTER, change.path, message)
    for file in inspected.files:
        side = file.new
        for number, line, changed in zip(side.numbers, side.lines, side.changed, strict=True):
            if not changed:
                continue
            text = line.decode("utf-8", "replace")
            if names := invisible_in(text, first_line=number == 1):
                message = f"An added line holds {', '.join(names)}."
                yield _finding(GateRule.INVISIBLE_CHARACTER, file.path, message, number)


def _ignored(inspected: _Inspected) -> Iterator[GateFinding]:
    for change in inspected.changes:
        if change.path in inspected.ignored:
            message = "The repository ignores this new file; is it meant to be kept?"
            yield _finding(GateRule.IGNORED_FILE, change.path, message)


def _finding(rule: GateRule, path: str, message: str, line: int | None = None) -> GateFinding:
    return GateFinding(rule=rule, path=shown(path), line=line, message=message)


def _capped(findings: Iterable[GateFinding], most: int) -> Iterator[GateFinding]:
    count: Counter[GateRule] = Counter()
    for finding in findings:
        count[finding.rule] += 1
        if count[finding.rule] <= most:
            yield finding
    for rule, found in count.items():
        if found > most:
            yield _finding(rule, "", f"{found - most:,} more of these are not listed.")
