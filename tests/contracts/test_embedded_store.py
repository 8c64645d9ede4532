"""The embedded store keeps the contracts of its ports."""

from __future__ import annotations

from tests.contracts.blobs_contract import PutContract, ReadContract
from tests.contracts.budgets_contract import ReserveContract
from tests.contracts.claims_contract import ClaimContract
from tests.contracts.crash_contract import CrashContract
from tests.contracts.documents_contract import DocumentContract
from tests.contracts.embedded import EmbeddedFixtures
from tests.contracts.endings_contract import CancelContract, LeaveContract
from tests.contracts.experiments_contract import ExperimentContract, ExperimentListContract
from tests.contracts.flags_contract import UnjudgedContract, WithheldContract
from tests.contracts.giving_back_contract import DayChangeContract, GiveBackContract
from tests.contracts.interleavings_contract import InterleavingContract
from tests.contracts.leases_contract import CommitContract, LeaseContract
from tests.contracts.lineages_contract import LineageContract
from tests.contracts.lists_contract import JobListContract, OpenPullRequestContract
from tests.contracts.prompts_contract import PromptContract
from tests.contracts.ranges_contract import RequestListContract, TimeRangeContract
from tests.contracts.requests_contract import CreateContract, UpdateRequestContract
from tests.contracts.rest_contract import (
    CareContract,
    CredentialContract,
    EventContract,
    PublicationContract,
    SubmissionContract,
    VerdictContract,
)
from tests.contracts.schedules_contract import ScheduleContract
from tests.contracts.search_contract import SearchContract
from tests.contracts.tallies_contract import DayTallyContract, PromptTallyContract
from tests.contracts.walk_contract import WalkContract


class TestPrompts(EmbeddedFixtures, PromptContract):
    pass


class TestCreate(EmbeddedFixtures, CreateContract):
    pass


class TestUpdateRequest(EmbeddedFixtures, UpdateRequestContract):
    pass


class TestLineages(EmbeddedFixtures, LineageContract):
    pass


class TestJobLists(EmbeddedFixtures, JobListContract):
    pass


class TestOpenPullRequests(EmbeddedFixtures, OpenPullRequestContract):
    pass


class TestUnjudged(EmbeddedFixtures, UnjudgedContract):
    pass


class TestWithheld(EmbeddedFixtures, WithheldContract):
    pass


class TestTimeRange(EmbeddedFixtures, TimeRangeContract):
    pass


class TestRequestLists(EmbeddedFixtures, RequestListContract):
    pass


class TestSearch(EmbeddedFixtures, SearchContract):
    pass


class TestClaims(EmbeddedFixtures, ClaimContract):
    pass


class TestLeases(EmbeddedFixtures, LeaseContract):
    pass


class TestCommits(EmbeddedFixtures, CommitContract):
    pass


class TestLeaving(EmbeddedFixtures, LeaveContract):
    pass


class TestCancel(EmbeddedFixtures, CancelContract):
    pass


class TestReserve(EmbeddedFixtures, ReserveContract):
    pass


class TestDayChange(EmbeddedFixtures, DayChangeContract):
    pass


class TestGiveBack(EmbeddedFixtures, GiveBackContract):
    pass


class TestEvents(EmbeddedFixtures, EventContract):
    pass


class TestSubmissions(EmbeddedFixtures, SubmissionContract):
    pass


class TestPublications(EmbeddedFixtures, PublicationContract):
    pass


class TestVerdicts(EmbeddedFixtures, VerdictContract):
    pass


class TestCredentials(EmbeddedFixtures, CredentialContract):
    pass


class TestDocuments(EmbeddedFixtures, DocumentContract):
    pass


class TestSchedules(EmbeddedFixtures, ScheduleContract):
    pass


class TestExperiments(EmbeddedFixtures, ExperimentContract):
    pass


class TestExperimentLists(EmbeddedFixtures, ExperimentListContract):
    pass


class TestCare(EmbeddedFixtures, CareContract):
    pass


class TestDayTallies(EmbeddedFixtures, DayTallyContract):
    pass


class TestPromptTallies(EmbeddedFixtures, PromptTallyContract):
    pass


class TestInterleavings(EmbeddedFixtures, InterleavingContract):
    pass


class TestWalk(EmbeddedFixtures, WalkContract):
    pass


class TestPut(EmbeddedFixtures, PutContract):
    pass


class TestRead(EmbeddedFixtures, ReadContract):
    pass


class TestCrash(EmbeddedFixtures, CrashContract):
    pass
