"""Wires settings, adapters and services together; with ``clients``, all that knows the adapters.

What lives here: functions that build what a face, a worker or a conversation needs, when asked.
What never does: a rule, a default that hides a setting, anything built at import.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codybatch.backing import PROGRAM, dispatcher_of, engine_of, store_of
from codybatch.clients import (
    Clients,
    code_host_credential,
    model_credential,
    price_table,
)
from codybatch.clock import SystemClock
from codybatch.domain.errors import EngineError
from codybatch.domain.identifiers import Person
from codybatch.domain.jobs import AttemptOwner
from codybatch.domain.requests import RequestOptions
from codybatch.engines.local.dispatcher import Dispatcher
from codybatch.engines.local.engine import LocalEngine
from codybatch.engines.local.processes import ProcessName, this_host
from codybatch.ports.tracing import UntracedWorker
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
from codybatch.settings import Settings, inherited_environment
from codybatch.stores.embedded import EmbeddedStore
from codybatch.tracing import worker_tracing
from codybatch.workspace.checkout import WorkspaceLimits
from codybatch.workspace.redaction import Net, SecretScanner

if TYPE_CHECKING:
    from pathlib import Path

    from codybatch.agent.preview import Opening
    from codybatch.domain.prompts import PromptDraft
    from codybatch.ports import Engine, Records, Store
    from codybatch.services.checks import JobChecks
    from codybatch.services.experiments import Experiments
    from codybatch.services.profiles import ProfiledRepository, Profiles
    from codybatch.services.publishing import Publishing
    from codybatch.services.schedules import Schedules
    from codybatch.services.verdict_reasons import VerdictReasons
    from codybatch.services.verdicts import Verdicts
    from codybatch.worker.surroundings import Surroundings


@dataclass(frozen=True)
class Application:
    """What the faces call."""

    settings: Settings
    store: Store
    clock: SystemClock
    net: Net
    engine: Engine
    prompts: Prompts
    requests: Requests
    jobs: Jobs
    continuations: Continuations
    clients: Clients

    @property
    def local_engine(self) -> LocalEngine:
        """The engine, where processes of this machine run the jobs.

        Raises:
            EngineError: AWS Batch runs them, so that there is no dispatcher.
        """
        if isinstance(self.engine, LocalEngine):
            return self.engine
        raise EngineError(
            f"AWS Batch runs the jobs (queue {self.settings.job_queue}), so there is no dispatcher "
            "here. `codybatch doctor` looks at the queue; CODYBATCH_ENGINE=local would run jobs on "
            "this machine."
        )

    @property
    def database(self) -> Path | None:
        """The store's file, where it has one."""
        return self.store.database_path if isinstance(self.store, EmbeddedStore) else None

    def take_over(self) -> None:
        """Let the jobs of this machine go on, with these settings from now on; AWS Batch's go on by
        the deployment's own tick and settings.

        Raises:
            EngineError: nothing can be started that would run them.
        """
        if isinstance(self.engine, LocalEngine):
            self.engine.take_over()

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

    @property
    def experiments(self) -> Experiments:
        """Comparing prompts over the same repositories."""
        from codybatch.services.cell_requests import CellRequests
        from codybatch.services.experiment_arms import ExperimentArms
        from codybatch.services.experiment_cells import ExperimentCells
        from codybatch.services.experiment_growth import ExperimentGrowth
        from codybatch.services.experiment_pins import ExperimentPins
        from codybatch.services.experiment_runs import ExperimentRuns
        from codybatch.services.experiments import Experiments

        records, requests, clock = self.store.records, self.requests, self.clock
        intake, estimates, clean = requests.intake, requests.estimates, self.net.clean
        cells = ExperimentCells(records)
        cell_requests = CellRequests(records, intake, clock, clean)
        runs = ExperimentRuns(records, cells, requests, cell_requests, estimates, clock, clean)
        pins = ExperimentPins(intake, self.store.blobs)
        growth = ExperimentGrowth(ExperimentArms(self.prompts), pins, cells, intake, clock)
        return Experiments(records, requests, growth, pins, cells, runs, estimates, clock)

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
    clock, store = SystemClock(), store_of(settings)
    waiting = waiting_room(settings, store.records, clock)
    engine = engine_of(settings, store.records, waiting, clock)
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
            request_cap_usd=settings.request_cost_cap_usd,
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
    clock, records = SystemClock(), store_of(settings).records
    return dispatcher_of(settings, records, waiting_room(settings, records, clock), clock)


def surroundings(settings: Settings) -> Surroundings:
    """What a worker works with."""
    from codybatch.services.publication import Publisher
    from codybatch.worker.surroundings import ConversationCommand, Surroundings

    clock, store = SystemClock(), store_of(settings, is_patient=True)
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
            arguments=(*PROGRAM, "worker", "converse", *(("--traced",) if is_traced else ())),
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

    return Verdicts(app.store.records, app.clock, verdict_reasons(app).of, app.net.clean)


def checks(app: Application) -> JobChecks:
    """What can be said of a job's result without an opinion."""
    from codybatch.services.checks import JobChecks

    return JobChecks(app.store.records, app.store.blobs)


def verdict_reasons(app: Application) -> VerdictReasons:
    """Which reasons a verdict may name."""
    from codybatch.services.verdict_reasons import VerdictReasons

    return VerdictReasons(app.store.records, app.settings.reasons)


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


def waiting_room(settings: Settings, records: Records, clock: SystemClock) -> WaitingRoom:
    """Who looks after waiting jobs."""
    credentials = frozenset({model_credential(settings), code_host_credential(settings)})
    return WaitingRoom(records, clock, settings.daily_cost_cap_usd, credentials)


def net(settings: Settings) -> Net:
    """The second net: takes secrets out of whatever is shown or stored for people."""
    return Net(settings.secrets(), SecretScanner())
