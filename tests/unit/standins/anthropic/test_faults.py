from __future__ import annotations

import threading
from typing import Any

import anthropic
import httpx2
import pytest

from codybatch.standins.anthropic import AnthropicStandin, Fault
from codybatch.standins.anthropic.faults import FaultQueue, Gates
from tests.unit.standins.anthropic.chat import Chat


@pytest.mark.parametrize(
    ("fault", "error", "kind"),
    [
        (Fault(kind="answer", status=429), anthropic.RateLimitError, "rate_limit_error"),
        (Fault(kind="answer", status=529), anthropic.OverloadedError, "overloaded_error"),
        (Fault(kind="answer", status=500), anthropic.InternalServerError, "api_error"),
        (Fault(kind="answer", status=504), anthropic.GatewayTimeoutError, "timeout_error"),
        (Fault(kind="answer", status=401), anthropic.AuthenticationError, "authentication_error"),
        (Fault(kind="answer", status=402), anthropic.PaymentRequiredError, "billing_error"),
        (Fault(kind="answer", status=403), anthropic.PermissionDeniedError, "permission_error"),
        (Fault(kind="answer", status=413), anthropic.ContentTooLargeError, "request_too_large"),
    ],
)
def test_a_refusal_reaches_the_sdk_as_the_services_own(
    standin: AnthropicStandin,
    chat: Chat,
    fault: Fault,
    error: type[anthropic.APIStatusError],
    kind: str,
) -> None:
    standin.faults.add(fault)

    with pytest.raises(error) as caught:
        chat.ask()

    assert caught.value.type == kind
    assert caught.value.request_id
    assert chat.ask().content
    assert [exchange.fault for exchange in standin.exchanges] == ["answer", ""]
    assert len(standin.requests) == 1


def test_when_to_come_again_is_said_where_it_is_known(
    standin: AnthropicStandin, chat: Chat
) -> None:
    standin.faults.add(
        Fault(kind="answer", status=429, retry_after=2.5), Fault(kind="answer", status=429)
    )

    waits = []
    for _ in range(2):
        with pytest.raises(anthropic.RateLimitError) as caught:
            chat.ask()
        waits.append(caught.value.response.headers.get("retry-after"))

    assert waits == ["2.5", None]


@pytest.mark.parametrize("code", ["contract_spend_limit_reached", "enforced_spend_limit_reached"])
def test_a_spend_limit_is_told_from_a_rate_limit_by_its_code(
    standin: AnthropicStandin, chat: Chat, code: str
) -> None:
    standin.faults.add(Fault(kind="answer", status=429, error_code=code))

    with pytest.raises(anthropic.RateLimitError) as caught:
        chat.ask()

    assert caught.value.error_code == code


@pytest.mark.parametrize("events", [0, 1, 3, 5])
def test_a_cut_connection_is_no_end(standin: AnthropicStandin, chat: Chat, events: int) -> None:
    standin.faults.add(Fault(kind="cut", after_events=events))

    with pytest.raises((httpx2.RemoteProtocolError, anthropic.APIConnectionError)):
        chat.ask()

    assert not standin.exchanges[0].finished
    assert chat.ask().stop_reason == "tool_use"


@pytest.mark.parametrize("events", [1, 4, 8])
def test_a_stream_that_ends_early_in_good_order_has_no_stop_reason(
    standin: AnthropicStandin, chat: Chat, events: int
) -> None:
    standin.faults.add(Fault(kind="end", after_events=events))

    reply = chat.ask()

    assert reply.stop_reason is None
    assert not standin.exchanges[0].finished


def test_an_error_in_the_middle_of_a_stream(standin: AnthropicStandin, chat: Chat) -> None:
    standin.faults.add(
        Fault(kind="error_event", after_events=4),
        Fault(kind="error_event", after_events=2, error_type="api_error", message="Oh."),
    )

    with pytest.raises(anthropic.APIStatusError) as overloaded:
        chat.ask()
    with pytest.raises(anthropic.APIStatusError) as broken:
        chat.ask()

    assert overloaded.value.status_code == 200
    assert overloaded.value.type == "overloaded_error"
    assert (broken.value.type, broken.value.api_message) == ("api_error", "Oh.")


