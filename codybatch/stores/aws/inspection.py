"""Looks at an account, a table and a bucket for the doctor; changes nothing there."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from codybatch.aws.region import session as sdk_session
from codybatch.ports.cloud import BucketFacts, CloudIdentity, TableFacts
from codybatch.stores.aws.bucket import Bucket, Refusal
from codybatch.stores.aws.connection import Connection
from codybatch.stores.aws.patience import Patience
from codybatch.stores.aws.refusals import Place, explained
from codybatch.stores.aws.schema import PARTITION_KEY, SORT_KEY, TIME_TO_LIVE

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LOOKING = Patience(connect=5.0, answer=10.0, attempts=2)
"""Somebody waits for what the doctor says."""
_SHUT = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_DENIED = ("AccessDenied", "403")


class AwsLook:
    """Looks at one account with the credentials of this process; nothing is asked before that."""

    def __init__(self, table: str, bucket: str) -> None:
        """Keep the names of the table and the bucket."""
        self._table = table
        self._bucket = bucket

    def identity(self) -> CloudIdentity:
        """Whom the account takes us for, which every credential may ask.

        Raises:
            StoreRefused: the credentials are missing, wrong or expired.
            StoreUnavailable: the account cannot be reached.
            StoreNotSetUp: no region is set.
        """
        session, region = None, ""
        config = Config(
            connect_timeout=LOOKING.connect,
            read_timeout=LOOKING.answer,
            retries={"total_max_attempts": LOOKING.attempts},  # it changes nothing
        )
        try:
            session = sdk_session()
            region = session.region_name or ""
            with closing(session.client("sts", config=config)) as sts:
                told = sts.get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            place = Place("AWS", "the account", "AWS_PROFILE")
            raise explained(error, "say who we are", place, region) from error
        return CloudIdentity(told["Account"], told["Arn"], region, _time_of(told))

    def table(self) -> TableFacts:
        """The table.

        Raises:
            StoreRefused: we may not look at it.
            StoreUnavailable: DynamoDB cannot be reached.
            StoreNotSetUp: it is not there.
        """
        name = self._table
        with closing(Connection(name, LOOKING)) as dynamo:
            table = dynamo.ask(lambda db: db.describe_table(TableName=name), "show it")["Table"]
            ends = dynamo.ask(
                lambda db: db.describe_time_to_live(TableName=name), "show its time to live"
            )["TimeToLiveDescription"]
        types = {
            one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]
        }
        is_on = ends.get("TimeToLiveStatus") in {"ENABLED", "ENABLING"}
        return TableFacts(
            name=name,
            is_ready=table["TableStatus"] in {"ACTIVE", "UPDATING"},
            keys=tuple(
                f"{one['AttributeName']} {types[one['AttributeName']]}"
                for one in sorted(table["KeySchema"], key=lambda one: one["KeyType"])
            ),
            expected_keys=(f"{PARTITION_KEY} S", f"{SORT_KEY} S"),
            time_to_live=ends.get("AttributeName", "") if is_on else "",
            expected_time_to_live=TIME_TO_LIVE,
        )

    def bucket(self) -> BucketFacts:
        """The bucket.

        Raises:
            StoreRefused: we may not see whether it is there.
            StoreUnavailable: S3 cannot be reached.
            StoreNotSetUp: it is not there, or in another region.
        """
        with closing(Bucket(self._bucket, LOOKING)) as bucket:
            bucket.confirm()
            return BucketFacts(self._bucket, _is_shut(bucket), _is_public(bucket))


def _is_shut(bucket: Bucket) -> bool | None:
    """Whether nothing can make it public; None where we may not look."""

    def look(s3: S3Client) -> bool:
        told = s3.get_public_access_block(Bucket=bucket.name)
        block: dict[str, Any] = {**told["PublicAccessBlockConfiguration"]}
        return all(block.get(part) for part in _SHUT)

    try:
        return bucket.ask(
            look, "show its public access", *_DENIED, "NoSuchPublicAccessBlockConfiguration"
        )
    except Refusal as refusal:
        return None if refusal.code in _DENIED else False


def _is_public(bucket: Bucket) -> bool:
    """Whether its policy opens it to everybody, as far as we may look."""

    def look(s3: S3Client) -> bool:
        status = s3.get_bucket_policy_status(Bucket=bucket.name).get("PolicyStatus", {})
        return bool(status.get("IsPublic"))

    try:
        return bucket.ask(look, "show who may read it", *_DENIED, "NoSuchBucketPolicy")
    except Refusal:
        return False


def _time_of(told: Any) -> datetime | None:
    try:
        said = parsedate_to_datetime(told["ResponseMetadata"]["HTTPHeaders"]["date"])
    except (KeyError, ValueError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)
