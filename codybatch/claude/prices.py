"""What the model's tokens cost: genai-prices' table, and a person's own prices before it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codybatch.claude.price_overrides import read_overrides
from codybatch.claude.tariff import Rates, Step, Tariff
from codybatch.claude.usage import paid_parts
from codybatch.domain.errors import ModelWithoutPrice
from codybatch.domain.money import NOTHING, Usage, rounded_up
from codybatch.domain.records import JsonObject

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

# A reply that was made in a region of one's choice costs a tenth more; these values say that it
# was made anywhere.
_ANYWHERE = frozenset({None, "", "global", "not_available"})
_REGIONAL = Decimal("1.1")


class PriceBook:
    """Prices of models by date.

    Args:
        overrides: a file of prices (``price_overrides.py`` says what it holds); it is read at once.

    Raises:
        InvalidSetting: the file cannot be used.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        self._overrides = read_overrides(overrides)
        self._found: dict[str, ModelInfo | None] = {}

    @property
    def name(self) -> str:
        """The price table's name and version, with the override file's where there is one."""
        names = [f"genai-prices {version('genai-prices')}", self._overrides.name]
        return " + ".join(name for name in names if name)

    def price(self, model: str, usage: Usage, at: datetime) -> Decimal:
        """What a reply with this usage costs at this time, in US dollars, exact.

        Raises:
            ModelWithoutPrice: no price is known for the model.
        """
        return self._tariff(model, at).cost(usage)

    def worst_case(self, model: str, prompt_tokens: int, max_tokens: int, at: datetime) -> Decimal:
        """The most a request can cost, in US dollars, rounded up to a millionth.

        Args:
            model: which is asked.
            prompt_tokens: an upper bound of the prompt; all of it is taken as written to the cache
                for 5 minutes, at the rates of the dearest step that it can reach.
            max_tokens: of the reply; all of them are taken as used.
            at: when it is sent.

        Raises:
            ModelWithoutPrice: no price is known for the model.
        """
        return rounded_up(self._tariff(model, at).worst_case(prompt_tokens, max_tokens))

    def cost_of_reply(self, model: str, message: JsonObject, at: datetime) -> Decimal:
        """What a reply cost by all that the service says of it, in US dollars, exact.

        Beyond the totals these are the iterations that they leave out, and the speed, tier and
        region of the work. A reply by another model than the one asked costs that model's price.

        Raises:
            ModelWithoutPrice: no price is known for the model.
        """
        usage = message.get("usage") or {}
        answered = message.get("model")
        cost = NOTHING
        for part in paid_parts(usage):
            name = self._priced_as(model, part.model or answered)
            cost += self._tariff(name, at, _circumstances(usage)).cost(
                part.usage
            ) * self._surcharge(name, usage)
        return cost

    def _priced_as(self, asked: str, answered: str | None) -> str:
        """Whose price holds. A person's own price of the model that was asked comes first; the
        service may answer by a longer name, or with another model.
        """
        if answered is None or asked in self._overrides.tariffs:
            return asked
        known = answered in self._overrides.tariffs or self._listed(answered)
        return answered if known else asked

    def _surcharge(self, model: str, usage: JsonObject) -> Decimal:
        listed = model not in self._overrides.tariffs
        return _REGIONAL if listed and usage.get("inference_geo") not in _ANYWHERE else Decimal(1)

    def _tariff(
        self, model: str, at: datetime, circumstances: dict[str, str] | None = None
    ) -> Tariff:
        own = self._overrides.tariffs.get(model)
        if own is not None:
            return own
        known = self._listed(model)
        tariff = _tariff_of(known.get_prices(at, circumstances)) if known else None
        if tariff is None:
            raise ModelWithoutPrice(
                f"No price is known for the model {model!r}, so no cost cap can hold. Choose "
                "another model, or give its prices in a file and name that in CODYBATCH_PRICES."
            )
        return tariff

    def _listed(self, model: str) -> ModelInfo | None:
        """The table's entry of a model; kept, since finding it takes longer than all the sums."""
        if model not in self._found:
            self._found[model] = self._table.find_model(model)
        return self._found[model]

    @cached_property
    def _table(self) -> Provider:
        # Imported late: it takes a quarter of a second, and half the commands need no price.
        from genai_prices.data_snapshot import (  # noqa: PLC0415
            find_provider_by_id,
            get_snapshot,
        )

        provider = find_provider_by_id(get_snapshot().providers, "anthropic")
        if provider is None:
            raise RuntimeError("genai-prices holds no prices of Anthropic's")
        return provider


def _circumstances(usage: JsonObject) -> dict[str, str]:
    """What a reply's price depends on besides its tokens, in genai-prices' words."""
    named: dict[str, str] = {}
    if usage.get("speed") == "fast":
        named["speed"] = "fast"
    if usage.get("service_tier") == "batch":
        named["processing"] = "batch"
    return named


def _tariff_of(prices: ModelPrice) -> Tariff | None:
    """A tariff from genai-prices' form, where each kind of token has steps of its own."""
    starts = {
        tier.start
        for price in vars(prices).values()
        for tier in getattr(price, "tiers", None) or ()
    }
    steps = [(above, _rates_of(prices, above)) for above in (0, *sorted(starts))]
    return (
        Tariff(tuple(Step(above, rates) for above, rates in steps if rates))
        if steps[0][1]
        else None
    )


def _rates_of(prices: ModelPrice, above: int) -> Rates | None:
    fresh = _rate(prices.input_mtok, above)
    output = _rate(prices.output_mtok, above)
    if fresh is None or output is None:
        return None
    five_minutes = _rate(prices.cache_write_5m_mtok, above)
    if five_minutes is None:
        five_minutes = _rate(prices.cache_write_mtok, above)
    hour = _rate(prices.cache_write_1h_mtok, above)
    read = _rate(prices.cache_read_mtok, above)
    return Rates(
        input=fresh,
        output=output,
        cache_write_5m=fresh if five_minutes is None else five_minutes,
        cache_write_1h=2 * fresh if hour is None else hour,
        cache_read=fresh if read is None else read,
    )


def _rate(price: Any, above: int) -> Decimal | None:
    """The price of a prompt with one token more than ``above``."""
    for tier in reversed(getattr(price, "tiers", None) or ()):
        if above >= tier.start:
            return Decimal(tier.price)
    base = getattr(price, "base", price)
    return None if base is None else Decimal(base)
