"""Clients of the two services, by the settings: the model's and the code host's, and in whose name
each is asked.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import TYPE_CHECKING
from weakref import WeakSet

from pydantic import SecretStr

from codybatch.clock import SystemClock
from codybatch.settings import Settings, is_loopback
from codybatch.workspace.redaction import Net

if TYPE_CHECKING:
    from codybatch.claude.client import AnthropicClient
    from codybatch.claude.prices import PriceBook
    from codybatch.engines.aws_batch.container import BatchContainer
    from codybatch.github.code_host import GitHubCodeHost
    from codybatch.github.credentials import Credential
    from codybatch.ports import CodeHost, ModelClient


class Clients:
    """The clients of services that one process uses: made when first asked for, then kept.

    The model's serves all threads; the code host's is one a thread.
    """

    def __init__(self, settings: Settings, redacting: Net) -> None:
        """Make clients by ``settings``; ``redacting`` learns the tokens that they are given."""
        self._settings = settings
        self._redacting = redacting
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._model: AnthropicClient | None = None
        self._login: Credential | None = None
        self._code_hosts: WeakSet[GitHubCodeHost] = WeakSet()
        """Those of threads that live: a server's come and go."""

    def model(self) -> ModelClient:
        """The client of the model's service."""
        with self._lock:
            if self._model is None:
                self._model = model_client(self._settings)
            return self._model

    def code_host(self) -> CodeHost:
        """This thread's client of the code host."""
        found: GitHubCodeHost | None = getattr(self._mine, "code_host", None)
        if found is None:
            with self._lock:
                if self._login is None:
                    self._login = code_host_login(self._settings, self._redacting)
                found = self._mine.code_host = code_host(self._settings, self._login)
                self._code_hosts.add(found)
        return found

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            if self._model is not None:
                self._model.close()
            for one in tuple(self._code_hosts):
                one.close()
            self._model, self._code_hosts = None, WeakSet()


def model_client(settings: Settings) -> AnthropicClient:
    """A client of the model's service.

    Raises:
        InvalidSetting: the file of prices cannot be read.
    """
    from codybatch.claude.client import AnthropicClient
    from codybatch.claude.prices import PriceBook

    key = settings.anthropic_api_key
    return AnthropicClient(
        key.get_secret_value() if key else None,
        settings.anthropic_base_url,
        SystemClock(),
        PriceBook(settings.price_overrides),
        use_system_proxy=not is_loopback(settings.anthropic_base_url),
    )


def price_table(settings: Settings) -> str:
    """The price table's name and version."""
    return prices(settings).name


def prices(settings: Settings) -> PriceBook:
    """The price table in use.

    Raises:
        InvalidSetting: the file of prices cannot be read.
    """
    from codybatch.claude.prices import PriceBook

    return PriceBook(settings.price_overrides)


def code_host(settings: Settings, login: Credential) -> GitHubCodeHost:
    """A client of the code host, for one thread."""
    from codybatch.github.answers import Answers
    from codybatch.github.code_host import GitHubCodeHost
    from codybatch.github.write_gate import WriteGate

    return GitHubCodeHost(
        settings.github_api_url,
        settings.github_server_url,
        login,
        SystemClock(),
        WriteGate(settings.github_write_pause_seconds, settings.home / "github-writes.lock"),
        answers=Answers(settings.home / "github-answers.db"),
        permits=settings.allowed_repositories.permits,
    )


def code_host_login(settings: Settings, redacting: Net) -> Credential:
    """In whose name the code host is asked, for all threads; ``redacting`` learns its tokens."""
    from codybatch.github.credentials import AppInstallation, FixedToken, GitHubApp

    if settings.github_app_id is None:
        return FixedToken(_value_of(settings.github_token))
    app = GitHubApp(
        settings.github_app_id, settings.github_app_key(), settings.github_app_installation_id
    )
    return AppInstallation(app, settings.github_api_url, SystemClock(), redacting.know)


def model_credential(settings: Settings) -> str:
    """The model credential's name and fingerprint."""
    return _fingerprint("ANTHROPIC_API_KEY", _value_of(settings.anthropic_api_key))


def code_host_credential(settings: Settings) -> str:
    """The code host credential's name and fingerprint."""
    if settings.github_app_id is None:
        return _fingerprint("GITHUB_TOKEN", _value_of(settings.github_token))
    parts = (settings.github_app_id, settings.github_app_installation_id, settings.github_app_key())
    return _fingerprint("GITHUB_APP_PRIVATE_KEY", "\n".join(map(str, parts)))


def _value_of(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _fingerprint(name: str, value: str) -> str:
    return f"{name}:{hashlib.sha256(value.encode()).hexdigest()[:8]}"


def batch_container() -> BatchContainer:
    """The container of AWS Batch that this process runs in.

    Raises:
        UsageError: it runs in none.
    """
    from codybatch.engines.aws_batch.container import BatchContainer

    return BatchContainer.of(os.environ)
