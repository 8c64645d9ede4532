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
    from codybatch.engines.aws_batch import BatchPlace
    from codybatch.ports import Clock, Engine, Records, Store, WaitingJobs
    from codybatch.ports.cloud import QueueLook, StoreLook
    from codybatch.ports.site import Site
    from codybatch.stores.aws.site import S3Site
    from codybatch.stores.aws.store import AwsStore

WITHOUT_AWS = (
    "CODYBATCH_STORE is aws, and boto3 is not installed. Install it by "
    "`pip install 'codybatch[aws]'`, or set CODYBATCH_STORE to embedded."
)
WITHOUT_SITE = (
    "CODYBATCH_SITE_BUCKET is not set, so there is no site to publish to. `make -s connect` says "
    "its name where the stack `site` is deployed; --output writes the report to a folder."
)
PROGRAM = (sys.executable, "-m", "codybatch")


def store_of(settings: Settings, *, is_patient: bool = False) -> Store:
    """Where records live; neither disk nor network is touched before their first use.

    Args:
        settings: of this process.
        is_patient: whether nobody waits for an answer, so that a service may take minutes.

    Raises:
        UsageError: what a store in AWS needs is not installed.
    """
    if settings.uses_aws:
        return _aws_store(settings, is_patient=is_patient)
    return EmbeddedStore(settings.home)


def _aws_store(settings: Settings, *, is_patient: bool = False) -> AwsStore:
    try:
        from codybatch.stores.aws.store import AwsStore
    except ModuleNotFoundError as error:
        raise UsageError(WITHOUT_AWS) from error
    return AwsStore(settings.table, settings.bucket, is_patient=is_patient)


def make_store(settings: Settings) -> None:
    """Make table and buckets where they are missing: for stand-ins, which no infrastructure makes.

    Raises:
        StoreError: they cannot be made.
    """
    store = _aws_store(settings)
    store.create()
    store.close()
    if settings.site_bucket:
        _s3_site(settings).create()


def site_of(settings: Settings) -> Site:
    """Where reports are published; neither disk nor network is touched before its first use.

    Raises:
        UsageError: records live in AWS, and no site is named.
    """
    if not settings.uses_aws:
        from codybatch.stores.embedded.site import FolderSite

        return FolderSite(settings.home)
    if not settings.site_bucket:
        raise UsageError(WITHOUT_SITE)
    return _s3_site(settings)


def _s3_site(settings: Settings) -> S3Site:
    try:
        from codybatch.stores.aws.site import S3Site
    except ModuleNotFoundError as error:
        raise UsageError(WITHOUT_AWS) from error
    return S3Site(settings.site_bucket, settings.site_url)


def store_look_of(settings: Settings) -> StoreLook | None:
    """What looks at where records live, for the doctor; None where that is this machine."""
    if not settings.uses_aws:
        return None
    from codybatch.stores.aws.inspection import AwsLook

    return AwsLook(settings.table, settings.bucket)


def queue_look_of(settings: Settings, clock: Clock) -> QueueLook | None:
    """What looks at what runs the jobs, for the doctor; None where that is this machine."""
    if not settings.runs_on_batch:
        return None
    from codybatch.engines.aws_batch.inspection import BatchLook

    return BatchLook(_place(settings), clock)


def engine_of(settings: Settings, records: Records, waiting: WaitingJobs, clock: Clock) -> Engine:
    """What runs jobs.

    Args:
        settings: of this process.
        records: the store's.
        waiting: who looks after waiting jobs.
        clock: of this machine.
    """
    if settings.runs_on_batch:
        from codybatch.engines.aws_batch import BatchEngine

        return BatchEngine(records, waiting, clock, _place(settings))
    return LocalEngine(
        records,
        waiting,
        Station(settings.home),
        clock,
        launch_command(settings),
        settings.fingerprint(),
    )


def _place(settings: Settings) -> BatchPlace:
    from codybatch.engines.aws_batch import BatchPlace

    return BatchPlace(settings.job_queue, settings.job_definition, settings.log_group)


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
