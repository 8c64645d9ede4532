"""Every way in which the service or the way to it can fail, over real HTTP."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from datetime import timedelta
from threading import Event as ThreadEvent

import anthropic
import httpx2
import pytest

from codybatch.claude.client import AnthropicClient
from codybatch.claude.failures import meaning
from codybatch.claude.retry import Setback
from codybatch.domain.errors import (
    CodyBatchError,
    ContextOverflow,
    ModelCredentialRefused,
    ModelInterrupted,
    ModelRejectedRequest,
    ModelThrottled,
    ThreadRejected,
    UnknownModel,
)
from codybatch.ports.model import ModelReply
from codybatch.standins.anthropic import AnthropicStandin, Fault
from codybatch.standins.loopback import Answer
from tests.claude_kit import NOON, HandClock, Heard, connected, request, serving

PAGE = {"content-type": "text/html"}


def ask(client: AnthropicClient, heard: Heard | None = None) -> ModelReply:
    return client.reply(request(), ThreadEvent(), heard or Heard())


def answer(status: int, **more: object) -> Fault:
    return Fault.model_validate({"kind": "answer", "status": status, **more})


# --- what passes -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Passing:
    """A failure that passes: what people are told, and whether the reply may have been paid."""

    fault: Fault
    reason: str
    begun: bool = False


PASSING = [
    Passing(answer(408), "the service took too long (408)"),
    Passing(answer(409), "the service was busy with the same request (409)"),
    Passing(answer(429), "the rate limit is reached (429)"),
    Passing(answer(429, error_code="ramp_limit_exceeded"), "the rate limit is reached (429)"),
    Passing(answer(499), "the connection was closed on the way (499)"),
    Passing(answer(500), "the service had an internal error (500)"),
    Passing(answer(501, error_type="api_error"), "the service had an internal error (501)"),
    Passing(
        answer(503, error_code="cmek_key_unreachable"), "the service had an internal error (503)"
    ),
    Passing(answer(504), "the service took too long (504)"),
    Passing(answer(529), "the service is overloaded (529)"),
    Passing(Fault(kind="error_event", after_events=0), "the service is overloaded"),
    Passing(Fault(kind="error_event", after_events=5), "the service is overloaded", begun=True),
    Passing(
        Fault(kind="error_event", error_type="api_error", after_events=2),
        "the service had an internal error",
        begun=True,
    ),
    Passing(
        Fault(kind="error_event", error_type="timeout_error", after_events=2),
        "the service took too long",
        begun=True,
    ),
    Passing(
        Fault(kind="error_event", error_type="rate_limit_error", after_events=2),
        "the rate limit is reached",
        begun=True,
    ),
    Passing(
        Fault(kind="error_event", error_type="something_new_error", after_events=2),
        "the service broke the reply off",
        begun=True,
    ),
    Passing(Fault(kind="cut", after_events=0), "the connection was cut"),
    Passing(Fault(kind="cut", after_events=1), "the connection was cut", begun=True),
    Passing(Fault(kind="cut", after_events=6), "the connection was cut", begun=True),
    Passing(Fault(kind="end", after_events=0), "the reply ended before it began"),
    Passing(Fault(kind="end", after_events=1), "the reply ended early", begun=True),
    Passing(Fault(kind="end", after_events=6), "the reply ended early", begun=True),
]


@pytest.mark.parametrize("case", PASSING, ids=lambda case: f"{case.fault.kind}: {case.reason}")
def test_a_failure_that_passes_is_followed_by_the_same_bytes(
    client: AnthropicClient, standin: AnthropicStandin, clock: HandClock, case: Passing
) -> None:
    heard = Heard()
    standin.faults.add(case.fault)
    reply = ask(client, heard)
    assert reply.stop_reason == "tool_use"
    assert heard.reasons == [case.reason]
    assert heard.notices[0].may_have_been_paid is case.begun
    assert clock.waited == [heard.notices[0].wait_seconds]
    first, second = (exchange.body for exchange in standin.exchanges)
    assert first == second


def test_failures_in_a_row_are_numbered(
    client: AnthropicClient, standin: AnthropicStandin, clock: HandClock
) -> None:
    heard = Heard()
    standin.faults.add(answer(529, times=4), Fault(kind="cut", after_events=3))
    ask(client, heard)
    assert [notice.attempt for notice in heard.notices] == [2, 3, 4, 5, 6]
    assert len(standin.exchanges) == 6
    for ceiling, waited in zip((2, 4, 8, 16, 32), clock.waited, strict=True):
        assert 0 <= waited <= ceiling


def test_the_wait_that_the_service_asks_for_is_kept(
    client: AnthropicClient, standin: AnthropicStandin, clock: HandClock
) -> None:
    standin.faults.add(answer(429, retry_after=42))
    ask(client)
    assert 42 <= clock.waited[0] <= 46.2


def test_a_wait_in_milliseconds_is_kept(
    client: AnthropicClient, standin: AnthropicStandin, clock: HandClock
) -> None:
    standin.faults.add(answer(529, headers={"retry-after-ms": "1500", "retry-after": "9"}))
    ask(client)
    assert 1.5 <= clock.waited[0] <= 1.65


def test_a_long_wait_is_given_back(
    client: AnthropicClient, standin: AnthropicStandin, clock: HandClock
) -> None:
    standin.faults.add(answer(429, retry_after=3_600))
    with pytest.raises(ModelThrottled) as throttled:
        ask(client)
    assert throttled.value.until == NOON + timedelta(hours=1)
    assert clock.waited == []


def test_an_overload_without_end_is_given_back_after_the_budget(
    client: AnthropicClient, standin: AnthropicStandin, clock: HandClock
) -> None:
    standin.faults.chooser = lambda *_: answer(529)
    with pytest.raises(ModelThrottled) as throttled:
        ask(client)
    assert clock.seconds <= 1_200
    assert throttled.value.until == clock.now() + timedelta(minutes=5)


@pytest.mark.parametrize(("after_events", "begun"), [(0, False), (3, True)])
def test_cuts_without_end_are_given_back_after_the_budget(
    client: AnthropicClient,
    standin: AnthropicStandin,
    clock: HandClock,
    after_events: int,
    begun: bool,
) -> None:
    standin.faults.chooser = lambda *_: Fault(kind="cut", after_events=after_events)
    with pytest.raises(ModelInterrupted, match="the connection was cut") as interrupted:
        ask(client)
    assert interrupted.value.may_have_been_paid is begun
    assert clock.seconds <= 1_200


# --- what does not -----------------------------------------------------------------------------

CREDENTIAL = [
    answer(401),
    answer(402),
    answer(403),
    answer(429, error_code="contract_spend_limit_reached"),
    answer(429, error_code="enforced_spend_limit_reached"),
    answer(429, error_code="enforced_spend_limit_reached", retry_after=5),
    answer(402, error_code="linked_organization_spend_limit_reached"),
    answer(402, error_code="linked_organization_billing_unavailable"),
    answer(400, error_code="organization_on_hold"),
    answer(400, error_code="cmek_key_disabled"),
    answer(400, message="Your credit balance is too low to access the Anthropic API."),
    Fault(kind="error_event", error_type="authentication_error", after_events=3),
    Fault(kind="error_event", error_type="billing_error", after_events=0),
    Fault(kind="error_event", error_type="permission_error", after_events=0),
]

FINAL: list[tuple[Fault, type[CodyBatchError]]] = [
    *((fault, ModelCredentialRefused) for fault in CREDENTIAL),
    (answer(404, message="model: claude-sonnet-5-5"), UnknownModel),
    (answer(413), ContextOverflow),
    (answer(400, message="prompt is too long: 1000001 tokens > 1000000 maximum"), ContextOverflow),
    (
        answer(400, message="input length and `max_tokens` exceed context limit: 190000 + 32000"),
        ContextOverflow,
    ),
    (
        Fault(kind="error_event", error_type="request_too_large", after_events=0),
        ContextOverflow,
    ),
    (
        answer(
            400,
            message=(
                "messages.1.content.0: Invalid signature in thinking block. The block is bound "
                "to a different conversation"
            ),
        ),
        ThreadRejected,
    ),
    (
        answer(400, message="`thinking` blocks in the latest message cannot be modified."),
        ThreadRejected,
    ),
    (answer(400, message="tools.0: bad"), ModelRejectedRequest),
    (answer(422, error_type="invalid_request_error", message="odd"), ModelRejectedRequest),
    (
        Fault(kind="error_event", error_type="invalid_request_error", after_events=0),
        ModelRejectedRequest,
    ),
]


@pytest.mark.parametrize(
    ("fault", "error"),
    FINAL,
    ids=[f"{error.__name__}: {fault.status} {fault.error_code or ''}" for fault, error in FINAL],
)
def test_a_failure_that_stays_is_not_tried_again(
    client: AnthropicClient,
    standin: AnthropicStandin,
    clock: HandClock,
    fault: Fault,
    error: type[CodyBatchError],
) -> None:
    standin.faults.add(fault)
    heard = Heard()
    with pytest.raises(error) as raised:
        ask(client, heard)
    assert type(raised.value) is error
    assert (len(standin.exchanges), heard.notices, clock.waited) == (1, [], [])
    assert raised.value.message.endswith((".", ".)"))
    assert "\n" not in raised.value.message


def test_what_the_service_says_is_kept_to_a_bearable_length(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    standin.faults.add(answer(400, message="Wrong.\n" * 1_000))
    with pytest.raises(ModelRejectedRequest) as refused:
        ask(client)
    assert "Wrong. Wrong." in refused.value.message
    assert len(refused.value.message) < 700


# --- what is not the service at all ------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (Answer(404, PAGE, b"<html>Not here</html>"), 404),
        (Answer(405), 405),
        (Answer(407, PAGE, b"Proxy authentication"), 407),
        (Answer(302, {"location": "https://elsewhere.example/"}), 302),
        (Answer(307, {"location": "http://127.0.0.1:9/"}), 307),
    ],
)
def test_an_answer_of_something_else_points_at_the_address(
    clock: HandClock, found: Answer, status: int
) -> None:
    with serving(lambda _: found) as server, connected(server.url, clock) as client:
        with pytest.raises(ModelRejectedRequest) as refused:
            ask(client)
        assert "ANTHROPIC_BASE_URL" in refused.value.message
        assert f"status {status}" in refused.value.message
    assert clock.waited == []


def test_a_page_instead_of_a_stream_points_at_the_address(clock: HandClock) -> None:
    page = Answer(200, PAGE, b"<html>Welcome to the guest network</html>")
    with (
        serving(lambda _: page) as server,
        connected(server.url, clock) as client,
        pytest.raises(ModelRejectedRequest, match="text/html instead of a stream"),
    ):
        ask(client)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1", "127.0.0.1:80", "http://", "https://[::1", "http://a:port"]
)
def test_an_address_that_cannot_be_used_is_refused(clock: HandClock, url: str) -> None:
    with (
        connected(url, clock) as client,
        pytest.raises(ModelRejectedRequest, match="ANTHROPIC_BASE_URL"),
    ):
        ask(client)
    assert clock.waited == []


def test_nobody_at_the_address_may_be_back_soon(clock: HandClock) -> None:
    with serving(lambda _: Answer()) as server:
        gone = server.url
    heard = Heard()
    with (
        connected(gone, clock) as client,
        pytest.raises(ModelInterrupted, match="cannot be reached") as interrupted,
    ):
        ask(client, heard)
    assert all("ANTHROPIC_BASE_URL" in reason for reason in heard.reasons)
    assert not interrupted.value.may_have_been_paid


# --- the pure function -------------------------------------------------------------------------


def test_an_error_of_our_own_means_nothing() -> None:
    for error in (KeyError("x"), OSError("x"), RuntimeError("x")):
        assert meaning(error, begun=False, now=NOON) is None


def connection_error(cause: Exception) -> anthropic.APIConnectionError:
    error = anthropic.APIConnectionError(request=httpx2.Request("POST", "https://a.example"))
    error.__cause__ = cause
    return error


def test_a_certificate_that_cannot_be_trusted_is_not_tried_again() -> None:
    certificate = ssl.SSLCertVerificationError()
    certificate.verify_message = "self-signed certificate"
    connect = httpx2.ConnectError("failed")
    connect.__cause__ = certificate
    found = meaning(connection_error(connect), begun=False, now=NOON)
    assert isinstance(found, ModelRejectedRequest)
    assert "self-signed certificate" in found.message


def test_silence_before_an_answer_may_have_been_paid() -> None:
    error = connection_error(httpx2.ReadTimeout("silent"))
    found = meaning(error, begun=False, now=NOON)
    assert isinstance(found, Setback)
    assert found.reply_begun


def test_what_the_sdk_only_calls_a_connection_error_is_not_tried_again() -> None:
    found = meaning(connection_error(TypeError("odd header")), begun=False, now=NOON)
    assert isinstance(found, ModelRejectedRequest)
    assert "odd header" in found.message


@pytest.mark.parametrize(
    "body", ["", "nonsense", [], {"error": None}, {"error": "x"}, {"error": {"message": 7}}]
)
def test_a_refusal_in_any_form_means_something(body: object) -> None:
    response = httpx2.Response(400, request=httpx2.Request("POST", "https://a.example/v1"))
    error = anthropic.BadRequestError(json.dumps(body), response=response, body=body)
    found = meaning(error, begun=False, now=NOON)
    assert isinstance(found, ModelRejectedRequest)
    assert "a.example" in found.message
