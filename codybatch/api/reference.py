"""The page of reference about the HTTP API, made from its own document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from codybatch.api.application import routed
from codybatch.api.document import PATH
from codybatch.api.problems import STATUSES
from codybatch.api.routing import DESCRIPTIONS
from codybatch.api_settings import ABOUT_SCOPES
from codybatch.domain.errors import CodyBatchError

HEAD = f"""\
`codybatch api` serves it on 127.0.0.1:8502; under AWS Lambda `codybatch.api.handlers.http` is the
same application. `{PATH}` is its OpenAPI 3.1 document: every parameter, body and answer.

- **Tokens.** `Authorization: Bearer TOKEN`. `codybatch api token NAME --scope read` makes one and
  the entry of `CODYBATCH_API_TOKENS` that knows it by its SHA-256. Its name is the person that
  requests and verdicts name. To exchange a token, set both entries of the name until the old one is
  out of use. Without any token set, only this machine may ask, as its own person.
- **JSON.** Names are camelCase, and the shapes are those of the command line's `--json`. A body is
  `application/json`, at most `CODYBATCH_API_MAX_BODY_KB`; an unknown field or parameter is refused.
- **Pages.** Lists take `limit` (25, at most 200) and `cursor`; an answer has `items` and `cursor`,
  and a header `Link` with `rel="next"`. A cursor stays right while new things come.
- **Twice is once.** What submits takes a header `Idempotency-Key`: the same key and body again give
  back the first request, with `Idempotency-Replayed: true`; another body under it is a 409.
- **Errors** are `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`,
  `instance`, an `errorId` that the log knows, and `errors` where fields are wrong. `type` is
  `urn:codybatch:error:` and the error's name.
- **Reach.** What would publish further than `CODYBATCH_PUBLISH` needs `publish` beside `submit`;
  caps above `CODYBATCH_JOB_COST_CAP_USD` or `CODYBATCH_REQUEST_COST_CAP_USD`, or none where they
  are set, need `admin`. A retry or follow-up counts by the options that it would run with, those of
  the earlier request included. Schedules need `admin` in any case.
- **Limits.** `CODYBATCH_API_REQUESTS_PER_MINUTE` a token in each process, then 429 with
  `Retry-After`; ten wrong tokens a minute make an address wait. A service's pause is a 429, too.
- **Secrets** are taken out of every answer but a patch, which is byte for byte and says in
  `Codybatch-Holds-Secret` whether it removes one. Where the store is S3, a patch is a redirect to a
  link that lives for minutes; behind API Gateway an answer has at most 6 MB, and a call 30 seconds.
- **Waiting.** Ask for `/v1/requests/REQUEST` until every job's `state` is `succeeded`, `partial`,
  `failed` or `cancelled`; `/v1/jobs/JOB/events?after=N` says what happened meanwhile,
  and a job's `log` is where the engine keeps its worker's log.
"""


def page(made: str) -> str:
    """The page.

    Args:
        made: the line that says how it comes to be.
    """
    document = routed().openapi()
    parts = [
        f"# The HTTP API\n\n{made}\n",
        HEAD,
        _scopes(),
        "## Endpoints\n",
        *_endpoints(document),
        _statuses(),
    ]
    return "\n".join(parts)


def _scopes() -> str:
    rows = [f"| `{scope}` | {about} |" for scope, about in ABOUT_SCOPES.items()]
    return "\n".join(["## Scopes\n", "| scope | what it is for |", "|---|---|", *rows, ""])


def _endpoints(document: dict[str, Any]) -> Iterator[str]:
    """A table for each noun."""
    by_noun: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_noun.setdefault(operation["tags"][0], []).append(_row(method, path, operation))
    for noun, rows in by_noun.items():
        head = [
            f"### {noun.capitalize()}\n",
            "| endpoint | scope | what it does |",
            "|---|---|---|",
        ]
        yield "\n".join([*head, *rows, ""])


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    scopes = [scope for one in operation.get("security", ()) for scope in one["token"]]
    scope = f"`{scopes[0]}`" if scopes else "none"
    about = " ".join(operation["description"].split())
    taken = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    takes = f" Takes {', '.join(f'`{name}`' for name in taken)}." if taken else ""
    return f"| `{method.upper()} {path}` | {scope} | {about}{takes} |"


def _statuses() -> str:
    """What each status means, and which of our errors it stands for."""
    named: dict[int, list[str]] = {}
    for kind, status in STATUSES.items():
        if kind is not CodyBatchError:
            one = kind.__new__(kind)  # not called: some want more than a message
            named.setdefault(status, []).append(f"`{one.code}`")
    rows = [
        f"| {status} | {about} | {', '.join(named.get(status, ()))} |"
        for status, about in DESCRIPTIONS.items()
    ]
    head = ["## Statuses of errors\n", "| status | when | among others |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])
