"""Wires settings, adapters and services together; with ``clients``, all that knows the adapters.

What lives here: functions that build what a face, a worker or a conversation needs, when asked.
What never does: a rule, a default that hides a setting, anything built at import.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from codybatch.clients import (
    Clients,
    code_host_credential,
    model_client,
    model_credential,
    price_table,
)
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
from codybatch.ports.tracing import UntracedConversation, UntracedWorker
from codybatch.services.continuations import Continuations
from codybatch.services.estimates import Estimates
from codybatch.services.history import History
from codybatch.services.intake import Intake, Policy
from codybatch.services.jobs import Jobs
from codybatch.services.preferences import Personal
from codybatch.services.prompts import Prompts
from codybatch.services.proposed import Proposed
from codybatch.services.pull_requests import PullRequests
from codybatch.services.requests import Requests
from codybatch.services.selection import Selections
from codybatch.services.waiting import WaitingRoom
from codybatch.settings import (
    Settings,
    exporting_environment,
    inherited_environment,
    is_loopback,
)
from codybatch.stores.embedded import EmbeddedStore
from codybatch.workspace.checkout import WorkspaceLimits
from codybatch.workspace.redaction import Net, SecretScanner

if TYPE_CHECKING:
    from codybatch.agent.preview import Opening
    from codybatch.domain.prompts import PromptDraft
    from codybatch.ports import ModelClient
    from codybatch.ports.tracing import Relay, TraceExport
    from codybatch.services.profiles import ProfiledRepository, Profiles
    from codybatch.services.publishing import Publishing
    from codybatch.services.schedules import Schedules
    from codybatch.services.verdicts import Verdicts
    from codybatch.worker.surroundings import Surroundings

log = logging.getLogger(__name__)

NO_TELEMETRY = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, and no spans are sent: OpenTelemetry is not installed. "
    "Install it by `pip install 'codybatch[telemetry]'`."
)
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
    continuations: Continuations
    clients: Clients

    @property
    def person(self) -> Person:
        """Who acts."""
        return Person(self.settings.acting_person)

    @property
    def selections(self) -> Selections:
        """Choosing repositories."""
        return Selections(self.clients.code_host, self.settings.allowed_repositories, self.clock)

    @property
    def history(self) -> History:
        """How things stand and how they went."""
        return History(self.store.records, self.clock)

    @property
    def personal(self) -> Personal:
        """What is kept for a person."""
        return Personal(self.store.records, self.clock)

    @property
    def profiles(self) -> Profiles:
        """Looking repositories over."""
        from codybatch.services.profiles import Profiles

        settings = self.settings
        return Profiles(
            self.clients.code_host,
            settings.allowed_repositories,
            workspace_limits(settings),
            settings.home / "profiles",
        )

    @property
    def schedules(self) -> Schedules:
        """Submitting requests again by the calendar."""
        from codybatch.services.scheduled_runs import ScheduledRuns
        from codybatch.services.schedules import Schedules

        records = self.store.records
        runs = ScheduledRuns(records, self.requests, self.clock, self.net.clean)
        return Schedules(records, self.requests, runs, self.clock)

    def default_options(self) -> RequestOptions:
        """The options of a new request where nobody says otherwise."""
        return RequestOptions(
            model=self.settings.model,
            job_cost_cap_usd=self.settings.job_cost_cap_usd,
            max_turns=self.settings.max_turns,
            max_minutes=self.settings.max_minutes,
            publish=self.settings.publish,
        )

    def preferred_options(self) -> RequestOptions:
        """The options of a new request as the person who acts prefers them."""
        return self.personal.preferences(self.person).value.defaults.over(self.default_options())

    def close(self) -> None:
        """Let go of the store, of the clients and of what the engine started."""
        self.engine.let_go()
        self.clients.close()
        self.store.close()


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
    redacting = net(settings)
    clients = Clients(settings, redacting)
    prompts = Prompts(store.records, clock)
    intake = Intake(
        records=store.records,
        engine=engine,
        code_host=clients.code_host,
        model=clients.model,
        clock=clock,
        policy=Policy(
            allowed=settings.allowed_repositories,
            max_repositories=settings.max_repositories_per_request,
            has_daily_cap=settings.daily_cost_cap_usd is not None,
            host=settings.code_host_name,
        ),
    )
    proposed = Proposed(store.records, PullRequests(store.records, clients.code_host, clock))
    estimates = Estimates(store.records, clients.model, clock, settings.daily_cost_cap_usd)
    requests = Requests(store.records, engine, prompts, intake, proposed, estimates, clock)
    jobs = Jobs(store.records, store.blobs, engine, clock)
    continuations = Continuations(store.records, intake, proposed, clock)
    return Application(
        settings=settings,
        store=store,
        clock=clock,
        net=redacting,
        engine=engine,
        prompts=prompts,
        requests=requests,
        jobs=jobs,
        continuations=continuations,
        clients=clients,
    )


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
    redacting = net(settings)
    clients = Clients(settings, redacting)
    tracing = worker_tracing(settings, redacting)
    is_traced = not isinstance(tracing, UntracedWorker)
    return Surroundings(
        records=store.records,
        blobs=store.blobs,
        code_host=clients.code_host,
        publisher=Publisher(clients.code_host, store.records, clock, redacting),
        clock=clock,
        net=redacting,
        allowed=settings.allowed_repositories,
        limits=workspace_limits(settings),
        daily_cap_usd=settings.daily_cost_cap_usd,
        folder=settings.home / "work",
        conversation=ConversationCommand(
            arguments=(*_PROGRAM, "worker", "converse", *(("--traced",) if is_traced else ())),
            environment=conversation_environment(settings),
        ),
        credential=model_credential(settings),
        code_host_credential=code_host_credential(settings),
        price_table=price_table(settings),
        tracing=tracing,
    )


def publishing(app: Application) -> Publishing:
    """Publishes patches after their jobs."""
    from codybatch.services.publication import Publisher
    from codybatch.services.publishing import Publishing

    records, host = app.store.records, app.clients.code_host
    return Publishing(
        records=records,
        blobs=app.store.blobs,
        code_host=host,
        publisher=Publisher(host, records, app.clock, app.net),
        clock=app.clock,
        allowed=app.settings.allowed_repositories,
        limits=workspace_limits(app.settings),
        scanner=SecretScanner(),
        folder=app.settings.home / "publishing",
    )


def pull_requests(app: Application) -> PullRequests:
    """Looks at pull requests that exist."""
    return PullRequests(app.store.records, app.clients.code_host, app.clock)


def verdicts(app: Application) -> Verdicts:
    """Keeps what people think of results."""
    from codybatch.services.verdicts import Verdicts

    return Verdicts(app.store.records, app.clock, app.settings.reasons, app.net.clean)


def first_words(
    prompt: PromptDraft,
    prompt_text: str,
    options: RequestOptions,
    looked_over: ProfiledRepository | None = None,
) -> Opening:
    """What the model would be told first: by the code that tells it.

    Args:
        prompt: what is to be run.
        prompt_text: the same with its variables filled in.
        options: of the request.
        looked_over: the repository, where one was looked over.
    """
    from codybatch.agent.preview import opening_of

    facts = looked_over.facts if looked_over else None
    return opening_of(
        prompt, prompt_text, options, facts, looked_over.profile if looked_over else None
    )


def workspace_limits(settings: Settings) -> WorkspaceLimits:
    """How large a repository may be."""
    return WorkspaceLimits(
        max_files=settings.max_repository_files,
        max_bytes=settings.max_repository_mb * 1024 * 1024,
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
    ours = settings.workers_environment()
    return {**inherited_environment(), **{name: ours[name] for name in wanted}}


def launch_command(settings: Settings) -> LaunchCommand:
    """How the dispatcher and the workers are started."""
    inherited = {**inherited_environment(), **exporting_environment()}
    return LaunchCommand(_PROGRAM, {**inherited, **settings.workers_environment()})


def worker_tracing(settings: Settings, redacting: Net) -> TraceExport:
    """Where a worker's spans go: nowhere unless a collector is configured."""
    if not settings.otlp_endpoint:
        return UntracedWorker()
    try:
        return _exported_traces(settings, redacting)
    except ImportError:
        log.warning("%s", NO_TELEMETRY)
    except Exception as error:  # noqa: BLE001  (no span is worth a job)
        log.warning("No spans are sent: %s", redacting.clean(f"{type(error).__name__}: {error}"))
    return UntracedWorker()


