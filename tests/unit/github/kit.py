"""What the tests of the GitHub adapter share: a stand-in, a client for it, and a clock to watch."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from codybatch.domain.repositories import RepositoryRef
from codybatch.github.code_host import GitHubCodeHost
from codybatch.github.write_gate import WriteGate
from codybatch.ports import PullRequestText
from codybatch.standins.github import GitHubStandin

APP = RepositoryRef(owner="acme", name="app")
TEXT = PullRequestText(title="A title", body="A body.")


@dataclass
class WatchedClock:
    """The time of day, put forward by whoever sleeps: nobody waits, and all waits are known."""

    ahead: timedelta = timedelta()
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        del until
        self.slept.append(seconds)
        self.ahead += timedelta(seconds=seconds)


def code_host(
    github: GitHubStandin,
    token: str | None = "service",
    clock: WatchedClock | None = None,
    api_url: str | None = None,
) -> GitHubCodeHost:
    """A client; ``token`` is a token's name, its value, or None for nobody."""
    value = None if token is None else github.tokens.get(token, token)
    used = clock or WatchedClock()
    return GitHubCodeHost(api_url or github.api_url, github.url, value, used, WriteGate(0.0))


def branch(github: GitHubStandin, name: str, repository: str = "acme/app") -> str:
    """A branch off main with one commit more; its head."""
    bare = github.bare(repository)
    bare.set_branch(name, bare.branches()["main"])
    return bare.commit({f"{name}.txt": "new\n"}, "Change", name)


def key_pair() -> tuple[str, str]:
    """A GitHub App's private and public key, in PEM."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
