"""Where AWS Batch runs the jobs, the deployment's tick keeps time, and nothing that serves does."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from codybatch.cli.timekeeping import time_kept
from codybatch.settings import load_settings


@pytest.mark.parametrize(("engine", "keeps_time"), [("aws-batch", False), ("local", True)])
def test_only_the_local_engine_has_its_time_kept_by_what_serves(
    tmp_path: Path, engine: str, keeps_time: bool
) -> None:
    cloud = dict.fromkeys(("table", "bucket", "job_queue", "job_definition"), "somewhere")
    settings = load_settings(home=tmp_path, store="embedded")
    if engine == "aws-batch":
        settings = load_settings(home=tmp_path, store="aws", engine=engine, **cloud)

    with time_kept(settings):
        keeping = [one.name for one in threading.enumerate() if one.name == "timekeeper"]

    assert bool(keeping) is keeps_time
