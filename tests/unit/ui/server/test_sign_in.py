"""The form that asks for the token."""

from __future__ import annotations

import pytest

from codybatch.ui.server.sign_in import offered, own_address, sign_in_page


def test_what_is_asked_for_afterwards_stays_text() -> None:
    page = sign_in_page('/job?id="><script>x</script>')

    assert "<script>" not in page
    assert "/job?id=&quot;&gt;&lt;script&gt;x&lt;/script&gt;" in page


def test_a_form_brings_a_token_and_an_address() -> None:
    assert offered(b"token=a%2Bb&next=%2Fjob%3Fid%3D1") == ("a+b", "/job?id=1")


@pytest.mark.parametrize("form", [b"", b"\xff", b"x" * 100, b"&".join([b"a=1"] * 50)])
def test_what_is_no_form_brings_nothing(form: bytes) -> None:
    assert offered(form) == ("", "/")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/a\r\nset-cookie: x",
        "/a\\b",
    ],
)
def test_it_leads_to_no_other_server(written: str) -> None:
    assert own_address(written) == "/"
