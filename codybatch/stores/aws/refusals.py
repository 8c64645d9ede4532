"""What the refusals of AWS mean: each becomes one of our errors, with what to do.

The codes are those of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and of
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html. An answer
to HEAD has no body, so that its code is the HTTP status.
"""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    NoRegionError,
    ParamValidationError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

from codybatch.aws.codes import BAD_CREDENTIALS, DENIED, NO_CREDENTIALS, THROTTLED
from codybatch.domain.errors import StoreError, StoreNotSetUp, StoreRefused, StoreUnavailable

AwsError = BotoCoreError | ClientError

_BAD_CREDENTIALS = BAD_CREDENTIALS | {"400"}  # all that HEAD says of an expired token
_DENIED = DENIED | {"403", "AccountProblem", "AllAccessDisabled"}
_ABSENT = {"NoSuchBucket", "ResourceNotFoundException"}
_ELSEWHERE = {
    "301",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "PermanentRedirect",
}
_THROTTLED = THROTTLED | {"503"}
# Damage on the way (BadDigest) goes when the same bytes are sent once more.
_PASSING = {
    "BadDigest",
    "OperationAborted",
    "RequestTimeout",
    "TransactionConflictException",
    "TransactionInProgressException",
    "XAmzContentChecksumMismatch",
}
_LONGEST_QUOTE = 300


@dataclass(frozen=True)
class Place:
    """What is asked, for messages."""

    service: str
    what: str
    """Such as ``the bucket codybatch-dev``."""
    setting: str
    """The variable that names it."""


def code_of(error: AwsError) -> str:
    """The code of an answer; empty where none came."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_throttled(error: AwsError) -> bool:
    """Whether we are asked to slow down."""
    return code_of(error) in _THROTTLED


def is_passing(error: AwsError) -> bool:
    """Whether the same call may do when it is made again."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or code_of(error) in _THROTTLED | _PASSING
    return isinstance(error, HTTPClientError | IncompleteReadError | NoConnection)


def explained(error: AwsError, doing: str, place: Place, region: str) -> StoreError:
    """Our error for one of theirs.

    Args:
        error: what the SDK raised.
        doing: what was tried, as ``store the object jobs/1``.
        place: where.
        region: the region that was asked.
    """
    code = code_of(error)
    if isinstance(error, NO_CREDENTIALS) or code in _BAD_CREDENTIALS:
        return _of_credentials(error, doing, place)
    if isinstance(error, NoRegionError):
        return StoreNotSetUp("No AWS region is set. Set AWS_REGION to where the store is.")
    if isinstance(error, ParamValidationError):
        return StoreNotSetUp(
            f"{place.setting} does not name one: {place.what}. {_said(error)}.",
            quoted=_quoted(error),
        )
    if is_passing(error):
        return _of_service(error, doing, place)
    if code in _ABSENT:
        return absent(place, region)
    if code in _DENIED:
        return StoreRefused(
            f"{place.service} does not let us {doing} in {place.what} ({_said(error)}). "
            "Check what the role or user of these credentials may do there; without the right to "
            "list a bucket, what is not there looks denied too.",
            quoted=_quoted(error),
        )
    if code in _ELSEWHERE:
        return _of_region(error, place, region)
    return StoreError(
        f"{place.service} did not {doing} in {place.what}: {_said(error)}.", quoted=_quoted(error)
    )


def absent(place: Place, region: str) -> StoreNotSetUp:
    """The error of a table or bucket that is not there."""
    return StoreNotSetUp(
        f"There is not {place.what} in the region {region} of this account. Check "
        f"{place.setting} and AWS_REGION; `make deploy` makes what is missing."
    )


def _of_credentials(error: AwsError, doing: str, place: Place) -> StoreRefused:
    return StoreRefused(
        f"{place.service} could not {doing}: the AWS credentials are missing, wrong or expired "
        f"({_said(error)}). Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role, and "
        "this machine's clock.",
        quoted=_quoted(error),
    )


def _of_service(error: AwsError, doing: str, place: Place) -> StoreUnavailable:
    if is_throttled(error):
        why = f"asks us to slow down ({_said(error)})"
    elif isinstance(error, ClientError):
        why = f"failed ({_said(error)})"
    else:
        why = f"could not be reached ({_said(error)})"
    return StoreUnavailable(
        f"{place.service} {why} and did not {doing}, though we asked several times. "
        "Try again in a moment: nothing that was recorded is lost.",
        quoted=_quoted(error),
    )


def _of_region(error: AwsError, place: Place, region: str) -> StoreNotSetUp:
    response = error.response if isinstance(error, ClientError) else {}
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    there = headers.get("x-amz-bucket-region") or "another region"
    return StoreNotSetUp(
        f"{place.what[0].upper()}{place.what[1:]} is in {there}, and AWS_REGION is {region}. "
        f"Set AWS_REGION to where it is, or {place.setting} to one that is here."
    )


def _said(error: AwsError) -> str:
    return ": ".join(filter(None, (code_of(error), _quoted(error))))


def _quoted(error: AwsError) -> str:
    """The words of AWS or the SDK: they may name accounts, users and roles."""
    said: object = error
    if isinstance(error, ClientError):
        said = error.response.get("Error", {}).get("Message", "")
    return str(said)[:_LONGEST_QUOTE].rstrip(" .:")
