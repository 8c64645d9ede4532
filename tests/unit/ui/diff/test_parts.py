"""Parts for display lose no line, and compare what stands beside each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from codybatch.services.patch_files import PatchFile, read_patch
from codybatch.ui.diff.parts import Part, parts_of

HEAD = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n"


def file_of(*hunks: tuple[int, int, list[bytes]]) -> PatchFile:
    """A file of a patch: where each hunk begins, and its lines."""
    patch = HEAD
    for old, new, lines in hunks:
        olds = sum(line[:1] != b"+" for line in lines)
        news = sum(line[:1] != b"-" for line in lines)
        patch += b"@@ -%d,%d +%d,%d @@ def f():\n" % (old, olds, new, news)
        patch += b"".join(line + b"\n" for line in lines)
    (file,) = read_patch(patch)
    return file


def numbered(file: PatchFile, parts: list[Part]) -> tuple[list[tuple[int, bytes]], ...]:
    """Old and new lines with their numbers, as the blocks of the parts say them."""
    sides: tuple[list[tuple[int, bytes]], ...] = ([], [])
    for part in parts:
        for block in part.blocks:
            at = [block.old_start, block.new_start]
            for number in (number for one in block.ranges for number in one):
                line = file.lines[number]
                for side, other in ((0, b"+"), (1, b"-")):
                    if line[:1] != other:
                        sides[side].append((at[side], line[1:]))
                        at[side] += 1
            assert at == [block.old_start + block.old_count, block.new_start + block.new_count]
    return sides


def expected(*hunks: tuple[int, int, list[bytes]]) -> tuple[list[tuple[int, bytes]], ...]:
    old = [
        (first + index, line[1:])
        for first, _, lines in hunks
        for index, line in enumerate(line for line in lines if line[:1] != b"+")
    ]
    new = [
        (first + index, line[1:])
        for _, first, lines in hunks
        for index, line in enumerate(line for line in lines if line[:1] != b"-")
    ]
    return old, new


LINES = st.lists(
    st.builds(
        lambda kind, number: b"%s%d" % (kind, number),
        st.sampled_from([b"+", b"-", b" "]),
        st.integers(0, 99),
    ),
    max_size=60,
)


@given(st.lists(LINES, max_size=5), st.integers(1, 12))
def test_the_parts_hold_every_line_of_both_sides_once_in_order_with_its_number(
    contents: list[list[bytes]], most: int
) -> None:
    hunks = [(1 + 100 * index, 1 + 200 * index, lines) for index, lines in enumerate(contents)]
    file = file_of(*hunks)

    parts = parts_of(file.hunks, file.kinds, most)

    assert numbered(file, parts) == expected(*hunks)
    assert all(0 < part.lines <= most + 1 for part in parts)
    assert sum(part.lines for part in parts) == len(file.lines)


def test_small_hunks_share_a_part_and_keep_their_headings() -> None:
    hunks = [(10 * n, 10 * n, [b" a", b"-b", b"+c"]) for n in range(1, 11)]
    file = file_of(*hunks)

    (part,) = parts_of(file.hunks, file.kinds, 400)

    assert [block.heading for block in part.blocks] == [b"def f():"] * 10


def test_a_huge_change_is_cut_so_that_what_was_changed_stands_beside_what_it_became() -> None:
    lines = [b"-old %d" % n for n in range(10_000)] + [b"+new %d" % n for n in range(10_000)]
    file = file_of((1, 1, lines))

    parts = parts_of(file.hunks, file.kinds, 400)

    assert len(parts) == 50
    for part in parts:
        old, new = numbered(file, [part])
        assert [line.removeprefix(b"old ") for _, line in old] == [
            line.removeprefix(b"new ") for _, line in new
        ]


def test_the_heading_stands_above_the_first_part_of_a_hunk_alone() -> None:
    file = file_of((1, 1, [b" %d" % n for n in range(1_000)]))

    parts = parts_of(file.hunks, file.kinds, 400)

    assert [part.blocks[0].heading for part in parts] == [b"def f():", b"", b""]
    assert [part.blocks[0].old_start for part in parts] == [1, 401, 801]
