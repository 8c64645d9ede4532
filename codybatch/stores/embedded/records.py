"""The records port on SQLite."""

from __future__ import annotations

from codybatch.stores.embedded.care import CareRecords
from codybatch.stores.embedded.database import Database
from codybatch.stores.embedded.documents import DocumentRecords
from codybatch.stores.embedded.experiments import ExperimentTable
from codybatch.stores.embedded.jobs import JobRecords
from codybatch.stores.embedded.ledgers import MoneyRecords, SubmissionRecords, VerdictRecords
from codybatch.stores.embedded.prompts import PromptRecords
from codybatch.stores.embedded.requests import RequestRecords
from codybatch.stores.embedded.schedules import ScheduleTable
from codybatch.stores.embedded.tallies import TallyRecords
from codybatch.stores.embedded.work import WorkRecords


class EmbeddedRecords(
    PromptRecords,
    RequestRecords,
    JobRecords,
    WorkRecords,
    SubmissionRecords,
    VerdictRecords,
    MoneyRecords,
    DocumentRecords,
    TallyRecords,
    ScheduleTable,
    ExperimentTable,
    CareRecords,
):
    """``Records`` in one SQLite database; each part stands in a file of its own."""

    def __init__(self, database: Database) -> None:
        """Keep the database that all parts share."""
        self._database = database
