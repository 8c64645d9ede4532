"""The client of the model port, against the stand-in over real HTTP."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from threading import Event as ThreadEvent

import pytest

from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.domain.errors import (
    ContextOverflow,
    ModelCredentialRefused,
    ModelInterrupted,
    ModelRejectedRequest,
    ModelWithoutPrice,
    ThreadRejected,
    UnknownModel,
)
from codybatch.domain.money import NOTHING, Usage
from codybatch.domain.records import JsonObject
from codybatch.ports.model import ModelCapabilities, ModelClient, ModelReply
from codybatch.standins.anthropic import (
    DEMONSTRATION_KEY,
    AnthropicStandin,
    Fault,
    Reply,
    Script,
    text,
    thinking,
    tool_use,
)
from codybatch.standins.anthropic.models import CATALOGUE
from codybatch.standins.loopback import Answer
from tests.claude_kit import (
    NOON,
    SONNET,
    HandClock,
    Heard,
    connected,
    request,
    result_of,
    serving,
    user,
)

JSON = {"content-type": "application/json"}


def ask(client: AnthropicClient, messages: list[JsonObject] | None = None) -> ModelReply:
    return client.reply(request(messages), ThreadEvent(), Heard())


def turn(client: AnthropicClient, messages: list[JsonObject]) -> ModelReply:
    """One turn, taken into the conversation as the agent does it."""
    reply = ask(client, messages)
    messages.append({"role": "assistant", "content": reply.message["content"]})
    calls = [block for block in reply.message["content"] if block["type"] == "tool_use"]
    messages.append(result_of(calls[0], "x = 1\n" * 200))
    return reply


def test_it_is_a_client_of_the_port(client: AnthropicClient) -> None:
    of_the_port: ModelClient = client
    assert of_the_port.price_table.startswith("genai-prices ")


# --- a reply -----------------------------------------------------------------------------------


def test_a_reply_comes_whole_with_its_ids(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    reply = ask(client)
    assert reply.stop_reason == "tool_use"
    assert [block["type"] for block in reply.message["content"]] == [
        "thinking",
        "text",
        "tool_use",
    ]
    assert reply.message["content"][2]["input"] == {"path": "a.py"}
    assert reply.message["model"] == SONNET
    assert reply.request_id == standin.requests[0].request_id


def test_blocks_are_kept_with_fields_that_nobody_knows(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    ask(client)
    (call,) = [b for b in ask(client).message["content"] if b["type"] == "tool_use"]
    assert call["caller"] == {"type": "direct"}
    assert standin.requests[0].usage["service_tier"] == "standard"


def test_what_was_received_is_accepted_again_turn_after_turn(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    messages = [user("Look into a.py.")]
    for _ in range(4):
        turn(client, messages)
    # The stand-in signs its thinking over all that stands before it, as the service does.
    assert [exchange.status for exchange in standin.exchanges] == [200] * 4


def test_the_bytes_of_consecutive_requests_only_grow(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    messages = [user("Look into a.py.")]
    for _ in range(4):
        turn(client, messages)
    bodies = [exchange.body for exchange in standin.requests]
    for shorter, longer in pairwise(bodies):
        end_of_messages = shorter.index(b'],"model"')
        assert longer.startswith(shorter[:end_of_messages])
        assert longer.endswith(shorter[end_of_messages:])


def test_usage_is_what_the_service_counted(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    messages = [user("Look into a.py.")]
    replies = [turn(client, messages) for _ in range(3)]
    for reply, exchange in zip(replies, standin.requests, strict=True):
        counted = exchange.usage
        assert reply.message["usage"] == counted
        assert reply.usage == Usage(
            input_tokens=counted["input_tokens"],
            cache_write_5m_tokens=counted["cache_creation_input_tokens"],
            cache_read_tokens=counted["cache_read_input_tokens"],
            output_tokens=counted["output_tokens"],
        )
    assert replies[0].usage.cache_write_5m_tokens > 0
    assert replies[2].usage.cache_read_tokens > replies[1].usage.cache_read_tokens > 0


def test_a_reply_costs_its_tokens_at_the_listed_prices(client: AnthropicClient) -> None:
    messages = [user("Look into a.py.")]
    turn(client, messages)
    reply = ask(client, messages)
    usage = reply.usage
    assert reply.cost_usd * 1_000_000 == (
        2 * usage.input_tokens
        + Decimal("2.5") * usage.cache_write_5m_tokens
        + Decimal("0.1") * usage.cache_read_tokens
        + 10 * usage.output_tokens
    )
    assert reply.cost_usd == client.price(SONNET, usage, NOON)
    assert reply.cost_usd <= client.worst_case(SONNET, usage.prompt_tokens, 32_000, NOON)


def test_a_reply_that_is_read_again_later_is_charged_as_when_it_came(
    client: AnthropicClient,
) -> None:
    reply = ask(client)
    counted = {"inference_geo": "us", "iterations": [{"type": "advisor", "output_tokens": 100}]}
    dearer = {**reply.message, "usage": {**reply.message["usage"], **counted}}

    assert client.charge(SONNET, reply.message, NOON) == (reply.usage, reply.cost_usd)
    usage, cost = client.charge(SONNET, dearer, NOON)
    assert usage == reply.usage + Usage(output_tokens=100)
    assert cost > reply.cost_usd
    assert client.charge(SONNET, {}, NOON) == (Usage(), NOTHING)


def test_a_model_without_a_price_costs_nothing_that_is_known(clock: HandClock) -> None:
    models = {"house-model": replace(CATALOGUE[SONNET], id="house-model")}
    with (
        AnthropicStandin(Script([[text("Done.")]]), models=models) as standin,
        connected(standin.url, clock) as client,
    ):
        reply = client.reply(request(model="house-model"), ThreadEvent(), Heard())
    assert reply.cost_usd == NOTHING
    assert reply.usage.output_tokens > 0
    with pytest.raises(ModelWithoutPrice):
        client.price("house-model", reply.usage, NOON)


def test_odd_text_survives_the_way_there_and_back(clock: HandClock) -> None:
    odd = "Grüße 😀 \u2028\u202e\x00\ufeff \\ud83d end"
    brain = Script([[thinking(odd), tool_use("read_file", {"path": odd})]], repeat_last=True)
    with AnthropicStandin(brain) as standin, connected(standin.url, clock) as client:
        messages = [user(odd)]
        turn(client, messages)
        ask(client, messages)
    assert messages[1]["content"][0]["thinking"] == odd
    assert messages[1]["content"][1]["input"]["path"] == odd
    assert standin.exchanges[1].json["messages"] == messages


@pytest.mark.parametrize("size", [10, 5_000, 200_000])
def test_long_inputs_come_whole(clock: HandClock, size: int) -> None:
    path = "é" * size
    with (
        AnthropicStandin(Script([[tool_use("read_file", {"path": path})]])) as standin,
        connected(standin.url, clock) as client,
    ):
        reply = client.reply(request(max_tokens=128_000), ThreadEvent(), Heard())
    assert reply.message["content"][0]["input"] == {"path": path}


@pytest.mark.parametrize(
    "stop_reason", ["end_turn", "max_tokens", "refusal", "model_context_window_exceeded"]
)
def test_every_stop_reason_is_given_on(
    client: AnthropicClient, standin: AnthropicStandin, stop_reason: str
) -> None:
    standin.faults.add(Fault(kind="stop", stop_reason=stop_reason))
    assert ask(client).stop_reason == stop_reason


def test_a_refusal_says_what_it_is_about(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    standin.faults.add(Fault(kind="stop", stop_reason="refusal", category="cyber"))
    assert ask(client).message["stop_details"]["category"] == "cyber"


def test_a_reply_cut_at_its_limit_is_given_on_with_what_there_is(clock: HandClock) -> None:
    long = Reply([tool_use("read_file", {"path": "x" * 1_000})])
    with AnthropicStandin(Script([long])) as standin, connected(standin.url, clock) as client:
        reply = client.reply(request(max_tokens=50), ThreadEvent(), Heard())
    assert reply.stop_reason == "max_tokens"
    assert reply.usage.output_tokens == 50


# --- what ends a job or a conversation ---------------------------------------------------------


def test_a_conversation_too_long_for_the_model_is_said_to_be(clock: HandClock) -> None:
    models = {SONNET: replace(CATALOGUE[SONNET], max_input_tokens=100)}
    with (
        AnthropicStandin(Script([[text("Done.")]]), models=models) as standin,
        connected(standin.url, clock) as client,
        pytest.raises(ContextOverflow, match="tokens > 100 maximum"),
    ):
        ask(client)


def test_a_changed_history_is_told_apart_from_other_refusals(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    messages = [user("Look into a.py.")]
    turn(client, messages)
    with pytest.raises(ThreadRejected, match="signature"):
        ask(client, [user("Look into b.py."), *messages[1:]])
    assert len(standin.exchanges) == 2


def test_an_unknown_model_is_named(client: AnthropicClient) -> None:
    with pytest.raises(UnknownModel, match="claude-nonsense"):
        client.reply(request(model="claude-nonsense"), ThreadEvent(), Heard())


def test_any_other_refusal_keeps_the_services_words_and_the_requests_id(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    with pytest.raises(ModelRejectedRequest) as refused:
        client.reply(request(parameters={"temperature": 1}), ThreadEvent(), Heard())
    assert "temperature" in str(refused.value)
    assert standin.exchanges[0].request_id in str(refused.value)
    assert not isinstance(refused.value, ThreadRejected)


def test_nothing_is_sent_that_cannot_be_written(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    with pytest.raises(ModelRejectedRequest):
        ask(client, [user("\ud800")])
    assert standin.exchanges == []


# --- the credential ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_nothing_is_asked(
    standin: AnthropicStandin, clock: HandClock, key: str | None
) -> None:
    client = AnthropicClient(key, standin.url, clock, PriceBook())
    questions: list[Callable[[], object]] = [
        lambda: ask(client),
        lambda: client.capabilities(SONNET),
        client.warm_up,
    ]
    for question in questions:
        with pytest.raises(ModelCredentialRefused, match="set ANTHROPIC_API_KEY"):
            question()
    assert standin.exchanges == []


@pytest.mark.parametrize("key", ["sk ant", "sk-ant\n", "sk-ant\r\nX-Evil: 1", "schlüssel", "\x00"])
def test_a_key_that_cannot_be_one_is_refused_without_showing_it(
    standin: AnthropicStandin, clock: HandClock, key: str
) -> None:
    client = AnthropicClient(key, standin.url, clock, PriceBook())
    with pytest.raises(ModelCredentialRefused) as refused:
        ask(client)
    assert key.strip() not in str(refused.value) or not key.strip()
    assert standin.exchanges == []


def test_a_wrong_key_is_refused_and_not_tried_again(
    standin: AnthropicStandin, clock: HandClock
) -> None:
    client = AnthropicClient("sk-ant-of-somebody-else", standin.url, clock, PriceBook())
    questions: list[Callable[[], object]] = [
        lambda: ask(client),
        lambda: client.capabilities(SONNET),
    ]
    for question in questions:
        with pytest.raises(ModelCredentialRefused) as refused:
            question()
        assert "ANTHROPIC_API_KEY" in str(refused.value)
        assert "somebody" not in str(refused.value)
    client.close()
    assert [exchange.status for exchange in standin.exchanges] == [401, 401]
    assert clock.waited == []


def test_a_key_that_is_revoked_while_the_job_runs_is_refused(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    ask(client)
    standin.service.revoke(DEMONSTRATION_KEY)
    with pytest.raises(ModelCredentialRefused):
        ask(client)


def test_a_credential_is_named_by_its_fingerprint(clock: HandClock) -> None:
    client = AnthropicClient("sk-ant-secret", "http://127.0.0.1:9", clock, PriceBook())
    digest = hashlib.sha256(b"sk-ant-secret").hexdigest()
    assert client.credential == f"ANTHROPIC_API_KEY:{digest[:8]}"
    assert "secret" not in repr(client)


# --- capabilities ------------------------------------------------------------------------------


def test_capabilities_are_asked_once_in_a_clients_life(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    expected = ModelCapabilities(
        SONNET, 1_000_000, 128_000, True, ("low", "medium", "high", "xhigh", "max")
    )
    assert client.capabilities(SONNET) == client.capabilities(SONNET) == expected
    assert [exchange.path for exchange in standin.exchanges] == [f"/v1/models/{SONNET}"]


@pytest.mark.parametrize(
    "model", ["claude-nonsense", "", "..", "../messages", "a/b?c#d", ";", "\ud800"]
)
def test_a_model_that_the_service_does_not_know_is_named(
    client: AnthropicClient, standin: AnthropicStandin, model: str
) -> None:
    with pytest.raises(UnknownModel):
        client.capabilities(model)
    assert all(exchange.path.startswith("/v1/models/") for exchange in standin.exchanges)


def test_asking_for_capabilities_is_tried_again(clock: HandClock) -> None:
    card = json.dumps(CATALOGUE[SONNET].as_json()).encode()
    answers = iter([Answer(529), Answer(500), Answer(200, JSON, card)])
    with serving(lambda _: next(answers)) as server, connected(server.url, clock) as client:
        assert client.capabilities(SONNET).adaptive_thinking
    assert len(clock.waited) == 2


def test_asking_for_capabilities_gives_up_after_half_a_minute(clock: HandClock) -> None:
    with serving(lambda _: Answer(200)) as server:
        gone = server.url
    with connected(gone, clock) as client, pytest.raises(ModelInterrupted, match="be reached"):
        client.capabilities(SONNET)
    assert 15 < clock.seconds <= 30


@pytest.mark.parametrize(
    "page",
    [
        Answer(200, {"content-type": "text/html"}, b"<html>Welcome</html>"),
        Answer(200, JSON, b"<html>Welcome</html>"),
        Answer(200, JSON, b"[]"),
        Answer(200, JSON, b"null"),
    ],
)
def test_capabilities_that_are_no_json_are_no_capabilities(clock: HandClock, page: Answer) -> None:
    with (
        serving(lambda _: page) as server,
        connected(server.url, clock) as client,
        pytest.raises(ModelRejectedRequest, match="check ANTHROPIC_BASE_URL"),
    ):
        client.capabilities(SONNET)


# --- life --------------------------------------------------------------------------------------


def test_it_can_be_used_again_after_it_was_closed(client: AnthropicClient) -> None:
    ask(client)
    client.close()
    client.close()
    assert ask(client).stop_reason == "tool_use"


def test_several_threads_may_ask_at_once(
    client: AnthropicClient, standin: AnthropicStandin
) -> None:
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda n: ask(client, [user(f"Task {n}.")]), range(8)))
    assert {reply.request_id for reply in replies} == {e.request_id for e in standin.requests}
    assert len(standin.requests) == 8


def test_warming_up_sends_nothing(client: AnthropicClient, standin: AnthropicStandin) -> None:
    client.warm_up()
    assert standin.exchanges == []


def test_importing_and_making_a_client_loads_neither_sdk_nor_prices() -> None:
    program = """
import sys
import codybatch.claude
from codybatch.claude.client import AnthropicClient
from codybatch.claude.prices import PriceBook
from codybatch.clock import SystemClock
client = AnthropicClient("key", "https://api.anthropic.com", SystemClock(), PriceBook())
client.credential, client.price_table
client.close()
print(*({"anthropic", "asyncio", "httpx2", "genai_prices"} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert run.stdout.strip() == b""
