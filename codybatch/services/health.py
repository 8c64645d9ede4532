"""Whether what jobs need is there: the store, the engine, the credentials."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from enum import StrEnum

from codybatch.domain.errors import CodyBatchError
from codybatch.domain.records import Record
from codybatch.ports import Clock, Engine, PageRequest, Partition, PartitionKind, Records

LOOKED_AT = PageRequest(limit=5)

log = logging.getLogger(__name__)


class Standing(StrEnum):
    """How something stands."""

    OK = "ok"
    FAILED = "failed"


class PartHealth(Record):
    """One part and how it stands."""

    part: str
    """``store``, ``engine``, or a credential by the name of its setting."""
    standing: Standing
    detail: str = ""
    """What is wrong, and how to mend it."""


class Health(Record):
    """All that was looked at."""

    standing: Standing
    parts: tuple[PartHealth, ...] = ()


def deep_health(
    records: Records,
    engine: Engine,
    clock: Clock,
    credentials: Iterable[str],
    *,
    thorough: bool = False,
) -> Health:
    """Look at the store, ask the engine, and say which credentials a service refused lately.

    No service is asked anything: a credential is known by what the last job met.

    Args:
        records: the store's.
        engine: what runs jobs.
        clock: tells whether a refusal still counts.
        credentials: those in use, by name and fingerprint.
        thorough: whether the whole store is looked through, and not only whether it answers: that
            may take long, and others may have to wait for it.
    """
    look = records.check if thorough else records.job_counts
    parts = [_part("store", look), _part("engine", lambda: _ask(records, engine))]
    if parts[0].standing is Standing.OK:
        parts += [_credential(records, clock, one) for one in credentials]
    failed = any(part.standing is Standing.FAILED for part in parts)
    return Health(standing=Standing.FAILED if failed else Standing.OK, parts=tuple(parts))


def _ask(records: Records, engine: Engine) -> None:
    running = records.list_jobs(Partition(PartitionKind.STATE, "running"), LOOKED_AT)
    engine.describe(running.items)


def _part(name: str, look: Callable[[], object]) -> PartHealth:
    try:
        look()
    except CodyBatchError as error:
        log.warning("%s: %s", name, error)
        return PartHealth(part=name, standing=Standing.FAILED, detail=error.discreet)
    return PartHealth(part=name, standing=Standing.OK)


def _credential(records: Records, clock: Clock, credential: str) -> PartHealth:
    name = credential.partition(":")[0]
    trouble = records.credential_trouble(credential)
    if trouble is None or trouble.until <= clock.now():
        return PartHealth(part=name, standing=Standing.OK)
    return PartHealth(part=name, standing=Standing.FAILED, detail=trouble.reason)
