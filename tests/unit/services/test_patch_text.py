"""The texts of a patch made fit to be shown."""

from __future__ import annotations

from codybatch.services.patch_files import read_patch
from codybatch.services.patch_text import LINE_CHARACTERS, notes_of, on_one_line, shown_lines
from codybatch.workspace.redaction import Net, SecretScanner
from tests.ui_kit import SECRET

NET = Net([], SecretScanner())
HEAD = b"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n"


def test_lines_keep_their_signs_and_lose_secrets_and_what_hides() -> None:
    long = b"x" * (LINE_CHARACTERS + 5)
    token = b'token = "%b"' % SECRET.encode()
    patch = HEAD + b"@@ -1 +1,3 @@\n-old\xff\n+" + token + b"\n+\xe2\x80\xae\n+" + long + b"\n"

    removed, secret, hidden, cut = shown_lines(read_patch(patch)[0], NET.clean)

    assert removed == r"-old\xff"
    assert secret == '+token = "[redacted]"'
    assert hidden == r"+\u202e"
    assert cut == "+" + "x" * LINE_CHARACTERS + " … (5 more characters)"


def test_what_no_line_shows_is_noted() -> None:
    (file,) = read_patch(b"diff --git a/x b/x\nold mode 100644\nnew mode 100755\n")

    assert notes_of(file) == ["mode: plain file → executable"]


def test_a_name_is_on_one_line() -> None:
    assert on_one_line(b"a\nb\t\xe2\x80\xae", NET.clean) == r"a\nb\t\u202e"
