"""git smart HTTP on loopback, spoken by the real `git http-backend` over real bare repositories.

`GitServer` serves them alone; the GitHub stand-in serves the same application beside its API.
Nothing here knows about pull requests, and nothing listens beyond 127.0.0.1.
"""

from __future__ import annotations

from codybatch.standins.git.bare import BareRepository, Files, FixtureCommit, FixtureFile
from codybatch.standins.git.faults import Fault, FaultQueue
from codybatch.standins.git.journal import Journal, RecordedRequest
from codybatch.standins.git.server import GitServer
from codybatch.standins.git.smart_http import Refused, SmartHttp

__all__ = [
    "BareRepository",
    "Fault",
    "FaultQueue",
    "Files",
    "FixtureCommit",
    "FixtureFile",
    "GitServer",
    "Journal",
    "RecordedRequest",
    "Refused",
    "SmartHttp",
]
