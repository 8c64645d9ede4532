"""The API under AWS Lambda, behind an HTTP API (payload format 2.0).

``http`` is the function that Lambda calls. The application is built by its first call and kept for
the calls after it; importing this module loads neither the framework nor the store.
"""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mangum import Mangum

Event = dict[str, Any]
"""docs.aws.amazon.com/apigateway, "Create AWS Lambda proxy integrations for HTTP APIs"."""

MOST_BYTES = 5_900_000
"""Of an answer as Lambda's runtime writes it: it gives out 6 MB (docs.aws.amazon.com/lambda,
"Lambda quotas")."""
_TEXT = [
    *("text/", "application/json", "application/jsonl"),
    *("application/problem+json", "application/sarif+json"),
]
"""What goes out as it is; all else in base64."""


def http(event: Event, context: Any) -> Event:
    """Answer one request.

    Args:
        event: the request, as the HTTP API hands it over.
        context: Lambda's.
    """
    from codybatch.domain.errors import CodyBatchError

    try:
        adapter = _adapter()
    except CodyBatchError as error:  # a setting cannot be used, or the store cannot be opened
        return _problem(event, _not_started(error))
    answer: Event = adapter(event, context)
    size = _size_of(answer)
    return answer if size <= MOST_BYTES else _problem(event, _too_large(size))


@functools.cache
def _adapter() -> Mangum:
    """What stands between Lambda and the application, built once.

    Raises:
        InvalidSetting: a setting cannot be used.
        StoreError: the store cannot be opened.
    """
    from mangum import Mangum

    from codybatch.api.application import door_of, served
    from codybatch.api.cold_start import started

    app = started()
    guard = served(app, door_of(app, EVERYWHERE))
    return Mangum(guard, lifespan="off", text_mime_types=_TEXT)


EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there: it says that others can reach us


def _not_started(cause: Exception) -> Exception:
    """What is answered before there is a guard: nothing of the cause, which the log has."""
    from codybatch.api.refusals import NotStarted

    made = NotStarted()
    made.__cause__ = cause
    return made


def _size_of(answer: Event) -> int:
    """The bytes of an answer as Lambda counts them: JSON in UTF-8, in which a body's quotation
    marks and line feeds take two, and what is base64 a third more.
    """
    return len(json.dumps(answer, ensure_ascii=False).encode())


def _too_large(size: int) -> Exception:
    from codybatch.api.refusals import AnswerTooLarge

    return AnswerTooLarge(size, MOST_BYTES)


def _problem(event: Event, error: Exception) -> Event:
    from codybatch.api.problems import MEDIA_TYPE, answered

    asked = event.get("requestContext", {}).get("http", {})
    method, path = str(asked.get("method", "")), str(event.get("rawPath", ""))
    told = answered(error, method, path, datetime.now(UTC))
    headers = {"content-type": MEDIA_TYPE, "cache-control": "no-store", **told.headers}
    body = json.dumps(told.body(str))
    status = told.problem.status
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}
