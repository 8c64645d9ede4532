"""The store on AWS keeps the contracts of its ports."""

from __future__ import annotations

from tests.contracts.aws import AwsFixtures
from tests.contracts.budgets_contract import ReserveContract
from tests.contracts.claims_contract import ClaimContract
from tests.contracts.crash_contract import CrashContract
from tests.contracts.endings_contract import CancelContract, LeaveContract
from tests.contracts.giving_back_contract import DayChangeContract, GiveBackContract
from tests.contracts.interleavings_contract import InterleavingContract
from tests.contracts.leases_contract import CommitContract, LeaseContract
from tests.contracts.lineages_contract import LineageContract
from tests.contracts.lists_contract import JobListContract, OpenPullRequestContract
from tests.contracts.ranges_contract import RequestListContract, TimeRangeContract
from tests.contracts.requests_contract import CreateContract, UpdateRequestContract
from tests.contracts.rest_contract import (
    CareContract,
    EventContract,
    PublicationContract,
    SubmissionContract,
)
from tests.contracts.search_contract import SearchContract
from tests.contracts.tallies_contract import PromptTallyContract
from tests.contracts.walk_contract import WalkContract


class TestCreate(AwsFixtures, CreateContract):
    pass


class TestUpdateRequest(AwsFixtures, UpdateRequestContract):
    pass


class TestLineages(AwsFixtures, LineageContract):
    pass


class TestJobLists(AwsFixtures, JobListContract):
    pass


class TestOpenPullRequests(AwsFixtures, OpenPullRequestContract):
    pass


class TestTimeRange(AwsFixtures, TimeRangeContract):
    pass


class TestRequestLists(AwsFixtures, RequestListContract):
    pass


class TestSearch(AwsFixtures, SearchContract):
    pass


class TestClaims(AwsFixtures, ClaimContract):
    pass


class TestLeases(AwsFixtures, LeaseContract):
    pass


class TestCommits(AwsFixtures, CommitContract):
    pass


class TestLeaving(AwsFixtures, LeaveContract):
    pass


class TestCancel(AwsFixtures, CancelContract):
    pass


class TestReserve(AwsFixtures, ReserveContract):
    pass


class TestDayChange(AwsFixtures, DayChangeContract):
    pass


class TestGiveBack(AwsFixtures, GiveBackContract):
    pass


class TestEvents(AwsFixtures, EventContract):
    pass


class TestSubmissions(AwsFixtures, SubmissionContract):
    pass


class TestPublications(AwsFixtures, PublicationContract):
    pass


class TestCare(AwsFixtures, CareContract):
    pass


class TestPromptTallies(AwsFixtures, PromptTallyContract):
    pass


class TestInterleavings(AwsFixtures, InterleavingContract):
    pass


class TestWalk(AwsFixtures, WalkContract):
    pass


class TestCrash(AwsFixtures, CrashContract):
    pass
