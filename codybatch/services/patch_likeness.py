"""What can be said of two patches of one commit without an opinion: files, lines and places.

For how far repetitions agree with each other, and with a patch that is known to be right. Both must
be patches of the same commit, so that their line numbers mean the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Protocol

from codybatch.domain.unsaid import CannotBeSaid


class ReadHunk(Protocol):
    """A hunk of a patch that was read."""

    @property
    def old_start(self) -> int:
        """The number of its first line before the change."""

    @property
    def first(self) -> int:
        """Of its lines in those of its file."""

    @property
    def stop(self) -> int:
        """Behind the last of them."""


class ReadFile(Protocol):
    """A file of a patch that was read; ``codybatch.services.patch_files.PatchFile`` is one."""

    @property
    def old_path(self) -> bytes:
        """Before the change."""

    @property
    def path(self) -> bytes:
        """After it."""

    @property
    def hunks(self) -> Sequence[ReadHunk]:
        """In order; none where no text changes."""

    @property
    def lines(self) -> Sequence[bytes]:
        """Of all hunks, each with its ``+``, ``-`` or space."""


Diff = Sequence[ReadFile]
"""All files of a patch; empty where it changes nothing."""

_ADDED, _REMOVED = b"+", b"-"


def files_of(diff: Diff) -> frozenset[bytes]:
    """The files that a patch touches: a renamed one under both its names."""
    return frozenset(name for file in diff for name in (file.old_path, file.path))


def changed_lines(diff: Diff) -> frozenset[tuple[bytes, bytes]]:
    """The added and removed lines, each with its file and its sign, wherever it stands in it."""
    return frozenset(
        (file.path, line)
        for file in diff
        for line in file.lines
        if line.startswith((_ADDED, _REMOVED))
    )


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far two patches are the same."""

    same_files: bool
    files: float
    """Files that both touch, as a part of those that either does (0 to 1)."""
    lines: float | CannotBeSaid
    """The same of added and removed lines (Jaccard 1901)."""


def likeness(one: Diff, other: Diff) -> Likeness:
    """How far two patches are the same. Two that change nothing are; of files without lines, such
    as binary ones, only the names are compared.
    """
    files = files_of(one), files_of(other)
    lines = changed_lines(one), changed_lines(other)
    if any(lines) or not any(files):
        shared: float | CannotBeSaid = float(_jaccard(*lines))
    else:
        shared = CannotBeSaid("Neither patch holds a line of text.")
    return Likeness(files[0] == files[1], float(_jaccard(*files)), shared)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the repetitions on one repository agree: means over all pairs of them."""

    pairs: int
    same_files: float
    """The part of the pairs that touch the same files."""
    lines: float | CannotBeSaid
    """The mean likeness of lines, over the pairs of which that can be said."""


def agreement(diffs: Sequence[Diff]) -> Agreement | CannotBeSaid:
    """How far patches agree with each other.

    Args:
        diffs: the patch of each repetition; empty where it changed nothing.
    """
    pairs = [likeness(*pair) for pair in combinations(diffs, 2)]
    if not pairs:
        return CannotBeSaid("There are fewer than two patches.")
    lines = [one.lines for one in pairs if not isinstance(one.lines, CannotBeSaid)]
    return Agreement(
        pairs=len(pairs),
        same_files=sum(one.same_files for one in pairs) / len(pairs),
        lines=sum(lines) / len(lines)
        if lines
        else CannotBeSaid("None of the patches holds a line of text."),
    )


@dataclass(frozen=True, slots=True)
class Hits:
    """What a patch touches of a reference patch, and what besides."""

    files: int
    files_of_reference: int
    files_besides: int
    """That the reference leaves alone."""
    hunks: int
    hunks_of_reference: int

    @property
    def part_of_files(self) -> float | CannotBeSaid:
        """The part of the reference's files that is touched."""
        return _part(self.files, self.files_of_reference, "The reference changes no file.")

    @property
    def part_of_hunks(self) -> float | CannotBeSaid:
        """The part of the reference's places that is touched."""
        return _part(self.hunks, self.hunks_of_reference, "The reference changes no line of text.")


def hits(diff: Diff, reference: Diff) -> Hits:
    """Which places of a reference patch are touched: lines of the commit that both change, or that
    adjoin what the other changes, whatever they write there.
    """
    files, wanted = files_of(diff), files_of(reference)
    touched: defaultdict[bytes, set[int]] = defaultdict(set)
    for file in diff:
        touched[file.old_path].update(*_places(file))
    places = [(file.old_path, place) for file in reference for place in _places(file)]
    return Hits(
        files=len(files & wanted),
        files_of_reference=len(wanted),
        files_besides=len(files - wanted),
        hunks=sum(bool(touched[path] & place) for path, place in places if path in touched),
        hunks_of_reference=len(places),
    )


def _places(file: ReadFile) -> Iterator[frozenset[int]]:
    """Where each hunk changes the old file: even numbers are its lines, odd ones the gaps between.

    A change of lines also touches the gaps around them, so that a line that is inserted beside
    another is at the same place as a change of that other.
    """
    for hunk in file.hunks:
        place: set[int] = set()
        # A hunk without old lines says after which line it inserts: git-diff(1), unified format.
        old = file.lines[hunk.first : hunk.stop]
        line = hunk.old_start + all(one.startswith(_ADDED) for one in old)
        for one in old:
            if one.startswith(_ADDED):
                place.add(2 * line - 1)
                continue
            if one.startswith(_REMOVED):
                place.update((2 * line - 1, 2 * line, 2 * line + 1))
            line += 1
        if place:
            yield frozenset(place)


def _jaccard(one: frozenset[object], other: frozenset[object]) -> Fraction:
    either = len(one | other)
    return Fraction(len(one & other), either) if either else Fraction(1)


def _part(some: int, every: int, none: str) -> float | CannotBeSaid:
    return some / every if every else CannotBeSaid(none)
