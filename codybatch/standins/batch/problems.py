"""Errors as AWS Batch sends them: a status, the error's name in a header, a message in the body."""

from __future__ import annotations

import json

from codybatch.standins.loopback import Answer


class BatchProblem(Exception):
    """A request cannot be served.

    Arguments:
        message: for the caller.
        kind: the error's name as botocore knows it.
        status: of HTTP.
    """

    def __init__(self, message: str, kind: str = "ClientException", status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.status = status

    def answer(self) -> Answer:
        """The answer that boto3 turns into a ClientError."""
        return Answer(self.status, headers_of(self.kind), body_of(self.message))


def headers_of(kind: str) -> dict[str, str]:
    """The headers of an error."""
    return {"Content-Type": "application/json", "x-amzn-errortype": kind}


def body_of(message: str) -> bytes:
    """The body of an error."""
    return json.dumps({"message": message}).encode()
