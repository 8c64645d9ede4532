"""GitHub on loopback: REST v3, GraphQL and git for the calls that Cody Batch makes.

Everything true about a repository is read from a real bare repository; records hold the rest.
What is not modelled is a 404 or an error, never an invented answer.
"""

from __future__ import annotations

from codybatch.standins.git.bare import FixtureCommit, FixtureFile
from codybatch.standins.git.faults import Fault
from codybatch.standins.github.process import GitHubClient, GitHubProcess
from codybatch.standins.github.standin import GitHubStandin

__all__ = [
    "Fault",
    "FixtureCommit",
    "FixtureFile",
    "GitHubClient",
    "GitHubProcess",
    "GitHubStandin",
]
