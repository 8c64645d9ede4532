"""The templates of every stage, written once for all tests of all processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from tests.infra_kit import SYNTHESIS_SECONDS, Deployment, finished, started

STAGES = ("dev", "prod")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test is first waits for the templates."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(2 * SYNTHESIS_SECONDS))


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stage's assembly each, as deployments with a mail address have it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "infra"
    with FileLock(shared / "infra.lock"):
        if not (folder / "done").exists():
            processes = {
                stage: started(
                    folder / stage, stage, "--check", CODYBATCH_ALARM_EMAIL="ops@example.com"
                )
                for stage in STAGES
            }
            for stage, process in processes.items():
                status, said = finished(process)
                assert status == 0, f"{stage}: {said}"
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session", params=STAGES)
def deployment(request: pytest.FixtureRequest, assemblies: Path) -> Deployment:
    """Each stage in turn."""
    return Deployment(request.param, assemblies / request.param)


@pytest.fixture(scope="session")
def dev(assemblies: Path) -> Deployment:
    """The stage that can be thrown away."""
    return Deployment("dev", assemblies / "dev")


@pytest.fixture(scope="session")
def prod(assemblies: Path) -> Deployment:
    """The stage that keeps what it holds."""
    return Deployment("prod", assemblies / "prod")
