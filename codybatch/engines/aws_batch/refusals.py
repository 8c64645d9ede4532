"""What the failures of a call to AWS mean: whether it may have acted, and what a person can do."""

from __future__ import annotations

from enum import Enum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoRegionError,
    ResponseStreamingError,
)
from botocore.parsers import ResponseParserError

from codybatch.aws.codes import BAD_CREDENTIALS, DENIED, NO_CREDENTIALS, THROTTLED
from codybatch.domain.errors import EngineError

AwsError = BotoCoreError | ClientError | ResponseParserError
AWS_ERRORS = (BotoCoreError, ClientError, ResponseParserError)

_SERVER_ERROR = 500
_LONGEST_QUOTE = 300


class Effect(Enum):
    """What a call that failed has done."""

    NONE_YET = "none yet"
    """Nothing, and the same call may do later."""
    UNKNOWN = "unknown"
    """Perhaps everything: only the answer is lost."""
    NONE_EVER = "none ever"
    """Nothing, and the same call would fail again."""


def effect_of(error: AwsError) -> Effect:
    """What a failed call has done."""
    if isinstance(error, ClientError):
        if code_of(error) in THROTTLED:
            return Effect.NONE_YET
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        is_theirs = status >= _SERVER_ERROR or code_of(error) == "ServerException"
        return Effect.UNKNOWN if is_theirs else Effect.NONE_EVER
    if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
        return Effect.NONE_YET
    lost = HTTPClientError | IncompleteReadError | ResponseStreamingError | ResponseParserError
    return Effect.UNKNOWN if isinstance(error, lost) else Effect.NONE_EVER


def code_of(error: AwsError) -> str:
    """The code of an answer; empty where none came."""
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def explained(error: AwsError, doing: str, region: str) -> EngineError:
    """Our error for one of theirs.

    Args:
        error: what the SDK raised.
        doing: the action, as ``batch:SubmitJob``.
        region: the region that was asked.
    """
    code = code_of(error)
    if isinstance(error, NO_CREDENTIALS) or code in BAD_CREDENTIALS:
        return EngineError(
            f"AWS Batch was not asked for {doing}: the AWS credentials are missing, wrong or "
            f"expired ({said(error)}). Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the "
            "role, and this machine's clock.",
            quoted=_quoted(error),
        )
    if isinstance(error, NoRegionError):
        return EngineError("No AWS region is set. Set AWS_REGION to where the job queue is.")
    if code in DENIED:
        return EngineError(
            f"AWS does not let us use {doing} ({said(error)}). Allow it to the role or user of "
            "these credentials.",
            quoted=_quoted(error),
        )
    if code in THROTTLED:
        return EngineError(
            f"AWS Batch asks us to slow down and did not do {doing}, though we asked several "
            "times. Try again in a minute."
        )
    if effect_of(error) is not Effect.NONE_EVER:
        return EngineError(
            f"AWS Batch did not answer {doing} in the region {region} ({said(error)}), though we "
            "asked several times. Check the network, AWS_REGION and AWS_ENDPOINT_URL_BATCH.",
            quoted=_quoted(error),
        )
    return EngineError(
        f"AWS Batch refused {doing} in the region {region}: {said(error)}.", quoted=_quoted(error)
    )


def said(error: AwsError) -> str:
    """What AWS or the SDK said, short and on one line."""
    return ": ".join(filter(None, (code_of(error), _quoted(error))))


def _quoted(error: AwsError) -> str:
    """The words alone: they may name accounts, users and roles."""
    said: object = error
    if isinstance(error, ClientError):
        said = error.response.get("Error", {}).get("Message", "")
    return " ".join(str(said).split())[:_LONGEST_QUOTE].rstrip(" .:")
