"""Wires settings, adapters and services together: the only place that knows every adapter.

What lives here: functions that build what a face, a worker or a conversation needs, when asked.
What never does: a rule, a default that hides a setting, anything built at import.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from codybatch.clock import SystemClock
from codybatch.domain.errors import ModelError
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import AttemptOwner
from codybatch.domain.requests import RequestOptions
from codybatch.engines.local.crew import Crew, LaunchCommand
from codybatch.engines.local.dispatcher import Dispatcher, DispatcherSettings
from codybatch.engines.local.engine import LocalEngine
from codybatch.engines.local.processes import ProcessName, this_host
from codybatch.engines.local.station import Station
from codybatch.services.jobs import Jobs
from codybatch.services.prompts import Prompts
from codybatch.services.requests import Policy, Requests
from codybatch.services.waiting import WaitingRoom
from codybatch.settings import Settings, inherited_environment, is_loopback
from codybatch.stores.embedded import EmbeddedStore
from codybatch.workspace.checkout import WorkspaceLimits
from codybatch.workspace.redaction import Net, SecretScanner

if TYPE_CHECKING:
    from codybatch.claude.client import AnthropicClient
    from codybatch.github.code_host import GitHubCodeHost
    from codybatch.ports import CodeHost, ModelClient
    from codybatch.services.doctor import Patient
    from codybatch.worker.surroundings import Surroundings

_PROGRAM = (sys.executable, "-m", "codybatch")


@dataclass(frozen=True)
class Application:
    """What the faces call."""

    settings: Settings
    store: EmbeddedStore
    clock: SystemClock
    net: Net
    engine: LocalEngine
    prompts: Prompts
    requests: Requests
    jobs: Jobs
    clients: Clients

    @property
    def person(self) -> Person:
        """Who acts."""
        return Person(self.settings.acting_person)

    def default_options(self) -> RequestOptions:
        """The options of a new request where nobody says otherwise."""
        return RequestOptions(
            model=self.settings.model,
            job_cost_cap_usd=self.settings.job_cost_cap_usd,
            max_turns=self.settings.max_turns,
            max_minutes=self.settings.max_minutes,
            publish=self.settings.publish,
        )

    def close(self) -> None:
        """Let go of the store and of the clients."""
        self.clients.close()
        self.store.close()


class Clients:
    """The clients of services that one process uses: made when first asked for, then kept.

    The model's serves all threads; the code host's is one a thread.
    """

    def __init__(self, settings: Settings) -> None:
        """Make clients by ``settings``."""
        self._settings = settings
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._model: AnthropicClient | None = None
        self._code_hosts: list[GitHubCodeHost] = []

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
            found = self._mine.code_host = code_host(self._settings)
            with self._lock:
                self._code_hosts.append(found)
        return found

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            if self._model is not None:
                self._model.close()
            for one in self._code_hosts:
                one.close()
            self._model, self._code_hosts = None, []


def application(settings: Settings) -> Application:
    """Everything a face needs. Clients of services are made when they are first used."""
    clock = SystemClock()
    store = EmbeddedStore(settings.home)
    engine = LocalEngine(
        store.records,
        waiting_room(settings, store, clock),
        Station(settings.home),
        clock,
        launch_command(settings),
        settings.fingerprint(),
    )
    clients = Clients(settings)
    prompts = Prompts(store.records, clock)
    requests = Requests(
        records=store.records,
        engine=engine,
        prompts=prompts,
        code_host=clients.code_host,
        model=clients.model,
        clock=clock,
        policy=Policy(
            allowed=settings.allowed_repositories,
            max_repositories=settings.max_repositories_per_request,
            has_daily_cap=settings.daily_cost_cap_usd is not None,
        ),
    )
    jobs = Jobs(store.records, store.blobs, engine, clock)
    return Application(
        settings, store, clock, net(settings), engine, prompts, requests, jobs, clients
    )


def patient(app: Application) -> Patient:
    """What the doctor looks at."""
    from codybatch.services.doctor import Patient

    settings = app.settings
    return Patient(
        records=app.store.records,
        clock=app.clock,
        home=settings.home,
        allowed=settings.allowed_repositories,
        has_model_key=settings.anthropic_api_key is not None,
        model_credential=model_credential(settings),
        has_code_host_token=settings.github_token is not None,
        code_host_credential=code_host_credential(settings),
        model_name=settings.model,
        model=app.clients.model,
        code_host=app.clients.code_host,
        is_demonstration=settings.is_demonstration,
        has_caps=any(
            cap is not None
            for cap in (
                settings.job_cost_cap_usd,
                settings.request_cost_cap_usd,
                settings.daily_cost_cap_usd,
            )
        ),
        time_elsewhere=lambda: _time_at(settings.github_api_url),
        dispatcher=lambda: _dispatcher_in_words(app.engine),
    )


def _dispatcher_in_words(engine: LocalEngine) -> str | None:
    status = engine.status()
    return f"process {status.pid} with {len(status.workers)} workers" if status else None


def _time_at(address: str) -> datetime | None:
    """What time a server says it is; asked without any credential."""
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = not is_loopback(address)
            answer = session.head(address, timeout=10, allow_redirects=False)
        said = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def dispatcher(settings: Settings) -> Dispatcher:
    """The dispatcher of a home directory."""
    clock = SystemClock()
    store = EmbeddedStore(settings.home)
    station = Station(settings.home)
    return Dispatcher(
        store.records,
        waiting_room(settings, store, clock),
        station,
        Crew(station, launch_command(settings)),
        clock,
        DispatcherSettings(settings.max_parallel_jobs, settings.fingerprint()),
    )


def surroundings(settings: Settings) -> Surroundings:
    """What a worker works with."""
    from codybatch.services.publication import Publisher
    from codybatch.worker.surroundings import ConversationCommand, Surroundings

    clock = SystemClock()
    store = EmbeddedStore(settings.home)
    clients = Clients(settings)
    return Surroundings(
        records=store.records,
        blobs=store.blobs,
        code_host=clients.code_host,
        publisher=Publisher(clients.code_host, store.records, clock, net(settings)),
        clock=clock,
        net=net(settings),
        allowed=settings.allowed_repositories,
        limits=WorkspaceLimits(
            max_files=settings.max_repository_files,
            max_bytes=settings.max_repository_mb * 1024 * 1024,
        ),
        daily_cap_usd=settings.daily_cost_cap_usd,
        folder=settings.home / "work",
        conversation=ConversationCommand(
            arguments=(*_PROGRAM, "worker", "converse"),
            environment=conversation_environment(settings),
        ),
        credential=model_credential(settings),
        code_host_credential=code_host_credential(settings),
        price_table=price_table(settings),
    )


def worker_owner(engine_job: str, attempt: int) -> AttemptOwner:
    """This process, as the engine knows it."""
    name = ProcessName.of(os.getpid())
    return AttemptOwner(
        engine=engine_job.partition(":")[0],
        engine_job=engine_job,
        attempt=attempt,
        host=this_host(),
        pid=os.getpid(),
        pid_started_at=name.started_at if name else None,
    )


def conversation_environment(settings: Settings) -> dict[str, str]:
    """What the conversation's process gets: the model's key, and nothing of the code host's."""
    wanted = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "CODYBATCH_PRICES")
    ours = settings.as_environment()
    return {**inherited_environment(), **{name: ours[name] for name in wanted}}


