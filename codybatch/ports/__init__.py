"""The ports: what the services, the worker and the agent ask of the outside, in our own words.

Adapters live in ``stores``, ``engines``, ``github`` and ``claude``; the contract suites in
``tests/contracts`` run on every adapter of their port. Every method's docstring states its
atomicity, its order and every error it raises.
"""

from __future__ import annotations

from codybatch.ports.blobs import Blobs
from codybatch.ports.clock import Clock
from codybatch.ports.code_host import (
    Account,
    Candidates,
    CodeHost,
    CodeHostFactory,
    GitAccess,
    OnWait,
    PullRequestText,
    Unusable,
)
from codybatch.ports.engine import Engine, EngineState, EngineView, WaitingJobs
from codybatch.ports.lists import (
    EVERYTHING,
    FIRST_PAGE,
    BudgetScope,
    Created,
    CredentialTrouble,
    FlagCounts,
    Page,
    PageRequest,
    Partition,
    PartitionKind,
    Reservation,
    Signal,
)
from codybatch.ports.model import (
    ModelCapabilities,
    ModelClient,
    ModelReply,
    ModelRequest,
    RetryNotice,
)
from codybatch.ports.records import Records
from codybatch.ports.store import Store

__all__ = [
    "EVERYTHING",
    "FIRST_PAGE",
    "Account",
    "Blobs",
    "BudgetScope",
    "Candidates",
    "Clock",
    "CodeHost",
    "CodeHostFactory",
    "Created",
    "CredentialTrouble",
    "Engine",
    "EngineState",
    "EngineView",
    "FlagCounts",
    "GitAccess",
    "ModelCapabilities",
    "ModelClient",
    "ModelReply",
    "ModelRequest",
    "OnWait",
    "Page",
    "PageRequest",
    "Partition",
    "PartitionKind",
    "PullRequestText",
    "Records",
    "Reservation",
    "RetryNotice",
    "Signal",
    "Store",
    "Unusable",
    "WaitingJobs",
]
