"""The embedded store keeps the contracts of its ports."""

from __future__ import annotations

from tests.contracts.blobs_contract import PutContract, ReadContract
from tests.contracts.budgets_contract import DayChangeContract, GiveBackContract, ReserveContract
from tests.contracts.embedded import EmbeddedFixtures
from tests.contracts.lists_contract import JobListContract, RequestListContract, TimeRangeContract
from tests.contracts.prompts_contract import PromptContract
from tests.contracts.requests_contract import CreateContract, UpdateRequestContract
from tests.contracts.rest_contract import (
    CareContract,
    CredentialContract,
    EventContract,
    PublicationContract,
    SubmissionContract,
    VerdictContract,
)
from tests.contracts.search_contract import SearchContract
from tests.contracts.walk_contract import WalkContract
from tests.contracts.work_contract import (
    CancelContract,
    ClaimContract,
    CommitContract,
    LeaseContract,
    LeaveContract,
)


class TestPrompts(EmbeddedFixtures, PromptContract):
    pass


class TestCreate(EmbeddedFixtures, CreateContract):
    pass


class TestUpdateRequest(EmbeddedFixtures, UpdateRequestContract):
    pass


class TestJobLists(EmbeddedFixtures, JobListContract):
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


class TestCare(EmbeddedFixtures, CareContract):
    pass


class TestWalk(EmbeddedFixtures, WalkContract):
    pass


class TestPut(EmbeddedFixtures, PutContract):
    pass


class TestRead(EmbeddedFixtures, ReadContract):
    pass
