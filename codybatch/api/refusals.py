"""Why a request is turned away before a service hears of it: a class a cause, with its status."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

from codybatch.api_settings import Scope

Headers = Mapping[str, str]
REALM = 'Bearer realm="codybatch"'


class Refusal(Exception):
    """The request cannot be answered."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"

    def __init__(self, message: str, headers: Headers | None = None) -> None:
        """Keep a sentence for people, and the headers that belong to the answer."""
        super().__init__(message)
        self.message = message
        self.headers = dict(headers or {})


class NotJson(Refusal):
    """The body cannot be read as JSON."""

    code = "not_json"


class BodyNotTaken(Refusal):
    """The endpoint takes no body."""

    code = "body_not_taken"

    def __init__(self) -> None:
        """Say what to leave out."""
        super().__init__("This takes no body: leave it out, or send {}.")


class AnswerTooLarge(Refusal):
    """The answer is larger than can be given out here."""

    code = "answer_too_large"

    def __init__(self, size: int, most: int) -> None:
        """Name the limit and the way round it."""
        super().__init__(
            f"The answer has {size:,} bytes, and at most {most:,} can be given out here. Ask for "
            "fewer with limit, and read a conversation page by page: /v1/jobs/JOB/thread."
        )


class NotStarted(Refusal):
    """The API could not start."""

    status, code = 503, "not_started"

    def __init__(self) -> None:
        """Say where to look; whoever asks here may be anybody."""
        super().__init__("The API could not start; the log says why, under the errorId.")


class NoAccess(Refusal):
    """No token is offered, or one that opens nothing."""

    status, code = 401, "no_access"

    def __init__(self, *, is_wrong: bool) -> None:
        """Say whether a token was offered."""
        if is_wrong:
            super().__init__(
                "This token opens nothing: it is not one of CODYBATCH_API_TOKENS, or no longer.",
                {"www-authenticate": f'{REALM}, error="invalid_token"'},
            )
            return
        super().__init__("Send a token: Authorization: Bearer TOKEN.", {"www-authenticate": REALM})


class ScopeMissing(Refusal):
    """The token is not for this."""

    status, code = 403, "scope_missing"

    def __init__(self, name: str, scope: Scope, what: str, why: str) -> None:
        """Name the token, the scope that it would need, and what for."""
        super().__init__(
            f"The token {name} has no scope '{scope}', which {what} needs.{why}",
            {"www-authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
        )


class NotFromHere(Refusal):
    """The request comes from where none may."""

    status, code = 403, "not_from_here"


class NotHere(Refusal):
    """There is no such path."""

    status, code = 404, "no_such_path"


class WrongMethod(Refusal):
    """The path takes other methods."""

    status, code = 405, "wrong_method"


class TooSlow(Refusal):
    """The body did not come in time."""

    status, code = 408, "too_slow"


class BodyTooLarge(Refusal):
    """The body is larger than is taken."""

    status, code = 413, "body_too_large"

    def __init__(self, most_bytes: int) -> None:
        """Name the limit."""
        super().__init__(
            f"A request's body has at most {most_bytes:,} bytes (CODYBATCH_API_MAX_BODY_KB).",
            {"connection": "close"},
        )


class WrongContentType(Refusal):
    """The body is something else than JSON."""

    status, code = 415, "wrong_content_type"

    def __init__(self) -> None:
        """Name what is taken."""
        super().__init__(
            "Send JSON: Content-Type: application/json, in UTF-8, without Content-Encoding.",
            {"accept": "application/json"},
        )


class TooManyRequests(Refusal):
    """The caller has sent more than is allowed."""

    status, code = 429, "too_many_requests"

    def __init__(self, message: str, seconds: float) -> None:
        """Say when to come again."""
        super().__init__(message, {"retry-after": str(max(1, math.ceil(seconds)))})
