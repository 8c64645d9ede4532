"""The headers that every answer of ours carries."""

from __future__ import annotations

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

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
