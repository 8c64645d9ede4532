"""What people keep in DynamoDB - prompts, verdicts, schedules and more - keeps its contracts."""

from __future__ import annotations

from tests.contracts.aws import AwsFixtures
from tests.contracts.documents_contract import DocumentContract
from tests.contracts.experiments_contract import ExperimentContract, ExperimentListContract
from tests.contracts.flags_contract import UnjudgedContract, WithheldContract
from tests.contracts.prompts_contract import PromptContract
from tests.contracts.rest_contract import CredentialContract, VerdictContract
from tests.contracts.schedules_contract import ScheduleContract
from tests.contracts.tallies_contract import DayTallyContract


class TestPrompts(AwsFixtures, PromptContract):
    pass


class TestVerdicts(AwsFixtures, VerdictContract):
    pass


class TestUnjudged(AwsFixtures, UnjudgedContract):
    pass


class TestWithheld(AwsFixtures, WithheldContract):
    pass


class TestDayTallies(AwsFixtures, DayTallyContract):
    pass


class TestDocuments(AwsFixtures, DocumentContract):
    pass


class TestSchedules(AwsFixtures, ScheduleContract):
    pass


class TestExperiments(AwsFixtures, ExperimentContract):
    pass


class TestExperimentLists(AwsFixtures, ExperimentListContract):
    pass


class TestCredentials(AwsFixtures, CredentialContract):
    pass
