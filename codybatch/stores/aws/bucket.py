"""The one bucket of a store: each call to it has its time, its patience and its errors."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from codybatch.aws.region import session as sdk_session
from codybatch.domain.errors import StoreNotSetUp
from codybatch.stores.aws.patience import USUAL, Patience
from codybatch.stores.aws.refusals import (
    AwsError,
    Place,
    absent,
    code_of,
    explained,
    is_passing,
)
from codybatch.stores.aws.setbacks import Setbacks

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.literals import BucketLocationConstraintType

T = TypeVar("T")
log = logging.getLogger(__name__)


class Refusal(Exception):
    """S3 answered with a code that its caller asked to be told."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


class Bucket:
    """One bucket; nothing is asked before the first call. Any thread may call."""

    def __init__(
        self,
        name: str,
        patience: Patience = USUAL,
        session: Session | None = None,
        setting: str = "CODYBATCH_BUCKET",
    ) -> None:
        """Keep which one, and how long to wait for it.

        Args:
            name: the bucket's.
            patience: how long.
            session: where the SDK's client comes from; one of its own where None.
            setting: the variable that names it, for messages.
        """
        self.name = name
        self.patience = patience
        self.setbacks = Setbacks()
        self._session = session
        self._place = Place("S3", f"the bucket {name}", setting)
        self._making = Lock()
        self._client: S3Client | None = None
        self._seen = False

    @property
    def client(self) -> S3Client:
        """The SDK's client: it never asks twice by itself, and signs links with version 4."""
        with self._making:
            if self._client is None:
                self._client = _client(self._session or sdk_session(), self.patience)
            return self._client

    def ask(
        self,
        call: Callable[[S3Client], T],
        doing: str,
        *told: str,
        pauses: Iterable[float] | None = None,
    ) -> T:
        """What ``call`` gives, made again while its failure may pass: it must bear being repeated.

        Args:
            call: one call to S3 and the reading of its answer.
            doing: what it does, for messages, as ``store the object jobs/1``.
            told: codes that its caller wants to know of.
            pauses: seconds before each repetition; our patience's where None.

        Raises:
            Refusal: the answer was one of ``told``.
            StoreUnavailable: S3 was not there, or throttled us, however often we asked.
            StoreRefused: the credentials are wrong, or may not do this.
            StoreNotSetUp: there is no such bucket, or it is elsewhere.
        """
        left = iter(self.patience.pauses() if pauses is None else pauses)
        while True:
            try:
                answer = call(self.client)
            except (BotoCoreError, ClientError) as error:
                if code_of(error) in told:
                    raise Refusal(code_of(error)) from error
                pause = next(left, None) if is_passing(error) else None
                if pause is None:
                    raise explained(error, doing, self._place, self._region()) from error
                self._note(error, doing, pause)
                time.sleep(pause)
            else:
                self._seen = True
                return answer

    def confirm(self) -> None:
        """Make sure that the bucket is there: an answer to HEAD does not say which one is missing,
        bucket or object. It is asked only where nothing was ever read or written.

        Raises:
            StoreNotSetUp: it is not there.
        """
        if not self._seen:
            try:
                self.ask(lambda s3: s3.head_bucket(Bucket=self.name), "look for objects", "404")
            except Refusal as refusal:
                raise absent(self._place, self._region()) from refusal

    def create(self) -> None:
        """Make the bucket where there is none, shut to the public: for stand-ins, which no
        infrastructure makes.
        """
        with contextlib.suppress(Refusal):
            self.ask(self._create, "make the bucket", "BucketAlreadyOwnedByYou")
        self.ask(self._shut, "block public access")

    def _create(self, s3: S3Client) -> None:
        region = s3.meta.region_name
        if region == "us-east-1":  # the one region that may not be named
            s3.create_bucket(Bucket=self.name)
        else:
            there = cast("BucketLocationConstraintType", region)
            s3.create_bucket(
                Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": there}
            )

    def _shut(self, s3: S3Client) -> None:
        s3.put_public_access_block(
            Bucket=self.name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )

    def close(self) -> None:
        """Let go of connections; the next call makes new ones."""
        with self._making:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _region(self) -> str:
        return self._client.meta.region_name if self._client else "that is set"

    def _note(self, error: AwsError, doing: str, pause: float) -> None:
        why = code_of(error) or type(error).__name__
        self.setbacks.count(why)
        log.warning("S3 did not %s (%s); asking again in %.1f s", doing, why, pause)


def _client(session: Session, patience: Patience) -> S3Client:
    config = Config(
        connect_timeout=patience.connect,
        read_timeout=patience.answer,
        retries={"total_max_attempts": 1},
        signature_version="s3v4",
        tcp_keepalive=True,
        max_pool_connections=32,
    )
    try:
        return session.client("s3", config=config)
    except ValueError as error:  # how the SDK refuses an endpoint
        raise StoreNotSetUp(f"{error}. Check AWS_ENDPOINT_URL_S3 and AWS_REGION.") from error