def launch_command(settings: Settings) -> LaunchCommand:
    """How the dispatcher and the workers are started."""
    return LaunchCommand(_PROGRAM, {**inherited_environment(), **settings.as_environment()})


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


def conversation_model(settings: Settings) -> ModelClient:
    """The client of a conversation's process, which loads what it needs while the worker clones.

    What is wrong with the key or the address is said when the conversation asks for it, in the way
    that every failure of the service is.
    """
    client = model_client(settings)
    with suppress(ModelError):
        client.warm_up()
    return client


def price_table(settings: Settings) -> str:
    """The price table's name and version."""
    from codybatch.claude.prices import PriceBook

    return PriceBook(settings.price_overrides).name


def code_host(settings: Settings) -> GitHubCodeHost:
    """A client of the code host, for one thread."""
    from codybatch.github.code_host import GitHubCodeHost
    from codybatch.github.write_gate import WriteGate

    token = settings.github_token
    return GitHubCodeHost(
        settings.github_api_url,
        settings.github_server_url,
        token.get_secret_value() if token else None,
        SystemClock(),
        WriteGate(settings.github_write_pause_seconds, settings.home / "github-writes.lock"),
    )


def waiting_room(settings: Settings, store: EmbeddedStore, clock: SystemClock) -> WaitingRoom:
    """Who looks after waiting jobs."""
    credentials = frozenset({model_credential(settings), code_host_credential(settings)})
    return WaitingRoom(store.records, clock, settings.daily_cost_cap_usd, credentials)


def net(settings: Settings) -> Net:
    """The second net: takes secrets out of whatever is shown or stored for people."""
    return Net(settings.secrets(), SecretScanner())


def model_credential(settings: Settings) -> str:
    """The model credential's name and fingerprint."""
    return _fingerprint("ANTHROPIC_API_KEY", settings.anthropic_api_key)


def code_host_credential(settings: Settings) -> str:
    """The code host credential's name and fingerprint."""
    return _fingerprint("GITHUB_TOKEN", settings.github_token)


def _fingerprint(name: str, secret: object) -> str:
    value = getattr(secret, "get_secret_value", str)()
    return f"{name}:{hashlib.sha256(value.encode()).hexdigest()[:8]}"
