from __future__ import annotations

from itertools import pairwise
from typing import Any

import anthropic
import pytest
from anthropic.types import Usage

from codybatch.standins.anthropic import AnthropicStandin, Fault
from codybatch.standins.anthropic.cache_markers import Marker
from codybatch.standins.anthropic.prompt_cache import InputUsage, Prefixes, PromptCache
from codybatch.standins.anthropic.wire import JsonObject, count_tokens
from tests.unit.standins.anthropic.chat import READ_FILE, SYSTEM, Chat, sdk
from tests.unit.standins.anthropic.conftest import TurnedClock, endless_reader


def parts(usage: Usage) -> tuple[int, int, int]:
    """Fresh, written and read."""
    return (
        usage.input_tokens,
        usage.cache_creation_input_tokens or 0,
        usage.cache_read_input_tokens or 0,
    )


def tokens(*messages: JsonObject) -> int:
    total = 0
    for message in messages:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        total += sum(map(count_tokens, blocks))
    return total


HEAD = count_tokens(READ_FILE) + count_tokens(SYSTEM[0])


def test_each_turn_reads_what_the_one_before_wrote_and_writes_what_is_new(chat: Chat) -> None:
    usages = [parts(chat.turn(f"line {n}\n" * 40).usage) for n in range(4)]

    whole = [HEAD + tokens(*chat.messages[: 2 * n + 1]) for n in range(4)]
    assert usages == [
        (0, whole[0], 0),
        (0, whole[1] - whole[0], whole[0]),
        (0, whole[2] - whole[1], whole[1]),
        (0, whole[3] - whole[2], whole[2]),
    ]


def test_another_conversation_reads_the_head_that_they_share(client: anthropic.Anthropic) -> None:
    Chat(client, "Repository one.").turn()
    second = Chat(client, "Repository two.")

    usage = second.ask().usage

    assert parts(usage) == (0, tokens(second.messages[0]), HEAD)


def test_what_is_not_marked_is_plain_input(chat: Chat) -> None:
    del chat.settings["cache_control"]

    fresh, written, read = parts(chat.turn().usage)

    assert (fresh, written, read) == (tokens(chat.messages[0]), HEAD, 0)


def test_below_the_minimum_nothing_is_stored(chat: Chat) -> None:
    chat.settings["system"] = [{"type": "text", "text": "Short."}]

    first, second = parts(chat.turn().usage), parts(chat.turn("short").usage)

    assert first[1:] == second[1:] == (0, 0)


@pytest.mark.parametrize(("seconds", "is_read"), [(299, True), (301, False)])
def test_an_entry_lives_five_minutes(
    chat: Chat, clock: TurnedClock, seconds: int, is_read: bool
) -> None:
    chat.turn()
    clock.seconds += seconds

    assert (parts(chat.ask().usage)[2] > 0) is is_read


def test_reading_makes_an_entry_live_on(chat: Chat, clock: TurnedClock) -> None:
    chat.turn()
    for _ in range(4):
        clock.seconds += 200
        assert parts(chat.ask().usage)[2] > 0


def test_an_hours_entry_lives_an_hour_and_is_counted_apart(chat: Chat, clock: TurnedClock) -> None:
    hour = {"type": "ephemeral", "ttl": "1h"}
    chat.settings["system"] = [{**SYSTEM[0], "cache_control": hour}]

    created = chat.turn().usage.cache_creation
    clock.seconds += 3599
    later = chat.turn().usage

    assert created is not None
    assert created.ephemeral_1h_input_tokens == HEAD
    assert created.ephemeral_5m_input_tokens == tokens(chat.messages[0])
    assert later.cache_read_input_tokens == HEAD


def test_twenty_blocks_are_looked_back_over_and_no_more(chat: Chat) -> None:
    def grown_by(blocks: int) -> int:
        chat.messages = [{"role": "user", "content": f"Begin with {blocks}."}]
        chat.ask()
        words = [{"type": "text", "text": f"word {n}"} for n in range(blocks)]
        chat.messages.append({"role": "user", "content": words})
        return parts(chat.ask().usage)[2]

    assert grown_by(19) > HEAD
    assert grown_by(20) == HEAD


