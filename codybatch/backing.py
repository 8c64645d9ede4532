"""What records and jobs rest on, as the settings say: a store, and an engine.

What lives here: which adapters are taken for which settings.
What never does: a service, a face, or boto3 where nothing of AWS is used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from codybatch.domain.errors import UsageError
from codybatch.engines.local.crew import Crew, LaunchCommand
from codybatch.engines.local.dispatcher import Dispatcher, DispatcherSettings
from codybatch.engines.local.engine import LocalEngine
from codybatch.engines.local.station import Station
from codybatch.settings import Settings, exporting_environment, inherited_environment
from codybatch.stores.embedded import EmbeddedStore

if TYPE_CHECKING:
    from codybatch.ports import Clock, Engine, Records, Store, WaitingJobs
    from codybatch.ports.cloud import StoreLook

PROGRAM = (sys.executable, "-m", "codybatch")


def store_of(settings: Settings) -> Store:
    """Where records live; neither disk nor network is touched before their first use.

    Raises:
        UsageError: this release has no such store.
    """
    if settings.uses_aws:
        raise UsageError("CODYBATCH_STORE=aws cannot be used yet: set it to embedded.")
    return EmbeddedStore(settings.home)


def store_look_of(settings: Settings) -> StoreLook | None:
    """What looks at where records live, for the doctor; None where that is this machine."""
    if not settings.uses_aws:
        return None
    from codybatch.stores.aws.inspection import AwsLook

    return AwsLook(settings.table, settings.bucket)


def engine_of(settings: Settings, records: Records, waiting: WaitingJobs, clock: Clock) -> Engine:
    """What runs jobs.

    Args:
        settings: of this process.
        records: the store's.
        waiting: who looks after waiting jobs.
        clock: of this machine.
    """
    return LocalEngine(
        records,
        waiting,
        Station(settings.home),
        clock,
        launch_command(settings),
        settings.fingerprint(),
    )


def dispatcher_of(
    settings: Settings, records: Records, waiting: WaitingJobs, clock: Clock
) -> Dispatcher:
    """The dispatcher of a home directory; its arguments are those of ``engine_of``."""
    station = Station(settings.home)
    return Dispatcher(
        records,
        waiting,
        station,
        Crew(station, launch_command(settings)),
        clock,
        DispatcherSettings(settings.max_parallel_jobs, settings.fingerprint()),
    )


def launch_command(settings: Settings) -> LaunchCommand:
    """How the dispatcher and the workers are started."""
    inherited = {**inherited_environment(), **exporting_environment()}
    return LaunchCommand(PROGRAM, {**inherited, **settings.workers_environment()})
