"""Refusals in the shape of the real service: a status, a type, a message, sometimes a code.

Source: ``ErrorResponse`` and ``ErrorObject`` in the SDK's ``types/shared``; wording as met in
public reports of the real service.
"""

from __future__ import annotations

from collections.abc import Mapping

from codybatch.standins.anthropic.wire import JsonObject

TYPE_OF_STATUS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    411: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class ApiError(Exception):
    """An answer that refuses the request.

    Arguments:
        status: the HTTP status.
        message: the sentence for people.
        error_type: the broad category; by default what the service uses with this status.
        error_code: the stable code of the cause, where there is one.
        headers: further response headers, such as ``retry-after``.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        error_type: str | None = None,
        error_code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error_type = error_type or TYPE_OF_STATUS.get(status, "api_error")
        self.error_code = error_code
        self.headers = dict(headers or {})

    def body(self, request_id: str) -> JsonObject:
        """The response's JSON."""
        error: JsonObject = {"type": self.error_type, "message": self.message}
        if self.error_code:
            error["details"] = {"error_code": self.error_code}
        return {"type": "error", "error": error, "request_id": request_id}


def invalid(message: str) -> ApiError:
    """A request that breaks a rule: status 400."""
    return ApiError(400, message)


def not_permitted(path: str) -> ApiError:
    """A field that the service does not know at this place."""
    return invalid(f"{path}: Extra inputs are not permitted")


def not_simulated(path: str) -> ApiError:
    """A field of the real service that this stand-in leaves out, said instead of ignored."""
    return invalid(f"{path}: this stand-in does not simulate it")
