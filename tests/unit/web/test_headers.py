"""The headers on every answer."""

from __future__ import annotations

from codybatch.web.headers import guarded


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
