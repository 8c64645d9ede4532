"""What a process of ours logs."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest

from codybatch.web.logs import log_ours


@pytest.fixture
def root() -> Iterator[io.StringIO]:
    """What a handler on the root logger writes, such as the one that AWS Lambda puts there."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_a_line_is_said_once_and_made_fit(
    root: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = io.StringIO()
    monkeypatch.setattr(sys, "stderr", ours)
    log_ours(logging.INFO, lambda text: text.replace("a secret", "[redacted]"))

    logging.getLogger("codybatch.somewhere").info("it holds a secret")

    assert root.getvalue() == ""
    assert ours.getvalue().endswith("INFO codybatch.somewhere: it holds [redacted]\n")