def _exported_traces(settings: Settings, redacting: Net) -> TraceExport:
    from codybatch.telemetry.export import Collector, ExportedTraces

    collector = Collector(
        address=settings.otlp_endpoint,
        service=settings.otel_service_name,
        release=version("codybatch"),
        use_system_proxy=not is_loopback(settings.otlp_endpoint),
    )
    return ExportedTraces(collector, redacting.clean)


def conversation_tracing(*, traced: bool) -> Relay:
    """Where a conversation's spans go: to its worker, where that collects them."""
    if not traced:
        return UntracedConversation()
    from codybatch.telemetry.relay import RelayedTracing

    return RelayedTracing()


def conversation_model(settings: Settings, tracing: Relay) -> ModelClient:
    """The client of a conversation's process, which loads what it needs while the worker clones.

    What is wrong with the key or the address is said when the conversation asks for it, in the way
    that every failure of the service is.
    """
    client = model_client(settings)
    with suppress(ModelError):
        client.warm_up()
    if isinstance(tracing, UntracedConversation):
        return client
    from codybatch.telemetry.model import TracedModel

    return TracedModel(client, tracing, settings.anthropic_base_url)


def waiting_room(settings: Settings, store: EmbeddedStore, clock: SystemClock) -> WaitingRoom:
    """Who looks after waiting jobs."""
    credentials = frozenset({model_credential(settings), code_host_credential(settings)})
    return WaitingRoom(store.records, clock, settings.daily_cost_cap_usd, credentials)


def net(settings: Settings) -> Net:
    """The second net: takes secrets out of whatever is shown or stored for people."""
    return Net(settings.secrets(), SecretScanner())
