"""What the browser gets of a patch: clean, in plain sight, and no more than it can draw."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codybatch.services.patch_text import LINE_CHARACTERS
from codybatch.ui.diff import shown_diff as module
from codybatch.ui.diff.shown_diff import shown_diff
from codybatch.workspace.redaction import Net, SecretScanner
from tests.ui_kit import SECRET

KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    + "".join(f"MIIEowIBAAKCAQEA{chr(65 + n) * 48}\n" for n in range(6))
    + "c2hvcnRlbmQ=\n-----END RSA PRIVATE KEY-----"
)


def patch_of(*lines: str | bytes, path: bytes = b"src/a.py", sign: bytes = b"+") -> bytes:
    """A patch that adds (or removes) lines."""
    written = [line.encode() if isinstance(line, str) else line for line in lines]
    counts = b"-0,0 +1,%d" if sign == b"+" else b"-1,%d +0,0"
    return (
        b"diff --git a/%b b/%b\n--- a/%b\n+++ b/%b\n" % ((path,) * 4)
        + b"@@ %b @@\n" % (counts % len(written))
        + b"".join(sign + line + b"\n" for line in written)
    )


def same(text: str) -> str:
    return text


def lines(patch: bytes, clean: Callable[[str], str] = same) -> list[str]:
    bodies = shown_diff(patch, clean).first_bodies()
    return [line for body in bodies.values() for block in body for line in block[-1].split("\n")]


def test_odd_bytes_and_hiding_characters_are_shown_as_escapes() -> None:
    shown = lines(patch_of(b"caf\xe9", "abc\u202edef\x1b[31m\u200b\x00"))

    assert shown == [r"+caf\xe9", r"+abc\u202edef\x1b[31m\u200b\x00"]


def test_line_ends_of_a_whole_file_are_no_news_and_of_some_lines_are() -> None:
    assert lines(patch_of("one\r", "two\r")) == ["+one", "+two"]
    assert lines(patch_of("one\r", "two")) == [r"+one\x0d", "+two"]


def test_a_long_line_is_cut_and_says_by_how_much() -> None:
    (shown,) = lines(patch_of("x" * (LINE_CHARACTERS + 1_234)))

    assert shown == "+" + "x" * LINE_CHARACTERS + " … (1,234 more characters)"


@pytest.mark.parametrize("sign", [b"+", b"-"])
def test_a_secret_is_taken_out_of_each_of_its_lines(sign: bytes) -> None:
    patch = patch_of(f'token = "{SECRET}"', *KEY.split("\n"), "after", sign=sign)

    shown = lines(patch, Net([], SecretScanner()).clean)

    assert shown[0] == f'{sign.decode()}token = "[redacted]"'
    assert not any(part in "\n".join(shown) for part in ("MIIEow", "c2hvcnRlbmQ", "AAAA"))
    assert shown[-1] == f"{sign.decode()}after"


def test_a_known_secret_of_several_lines_leaves_the_lines_in_their_places() -> None:
    secret = "first line of a secret\nsecond line of a secret"
    patch = patch_of("before", *secret.split("\n"), "after")

    shown = lines(patch, Net([secret], SecretScanner()).clean)

    assert shown == ["+before", "+[redacted]", "+[redacted]", "+after"]


def test_a_key_that_a_part_cuts_in_two_is_known_in_both() -> None:
    patch = patch_of(*["x"] * 397, *KEY.split("\n"))

    shown = shown_diff(patch, Net([], SecretScanner()).clean)

    assert len(shown.parts[0]) == 2
    assert "MIIE" not in str(shown.first_bodies())


def test_names_are_clean_in_plain_sight_and_on_one_line() -> None:
    path = f'"b/{SECRET}\\n\\342\\200\\256\\377.py"'.encode()
    patch = b"diff --git %b %b\nnew file mode 100644\n" % ((path.replace(b"b/", b"a/"), path))

    (entry,) = shown_diff(patch, Net([], SecretScanner()).clean).entries()

    assert entry["path"] == r"[redacted]\n\u202e\xff.py"


@pytest.mark.parametrize(
    ("header", "notes"),
    [
        (b"old mode 100644\nnew mode 100755", ["mode: plain file → executable"]),
        (b"new file mode 120000", ["symbolic link"]),
        (b"new file mode 100644", ["empty file"]),
        (
            b"new file mode 100644\nGIT binary patch",
            ["binary: its bytes are in the download alone"],
        ),
        (b"new mode 160000<img>\nold mode x", ["mode: mode x → mode 160000<img>"]),
    ],
)
def test_what_no_line_shows_is_noted(header: bytes, notes: list[str]) -> None:
    (entry,) = shown_diff(b"diff --git a/x b/x\n" + header + b"\n", same).entries()

    assert entry["notes"] == notes


def test_a_file_that_was_only_renamed_says_so() -> None:
    patch = b"diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"

    (entry,) = shown_diff(patch, same).entries()

    assert (entry["oldPath"], entry["path"]) == ("x", "y")
    assert entry["notes"] == ["no line changes"]


def test_a_missing_last_line_feed_is_noted_where_the_versions_differ() -> None:
    patch = (
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"
    )
    shown = shown_diff(patch, same)

    assert shown.entries()[0]["notes"] == ["the old version has no line feed at its end"]
    assert lines(patch) == ["-a", "+a"]


@pytest.mark.parametrize(
    ("path", "language"),
    [
        (b"a/b.PY", "py"),
        (b"Dockerfile", "dockerfile"),
        (b"x.c++", "c++"),
        (b"LICENSE", "license"),
        (b'x.<img src="y">', ""),
        (b'x."><script>', ""),
        (b"x.", ""),
    ],
)
def test_a_language_is_a_plain_word_or_nothing(path: bytes, language: str) -> None:
    (entry,) = shown_diff(patch_of("x", path=path), same).entries()

    assert entry["language"] == language


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A patch of thirty files, under bounds as small as itself."""
    monkeypatch.setattr(module, "INLINE_BYTES", 20_000)
    monkeypatch.setattr(module, "FIRST_BYTES", 5_000)
    return b"".join(patch_of(*["x" * 99] * 10, path=b"%d.py" % number) for number in range(30))


def test_a_very_large_patch_comes_with_its_first_files_and_the_rest_when_asked(
    large: bytes,
) -> None:
    shown = shown_diff(large, same)

    first = shown.first_bodies()

    assert not shown.is_whole
    assert len(shown.entries()) == 30
    assert list(first) == ["0:0", "1:0", "2:0", "3:0"]
    assert list(shown.bodies([(29, 0), (17, 0)])) == ["29:0", "17:0"]


def test_an_answer_is_bounded_and_never_empty(large: bytes) -> None:
    shown = shown_diff(large, same)

    assert list(shown.bodies([(5, 0), (6, 0), (7, 0)], most=1)) == ["5:0"]
    assert len(shown.bodies([(n, 0) for n in range(30)], most=2_500)) == 2


@pytest.mark.parametrize("wanted", [(-1, 0), (30, 0), (0, 1), (0, -1)])
def test_a_part_that_there_is_not_is_passed_over(large: bytes, wanted: tuple[int, int]) -> None:
    assert list(shown_diff(large, same).bodies([wanted, (2, 0)])) == ["2:0"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=30)))
def test_every_line_arrives_in_order(texts: list[str]) -> None:
    shown = lines(patch_of(*texts)) if texts else []

    assert len(shown) == len(texts)
    assert all(line.startswith("+") for line in shown)
    plain = [(line, text) for line, text in zip(shown, texts, strict=True) if text.isascii()]
    assert all(line == f"+{text}" for line, text in plain if text.isprintable())
