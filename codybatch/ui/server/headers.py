"""The headers that every answer of the workbench carries."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_NOT_USED = (
    "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
_FIXED = (
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    # Not `no-referrer`: a form's POST would then come from the origin `null`.
    ("referrer-policy", "same-origin"),
    ("permissions-policy", ", ".join(f"{name}=()" for name in _NOT_USED)),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
)
_OURS = frozenset({b"content-security-policy", *(name.encode() for name, _ in _FIXED)})


def digest(script_or_style: bytes) -> str:
    """What a policy names an inline script or style by."""
    hashed = base64.b64encode(hashlib.sha256(script_or_style).digest()).decode()
    return f"'sha256-{hashed}'"


def page_policy(index_html: bytes) -> str:
    """The content security policy of Streamlit's pages.

    Args:
        index_html: the page that Streamlit serves; the inline script in it may run, no other may.
    """
    scripts = " ".join(digest(script) for script in _INLINE_SCRIPT.findall(index_html))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {scripts}".rstrip(),
            # Streamlit's style library writes style elements while the page runs.
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data:",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def form_policy(style: str) -> str:
    """The policy of a page of our own that is one form and one style."""
    return (
        f"default-src 'none'; style-src {digest(style.encode())}; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def guarded(headers: Iterable[tuple[bytes, bytes]], policy: str, *, kept: bool) -> Headers:
    """``headers`` with ours in the place of any of the same name.

    Args:
        headers: of an answer.
        policy: the content security policy, unless the answer has one that is ours.
        kept: whether a browser may keep the answer; a shared cache never may.
    """
    names = {name.lower() for name, _ in headers}
    others = [(name, value) for name, value in headers if name.lower() not in _OURS]
    others = [_privately(name, value) for name, value in others]
    if not kept:
        others = [(name, value) for name, value in others if name.lower() != b"cache-control"]
        others.append((b"cache-control", b"no-store"))
    elif b"cache-control" not in names:
        others.append((b"cache-control", b"no-cache"))
    others.append((b"content-security-policy", policy.encode()))
    return others + [(name.encode(), value.encode()) for name, value in _FIXED]


def _privately(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if name.lower() == b"cache-control":
        return name, value.replace(b"public", b"private")
    return name, value
