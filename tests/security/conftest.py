from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.standins.git import GitServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "served") as running:
        yield running
