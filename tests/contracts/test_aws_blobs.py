"""Objects in S3 keep the contract of blobs."""

from __future__ import annotations

from tests.contracts.aws import AwsFixtures
from tests.contracts.blobs_contract import PutContract, ReadContract


class TestPut(AwsFixtures, PutContract):
    pass


class TestRead(AwsFixtures, ReadContract):
    pass
