"""The local engine keeps the contract of engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.contracts.engine_contract import REPOSITORIES, EngineContract, Yard
from tests.worker.world import CLOCKS, World, world


class TestLocalEngine(EngineContract):
    @pytest.fixture
    def yard(self, tmp_path: Path) -> Iterator[Yard]:
        repositories = dict.fromkeys(REPOSITORIES, CLOCKS)
        with world(tmp_path, repositories, has_forks=False) as w:
            yield Yard(w, w.app.engine, lambda: kill_everything(w))


def kill_everything(w: World) -> None:
    """Kill the dispatcher first, so that it starts nothing again, then its workers."""
    status = w.app.local_engine.status()
    assert status is not None
    victims = [psutil.Process(status.pid)]
    workers = [psutil.Process(pid) for pid in status.workers.values()]
    victims += [one for worker in workers for one in (worker, *worker.children(recursive=True))]
    for victim in victims:
        victim.kill()
    psutil.wait_procs(victims, timeout=20)
