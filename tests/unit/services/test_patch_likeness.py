"""Two patches of one commit, compared without an opinion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.services.patch_files import PatchFile, read_patch
from codybatch.services.patch_likeness import (
    Hits,
    Likeness,
    agreement,
    changed_lines,
    files_of,
    hits,
    likeness,
)
from tests.statistics_kit import said, sampled, unsaid

OLD = [b"one", b"two", b"three", b"four", b"five", b"six", b"seven", b"eight", b"nine", b"ten"]
RENAMED = b"diff --git a/x.py b/y.py\nsimilarity index 100%\nrename from x.py\nrename to y.py\n"
BINARY = b"diff --git a/i.png b/i.png\nGIT binary patch\nliteral 3\nKcmZQz\n\n"

Files = tuple[PatchFile, ...]


def edited(*changes: tuple[int, int, bytes], path: bytes = b"a.py") -> Files:
    """A patch without context that replaces ``count`` lines from ``line`` on (count, 0: inserts
    before it) by one other line; none for a removal.
    """
    text, moved = b"diff --git a/%b b/%b\n--- a/%b\n+++ b/%b\n" % (path, path, path, path), 0
    for line, count, new in changes:
        # git-diff(1): where a side is empty, its number is that of the line before.
        old_start, added = line - (count == 0), int(bool(new))
        new_start = line + moved - (added == 0)
        text += b"@@ -%d,%d +%d,%d @@\n" % (old_start, count, new_start, added)
        text += b"".join(b"-%b\n" % one for one in OLD[line - 1 : line - 1 + count])
        text += b"+%b\n" % new if new else b""
        moved += added - count
    return read_patch(text)


def in_context(line: int, new: bytes) -> Files:
    """A patch as git writes it, with three lines around, that replaces one line."""
    before, after = OLD[max(0, line - 4) : line - 1], OLD[line : line + 3]
    start, size = line - len(before), len(before) + 1 + len(after)
    text = b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -%d,%d +%d,%d @@\n" % (
        *(start, size),
        *(start, size),
    )
    text += b"".join(b" %b\n" % one for one in before)
    text += b"-%b\n+%b\n" % (OLD[line - 1], new)
    return read_patch(text + b"".join(b" %b\n" % one for one in after))


def test_the_same_patch_is_the_same() -> None:
    patch = edited((3, 1, b"THREE"), (7, 2, b"SEVEN"))

    assert likeness(patch, patch) == Likeness(same_files=True, files=1.0, lines=1.0)


def test_context_does_not_count() -> None:
    assert changed_lines(in_context(5, b"FIVE")) == {(b"a.py", b"-five"), (b"a.py", b"+FIVE")}
    assert likeness(in_context(5, b"FIVE"), edited((5, 1, b"FIVE"))).lines == 1.0


def test_lines_are_compared_as_sets() -> None:
    """Of -three, +X, -three, +Y three are different, and one is shared."""
    assert likeness(edited((3, 1, b"X")), edited((3, 1, b"Y"))).lines == pytest.approx(1 / 3)


def test_the_same_line_in_another_file_is_another() -> None:
    one, other = edited((3, 1, b"X")), edited((3, 1, b"X"), path=b"b.py")

    assert likeness(one, other) == Likeness(same_files=False, files=0.0, lines=0.0)
    assert likeness(one, one + other).files == 0.5


def test_two_that_change_nothing_are_the_same() -> None:
    assert likeness((), ()) == Likeness(same_files=True, files=1.0, lines=1.0)
    assert likeness((), edited((1, 1, b"X"))) == Likeness(False, 0.0, 0.0)


def test_a_file_without_lines_has_only_a_name() -> None:
    renamed, binary = read_patch(RENAMED), read_patch(BINARY)

    assert files_of(renamed) == {b"x.py", b"y.py"}
    assert "line of text" in unsaid(likeness(binary, binary).lines)
    assert likeness(binary, binary).same_files
    assert likeness(binary, edited((1, 1, b"X"))).lines == 0.0


def test_repetitions_agree_as_far_as_their_pairs_do() -> None:
    told = said(agreement([edited((3, 1, b"X")), edited((3, 1, b"X")), ()]))

    assert told.pairs == 3
    assert told.same_files == pytest.approx(1 / 3)
    assert said(told.lines) == pytest.approx(1 / 3)


def test_one_patch_has_nothing_to_agree_with() -> None:
    assert "fewer than two" in unsaid(agreement([edited((3, 1, b"X"))]))
    assert "fewer than two" in unsaid(agreement([]))


def test_binary_patches_agree_by_their_names_alone() -> None:
    told = said(agreement([read_patch(BINARY)] * 2))

    assert told.same_files == 1
    assert "line of text" in unsaid(told.lines)


REFERENCE = edited((2, 1, b"TWO"), (8, 2, b"EIGHT"))


def test_a_reference_hits_itself() -> None:
    assert hits(REFERENCE, REFERENCE) == Hits(1, 1, 0, 2, 2)


@pytest.mark.parametrize(
    ("patch", "hunks"),
    [
        (edited((2, 1, b"else")), 1),
        (edited((9, 1, b"")), 1),
        (edited((1, 10, b"")), 2),
        (edited((3, 0, b"after two")), 1),
        (edited((2, 0, b"before two")), 1),
        (edited((5, 1, b"FIVE")), 0),
        (edited((5, 0, b"between four and five")), 0),
        (in_context(5, b"FIVE"), 0),
        (in_context(2, b"else"), 1),
    ],
    ids=[
        "one line of it", "the end of it", "all around it", "a line after", "a line before",
        "elsewhere", "between", "only by context", "with context",
    ],
)  # fmt: skip
def test_a_place_is_hit_where_both_change_or_adjoin(patch: Files, hunks: int) -> None:
    assert hits(patch, REFERENCE).hunks == hunks


def test_two_insertions_at_the_same_place_hit() -> None:
    reference = edited((4, 0, b"new"))

    assert hits(edited((4, 0, b"other")), reference).hunks == 1
    assert hits(edited((5, 0, b"other")), reference).hunks == 0


def test_other_files_are_counted_besides() -> None:
    told = hits(edited((2, 1, b"X"), path=b"b.py"), REFERENCE)

    assert told == Hits(0, 1, 1, 0, 2)
    assert said(told.part_of_files) == said(told.part_of_hunks) == 0


def test_a_reference_without_lines_has_no_places() -> None:
    told = hits(read_patch(BINARY), read_patch(BINARY))

    assert said(told.part_of_files) == 1
    assert "no line" in unsaid(told.part_of_hunks)
    assert "no file" in unsaid(hits(REFERENCE, ()).part_of_files)


CHANGES = st.lists(
    st.tuples(st.integers(1, 10), st.integers(0, 1), st.sampled_from([b"X", b"Y", b"Z"])),
    unique_by=lambda change: change[0],
    max_size=4,
).map(lambda changes: edited(*sorted(changes)) if changes else ())


@sampled
@given(CHANGES, CHANGES)
def test_likeness_is_the_same_both_ways_and_a_part(one: Files, other: Files) -> None:
    told = likeness(one, other)

    assert told == likeness(other, one)
    assert 0 <= said(told.lines) <= 1
    assert (said(told.lines) == 1) is (changed_lines(one) == changed_lines(other))
    assert hits(one, other).hunks <= hits(one, other).hunks_of_reference


def test_a_hunk_that_changes_nothing_is_no_place() -> None:
    idle = read_patch(b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n one\n")

    assert hits(REFERENCE, idle).hunks_of_reference == 0
