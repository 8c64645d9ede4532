"""The API under Lambda: requests as an HTTP API hands them over, in payload format 2.0."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codybatch.api import handlers
from codybatch.api.tokens import entry_of
from tests.kept_work import PATCH, Kept, says

TOKEN = "a token for the function"
HOST = "abcde12345.execute-api.eu-central-1.amazonaws.com"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """Work in a store that the function's environment names, and a function that is cold."""
    kept = Kept.at(tmp_path)
    monkeypatch.setenv("CODYBATCH_HOME", str(tmp_path))
    entry = str(entry_of("ann", ["read", "submit"], TOKEN))
    monkeypatch.setenv("CODYBATCH_API_TOKENS", entry)
    handlers._adapter.cache_clear()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # Lambda's main thread has one
    yield kept
    handlers._adapter.cache_clear()
    asyncio.set_event_loop(None)
    loop.close()
    kept.store.close()


def ask(
    path: str,
    query: str = "",
    method: str = "GET",
    body: str | None = None,
    is_packed: bool = False,
    **headers: str,
) -> dict[str, Any]:
    """What the function answers to a request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "host": HOST,
            "x-forwarded-proto": "https",
            "x-forwarded-port": "443",
            "x-forwarded-for": "192.0.2.7",
            "authorization": f"Bearer {TOKEN}",
            **named,
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcde12345",
            "domainName": HOST,
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "tests",
            },
            "requestId": "id",
            "stage": "$default",
            "timeEpoch": 1583348638390,
        },
        "isBase64Encoded": is_packed,
        **({} if body is None else {"body": body}),
    }
    answer = handlers.http(json.loads(json.dumps(event)), None)
    json.dumps(answer)  # what Lambda does with it
    return answer


def test_health_needs_no_token() -> None:
    answer = ask("/v1/health", authorization="")

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"standing": "ok"}
    assert answer["headers"]["x-content-type-options"] == "nosniff"


def test_a_list_is_asked_for_with_a_token_and_its_query(kept: Kept) -> None:
    requests = [kept.request(title=title) for title in ("one", "two")]

    answer = ask("/v1/requests", "limit=1")
    page = json.loads(answer["body"])
    rest = ask("/v1/requests", f"limit=1&cursor={page['cursor']}")

    assert answer["isBase64Encoded"] is False
    assert answer["headers"]["link"].startswith("</v1/requests?limit=1&cursor=")
    ids = [one["items"][0]["id"] for one in (page, json.loads(rest["body"]))]
    assert ids == sorted((request.id for request in requests), reverse=True)


def test_a_body_comes_in_as_text_or_in_base64() -> None:
    body = json.dumps({"template": "Räume auf."}, ensure_ascii=False)
    packed = base64.b64encode(body.encode()).decode()

    for sent, is_packed in ((body, False), (packed, True)):
        saved = ask(
            *("/v1/prompts/tidy", "", "PUT", sent, is_packed), content_type="application/json"
        )
        assert json.loads(saved["body"])["template"] == "Räume auf."
        assert json.loads(saved["body"])["createdBy"] == "ann"


def test_a_patch_goes_out_byte_for_byte(kept: Kept) -> None:
    job = kept.change(kept.request())

    answer = ask(f"/v1/jobs/{job.id}/patch")

    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]) == PATCH


def test_without_a_token_or_with_another_nothing_opens() -> None:
    for authorization in ("", "Bearer another"):
        answer = ask("/v1/jobs", authorization=authorization)
        assert answer["statusCode"] == 401
        assert answer["headers"]["content-type"] == "application/problem+json"
        assert answer["isBase64Encoded"] is False


def test_without_any_token_set_nobody_is_this_machines_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CODYBATCH_API_TOKENS")

    for host in (HOST, "localhost", "127.0.0.1"):
        answer = ask("/v1/jobs", authorization="", host=host)
        assert answer["statusCode"] == 403


def test_an_answer_that_lambda_could_not_give_out_says_how_to_ask(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = kept.change(kept.request(), [((says("x" * 5000),), ())])
    monkeypatch.setattr(handlers, "MOST_BYTES", 4000)

    answer = ask(f"/v1/jobs/{job.id}/thread/file")
    problem = json.loads(answer["body"])

    assert (answer["statusCode"], problem["type"]) == (400, "urn:codybatch:error:answer_too_large")
    assert "page by page" in problem["detail"]


@pytest.mark.parametrize("text", ["ä" * 3000, '"' * 1500, "\n" * 1500])
def test_an_answer_is_measured_as_lambda_counts_it(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    job = kept.change(kept.request(), [((says(text),), ())])
    path = f"/v1/jobs/{job.id}/thread"
    answer = ask(path)
    characters = len(answer["body"])
    counted = len(json.dumps(answer, ensure_ascii=False).encode())
    assert counted > characters + 1500

    monkeypatch.setattr(handlers, "MOST_BYTES", counted)
    assert ask(path)["statusCode"] == 200
    monkeypatch.setattr(handlers, "MOST_BYTES", counted - 1)
    refused = ask(path)
    assert json.loads(refused["body"])["type"] == "urn:codybatch:error:answer_too_large"
    assert f"{counted:,} bytes" in json.loads(refused["body"])["detail"]


def test_what_keeps_the_api_from_starting_is_told_to_the_log_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CODYBATCH_API_TOKENS", f"ann:read:{TOKEN}")
    monkeypatch.setenv("CODYBATCH_MAX_PARALLEL_JOBS", "ninety-nine")

    answer = ask("/v1/health", authorization="")

    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["type"]) == (503, "urn:codybatch:error:not_started")
    assert problem["detail"] == "The API could not start; the log says why, under the errorId."
    assert not any(word in answer["body"] for word in (TOKEN, "CODYBATCH_", "ninety-nine"))
    assert f"{problem['errorId']}: GET /v1/health: 503" in caplog.text
    assert "CODYBATCH_MAX_PARALLEL_JOBS" in caplog.text
    assert TOKEN not in caplog.text


def test_the_application_is_built_once() -> None:
    ask("/v1/health")
    first = handlers._adapter()
    ask("/v1/health")

    assert handlers._adapter() is first
