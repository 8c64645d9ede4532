"""The AWS Batch engine keeps the contract of engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch_kit import batch_world
from tests.contracts.engine_contract import REPOSITORIES, EngineContract, Yard
from tests.worker.world import CLOCKS


class TestBatchEngine(EngineContract):
    @pytest.fixture
    def yard(self, tmp_path: Path) -> Iterator[Yard]:
        repositories = dict.fromkeys(REPOSITORIES, CLOCKS)
        with batch_world(tmp_path, repositories) as w:
            yield Yard(w.world, w.engine, w.kill_everything)