def test_a_marker_on_the_last_result_bridges_a_long_turn(chat: Chat) -> None:
    chat.turn()
    first = HEAD + tokens(*chat.messages[:1])
    chat.ask()
    chat.messages[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
    many = [{"type": "text", "text": f"word {n}"} for n in range(30)]
    chat.messages.append({"role": "user", "content": many})

    read = parts(chat.ask().usage)[2]

    assert read == first + tokens(*chat.messages[1:3])


def test_other_thinking_makes_the_messages_part_useless(chat: Chat) -> None:
    chat.turn()
    del chat.settings["thinking"]

    assert parts(chat.ask().usage)[2] == HEAD


def test_other_models_and_organisations_share_nothing() -> None:
    keys = {"sk-one": "one", "sk-two": "two"}
    with (
        AnthropicStandin(endless_reader(), api_keys=keys) as standin,
        sdk(standin, key="sk-one") as one,
        sdk(standin, key="sk-two") as two,
    ):
        Chat(one).ask()
        assert parts(Chat(two).ask().usage)[2] == 0
        assert parts(Chat(one).ask(model="claude-opus-5-5").usage)[2] == 0
        assert parts(Chat(one).ask().usage)[2] > 0


def test_a_request_that_was_refused_stores_nothing(standin: AnthropicStandin, chat: Chat) -> None:
    standin.faults.add(Fault(kind="answer", status=529))
    with pytest.raises(anthropic.OverloadedError):
        chat.ask()

    assert parts(chat.ask().usage)[2] == 0


def test_max_tokens_of_zero_only_warms_the_cache(chat: Chat) -> None:
    warmed = chat.ask(max_tokens=0)

    assert warmed.content == []
    assert warmed.stop_reason == "max_tokens"
    assert parts(chat.ask().usage)[2] == HEAD + tokens(chat.messages[0])


def marked(count: int, ttl: str = "5m") -> list[JsonObject]:
    control = {"type": "ephemeral", "ttl": ttl}
    return [{"type": "text", "text": f"{n}", "cache_control": control} for n in range(count)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (marked(4), "A maximum of 4 blocks with cache_control may be provided. Found 5."),
        (
            [{"type": "text", "text": "a"}, *marked(1, "1h"), {"type": "text", "text": "b"}],
            "messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must not come",
        ),
        (
            [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "2h"}}],
            "messages.0.content.0.cache_control.ttl: Input should be '5m' or '1h'",
        ),
        (
            [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "x": 1}}],
            "messages.0.content.0.cache_control.x: Extra inputs are not permitted",
        ),
    ],
)
def test_markers_that_are_refused(chat: Chat, content: list[JsonObject], message: str) -> None:
    chat.messages = [{"role": "user", "content": content}]

    with pytest.raises(anthropic.BadRequestError) as caught:
        chat.ask()

    assert str(caught.value.api_message).startswith(message)


def test_a_marker_on_thinking_is_refused(chat: Chat) -> None:
    chat.turn()
    chat.messages[1]["content"][0]["cache_control"] = {"type": "ephemeral"}

    with pytest.raises(anthropic.BadRequestError, match=r"thinking\.cache_control: Extra inputs"):
        chat.ask()


def test_a_marker_inside_a_result_stands_for_the_result(chat: Chat) -> None:
    chat.turn()
    result = chat.messages[-1]["content"][0]
    words = {"type": "text", "text": "x"}
    result["content"] = [words, {**words, "cache_control": {"type": "ephemeral"}}]
    assert chat.ask().content

    result["content"].reverse()
    with pytest.raises(anthropic.BadRequestError, match="only allowed on the last block"):
        chat.ask()


def test_four_markers_of_which_the_last_is_where_the_automatic_one_goes(chat: Chat) -> None:
    chat.messages = [{"role": "user", "content": marked(3)}]
    assert chat.ask().content

    with pytest.raises(anthropic.BadRequestError, match="differs from that of the last block"):
        chat.ask(cache_control={"type": "ephemeral", "ttl": "1h"})


def prefixes(count: int, *markers: tuple[int, str]) -> Prefixes:
    digests = [b"%d" % n for n in range(count)]
    totals = [600 + 10 * n for n in range(count)]
    return Prefixes(digests, totals, [Marker(n, ttl, "") for n, ttl in markers], minimum=512)


def test_an_entry_exists_only_once_it_is_stored(clock: TurnedClock) -> None:
    cache = PromptCache(clock)
    asked = prefixes(3, (2, "5m"))

    first, second = cache.look_up(asked), cache.look_up(asked)
    cache.store(asked)
    third = cache.look_up(asked)

    assert first == second == InputUsage(fresh=0, read=0, written_5m=620, written_1h=0)
    assert third == InputUsage(fresh=0, read=620, written_5m=0, written_1h=0)


def test_the_parts_of_a_prompt_are_disjoint_and_make_up_the_whole(clock: TurnedClock) -> None:
    cache = PromptCache(clock)
    cache.store(prefixes(2, (1, "5m")))

    usage = cache.look_up(prefixes(9, (1, "1h"), (4, "1h"), (6, "5m")))

    assert usage == InputUsage(fresh=20, read=610, written_5m=20, written_1h=30)
    assert usage.total == 680


def test_usage_in_the_reply_is_what_was_counted(standin: AnthropicStandin, chat: Chat) -> None:
    replies: list[Any] = [chat.turn() for _ in range(3)]

    for reply, exchange in zip(replies, standin.requests, strict=True):
        recorded = exchange.usage
        assert reply.usage.output_tokens == recorded["output_tokens"]
        assert reply.usage.cache_read_input_tokens == recorded["cache_read_input_tokens"]
    reads = [reply.usage.cache_read_input_tokens for reply in replies]
    assert all(earlier < later for earlier, later in pairwise(reads))
