"""One depot a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.engines.aws_batch.depot import Depot, depot


@pytest.fixture
def d(tmp_path: Path) -> Iterator[Depot]:
    with depot(tmp_path) as opened:
        yield opened
