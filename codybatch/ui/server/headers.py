"""What the workbench's pages may load: their content security policies."""

from __future__ import annotations

import base64
import hashlib
import re

REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Of a report: a page with a style, and nothing else at all."""
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


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
