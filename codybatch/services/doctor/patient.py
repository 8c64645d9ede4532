"""What the doctor looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from codybatch.domain.repositories import AllowList
from codybatch.ports import Clock, CodeHostFactory, ModelClient, Records
from codybatch.ports.cloud import QueueLook, StoreLook


@dataclass(frozen=True)
class Patient:
    """What is looked at."""

    records: Records
    clock: Clock
    home: Path
    database: Path | None
    """The store's file, where it has one."""
    allowed: AllowList
    has_model_key: bool
    model_credential: str
    has_code_host_credential: bool
    code_host_credential: str
    model_name: str
    model: Callable[[], ModelClient]
    code_host: CodeHostFactory
    is_demonstration: bool
    has_caps: bool
    """Whether any cost cap is set by default."""
    unknown_variables: Mapping[str, str]
    """Variables of ours that nothing reads, each with the one that was probably meant, or ``""``.
    """
    time_elsewhere: Callable[[], datetime | None]
    """What time the code host says it is, or None where it cannot be asked."""
    dispatcher: Callable[[], str | None]
    """The dispatcher's state in words, or None where none runs."""
    runs_here: bool = True
    """Whether processes of this machine run the jobs."""
    store_look: StoreLook | None = None
    """Looks at where records live; None where that is this machine."""
    queue_look: QueueLook | None = None
    """Looks at what runs the jobs; None where that is this machine."""
    setbacks: Callable[[], Mapping[str, Mapping[str, int]]] = dict
    """How often services behind the store were asked again by now: by service and reason."""
    collector: str = ""
    """The address to which spans go; empty where none are made."""
    collector_problem: Callable[[], str] = str
    """What is wrong with the collector, in words; empty where it takes spans."""
