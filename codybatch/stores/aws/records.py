"""The records port on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from codybatch.ports.blobs import Blobs
from codybatch.stores.aws.care import CareRecords
from codybatch.stores.aws.creation import Creation
from codybatch.stores.aws.credentials import CredentialRecords
from codybatch.stores.aws.documents import DocumentRecords
from codybatch.stores.aws.experiments import ExperimentRecords
from codybatch.stores.aws.job_items import JobItems
from codybatch.stores.aws.jobs import JobRecords
from codybatch.stores.aws.kept_requests import RequestItems
from codybatch.stores.aws.ledgers import MoneyRecords, SubmissionRecords, TallyRecords
from codybatch.stores.aws.prompts import PromptRecords
from codybatch.stores.aws.requests import RequestRecords
from codybatch.stores.aws.schedules import ScheduleRecords
from codybatch.stores.aws.table import Table
from codybatch.stores.aws.texts import Texts
from codybatch.stores.aws.verdicts import VerdictRecords
from codybatch.stores.aws.work import WorkRecords


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DynamoRecords(
    RequestRecords,
    JobRecords,
    WorkRecords,
    SubmissionRecords,
    MoneyRecords,
    TallyRecords,
    PromptRecords,
    VerdictRecords,
    DocumentRecords,
    ScheduleRecords,
    ExperimentRecords,
    CredentialRecords,
    CareRecords,
):
    """``Records`` in one table; each part stands in a file of its own."""

    def __init__(self, table: Table, blobs: Blobs, now: Callable[[], datetime] = _utc_now) -> None:
        """Keep what all parts share.

        Args:
            table: with everything but the longest texts.
            blobs: with those.
            now: gives the time, aware: events have their time to live from then on.
        """
        self._table = table
        self._texts = Texts(blobs)
        self._now = now
        self._jobs = JobItems(table, self._texts, now)
        self._requests = RequestItems(table, self._texts)
        self._creation = Creation(table, self._jobs, self._requests, now)
