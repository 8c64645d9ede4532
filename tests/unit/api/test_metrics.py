"""Metrics tell what services behind the store had to be asked again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from codybatch.api.counters import Counters
from codybatch.api.metrics import metrics_text
from codybatch.clock import SystemClock
from codybatch.stores.embedded import EmbeddedStore


class Throttled(EmbeddedStore):
    """A store that was asked to slow down."""

    @property
    def setbacks(self) -> Mapping[str, Mapping[str, int]]:
        return {"DynamoDB": {"ThrottlingException": 7}, "S3": {"SlowDown": 2, "InternalError": 1}}


def retries(store: EmbeddedStore) -> list[str]:
    text = metrics_text(store, SystemClock(), None, Counters())
    store.close()
    return [line for line in text.splitlines() if line.startswith("codybatch_store_retries_total")]


def test_each_service_and_reason_is_a_series_of_its_own(tmp_path: Path) -> None:
    name = "codybatch_store_retries_total"
    assert retries(Throttled(tmp_path)) == [
        f'{name}{{service="DynamoDB",reason="ThrottlingException"}} 7',
        f'{name}{{service="S3",reason="SlowDown"}} 2',
        f'{name}{{service="S3",reason="InternalError"}} 1',
    ]


def test_a_store_of_files_has_none(tmp_path: Path) -> None:
    assert retries(EmbeddedStore(tmp_path)) == []
