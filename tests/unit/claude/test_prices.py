"""Prices: to the cent against worked numbers, by date, step and circumstance."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from codybatch.claude.prices import PriceBook
from codybatch.domain.errors import InvalidSetting, ModelWithoutPrice
from codybatch.domain.money import NOTHING, Usage
from codybatch.domain.records import JsonObject
from tests.claude_kit import HAIKU, NOON, SONNET

OPUS = "claude-opus-5-5"
FABLE = "claude-fable-5-2"
MILLION = 1_000_000

# A conversation: its first message, what each turn writes, what its tools give back (tokens).
FIRST, WRITTEN, RESULTS = 6_000, 500, 1_500
GROWTH = WRITTEN + RESULTS


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook()


def uncached(turns: int) -> Iterator[Usage]:
    for turn in range(turns):
        yield Usage(input_tokens=FIRST + turn * GROWTH, output_tokens=WRITTEN)


def cached(turns: int) -> Iterator[Usage]:
    yield Usage(cache_write_5m_tokens=FIRST, output_tokens=WRITTEN)
    for turn in range(1, turns):
        yield Usage(
            cache_read_tokens=FIRST + (turn - 1) * GROWTH,
            cache_write_5m_tokens=GROWTH,
            output_tokens=WRITTEN,
        )


def cached_for_an_hour(turns: int) -> Iterator[Usage]:
    for usage in cached(turns):
        yield usage.with_(
            cache_write_5m_tokens=0, cache_write_1h_tokens=usage.cache_write_5m_tokens
        )


Shape = Callable[[int], Iterator[Usage]]
# Worked by hand from the published prices, and agreeing with two independent price tables.
WORKED: list[tuple[str, int, Shape, str]] = [
    (SONNET, 10, uncached, "0.35"),
    (SONNET, 10, cached, "0.12"),
    (SONNET, 10, cached_for_an_hour, "0.16"),
    (SONNET, 25, uncached, "1.63"),
    (SONNET, 25, cached, "0.33"),
    (SONNET, 25, cached_for_an_hour, "0.41"),
    (SONNET, 40, uncached, "3.80"),
    (SONNET, 40, cached, "0.58"),
    (SONNET, 40, cached_for_an_hour, "0.71"),
    (SONNET, 80, uncached, "14.00"),
    (SONNET, 80, cached, "1.47"),
    (SONNET, 80, cached_for_an_hour, "1.72"),
    (OPUS, 40, uncached, "7.60"),
    (OPUS, 40, cached, "1.16"),
    (OPUS, 40, cached_for_an_hour, "1.42"),
    (FABLE, 40, uncached, "15.20"),
    (FABLE, 40, cached, "1.98"),
    (FABLE, 40, cached_for_an_hour, "2.49"),
    (HAIKU, 40, uncached, "0.19"),
    (HAIKU, 40, cached, "0.038"),
    (HAIKU, 40, cached_for_an_hour, "0.044"),
    (HAIKU, 80, uncached, "2.43"),
    (HAIKU, 80, cached, "0.34"),
    (HAIKU, 80, cached_for_an_hour, "0.37"),
]


@pytest.mark.parametrize(("model", "turns", "shape", "worked"), WORKED)
def test_a_conversation_costs_what_was_worked_out(
    book: PriceBook, model: str, turns: int, shape: Shape, worked: str
) -> None:
    total = sum((book.price(model, usage, NOON) for usage in shape(turns)), NOTHING)
    assert total.quantize(Decimal(worked), ROUND_HALF_UP) == Decimal(worked)


@pytest.mark.parametrize(
    ("model", "turns", "shape", "worked"),
    [
        (SONNET, 10, uncached, "0.18"),
        (SONNET, 40, uncached, "1.90"),
        (SONNET, 40, cached_for_an_hour, "0.35"),
        (OPUS, 40, uncached, "3.80"),
        (OPUS, 40, cached_for_an_hour, "0.71"),
        (HAIKU, 40, uncached, "0.095"),
        (HAIKU, 40, cached_for_an_hour, "0.022"),
        (HAIKU, 80, uncached, "1.22"),
        (FABLE, 40, uncached, "7.60"),
        (FABLE, 40, cached_for_an_hour, "1.24"),
    ],
)
def test_replies_of_the_batch_tier_cost_what_was_worked_out(
    book: PriceBook, model: str, turns: int, shape: Shape, worked: str
) -> None:
    messages = [counted(usage, service_tier="batch") for usage in shape(turns)]
    total = sum((book.cost_of_reply(model, each, NOON) for each in messages), NOTHING)
    assert total.quantize(Decimal(worked), ROUND_HALF_UP) == Decimal(worked)


def counted(usage: Usage, model: str | None = None, **more: Any) -> JsonObject:
    """A message with this usage as the service writes it."""
    return {
        "model": model,
        "usage": {
            "input_tokens": usage.input_tokens,
            "cache_creation_input_tokens": (
                usage.cache_write_5m_tokens + usage.cache_write_1h_tokens
            ),
            "cache_creation": {
                "ephemeral_5m_input_tokens": usage.cache_write_5m_tokens,
                "ephemeral_1h_input_tokens": usage.cache_write_1h_tokens,
            },
            "cache_read_input_tokens": usage.cache_read_tokens,
            "output_tokens": usage.output_tokens,
            **more,
        },
    }


def test_haiku_costs_five_times_as_much_above_its_step(book: PriceBook) -> None:
    at = book.price(HAIKU, Usage(input_tokens=100_000, output_tokens=1_000), NOON)
    above = book.price(HAIKU, Usage(input_tokens=100_001, output_tokens=1_000), NOON)
    assert at == Decimal("0.0105")
    assert above == 5 * (Decimal("0.1") * 100_001 + Decimal("0.5") * 1_000) / MILLION


def test_the_worst_case_jumps_with_the_step(book: PriceBook) -> None:
    below = book.worst_case(HAIKU, 100_000, 8_000, NOON)
    above = book.worst_case(HAIKU, 100_001, 8_000, NOON)
    assert below == Decimal("0.0165")
    assert above == Decimal("0.082501")


def test_the_worst_case_writes_everything_to_the_cache(book: PriceBook) -> None:
    # 84,000 tokens at 2.50 and 32,000 at 10.00 per million
    assert book.worst_case(SONNET, 84_000, 32_000, NOON) == Decimal("0.53")


def test_the_worst_case_is_rounded_up_and_the_price_is_exact(book: PriceBook) -> None:
    assert book.worst_case(HAIKU, 1, 0, NOON) == Decimal("0.000001")
    assert book.price(HAIKU, Usage(cache_write_5m_tokens=1), NOON) == Decimal("0.000000125")


def test_prices_follow_the_date(book: PriceBook) -> None:
    usage = Usage(input_tokens=300_000)
    spring = book.price("claude-sonnet-4-6", usage, datetime(2026, 3, 1, tzinfo=UTC))
    summer = book.price("claude-sonnet-4-6", usage, datetime(2026, 6, 1, tzinfo=UTC))
    assert (spring, summer) == (Decimal("1.8"), Decimal("0.9"))


def test_a_dated_name_has_the_price_of_its_model(book: PriceBook) -> None:
    assert book.price(f"{SONNET}-20260928", Usage(input_tokens=MILLION), NOON) == 2


def test_an_old_model_without_a_cache_price_is_counted_at_its_input(book: PriceBook) -> None:
    usage = Usage(cache_read_tokens=MILLION)
    assert book.price("claude-2", usage, NOON) == 8
    assert book.worst_case("claude-2", MILLION, 0, NOON) == 8


@pytest.mark.parametrize("model", ["gpt-5", "", "claude", "claude-mythos-9", "sonnet"])
def test_a_model_without_a_price_is_named_with_the_way_out(book: PriceBook, model: str) -> None:
    questions: list[Callable[[], Decimal]] = [
        lambda: book.price(model, Usage(), NOON),
        lambda: book.worst_case(model, 1, 1, NOON),
        lambda: book.cost_of_reply(model, counted(Usage()), NOON),
    ]
    for ask in questions:
        with pytest.raises(ModelWithoutPrice) as refused:
            ask()
        assert repr(model) in str(refused.value)
        assert "CODYBATCH_PRICES" in str(refused.value)


def test_a_reply_of_one_region_costs_a_tenth_more(book: PriceBook) -> None:
    usage = Usage(input_tokens=MILLION)
    assert book.cost_of_reply(SONNET, counted(usage, inference_geo="us"), NOON) == Decimal("2.2")


@pytest.mark.parametrize("region", [None, "", "global", "not_available"])
def test_a_reply_of_anywhere_costs_the_listed_price(book: PriceBook, region: str | None) -> None:
    message = counted(Usage(input_tokens=MILLION), inference_geo=region, service_tier="standard")
    assert book.cost_of_reply(SONNET, message, NOON) == 2


def test_fast_replies_cost_double(book: PriceBook) -> None:
    usage = Usage(input_tokens=MILLION)
    assert book.cost_of_reply(OPUS, counted(usage, speed="standard"), NOON) == 4
    assert book.cost_of_reply(OPUS, counted(usage, speed="fast"), NOON) == 8


def test_a_compaction_is_paid_for_beside_the_totals(book: PriceBook) -> None:
    compaction = {"type": "compaction", "input_tokens": MILLION, "output_tokens": 100_000}
    message = counted(Usage(output_tokens=100_000), iterations=[compaction])
    assert book.cost_of_reply(SONNET, message, NOON) == 1 + 2 + 1


def test_each_part_of_a_reply_passes_the_step_by_itself(book: PriceBook) -> None:
    compaction = {"type": "compaction", "input_tokens": 90_000}
    message = counted(Usage(input_tokens=90_000), iterations=[compaction])
    assert book.cost_of_reply(HAIKU, message, NOON) == Decimal("0.018")


def test_an_adviser_is_paid_by_its_own_price(book: PriceBook) -> None:
    advice = {"type": "advisor_message", "model": OPUS, "input_tokens": MILLION}
    message = counted(Usage(input_tokens=MILLION), iterations=[advice])
    assert book.cost_of_reply(SONNET, message, NOON) == 2 + 4


def test_a_reply_by_another_model_costs_that_models_price(book: PriceBook) -> None:
    message = counted(Usage(input_tokens=MILLION), model=OPUS)
    assert book.cost_of_reply(SONNET, message, NOON) == 4


def test_a_reply_under_an_unknown_name_costs_what_was_asked(book: PriceBook) -> None:
    message = counted(Usage(input_tokens=MILLION), model="gateway/sonnet")
    assert book.cost_of_reply(SONNET, message, NOON) == 2


# --- a person's own prices ---------------------------------------------------------------------

OWN = """
name = "ours"
[models."claude-sonnet-5-5"]
input = 1
output = 5
cache_write_5m = 1.25
cache_write_1h = 2
cache_read = 0.05
[models."our/model"]
input = 7
output = 7
cache_write_5m = 7
cache_write_1h = 7
cache_read = 7
[[models."our/model".above]]
prompt_tokens = 1000
input = 70
output = 70
cache_write_5m = 70
cache_write_1h = 70
cache_read = 70
"""


@pytest.fixture
def own(tmp_path: Path) -> PriceBook:
    path = tmp_path / "prices.toml"
    path.write_text(OWN)
    return PriceBook(path)


def test_own_prices_come_before_the_table(own: PriceBook) -> None:
    assert own.price(SONNET, Usage(input_tokens=MILLION), NOON) == 1
    assert own.price(OPUS, Usage(input_tokens=MILLION), NOON) == 4


def test_own_prices_give_a_price_to_an_unknown_model(own: PriceBook) -> None:
    assert own.price("our/model", Usage(input_tokens=1_000), NOON) == Decimal("0.007")
    assert own.worst_case("our/model", 1_001, 0, NOON) == Decimal("0.07007")


def test_own_prices_hold_by_the_name_that_was_asked(own: PriceBook) -> None:
    message = counted(Usage(input_tokens=MILLION), model=f"{SONNET}-20260928")
    assert own.cost_of_reply(SONNET, message, NOON) == 1


def test_own_prices_hold_by_the_name_that_answered(own: PriceBook) -> None:
    message = counted(Usage(input_tokens=1_000), model="our/model")
    assert own.cost_of_reply(OPUS, message, NOON) == Decimal("0.007")


def test_own_prices_know_no_surcharge(own: PriceBook) -> None:
    message = counted(Usage(input_tokens=MILLION), inference_geo="us", speed="fast")
    assert own.cost_of_reply(SONNET, message, NOON) == 1


def test_the_book_is_named_by_table_version_and_file(book: PriceBook, own: PriceBook) -> None:
    listed = f"genai-prices {version('genai-prices')}"
    assert book.name == listed
    assert own.name.startswith(f"{listed} + ours ")


def test_an_unusable_file_is_refused_when_the_book_is_made(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting):
        PriceBook(tmp_path / "absent.toml")


def test_the_table_is_not_loaded_before_it_is_needed() -> None:
    program = (
        "import sys; from codybatch.claude.prices import PriceBook; PriceBook().name; "
        "sys.exit('genai_prices' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
