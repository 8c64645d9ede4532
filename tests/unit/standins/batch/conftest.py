"""A stand-in whose containers are shells, and boto3's client before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codybatch.standins.batch import BatchStandin, Catalogue, Host
from tests.unit.standins.batch.shell import DEFINITION, QUEUE, REGION, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    host = Host(("/bin/sh", "-c"), {"PATH": "/usr/bin:/bin"}, tmp_path / "logs", grace_seconds=0.4)
    catalogue = Catalogue.of(REGION, QUEUE, DEFINITION)
    with BatchStandin(host, catalogue, timeout_scale=0.005) as batch:
        yield Shell(batch)
