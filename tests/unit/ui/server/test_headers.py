"""What pages may load."""

from __future__ import annotations

from pathlib import Path

import streamlit

from codybatch.ui.server.headers import page_policy

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
