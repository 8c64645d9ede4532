"""What the API refuses, in the words that GitHub uses."""

from __future__ import annotations

from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


class ApiProblem(Exception):
    """An answer of 4xx.

    Arguments:
        status: the HTTP status.
        message: GitHub's `message`.
        errors: GitHub's `errors`, left out where empty.
        headers: beside the usual ones.
    """

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors or []
        self.headers = headers or {}

    def as_json(self) -> dict[str, Any]:
        """Return the body."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors:
            body["errors"] = self.errors
        return {**body, "documentation_url": DOCUMENTATION, "status": str(self.status)}


def not_found() -> ApiProblem:
    """Missing, or hidden from this caller: GitHub does not tell them apart."""
    return ApiProblem(404, "Not Found")


def bad_credentials() -> ApiProblem:
    """Unknown, revoked or expired."""
    return ApiProblem(401, "Bad credentials")


def forbidden() -> ApiProblem:
    """The token may read here, but not do this."""
    return ApiProblem(403, "Resource not accessible by personal access token")


def archived() -> ApiProblem:
    """Nothing may be changed in an archived repository."""
    return ApiProblem(403, "Repository was archived so is read-only.")


def disabled() -> ApiProblem:
    """GitHub's staff closed the repository."""
    return ApiProblem(403, "Repository access blocked")


def invalid(resource: str, code: str, *, field: str = "", message: str = "") -> ApiProblem:
    """A value that GitHub does not take.

    Arguments:
        resource: `PullRequest`, `Issue`, `Search`, …
        code: `custom` with a message, or `missing`, `missing_field`, `invalid`.
        field: which one, or empty.
        message: a sentence, or empty.
    """
    error = {"resource": resource, "code": code, "field": field, "message": message}
    return ApiProblem(422, "Validation Failed", [{k: v for k, v in error.items() if v}])
