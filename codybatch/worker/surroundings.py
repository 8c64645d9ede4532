"""What a worker works with: its ports, its limits and its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from codybatch.domain.repositories import AllowList
from codybatch.ports import Blobs, Clock, CodeHostFactory, Records
from codybatch.ports.tracing import TraceExport, UntracedWorker
from codybatch.services.publication import Publisher
from codybatch.workspace.checkout import WorkspaceLimits
from codybatch.workspace.redaction import Net


@dataclass(frozen=True)
class ConversationCommand:
    """How the conversation's process is started."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    """Nothing of the code host's or the store's; the model's key and what Python needs."""


@dataclass(frozen=True)
class Surroundings:
    """Everything a worker needs, wired by the composition."""

    records: Records
    blobs: Blobs
    code_host: CodeHostFactory
    publisher: Publisher
    clock: Clock
    net: Net
    """Takes secrets out of what is shown or stored for people."""
    allowed: AllowList
    limits: WorkspaceLimits
    daily_cap_usd: Decimal | None
    folder: Path
    """Where work trees live while a job runs."""
    conversation: ConversationCommand
    credential: str
    """The model credential's name and fingerprint."""
    code_host_credential: str
    """The code host credential's name and fingerprint."""
    price_table: str
    tracing: TraceExport = field(default_factory=UntracedWorker)
    log: str | None = None
    """Where this process's log can be read: a path or an address; None where nobody knows."""
