"""The headers on every answer."""

from __future__ import annotations

from pathlib import Path

import streamlit

from codybatch.ui.server.headers import guarded, page_policy

PAGE = b"<html><script>\n a = 1\n</script><script type='module' src='./a.js'></script></html>"


def test_of_inline_scripts_only_streamlits_own_may_run() -> None:
    policy = page_policy(PAGE)

    assert "script-src 'self' 'sha256-HGhYatulGgL/ZLTGXJR7yhMjGpABuXcl0CcsqyflceA='; " in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'unsafe-inline'" not in policy


def test_the_installed_page_has_the_one_inline_script_that_was_looked_at() -> None:
    index = Path(streamlit.__file__).with_name("static") / "index.html"

    policy = page_policy(index.read_bytes())

    assert policy.count("'sha256-") == 1


def test_ours_take_the_place_of_others_and_nothing_is_for_a_shared_cache() -> None:
    given = [
        (b"X-Frame-Options", b"ALLOWALL"),
        (b"cache-control", b"public, max-age=60"),
        (b"content-type", b"text/css"),
    ]

    kept = guarded(given, "default-src 'self'", kept=True)
    assert [value for name, value in kept if name.lower() == b"x-frame-options"] == [b"DENY"]
    assert (b"cache-control", b"private, max-age=60") in kept
    assert (b"content-type", b"text/css") in kept
    assert (b"content-security-policy", b"default-src 'self'") in kept

    fresh = guarded(given, "", kept=False)
    assert [value for name, value in fresh if name == b"cache-control"] == [b"no-store"]
