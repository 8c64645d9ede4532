from __future__ import annotations

import pytest

from codybatch.domain.errors import RepositoryTooLarge, RepositoryUnsupported
from codybatch.workspace.listing import Listing, ListingLimits, checked_path, refuse_collisions
from codybatch.workspace.manifest import ManifestEntry

BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def record(name: bytes, mode: str = "100644", size: str = "1") -> bytes:
    kind = "commit" if mode == "160000" else "blob"
    return f"{mode} {kind} {BLOB} {size:>7}\t".encode() + name + b"\0"


def listed(output: bytes, block: int = 1 << 16, **limits: int) -> list[ManifestEntry]:
    listing = Listing(ListingLimits(**limits))
    for start in range(0, len(output), block):
        listing.add(output[start : start + block])
    return listing.entries()


@pytest.mark.parametrize("block", [1, 7, 1 << 16])
def test_entries_are_read_whatever_the_blocks(block: int) -> None:
    output = (
        record(b"a b.txt", size="12")
        + record(b"dir/run\xff", "100755", "0")
        + record(b"link", "120000", "3")
        + record(b"sub", "160000", "-")
        + record(b"old", "100664")
        + record(b"older", "100775")
    )

    assert listed(output, block) == [
        ManifestEntry("a b.txt", "100644", BLOB, 12),
        ManifestEntry("dir/run\udcff", "100755", BLOB, 0),
        ManifestEntry("link", "120000", BLOB, 3),
        ManifestEntry("sub", "160000", BLOB, 0),
        ManifestEntry("old", "100644", BLOB, 1),
        ManifestEntry("older", "100755", BLOB, 1),
    ]


def test_limits_are_inclusive() -> None:
    output = record(b"a", size="5") + record(b"b", size="5")

    assert len(listed(output, max_files=2, max_bytes=10, max_file_bytes=5)) == 2


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"max_files": 1}, "more than 1 files"),
        ({"max_bytes": 1_999}, "more than 1,999 bytes"),
        ({"max_file_bytes": 999}, "a has 1,000 bytes; the limit for one file is 999"),
    ],
)
def test_a_crossed_limit_is_named(limit: dict[str, int], words: str) -> None:
    output = record(b"a", size="1000") + record(b"b", size="1000")

    with pytest.raises(RepositoryTooLarge, match=words):
        listed(output, **limit)


def test_a_name_without_end_is_refused_before_it_fills_the_memory() -> None:
    listing = Listing(ListingLimits())
    listing.add(record(b"a")[:-1])

    with pytest.raises(RepositoryUnsupported, match="too long"):
        listing.add(b"a" * (1 << 16))


@pytest.mark.parametrize(
    "name",
    [
        b".git",
        b".git/config",
        b"a/.git",
        b".GIT",
        b"a/.Git/hooks/post-checkout",
        b".git ",
        b".git.",
        b".git. .",
        b"git~1",
        b"GIT~1/config",
        b".git::$INDEX_ALLOCATION",
        b".git:x",
        ".g\u200cit".encode(),
        "\ufeff.git".encode(),
        ".gi\u200dt/config".encode(),
        "\uff0egit".encode(),
        b"..",
        b"a/../b",
        b"../b",
        b".",
        b"./a",
        b"/etc/passwd",
        b"a//b",
        b"a/",
        b"",
    ],
)
def test_a_name_that_leads_into_a_git_directory_or_out_is_refused(name: bytes) -> None:
    with pytest.raises(RepositoryUnsupported, match="git directory or out"):
        checked_path(name)


@pytest.mark.parametrize("name", [b"a\\b", b"a\nb", b"a\x1bb", b"a\x7f", b"\x01", b"C:\\x"])
def test_backslashes_and_control_characters_are_refused(name: bytes) -> None:
    with pytest.raises(RepositoryUnsupported, match="backslash or a control character") as raised:
        checked_path(name)

    assert raised.value.message.isprintable()


@pytest.mark.parametrize("name", [b"a" * 256, b"a/" * 512 + b"a", b"b/" + b"\xff" * 256])
def test_names_too_long_for_a_file_system_are_refused(name: bytes) -> None:
    with pytest.raises(RepositoryUnsupported, match="too long") as raised:
        checked_path(name)

    assert len(raised.value.message) < 500


@pytest.mark.parametrize(
    "name",
    [
        b".gitignore",
        b".github/workflows/ci.yml",
        b".gitmodules",
        b"a.git",
        b"git",
        b"...",
        b"..a",
        b"-rf",
        b"--help",
        b"a b",
        b"'\"$(x)`;&|<>*?",
        b"caf\xe9",
        "日本語/ü.txt".encode(),
        "evil\u202etxt".encode(),
        b"a" * 255,
        b"CON",
        b"a:b",
        b"git~2",
    ],
)
def test_odd_names_that_harm_nobody_are_kept_byte_for_byte(name: bytes) -> None:
    assert checked_path(name).encode("utf-8", "surrogateescape") == name


def entries(*paths: str) -> list[ManifestEntry]:
    return [ManifestEntry(path, "100644", BLOB, 0) for path in paths]


@pytest.mark.parametrize(
    "paths",
    [
        ("README.md", "readme.md"),
        ("src/A.py", "SRC/a.py"),
        ("caf\u00e9", "cafe\u0301"),
        ("stra\u00dfe", "STRASSE"),
        ("a", "A/b"),
        ("x/y/z", "X/Y"),
        ("a", "a"),
        ("a", "a/b"),
    ],
)
def test_names_that_are_one_without_regard_to_case_are_refused(paths: tuple[str, ...]) -> None:
    with pytest.raises(RepositoryUnsupported, match="one file on systems"):
        refuse_collisions(entries(*paths))


def test_folders_that_differ_by_case_may_stand_side_by_side() -> None:
    refuse_collisions(entries("Docs/a", "docs/b", "docs/sub/c", "DOCS/Sub/d"))