@pytest.mark.parametrize("events", [0, 3])
def test_a_held_reply_comes_when_its_gate_opens(
    standin: AnthropicStandin, chat: Chat, events: int
) -> None:
    standin.faults.add(Fault(kind="hold", gate="slow", after_events=events))
    replies: list[Any] = []
    thread = threading.Thread(target=lambda: replies.append(chat.ask()))
    thread.start()

    assert standin.gates.wait_until_held("slow")
    assert replies == []
    assert standin.gates.waiting() == {"slow": 1}
    standin.gates.open("slow")
    thread.join(10)

    assert replies[0].stop_reason == "tool_use"
    assert standin.requests[0].finished


def test_a_client_that_gives_up_on_a_held_reply_leaves_the_server_well(
    standin: AnthropicStandin, chat: Chat
) -> None:
    standin.faults.add(Fault(kind="hold", after_events=3))
    with chat.client.messages.stream(**chat.request()) as stream:
        first = next(iter(stream))
        assert standin.gates.wait_until_held("gate")
    standin.gates.open("gate")

    assert first.type == "message_start"
    assert chat.ask().stop_reason == "tool_use"


def test_a_refusal_of_the_model_is_a_reply(standin: AnthropicStandin, chat: Chat) -> None:
    standin.faults.add(Fault(kind="stop", stop_reason="refusal", category="cyber", message="No."))

    reply = chat.ask()

    assert reply.stop_reason == "refusal"
    assert reply.content == []
    assert reply.stop_details is not None
    assert (reply.stop_details.category, reply.stop_details.explanation) == ("cyber", "No.")


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded"])
def test_a_reply_may_end_for_other_reasons(
    standin: AnthropicStandin, chat: Chat, reason: str
) -> None:
    standin.faults.add(Fault(kind="stop", stop_reason=reason))

    reply = chat.ask()

    assert reply.stop_reason == reason
    assert len(reply.content) == 2


def test_a_pause_is_continued_from_the_reply_itself(standin: AnthropicStandin, chat: Chat) -> None:
    standin.faults.add(Fault(kind="stop", stop_reason="pause_turn"))

    paused = chat.turn()
    continued = chat.turn()

    assert paused.stop_reason == "pause_turn"
    assert chat.messages[1]["role"] == chat.messages[2]["role"] == "assistant"
    assert continued.stop_reason == "tool_use"
    assert chat.ask().content


def test_a_fault_waits_for_the_request_it_is_meant_for(
    standin: AnthropicStandin, chat: Chat
) -> None:
    standin.faults.add(
        Fault(kind="answer", turn=1), Fault(kind="answer", containing="another repository")
    )
    other = Chat(chat.client, "Look into another repository.")

    chat.turn()
    with pytest.raises(anthropic.OverloadedError):
        chat.ask()
    with pytest.raises(anthropic.OverloadedError):
        other.ask()

    assert standin.faults.pending() == []
    assert other.ask().content


def test_what_a_model_can_do_may_be_unknown_for_a_while(
    standin: AnthropicStandin, chat: Chat
) -> None:
    standin.faults.add(Fault(kind="answer", status=500, path="/v1/models/*"))

    with pytest.raises(anthropic.InternalServerError):
        chat.client.models.retrieve("claude-sonnet-5-5")

    assert chat.client.models.retrieve("claude-sonnet-5-5").max_tokens


def test_faults_are_skipped_repeated_and_used_up() -> None:
    queue = FaultQueue().add(Fault(kind="cut", skip=1, times=2), Fault(kind="end"))

    taken = [queue.take("/v1/messages", 0, b"") for _ in range(5)]

    assert [fault.kind if fault else None for fault in taken] == [None, "cut", "cut", "end", None]


def test_a_function_may_choose_the_fault(standin: AnthropicStandin, chat: Chat) -> None:
    standin.faults.chooser = lambda _path, turn, body: (
        Fault(kind="answer") if turn == 1 and b"x = 1" in body else None
    )

    chat.turn()
    with pytest.raises(anthropic.OverloadedError):
        chat.ask()


def test_a_conversation_longer_than_the_window_is_refused(chat: Chat) -> None:
    chat.messages[0]["content"] = "word " * 900_000

    with pytest.raises(
        anthropic.BadRequestError, match=r"prompt is too long: \d+ tokens > 1000000"
    ):
        chat.ask()


def test_a_gate_that_is_closed_again_holds_whoever_comes() -> None:
    gates = Gates()
    gates.open("g")
    gates.hold("g")
    gates.close("g")
    thread = threading.Thread(target=gates.hold, args=("g",))
    thread.start()

    assert gates.wait_until_held("g")
    gates.open_all()
    thread.join(10)

    assert not thread.is_alive()
