from __future__ import annotations

from collections.abc import Sequence

import pytest

from codybatch.workspace.hunks import Side, lines_of
from codybatch.workspace.secret_scanner import SecretScanner, SecretSpan
from codybatch.workspace.secrets_in_lines import holds_secret, secrets_in
from tests.workspace_kit import TOKEN_KEY

PATCH = f"--- a/x\n+++ b/x\n@@ -7,3 +7,4 @@\n ü = 1\n-k = '{TOKEN_KEY}'\n+a\n+k = env\n b\n"


class Refusing:
    """A scanner that must not be asked."""

    def find(self, text: str) -> Sequence[SecretSpan]:
        pytest.fail(f"asked for {text!r}")


def test_a_secret_is_named_by_its_line_and_kind() -> None:
    (file,) = lines_of(PATCH.encode())

    assert list(secrets_in(SecretScanner(), file.old)) == [(8, "aws-access-key-id")]
    assert list(secrets_in(SecretScanner(), file.new)) == []


def test_a_secret_in_a_context_line_is_not_of_the_change() -> None:
    (file,) = lines_of(PATCH.replace("-k", " k").replace("+7,4", "+7,5").encode())

    assert not holds_secret(SecretScanner(), file.new)


def test_a_version_without_changed_lines_is_not_scanned() -> None:
    assert not holds_secret(Refusing(), Side([1], [TOKEN_KEY.encode()], [False]))
