"""Which store and engine are taken for which settings, and that nothing of AWS comes unasked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codybatch import backing
from codybatch.backing import engine_of, queue_look_of, site_of, store_look_of, store_of
from codybatch.clock import SystemClock
from codybatch.composition import waiting_room
from codybatch.domain.errors import UsageError
from codybatch.engines.aws_batch import BatchEngine
from codybatch.engines.local.engine import LocalEngine
from codybatch.settings import Settings, load_settings
from codybatch.stores.aws.site import S3Site
from codybatch.stores.aws.store import AwsStore
from codybatch.stores.embedded import EmbeddedStore
from codybatch.stores.embedded.site import FolderSite

AWS = {"store": "aws", "table": "a-table", "bucket": "a-bucket"}
BATCH = {**AWS, "engine": "aws-batch", "job_queue": "a-queue", "job_definition": "a-definition"}
COMPOSED = """
import sys
from codybatch.composition import application, surroundings
from codybatch.settings import load_settings
application(load_settings()).close()
surroundings(load_settings())
print(*(name for name in ("boto3", "botocore", "codybatch.stores.aws") if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("names", "store", "engine", "looks"),
    [
        ({}, EmbeddedStore, LocalEngine, (False, False)),
        (AWS, AwsStore, LocalEngine, (True, False)),
        (BATCH, AwsStore, BatchEngine, (True, True)),
    ],
    ids=["embedded and local", "aws and local", "aws and aws-batch"],
)
def test_the_settings_say_which_store_and_which_engine(
    tmp_path: Path, names: dict[str, Any], store: type, engine: type, looks: tuple[bool, bool]
) -> None:
    settings = load_settings(home=tmp_path, **names)
    clock = SystemClock()
    found = store_of(settings)
    waiting = waiting_room(settings, found.records, clock)

    assert isinstance(found, store)
    assert isinstance(engine_of(settings, found.records, waiting, clock), engine)
    seen = (store_look_of(settings), queue_look_of(settings, clock))
    assert tuple(look is not None for look in seen) == looks


def test_nothing_of_aws_is_imported_where_it_is_not_used(tmp_path: Path) -> None:
    environment = load_settings(home=tmp_path).as_environment()

    done = subprocess.run(
        [sys.executable, "-c", COMPOSED],
        env={**environment, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_what_is_not_installed_is_told_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: Settings = load_settings(home=tmp_path, **AWS)
    for name in [name for name in sys.modules if name.startswith(("boto", "codybatch.stores.aws"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(UsageError) as refused:
        store_of(settings)

    assert refused.value.message == backing.WITHOUT_AWS


def test_reports_are_published_beside_the_records(tmp_path: Path) -> None:
    named = {**AWS, "site_bucket": "a-site", "site_url": "https://d1.example/"}

    assert isinstance(site_of(load_settings(home=tmp_path)), FolderSite)
    assert isinstance(site_of(load_settings(home=tmp_path, **named)), S3Site)
    with pytest.raises(UsageError, match="CODYBATCH_SITE_BUCKET"):
        site_of(load_settings(home=tmp_path, **AWS))
